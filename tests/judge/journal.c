/* SPDX-License-Identifier: Apache-2.0 */
#include "journal.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MARK = '\x1e', TYPE_SIZE = 16 };

/* Much more than a test writes. */
static const size_t journal_max = (size_t)1 << 30;

/* A record in the text, with the lengths that it says. */
struct span {
    char type[TYPE_SIZE];
    size_t length;
    size_t size;
    const char *path;
    /* Where the next one begins. */
    const char *next;
};

/* Reads the record that begins at `at`; false if it is none, or not whole. */
static bool read_span(const char *at, const char *end, struct span *span)
{
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    size_t rest = stop ? (size_t)(end - stop) - 1 : 0;

    if (!stop || *at != MARK ||
        sscanf(at + 1, "%15[a-z] %zu %zu", span->type, &span->length, &span->size) != 3)
        return false;
    if (span->length > rest || span->size > rest - span->length || rest - span->length - span->size < 1)
        return false;
    span->path = stop + 1;
    span->next = span->path + span->length + span->size + 1;
    return span->next[-1] == '\n';
}

/* Appends a text and a NUL. */
static const char *copy(char **to, const char *data, size_t size)
{
    char *start = *to;

    memcpy(start, data, size);
    start[size] = '\0';
    *to += size + 1;
    return start;
}

static bool add(struct journal *journal, char **to, const struct span *span)
{
    struct record *records = journal->records;

    if ((journal->count & (journal->count - 1)) == 0)
        records = realloc(records, (journal->count > 0 ? 2 * journal->count : 1) * sizeof *records);
    if (!records)
        return false;
    journal->records = records;
    records[journal->count++] = (struct record){.type = copy(to, span->type, strlen(span->type)),
                                                .path = copy(to, span->path, span->length),
                                                .data = copy(to, span->path + span->length, span->size),
                                                .size = span->size};
    return true;
}

static bool split(struct journal *journal, size_t size)
{
    const char *end = journal->text + size;
    const char *at = journal->text;
    char *to;

    /* A record is cut into three texts of which each gets a NUL; its head and its end have room for that. */
    journal->copies = malloc(size + 1);
    to = journal->copies;
    if (!to)
        return false;
    while (at < end) {
        struct span span;
        if (read_span(at, end, &span)) {
            if (!add(journal, &to, &span))
                return false;
            at = span.next;
            continue;
        }
        /* What follows one that was cut short begins in it, or behind it. */
        journal->torn++;
        do
            at = memchr(at + 1, MARK, (size_t)(end - at - 1));
        while (at && !read_span(at, end, &span));
        at = at ? at : end;
    }
    return true;
}

bool journal_read(const char *file, struct journal *journal)
{
    struct error error = {0};
    size_t size = 0;

    *journal = (struct journal){0};
    if (file_read(AT_FDCWD, file, journal_max, &journal->text, &size, &error) == 0 && split(journal, size))
        return true;
    if (error.message[0])
        (void)fprintf(stderr, "%s\n", error.message);
    journal_release(journal);
    return false;
}

void journal_release(struct journal *journal)
{
    free(journal->records);
    free(journal->text);
    free(journal->copies);
    *journal = (struct journal){0};
}

bool record_lists(const struct record *record, const char *name, size_t length)
{
    for (size_t at = 0; at < record->size; at += strlen(record->data + at) + 1) {
        if (strlen(record->data + at) == length && strncmp(record->data + at, name, length) == 0)
            return true;
    }
    return false;
}

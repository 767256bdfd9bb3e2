/* SPDX-License-Identifier: Apache-2.0 */
#include "reading.h"

#include "folder.h"

#include "object/key.h"

#include <stdio.h>
#include <string.h>

int reading_take(const struct event *event, void *payload, struct error *error)
{
    struct reading *reading = payload;
    const char *file = event->file;
    size_t length = strlen(reading->root);

    (void)error;
    if (strncmp(file, reading->root, length) == 0)
        file += length + 1;
    text_append_format(&reading->taken, "%s:%zu:%ld:%s/%s ", file, event->document, event->item,
                       object_namespace(event->object), object_name(event->object));
    return 0;
}

void reading_start(struct reading *reading)
{
    *reading = (struct reading){.taken = text_empty()};
    folder_make(reading->root);
}

static void forget(struct reading *reading)
{
    problems_release(&reading->problems);
    text_release(&reading->taken);
    reading->result = (struct source_result){0};
}

void reading_finish(struct reading *reading)
{
    forget(reading);
    folder_remove(reading->root);
}

void reading_folder(struct reading *reading, const char *skip)
{
    const struct source_reader reader = {
        .take = reading_take, .payload = reading, .result = &reading->result, .problems = &reading->problems};

    forget(reading);
    reading->code = source_read_directory(reading->root, skip, &reader, &reading->error);
}

void reading_text(struct reading *reading, const char *text)
{
    const struct source_reader reader = {
        .take = reading_take, .payload = reading, .result = &reading->result, .problems = &reading->problems};

    forget(reading);
    reading->code = source_read_text("in.yaml", text, strlen(text), &reader, &reading->error);
}

bool reading_took(const struct reading *reading, const char *expected)
{
    bool equal = strcmp(reading->taken.data, expected) == 0;

    if (!equal)
        (void)printf("# taken: %s\n", reading->taken.data);
    return equal && reading->code == 0;
}

/* Whether exactly one problem was found, and its line, without the root, begins like this. */
bool reading_told(const struct reading *reading, const char *expected)
{
    struct text text = text_empty();
    char whole[512];
    bool equal;

    (void)snprintf(whole, sizeof whole, "%s%s%s", expected[0] == '/' ? reading->root : "", expected, "");
    problems_print(&reading->problems, &text);
    equal = reading->problems.count == 1 && strncmp(text.data, whole, strlen(whole)) == 0;
    if (!equal)
        (void)printf("# told: %s# expected: %s\n", text.data, whole);
    text_release(&text);
    return equal;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "store/record.h"

#include <string.h>

/* What stands between the fixed bytes and the numbers. */
enum {
    PART_FILE = 1,
    PART_PLACE = 2, /* document and item are no defaults */
    PART_POSTINGS = 4
};

enum {
    ALIGNED = 8, /* where pointers begin */
    DIGIT_BITS = 7,
    DIGIT_MORE = 1 << DIGIT_BITS,
    DIGITS_MAX = 10
};

static size_t number_size(uint64_t number)
{
    size_t size = 1;

    while (number >>= DIGIT_BITS)
        size++;
    return size;
}

static char *write_number(char *at, uint64_t number)
{
    while (number >= DIGIT_MORE) {
        *at++ = (char)(uint8_t)(number | DIGIT_MORE);
        number >>= DIGIT_BITS;
    }
    *at++ = (char)number;
    return at;
}

static size_t read_number(const char **at)
{
    uint64_t number = 0;
    unsigned digit = DIGIT_MORE;

    for (unsigned i = 0; (digit & DIGIT_MORE) && i < DIGITS_MAX; i++) {
        digit = (uint8_t)(*at)[0];
        (*at)++;
        number |= (uint64_t)(digit & (DIGIT_MORE - 1)) << (i * DIGIT_BITS);
    }
    return (size_t)number;
}

static uint8_t parts_of(const struct record *record)
{
    unsigned parts = record->file ? PART_FILE : 0;

    if (record->document != 0 || record->item != -1)
        parts |= PART_PLACE;
    if (record->postings_count > 0)
        parts |= PART_POSTINGS;
    return (uint8_t)parts;
}

static size_t postings_size(const struct record *record)
{
    return sizeof record->postings_count + record->postings_count * sizeof record->postings[0];
}

static size_t pointers_size(const struct record *record, uint8_t parts)
{
    return (parts & PART_FILE ? sizeof record->file : 0) +
           (parts & PART_POSTINGS ? postings_size(record) : 0);
}

/* Where pointers are, there is padding before them. */
static size_t fixed_size(uint8_t parts)
{
    return parts & (PART_FILE | PART_POSTINGS) ? ALIGNED : offsetof(struct store_object, rest);
}

/* Nothing is item -1. */
static uint64_t item_number(long item)
{
    return (uint64_t)item + 1;
}

static size_t numbers_size(const struct record *record, uint8_t parts)
{
    size_t size = number_size(record->size) + number_size(record->packed_size);

    if (parts & PART_PLACE)
        size += number_size(record->document) + number_size(item_number(record->item));
    return size;
}

static size_t text_size(const struct record *record)
{
    return record->packed_size > 0 ? record->packed_size : record->size;
}

size_t record_size(const struct record *record)
{
    uint8_t parts = parts_of(record);

    return fixed_size(parts) + pointers_size(record, parts) + numbers_size(record, parts) +
           strlen(record->name_space) + 1 + strlen(record->name) + 1 + text_size(record);
}

static char *write_bytes(char *at, const void *bytes, size_t size)
{
    memcpy(at, bytes, size);
    return at + size;
}

static char *write_pointers(char *at, const struct record *record, uint8_t parts)
{
    if (parts & PART_FILE)
        at = write_bytes(at, &record->file, sizeof record->file);
    if (parts & PART_POSTINGS) {
        at = write_bytes(at, &record->postings_count, sizeof record->postings_count);
        at = write_bytes(at, record->postings, record->postings_count * sizeof record->postings[0]);
    }
    return at;
}

void record_write(const struct record *record, struct store_object *object)
{
    uint8_t parts = parts_of(record);
    char *at = (char *)object + fixed_size(parts);

    object->link = (struct link){0};
    object->kind = (uint16_t)record->kind;
    object->parts = parts;
    at = write_pointers(at, record, parts);
    at = write_number(at, record->size);
    at = write_number(at, record->packed_size);
    if (parts & PART_PLACE) {
        at = write_number(at, record->document);
        at = write_number(at, item_number(record->item));
    }
    at = write_bytes(at, record->name_space, strlen(record->name_space) + 1);
    at = write_bytes(at, record->name, strlen(record->name) + 1);
    (void)write_bytes(at, record->text, text_size(record));
}

/* The pointers are aligned as in an array, since all before them are as large. */
static const char *read_pointers(const char *at, uint8_t parts, struct record *record)
{
    if (parts & PART_FILE) {
        memcpy(&record->file, at, sizeof record->file);
        at += sizeof record->file;
    }
    if (parts & PART_POSTINGS) {
        memcpy(&record->postings_count, at, sizeof record->postings_count);
        at += sizeof record->postings_count;
        record->postings = (struct posting *const *)(const void *)at;
        at += record->postings_count * sizeof record->postings[0];
    }
    return at;
}

void record_read(const struct store_object *object, struct record *record)
{
    const char *at = (const char *)object + fixed_size(object->parts);

    *record = (struct record){.kind = object->kind, .item = -1};
    at = read_pointers(at, object->parts, record);
    record->size = read_number(&at);
    record->packed_size = read_number(&at);
    if (object->parts & PART_PLACE) {
        record->document = read_number(&at);
        record->item = (long)(read_number(&at) - 1);
    }
    record->name_space = at;
    record->name = at + strlen(at) + 1;
    record->text = record->name + strlen(record->name) + 1;
}

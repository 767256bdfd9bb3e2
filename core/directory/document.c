/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/document.h"

#include "base/json.h"
#include "base/similar.h"
#include "base/text.h"
#include "config/yaml.h"
#include "object/key.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What is being looked at: the document, or an item of it. */
struct subject {
    const struct document *document;
    const struct source_reader *reader;
    long item;
};

void document_place(const struct document *document, long item, struct problem *problem)
{
    struct text path = text_empty();
    struct yaml_mark mark;

    if (item >= 0)
        text_append_format(&path, "items[%ld]", item);
    if (item >= 0 && problem->path[0] && problem->path[0] != '[')
        text_append_string(&path, ".");
    text_append_string(&path, problem->path);
    mark = yaml_locate(document->data, document->size, document->number, path.data);
    (void)problem_place(problem, document->file, mark.line, mark.column);
    text_release(&path);
}

static void refuse(const struct subject *subject, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void refuse(const struct subject *subject, const char *path, const char *format, ...)
{
    struct problems *problems = subject->reader->problems;
    size_t before = problems->count;
    char message[1024];
    char whole[128];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(message, sizeof message, format, values);
    va_end(values);
    if (subject->item >= 0)
        (void)snprintf(whole, sizeof whole, "items[%ld]%s%s", subject->item, path[0] ? "." : "", path);
    else
        (void)snprintf(whole, sizeof whole, "%s", path);
    subject->reader->result->refused++;
    problems_add(problems, PROBLEM_ERROR, whole, "%s", message);
    if (problems->count > before)
        document_place(subject->document, -1, &problems->list[before]);
}

/* Longest beginning of a text that a message shows, in bytes, and room for it: each may be escaped. */
enum { SHOWN_MAX = 64, SHOWN_SIZE = 4 * SHOWN_MAX + 40 };

/* A value as a message shows it: what it is or, of a text, its beginning. All but ASCII is escaped: names are
 * of ASCII, and a letter that only looks like one of it would baffle. */
static const char *show(char out[SHOWN_SIZE], const json_t *value)
{
    const char *data = json_string_value(value);
    size_t size = json_string_length(value);
    size_t length = 0;

    if (!data)
        return json_kind(value);
    out[length++] = '"';
    for (size_t i = 0; i < size && i < SHOWN_MAX; i++) {
        unsigned char c = (unsigned char)data[i];
        bool plain = c >= ' ' && c <= '~' && c != '"' && c != '\\';
        length += (size_t)snprintf(out + length, SHOWN_SIZE - length, plain ? "%c" : "\\x%02x", c);
    }
    if (size > SHOWN_MAX)
        (void)snprintf(out + length, SHOWN_SIZE - length, "...\" (%zu bytes)", size);
    else
        (void)snprintf(out + length, SHOWN_SIZE - length, "\"");
    return out;
}

/* A text without NUL inside, so that what is checked is all of it; NULL otherwise. */
static const char *plain_text(const json_t *value)
{
    const char *text = json_string_value(value);

    return text && text[0] && strlen(text) == json_string_length(value) ? text : NULL;
}

/* VERSION or GROUP/VERSION. Fills the group in. */
static bool split_version(const char *api_version, char group[SUBDOMAIN_MAX + 1])
{
    const char *slash = strchr(api_version, '/');
    size_t length = slash ? (size_t)(slash - api_version) : 0;

    if (length > SUBDOMAIN_MAX)
        return false;
    memcpy(group, api_version, length);
    group[length] = '\0';
    return name_is_label(slash ? slash + 1 : api_version) && (!slash || name_is_subdomain(group));
}

/* What is nearly an Api would be passed over as somebody else's kind, and its route never made. */
static bool check_api(const struct subject *subject, const json_t *object, const char *group)
{
    static const char *const expected = API_GROUP "/" API_VERSION;
    const json_t *version = json_member(object, "apiVersion");
    const json_t *kind = json_member(object, "kind");
    char shown[SHOWN_SIZE];

    if (!similar_names(json_string_value(kind), API_KIND) ||
        !similar_names(group[0] ? group : json_string_value(version), API_GROUP))
        return true;
    if (strcmp(json_string_value(kind), API_KIND) != 0) {
        refuse(subject, "kind", "there is no kind %s in %s; expected " API_KIND, show(shown, kind),
               API_GROUP);
        return false;
    }
    if (strcmp(json_string_value(version), expected) != 0) {
        refuse(subject, "apiVersion", "an Api is read in the version %s, found %s; write %s", expected,
               show(shown, version), expected);
        return false;
    }
    if (!json_member(object, "spec") && json_member(object, "status")) {
        refuse(subject, "",
               "this is the status of an Api as it is written to the output, without a spec; "
               "keep the output out of the input");
        return false;
    }
    return true;
}

/* Other kinds lie beside our input, and some have names like "system:node". */
static bool valid_name(const json_t *object, const char *name)
{
    return object_is(object, API_GROUP, API_KIND) ? name_is_subdomain(name) : name_is_segment(name);
}

static bool check_names(const struct subject *subject, const json_t *object)
{
    const json_t *metadata = json_member(object, "metadata");
    const json_t *name = json_member(metadata, "name");
    const json_t *name_space = json_member(metadata, "namespace");
    char shown[SHOWN_SIZE];

    if (!json_is_object(metadata)) {
        refuse(subject, "metadata", "expected an object with a name, found %s", json_kind(metadata));
        return false;
    }
    if (!plain_text(name) || !valid_name(object, json_string_value(name))) {
        refuse(subject, "metadata.name",
               "expected a name of lower-case letters, digits, '-' and '.', at most %d characters, found %s",
               SUBDOMAIN_MAX, show(shown, name));
        return false;
    }
    if (name_space && !json_is_null(name_space) &&
        (!plain_text(name_space) || !name_is_label(json_string_value(name_space)))) {
        refuse(subject, "metadata.namespace",
               "expected a namespace of lower-case letters, digits and '-', at most %d characters, found %s",
               LABEL_MAX, show(shown, name_space));
        return false;
    }
    return true;
}

/* What every document and every item has, lists too. */
static bool check_kind(const struct subject *subject, const json_t *object, char group[SUBDOMAIN_MAX + 1])
{
    const json_t *version = json_member(object, "apiVersion");
    const json_t *kind = json_member(object, "kind");
    char shown[SHOWN_SIZE];

    if (!json_is_object(object)) {
        refuse(subject, "", "expected an object with apiVersion, kind and metadata, found %s",
               json_kind(object));
        return false;
    }
    if (!plain_text(version) || !split_version(json_string_value(version), group)) {
        refuse(subject, "apiVersion", "expected VERSION or GROUP/VERSION, found %s", show(shown, version));
        return false;
    }
    if (!plain_text(kind)) {
        refuse(subject, "kind", "expected the name of a kind, found %s", show(shown, kind));
        return false;
    }
    return true;
}

/* `kind: List`, or a kind of this ending that brings items. */
static bool is_list(const json_t *object)
{
    const char *kind = json_string_value(json_member(object, "kind"));
    const json_t *items = json_member(object, "items");
    size_t length = strlen(kind);

    if (strcmp(kind, "List") == 0 && strcmp(json_string_value(json_member(object, "apiVersion")), "v1") == 0)
        return true;
    return length >= 4 && strcmp(kind + length - 4, "List") == 0 &&
           (json_is_array(items) || json_is_null(items));
}

static int take_object(const struct subject *subject, const json_t *object, struct error *error)
{
    const struct event event = {.object = object,
                                .file = subject->document->file,
                                .document = subject->document->number,
                                .item = subject->item};
    char group[SUBDOMAIN_MAX + 1];

    if (!check_kind(subject, object, group))
        return 0;
    if (subject->item >= 0 && is_list(object)) {
        refuse(subject, "", "a list inside of a list is not read; put its items into the outer one");
        return 0;
    }
    if (!check_api(subject, object, group) || !check_names(subject, object))
        return 0;
    subject->reader->result->objects++;
    return subject->reader->take(&event, subject->reader->payload, error);
}

static int take_items(const struct subject *list, const json_t *items, struct error *error)
{
    int result = 0;

    /* A list that is empty is written as null by some programs. */
    if (!json_is_array(items) && !json_is_null(items))
        refuse(list, "items", "expected a list of objects, found %s", json_kind(items));
    for (size_t i = 0; i < json_array_size(items) && result == 0; i++) {
        struct subject item = *list;
        item.item = (long)i;
        result = take_object(&item, json_array_get(items, i), error);
    }
    return result;
}

int document_take(const struct document *document, const json_t *value, const struct source_reader *reader,
                  struct error *error)
{
    const struct subject subject = {.document = document, .reader = reader, .item = -1};
    char group[SUBDOMAIN_MAX + 1];

    if (!json_is_object(value) || !plain_text(json_member(value, "kind")) ||
        !plain_text(json_member(value, "apiVersion")) || !is_list(value))
        return take_object(&subject, value, error);
    if (!check_kind(&subject, value, group))
        return 0;
    return take_items(&subject, json_member(value, "items"), error);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the input say, all together. */
#include "hearing.h"

#include "base/json.h"
#include "config/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Folder by folder, as the program walks: '/' comes before everything. */
static int compare(const char *left, const char *right)
{
    while (*left && *left == *right) {
        left++;
        right++;
    }
    if (*left == *right)
        return 0;
    if (*left == '\0' || *right == '\0')
        return *left == '\0' ? -1 : 1;
    if (*left == '/' || *right == '/')
        return *left == '/' ? -1 : 1;
    return (unsigned char)*left < (unsigned char)*right ? -1 : 1;
}

/* The file of a path, made if there is none, in order. */
static struct hearing_file *file_of(struct hearing *hearing, const char *path)
{
    size_t at = 0;
    struct hearing_file *files;

    while (at < hearing->files_count && compare(hearing->files[at].path, path) < 0)
        at++;
    if (at < hearing->files_count && strcmp(hearing->files[at].path, path) == 0)
        return &hearing->files[at];
    files = realloc(hearing->files, (hearing->files_count + 1) * sizeof *files);
    if (!files)
        abort();
    memmove(&files[at + 1], &files[at], (hearing->files_count - at) * sizeof *files);
    files[at] = (struct hearing_file){.path = strdup(path)};
    hearing->files = files;
    hearing->files_count++;
    return &files[at];
}

/* An object, or the objects of a list. */
static int gather(json_t *document, size_t number, size_t line, void *payload)
{
    const char *kind = json_text_at(document, "kind");
    const json_t *items = json_member(document, "items");
    size_t length = kind ? strlen(kind) : 0;

    (void)number;
    (void)line;
    if (length >= 4 && strcmp(kind + length - 4, "List") == 0 && json_is_array(items))
        return json_array_extend(payload, json_iterable(items));
    return json_array_append(payload, document);
}

static void take_file(struct hearing *hearing, const struct record *record)
{
    struct hearing_file *file = file_of(hearing, record->path);
    json_t *objects = json_array();

    file->present = true;
    file->broken = yaml_read(record->data, record->size, &yaml_file_limits, gather, objects, NULL, NULL) != 0;
    if (file->broken) {
        json_decref(objects);
        return;
    }
    json_decref(file->objects);
    file->objects = objects;
}

static bool is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);

    return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* What a folder holds: of the files directly in it whether they are there; what is below a folder that is
 * there is told by that one. */
static void take_listing(struct hearing *hearing, const struct record *record)
{
    size_t length = strlen(record->path) + 1;

    for (size_t i = 0; i < hearing->files_count; i++) {
        struct hearing_file *file = &hearing->files[i];
        const char *name = file->path + length;
        if (strlen(file->path) < length || !is_below(file->path, record->path))
            continue;
        if (!record_lists(record, name, strcspn(name, "/")))
            file->present = false;
        else if (!strchr(name, '/'))
            file->present = true;
    }
}

static void take_absence(struct hearing *hearing, const char *path)
{
    for (size_t i = 0; i < hearing->files_count; i++) {
        if (is_below(hearing->files[i].path, path))
            hearing->files[i].present = false;
    }
}

void hearing_input(struct hearing *hearing, const struct record *record)
{
    bool root = strcmp(record->path, "in") == 0;

    hearing->stale = true;
    if (root)
        hearing->rootless = strcmp(record->type, "list") != 0;
    if (strcmp(record->type, "read") == 0)
        take_file(hearing, record);
    else if (strcmp(record->type, "list") == 0)
        take_listing(hearing, record);
    else if (strcmp(record->type, "none") == 0 && !root)
        take_absence(hearing, record->path);
    else if (strcmp(record->type, "unreadable") == 0 && !root) {
        struct hearing_file *file = file_of(hearing, record->path);
        file->present = true;
        file->broken = true;
    }
}

static void forget_files(struct hearing *hearing)
{
    for (size_t i = 0; i < hearing->files_count; i++) {
        free(hearing->files[i].path);
        json_decref(hearing->files[i].objects);
    }
    free(hearing->files);
    hearing->files = NULL;
    hearing->files_count = 0;
}

void hearing_input_start(struct hearing *hearing)
{
    forget_files(hearing);
    hearing->rootless = false;
    hearing->stale = true;
}

void hearing_input_release(struct hearing *hearing)
{
    forget_files(hearing);
    json_decref(hearing->apis);
    json_decref(hearing->missing);
    json_decref(hearing->others);
}

static bool is_api(const json_t *object)
{
    const char *version = json_text_at(object, "apiVersion");
    const char *name = object_name(object);

    return object_is(object, API_GROUP, API_KIND) && version &&
           strcmp(version, API_GROUP "/" API_VERSION) == 0 && name && name_is_subdomain(name) &&
           name_is_label(object_namespace(object));
}

static const struct judge_kind *kind_of(const struct hearing *hearing, const json_t *object)
{
    const struct judge_config *config = &hearing->configs->judged;

    for (size_t i = 0; i < config->count; i++) {
        if (object_name(object) &&
            object_is(object, config->kinds[i].kind->group, config->kinds[i].kind->kind))
            return &config->kinds[i];
    }
    return NULL;
}

/* The Apis and the other objects that count, by their keys. */
static void count_objects(const struct hearing *hearing, json_t *apis, json_t *others)
{
    for (size_t i = 0; i < hearing->files_count; i++) {
        const json_t *object;
        size_t j;
        if (!hearing->files[i].present)
            continue;
        json_array_foreach(hearing->files[i].objects, j, object)
        {
            const struct judge_kind *kind = kind_of(hearing, object);
            char key[KEY_SIZE + 64];
            json_t *set = is_api(object) ? apis : kind ? others : NULL;
            (void)snprintf(key, sizeof key, "%s%s%s/%.253s", kind ? kind->kind->plural : "", kind ? "/" : "",
                           object_namespace(object), object_name(object) ? object_name(object) : "");
            /* The first in the order of paths is the one. */
            if (set && !json_object_get(set, key))
                (void)json_object_set(set, key, json_iterable(object));
        }
    }
}

static void tell_apis(struct hearing *hearing, const json_t *apis)
{
    const char *key;
    json_t *api;

    json_object_foreach(json_iterable(apis), key, api)
    {
        (void)json_object_del(hearing->missing, key);
        if (json_equal(json_object_get(hearing->apis, key), api))
            continue;
        (void)json_object_set(hearing->apis, key, api);
        judge_api_put(hearing->judge, api);
        hearing->edits++;
    }
    json_object_foreach(hearing->apis, key, api)
    {
        if (!json_object_get(apis, key))
            (void)json_object_set_new(hearing->missing, key, json_true());
    }
}

/* Tells of an object of a backend's kind, or that it is gone (NULL). It stands beside what is in the output,
 * and the labels that it has make nothing ours. */
static void tell_other(struct hearing *hearing, const json_t *object, const json_t *before)
{
    const json_t *any = object ? object : before;
    const struct judge_kind *kind = kind_of(hearing, any);
    char name[KEY_SIZE];
    struct object_ref ref;
    json_t *copy = json_deep_copy(object);

    if (!kind) {
        json_decref(copy);
        return;
    }
    (void)snprintf(name, sizeof name, "%.253s (input)", object_name(any));
    ref = (struct object_ref){kind->kind->group,     NULL, kind->kind->kind, kind->kind->plural,
                              object_namespace(any), name};
    (void)json_object_del(json_member(copy, "metadata"), "labels");
    judge_foreign(hearing->judge, &ref, copy, "", "");
    json_decref(copy);
}

static void tell_others(struct hearing *hearing, json_t *others)
{
    const char *key;
    json_t *object;

    json_object_foreach(others, key, object)
    {
        if (!json_equal(json_object_get(hearing->others, key), object))
            tell_other(hearing, object, NULL);
    }
    json_object_foreach(hearing->others, key, object)
    {
        if (!json_object_get(others, key))
            tell_other(hearing, NULL, object);
    }
    json_decref(hearing->others);
    hearing->others = json_incref(others);
}

static bool is_complete(const struct hearing *hearing, const json_t *apis)
{
    bool complete = !hearing->rootless && (json_object_size(apis) > 0 || hearing->configs->allow_empty);

    for (size_t i = 0; i < hearing->files_count; i++) {
        const struct hearing_file *file = &hearing->files[i];
        complete = complete && !(file->present && file->broken && !file->objects);
    }
    return complete;
}

void hearing_input_tell(struct hearing *hearing)
{
    json_t *apis = json_object();
    json_t *others = json_object();

    if (hearing->stale) {
        count_objects(hearing, apis, others);
        tell_apis(hearing, apis);
        tell_others(hearing, others);
        judge_complete(hearing->judge, is_complete(hearing, apis));
    }
    hearing->stale = false;
    json_decref(apis);
    json_decref(others);
}

static bool may_be_elsewhere(const struct hearing *hearing)
{
    for (size_t i = 0; i < hearing->files_count; i++) {
        if (hearing->files[i].present && hearing->files[i].broken)
            return true;
    }
    return hearing->rootless || (json_object_size(hearing->missing) == json_object_size(hearing->apis) &&
                                 !hearing->configs->allow_empty);
}

void hearing_input_gone(struct hearing *hearing, const char *key)
{
    if (!json_object_get(hearing->missing, key) || may_be_elsewhere(hearing))
        return;
    (void)json_object_del(hearing->missing, key);
    (void)json_object_del(hearing->apis, key);
    judge_api_gone(hearing->judge, key);
    hearing->edits++;
}

void hearing_input_all_gone(struct hearing *hearing)
{
    const char *key;
    json_t *value;
    void *next;

    json_object_foreach_safe(hearing->missing, next, key, value)
    {
        char copy[KEY_SIZE];
        (void)snprintf(copy, sizeof copy, "%s", key);
        hearing_input_gone(hearing, copy);
    }
}

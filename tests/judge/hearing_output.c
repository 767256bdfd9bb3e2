/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in the output, and what the program does to it. */
#include "hearing.h"

#include "base/file.h"
#include "base/json.h"
#include "directory/content.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file of the output. */
struct spot {
    /** It is a status. */
    bool status;
    char name_space[LABEL_MAX + 1];
    char plural[LABEL_MAX + 1];
    char group[SUBDOMAIN_MAX + 1];
    /** Of the object; from the name of the file unless the object is known, as long names are cut there. */
    char name[SUBDOMAIN_MAX + 1];
};

/* out/status/NAMESPACE/NAME.yaml or out/resources/NAMESPACE/PLURAL.GROUP/NAME.yaml. */
static bool read_path(const char *path, struct spot *spot)
{
    char end[8] = "";

    *spot = (struct spot){.status = false};
    if (sscanf(path, "out/status/%63[^/]/%253[^/]", spot->name_space, spot->name) == 2)
        spot->status = true;
    else if (sscanf(path, "out/resources/%63[^/]/%63[^./].%253[^/]/%253[^/]%7s", spot->name_space,
                    spot->plural, spot->group, spot->name, end) != 4)
        return false;
    if (strlen(spot->name) <= 5 || strcmp(spot->name + strlen(spot->name) - 5, ".yaml") != 0)
        return false;
    spot->name[strlen(spot->name) - 5] = '\0';
    return true;
}

/* The object in a file, with its name and its namespace; of one that is none, only the place. Owned by
 * caller. */
static json_t *read_object(const struct record *record, struct spot *spot)
{
    struct yaml_mark mark;
    struct error error = {0};
    json_t *object = content_read(record->data, record->size, &mark, &error);
    const char *name = object_name(object);

    if (name && name_is_subdomain(name) && strcmp(object_namespace(object), spot->name_space) == 0) {
        (void)snprintf(spot->name, sizeof spot->name, "%s", name);
        return object;
    }
    json_decref(object);
    return json_pack("{s:{s:s, s:s}}", "metadata", "name", spot->name, "namespace", spot->name_space);
}

static struct object_ref ref_of(const struct spot *spot, const char *kind)
{
    return (struct object_ref){spot->group, NULL, kind, spot->plural, spot->name_space, spot->name};
}

/* The key of the Api that an object says it is made for, otherwise its own name. */
static void key_of(const json_t *object, const struct spot *spot, char key[KEY_SIZE])
{
    const json_t *notes = json_at(object, "metadata.annotations");
    const char *whole = json_string_value(json_member(notes, "apigwd.io/apiName"));
    const char *name = whole ? whole : json_text_at(object, "metadata.labels.apiName");

    key_format(key, spot->name_space, name && !spot->status ? name : spot->name);
}

static void remember(struct hearing *hearing, const struct record *record, const struct spot *spot,
                     const json_t *object, const char *version)
{
    char key[KEY_SIZE];
    const char *kind = json_text_at(object, "kind");

    key_of(object, spot, key);
    (void)json_object_set_new(hearing->places, record->path,
                              json_pack("{s:s, s:s, s:s, s:s}", "key", key, "name", spot->name, "kind",
                                        kind ? kind : "", "version", version));
}

/* Somebody else did it, as the program did not. */
static void tell_foreign(struct hearing *hearing, struct spot *spot, const json_t *object, const char *kind,
                         const char *version)
{
    struct object_ref ref = ref_of(spot, kind);
    char key[KEY_SIZE];

    if (!spot->status) {
        judge_foreign(hearing->judge, &ref, object, "", version);
        return;
    }
    key_format(key, spot->name_space, spot->name);
    judge_foreign_status(hearing->judge, key, json_member(object, "status"));
}

/* The program, or the recorder, saw what stands at a place. */
static void take_seen(struct hearing *hearing, const struct record *record)
{
    const json_t *known = json_object_get(hearing->places, record->path);
    char version[CONTENT_VERSION_SIZE];
    struct spot spot;
    json_t *object;

    content_version(version, record->data, record->size);
    if (!read_path(record->path, &spot) || (known && strcmp(json_text_at(known, "version"), version) == 0))
        return;
    object = read_object(record, &spot);
    tell_foreign(hearing, &spot, object, json_text_at(object, "kind"), version);
    remember(hearing, record, &spot, object, version);
    json_decref(object);
}

static bool is_there(const char *folder, const char *path, const char *version)
{
    char name[4096];
    char found[CONTENT_VERSION_SIZE];
    char *data = NULL;
    size_t size = 0;

    (void)snprintf(name, sizeof name, "%s%s", folder, path + strlen("out"));
    if (file_read(AT_FDCWD, name, content_limits.bytes, &data, &size, NULL) != 0)
        return false;
    content_version(found, data, size);
    free(data);
    return strcmp(found, version) == 0;
}

static void take_gone(struct hearing *hearing, const char *path)
{
    const json_t *known = json_object_get(hearing->places, path);
    struct spot spot;

    if (!known || !read_path(path, &spot))
        return;
    (void)snprintf(spot.name, sizeof spot.name, "%s", json_text_at(known, "name"));
    tell_foreign(hearing, &spot, NULL, json_text_at(known, "kind"), "");
    (void)json_object_del(hearing->places, path);
}

/* A file or a folder is not there, or a folder has nothing but what is listed. */
static void take_absence(struct hearing *hearing, const struct record *record)
{
    bool list = strcmp(record->type, "list") == 0;
    size_t length = strlen(record->path);
    json_t *value;
    const char *path;
    void *next;

    json_object_foreach_safe(hearing->places, next, path, value)
    {
        char copy[1024];
        const char *name = path + length + 1;
        if (strncmp(path, record->path, length) != 0 || (path[length] != '/' && path[length] != '\0') ||
            (list && (path[length] == '\0' || record_lists(record, name, strcspn(name, "/")))))
            continue;
        (void)snprintf(copy, sizeof copy, "%s", path);
        take_gone(hearing, copy);
    }
}

static void take_move(struct hearing *hearing, const struct record *record)
{
    char version[CONTENT_VERSION_SIZE];
    char key[KEY_SIZE];
    struct spot spot;
    struct object_ref ref;
    json_t *object;

    if (!read_path(record->path, &spot))
        return;
    content_version(version, record->data, record->size);
    object = read_object(record, &spot);
    key_of(object, &spot, key);
    ref = ref_of(&spot, json_text_at(object, "kind"));
    if (spot.status) {
        judge_status(hearing->judge, key, json_member(object, "status"));
        hearing->statuses++;
    } else {
        judge_write(hearing->judge, key, &ref, object, "", version);
        hearing->writes++;
    }
    remember(hearing, record, &spot, object, version);
    json_decref(object);
}

static void take_removal(struct hearing *hearing, const struct record *record)
{
    const json_t *known = json_object_get(hearing->places, record->path);
    char key[KEY_SIZE];
    struct spot spot;
    struct object_ref ref;

    if (!read_path(record->path, &spot))
        return;
    if (known)
        (void)snprintf(spot.name, sizeof spot.name, "%s", json_text_at(known, "name"));
    key_format(key, spot.name_space, spot.name);
    if (known)
        (void)snprintf(key, sizeof key, "%s", json_text_at(known, "key"));
    hearing_input_gone(hearing, key);
    ref = ref_of(&spot, known ? json_text_at(known, "kind") : NULL);
    if (spot.status) {
        judge_status(hearing->judge, key, NULL);
        hearing->statuses++;
    } else {
        judge_write(hearing->judge, key, &ref, NULL, "", "");
        hearing->writes++;
    }
    (void)json_object_del(hearing->places, record->path);
}

/* It is tried again; until then the number of writes says nothing. */
static void take_failure(struct hearing *hearing, const struct record *record)
{
    const json_t *known = json_object_get(hearing->places, record->path);
    char place[1024];
    struct spot spot;

    if (!read_path(record->path, &spot))
        return;
    (void)snprintf(place, sizeof place, "%s/%s/%s", known ? json_text_at(known, "kind") : "?",
                   spot.name_space, spot.name);
    judge_fault(hearing->judge, place);
}

void hearing_output(struct hearing *hearing, const struct record *record, bool failed)
{
    bool move = strcmp(record->type, "move") == 0;

    if (move || strcmp(record->type, "remove") == 0) {
        hearing_input_tell(hearing);
        if (failed)
            take_failure(hearing, record);
        else if (move)
            take_move(hearing, record);
        else
            take_removal(hearing, record);
    } else if (strcmp(record->type, "list") == 0 || strcmp(record->type, "none") == 0) {
        take_absence(hearing, record);
    } else {
        take_seen(hearing, record);
    }
}

void hearing_output_compare(struct hearing *hearing, const char *folder)
{
    const char *path;
    json_t *place;

    json_object_foreach(hearing->places, path, place)
    {
        if (is_there(folder, path, json_text_at(place, "version")))
            continue;
        (void)printf("# %s: is not what the journal says\n", path);
        hearing->found++;
    }
}

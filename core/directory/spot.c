/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/spot.h"

#include "base/digest.h"

#include <stdio.h>
#include <string.h>

static const char ending[] = ".yaml";
static const char resources[] = "resources";
static const char statuses[] = "status";

/* Longest name that a file has whole, and what a longer one ends in. */
enum { STEM_MAX = SPOT_FILE_MAX - ((int)sizeof ending - 1), TAIL = 17 };

static void name_file(struct spot *spot)
{
    digest_shorten(spot->file, spot->name, STEM_MAX);
    memcpy(spot->file + strlen(spot->file), ending, sizeof ending);
    spot->cut = false;
}

/* Names become parts of a path only after this. */
static int check_key(const char *name_space, const char *name, struct error *error)
{
    if (!name_space || !name_is_label(name_space))
        return error_set(error, ERROR_INVALID, "not a namespace that can be a folder: \"%.63s\"",
                         name_space ? name_space : "");
    if (!name || !name_is_subdomain(name))
        return error_set(error, ERROR_INVALID, "not a name that can be a file: \"%.253s\"", name ? name : "");
    return 0;
}

static void set_name(struct spot *spot, const char *name)
{
    (void)snprintf(spot->name, sizeof spot->name, "%s", name);
    name_file(spot);
}

int spot_of_resource(const struct object_ref *ref, struct spot *spot, struct error *error)
{
    char kinds[LABEL_MAX + 1 + SUBDOMAIN_MAX + 1];
    int result = check_key(ref->name_space, ref->name, error);

    if (result != 0)
        return result;
    (void)snprintf(kinds, sizeof kinds, "%.63s%s%.253s", ref->plural, ref->group[0] ? "." : "", ref->group);
    if (!name_is_label(ref->plural) || strlen(ref->group) > SUBDOMAIN_MAX ||
        !spot_set_folder(spot, ref->name_space, kinds))
        return error_set(error, ERROR_INVALID, "not a resource that can be a folder: \"%.63s.%.253s\"",
                         ref->plural, ref->group);
    set_name(spot, ref->name);
    return 0;
}

int spot_of_status(const char *name_space, const char *name, struct spot *spot, struct error *error)
{
    int result = check_key(name_space, name, error);

    if (result != 0)
        return result;
    (void)spot_set_folder(spot, name_space, NULL);
    set_name(spot, name);
    return 0;
}

/* PLURAL.GROUP, or PLURAL of the core group. */
static bool split_kinds(struct spot *spot, const char *kinds)
{
    size_t plural = strcspn(kinds, ".");
    const char *group = kinds[plural] ? kinds + plural + 1 : "";

    if (plural > LABEL_MAX || strlen(kinds) > SPOT_FILE_MAX || strlen(group) > SUBDOMAIN_MAX)
        return false;
    memcpy(spot->plural, kinds, plural);
    spot->plural[plural] = '\0';
    (void)snprintf(spot->group, sizeof spot->group, "%s", group);
    return name_is_label(spot->plural) && (!kinds[plural] || name_is_subdomain(group));
}

bool spot_set_folder(struct spot *spot, const char *name_space, const char *kinds)
{
    *spot = (struct spot){.status = kinds == NULL};
    if (!name_is_label(name_space) || (kinds && !split_kinds(spot, kinds)))
        return false;
    (void)snprintf(spot->name_space, sizeof spot->name_space, "%s", name_space);
    if (kinds)
        (void)snprintf(spot->folder, sizeof spot->folder, "%s/%s/%s%s%s", resources, spot->name_space,
                       spot->plural, spot->group[0] ? "." : "", spot->group);
    else
        (void)snprintf(spot->folder, sizeof spot->folder, "%s/%s", statuses, spot->name_space);
    return true;
}

/* What digest_shorten() makes of a name; a whole name may look the same. */
static bool looks_cut(const char *stem)
{
    return strlen(stem) == STEM_MAX && stem[STEM_MAX - TAIL] == '-' &&
           strspn(stem + STEM_MAX - TAIL + 1, "0123456789abcdef") == TAIL - 1 &&
           strspn(stem, "abcdefghijklmnopqrstuvwxyz0123456789-.") == STEM_MAX;
}

bool spot_set_file(struct spot *spot, const char *file)
{
    size_t length = strlen(file);
    size_t stem = length - (sizeof ending - 1);

    if (length < sizeof ending || length > SPOT_FILE_MAX || strcmp(file + stem, ending) != 0)
        return false;
    memcpy(spot->file, file, length + 1);
    memcpy(spot->name, file, stem);
    spot->name[stem] = '\0';
    spot->cut = looks_cut(spot->name);
    return spot->cut || name_is_subdomain(spot->name);
}

/* The folders of a path of the right form; returns its last part, or NULL. */
static const char *set_folders(struct spot *spot, const char *path)
{
    char folder[SPOT_FOLDER_SIZE];
    const char *last = strrchr(path, '/');
    char *name_space;
    char *kinds;

    if (!last || (size_t)(last - path) >= sizeof folder)
        return NULL;
    memcpy(folder, path, (size_t)(last - path));
    folder[last - path] = '\0';
    name_space = strchr(folder, '/');
    if (!name_space)
        return NULL;
    *name_space++ = '\0';
    kinds = strchr(name_space, '/');
    if (kinds)
        *kinds++ = '\0';
    if (strcmp(folder, kinds ? resources : statuses) != 0 || !spot_set_folder(spot, name_space, kinds))
        return NULL;
    return last + 1;
}

bool spot_of_path(struct spot *spot, const char *path)
{
    const char *file = set_folders(spot, path);

    return file && spot_set_file(spot, file);
}

void spot_place(const struct spot *spot, char place[SPOT_PLACE_SIZE])
{
    (void)snprintf(place, SPOT_PLACE_SIZE, "%s/%s", spot->folder, spot->name);
}

bool spot_of_place(struct spot *spot, const char *place)
{
    const char *name = set_folders(spot, place);

    if (!name || !name_is_subdomain(name))
        return false;
    set_name(spot, name);
    return true;
}

bool spot_is_of(const struct spot *spot, const char *name)
{
    char stem[STEM_MAX + 1];

    if (!spot->cut)
        return strcmp(spot->name, name) == 0;
    if (!name_is_subdomain(name))
        return false;
    digest_shorten(stem, name, STEM_MAX);
    return strcmp(spot->name, stem) == 0;
}

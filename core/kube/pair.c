/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/pair.h"

#include <string.h>

static void release(struct pair_files *files)
{
    rotation_release(&files->certificate);
    rotation_release(&files->key);
}

static bool is_there(const struct pair_files *files)
{
    return files->certificate.data || files->key.data;
}

static bool has_changed(const struct pair_files *files)
{
    return rotation_has_changed(&files->certificate) || rotation_has_changed(&files->key);
}

/* Moves them; nothing is left in `from` but the paths. */
static void move(struct pair_files *to, struct pair_files *from)
{
    release(to);
    *to = *from;
    from->certificate.data = from->key.data = NULL;
    from->certificate.size = from->key.size = 0;
}

void pair_release(struct pair *pair)
{
    release(&pair->now);
    release(&pair->before);
    release(&pair->refused);
}

static int read_one(const struct rotation *file, size_t max, const char *what, struct rotation *next,
                    struct error *error)
{
    int result = file->path ? rotation_read(file, max, next, error) : 0;

    if (result == 0 && next->data && !strstr(next->data, "-----BEGIN "))
        result = error_set(error, ERROR_INVALID, "%s: no %s in PEM", next->path, what);
    return result;
}

static int read_both(const struct pair_files *files, size_t max, struct pair_files *next, struct error *error)
{
    int result;

    *next = (struct pair_files){0};
    result = read_one(&files->certificate, max, "certificate", &next->certificate, error);
    if (result == 0)
        result = read_one(&files->key, max, "key", &next->key, error);
    if (result != 0)
        release(next);
    return result;
}

static bool is_both(const struct pair *pair)
{
    return pair->now.certificate.path && pair->now.key.path;
}

/* Whether a look is to wait for the next one. */
static bool waits(const struct pair *pair)
{
    if (is_there(&pair->refused))
        return true;
    return is_both(pair) && !pair->unsettled &&
           rotation_has_changed(&pair->now.certificate) != rotation_has_changed(&pair->now.key);
}

int pair_renew(struct pair *pair, size_t max, bool *differs, struct error *error)
{
    struct pair_files next;
    int result;

    *differs = false;
    if (!has_changed(&pair->now)) {
        pair->unsettled = false;
        return 0;
    }
    if (has_changed(&pair->refused))
        release(&pair->refused);
    if (waits(pair)) {
        pair->unsettled = true;
        return 0;
    }
    result = read_both(&pair->now, max, &next, error);
    if (result != 0)
        return result;
    /* Swapped between the one and the other: they may not belong together. */
    pair->unsettled = is_both(pair) && has_changed(&next);
    if (pair->unsettled) {
        release(&next);
        return 0;
    }
    *differs = !rotation_equals(&pair->now.certificate, &next.certificate) ||
               !rotation_equals(&pair->now.key, &next.key);
    if (*differs)
        move(&pair->before, &pair->now);
    move(&pair->now, &next);
    return 0;
}

bool pair_refuse(struct pair *pair)
{
    pair->unsettled = true;
    if (!is_there(&pair->before))
        return false;
    move(&pair->refused, &pair->now);
    move(&pair->now, &pair->before);
    return true;
}

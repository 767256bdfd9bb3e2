/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config_load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Appends the parts of a path, each behind a slash. */
static void append_parts(struct text *out, const char *path, size_t size)
{
    for (size_t i = 0; i < size;) {
        size_t length = 0;
        while (i + length < size && path[i + length] != '/')
            length++;
        if (length > 0 && !(length == 1 && path[i] == '.')) {
            text_append_string(out, "/");
            text_append(out, path + i, length);
        }
        i += length + 1;
    }
}

char *config_path_absolute(const struct config_file *file, const char *path)
{
    const char *slash = strrchr(file->path, '/');
    struct text out = text_empty();

    if (path[0] != '/' && file->path[0] != '/') {
        char *current = getcwd(NULL, 0);
        if (!current)
            return NULL;
        append_parts(&out, current, strlen(current));
        free(current);
    }
    if (path[0] != '/' && slash)
        append_parts(&out, file->path, (size_t)(slash - file->path));
    append_parts(&out, path, strlen(path));
    if (out.length == 0)
        text_append_string(&out, "/");
    return text_take(&out);
}

char *config_path_lexical(const char *path)
{
    char *out = calloc(1, strlen(path) + 2);
    size_t used = 0;

    for (const char *part = path; out && *part;) {
        size_t length;
        part += strspn(part, "/");
        length = strcspn(part, "/");
        if (length == 2 && strncmp(part, "..", 2) == 0) {
            while (used > 0 && out[--used] != '/')
                continue;
        } else if (length > 0) {
            out[used++] = '/';
            memcpy(out + used, part, length);
            used += length;
        }
        part += length;
    }
    if (out && used == 0)
        out[used++] = '/';
    if (out)
        out[used] = '\0';
    return out;
}

/* Cuts the last part of a path off. Returns false if nothing is left to cut. */
static bool cut_part(char *path)
{
    char *slash = strrchr(path, '/');

    if (!slash)
        return false;
    *slash = '\0';
    return true;
}

char *config_path_real(const char *path)
{
    char *known = strdup(path);
    struct text joined = text_empty();
    char *real = NULL;
    char *result = NULL;

    if (!known)
        return NULL;
    do {
        errno = 0;
        real = realpath(known[0] ? known : "/", NULL);
    } while (!real && errno != ENOMEM && cut_part(known));
    if (real) {
        append_parts(&joined, real, strlen(real));
        append_parts(&joined, path + strlen(known), strlen(path + strlen(known)));
        result = joined.failed ? NULL : config_path_lexical(joined.data);
    }
    text_release(&joined);
    free(known);
    free(real);
    return result;
}

bool config_path_within(const char *inner, const char *outer)
{
    size_t length = strlen(outer);

    if (length == 1)
        return true;
    return strncmp(inner, outer, length) == 0 && (inner[length] == '/' || inner[length] == '\0');
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/loader.h"

#include "base/file.h"
#include "base/text.h"
#include "plugin/copy.h"
#include "plugin/descriptor.h"
#include "plugin/image.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A plugin of C code is a hundred times smaller. */
static const size_t file_max = (size_t)64 * 1024 * 1024;

static int open_file(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

static int fail_open(const char *path, int reason, struct error *error)
{
    return error_set(error, reason == ENOENT || reason == ENOTDIR ? ERROR_NOT_FOUND : ERROR_IO,
                     "%s: cannot be opened: %s; expected a plugin's .so file", path, strerror(reason));
}

/* NULL if memory is short or the current folder is gone. */
static char *absolute(const char *path)
{
    char *folder = path[0] == '/' ? strdup("") : getcwd(NULL, 0);
    char *result = NULL;

    if (folder && asprintf(&result, "%s%s%s", folder, path[0] == '/' ? "" : "/", path) < 0)
        result = NULL;
    free(folder);
    return result;
}

static int fail_not_found(const char *name, const char *const *dirs, struct error *error)
{
    struct text looked = text_empty();
    int result;

    for (size_t i = 0; dirs[i]; i++)
        text_append_format(&looked, "%s%s", i > 0 ? ", " : "", dirs[i]);
    result =
        error_set(error, ERROR_NOT_FOUND,
                  "plugin \"%s\" is not found: looked for %s.so in %s; expected it there, or a path with "
                  "a '/' to it",
                  name, name, dirs[0] ? looked.data : "no folder");
    text_release(&looked);
    return result;
}

/* In the first folder that has the file, whatever the file is like: an order that depends on permissions
 * would surprise. */
static int open_named(const char *name, const char *const *dirs, char **file, int *fd, struct error *error)
{
    if (!descriptor_name_valid(name))
        return error_set(error, ERROR_INVALID,
                         "\"%s\" is no name of a plugin; expected 1 to 63 lower-case letters, digits and "
                         "dashes, or a path with a '/'",
                         name);
    for (size_t i = 0; dirs[i]; i++) {
        struct text path = text_empty();
        char *found;
        int reason;

        text_append_format(&path, "%s/%s.so", dirs[i], name);
        found = path.failed ? NULL : absolute(path.data);
        text_release(&path);
        if (!found)
            return error_no_memory(error);
        *fd = open_file(found);
        if (*fd >= 0) {
            *file = found;
            return 0;
        }
        reason = errno;
        if (reason != ENOENT && reason != ENOTDIR)
            (void)fail_open(found, reason, error);
        free(found);
        if (reason != ENOENT && reason != ENOTDIR)
            return ERROR_IO;
    }
    return fail_not_found(name, dirs, error);
}

static int open_plugin(const char *plugin, const char *const *dirs, char **file, int *fd, struct error *error)
{
    char *path;
    int result;

    if (!strchr(plugin, '/'))
        return open_named(plugin, dirs, file, fd, error);
    path = absolute(plugin);
    if (!path)
        return error_no_memory(error);
    *fd = open_file(path);
    if (*fd < 0) {
        result = fail_open(path, errno, error);
        free(path);
        return result;
    }
    *file = path;
    return 0;
}

/* Whoever may write the folder can put another file in the place of this one. */
static int check_folder(const char *file, struct error *error)
{
    size_t length = (size_t)(strrchr(file, '/') - file);
    char *folder = strndup(file, length > 0 ? length : 1);
    struct stat info;
    int result = 0;

    if (!folder)
        return error_no_memory(error);
    if (stat(folder, &info) != 0)
        result = error_set(error, ERROR_IO, "its folder %s cannot be read: %s", folder, strerror(errno));
    else if (info.st_mode & S_IWOTH && !(info.st_mode & S_ISVTX))
        result = error_set(error, ERROR_INVALID,
                           "its folder %s has mode %04o, so that everybody may replace it; expected a folder "
                           "that others may not write (chmod o-w)",
                           folder, info.st_mode & 07777U);
    free(folder);
    return result;
}

static int check_folders(const char *file, struct error *error)
{
    char *target;
    int result = check_folder(file, error);

    if (result != 0)
        return result;
    target = realpath(file, NULL);
    if (!target)
        return error_set(error, ERROR_IO, "cannot be resolved: %s", strerror(errno));
    result = check_folder(target, error);
    free(target);
    return result;
}

static int check_trust(const struct stat *info, struct error *error)
{
    const unsigned mode = info->st_mode & 07777U;

    if (info->st_uid != 0 && info->st_uid != geteuid())
        return error_set(error, ERROR_INVALID, "owned by user %u, expected root or user %u, who runs this",
                         (unsigned)info->st_uid, (unsigned)geteuid());
    if (mode & S_IWOTH)
        return error_set(error, ERROR_INVALID,
                         "mode %04o lets everybody write it, expected a file that others may not write "
                         "(chmod o-w)",
                         mode);
    if (mode & S_IWGRP && info->st_gid != 0 && info->st_gid != getegid())
        return error_set(error, ERROR_INVALID,
                         "mode %04o lets group %u write it, expected a file that this group may not write "
                         "(chmod g-w)",
                         mode, (unsigned)info->st_gid);
    return 0;
}

static int check_file(int fd, const char *file, struct error *error)
{
    struct stat info;
    int result;

    if (fstat(fd, &info) != 0)
        return error_set(error, ERROR_IO, "%s", strerror(errno));
    if (!S_ISREG(info.st_mode))
        return error_set(error, ERROR_INVALID, "%s, expected a regular file",
                         S_ISDIR(info.st_mode) ? "a folder" : "a FIFO, socket or device");
    if (info.st_size < 0 || (uintmax_t)info.st_size > file_max)
        return error_set(error, ERROR_INVALID, "%lld bytes, expected at most %zu", (long long)info.st_size,
                         file_max);
    result = check_trust(&info, error);
    return result == 0 ? check_folders(file, error) : result;
}

/* The dynamic loader knows the copy only; its path tells nobody anything. */
static int fail_load(const struct copy *copy, struct error *error)
{
    const char *reason = dlerror();
    size_t length = strlen(copy->path);
    struct text said = text_empty();
    int result;

    reason = reason ? reason : "no reason given";
    for (const char *at = strstr(reason, copy->path); at; at = strstr(reason, copy->path)) {
        text_append(&said, reason, (size_t)(at - reason));
        reason = at + length;
        reason += strncmp(reason, ": ", 2) == 0 ? 2 : 0;
    }
    text_append_string(&said, reason);
    result = error_set(error, ERROR_INVALID,
                       "cannot be loaded: %s; expected a shared object that needs libc and jansson only",
                       said.data);
    text_release(&said);
    return result;
}

static int open_object(const char *file, const char *data, size_t size, void **object, struct error *error)
{
    struct copy copy;
    int result = image_check(data, size, error);

    if (result != 0)
        return result;
    result = copy_make(strrchr(file, '/') + 1, data, size, &copy, error);
    if (result != 0)
        return result;
    *object = dlopen(copy.path, RTLD_NOW | RTLD_LOCAL);
    if (!*object)
        result = fail_load(&copy, error);
    copy_release(&copy);
    return result;
}

static int take_descriptor(void *object, struct plugin *plugin, struct error *error)
{
    void *symbol = dlsym(object, "apigw_plugin_entry");
    const struct apigw_plugin *(*entry)(void);
    const struct apigw_plugin *found;
    int result;

    if (!symbol)
        return error_set(error, ERROR_INVALID,
                         "exports no function apigw_plugin_entry(), expected it to export exactly this one");
    /* POSIX promises that an object pointer from dlsym() can be a function's; ISO C has no cast for it. */
    memcpy(&entry, &symbol, sizeof entry);
    found = entry();
    if (!found)
        return error_set(error, ERROR_INVALID,
                         "apigw_plugin_entry() returned NULL, expected a pointer to a static descriptor");
    result = descriptor_copy(found, &plugin->descriptor, &plugin->arrays, error);
    return result == 0 ? descriptor_check(&plugin->descriptor, error) : result;
}

static int load_file(int fd, const char *file, struct plugin *plugin, struct error *error)
{
    char *data = NULL;
    size_t size = 0;
    int result = check_file(fd, file, error);

    if (result == 0)
        result = file_read_open(fd, "content", file_max, &data, &size, error);
    if (result == 0) {
        plugin->content = imprint_of_bytes(data, size, 0);
        result = open_object(file, data, size, &plugin->object, error);
    }
    free(data);
    return result == 0 ? take_descriptor(plugin->object, plugin, error) : result;
}

int plugin_load(const char *plugin, const char *const *dirs, struct plugin **out, struct error *error)
{
    struct plugin *loaded = calloc(1, sizeof *loaded);
    int fd = -1;
    int result;

    if (!loaded)
        return error_no_memory(error);
    result = open_plugin(plugin, dirs, &loaded->file, &fd, error);
    if (result == 0 && loaded->file) {
        result = load_file(fd, loaded->file, loaded, error);
        (void)close(fd);
        if (result != 0)
            (void)error_wrap(error, "%s", loaded->file);
    }
    if (result != 0) {
        plugin_free(loaded);
        return result;
    }
    *out = loaded;
    return 0;
}

static void unmap(void *object)
{
#if !defined(__SANITIZE_ADDRESS__)
    if (object)
        (void)dlclose(object);
#else
    (void)object;
#endif
}

void plugin_free(struct plugin *plugin)
{
    if (!plugin)
        return;
    plugin_arrays_free(plugin->arrays);
    unmap(plugin->object);
    free(plugin->file);
    free(plugin);
}

size_t plugin_primary_kind(const struct plugin *plugin)
{
    size_t i = 0;

    while (i + 1 < plugin->descriptor.kinds_count &&
           !(plugin->descriptor.kinds[i].flags & APIGW_KIND_PRIMARY))
        i++;
    return i;
}

static bool has_version(const struct apigw_kind *kind, const char *version)
{
    for (size_t i = 0; kind->versions[i]; i++) {
        if (strcmp(kind->versions[i], version) == 0)
            return true;
    }
    return false;
}

const struct apigw_kind *plugin_kind_of(const struct plugin *plugin, const char *api_version,
                                        const char *kind)
{
    const char *slash = strchr(api_version, '/');
    size_t length = slash ? (size_t)(slash - api_version) : 0;
    const char *version = slash ? slash + 1 : api_version;

    for (size_t i = 0; i < plugin->descriptor.kinds_count; i++) {
        const struct apigw_kind *own = &plugin->descriptor.kinds[i];

        if (strcmp(own->kind, kind) == 0 && strlen(own->group) == length &&
            strncmp(own->group, api_version, length) == 0 && has_version(own, version))
            return own;
    }
    return NULL;
}

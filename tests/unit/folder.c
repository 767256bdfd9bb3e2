/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void require(bool done, const char *what)
{
    if (done)
        return;
    (void)printf("Bail out! %s: %s\n", what, strerror(errno));
    exit(1);
}

void folder_make(char root[64])
{
    (void)snprintf(root, 64, "/tmp/apigwd-test-XXXXXX");
    require(mkdtemp(root) != NULL, root);
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

void folder_remove(const char *root)
{
    require(nftw(root, remove_one, 32, FTW_DEPTH | FTW_PHYS) == 0, root);
}

const char *folder_path(const char *root, const char *path)
{
    static char paths[4][PATH_MAX];
    static unsigned next;
    char *out = paths[next++ % 4];

    (void)snprintf(out, PATH_MAX, "%s/%s", root, path);
    return out;
}

void folder_add(const char *root, const char *path)
{
    char whole[PATH_MAX];

    (void)snprintf(whole, sizeof whole, "%s", folder_path(root, path));
    for (char *at = whole + strlen(root) + 1; *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        require(mkdir(whole, 0755) == 0 || errno == EEXIST, whole);
        *at = '/';
    }
    require(mkdir(whole, 0755) == 0 || errno == EEXIST, whole);
}

static void add_parent(const char *root, const char *path)
{
    char parent[PATH_MAX];
    char *slash;

    (void)snprintf(parent, sizeof parent, "%s", path);
    slash = strrchr(parent, '/');
    if (!slash)
        return;
    *slash = '\0';
    folder_add(root, parent);
}

static void write_bytes(const char *root, const char *path, const char *content, size_t size)
{
    FILE *file;

    add_parent(root, path);
    file = fopen(folder_path(root, path), "w");
    require(file && fwrite(content, 1, size, file) == size && fclose(file) == 0, path);
}

void folder_write(const char *root, const char *path, const char *content)
{
    write_bytes(root, path, content, strlen(content));
}

void folder_write_sized(const char *root, const char *path, size_t size)
{
    static const char object[] = "apiVersion: v1\nkind: Service\nmetadata: {name: large}\n#";
    char *content = malloc(size);

    require(content != NULL, path);
    memset(content, 'x', size);
    memcpy(content, object, sizeof object - 1);
    write_bytes(root, path, content, size);
    free(content);
}

void folder_link(const char *root, const char *path, const char *target)
{
    add_parent(root, path);
    require(symlink(target, folder_path(root, path)) == 0, path);
}

bool folder_holds(const char *root, const char *path, const char *content)
{
    char *data = NULL;
    size_t size = 0;
    bool equal;

    if (file_read(AT_FDCWD, folder_path(root, path), 1 << 22, &data, &size, NULL) != 0)
        return false;
    equal = strcmp(data, content) == 0;
    if (!equal)
        (void)printf("# %s holds:\n%s", path, data);
    free(data);
    return equal;
}

bool folder_has(const char *root, const char *path)
{
    struct stat info;

    return lstat(folder_path(root, path), &info) == 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/watch.h"

#include "base/text.h"
#include "directory/trace.h"
#include "directory/watched.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* As deep as the source goes; and what one call takes at most, since others wait for the loop too. */
enum { MAX_DEPTH = 64, MAX_READS = 64, MAX_ROUNDS = 4 };

/* What is looked for in a folder of the tree. */
static const uint32_t tree_mask = (uint32_t)TRACE_NAMES | (uint32_t)TRACE_CONTENT | (uint32_t)TRACE_SELF;

struct watch {
    struct watch_options options;
    /* Owned; what the options point to. */
    char *path;
    char *skip;
    struct watched_table table;
    /* The root without symbolic links, as it was last found. */
    struct text root;
    /* The tree or a link may lead elsewhere now: look at all of it again. */
    bool stale;
    /* All of it is being looked at. */
    bool whole;
    /* The root is in the tree. */
    bool rooted;
    /* Why not every change is seen; "" if all are. */
    char reason[256];
};

static void set_reason(struct watch *watch, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The first reason stays. */
static void set_reason(struct watch *watch, const char *format, ...)
{
    va_list values;

    if (watch->reason[0] != '\0')
        return;
    va_start(values, format);
    (void)vsnprintf(watch->reason, sizeof watch->reason, format, values);
    va_end(values);
}

static void set_trouble(struct watch *watch, const char *path, int reason)
{
    if (reason == ENOSPC)
        set_reason(watch, "no inotify watch is left for %s; raise fs.inotify.max_user_watches", path);
    else if (reason == EMFILE)
        set_reason(watch,
                   "inotify cannot be used: %s; raise fs.inotify.max_user_instances or the limit of open "
                   "files",
                   strerror(reason));
    else
        set_reason(watch, "%s cannot be watched: %s", path, strerror(reason));
}

const char *watch_remote(int folder)
{
    static const struct {
        unsigned long magic;
        const char *name;
    } known[] = {
        {0x6969, "nfs"},      {0x517b, "smb"},        {0xfe534d42, "smb2"}, {0xff534d42, "cifs"},
        {0x65735546, "fuse"}, {0x01021997, "9p"},     {0x5346414f, "afs"},  {0x6b414653, "afs"},
        {0x00c36400, "ceph"}, {0x0bd00bd0, "lustre"}, {0x01161970, "gfs2"}, {0x7461636f, "ocfs2"},
        {0x73757245, "coda"}, {0x786f4256, "vboxsf"}, {0x47504653, "gpfs"},
    };
    struct statfs info;

    if (fstatfs(folder, &info) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (((unsigned long)info.f_type & 0xffffffff) == known[i].magic)
            return known[i].name;
    }
    return NULL;
}

static void tell(struct watch *watch, const char *path)
{
    watch->options.changed(path, watch->options.payload);
}

/* "FOLDER/NAME", or "NAME" at the top. Owned by caller. */
static char *join(const char *folder, const char *name)
{
    char *path = NULL;

    return asprintf(&path, "%s%s%s", folder, folder[0] != '\0' ? "/" : "", name) < 0 ? NULL : path;
}

static char *whole_path(const struct watch *watch, const char *path)
{
    return path[0] != '\0' ? join(watch->root.data, path) : strdup(watch->root.data);
}

static void walk_folder(struct watch *watch, const char *path, unsigned depth);

/* A link in the tree: to a folder, it is entered. */
static void walk_link(struct watch *watch, const char *folder, const char *name, const char *path,
                      unsigned depth)
{
    char *real = realpath(folder, NULL);
    enum trace_end end = TRACE_NOTHING;
    int reason = real ? trace_path(&watch->table, real, name, &end, NULL) : errno;

    free(real);
    if (reason != 0 && reason != ENOENT)
        set_trouble(watch, path, reason);
    if (reason == 0 && end == TRACE_FOLDER)
        walk_folder(watch, path, depth);
}

static void walk_entry(struct watch *watch, DIR *folder, const char *path, const struct dirent *entry,
                       unsigned depth)
{
    unsigned char type = entry->d_type;
    char *below = NULL;
    char *whole = NULL;
    struct stat info;

    if (type == DT_UNKNOWN && fstatat(dirfd(folder), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0)
        type = S_ISDIR(info.st_mode) ? DT_DIR : S_ISLNK(info.st_mode) ? DT_LNK : DT_REG;
    if (type != DT_DIR && (type != DT_LNK || !watch->options.follow))
        return;
    below = join(path, entry->d_name);
    whole = whole_path(watch, path);
    if (!below || !whole)
        set_trouble(watch, path, ENOMEM);
    else if (type == DT_DIR)
        walk_folder(watch, below, depth + 1);
    else
        walk_link(watch, whole, entry->d_name, below, depth + 1);
    free(whole);
    free(below);
}

/* Takes the descriptor over. */
static void walk_entries(struct watch *watch, int fd, const char *path, unsigned depth)
{
    DIR *folder = fdopendir(fd);
    const struct dirent *entry;

    if (!folder) {
        (void)close(fd);
        set_trouble(watch, path, ENOMEM);
        return;
    }
    while ((entry = readdir(folder))) {
        if (entry->d_name[0] != '.')
            walk_entry(watch, folder, path, entry, depth);
    }
    (void)closedir(folder);
}

static bool is_skipped(const struct watch *watch, int fd)
{
    struct stat skip;
    struct stat info;

    return watch->skip && stat(watch->skip, &skip) == 0 && fstat(fd, &info) == 0 &&
           skip.st_dev == info.st_dev && skip.st_ino == info.st_ino;
}

/* Puts a folder into the tree. Returns whether it is to be walked: it was not there yet. */
static bool enter(struct watch *watch, const char *whole, const char *path)
{
    uint32_t links = watch->options.follow || path[0] == '\0' ? 0 : IN_DONT_FOLLOW;
    struct watched *folder = NULL;
    int reason = watched_table_add(&watch->table, whole, tree_mask | links, &folder);

    if (reason == 0 && folder->path) {
        /* By another path: two lead there, or it was moved and the news of that is still to come. */
        if (strcmp(folder->path, path) != 0) {
            folder->shared = true;
            watch->stale |= !watch->whole;
        }
        return false;
    }
    if (reason == 0)
        reason = watched_place(folder, path);
    watch->rooted |= reason == 0 && path[0] == '\0';
    /* Gone meanwhile; or not to be read: its parent tells when that changes. */
    if (reason == ENOENT || reason == ENOTDIR || reason == ELOOP || (reason == EACCES && path[0] != '\0'))
        return false;
    if (reason != 0)
        set_trouble(watch, whole, reason);
    return reason == 0;
}

/* What cannot be opened is not entered: the watch is set after the open, and the names are read after that.
 */
static void walk_folder(struct watch *watch, const char *path, unsigned depth)
{
    int links = watch->options.follow || path[0] == '\0' ? 0 : O_NOFOLLOW;
    char *whole = whole_path(watch, path);
    const char *remote;
    int fd;

    if (!whole)
        set_trouble(watch, path, ENOMEM);
    if (!whole || depth > MAX_DEPTH) {
        free(whole);
        return;
    }
    fd = open(whole, O_RDONLY | O_DIRECTORY | O_CLOEXEC | links);
    if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || path[0] == '\0'))
        set_trouble(watch, whole, errno);
    if (fd >= 0) {
        remote = watch->options.remote ? watch->options.remote(fd) : watch_remote(fd);
        if (remote)
            set_reason(watch, "%s is on %s, where not every change is told", whole, remote);
        if (is_skipped(watch, fd) || !enter(watch, whole, path))
            (void)close(fd);
        else
            walk_entries(watch, fd, path, depth);
    }
    free(whole);
}

/* One look at everything. Returns whether another one is needed. */
static bool look_at_all(struct watch *watch)
{
    enum trace_end end = TRACE_NOTHING;
    int reason;

    watch->stale = false;
    watch->rooted = false;
    watch->reason[0] = '\0';
    watched_table_forget(&watch->table);
    reason = trace_path(&watch->table, "/", watch->path, &end, &watch->root);
    if (reason != 0)
        set_trouble(watch, watch->path, reason);
    if (reason == 0 && end == TRACE_FOLDER)
        walk_folder(watch, "", 0);
    reason = watched_table_sweep(&watch->table);
    if (reason == ENOMEM)
        set_trouble(watch, watch->path, reason);
    /* The root went while it was being looked at: there is no watch yet that would tell. */
    return reason == EAGAIN || (end == TRACE_FOLDER && !watch->rooted);
}

static void refresh(struct watch *watch)
{
    unsigned rounds = 0;

    if (watch->table.fd < 0)
        return;
    watch->whole = true;
    while (look_at_all(watch) && ++rounds < MAX_ROUNDS)
        continue;
    watch->whole = false;
}

static void init_table(struct watch *watch)
{
    int reason = watched_table_init(&watch->table);

    watch->reason[0] = '\0';
    if (reason != 0)
        set_trouble(watch, watch->path, reason);
}

int watch_new(const struct watch_options *options, struct watch **out, struct error *error)
{
    struct watch *watch = calloc(1, sizeof *watch);

    if (!watch)
        return error_no_memory(error);
    watch->options = *options;
    watch->options.path = NULL;
    watch->options.skip = NULL;
    watch->root = text_empty();
    watch->table.fd = -1;
    watch->path = strdup(options->path);
    watch->skip = options->skip ? strdup(options->skip) : NULL;
    if (!watch->path || (options->skip && !watch->skip)) {
        watch_free(watch);
        return error_no_memory(error);
    }
    init_table(watch);
    refresh(watch);
    *out = watch;
    return 0;
}

void watch_free(struct watch *watch)
{
    if (!watch)
        return;
    watched_table_release(&watch->table);
    text_release(&watch->root);
    free(watch->path);
    free(watch->skip);
    free(watch);
}

int watch_fd(const struct watch *watch)
{
    return watch->table.fd;
}

/* A name in the tree that may have become a link, which only looking tells. */
static bool is_link(const struct watch *watch, const char *path)
{
    char *whole = whole_path(watch, path);
    struct stat info;
    bool link = !whole || (lstat(whole, &info) == 0 && S_ISLNK(info.st_mode));

    free(whole);
    return link;
}

static void take_folder(struct watch *watch, const char *path, uint32_t mask)
{
    unsigned depth = 1;
    int reason = 0;

    for (const char *at = path; *at; at++)
        depth += *at == '/';
    if (mask & IN_MOVED_FROM)
        reason = watched_table_remove_below(&watch->table, path);
    else if (mask & (IN_CREATE | IN_MOVED_TO | IN_ATTRIB))
        walk_folder(watch, path, depth);
    watch->stale |= reason != 0;
}

/* Something in a folder of the tree. */
static void take_entry(struct watch *watch, const struct watched *folder, const char *name, uint32_t mask)
{
    char *path = join(folder->path, name);

    if (!path) {
        watch->stale = true;
        return;
    }
    if (mask & IN_ISDIR)
        take_folder(watch, path, mask);
    else if (watch->options.follow && (mask & (IN_CREATE | IN_MOVED_TO)))
        watch->stale |= is_link(watch, path);
    tell(watch, path);
    free(path);
}

/* A folder itself went, moved, or changed. In the tree its parent tells that too, but not of the root. */
static void take_self(struct watch *watch, struct watched *folder, uint32_t mask)
{
    watch->stale |= folder->shared || !folder->path || folder->path[0] == '\0' || (mask & IN_UNMOUNT);
    if (mask & IN_IGNORED)
        watched_table_remove(&watch->table, folder, true);
}

static void take(struct watch *watch, const struct inotify_event *event)
{
    struct watched *folder = watched_table_get(&watch->table, event->wd);

    if (event->mask & IN_Q_OVERFLOW)
        watch->stale = true;
    if (!folder)
        return;
    if (event->len == 0 || event->mask & (IN_IGNORED | IN_UNMOUNT)) {
        take_self(watch, folder, event->mask);
    } else if (watched_has_name(folder, event->name)) {
        watch->stale |= (event->mask & TRACE_NAMES) != 0;
        tell(watch, NULL);
    } else if (folder->path && event->name[0] != '.') {
        take_entry(watch, folder, event->name, event->mask);
    }
}

static void take_all(struct watch *watch, const char *events, size_t size)
{
    const size_t head = sizeof(struct inotify_event);

    for (size_t at = 0; at + head <= size;) {
        const struct inotify_event *event = (const void *)(events + at);
        if (event->len > size - at - head)
            break;
        take(watch, event);
        at += head + event->len;
    }
}

static void settle(struct watch *watch)
{
    if (!watch->stale)
        return;
    refresh(watch);
    tell(watch, NULL);
}

void watch_feed(struct watch *watch, const void *events, size_t size)
{
    take_all(watch, events, size);
    settle(watch);
}

void watch_read(struct watch *watch)
{
    _Alignas(struct inotify_event) char events[8192];

    for (unsigned i = 0; i < MAX_READS; i++) {
        ssize_t size = read(watch->table.fd, events, sizeof events);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            break;
        take_all(watch, events, (size_t)size);
    }
    settle(watch);
}

const char *watch_degraded(const struct watch *watch)
{
    return watch->reason[0] != '\0' ? watch->reason : NULL;
}

int watch_rescan_ms(const struct watch *watch)
{
    if (watch->reason[0] == '\0')
        return -1;
    return watch->options.rescan_ms > 0 ? watch->options.rescan_ms : WATCH_RESCAN_MS;
}

void watch_rescan(struct watch *watch)
{
    if (watch->table.fd < 0) {
        watched_table_release(&watch->table);
        init_table(watch);
    }
    refresh(watch);
    tell(watch, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/knowns.h"

#include "base/links.h"
#include "base/slab.h"

#include <stdlib.h>
#include <string.h>

/* What an Api is known by stands behind it: key and NUL, packed uid, version and NUL. */
struct record {
    struct known known;
    struct link link;
    char text[];
};

struct knowns {
    struct slab slab;
    struct links links;
};

/* In steps, so that a version that gets longer mostly stays where it is. */
static size_t record_size(size_t texts)
{
    return (offsetof(struct record, text) + texts + 7) / 8 * 8;
}

static const struct record *record_of(const struct known *known)
{
    return (const struct record *)(const void *)known;
}

static struct record *record_with(struct link *link)
{
    return (struct record *)(void *)((char *)link - offsetof(struct record, link));
}

static const char *uid_of(const struct record *record)
{
    return record->text + strlen(record->text) + 1;
}

/* Where the version stands among the texts. */
static size_t version_at(const struct record *record)
{
    return (size_t)(uid_skip(uid_of(record)) - record->text);
}

static size_t size_of(const struct record *record)
{
    size_t at = version_at(record);

    return record_size(at + strlen(record->text + at) + 1);
}

static uint64_t hash_of(const struct link *link)
{
    const char *key = (const char *)link - offsetof(struct record, link) + offsetof(struct record, text);

    return links_hash_text(key);
}

struct knowns *knowns_new(void)
{
    struct knowns *knowns = calloc(1, sizeof *knowns);

    if (!knowns)
        return NULL;
    knowns->links.slab = &knowns->slab;
    knowns->links.hash = hash_of;
    return knowns;
}

void knowns_free(struct knowns *knowns)
{
    if (!knowns)
        return;
    links_release(&knowns->links);
    slab_release(&knowns->slab);
    free(knowns);
}

static struct record *seek(const struct knowns *knowns, const char *key)
{
    struct link *link =
        links_seek_text(&knowns->links, key, offsetof(struct record, text) - offsetof(struct record, link));

    return link ? record_with(link) : NULL;
}

static void drop(struct knowns *knowns, struct record *record)
{
    size_t size = size_of(record);
    slab_ref link = links_remove(&knowns->links, &record->link);

    slab_free(&knowns->slab, link - slab_inside(0, offsetof(struct record, link)), size);
}

/* Puts a record in the place of one that is NULL if there is none. */
static struct known *replace(struct knowns *knowns, struct record *record, slab_ref by)
{
    struct record *made = slab_at(&knowns->slab, by);

    if (record)
        drop(knowns, record);
    links_add(&knowns->links, slab_inside(by, offsetof(struct record, link)));
    return &made->known;
}

static struct known *set_version(struct knowns *knowns, struct record *record, const char *version)
{
    size_t at = version_at(record);
    size_t length = strlen(version) + 1;
    struct record *made;
    slab_ref ref;

    if (record_size(at + length) == size_of(record)) {
        memcpy(record->text + at, version, length);
        return &record->known;
    }
    ref = slab_alloc(&knowns->slab, record_size(at + length));
    if (ref == 0)
        return NULL;
    made = slab_at(&knowns->slab, ref);
    memcpy(made, record, offsetof(struct record, text) + at);
    memcpy(made->text + at, version, length);
    return replace(knowns, record, ref);
}

struct known *knowns_put(struct knowns *knowns, const char *key, const char *uid, const char *version)
{
    struct record *record = seek(knowns, key);
    size_t before = strlen(key) + 1;
    size_t length = strlen(version) + 1;
    size_t size = record_size(before + uid_packed_size(uid) + length);
    struct record *made;
    slab_ref ref;

    if (record && uid_is(uid_of(record), uid))
        return set_version(knowns, record, version);
    if (!record && !links_reserve(&knowns->links, 1))
        return NULL;
    ref = slab_alloc(&knowns->slab, size);
    if (ref == 0)
        return NULL;
    made = slab_at(&knowns->slab, ref);
    made->known = record ? record->known : (struct known){0};
    memcpy(made->text, key, before);
    memcpy(uid_pack(made->text + before, uid), version, length);
    return replace(knowns, record, ref);
}

struct known *knowns_set_version(struct knowns *knowns, struct known *known, const char *version)
{
    return set_version(knowns, (struct record *)(void *)known, version);
}

struct known *knowns_get(const struct knowns *knowns, const char *key)
{
    struct record *record = seek(knowns, key);

    return record ? &record->known : NULL;
}

bool knowns_remove(struct knowns *knowns, const char *key)
{
    struct record *record = seek(knowns, key);

    if (record)
        drop(knowns, record);
    return record;
}

const char *knowns_uid(const struct known *known, char buffer[UID_SIZE])
{
    return uid_text(uid_of(record_of(known)), buffer);
}

const char *knowns_version(const struct known *known)
{
    const struct record *record = record_of(known);

    return record->text + version_at(record);
}

size_t knowns_memory(const struct knowns *knowns)
{
    return sizeof *knowns + slab_memory(&knowns->slab) + links_memory(&knowns->links);
}

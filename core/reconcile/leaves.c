/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/leaves.h"

#include <string.h>

/* The link is the first member. */
static const struct leave *of_link(const struct link *link)
{
    return (const struct leave *)(const void *)link;
}

static uint64_t hash_of(const struct link *link)
{
    const char *key = of_link(link)->key;

    return links_hash_text(key);
}

static size_t size_for(const char *key)
{
    return sizeof(struct leave) + strlen(key) + 1;
}

void leaves_init(struct leaves *leaves)
{
    *leaves = (struct leaves){.by_key = {.slab = &leaves->slab, .hash = hash_of}};
}

bool leaves_note(struct leaves *leaves, struct entry *entry, const char *key)
{
    slab_ref ref = links_reserve(&leaves->by_key, 1) ? slab_alloc(&leaves->slab, size_for(key)) : 0;
    struct leave *made;

    if (ref == 0)
        return false;
    made = slab_at(&leaves->slab, ref);
    *made = (struct leave){.next = leaves->first, .entry = entry};
    memcpy(made->key, key, strlen(key) + 1);
    leaves->first = ref;
    links_add(&leaves->by_key, ref);
    entry->leaves++;
    return true;
}

const struct entry *leaves_find(const struct leaves *leaves, const char *key, const struct entry *except)
{
    const struct link *link = links_first(&leaves->by_key, links_hash_text(key));

    for (; link; link = links_next(&leaves->by_key, link)) {
        const struct leave *leave = of_link(link);
        if (leave->entry != except && strcmp(leave->key, key) == 0)
            return leave->entry;
    }
    return NULL;
}

const struct leave *leaves_first(const struct leaves *leaves)
{
    return leaves->first != 0 ? slab_at(&leaves->slab, leaves->first) : NULL;
}

void leaves_drop(struct leaves *leaves)
{
    const struct leave *dropped = slab_at(&leaves->slab, leaves->first);
    slab_ref ref = leaves->first;

    leaves->first = dropped->next;
    dropped->entry->leaves--;
    (void)links_remove(&leaves->by_key, &dropped->link);
    slab_free(&leaves->slab, ref, size_for(dropped->key));
}

void leaves_release(struct leaves *leaves)
{
    links_release(&leaves->by_key);
    slab_release(&leaves->slab);
    leaves->first = 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/leaves.h"

#include <stdlib.h>
#include <string.h>

bool leaves_note(struct leaves *leaves, struct entry *entry, const char *key)
{
    size_t size = strlen(key) + 1;
    struct leave *made = malloc(sizeof *made + size);

    if (!made || !chain_reserve(&leaves->table, 1)) {
        free(made);
        return false;
    }
    memcpy(made->key, key, size);
    made->link = (struct chain_link){.key = made->key, .owner = entry};
    made->entry = entry;
    made->next = leaves->first;
    leaves->first = made;
    chain_add(&leaves->table, &made->link);
    entry->leaves++;
    return true;
}

const struct entry *leaves_find(const struct leaves *leaves, const char *key, const struct entry *except)
{
    for (const struct chain_link *link = chain_first(&leaves->table, key); link; link = chain_next(link)) {
        if (link->owner != except)
            return link->owner;
    }
    return NULL;
}

void leaves_drop(struct leaves *leaves)
{
    struct leave *dropped = leaves->first;

    leaves->first = dropped->next;
    dropped->entry->leaves--;
    chain_remove(&leaves->table, &dropped->link);
    free(dropped);
}

void leaves_release(struct leaves *leaves)
{
    while (leaves->first)
        leaves_drop(leaves);
    chain_release(&leaves->table);
}

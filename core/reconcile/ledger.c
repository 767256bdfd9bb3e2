/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/ledger.h"

#include <stdlib.h>
#include <string.h>

struct ledger {
    struct slab slab; /* of entries, of what they ask for and have taken, and of related keys */
    struct links entries;
    struct links asks[ENTRY_CLAIMS];
    struct links takes[ENTRY_CLAIMS];
    struct links asked;
};

/* The link is the first member: of none there is none. */
static struct entry *of_link(const struct link *link)
{
    return (struct entry *)(uintptr_t)link;
}

static struct entry_pair *of_host(const struct link *link)
{
    return (struct entry_pair *)((uintptr_t)link - offsetof(struct entry_pair, links[ENTRY_HOST]));
}

static struct entry_pair *of_service(const struct link *link)
{
    return (struct entry_pair *)((uintptr_t)link - offsetof(struct entry_pair, links[ENTRY_SERVICE]));
}

/* As of_link(). */
static const struct entry_ask *of_ask(const struct link *link)
{
    return (const struct entry_ask *)link;
}

static const char *service_of(const struct entry_pair *pair)
{
    return pair->texts + strlen(pair->texts) + 1;
}

static uint64_t entry_hash(const struct link *link)
{
    return links_hash_text(of_link(link)->key);
}

static uint64_t host_hash(const struct link *link)
{
    return links_hash_text(of_host(link)->texts);
}

static uint64_t service_hash(const struct link *link)
{
    return links_hash_text(service_of(of_service(link)));
}

static uint64_t ask_hash(const struct link *link)
{
    return links_hash_text(of_ask(link)->key);
}

struct ledger *ledger_new(void)
{
    struct ledger *ledger = calloc(1, sizeof *ledger);

    if (!ledger)
        return NULL;
    ledger->entries = (struct links){.slab = &ledger->slab, .hash = entry_hash};
    ledger->asks[ENTRY_HOST] = (struct links){.slab = &ledger->slab, .hash = host_hash};
    ledger->asks[ENTRY_SERVICE] = (struct links){.slab = &ledger->slab, .hash = service_hash};
    ledger->asked = (struct links){.slab = &ledger->slab, .hash = ask_hash};
    ledger->takes[ENTRY_HOST] = ledger->asks[ENTRY_HOST];
    ledger->takes[ENTRY_SERVICE] = ledger->asks[ENTRY_SERVICE];
    return ledger;
}

static size_t pair_size(const char *host, const char *service)
{
    return offsetof(struct entry_pair, texts) + strlen(host) + strlen(service) + 2;
}

static size_t ask_size(const char *key)
{
    return offsetof(struct entry_ask, key) + strlen(key) + 1;
}

static void unlink_pair(struct ledger *ledger, struct links tables[ENTRY_CLAIMS], struct entry_pair *pair)
{
    slab_ref ref;

    if (!pair)
        return;
    (void)links_remove(&tables[ENTRY_SERVICE], &pair->links[ENTRY_SERVICE]);
    ref = links_remove(&tables[ENTRY_HOST], &pair->links[ENTRY_HOST]);
    slab_free(&ledger->slab, ref, pair_size(pair->texts, service_of(pair)));
}

static struct entry_ask *ask_at(const struct ledger *ledger, slab_ref ref)
{
    return ref != 0 ? slab_at(&ledger->slab, ref) : NULL;
}

/* Frees a list of keys; those that are linked are unlinked. */
static void drop_asked(struct ledger *ledger, slab_ref first, bool linked)
{
    while (first != 0) {
        const struct entry_ask *ask = slab_at(&ledger->slab, first);
        slab_ref next = ask->next;
        if (linked)
            (void)links_remove(&ledger->asked, &ask->link);
        slab_free(&ledger->slab, first, ask_size(ask->key));
        first = next;
    }
}

/* The key is the last member. */
static size_t size_of(const char *key)
{
    size_t size = offsetof(struct entry, key) + strlen(key) + 1;

    return size > sizeof(struct entry) ? size : sizeof(struct entry);
}

void ledger_remove(struct ledger *ledger, struct entry *entry)
{
    slab_ref ref;

    unlink_pair(ledger, ledger->asks, entry->asks);
    ledger_release(ledger, entry);
    drop_asked(ledger, entry->asked, true);
    entry_release(entry);
    ref = links_remove(&ledger->entries, &entry->link);
    slab_free(&ledger->slab, ref, size_of(entry->key));
}

static void release_visited(struct link *link, void *payload)
{
    (void)payload;
    entry_release(of_link(link));
}

void ledger_free(struct ledger *ledger)
{
    if (!ledger)
        return;
    links_each(&ledger->entries, release_visited, NULL);
    links_release(&ledger->entries);
    for (int i = 0; i < ENTRY_CLAIMS; i++) {
        links_release(&ledger->asks[i]);
        links_release(&ledger->takes[i]);
    }
    links_release(&ledger->asked);
    slab_release(&ledger->slab);
    free(ledger);
}

struct entry *ledger_get(const struct ledger *ledger, const char *key)
{
    return of_link(links_seek_text(&ledger->entries, key, offsetof(struct entry, key)));
}

struct entry *ledger_add(struct ledger *ledger, const char *key)
{
    struct entry *entry = ledger_get(ledger, key);
    slab_ref ref;

    if (entry)
        return entry;
    ref = links_reserve(&ledger->entries, 1) ? slab_alloc(&ledger->slab, size_of(key)) : 0;
    if (ref == 0)
        return NULL;
    entry = slab_at(&ledger->slab, ref);
    *entry = (struct entry){.created = INT64_MAX};
    memcpy(entry->key, key, strlen(key) + 1);
    (void)entry_set_uid(entry, NULL);
    links_add(&ledger->entries, ref);
    return entry;
}

static slab_ref ref_of(const struct ledger *ledger, const struct entry *entry)
{
    return links_find(&ledger->entries, &entry->link);
}

/* Puts a pair into one of the tables, instead of the one before. */
static bool relink(struct ledger *ledger, struct links tables[ENTRY_CLAIMS], struct entry *entry,
                   struct entry_pair **place, const char *const texts[ENTRY_CLAIMS])
{
    struct entry_pair *pair;
    slab_ref ref;

    if (!links_reserve(&tables[ENTRY_HOST], 1) || !links_reserve(&tables[ENTRY_SERVICE], 1))
        return false;
    ref = slab_alloc(&ledger->slab, pair_size(texts[ENTRY_HOST], texts[ENTRY_SERVICE]));
    if (ref == 0)
        return false;
    pair = slab_at(&ledger->slab, ref);
    pair->entry = ref_of(ledger, entry);
    memcpy(pair->texts, texts[ENTRY_HOST], strlen(texts[ENTRY_HOST]) + 1);
    memcpy(pair->texts + strlen(pair->texts) + 1, texts[ENTRY_SERVICE], strlen(texts[ENTRY_SERVICE]) + 1);
    unlink_pair(ledger, tables, *place);
    *place = pair;
    links_add(&tables[ENTRY_HOST], slab_inside(ref, offsetof(struct entry_pair, links[ENTRY_HOST])));
    links_add(&tables[ENTRY_SERVICE], slab_inside(ref, offsetof(struct entry_pair, links[ENTRY_SERVICE])));
    return true;
}

static bool same_pair(const struct entry_pair *pair, const char *host, const char *service)
{
    return pair && host && service && strcmp(pair->texts, host) == 0 &&
           strcmp(service_of(pair), service) == 0;
}

bool ledger_ask(struct ledger *ledger, struct entry *entry, const char *const texts[ENTRY_CLAIMS])
{
    if (!texts) {
        unlink_pair(ledger, ledger->asks, entry->asks);
        entry->asks = NULL;
        return true;
    }
    return same_pair(entry->asks, texts[ENTRY_HOST], texts[ENTRY_SERVICE]) ||
           relink(ledger, ledger->asks, entry, &entry->asks, texts);
}

bool ledger_has_taken(const struct entry *entry)
{
    return entry->rare &&
           same_pair(entry->rare->takes, entry_asks(entry, ENTRY_HOST), entry_asks(entry, ENTRY_SERVICE));
}

bool ledger_take(struct ledger *ledger, struct entry *entry)
{
    const char *const texts[ENTRY_CLAIMS] = {entry_asks(entry, ENTRY_HOST), entry_asks(entry, ENTRY_SERVICE)};
    bool taken;

    if (ledger_has_taken(entry))
        return true;
    if (!entry_need_rare(entry))
        return false;
    taken = relink(ledger, ledger->takes, entry, &entry->rare->takes, texts);
    entry_tidy(entry);
    return taken;
}

void ledger_release(struct ledger *ledger, struct entry *entry)
{
    if (!entry->rare)
        return;
    unlink_pair(ledger, ledger->takes, entry->rare->takes);
    entry->rare->takes = NULL;
    entry_tidy(entry);
}

/* @return the first of the list, 0 if memory is short. */
static slab_ref make_asked(struct ledger *ledger, const struct entry *entry, const char *const *keys,
                           size_t count)
{
    slab_ref first = 0;

    while (count > 0) {
        const char *key = keys[--count];
        slab_ref ref = slab_alloc(&ledger->slab, ask_size(key));
        struct entry_ask *ask;
        if (ref == 0) {
            drop_asked(ledger, first, false);
            return 0;
        }
        ask = slab_at(&ledger->slab, ref);
        *ask = (struct entry_ask){.entry = ref_of(ledger, entry), .next = first};
        memcpy(ask->key, key, strlen(key) + 1);
        first = ref;
    }
    return first;
}

static bool same_asked(const struct ledger *ledger, const struct entry *entry, const char *const *keys,
                       size_t count)
{
    const struct entry_ask *ask = ask_at(ledger, entry->asked);

    for (size_t i = 0; i < count; i++) {
        if (!ask || strcmp(ask->key, keys[i]) != 0)
            return false;
        ask = ask_at(ledger, ask->next);
    }
    return !ask;
}

bool ledger_note_asked(struct ledger *ledger, struct entry *entry, const char *const *keys, size_t count)
{
    slab_ref made;

    if (same_asked(ledger, entry, keys, count))
        return true;
    made = links_reserve(&ledger->asked, count) ? make_asked(ledger, entry, keys, count) : 0;
    if (made == 0 && count > 0)
        return false;
    drop_asked(ledger, entry->asked, true);
    entry->asked = made;
    for (slab_ref ref = made; ref != 0; ref = ask_at(ledger, ref)->next)
        links_add(&ledger->asked, ref);
    return true;
}

const struct entry_ask *ledger_each_asked(const struct ledger *ledger, const struct entry *entry,
                                          const struct entry_ask *after)
{
    return ask_at(ledger, after ? after->next : entry->asked);
}

/* A Service has a slash, a host has none. */
static enum entry_claim claim_of(const char *claim)
{
    return strchr(claim, '/') ? ENTRY_SERVICE : ENTRY_HOST;
}

/* The first one from a link on that is about this claim. */
static struct entry *seek(const struct ledger *ledger, const struct links *links, const struct link *link,
                          const char *claim)
{
    bool host = claim_of(claim) == ENTRY_HOST;

    for (; link; link = links_next(links, link)) {
        const struct entry_pair *pair = host ? of_host(link) : of_service(link);
        if (strcmp(host ? pair->texts : service_of(pair), claim) == 0)
            return slab_at(&ledger->slab, pair->entry);
    }
    return NULL;
}

static const struct links *table_of(const struct ledger *ledger, const char *claim, bool takes)
{
    return takes ? &ledger->takes[claim_of(claim)] : &ledger->asks[claim_of(claim)];
}

struct entry *ledger_first(const struct ledger *ledger, const char *claim, bool takes)
{
    const struct links *links = table_of(ledger, claim, takes);

    return seek(ledger, links, links_first(links, links_hash_text(claim)), claim);
}

struct entry *ledger_next(const struct ledger *ledger, const struct entry *entry, const char *claim,
                          bool takes)
{
    const struct links *links = table_of(ledger, claim, takes);
    const struct entry_pair *pair = takes ? entry->rare->takes : entry->asks;

    return seek(ledger, links, links_next(links, &pair->links[claim_of(claim)]), claim);
}

static const struct entry_ask *seek_ask(const struct ledger *ledger, const struct link *link, const char *key)
{
    while (link && strcmp(of_ask(link)->key, key) != 0)
        link = links_next(&ledger->asked, link);
    return link ? of_ask(link) : NULL;
}

const struct entry_ask *ledger_first_asked(const struct ledger *ledger, const char *key)
{
    return seek_ask(ledger, links_first(&ledger->asked, links_hash_text(key)), key);
}

const struct entry_ask *ledger_next_asked(const struct ledger *ledger, const struct entry_ask *ask)
{
    return seek_ask(ledger, links_next(&ledger->asked, &ask->link), ask->key);
}

struct entry *ledger_asker(const struct ledger *ledger, const struct entry_ask *ask)
{
    return slab_at(&ledger->slab, ask->entry);
}

size_t ledger_count(const struct ledger *ledger)
{
    return ledger->entries.count;
}

static void collect(struct link *link, void *payload)
{
    struct entry ***at = payload;

    *(*at)++ = of_link(link);
}

static void count_absent(struct link *link, void *payload)
{
    const struct entry *entry = of_link(link);
    size_t *count = payload;

    *count += !entry->present;
}

size_t ledger_count_absent(const struct ledger *ledger)
{
    size_t count = 0;

    links_each(&ledger->entries, count_absent, &count);
    return count;
}

static int compare(const void *a, const void *b)
{
    const struct entry *const *left = a;
    const struct entry *const *right = b;

    return strcmp((*left)->key, (*right)->key);
}

struct entry **ledger_sorted(const struct ledger *ledger)
{
    struct entry **list = calloc(ledger->entries.count + 1, sizeof *list);
    struct entry **at = list;

    if (!list)
        return NULL;
    links_each(&ledger->entries, collect, &at);
    qsort(list, ledger->entries.count, sizeof *list, compare);
    return list;
}

size_t ledger_memory(const struct ledger *ledger)
{
    size_t bytes = slab_memory(&ledger->slab) + links_memory(&ledger->entries) + links_memory(&ledger->asked);

    for (int i = 0; i < ENTRY_CLAIMS; i++)
        bytes += links_memory(&ledger->asks[i]) + links_memory(&ledger->takes[i]);
    return bytes;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/ledger.h"

#include <stdlib.h>
#include <string.h>

struct ledger {
    struct chain_table entries;
    struct chain_table asks;
    struct chain_table takes;
    struct chain_table asked;
    size_t bytes; /* of entries and what they own */
};

struct ledger *ledger_new(void)
{
    return calloc(1, sizeof(struct ledger));
}

/* All links are there or none; the first one owns the texts. */
static void unlink_claims(struct ledger *ledger, struct chain_table *table,
                          struct chain_link links[ENTRY_CLAIMS])
{
    char *texts = (char *)(uintptr_t)links[0].key;

    if (!texts)
        return;
    for (int i = 0; i < ENTRY_CLAIMS && links[i].key; i++) {
        chain_remove(table, &links[i]);
        ledger->bytes -= strlen(links[i].key) + 1;
        links[i] = (struct chain_link){0};
    }
    free(texts);
}

static void forget_asked(struct ledger *ledger, struct entry *entry)
{
    for (unsigned i = 0; i < entry->asked_count; i++) {
        chain_remove(&ledger->asked, &entry->asked[i]);
        ledger->bytes -= sizeof entry->asked[i] + strlen(entry->asked[i].key) + 1;
    }
    free(entry->asked);
    entry->asked = NULL;
    entry->asked_count = 0;
}

static size_t size_of(const struct entry *entry)
{
    return sizeof *entry + strlen(entry->key) + 1;
}

void ledger_remove(struct ledger *ledger, struct entry *entry)
{
    unlink_claims(ledger, &ledger->asks, entry->asks);
    ledger_release(ledger, entry);
    forget_asked(ledger, entry);
    chain_remove(&ledger->entries, &entry->link);
    ledger->bytes -= size_of(entry);
    for (int i = 0; i < ENTRY_CLAIMS; i++)
        free(entry->shown[i]);
    free(entry->message);
    setback_free(entry->setback);
    contest_free(entry->contest);
    free(entry->uid);
    free(entry);
}

static void remove_visited(struct chain_link *link, void *payload)
{
    ledger_remove(payload, link->owner);
}

void ledger_free(struct ledger *ledger)
{
    if (!ledger)
        return;
    chain_each(&ledger->entries, remove_visited, ledger);
    chain_release(&ledger->entries);
    chain_release(&ledger->asks);
    chain_release(&ledger->takes);
    chain_release(&ledger->asked);
    free(ledger);
}

struct entry *ledger_get(const struct ledger *ledger, const char *key)
{
    const struct chain_link *link = chain_first(&ledger->entries, key);

    return link ? link->owner : NULL;
}

struct entry *ledger_add(struct ledger *ledger, const char *key)
{
    struct entry *entry = ledger_get(ledger, key);
    size_t length = strlen(key);

    if (entry)
        return entry;
    if (!chain_reserve(&ledger->entries, 1))
        return NULL;
    entry = calloc(1, sizeof *entry + length + 1);
    if (!entry)
        return NULL;
    memcpy(entry->key, key, length);
    entry->created = INT64_MAX;
    entry->link = (struct chain_link){.key = entry->key, .owner = entry};
    chain_add(&ledger->entries, &entry->link);
    ledger->bytes += size_of(entry);
    return entry;
}

/* Replaces the links of an entry in one of the tables. */
static bool relink(struct ledger *ledger, struct chain_table *table, struct entry *entry,
                   struct chain_link links[ENTRY_CLAIMS], const char *const texts[ENTRY_CLAIMS])
{
    size_t size = 0;
    char *copy;

    for (int i = 0; i < ENTRY_CLAIMS; i++)
        size += strlen(texts[i]) + 1;
    copy = chain_reserve(table, ENTRY_CLAIMS) ? malloc(size) : NULL;
    if (!copy)
        return false;
    unlink_claims(ledger, table, links);
    for (int i = 0; i < ENTRY_CLAIMS; i++) {
        size_t length = strlen(texts[i]) + 1;
        memcpy(copy, texts[i], length);
        links[i] = (struct chain_link){.key = copy, .owner = entry};
        chain_add(table, &links[i]);
        copy += length;
    }
    ledger->bytes += size;
    return true;
}

static bool same_claims(const struct chain_link links[ENTRY_CLAIMS], const char *const *texts)
{
    for (int i = 0; i < ENTRY_CLAIMS; i++) {
        if (!links[i].key || strcmp(links[i].key, texts[i]) != 0)
            return false;
    }
    return true;
}

bool ledger_ask(struct ledger *ledger, struct entry *entry, const char *const texts[ENTRY_CLAIMS])
{
    if (!texts) {
        unlink_claims(ledger, &ledger->asks, entry->asks);
        return true;
    }
    return same_claims(entry->asks, texts) || relink(ledger, &ledger->asks, entry, entry->asks, texts);
}

bool ledger_has_taken(const struct entry *entry)
{
    const char *const texts[ENTRY_CLAIMS] = {entry->asks[ENTRY_HOST].key, entry->asks[ENTRY_SERVICE].key};

    return entry->takes && same_claims(entry->takes, texts);
}

bool ledger_take(struct ledger *ledger, struct entry *entry)
{
    const char *const texts[ENTRY_CLAIMS] = {entry->asks[ENTRY_HOST].key, entry->asks[ENTRY_SERVICE].key};

    if (ledger_has_taken(entry))
        return true;
    if (!entry->takes) {
        entry->takes = calloc(ENTRY_CLAIMS, sizeof *entry->takes);
        ledger->bytes += entry->takes ? ENTRY_CLAIMS * sizeof *entry->takes : 0;
    }
    return entry->takes && relink(ledger, &ledger->takes, entry, entry->takes, texts);
}

void ledger_release(struct ledger *ledger, struct entry *entry)
{
    if (!entry->takes)
        return;
    unlink_claims(ledger, &ledger->takes, entry->takes);
    ledger->bytes -= ENTRY_CLAIMS * sizeof *entry->takes;
    free(entry->takes);
    entry->takes = NULL;
}

/* The links and, behind them, their texts. */
static struct chain_link *make_asked(struct entry *entry, const char *const *keys, size_t count)
{
    size_t size = count * sizeof(struct chain_link);
    struct chain_link *made;
    char *at;

    for (size_t i = 0; i < count; i++)
        size += strlen(keys[i]) + 1;
    made = malloc(size);
    if (!made)
        return NULL;
    at = (char *)(made + count);
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(keys[i]) + 1;
        memcpy(at, keys[i], length);
        made[i] = (struct chain_link){.key = at, .owner = entry};
        at += length;
    }
    return made;
}

static bool same_asked(const struct entry *entry, const char *const *keys, size_t count)
{
    if (entry->asked_count != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(entry->asked[i].key, keys[i]) != 0)
            return false;
    }
    return true;
}

bool ledger_note_asked(struct ledger *ledger, struct entry *entry, const char *const *keys, size_t count)
{
    struct chain_link *made = NULL;

    if (same_asked(entry, keys, count))
        return true;
    if (count > 0) {
        made = chain_reserve(&ledger->asked, count) ? make_asked(entry, keys, count) : NULL;
        if (!made)
            return false;
    }
    forget_asked(ledger, entry);
    entry->asked = made;
    entry->asked_count = (unsigned)count;
    for (size_t i = 0; i < count; i++) {
        chain_add(&ledger->asked, &made[i]);
        ledger->bytes += sizeof made[i] + strlen(made[i].key) + 1;
    }
    return true;
}

const struct chain_link *ledger_first(const struct ledger *ledger, const char *claim, bool takes)
{
    return chain_first(takes ? &ledger->takes : &ledger->asks, claim);
}

const struct chain_link *ledger_first_asked(const struct ledger *ledger, const char *key)
{
    return chain_first(&ledger->asked, key);
}

bool entry_older(const struct entry *a, const struct entry *b)
{
    if (a->created != b->created)
        return a->created < b->created;
    return strcmp(a->key, b->key) < 0;
}

size_t ledger_count(const struct ledger *ledger)
{
    return ledger->entries.count;
}

static void collect(struct chain_link *link, void *payload)
{
    struct entry ***at = payload;

    *(*at)++ = link->owner;
}

static void count_absent(struct chain_link *link, void *payload)
{
    const struct entry *entry = link->owner;
    size_t *count = payload;

    *count += !entry->present;
}

size_t ledger_count_absent(const struct ledger *ledger)
{
    size_t count = 0;

    chain_each(&ledger->entries, count_absent, &count);
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
    chain_each(&ledger->entries, collect, &at);
    qsort(list, ledger->entries.count, sizeof *list, compare);
    return list;
}

size_t ledger_memory(const struct ledger *ledger)
{
    return ledger->bytes + chain_memory(&ledger->entries) + chain_memory(&ledger->asks) +
           chain_memory(&ledger->takes) + chain_memory(&ledger->asked);
}

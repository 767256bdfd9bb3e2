/* SPDX-License-Identifier: Apache-2.0 */
#include "store/observed.h"

#include "store/observed_entry.h"

#include <stdlib.h>
#include <string.h>

struct observed_table {
    const struct settings *settings;
    uint64_t seed;
    const struct apigw_kind **kinds;
    int kinds_count;
    struct slab slab;
    struct links places; /* by namespace and name */
    struct links owners; /* by namespace and name of the Api */
    struct links names;
};

static uint64_t hash_pair(const char *name_space, const char *name)
{
    return links_hash_pair(name_space, strlen(name_space), name, strlen(name));
}

static const struct observed *of_place(const struct link *link)
{
    return (const struct observed *)((const char *)link - offsetof(struct observed, place));
}

static const struct observed *of_owner(const struct link *link)
{
    return (const struct observed *)((const char *)link - offsetof(struct observed, owner));
}

/* The link is the first member. */
static const struct observed_name *name_of(const struct link *link)
{
    return (const struct observed_name *)link;
}

static uint64_t place_hash(const struct link *link)
{
    const struct observed *object = of_place(link);

    return hash_pair(observed_namespace(object), observed_own_name(object));
}

static uint64_t owner_hash(const struct link *link)
{
    const struct observed *object = of_owner(link);

    return hash_pair(observed_namespace(object), observed_api_name(object));
}

static uint64_t name_hash(const struct link *link)
{
    const struct observed_name *name = name_of(link);

    return links_hash_text(name->key);
}

struct observed_table *observed_new(const struct settings *settings, uint64_t seed)
{
    struct observed_table *table = calloc(1, sizeof *table);

    if (!table)
        return NULL;
    table->settings = settings;
    table->seed = seed;
    table->places = (struct links){.slab = &table->slab, .hash = place_hash};
    table->owners = (struct links){.slab = &table->slab, .hash = owner_hash};
    table->names = (struct links){.slab = &table->slab, .hash = name_hash};
    return table;
}

void observed_free(struct observed_table *table)
{
    if (!table)
        return;
    links_release(&table->places);
    links_release(&table->owners);
    links_release(&table->names);
    slab_release(&table->slab);
    free(table->kinds);
    free(table);
}

static bool named(const char *wanted, const char *found)
{
    return !wanted || strcmp(wanted, found) == 0;
}

int observed_kind(const struct observed_table *table, const char *group, const char *kind, const char *plural)
{
    for (int i = 0; i < table->kinds_count; i++) {
        const struct apigw_kind *found = table->kinds[i];
        if (strcmp(found->group, group) == 0 && named(kind, found->kind) && named(plural, found->plural))
            return i;
    }
    return ERROR_NOT_FOUND;
}

int observed_add_kind(struct observed_table *table, const struct apigw_kind *kind)
{
    int number = observed_kind(table, kind->group, kind->kind, NULL);
    const struct apigw_kind **kinds;

    if (number >= 0)
        return number;
    kinds = realloc(table->kinds, ((size_t)table->kinds_count + 1) * sizeof *kinds);
    if (!kinds)
        return ERROR_NO_MEMORY;
    table->kinds = kinds;
    kinds[table->kinds_count] = kind;
    return table->kinds_count++;
}

const struct apigw_kind *observed_descriptor(const struct observed_table *table, int kind)
{
    return table->kinds[kind];
}

static void unlink_entry(struct observed_table *table, const struct observed *entry)
{
    slab_ref ref = links_remove(&table->places, &entry->place);
    const struct observed_name *name = NULL;

    if (entry->ours)
        (void)links_remove(&table->owners, &entry->owner);
    while ((name = observed_each_name(entry, name)))
        (void)links_remove(&table->names, &name->link);
    slab_free(&table->slab, ref, observed_entry_size(entry));
}

static void link_entry(struct observed_table *table, slab_ref ref)
{
    const struct observed *entry = slab_at(&table->slab, ref);
    const struct observed_name *name = NULL;

    links_add(&table->places, slab_inside(ref, offsetof(struct observed, place)));
    if (entry->ours)
        links_add(&table->owners, slab_inside(ref, offsetof(struct observed, owner)));
    while ((name = observed_each_name(entry, name)))
        links_add(&table->names, ref + name->back);
}

static const struct observed *find(const struct observed_table *table, int kind, enum observed_side side,
                                   const char *name_space, const char *name)
{
    const struct link *link = links_first(&table->places, hash_pair(name_space, name));

    for (; link; link = links_next(&table->places, link)) {
        const struct observed *object = of_place(link);
        if (object->kind == kind && object->beside == (side == OBSERVED_SOURCE) &&
            strcmp(observed_namespace(object), name_space) == 0 &&
            strcmp(observed_own_name(object), name) == 0)
            return object;
    }
    return NULL;
}

struct observed *observed_make(const struct observed_table *table, const struct observed_fact *fact)
{
    return observed_entry_make(table->kinds[fact->kind], table->settings, table->seed, fact);
}

void observed_discard(struct observed *entry)
{
    free(entry);
}

/* Moves an entry into the table. @return where it stands, or 0. */
static slab_ref settle(struct observed_table *table, const struct observed *entry)
{
    size_t size = observed_entry_size(entry);
    const struct observed_name *name = NULL;
    size_t names = 0;
    slab_ref ref;

    while ((name = observed_each_name(entry, name)))
        names++;
    if (!links_reserve(&table->places, 1) || !links_reserve(&table->owners, 1) ||
        !links_reserve(&table->names, names))
        return 0;
    ref = slab_alloc(&table->slab, size);
    if (ref != 0)
        memcpy(slab_at(&table->slab, ref), entry, size);
    return ref;
}

/* Everything that can fail comes before the first change. */
int observed_put(struct observed_table *table, const struct observed_fact *fact)
{
    struct observed *entry = fact->made ? *fact->made : NULL;
    const struct observed *old;
    slab_ref ref;

    if (fact->made)
        *fact->made = NULL;
    if (!entry)
        entry = observed_make(table, fact);
    ref = entry ? settle(table, entry) : 0;
    free(entry);
    if (ref == 0)
        return ERROR_NO_MEMORY;
    old = find(table, fact->kind, fact->side, fact->name_space, fact->name);
    if (old)
        unlink_entry(table, old);
    link_entry(table, ref);
    return 0;
}

bool observed_remove(struct observed_table *table, int kind, enum observed_side side, const char *name_space,
                     const char *name)
{
    const struct observed *entry = find(table, kind, side, name_space, name);

    if (entry)
        unlink_entry(table, entry);
    return entry;
}

const struct observed *observed_get(const struct observed_table *table, int kind, enum observed_side side,
                                    const char *name_space, const char *name)
{
    return find(table, kind, side, name_space, name);
}

/* The first one from a link on that was made for an Api. */
static const struct observed *seek_of(const struct observed_table *table, const struct link *link,
                                      const char *api_key)
{
    while (link && !observed_is_of(of_owner(link), api_key))
        link = links_next(&table->owners, link);
    return link ? of_owner(link) : NULL;
}

const struct observed *observed_first(const struct observed_table *table, const char *api_key)
{
    const char *name = strchr(api_key, '/');
    size_t before = name ? (size_t)(name - api_key) : 0;

    if (!name)
        return NULL;
    return seek_of(table,
                   links_first(&table->owners, links_hash_pair(api_key, before, name + 1, strlen(name + 1))),
                   api_key);
}

const struct observed *observed_next(const struct observed_table *table, const struct observed *object)
{
    char key[KEY_SIZE];

    return seek_of(table, links_next(&table->owners, &object->owner), observed_api_key(object, key));
}

static const struct observed_name *seek_name(const struct observed_table *table, const struct link *link,
                                             const char *key)
{
    while (link && strcmp(name_of(link)->key, key) != 0)
        link = links_next(&table->names, link);
    return link ? name_of(link) : NULL;
}

const struct observed_name *observed_first_name(const struct observed_table *table, const char *key)
{
    return seek_name(table, links_first(&table->names, links_hash_text(key)), key);
}

const struct observed_name *observed_next_name(const struct observed_table *table,
                                               const struct observed_name *name)
{
    return seek_name(table, links_next(&table->names, &name->link), name->key);
}

uint64_t observed_seed(const struct observed_table *table)
{
    return table->seed;
}

/* A visitor on its way through the links. */
struct visitor {
    void (*visit)(const struct observed *object, void *payload);
    void *payload;
};

static void visit_link(struct link *link, void *payload)
{
    const struct visitor *visitor = payload;

    visitor->visit(of_place(link), visitor->payload);
}

void observed_each(const struct observed_table *table,
                   void (*visit)(const struct observed *object, void *payload), void *payload)
{
    struct visitor visitor = {visit, payload};

    links_each(&table->places, visit_link, &visitor);
}

size_t observed_count(const struct observed_table *table)
{
    return table->places.count;
}

size_t observed_memory(const struct observed_table *table)
{
    return slab_memory(&table->slab) + links_memory(&table->places) + links_memory(&table->owners) +
           links_memory(&table->names);
}

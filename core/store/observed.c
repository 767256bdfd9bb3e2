/* SPDX-License-Identifier: Apache-2.0 */
#include "store/observed.h"

#include "base/arena.h"
#include "object/content.h"
#include "object/key.h"
#include "object/owner.h"
#include "object/place.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct observed_table {
    const struct settings *settings;
    uint64_t seed;
    const struct apigw_kind **kinds;
    int kinds_count;
    struct chain_table places; /* by "KIND SIDE NAMESPACE/NAME" */
    struct chain_table owners; /* by "NAMESPACE/API" */
    struct chain_table names;
    size_t bytes; /* of the entries */
};

/* Room for the key of a place. */
enum { PLACE_SIZE = 16 + KEY_SIZE };

struct observed_table *observed_new(const struct settings *settings, uint64_t seed)
{
    struct observed_table *table = calloc(1, sizeof *table);

    if (!table)
        return NULL;
    table->settings = settings;
    table->seed = seed;
    return table;
}

static struct observed *of_link(const struct chain_link *link)
{
    return link->owner;
}

static void free_entry(struct chain_link *link, void *payload)
{
    (void)payload;
    free(of_link(link));
}

void observed_free(struct observed_table *table)
{
    if (!table)
        return;
    chain_each(&table->places, free_entry, NULL);
    chain_release(&table->places);
    chain_release(&table->owners);
    chain_release(&table->names);
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

/* A name on its way into an entry. */
struct found {
    struct found *next;
    const char *key;
    unsigned use;
};

/* The names of an object, gathered before the entry is made. */
struct gathering {
    struct arena arena;
    struct found *first;
    size_t count;
    size_t bytes;
    const char *name_space;
    unsigned use;
    bool failed;
};

static bool add_name(struct gathering *gathering, const char *key)
{
    struct found *found;

    for (found = gathering->first; found; found = found->next) {
        if (found->use == gathering->use && strcmp(found->key, key) == 0)
            return true;
    }
    found = arena_alloc(&gathering->arena, sizeof *found);
    gathering->failed = !found || !(found->key = arena_string(&gathering->arena, key));
    if (gathering->failed)
        return false;
    found->use = gathering->use;
    found->next = gathering->first;
    gathering->first = found;
    gathering->count++;
    gathering->bytes += strlen(key) + 1;
    return true;
}

/* Hosts are compared in lower case (RFC 4343); a wildcard takes no single host away. */
static bool gather_host(const char *text, int32_t form, void *payload)
{
    char lower[SUBDOMAIN_MAX + 1];
    size_t length = strlen(text);

    (void)form;
    if (length > SUBDOMAIN_MAX || strchr(text, '*') || strchr(text, '/'))
        return true;
    for (size_t i = 0; i <= length; i++)
        lower[i] = (char)tolower((unsigned char)text[i]);
    return add_name(payload, lower);
}

static bool gather_service(const char *text, int32_t form, void *payload)
{
    struct gathering *gathering = payload;
    char key[PLACE_SERVICE_SIZE];

    return !place_service(text, form, gathering->name_space, key) || add_name(gathering, key);
}

static void gather(const struct apigw_kind *kind, const struct observed_fact *fact, bool ours,
                   struct gathering *gathering)
{
    static const struct {
        int32_t path;
        unsigned use;
        place_fn visit;
    } uses[] = {{APIGW_USE_CLAIMS_HOST, OBSERVED_CLAIMS_HOST, gather_host},
                {APIGW_USE_LEADS_TO_SERVICE, OBSERVED_LEADS_TO, gather_service},
                {APIGW_USE_PROTECTS_SERVICE, OBSERVED_PROTECTS_SERVICE, gather_service},
                {APIGW_USE_PROTECTS_HOST, OBSERVED_PROTECTS_HOST, gather_host}};

    /* Of what is not ours only the hosts stand in somebody's way. */
    for (size_t i = 0; i < (ours ? sizeof uses / sizeof *uses : 1); i++) {
        gathering->use = uses[i].use;
        if (!place_each(kind, uses[i].path, fact->object, uses[i].visit, gathering))
            return;
    }
}

static char *append(char **at, const char *string)
{
    char *place = *at;
    size_t size = strlen(string) + 1;

    memcpy(place, string, size);
    *at += size;
    return place;
}

static size_t size_of(const char *string)
{
    return string ? strlen(string) + 1 : 0;
}

/* Copies a text behind the entry; what is not there stays not there. */
static const char *keep(char **at, const char *string)
{
    return string ? append(at, string) : NULL;
}

/* As printf's "%d %d %.63s/%.253s", which takes its time. */
static void place_key(char key[PLACE_SIZE], int kind, enum observed_side side, const char *name_space,
                      const char *name)
{
    size_t before = strnlen(name_space, LABEL_MAX);
    size_t after = strnlen(name, SUBDOMAIN_MAX);
    size_t at = kind < 10 ? 1 : (size_t)snprintf(key, PLACE_SIZE, "%d", kind);

    if (kind < 10)
        key[0] = (char)('0' + kind);
    key[at++] = ' ';
    key[at++] = (char)('0' + (int)side);
    key[at++] = ' ';
    memcpy(key + at, name_space, before);
    at += before;
    key[at++] = '/';
    memcpy(key + at, name, after);
    key[at + after] = '\0';
}

/* The name that the key of a place ends in; one that is no valid name may be cut there. */
static const char *name_in(const char *place, const char *name)
{
    size_t length = strlen(place);
    size_t size = strlen(name);

    return size < length && strcmp(place + length - size, name) == 0 ? place + length - size : NULL;
}

static void fill_names(struct observed *entry, const struct gathering *gathering, char **at)
{
    for (const struct found *found = gathering->first; found; found = found->next) {
        struct observed_name *name = &entry->names[entry->names_count++];
        name->use = found->use;
        name->link = (struct chain_link){.key = append(at, found->key), .owner = entry};
    }
}

/* All texts stand behind the entry, in one allocation. */
static struct observed *make_entry(const struct observed_fact *fact, const struct owner *owner,
                                   const struct content *content, const struct gathering *gathering)
{
    char place[PLACE_SIZE];
    char api[KEY_SIZE] = "";
    const char *uid = owner->ours && owner->uid ? owner->uid : "";
    struct observed *entry;
    size_t size;
    char *at;

    place_key(place, fact->kind, fact->side, fact->name_space, fact->name);
    if (owner->ours)
        key_format(api, fact->name_space, owner->name);
    size = sizeof *entry + gathering->count * sizeof entry->names[0] + gathering->bytes + strlen(place) + 1 +
           strlen(api) + 1 + size_of(fact->name_space) + size_of(uid) +
           (name_in(place, fact->name) ? 0 : size_of(fact->name)) + size_of(fact->uid) +
           size_of(fact->version) + size_of(fact->problem) + size_of(content->extra);
    entry = malloc(size);
    if (!entry)
        return NULL;
    *entry = (struct observed){
        .kind = fact->kind, .side = fact->side, .size = (uint32_t)size, .imprint = content->imprint};
    at = (char *)entry + sizeof *entry + gathering->count * sizeof entry->names[0];
    fill_names(entry, gathering, &at);
    entry->place = (struct chain_link){.key = append(&at, place), .owner = entry};
    entry->owner = (struct chain_link){.key = append(&at, api), .owner = entry};
    entry->ours = owner->ours;
    entry->historic = owner->historic;
    entry->api = owner->ours ? entry->owner.key + strlen(fact->name_space) + 1 : NULL;
    entry->name_space = keep(&at, fact->name_space);
    entry->name = name_in(entry->place.key, fact->name);
    if (!entry->name)
        entry->name = keep(&at, fact->name);
    entry->api_uid = keep(&at, uid);
    entry->uid = keep(&at, fact->uid);
    entry->version = keep(&at, fact->version);
    entry->problem = keep(&at, fact->problem);
    entry->extra = keep(&at, content->extra);
    return entry;
}

static void unlink_entry(struct observed_table *table, struct observed *entry)
{
    chain_remove(&table->places, &entry->place);
    if (entry->ours)
        chain_remove(&table->owners, &entry->owner);
    for (size_t i = 0; i < entry->names_count; i++)
        chain_remove(&table->names, &entry->names[i].link);
    table->bytes -= entry->size;
    free(entry);
}

static void link_entry(struct observed_table *table, struct observed *entry)
{
    chain_add(&table->places, &entry->place);
    if (entry->ours)
        chain_add(&table->owners, &entry->owner);
    for (size_t i = 0; i < entry->names_count; i++)
        chain_add(&table->names, &entry->names[i].link);
    table->bytes += entry->size;
}

static struct observed *find(const struct observed_table *table, int kind, enum observed_side side,
                             const char *name_space, const char *name)
{
    char place[PLACE_SIZE];
    const struct chain_link *link;

    place_key(place, kind, side, name_space, name);
    link = chain_first(&table->places, place);
    return link ? of_link(link) : NULL;
}

static struct observed *make(const struct observed_table *table, const struct observed_fact *fact,
                             struct gathering *gathering, struct content *content)
{
    struct owner owner = {0};

    if (fact->object && fact->side == OBSERVED_SINK)
        owner = owner_of(fact->object, table->settings);
    if (fact->object)
        gather(table->kinds[fact->kind], fact, owner.ours, gathering);
    if (gathering->failed || (owner.ours && content_of(fact->object, table->seed, content) != 0))
        return NULL;
    return make_entry(fact, &owner, content, gathering);
}

struct observed *observed_make(const struct observed_table *table, const struct observed_fact *fact)
{
    struct gathering gathering = {.name_space = fact->name_space};
    struct content content = {0};
    struct observed *entry = make(table, fact, &gathering, &content);

    free(content.extra);
    arena_release(&gathering.arena);
    return entry;
}

void observed_discard(struct observed *entry)
{
    free(entry);
}

static struct observed *take_made(const struct observed_fact *fact)
{
    struct observed *entry = fact->made ? *fact->made : NULL;

    if (entry)
        *fact->made = NULL;
    return entry;
}

/* Everything that can fail comes before the first change. */
int observed_put(struct observed_table *table, const struct observed_fact *fact)
{
    struct observed *entry = take_made(fact);
    struct observed *old;

    if (!entry)
        entry = observed_make(table, fact);
    if (!entry || !chain_reserve(&table->places, 1) || !chain_reserve(&table->owners, 1) ||
        !chain_reserve(&table->names, entry->names_count)) {
        free(entry);
        return ERROR_NO_MEMORY;
    }
    old = find(table, fact->kind, fact->side, fact->name_space, fact->name);
    if (old)
        unlink_entry(table, old);
    link_entry(table, entry);
    return 0;
}

bool observed_remove(struct observed_table *table, int kind, enum observed_side side, const char *name_space,
                     const char *name)
{
    struct observed *entry = find(table, kind, side, name_space, name);

    if (entry)
        unlink_entry(table, entry);
    return entry;
}

const struct observed *observed_get(const struct observed_table *table, int kind, enum observed_side side,
                                    const char *name_space, const char *name)
{
    return find(table, kind, side, name_space, name);
}

const struct observed *observed_first(const struct observed_table *table, const char *api_key)
{
    const struct chain_link *link = chain_first(&table->owners, api_key);

    return link ? of_link(link) : NULL;
}

const struct observed *observed_next(const struct observed *object)
{
    const struct chain_link *link = chain_next(&object->owner);

    return link ? of_link(link) : NULL;
}

/* The link is the first member. */
static const struct observed_name *name_of(const struct chain_link *link)
{
    return (const struct observed_name *)link;
}

const struct observed_name *observed_first_name(const struct observed_table *table, const char *key)
{
    return name_of(chain_first(&table->names, key));
}

const struct observed_name *observed_next_name(const struct observed_name *name)
{
    return name_of(chain_next(&name->link));
}

const struct observed *observed_of_name(const struct observed_name *name)
{
    return name->link.owner;
}

const char *observed_api_key(const struct observed *object)
{
    return object->owner.key;
}

uint64_t observed_seed(const struct observed_table *table)
{
    return table->seed;
}

/* A visitor on its way through the chains. */
struct visitor {
    void (*visit)(const struct observed *object, void *payload);
    void *payload;
};

static void visit_link(struct chain_link *link, void *payload)
{
    const struct visitor *visitor = payload;

    visitor->visit(of_link(link), visitor->payload);
}

void observed_each(const struct observed_table *table,
                   void (*visit)(const struct observed *object, void *payload), void *payload)
{
    struct visitor visitor = {visit, payload};

    chain_each(&table->places, visit_link, &visitor);
}

size_t observed_count(const struct observed_table *table)
{
    return table->places.count;
}

size_t observed_memory(const struct observed_table *table)
{
    return table->bytes + chain_memory(&table->places) + chain_memory(&table->owners) +
           chain_memory(&table->names);
}

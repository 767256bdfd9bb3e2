/* SPDX-License-Identifier: Apache-2.0 */
#include "store/observed_entry.h"

#include "base/arena.h"
#include "object/content.h"
#include "object/key.h"
#include "object/owner.h"
#include "object/place.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* A name is as far behind the start of its entry as its `back` can say. */
static const size_t entry_max = (size_t)SLAB_WORD << 24;

static const char *after(const char *text)
{
    return text + strlen(text) + 1;
}

const char *observed_namespace(const struct observed *object)
{
    return object->texts + object->names_size;
}

const char *observed_own_name(const struct observed *object)
{
    return after(observed_namespace(object));
}

const char *observed_api_name(const struct observed *object)
{
    const char *name = observed_own_name(object);

    return object->of_other_name ? after(name) : name;
}

static const char *packed_uid(const struct observed *object)
{
    return after(observed_api_name(object));
}

static const char *packed_api_uid(const struct observed *object)
{
    return uid_skip(packed_uid(object));
}

const char *observed_version(const struct observed *object)
{
    const char *api_uid = packed_api_uid(object);

    return object->ours ? uid_skip(api_uid) : api_uid;
}

const char *observed_problem(const struct observed *object)
{
    return object->broken ? after(observed_version(object)) : NULL;
}

const char *observed_extra(const struct observed *object)
{
    const char *version = observed_version(object);

    if (!object->has_extra)
        return NULL;
    return object->broken ? after(after(version)) : after(version);
}

const char *observed_uid(const struct observed *object, char buffer[UID_SIZE])
{
    return uid_text(packed_uid(object), buffer);
}

bool observed_uid_is(const struct observed *object, const char *uid)
{
    return uid_is(packed_uid(object), uid);
}

bool observed_has_api_uid(const struct observed *object)
{
    return object->ours && !uid_is_empty(packed_api_uid(object));
}

bool observed_api_uid_is(const struct observed *object, const char *uid)
{
    return object->ours && uid_is(packed_api_uid(object), uid);
}

const char *observed_api_key(const struct observed *object, char key[KEY_SIZE])
{
    key[0] = '\0';
    if (object->ours)
        key_format(key, observed_namespace(object), observed_api_name(object));
    return key;
}

bool observed_is_of(const struct observed *object, const char *api_key)
{
    const char *name_space = observed_namespace(object);
    size_t before = strlen(name_space);

    return object->ours && strncmp(api_key, name_space, before) == 0 && api_key[before] == '/' &&
           strcmp(api_key + before + 1, observed_api_name(object)) == 0;
}

/* The next one begins at a word. */
static size_t size_of_name(const char *key)
{
    return (sizeof(struct observed_name) + strlen(key) + 1 + SLAB_WORD - 1) / SLAB_WORD * SLAB_WORD;
}

const struct observed *observed_of_name(const struct observed_name *name)
{
    return (const struct observed *)(const void *)((const char *)name - name->back * (size_t)SLAB_WORD);
}

const struct observed_name *observed_each_name(const struct observed *object,
                                               const struct observed_name *after_name)
{
    const char *at = after_name ? (const char *)after_name + size_of_name(after_name->key) : object->texts;

    if (at == object->texts + object->names_size)
        return NULL;
    return (const struct observed_name *)(const void *)at;
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
    gathering->bytes += size_of_name(key);
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

static char *append(char *at, const char *string)
{
    size_t size = strlen(string) + 1;

    memcpy(at, string, size);
    return at + size;
}

static size_t size_of(const char *string)
{
    return string ? strlen(string) + 1 : 0;
}

static void fill_names(struct observed *entry, const struct gathering *gathering)
{
    for (const struct found *found = gathering->first; found; found = found->next) {
        struct observed_name *name = (struct observed_name *)(void *)(entry->texts + entry->names_size);
        size_t back = sizeof *entry + entry->names_size;
        name->use = found->use & 0xff;
        name->back = (unsigned)(back / SLAB_WORD) & 0xffffff;
        (void)append(name->key, found->key);
        entry->names_size += (uint32_t)size_of_name(found->key);
    }
}

/* Nobody asks for a uid that is not told. */
static const char *api_uid_of(const struct owner *owner)
{
    return owner->uid ? owner->uid : "";
}

/* The name of its Api, if that is not its own. */
static const char *other_name(const struct observed_fact *fact, const struct owner *owner)
{
    return owner->ours && strcmp(owner->name, fact->name) != 0 ? owner->name : NULL;
}

static size_t size_for(const struct observed_fact *fact, const struct owner *owner,
                       const struct content *content, const struct gathering *gathering)
{
    size_t size = sizeof(struct observed) + gathering->bytes + size_of(fact->name_space) +
                  size_of(fact->name) + uid_packed_size(fact->uid) + size_of(fact->version) +
                  size_of(fact->problem) + size_of(content->extra);

    if (!owner->ours)
        return size;
    return size + uid_packed_size(api_uid_of(owner)) + size_of(other_name(fact, owner));
}

static void fill_texts(struct observed *entry, const struct observed_fact *fact, const struct owner *owner,
                       const struct content *content)
{
    const char *api = other_name(fact, owner);
    char *at = append(entry->texts + entry->names_size, fact->name_space);

    at = append(at, fact->name);
    if (api)
        at = append(at, api);
    at = uid_pack(at, fact->uid);
    if (entry->ours)
        at = uid_pack(at, api_uid_of(owner));
    at = append(at, fact->version);
    if (fact->problem)
        at = append(at, fact->problem);
    if (content->extra)
        (void)append(at, content->extra);
}

size_t observed_entry_size(const struct observed *object)
{
    const char *end = after(observed_version(object));

    for (int more = object->broken + object->has_extra; more > 0; more--)
        end = after(end);
    return (size_t)(end - (const char *)object);
}

/* As it stands in the table, but on its own. */
static struct observed *make_entry(const struct observed_fact *fact, const struct owner *owner,
                                   const struct content *content, const struct gathering *gathering)
{
    size_t size = size_for(fact, owner, content, gathering);
    struct observed *entry = size < entry_max ? malloc(size) : NULL;

    if (!entry)
        return NULL;
    *entry = (struct observed){.kind = (uint16_t)fact->kind,
                               .beside = fact->side == OBSERVED_SOURCE,
                               .ours = owner->ours,
                               .historic = owner->historic,
                               .broken = fact->problem,
                               .has_extra = content->extra,
                               .of_other_name = other_name(fact, owner),
                               .imprint = content->imprint};
    fill_names(entry, gathering);
    fill_texts(entry, fact, owner, content);
    return entry;
}

static struct observed *make(const struct apigw_kind *kind, const struct settings *settings, uint64_t seed,
                             const struct observed_fact *fact, struct gathering *gathering,
                             struct content *content)
{
    struct owner owner = {0};

    if (fact->object && fact->side == OBSERVED_SINK)
        owner = owner_of(fact->object, settings);
    if (fact->object)
        gather(kind, fact, owner.ours, gathering);
    if (gathering->failed || (owner.ours && content_of(fact->object, seed, content) != 0))
        return NULL;
    return make_entry(fact, &owner, content, gathering);
}

struct observed *observed_entry_make(const struct apigw_kind *kind, const struct settings *settings,
                                     uint64_t seed, const struct observed_fact *fact)
{
    struct gathering gathering = {.name_space = fact->name_space};
    struct content content = {0};
    struct observed *entry = make(kind, settings, seed, fact, &gathering, &content);

    free(content.extra);
    arena_release(&gathering.arena);
    return entry;
}

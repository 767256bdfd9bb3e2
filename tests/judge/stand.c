/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "object/owner.h"
#include "object/place.h"
#include "world.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *label_of(const json_t *object, const char *name)
{
    return json_string_value(json_member(json_at(object, "metadata.labels"), name));
}

bool made_for(const struct judge_config *config, const json_t *object, char key[KEY_SIZE])
{
    const char *creator = label_of(object, "createdBy");
    const char *name_space = label_of(object, "apiNamespace");
    const char *whole =
        json_string_value(json_member(json_at(object, "metadata.annotations"), "apigwd.io/apiName"));
    const char *name = whole ? whole : label_of(object, "apiName");
    bool historic;

    key[0] = '\0';
    if (!creator || !name_space || !name || strcmp(name_space, object_namespace(object)) != 0)
        return false;
    historic = strcmp(creator, OWNER_CREATED_BY_HISTORIC) == 0;
    if (historic || strcmp(creator, config->created_by) == 0 || strcmp(creator, OWNER_CREATED_BY) == 0)
        key_format(key, name_space, name);
    return historic;
}

/* Where names of one use are gathered. */
struct gathering {
    json_t *names;
    const char *name_space;
    bool services;
};

static bool gather(const char *text, int32_t form, void *payload)
{
    struct gathering *gathering = payload;
    char name[600];

    if (!gathering->services) {
        (void)snprintf(name, sizeof name, "%s", text);
        for (char *c = name; *c; c++)
            *c = (char)tolower((unsigned char)*c);
    } else {
        size_t length = form == APIGW_FORM_DNS_NAME ? strcspn(text, ".") : strlen(text);
        const char *rest = text + length + (text[length] == '.');
        size_t space = strcspn(rest, ".");
        (void)snprintf(name, sizeof name, "%.*s/%.*s", (int)(space ? space : strlen(gathering->name_space)),
                       space ? rest : gathering->name_space, (int)length, text);
    }
    (void)json_object_set_new(gathering->names, name, json_true());
    return true;
}

struct stand stand_of(const struct world *world, const struct thing *thing, const json_t *object,
                      const char *uid, const char *version)
{
    struct stand stand = {.object = json_deep_copy(object)};

    if (!object)
        return stand;
    (void)snprintf(stand.uid, sizeof stand.uid, "%s", uid);
    (void)snprintf(stand.version, sizeof stand.version, "%s", version);
    stand.historic = made_for(&world->config, object, stand.owner);
    for (int32_t use = APIGW_USE_CLAIMS_HOST; thing->kind && use <= APIGW_USE_PROTECTS_HOST; use++) {
        struct gathering gathering = {json_object(), object_namespace(object),
                                      use == APIGW_USE_LEADS_TO_SERVICE || use == APIGW_USE_PROTECTS_SERVICE};
        (void)place_each(thing->kind->kind, use, object, gather, &gathering);
        stand.names[use] = gathering.names;
    }
    return stand;
}

void stand_release(struct stand *stand)
{
    for (size_t i = 0; i < sizeof stand->names / sizeof *stand->names; i++)
        json_decref(stand->names[i]);
    json_decref(stand->object);
    *stand = (struct stand){.object = NULL};
}

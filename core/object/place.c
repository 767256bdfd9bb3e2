/* SPDX-License-Identifier: Apache-2.0 */
#include "object/place.h"

#include "base/json.h"

#include <stdio.h>
#include <string.h>

/* A visit, with the form of the path that it is at. */
struct visit {
    place_fn visit;
    int32_t form;
    void *payload;
};

static bool visit_text(const char *text, void *payload)
{
    const struct visit *visit = payload;

    return visit->visit(text, visit->form, visit->payload);
}

bool place_each(const struct apigw_kind *kind, int32_t use, const json_t *object, place_fn visit,
                void *payload)
{
    for (uint32_t i = 0; i < kind->paths_count; i++) {
        struct visit at = {visit, kind->paths[i].form, payload};
        if (kind->paths[i].use == use && !json_each_text(object, kind->paths[i].path, visit_text, &at))
            return false;
    }
    return true;
}

bool place_declared(const struct apigw_kind *kind, int32_t use)
{
    for (uint32_t i = 0; i < kind->paths_count; i++) {
        if (kind->paths[i].use == use)
            return true;
    }
    return false;
}

/* Takes a word and the dot after it off the text. */
static bool take(const char **text, const char *word)
{
    size_t length = strlen(word);

    if (strncmp(*text, word, length) != 0 || ((*text)[length] != '.' && (*text)[length] != '\0'))
        return false;
    *text += length + ((*text)[length] == '.');
    return true;
}

bool place_is_service(const char *text, int32_t form, const char *name_space, const char *service)
{
    if (form == APIGW_FORM_NAME)
        return strcmp(text, service) == 0;
    /* Any cluster domain will do: a cluster has one. */
    return take(&text, service) && (!*text || (take(&text, name_space) && (!*text || take(&text, "svc"))));
}

/* The first label of a DNS name, which moves on behind its dot. False if there is no valid one. */
static bool next_label(const char **name, char label[LABEL_MAX + 1])
{
    size_t length = strcspn(*name, ".");

    if (length > LABEL_MAX)
        return false;
    memcpy(label, *name, length);
    label[length] = '\0';
    *name += length + ((*name)[length] == '.' ? 1 : 0);
    return name_is_label(label);
}

static bool dns_service(const char *dns_name, const char *name_space, char key[PLACE_SERVICE_SIZE])
{
    char service[LABEL_MAX + 1];
    char second[LABEL_MAX + 1];
    char third[LABEL_MAX + 1];

    if (!next_label(&dns_name, service))
        return false;
    if (!*dns_name) {
        (void)snprintf(key, PLACE_SERVICE_SIZE, "%.63s/%s", name_space, service);
        return true;
    }
    if (!next_label(&dns_name, second))
        return false;
    if (*dns_name && (!next_label(&dns_name, third) || strcmp(third, "svc") != 0))
        return false;
    (void)snprintf(key, PLACE_SERVICE_SIZE, "%s/%s", second, service);
    return true;
}

bool place_service(const char *text, int32_t form, const char *name_space, char key[PLACE_SERVICE_SIZE])
{
    if (form == APIGW_FORM_DNS_NAME)
        return dns_service(text, name_space, key);
    if (!name_is_label(text) || !name_is_label(name_space))
        return false;
    (void)snprintf(key, PLACE_SERVICE_SIZE, "%s/%s", name_space, text);
    return true;
}

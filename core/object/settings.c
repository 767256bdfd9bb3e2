/* SPDX-License-Identifier: Apache-2.0 */
#include "object/settings.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

bool string_list_add(struct string_list *list, const char *string)
{
    char *copy = strdup(string);
    char **items = copy ? realloc(list->items, (list->count + 2) * sizeof *items) : NULL;

    if (!items) {
        free(copy);
        return false;
    }
    list->items = items;
    items[list->count++] = copy;
    items[list->count] = NULL;
    return true;
}

bool string_list_has(const struct string_list *list, const char *string)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i], string) == 0)
            return true;
    }
    return false;
}

bool string_list_equal(const struct string_list *a, const struct string_list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (strcmp(a->items[i], b->items[i]) != 0)
            return false;
    }
    return true;
}

void string_list_release(struct string_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct string_list){0};
}

static bool copy_list(struct string_list *to, const struct string_list *from)
{
    *to = (struct string_list){0};
    for (size_t i = 0; i < from->count; i++) {
        if (!string_list_add(to, from->items[i]))
            return false;
    }
    return true;
}

static bool copy_string(char **to, const char *from)
{
    *to = from ? strdup(from) : NULL;
    return *to || !from;
}

bool settings_copy(struct settings *to, const struct settings *from)
{
    *to = (struct settings){.incomplete_unsecured = from->incomplete_unsecured,
                            .accept_unprotected = from->accept_unprotected,
                            .withdraw_unprotected = from->withdraw_unprotected,
                            .status_aliases = from->status_aliases};
    if (copy_list(&to->domains, &from->domains) && copy_list(&to->blocklist, &from->blocklist) &&
        copy_string(&to->default_issuer, from->default_issuer) &&
        copy_string(&to->default_jwks_uri, from->default_jwks_uri) &&
        copy_string(&to->created_by, from->created_by))
        return true;
    settings_release(to);
    return false;
}

void settings_release(struct settings *settings)
{
    string_list_release(&settings->domains);
    string_list_release(&settings->blocklist);
    free(settings->default_issuer);
    free(settings->default_jwks_uri);
    free(settings->created_by);
    *settings = (struct settings){0};
}

bool settings_equal(const struct settings *a, const struct settings *b)
{
    return string_list_equal(&a->domains, &b->domains) && string_list_equal(&a->blocklist, &b->blocklist) &&
           text_same(a->default_issuer, b->default_issuer) &&
           text_same(a->default_jwks_uri, b->default_jwks_uri) && text_same(a->created_by, b->created_by) &&
           a->incomplete_unsecured == b->incomplete_unsecured &&
           a->accept_unprotected == b->accept_unprotected &&
           a->withdraw_unprotected == b->withdraw_unprotected && a->status_aliases == b->status_aliases;
}

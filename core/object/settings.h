/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings - what a cluster lays down for all of its Apis, whatever its backends
 */
#ifndef OBJECT_SETTINGS_H
#define OBJECT_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

/** NULL-terminated list of strings. */
struct string_list {
    /** Owned; NULL or NULL-terminated. */
    char **items;
    size_t count;
};

/** Settings of one cluster. Owned by the config. */
struct settings {
    /** Domains in lower case, no leading dot; a bare label gets the first. May be empty. */
    struct string_list domains;
    /** Default issuer and its key set; both NULL if there is none. */
    char *default_issuer;
    char *default_jwks_uri;
    /** Services that no Api may publish, "SERVICE.NAMESPACE". */
    struct string_list blocklist;
    /** incompleteAuthentication: unsecured - an Api whose every authentication element is incomplete is
     * served without protection. */
    bool incomplete_unsecured;
    /** unprotected: accept - an Api that asks for authentication is served where no enabled backend can
     * authenticate. */
    bool accept_unprotected;
    /** onProtectionLost: withdraw - a route whose protection is lost and refused is taken away. */
    bool withdraw_unprotected;
    /** Value of the label createdBy. Not NULL. */
    char *created_by;
    /** Also report under the plugins' status aliases. */
    bool status_aliases;
};

/** Appends a copy. @return false if memory is short. */
bool string_list_add(struct string_list *list, const char *string);

/** @return whether the list holds the string. */
bool string_list_has(const struct string_list *list, const char *string);

/** @return whether both hold the same strings in the same order. */
bool string_list_equal(const struct string_list *a, const struct string_list *b);

/** Frees the strings; the list is empty again. */
void string_list_release(struct string_list *list);

/** Copies *from into *to, which is overwritten. @return false if memory is short; *to is released then. */
bool settings_copy(struct settings *to, const struct settings *from);

/** @return whether both say the same. */
bool settings_equal(const struct settings *a, const struct settings *b);

/** Frees what the settings own and zeroes them. */
void settings_release(struct settings *settings);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * render - what each backend wants for an Api, checked against what it may want
 */
#ifndef RECONCILE_RENDER_H
#define RECONCILE_RENDER_H

#include "apigw/plugin.h"
#include "base/error.h"
#include "base/map.h"
#include "object/content.h"
#include "object/key.h"
#include "object/settings.h"
#include "plugin/registry.h"
#include "reconcile/effective.h"
#include "store/store.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** An object that is wanted: checked, with namespace and our labels. */
struct output {
    /** Texts borrowed from the plugin's descriptor and from `object`. */
    struct object_ref ref;
    const struct apigw_kind *kind;
    /** Owned by the rendering. */
    json_t *object;
    /** What of it is compared with what stands. Owned by the rendering. */
    struct content content;
};

/** A related key that a backend asked for: when it changes, the Api is rendered again. */
struct asked {
    /** Number of the element of the descriptor's `related`. */
    uint32_t related;
    /** Owned by the rendering. */
    char *key;
};

/** What one backend answered for one Api. Storage of the caller; all zero is empty. */
struct rendering {
    /** Borrowed. */
    const struct backend *backend;
    /** enum apigw_code. */
    int32_t code;
    /** The user's field, "" if none. */
    char path[256];
    /** Why not, "" if code is APIGW_OK. */
    char message[1024];
    /** It is refused because we may not see a kind of what is wanted. */
    bool unseen;
    /** What is to be said of what is wanted, "" if nothing. */
    char warning[1024];
    /** What is wanted, in the order of the plugin. Owned. */
    struct output *outputs;
    size_t count;
    /** Keys asked for, found or not, each once. Owned. */
    struct asked *asked;
    size_t asked_count;
};

/** What render_backend() works from. All borrowed. */
struct render_input {
    const json_t *api;
    const struct effective *effective;
    const struct settings *settings;
    /** Holds the related objects, none of which is ours. Every related kind of the backend must be declared
     * with an index of its path and form. */
    const struct store *store;
    /** Of the contents. */
    uint64_t seed;
    /** Routes name their Api as their owner. */
    bool own_routes;
    /** What the source does not tell of does not exist. */
    bool tells_all;
    /** Kinds that are not told of all the same, as in struct stock_context; NULL: none. */
    const struct map *troubles;
    /** Services and hosts of live routes that protections have to cover beside the wanted ones; sorted,
     * NULL-terminated; NULL: none. */
    const char *const *live_services;
    const char *const *live_hosts;
};

/**
 * Declares the related kinds of a plugin with the indexes that find() looks up. Must come before the store's
 * first object of these kinds.
 *
 * @return 0 or a negative error_code of store_add_kind() and store_add_index().
 */
int render_declare(struct store *store, const struct apigw_plugin *plugin);

/** @return the number of the index that find() looks a related key up in, or a negative error_code. */
int render_index(const struct store *store, const struct apigw_related *related);

/** @return whether these are Services by their names. They need no index, and the Apis that publish one are
 * known by what they ask for. */
bool render_is_service(const struct apigw_related *related);

/**
 * Calls a backend and checks its answer: kinds, versions, namespace, names, sizes, metadata. An answer that
 * breaks the rules, or a protection that protects nothing, is a failure of the backend (APIGW_INTERNAL).
 *
 * @param out  filled in; for rendering_release().
 */
void render_backend(const struct backend *backend, const struct render_input *input, struct rendering *out);

/** Frees what an output holds. */
void output_release(struct output *output);

/** Frees the outputs and the keys. NULL is fine. */
void rendering_release(struct rendering *rendering);

#endif

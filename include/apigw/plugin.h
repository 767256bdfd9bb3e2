/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apigw/plugin.h - the plugin interface of apigwd, ABI version 1.1
 *
 * A plugin is a shared object that exports one function, apigw_plugin_entry(). The function returns a
 * static descriptor; everything else is reached from there. A plugin turns one Api into the complete set
 * of resources that one kind of gateway needs for it. It reads nothing and writes nothing: the daemon
 * watches, compares, writes, prunes and reports. docs/plugin-guide.md builds a first plugin step by
 * step; apigw-plugin(7) is the reference of the rules below.
 *
 * Rules
 *   versions   Every struct that crosses begins with its size, or its size stands beside the pointer to
 *              it. Structs grow at the end only, with a new minor version. The host accepts a plugin of
 *              its own major version whose minor version is not newer than its own.
 *   ownership  "borrowed": valid until the callback returns; do not change, keep, or json_incref() it,
 *              embed a json_deep_copy(). The same goes for JSON values that the instance holds, as
 *              threads share it. "static": valid and unchanged as long as the object is mapped.
 *              "moved": the reference passes to the other side. Both sides use jansson's default
 *              allocator; a plugin must not call json_set_alloc_funcs().
 *   strings    UTF-8, NUL-terminated; those in JSON values hold no NUL either. Lists of strings are
 *              NULL-terminated and never NULL themselves.
 *   threads    create() and destroy() run on the main thread, never at the same time as another
 *              callback of that instance. render() may run for one instance on several threads at once.
 *   purity     render() gives the same output for the same inputs. No callback may use a clock, random
 *              numbers, the environment, files, sockets, locks or writable static data; none may call
 *              exit(), abort(), fork(), setlocale() or setenv(), or touch signals or standard streams.
 *   linking    A plugin has no undefined symbol but those of libc and jansson: link with -Wl,-z,defs.
 *   language   This header compiles alone as C99, C11, C17 and C++17.
 */
#ifndef APIGW_PLUGIN_H
#define APIGW_PLUGIN_H

#include <jansson.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Major version of this interface: a plugin of another major version is refused. */
#define APIGW_ABI_MAJOR 1
/** Minor version: a plugin built against a newer minor version than the host's is refused. */
#define APIGW_ABI_MINOR 1

#if defined(__GNUC__)
/** Marks the one symbol that a plugin exports; everything else is meant to be hidden. */
#define APIGW_EXPORT __attribute__((__visibility__("default")))
/** Lets the compiler check a printf-like format: argument number of the format and of its first value. */
#define APIGW_FORMAT(text, first) __attribute__((__format__(__printf__, text, first)))
#else
#define APIGW_EXPORT
#define APIGW_FORMAT(text, first)
#endif

/**
 * What a callback returns. A fixed-width integer on the wire, so that -fshort-enums cannot change it.
 *
 * The host turns each failure into a status code of the Api, a reason and a rule for the next try.
 */
enum apigw_code {
    /** Done. */
    APIGW_OK = 0,
    /** The user's object is wrong (code 3) or, from create(), an option. Set the path. Tried again when it
     * changes. */
    APIGW_INVALID = 1,
    /** An object that is not ours stands in the way (code 3). Name it. Tried again when a key changes
     * that was asked for with find(). */
    APIGW_CONFLICT = 2,
    /** Something needed is not there yet (code 1). Tried again with a growing delay, and when a key
     * changes that was asked for with find(). */
    APIGW_NOT_READY = 3,
    /** No memory (code 3). Tried again with a growing delay. */
    APIGW_NO_MEMORY = 4,
    /** The plugin cannot go on, by a fault of its own (code 3). Tried again with a growing delay. */
    APIGW_INTERNAL = 5
};

/** Severity of a log line. */
enum apigw_log_level {
    APIGW_LOG_ERROR = 0,   /**< Something does not work; somebody has to act. */
    APIGW_LOG_WARNING = 1, /**< Works, but not as somebody would expect. */
    APIGW_LOG_INFO = 2,    /**< A change of state, one line each. */
    APIGW_LOG_DEBUG = 3    /**< For the plugin's author. */
};

/**
 * What a backend does for an Api. It decides the order in which outputs are written: authentication,
 * other, route; removal runs the other way round.
 */
enum apigw_role {
    /** Protects: a route is not written before the outputs of this role stand. Must render at least one
     * object for every Api whose authentication is on; rendering none is a failure. */
    APIGW_ROLE_AUTHENTICATION = 1,
    /** Neither protects nor exposes. Its failure holds nothing back. */
    APIGW_ROLE_OTHER = 2,
    /** Exposes: written last, removed first. */
    APIGW_ROLE_ROUTE = 3
};

/** What the text at a path of an object means to the daemon (struct apigw_path). */
enum apigw_use {
    APIGW_USE_CLAIMS_HOST = 1,      /**< A host that the object takes for itself. */
    APIGW_USE_LEADS_TO_SERVICE = 2, /**< A Service that the object sends requests to, or lets others reach. */
    APIGW_USE_PROTECTS_SERVICE = 3, /**< A Service that the object protects. */
    APIGW_USE_PROTECTS_HOST = 4     /**< A host that the object protects. */
};

/** How a Service or a host is written at a path or given to find(). */
enum apigw_form {
    /** As it is: a host, or the name of a Service in the object's namespace. */
    APIGW_FORM_NAME = 1,
    /** A DNS name of a Service, never of a host: SERVICE, SERVICE.NAMESPACE, SERVICE.NAMESPACE.svc or
     * SERVICE.NAMESPACE.svc.CLUSTER-DOMAIN. */
    APIGW_FORM_DNS_NAME = 2
};

/** A place in an object, declared once so that the daemon never needs to know the kind. */
struct apigw_path {
    /** One of enum apigw_use. */
    int32_t use;
    /** One of enum apigw_form. */
    int32_t form;
    /** Member names joined by dots; a list is followed by "[]": "spec.http[].route[].destination.host",
     * "spec.hosts[]" for a list of texts. Static, not NULL; a path of another form is refused when the plugin
     * is loaded. What is absent or not a string in an object is passed over. */
    const char *path;
};

/** The kind is the one whose name, uid and version fill `resource` in the status. */
#define APIGW_KIND_PRIMARY UINT32_C(1)

/**
 * A kind of resource that the plugin renders. The daemon watches it for drift, prunes only it, refuses
 * anything else, and derives the permissions it needs from it. No two enabled backends of one cluster
 * may own the same kind.
 */
struct apigw_kind {
    /** API group, "networking.istio.io". Static, not NULL. "" (the core group) is allowed. */
    const char *group;
    /** Versions that the plugin can render, newest first, NULL-terminated, at least one. Where nothing
     * can be discovered (a directory), the last one is used, so end with the one that is served
     * everywhere. Static, not NULL. */
    const char *const *versions;
    /** "VirtualService". Static, not NULL. */
    const char *kind;
    /** Plural in lower case, as in a URL: "virtualservices". Static, not NULL. */
    const char *plural;
    /** APIGW_KIND_PRIMARY for exactly one kind of a plugin, else 0. */
    uint32_t flags;
    /** Number of elements of `paths`. */
    uint32_t paths_count;
    /** sizeof(struct apigw_path) as the plugin was built. */
    uint32_t path_size;
    /** Where objects of this kind name hosts and Services. Static; NULL only if paths_count is 0. */
    const struct apigw_path *paths;
};

/** find() sees only objects in the namespace of the Api. Without it: of all namespaces. */
#define APIGW_RELATED_SAME_NAMESPACE UINT32_C(1)

/**
 * A kind that the plugin reads and does not own, or owns and wants to see the foreign objects of. The
 * daemon keeps an index of it, so that a question costs one look-up, and renders again the Apis that
 * asked for a key when that key changes.
 */
struct apigw_related {
    const char *group; /**< As in struct apigw_kind. */
    /** As in struct apigw_kind: versions that the plugin understands, newest first. find() gives objects of
     * any version all the same. */
    const char *const *versions;
    const char *kind;   /**< As in struct apigw_kind. */
    const char *plural; /**< As in struct apigw_kind. */
    /** APIGW_RELATED_SAME_NAMESPACE or 0. */
    uint32_t flags;
    /** One of enum apigw_form: how the text at index_path is written. Under APIGW_FORM_DNS_NAME the key
     * for find() is "NAMESPACE/SERVICE". */
    int32_t form;
    /** Path whose texts are the keys of the index, as in struct apigw_path: "spec.targets[].name";
     * "metadata.name" to look objects up by name. Static, not NULL. */
    const char *index_path;
};

/** Type of an option's value in the config file. */
enum apigw_option_type {
    APIGW_OPTION_BOOL = 1,        /**< true or false */
    APIGW_OPTION_INT = 2,         /**< an integer from min to max, both inclusive */
    APIGW_OPTION_STRING = 3,      /**< text; one of `choices` if that is given */
    APIGW_OPTION_STRING_LIST = 4, /**< a list of texts; each one of `choices` if that is given */
    /** The version of the owned kind number kind_index: one of its `versions`. Without a value in the
     * config the host fills in the version it chose (in a directory the last one), so create() always
     * finds one. At most one such option for a kind. */
    APIGW_OPTION_VERSION = 5
};

/** The config must give a value. Such an option has no default. */
#define APIGW_OPTION_REQUIRED UINT32_C(1)
/** The value is never shown, neither in logs nor by apigwctl. */
#define APIGW_OPTION_SECRET UINT32_C(2)
/** A value in the config is a warning. */
#define APIGW_OPTION_DEPRECATED UINT32_C(4)

/** A key under `config` of a backend. The daemon checks the file against it and prints help from it. */
struct apigw_option {
    /** Key in the config file, lowerCamelCase, which is checked. Static, not NULL, unique in the plugin. */
    const char *name;
    /** One of enum apigw_option_type. */
    int32_t type;
    /** APIGW_OPTION_REQUIRED, _SECRET, _DEPRECATED, or 0. */
    uint32_t flags;
    /** Default as JSON text: "true", "[]", "\"v1\"". NULL: none, and create() does not find the key (for
     * APIGW_OPTION_VERSION: the host's choice). Static. */
    const char *default_json;
    /** One sentence for people, without a final line break. Static, not NULL. */
    const char *doc;
    /** Allowed texts, NULL-terminated; NULL: any. Only for STRING and STRING_LIST. Static. */
    const char *const *choices;
    /** Smallest value of an APIGW_OPTION_INT. min = max = 0 means no limits. */
    int64_t min;
    /** Largest value of an APIGW_OPTION_INT. */
    int64_t max;
    /** Number of the kind whose version an APIGW_OPTION_VERSION chooses, from 0. */
    uint32_t kind_index;
    /** 0. */
    uint32_t reserved;
};

/** How the value of an excluded path is matched (Istio's StringMatch for paths). */
enum apigw_match {
    APIGW_MATCH_EXACT = 1,  /**< the whole path */
    APIGW_MATCH_PREFIX = 2, /**< the path begins with it */
    APIGW_MATCH_SUFFIX = 3, /**< the path ends with it */
    APIGW_MATCH_REGEX = 4   /**< an ECMAScript regular expression for the whole path */
};

/** A path that needs no token of one issuer. */
struct apigw_excluded_path {
    /** One of enum apigw_match. */
    int32_t match;
    /** The pattern, never empty. Borrowed, not NULL. */
    const char *value;
};

/** An issuer whose JSON Web Tokens open the Service. */
struct apigw_issuer {
    /** `iss` of the tokens, never empty, unique in the Api. Borrowed, not NULL. */
    const char *issuer;
    /** Absolute http or https URL of the key set. Borrowed, not NULL. */
    const char *jwks_uri;
    /** Paths that need no token of this issuer, in the user's order, NULL-terminated. Borrowed. */
    const struct apigw_excluded_path *const *excluded_paths;
};

/** The Api asks for authentication: `issuers` is not empty. */
#define APIGW_AUTHENTICATION UINT32_C(1)
/** The Api asks to leave mutual TLS out of its protection (disableIstioAuthPolicyMTLS). */
#define APIGW_DISABLE_MTLS UINT32_C(2)

/**
 * What an Api asks for once the settings of the cluster are applied: checked, complete, in the user's
 * order. The daemon works it out once, so that all plugins agree. Grows with minor versions; a plugin
 * is never loaded by a host older than the header it was built with.
 */
struct apigw_effective {
    uint32_t struct_size; /**< Size of this struct in the host. */
    /** APIGW_AUTHENTICATION, APIGW_DISABLE_MTLS. */
    uint32_t flags;
    /** metadata.namespace. Borrowed, not NULL. */
    const char *api_namespace;
    /** metadata.name. Borrowed, not NULL. */
    const char *api_name;
    /** Full host name in lower case, the domain appended. Borrowed, not NULL. */
    const char *host;
    /** Name of the Service, in the namespace of the Api. Borrowed, not NULL. */
    const char *service;
    /** Port of the Service, 1 to 65535. */
    uint32_t port;
    /** Issuers, defaults filled in, NULL-terminated; empty if authentication is off. Borrowed. */
    const struct apigw_issuer *const *issuers;
};

/** What render() works from. The host allocates it; all of it is borrowed. */
struct apigw_request {
    uint32_t struct_size; /**< Size of this struct in the host. */
    /** The Api as the user wrote it, metadata and all, but without status. Not NULL. */
    const json_t *api;
    /** The Api as it is meant. Not NULL. */
    const struct apigw_effective *effective;
    /** Names of the Services, in the namespace of the Api, that a backend of role authentication has to
     * cover: those that a live or a wanted route of the Api leads to. NULL-terminated, sorted, without
     * repetition; empty if authentication is off. */
    const char *const *protect_services;
    /** The same for hosts. */
    const char *const *protect_hosts;
    /**
     * Looks up related objects.
     *
     * @param request  the request that render() was given.
     * @param related  number of the element of the descriptor's `related`, from 0.
     * @param key      what the index holds at index_path; under APIGW_FORM_DNS_NAME "NAMESPACE/SERVICE".
     * @return a borrowed array of whole objects, sorted by namespace and name, empty if there are none; each
     *         has metadata.name and metadata.namespace, any other member may be absent or of any type. They
     *         come in whatever version they were read; outputs of this daemon are never among them. NULL if
     *         memory is short or `related` does not exist: return APIGW_NO_MEMORY.
     *
     * Texts are compared exactly: an object without the member, or with a wildcard there, is not found.
     *
     * Every key is remembered, found or not: when it changes, the Api is rendered again. Only from
     * inside render(), on its thread.
     */
    const json_t *(*find)(const struct apigw_request *request, uint32_t related, const char *key);
    /** The host's. */
    void *host_data;
    /**
     * Tells whether what find() does not find does not exist: an API server tells of all objects of a kind. A
     * directory holds what somebody has put there, and of a kind that may not be read nothing is known.
     *
     * @param request  the request that render() was given.
     * @param related  number of the element of the descriptor's `related`, from 0.
     * @return 1 if it does not exist, 0 if nobody knows. Only from inside render(), on its thread. Since 1.1.
     */
    int32_t (*knows)(const struct apigw_request *request, uint32_t related);
};

/** What render() gives back. Zeroed by the host but for struct_size. */
struct apigw_result {
    uint32_t struct_size; /**< Size of this struct in the host. */
    /**
     * JSON array of all resources that are to exist for this Api, at most 64, moved to the host; NULL means
     * none. What was there and is not returned is pruned. They are written in this order and removed in the
     * reverse one; what comes after one that cannot be written is not written.
     *
     * What is there is compared with this and replaced as a whole: write out what an API server would
     * fill in by default.
     *
     * Each has apiVersion and kind of one of the declared kinds (in a declared version), and its content
     * (`spec`). metadata.name defaults to the name of the Api; metadata.labels may add labels of the
     * plugin's own; metadata.annotations likewise. metadata.namespace may be left out and must
     * otherwise be the Api's. The host adds its own labels and, in a cluster, owner references; any other
     * member of metadata and a `status` are refused. At most 1 MiB each as JSON text, nested at most 64
     * levels deep; no two of one kind and name.
     */
    json_t *resources;
    /**
     * What keeps the resources from doing what the Api asks for although they can be made, in one sentence:
     * with which object, and what to do. It stands in the conditions of the Api, which is served all the
     * same. "": nothing does. UTF-8, NUL-terminated; what is not UTF-8 the host replaces. Since 1.1.
     */
    char warning[1024];
};

/** Why a callback failed. Storage of the caller, so that it works when memory is short. */
struct apigw_error {
    uint32_t struct_size; /**< Size of this struct in the host. */
    /** Path of the user's field that is wrong: in render() of the Api, "spec.hostname"; in create() below
     * `config`, "gateways[0]"; "" if no field is to blame. */
    char path[256];
    /** One sentence: what is wrong, with which object, what was expected, what to do. Must be UTF-8; a
     * character that is not is replaced by the host. */
    char message[1024];
};

/** What the daemon does for a plugin. Static; of one backend, so that lines name it. */
struct apigw_host {
    uint32_t struct_size; /**< Size of this struct in the host. */
    uint32_t abi_major;   /**< APIGW_ABI_MAJOR of the host. */
    uint32_t abi_minor;   /**< APIGW_ABI_MINOR of the host. */
    /** Whether a line of this level (enum apigw_log_level) would be written. Any thread. Not NULL. */
    int (*log_enabled)(const struct apigw_host *host, int32_t level);
    /** Writes a line, without a final line break and without secrets. Any thread. Not NULL. */
    void (*log)(const struct apigw_host *host, int32_t level, const char *format, ...) APIGW_FORMAT(3, 4);
};

/** A plugin, described. A static constant of the plugin: the host copies what it needs. */
struct apigw_plugin {
    uint32_t struct_size; /**< sizeof(struct apigw_plugin). */
    uint32_t abi_major;   /**< APIGW_ABI_MAJOR. */
    uint32_t abi_minor;   /**< APIGW_ABI_MINOR. */
    /** One of enum apigw_role. */
    int32_t role;
    /** Lower-case letters, digits and dashes, at most 63: what a config file calls it. Not NULL. */
    const char *name;
    /** Version of the plugin, for people. Not NULL. */
    const char *version;
    /** One line for people: what it makes. Not NULL. */
    const char *summary;
    /** Key of the Api's status under which it reports, lowerCamelCase, at most 63 characters,
     * "virtualService"; none that the host fills in itself (validationStatus, conditions, backends,
     * observedGeneration). No two enabled backends of one cluster share one; "authenticationStatus" is for
     * the role authentication. Not NULL. */
    const char *status_key;
    /** A second key that mirrors the first where the config asks for it, or NULL. */
    const char *status_alias;
    /** Number of elements of `kinds`, at least 1. */
    uint32_t kinds_count;
    /** sizeof(struct apigw_kind) as the plugin was built. */
    uint32_t kind_size;
    /** Kinds that the plugin renders. Not NULL. */
    const struct apigw_kind *kinds;
    /** Number of elements of `related`. */
    uint32_t related_count;
    /** sizeof(struct apigw_related) as the plugin was built. */
    uint32_t related_size;
    /** Kinds that the plugin reads. NULL only if related_count is 0. */
    const struct apigw_related *related;
    /** Number of elements of `options`. */
    uint32_t options_count;
    /** sizeof(struct apigw_option) as the plugin was built. */
    uint32_t option_size;
    /** Keys under `config`. NULL only if options_count is 0. */
    const struct apigw_option *options;
    /**
     * Makes an instance. Called once for each backend and each generation of the configuration.
     *
     * @param host      host services; valid until destroy() has returned. Not NULL.
     * @param config    JSON object, checked against `options`, defaults filled in. Borrowed, not NULL.
     * @param instance  set on success; the host hands it to the other callbacks. May be set to NULL.
     * @param error     filled in on failure. Not NULL.
     * @return enum apigw_code. On failure nothing is kept and destroy() is not called.
     *
     * NULL if the plugin keeps nothing: every callback then gets a NULL instance.
     */
    int32_t (*create)(const struct apigw_host *host, const json_t *config, void **instance,
                      struct apigw_error *error);
    /** Frees an instance after the last call with it. NULL if and only if create is NULL. */
    void (*destroy)(void *instance);
    /**
     * Works out the resources for one Api. Pure.
     *
     * @param instance  of create().
     * @param request   what is asked for. Borrowed, not NULL.
     * @param result    to be filled in. Not NULL. Whatever stands in it after a failure is dropped.
     * @param error     filled in on failure. Not NULL.
     * @return enum apigw_code.
     *
     * Called for every Api that is valid, whenever something that it depends on may have changed. Not
     * NULL.
     */
    int32_t (*render)(const void *instance, const struct apigw_request *request, struct apigw_result *result,
                      struct apigw_error *error);
};

/** The one function that a plugin exports: it runs nothing. @return the static descriptor; NULL is refused.
 */
APIGW_EXPORT const struct apigw_plugin *apigw_plugin_entry(void);

/**
 * Ends a text that may have been cut before a UTF-8 character that was cut in two.
 *
 * @param text  NUL-terminated. Not NULL.
 * @param size  bytes of its storage, at least 1; a shorter text was not cut and stays as it is.
 */
static inline void apigw_cut(char *text, size_t size)
{
    size_t length = strlen(text);
    size_t first = length;

    if (length + 1 < size)
        return;
    while (first > 0 && ((unsigned char)text[first - 1] & 0xc0U) == 0x80U)
        first--;
    if (first > 0 && ((unsigned char)text[first - 1] & 0x80U) != 0)
        text[first - 1] = '\0';
}

/**
 * Fills an error in and hands the code back: `return apigw_fail(error, APIGW_INVALID, "spec.x", "...");`.
 *
 * @param error   to be filled in; texts that are too long are cut. Not NULL.
 * @param code    one of enum apigw_code, returned as it is.
 * @param path    the user's field, or "" if none is to blame. Not NULL.
 * @param format  printf format of the sentence. Not NULL.
 * @return code.
 */
static inline int32_t apigw_fail(struct apigw_error *error, int32_t code, const char *path,
                                 const char *format, ...) APIGW_FORMAT(4, 5);

static inline int32_t apigw_fail(struct apigw_error *error, int32_t code, const char *path,
                                 const char *format, ...)
{
    va_list values;

    (void)snprintf(error->path, sizeof error->path, "%s", path);
    apigw_cut(error->path, sizeof error->path);
    va_start(values, format);
    (void)vsnprintf(error->message, sizeof error->message, format, values);
    va_end(values);
    apigw_cut(error->message, sizeof error->message);
    return code;
}

#ifdef __cplusplus
}
#endif

#endif

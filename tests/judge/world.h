/* SPDX-License-Identifier: Apache-2.0 */
/*
 * world - the judge's own picture of what there is, and questions to it
 */
#ifndef TESTS_JUDGE_WORLD_H
#define TESTS_JUDGE_WORLD_H

#include "judge.h"
#include "wish.h"

/** What stands at a place, and what is read from it once. All zero: nothing. */
struct stand {
    /** NULL: nothing. Owned. */
    json_t *object;
    char uid[64];
    char version[64];
    /** Key of the Api that it was made for by us; "" if it is nobody's of ours. */
    char owner[KEY_SIZE];
    /** It was made by the historic controller, and is ours only while its Api lives. */
    bool historic;
    /** Services and hosts that it names, by use (enum apigw_use), as members of an object: "NAMESPACE/NAME"
     * or a host. Owned. */
    json_t *names[APIGW_USE_PROTECTS_HOST + 1];
};

/** A place, and what stands there. */
struct thing {
    /** "KIND/NAMESPACE/NAME". Owned. */
    char *place;
    /** Its kind; NULL if no backend owns it. Borrowed from the config. */
    const struct judge_kind *kind;
    struct stand now;
    /** Writes of ours since the last cause. */
    unsigned writes;
    /** Key of the Api of the last of them; and whether they were for two Apis. */
    char writer[KEY_SIZE];
    bool passed;
};

/** An Api, here or gone. */
struct subject {
    char key[KEY_SIZE];
    /** NULL: gone. Owned. */
    json_t *api;
    struct wish wish;
    /** Last status; NULL: none. Owned. */
    json_t *status;
    /** Status writes since the last cause. */
    unsigned reports;
    /** Its route led elsewhere when its protection was written. */
    bool moving;
    /** What the user wrote before: array of Apis. Owned; NULL if nothing. */
    json_t *past;
    /** So many of them, the oldest, are behind it: it has shown that it knows what came after them. */
    size_t behind;
    /** Number of the cause by which it became what it is, and of that in which its first write since came; 0:
     * none has come. */
    unsigned since;
    unsigned began;
    /** As that write came nobody came before it, and nobody has had what it wants since: what an Api has
     * begun with it has reserved. */
    bool first;
    /** It waited for somebody since the last cause; what it says of whom changes with them. */
    bool waited;
    /** A write of its own was refused since its last edit or rest: that is told, then put right and told
     * again, whatever else happens meanwhile. */
    bool stumbled;
    /** It need not be served. */
    bool excused;
};

/** The world. */
struct world {
    struct judge_config config;
    struct thing **things;
    size_t things_count;
    struct subject **subjects;
    size_t subjects_count;
    bool complete;
    /** An edit is not known at once, see judge_lag(); and so many writes were right only by an earlier Api.
     */
    bool lags;
    size_t late;
    /** Number of causes so far. */
    unsigned causes;
    /** Nothing is left to do. */
    bool resting;
    /** A write was refused since the last cause. */
    char refused[KEY_SIZE + 64]; /* the place of the last write that was refused */
    bool spoilt;
    /** Findings: array of [rule, key, what]. */
    json_t *findings;
};

/** Notes that a rule was broken. */
void blame(struct world *world, const char *rule, const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** @return what is at a place; made if nothing ever was. */
struct thing *world_thing(struct world *world, const struct object_ref *ref);

/** @return the Api of a key, made if it was never heard of. */
struct subject *world_subject(struct world *world, const char *key);

/** @return the Api of a key; NULL if it was never heard of. */
const struct subject *world_find(const struct world *world, const char *key);

/** Reads what an object (NULL: nothing) is where it stands. @return owned by caller, for stand_release(). */
struct stand stand_of(const struct world *world, const struct thing *thing, const json_t *object,
                      const char *uid, const char *version);

/** Frees it. */
void stand_release(struct stand *stand);

/** Writes the key of the Api that an object says it was made for by us; "" if it says nothing like that.
 * @return whether the historic controller made it. */
bool made_for(const struct judge_config *config, const json_t *object, char key[KEY_SIZE]);

/** @return whether the object stands there, made by us for an Api that can claim it. */
bool thing_is_ours(const struct world *world, const struct thing *thing);

/** @return whether the object stands there, made by us for this Api, and plays this role (0: any). */
bool thing_is_of(const struct world *world, const struct thing *thing, const char *key, int32_t role);

/** @return whether what stands there names a Service or a host for this use. */
bool thing_names(const struct thing *thing, int32_t use, const char *name);

/** @return the hosts that live routes of the Api take, and with `services` instead the Services that its
 * routes lead to or its protections protect; owned by caller. */
json_t *claims_of(const struct world *world, const char *key, bool services);

/** @return the keys, as members, of the Apis whose live routes take the host or, with `services`, whose
 * outputs lead to the Service or protect it; owned by caller. */
json_t *holders_of(const struct world *world, bool services, const char *name);

/** @return whether a live route that is nobody's of ours takes the host. */
bool foreign_has_host(const struct world *world, const char *host);

/** @return whether an operator accepts unprotected Apis, and nothing could protect them. */
bool accept_in_force(const struct world *world);

/** @return whether an enabled backend has the role. */
bool role_enabled(const struct world *world, int32_t role);

/** @return what the live routes of an Api lead to without its protection, as members "PLACE to SERVICE";
 * owned by caller. With `issuers` only a protection counts that asks for the present issuers. */
json_t *uncovered(const struct world *world, const char *key, bool issuers);

/** @return whether Api `a` comes before `b`: by creationTimestamp, then namespace and name. */
bool older(const struct subject *a, const struct subject *b);

/** @return whether the Api is here and not about to go. */
bool lives(const struct subject *subject);

/** @return whether another Api, or for a host a foreign route, holds what the Api wants. The holder is
 * written to `holder`. */
bool host_is_held(const struct world *world, const struct subject *subject, char holder[KEY_SIZE]);

/** @return whether another Api that is valid wants the same host or, with `services`, Service: it may have
 * taken it and have nothing live yet. */
bool is_wanted_too(const struct world *world, const struct subject *subject, bool services);

/** As host_is_held(), for its Service. */
bool service_is_held(const struct world *world, const struct subject *subject, char holder[KEY_SIZE]);

#endif

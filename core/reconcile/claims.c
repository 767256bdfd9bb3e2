/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/claims.h"

#include <string.h>

/* How well somebody holds a claim; the lowest rank wins. */
enum rank {
    RANK_HOLDS,   /* has it live and asks for it, has just taken it, or cannot be asked what it wants */
    RANK_LEAVES,  /* its Api is gone, and it will be removed */
    RANK_DRIFTED, /* its Api asks for something else, and it will be moved */
    RANK_NONE
};

/* Who holds a claim, as far as has been seen. */
struct best {
    enum rank rank;
    const struct entry *entry;      /* NULL: of an Api that is gone */
    const struct observed *object;  /* NULL: taken, nothing stands yet */
    unsigned use;                   /* that the object makes of it */
    const struct observed *foreign; /* somebody else's that has the host */
};

static const unsigned uses[ENTRY_CLAIMS] = {
    [ENTRY_HOST] = OBSERVED_CLAIMS_HOST,
    [ENTRY_SERVICE] = OBSERVED_LEADS_TO | OBSERVED_PROTECTS_SERVICE,
};

bool claims_own(const struct entry *entry, const struct observed *object)
{
    char buffer[UID_SIZE];
    const char *uid;

    if (!observed_is_of(object, entry->key))
        return false;
    if (!object->historic || !observed_has_api_uid(object))
        return true;
    uid = entry_uid(entry, buffer);
    return uid && observed_api_uid_is(object, uid);
}

static enum rank rank_of(const struct entry *entry, enum entry_claim claim, const char *key)
{
    if (!entry || !entry->present || entry->leaving)
        return RANK_LEAVES;
    /* What an Api that is not valid wants is not known: its last good outputs stay. */
    if (!entry->valid || strcmp(entry_asks(entry, claim), key) == 0)
        return RANK_HOLDS;
    return RANK_DRIFTED;
}

/* An order of objects that does not depend on when they were seen, so that the same one is named each time.
 */
static bool comes_first(const struct observed *a, const struct observed *b)
{
    int order = strcmp(observed_namespace(a), observed_namespace(b));

    if (order == 0)
        order = strcmp(observed_own_name(a), observed_own_name(b));
    if (order == 0)
        order = a->kind - b->kind;
    return order < 0 || (order == 0 && a->beside < b->beside);
}

/* Whether a candidate is told rather than another one of the same rank. Several that hold it alike were there
 * before us: the oldest does. Of one Api a route is told rather than a protection. */
static bool is_better(const struct best *a, const struct best *b)
{
    if (a->entry != b->entry)
        return !b->entry || (a->entry && entry_older(a->entry, b->entry));
    if (!a->object || !b->object)
        return a->object;
    return a->use != b->use ? a->use < b->use : comes_first(a->object, b->object);
}

static void consider(struct best *best, const struct best *candidate)
{
    const struct observed *foreign = best->foreign;

    if (candidate->rank > best->rank || (candidate->rank == best->rank && !is_better(candidate, best)))
        return;
    *best = *candidate;
    best->foreign = foreign;
}

/* Only hosts are taken by what no Api stands behind. */
static void consider_foreign(struct best *best, enum entry_claim claim, const struct observed *object)
{
    if (claim == ENTRY_HOST && (!best->foreign || comes_first(object, best->foreign)))
        best->foreign = object;
}

static struct best find_best(const struct claims *claims, enum entry_claim claim, const char *key)
{
    struct best best = {.rank = RANK_NONE};
    const struct observed_name *name = observed_first_name(claims->observed, key);

    for (; name; name = observed_next_name(claims->observed, name)) {
        const struct observed *object = observed_of_name(name);
        const struct entry *entry;
        char api[KEY_SIZE];
        if (!(name->use & uses[claim]))
            continue;
        entry = object->ours ? ledger_get(claims->ledger, observed_api_key(object, api)) : NULL;
        if (!object->ours || (object->historic && !(entry && claims_own(entry, object))))
            consider_foreign(&best, claim, object);
        else
            consider(&best, &(struct best){rank_of(entry, claim, key), entry, object, name->use, NULL});
    }
    for (const struct entry *entry = ledger_first(claims->ledger, key, true); entry;
         entry = ledger_next(claims->ledger, entry, key, true))
        consider(&best, &(struct best){.rank = RANK_HOLDS, .entry = entry});
    return best;
}

/* An older Api that asks for it too and may get it; NULL if there is none. */
static const struct entry *first_in_line(const struct claims *claims, const struct entry *entry,
                                         const char *key)
{
    const struct entry *first = NULL;

    for (const struct entry *other = ledger_first(claims->ledger, key, false); other;
         other = ledger_next(claims->ledger, other, key, false)) {
        if (other != entry && other->state == ENTRY_UNKNOWN && !other->leaving &&
            entry_older(other, first ? first : entry))
            first = other;
    }
    return first;
}

static struct claims_verdict judge(const struct claims *claims, const struct entry *entry,
                                   enum entry_claim claim)
{
    static const enum claims_result held[ENTRY_CLAIMS] = {CLAIMS_HOST, CLAIMS_SERVICE};
    const char *key = entry_asks(entry, claim);
    struct best best = find_best(claims, claim, key);
    const struct entry *first;

    /* What was only taken, and a foreign object has by now, is lost. */
    if (best.rank == RANK_HOLDS && best.entry == entry && (best.object || !best.foreign))
        return (struct claims_verdict){.result = CLAIMS_FREE, .rival = best.foreign};
    if (best.rank == RANK_HOLDS && best.entry != entry)
        return (struct claims_verdict){.result = held[claim], .api = best.entry->key, .object = best.object};
    if (best.foreign)
        return (struct claims_verdict){.result = held[claim], .object = best.foreign};
    if (best.rank != RANK_NONE && best.entry != entry)
        return (struct claims_verdict){.result = held[claim], .object = best.object, .of_object = true};
    first = claims->leaves ? leaves_find(claims->leaves, key, entry) : NULL;
    if (!first)
        first = first_in_line(claims, entry, key);
    if (first)
        return (struct claims_verdict){.result = CLAIMS_AFTER, .api = first->key};
    return (struct claims_verdict){.result = CLAIMS_FREE};
}

struct claims_verdict claims_judge(const struct claims *claims, const struct entry *entry)
{
    struct claims_verdict service = judge(claims, entry, ENTRY_SERVICE);
    struct claims_verdict host = judge(claims, entry, ENTRY_HOST);

    /* What is held for certain is told before what may be. */
    if (service.result == CLAIMS_SERVICE || host.result == CLAIMS_FREE)
        return service.result == CLAIMS_FREE ? host : service;
    return host.result == CLAIMS_HOST || service.result == CLAIMS_FREE ? host : service;
}

struct claims_verdict claims_holder(const struct claims *claims, const struct entry *entry,
                                    enum entry_claim claim)
{
    struct claims_verdict verdict = judge(claims, entry, claim);
    struct best best;

    if (verdict.result != CLAIMS_FREE)
        return verdict;
    best = find_best(claims, claim, entry_asks(entry, claim));
    if (best.entry == entry) {
        verdict.api = entry->key;
        verdict.object = best.object;
    }
    return verdict;
}

const char *claims_api(const struct claims_verdict *verdict, char key[KEY_SIZE])
{
    return verdict->of_object ? observed_api_key(verdict->object, key) : verdict->api;
}

static bool has_live(const struct claims *claims, const struct entry *entry, enum entry_claim claim)
{
    const struct observed_name *name = observed_first_name(claims->observed, entry_asks(entry, claim));

    for (; name; name = observed_next_name(claims->observed, name)) {
        if ((name->use & uses[claim]) && claims_own(entry, observed_of_name(name)))
            return true;
    }
    return false;
}

bool claims_live(const struct claims *claims, const struct entry *entry)
{
    return has_live(claims, entry, ENTRY_HOST) && has_live(claims, entry, ENTRY_SERVICE);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/entry.h"

#include <stdlib.h>
#include <string.h>

struct entry_rare *entry_need_rare(struct entry *entry)
{
    if (!entry->rare)
        entry->rare = calloc(1, sizeof *entry->rare);
    return entry->rare;
}

static bool is_needed(const struct entry_rare *rare)
{
    return rare->takes || rare->waits_since_ms > 0 || rare->uid || rare->message || rare->shown[ENTRY_HOST] ||
           rare->shown[ENTRY_SERVICE] || rare->setback || rare->contest ||
           quarrel_is_remembered(&rare->quarrel);
}

void entry_tidy(struct entry *entry)
{
    if (!entry->rare || is_needed(entry->rare))
        return;
    free(entry->rare);
    entry->rare = NULL;
}

void entry_release(struct entry *entry)
{
    struct entry_rare *rare = entry->rare;

    if (!rare)
        return;
    for (int i = 0; i < ENTRY_CLAIMS; i++)
        free(rare->shown[i]);
    free(rare->uid);
    free(rare->message);
    setback_free(rare->setback);
    contest_free(rare->contest);
    free(rare);
    entry->rare = NULL;
}

bool entry_older(const struct entry *a, const struct entry *b)
{
    if (a->created != b->created)
        return a->created < b->created;
    return strcmp(a->key, b->key) < 0;
}

static const char *text_of(const struct entry_pair *pair, enum entry_claim claim)
{
    if (!pair)
        return NULL;
    return claim == ENTRY_HOST ? pair->texts : pair->texts + strlen(pair->texts) + 1;
}

const char *entry_asks(const struct entry *entry, enum entry_claim claim)
{
    return text_of(entry->asks, claim);
}

const char *entry_takes(const struct entry *entry, enum entry_claim claim)
{
    return entry->rare ? text_of(entry->rare->takes, claim) : NULL;
}

/* Replaces an owned text. @return false if memory is short. */
static bool set_rare(struct entry *entry, char **text, const char *value)
{
    char *copy = value ? strdup(value) : NULL;

    if (!value || copy) {
        free(*text);
        *text = copy;
    }
    entry_tidy(entry);
    return !value || copy;
}

bool entry_set_uid(struct entry *entry, const char *uid)
{
    const char *packed = uid ? uid : "";
    bool fits = uid_packed_size(packed) <= sizeof entry->uid;

    if (!fits && !entry_need_rare(entry))
        return false;
    if (entry->rare && !set_rare(entry, &entry->rare->uid, fits ? NULL : uid))
        return false;
    (void)uid_pack(entry->uid, fits ? packed : "");
    return true;
}

const char *entry_uid(const struct entry *entry, char buffer[UID_SIZE])
{
    if (entry->rare && entry->rare->uid)
        return entry->rare->uid;
    return uid_is_empty(entry->uid) ? NULL : uid_text(entry->uid, buffer);
}

const char *entry_message(const struct entry *entry)
{
    return entry->rare ? entry->rare->message : NULL;
}

bool entry_set_message(struct entry *entry, char *message)
{
    if (message && !entry_need_rare(entry))
        return false;
    if (!entry->rare)
        return true;
    free(entry->rare->message);
    entry->rare->message = message;
    entry_tidy(entry);
    return true;
}

const char *entry_shown(const struct entry *entry, enum entry_claim claim)
{
    return entry->rare ? entry->rare->shown[claim] : NULL;
}

void entry_show(struct entry *entry, enum entry_claim claim, const char *text)
{
    struct entry_rare *rare = text ? entry_need_rare(entry) : entry->rare;

    if (!rare)
        return;
    free(rare->shown[claim]);
    rare->shown[claim] = text ? strdup(text) : NULL;
    entry_tidy(entry);
}

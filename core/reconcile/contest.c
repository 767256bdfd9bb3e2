/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/contest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* After this long without a change it is over; a repair waits 5 s at most, and is followed by theirs. */
static const int64_t calm_ms = 15000;
/* Who does it is asked so often: once for each repair, when they have become slow. */
static const int64_t ask_ms = 5000;

struct contest {
    int64_t last_ms;
    int64_t ask_at_ms;
    bool removed;
    char kind[LABEL_MAX + 1];
    char group[SUBDOMAIN_MAX + 1];
    char place[KEY_SIZE];
    /* "": not known. */
    char manager[129];
    char operation[17];
    char time[33];
};

bool contest_is_about(const struct contest *contest, const struct object_ref *ref)
{
    char place[KEY_SIZE];

    key_format(place, ref->name_space, ref->name);
    return strcmp(contest->place, place) == 0 && strcmp(contest->kind, ref->kind) == 0 &&
           strcmp(contest->group, ref->group) == 0;
}

bool contest_note(struct contest **contest, const struct object_ref *ref, bool removed, int64_t now_ms)
{
    struct contest *found = *contest ? *contest : calloc(1, sizeof *found);

    if (!found)
        return false;
    if (!*contest || !contest_is_about(found, ref)) {
        *found = (struct contest){0};
        (void)snprintf(found->kind, sizeof found->kind, "%s", ref->kind);
        (void)snprintf(found->group, sizeof found->group, "%s", ref->group);
        key_format(found->place, ref->name_space, ref->name);
    }
    found->removed = removed;
    found->last_ms = now_ms;
    *contest = found;
    return true;
}

void contest_free(struct contest *contest)
{
    free(contest);
}

bool contest_asks(struct contest *contest, int64_t now_ms)
{
    if (contest->removed || now_ms < contest->ask_at_ms)
        return false;
    contest->ask_at_ms = now_ms + ask_ms;
    return true;
}

bool contest_answer(struct contest *contest, const struct sink_manager *manager)
{
    bool news = strcmp(contest->manager, manager->name) != 0;

    (void)snprintf(contest->manager, sizeof contest->manager, "%s", manager->name);
    (void)snprintf(contest->operation, sizeof contest->operation, "%s", manager->operation);
    (void)snprintf(contest->time, sizeof contest->time, "%s", manager->time);
    return news;
}

int64_t contest_ends_ms(const struct contest *contest)
{
    return contest->last_ms + calm_ms;
}

const char *contest_text(const struct contest *contest, struct arena *arena)
{
    const char *what = contest->removed ? "removed" : "changed";

    if (contest->removed || !contest->manager[0])
        return arena_format(
            arena,
            "%s \"%s\" (%s) is %s over and over by somebody else, and put right each time, up "
            "to 5 s later",
            contest->kind, contest->place, contest->group, what);
    return arena_format(arena,
                        "%s \"%s\" (%s) is %s over and over by the manager \"%s\" (%s at %s), and put right "
                        "each time, up to 5 s later",
                        contest->kind, contest->place, contest->group, what, contest->manager,
                        contest->operation, contest->time);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/setback.h"

#include "base/backoff.h"

#include <stdlib.h>
#include <string.h>

/* After so long without one the next is the first again. */
static const int64_t calm_ms = 600000;
static const int64_t first_ms = 500;
static const int64_t most_ms = 512000;

/* As often in a row something else may be met without a word. */
enum { MOST_MET = 3 };

struct setback {
    char *why;
    int64_t wait_ms;
    int64_t last_ms;
    unsigned count; /* in a row */
    unsigned met;   /* likewise, beside those */
};

bool setback_note(struct setback **setback, const char *why, bool met, int64_t now_ms)
{
    struct setback *noted = *setback ? *setback : calloc(1, sizeof *noted);
    char *copy = why ? strdup(why) : NULL;

    if (!noted || (why && !copy)) {
        if (!*setback)
            free(noted);
        free(copy);
        return false;
    }
    if (now_ms - noted->last_ms > calm_ms)
        noted->count = noted->met = 0;
    free(noted->why);
    noted->why = copy;
    noted->last_ms = now_ms;
    *setback = noted;
    if (met && noted->met < MOST_MET) {
        noted->met++;
        setback_forgive(noted);
        return true;
    }
    noted->count++;
    /* The first is tried again at once. */
    noted->wait_ms = noted->count == 1 ? 0 : backoff_delay(first_ms, noted->count, most_ms);
    return true;
}

void setback_free(struct setback *setback)
{
    if (!setback)
        return;
    free(setback->why);
    free(setback);
}

int64_t setback_wait(const struct setback *setback)
{
    return setback ? setback->wait_ms : 0;
}

char *setback_take(struct setback *setback)
{
    char *why = setback ? setback->why : NULL;

    if (setback)
        setback->why = NULL;
    return why;
}

void setback_forgive(struct setback *setback)
{
    if (!setback)
        return;
    free(setback->why);
    setback->why = NULL;
    setback->wait_ms = 0;
}

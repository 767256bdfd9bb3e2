/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/setback.h"

#include <stdlib.h>
#include <string.h>

/* After so long without one the next is the first again; no delay is more than half of it. */
static const int64_t calm_ms = 600000;
static const int64_t first_ms = 500;

struct setback {
    char *why;
    int64_t wait_ms;
    int64_t last_ms;
    unsigned count; /* in a row */
};

/* The first is tried again at once. */
static int64_t delay_of(const struct setback *setback)
{
    int64_t delay = first_ms;

    if (setback->count == 1)
        return 0;
    for (unsigned i = 1; i < setback->count && delay < calm_ms / 2; i++)
        delay *= 2;
    return delay;
}

bool setback_note(struct setback **setback, const char *why, int64_t now_ms)
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
        noted->count = 0;
    free(noted->why);
    noted->why = copy;
    noted->last_ms = now_ms;
    noted->count++;
    noted->wait_ms = delay_of(noted);
    *setback = noted;
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

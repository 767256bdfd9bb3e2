/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/echo.h"

#include "base/map.h"
#include "object/sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Oldest first: all are waited for equally long. */
struct echo {
    struct echo *next;
    struct echo *previous;
    int64_t until_ms;
    char version[SINK_TEXT_SIZE];
    char place[];
};

struct echoes {
    struct map *by_place;
    struct echo *first;
    struct echo *last;
};

struct echoes *echoes_new(void)
{
    struct echoes *echoes = calloc(1, sizeof *echoes);

    if (echoes)
        echoes->by_place = map_new(NULL);
    if (echoes && !echoes->by_place) {
        free(echoes);
        return NULL;
    }
    return echoes;
}

static void drop(struct echoes *echoes, struct echo *echo)
{
    if (echo == echoes->first)
        echoes->first = echo->next;
    else
        echo->previous->next = echo->next;
    if (echo == echoes->last)
        echoes->last = echo->previous;
    else
        echo->next->previous = echo->previous;
    (void)map_remove(echoes->by_place, echo->place);
    free(echo);
}

void echoes_free(struct echoes *echoes)
{
    if (!echoes)
        return;
    while (echoes->first)
        drop(echoes, echoes->first);
    map_free(echoes->by_place);
    free(echoes);
}

void echo_place(char place[ECHO_PLACE_SIZE], const struct object_ref *ref)
{
    (void)snprintf(place, ECHO_PLACE_SIZE, "%s.%s/%s/%s", ref->plural, ref->group, ref->name_space,
                   ref->name);
}

static bool is_number(const char *version)
{
    return version[0] != '0' && version[0] != '\0' && version[strspn(version, "0123456789")] == '\0';
}

void echoes_await(struct echoes *echoes, const char *place, const char *version, int64_t now_ms)
{
    struct echo *echo = map_get(echoes->by_place, place);
    size_t size = strlen(place) + 1;

    if (echo)
        drop(echoes, echo);
    if (!is_number(version) || strlen(version) >= sizeof echo->version)
        return;
    echo = malloc(sizeof *echo + size);
    if (!echo)
        return;
    *echo = (struct echo){.previous = echoes->last, .until_ms = now_ms + ECHO_LIMIT_MS};
    (void)snprintf(echo->version, sizeof echo->version, "%s", version);
    memcpy(echo->place, place, size);
    if (!map_set(echoes->by_place, place, echo)) {
        free(echo);
        return;
    }
    if (echoes->last)
        echoes->last->next = echo;
    else
        echoes->first = echo;
    echoes->last = echo;
}

static bool is_older(const char *version, const char *than)
{
    size_t length = strlen(version);
    size_t other = strlen(than);

    return is_number(version) && (length != other ? length < other : strcmp(version, than) < 0);
}

bool echoes_outdated(struct echoes *echoes, const char *place, const char *version, int64_t now_ms)
{
    struct echo *echo;

    echoes_tick(echoes, now_ms);
    echo = map_get(echoes->by_place, place);
    if (!echo)
        return false;
    if (is_older(version, echo->version))
        return true;
    drop(echoes, echo);
    return false;
}

void echoes_tick(struct echoes *echoes, int64_t now_ms)
{
    while (echoes->first && echoes->first->until_ms <= now_ms)
        drop(echoes, echoes->first);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/echo.h"

#include "base/links.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Oldest first: all are waited for equally long. */
struct echo {
    struct link link;
    slab_ref previous; /* 0: it is the first */
    slab_ref next;     /* 0: it is the last */
    int64_t until_ms;
    char texts[]; /* the place, and behind its NUL the version */
};

/* In a slab: the few that are left of a burst would hold a page of the heap each. */
struct echoes {
    struct slab slab;
    struct links by_place;
    slab_ref first;
    slab_ref last;
};

/* The link is the first member: of none there is none. */
static struct echo *of_link(const struct link *link)
{
    return (struct echo *)(uintptr_t)link;
}

static uint64_t hash_of(const struct link *link)
{
    const char *place = of_link(link)->texts;

    return links_hash_text(place);
}

static const char *version_of(const struct echo *echo)
{
    return echo->texts + strlen(echo->texts) + 1;
}

static size_t size_for(const char *place, const char *version)
{
    return sizeof(struct echo) + strlen(place) + strlen(version) + 2;
}

static struct echo *at(const struct echoes *echoes, slab_ref ref)
{
    return slab_at(&echoes->slab, ref);
}

struct echoes *echoes_new(void)
{
    struct echoes *echoes = calloc(1, sizeof *echoes);

    if (echoes)
        echoes->by_place = (struct links){.slab = &echoes->slab, .hash = hash_of};
    return echoes;
}

static void drop(struct echoes *echoes, const struct echo *echo)
{
    slab_ref ref = links_remove(&echoes->by_place, &echo->link);

    if (echo->previous == 0)
        echoes->first = echo->next;
    else
        at(echoes, echo->previous)->next = echo->next;
    if (echo->next == 0)
        echoes->last = echo->previous;
    else
        at(echoes, echo->next)->previous = echo->previous;
    slab_free(&echoes->slab, ref, size_for(echo->texts, version_of(echo)));
}

void echoes_free(struct echoes *echoes)
{
    if (!echoes)
        return;
    links_release(&echoes->by_place);
    slab_release(&echoes->slab);
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

static const struct echo *find(const struct echoes *echoes, const char *place)
{
    return of_link(links_seek_text(&echoes->by_place, place, offsetof(struct echo, texts)));
}

static void append(struct echoes *echoes, slab_ref ref)
{
    if (echoes->last != 0)
        at(echoes, echoes->last)->next = ref;
    else
        echoes->first = ref;
    echoes->last = ref;
}

void echoes_await(struct echoes *echoes, const char *place, const char *version, int64_t now_ms)
{
    const struct echo *old = find(echoes, place);
    struct echo *echo;
    slab_ref ref;

    if (old)
        drop(echoes, old);
    if (!is_number(version))
        return;
    ref = links_reserve(&echoes->by_place, 1) ? slab_alloc(&echoes->slab, size_for(place, version)) : 0;
    if (ref == 0)
        return;
    echo = at(echoes, ref);
    *echo = (struct echo){.previous = echoes->last, .until_ms = now_ms + ECHO_LIMIT_MS};
    memcpy(echo->texts, place, strlen(place) + 1);
    memcpy(echo->texts + strlen(place) + 1, version, strlen(version) + 1);
    links_add(&echoes->by_place, ref);
    append(echoes, ref);
}

static bool is_older(const char *version, const char *than)
{
    size_t length = strlen(version);
    size_t other = strlen(than);

    return is_number(version) && (length != other ? length < other : strcmp(version, than) < 0);
}

bool echoes_outdated(struct echoes *echoes, const char *place, const char *version, int64_t now_ms)
{
    const struct echo *echo;

    echoes_tick(echoes, now_ms);
    echo = find(echoes, place);
    if (!echo)
        return false;
    if (is_older(version, version_of(echo)))
        return true;
    drop(echoes, echo);
    return false;
}

void echoes_tick(struct echoes *echoes, int64_t now_ms)
{
    while (echoes->first != 0 && at(echoes, echoes->first)->until_ms <= now_ms)
        drop(echoes, at(echoes, echoes->first));
}

int64_t echoes_due_ms(const struct echoes *echoes)
{
    return echoes->first != 0 ? at(echoes, echoes->first)->until_ms : INT64_MAX;
}

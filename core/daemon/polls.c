/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/polls.h"

#include "base/error.h"
#include "kube/connection.h"

#include <stdlib.h>

struct poll {
    uv_poll_t handle; /* first: the loop closes it */
    struct polls *polls;
    struct poll *next;
    int fd;
};

static void free_poll(uv_handle_t *handle)
{
    free(handle);
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
    struct poll *found = (struct poll *)handle;
    struct polls *polls = found->polls;
    int ready = (events & UV_READABLE ? CONNECTION_READ : 0) | (events & UV_WRITABLE ? CONNECTION_WRITE : 0);

    /* What is wrong with a socket shows when it is read. */
    if (status < 0)
        ready = CONNECTION_READ | CONNECTION_WRITE;
    polls->ready(found->fd, ready, polls->payload);
}

static struct poll **find(struct polls *polls, int fd)
{
    struct poll **at = &polls->first;

    while (*at && (*at)->fd != fd)
        at = &(*at)->next;
    return at;
}

static struct poll *add(struct polls *polls, int fd)
{
    struct poll *added = calloc(1, sizeof *added);

    if (!added)
        return NULL;
    if (uv_poll_init(polls->loop, &added->handle, fd) != 0) {
        free(added);
        return NULL;
    }
    added->polls = polls;
    added->fd = fd;
    added->next = polls->first;
    polls->first = added;
    return added;
}

static void remove_at(struct poll **at)
{
    struct poll *removed = *at;

    *at = removed->next;
    uv_close((uv_handle_t *)&removed->handle, free_poll);
}

int polls_set(int fd, int events, void *payload)
{
    struct polls *polls = payload;
    struct poll **at = find(polls, fd);
    struct poll *found = *at;
    int wanted = (events & CONNECTION_READ ? UV_READABLE : 0) | (events & CONNECTION_WRITE ? UV_WRITABLE : 0);

    if (events == 0) {
        if (found)
            remove_at(at);
        return 0;
    }
    if (!found)
        found = add(polls, fd);
    if (!found || uv_poll_start(&found->handle, wanted, on_poll) != 0)
        return ERROR_NO_MEMORY;
    return 0;
}

void polls_release(struct polls *polls)
{
    while (polls->first)
        remove_at(&polls->first);
}

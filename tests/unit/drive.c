/* SPDX-License-Identifier: Apache-2.0 */
#include "drive.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int on_poll(int fd, int events, void *payload)
{
    struct drive *drive = payload;
    size_t i = 0;

    if (events != 0 && drive->refuse)
        return ERROR_NO_MEMORY;
    while (i < drive->count && drive->fds[i].fd != fd)
        i++;
    if (events == 0 && i < drive->count) {
        drive->fds[i] = drive->fds[--drive->count];
    } else if (events != 0) {
        if (i == drive->count && ++drive->count > DRIVE_FDS)
            abort();
        drive->fds[i] = (struct pollfd){.fd = fd};
        drive->fds[i].events =
            (short)((events & CONNECTION_READ ? POLLIN : 0) | (events & CONNECTION_WRITE ? POLLOUT : 0));
        drive->last_fd = fd;
    }
    return 0;
}

int drive_new(struct drive *drive, const struct kubeconfig *config, struct error *error)
{
    struct connection_poller poller = {.poll = on_poll, .payload = drive};

    return connection_new(config, &poller, &drive->connection, error);
}

void drive_free(struct drive *drive)
{
    connection_free(drive->connection);
    if (drive->count > 0) {
        (void)fprintf(stderr, "%zu descriptors are still polled\n", drive->count);
        abort();
    }
}

struct moment drive_now(const struct drive *drive)
{
    struct timespec now = {0};
    struct timespec wall = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    (void)clock_gettime(CLOCK_REALTIME, &wall);
    return (struct moment){.ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + drive->ahead_ms,
                           .wall_s = (int64_t)wall.tv_sec + drive->ahead_ms / 1000};
}

static void turn(struct drive *drive, int64_t most_ms)
{
    struct moment now = drive_now(drive);
    int64_t wait_ms = connection_due_ms(drive->connection, now) - now.ms;
    struct pollfd ready[DRIVE_FDS];
    size_t count = drive->count;

    wait_ms = wait_ms < 0 ? 0 : wait_ms > most_ms ? most_ms : wait_ms;
    (void)poll(drive->fds, count, (int)wait_ms);
    memcpy(ready, drive->fds, sizeof ready);
    for (size_t i = 0; i < count; i++) {
        int events = (ready[i].revents & (POLLIN | POLLERR | POLLHUP) ? CONNECTION_READ : 0) |
                     (ready[i].revents & (POLLOUT | POLLERR | POLLHUP) ? CONNECTION_WRITE : 0);
        if (events != 0)
            connection_ready(drive->connection, ready[i].fd, events, drive_now(drive));
    }
    now = drive_now(drive);
    if (connection_due_ms(drive->connection, now) <= now.ms)
        connection_tick(drive->connection, now);
}

bool drive_until(struct drive *drive, const unsigned *flag, int limit_ms)
{
    int64_t until_ms = drive_now(drive).ms + limit_ms;

    while (*flag == 0) {
        int64_t left_ms = until_ms - drive_now(drive).ms;
        if (left_ms <= 0)
            return false;
        turn(drive, left_ms);
    }
    return true;
}

void drive_for(struct drive *drive, int ms)
{
    static const unsigned never = 0;

    (void)drive_until(drive, &never, ms);
}

static bool on_data(const char *data, size_t size, void *payload)
{
    struct heard *heard = payload;
    bool taken = !heard->refuse_data;

    heard->parts++;
    text_append(&heard->body, data, size);
    if (heard->also)
        heard->also(heard);
    return taken;
}

static void on_done(const struct connection_answer *answer, void *payload)
{
    struct heard *heard = payload;

    heard->told++;
    heard->status = answer->status;
    heard->code = answer->error.code;
    heard->retry_ms = answer->retry_ms;
    heard->refused = answer->refusal != NULL;
    (void)snprintf(heard->message, sizeof heard->message, "%s", answer->error.message);
    (void)snprintf(heard->reason, sizeof heard->reason, "%s", answer->refusal ? answer->refusal->reason : "");
    if (answer->body)
        text_append(&heard->body, answer->body, answer->size);
    if (heard->also)
        heard->also(heard);
}

int drive_send(struct drive *drive, const struct connection_request *request, struct heard *heard,
               struct connection_call **call)
{
    struct connection_handler handler = {
        .data = request->stream ? on_data : NULL, .done = on_done, .payload = heard};
    struct error error = {0};

    if (!heard->body.data)
        heard->body = text_empty();
    return connection_send(drive->connection, request, &handler, call, &error);
}

void drive_get(struct drive *drive, const char *target, struct heard *heard)
{
    struct connection_request request = {.method = "GET", .target = target};

    text_release(&heard->body);
    *heard = (struct heard){.body = text_empty()};
    if (drive_send(drive, &request, heard, NULL) == 0)
        (void)drive_until(drive, &heard->told, 10000);
}

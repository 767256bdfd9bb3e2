/* SPDX-License-Identifier: Apache-2.0 */
#include "watching.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void watching_take(const char *path, void *payload)
{
    struct watching *watching = payload;

    watching->told++;
    watching->all += !path;
    if (path)
        text_append_format(&watching->paths, "%s\n", path);
}

void watching_begin(struct watching *watching, struct watch_options options)
{
    struct error error = {0};

    *watching = (struct watching){.paths = text_empty()};
    options.changed = watching_take;
    options.payload = watching;
    if (watch_new(&options, &watching->watch, &error) != 0) {
        (void)printf("Bail out! %s\n", error.message);
        exit(1);
    }
}

void watching_end(struct watching *watching)
{
    watch_free(watching->watch);
    text_release(&watching->paths);
}

static bool poll_once(struct watching *watching, int milliseconds)
{
    struct pollfd poll_fd = {.fd = watch_fd(watching->watch), .events = POLLIN};

    if (poll(&poll_fd, 1, milliseconds) <= 0)
        return false;
    watch_read(watching->watch);
    return true;
}

bool watching_wakes(struct watching *watching)
{
    while (watching->told == 0 && poll_once(watching, 2000))
        continue;
    return watching->told > 0;
}

bool watching_sleeps(struct watching *watching, int milliseconds)
{
    while (poll_once(watching, milliseconds))
        continue;
    return watching->told == 0;
}

static bool has_line(const char *lines, const char *line)
{
    size_t length = strlen(line);

    for (const char *at = lines; (at = strstr(at, line)); at++) {
        if ((at == lines || at[-1] == '\n') && at[length] == '\n')
            return true;
    }
    return false;
}

bool watching_tells(struct watching *watching, const char *path)
{
    while (watching->all == 0 && !has_line(watching->paths.data, path)) {
        if (!poll_once(watching, 2000)) {
            (void)printf("# not told: %s; told:\n# %s\n", path, watching->paths.data);
            return false;
        }
    }
    return true;
}

void watching_drain(struct watching *watching)
{
    while (poll_once(watching, 0))
        continue;
    watching->told = 0;
    watching->all = 0;
    text_clear(&watching->paths);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/twins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct twin {
    char uid[64];
    char cluster[64];
    struct twin *next;
};

struct twins {
    struct twin *first;
};

struct twins *twins_new(void)
{
    return calloc(1, sizeof(struct twins));
}

void twins_free(struct twins *twins)
{
    while (twins && twins->first) {
        struct twin *gone = twins->first;
        twins->first = gone->next;
        free(gone);
    }
    free(twins);
}

bool twins_take(struct twins *twins, const char *uid, const char *cluster, const char **holder)
{
    struct twin *twin = twins->first;

    while (twin && strncmp(twin->uid, uid, sizeof twin->uid - 1) != 0)
        twin = twin->next;
    if (!twin) {
        twin = calloc(1, sizeof *twin);
        if (!twin)
            return false;
        (void)snprintf(twin->uid, sizeof twin->uid, "%s", uid);
        (void)snprintf(twin->cluster, sizeof twin->cluster, "%s", cluster);
        twin->next = twins->first;
        twins->first = twin;
    }
    *holder = twin->cluster;
    return true;
}

void twins_leave(struct twins *twins, const char *cluster)
{
    struct twin **at = &twins->first;

    while (*at) {
        struct twin *twin = *at;
        if (strcmp(twin->cluster, cluster) != 0) {
            at = &twin->next;
            continue;
        }
        *at = twin->next;
        free(twin);
    }
}

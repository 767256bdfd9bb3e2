/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storm SEED EDITS PAUSE_MS FOLDER - edits one Api after the other, as fast as a script does
 *
 * Forty Apis over three namespaces, each in a file of its own; then EDITS edits, PAUSE_MS milliseconds apart.
 * The same ones for the same seed: with EDITS 0 the first Apis only, otherwise the first ones are taken as
 * being there. An edit creates or deletes an Api, changes its port, its host, its issuer or its Service,
 * turns authentication on or off, or moves it to another file. Files are written in place, or beside and
 * renamed.
 *
 * Every Api has Services and hosts that no other one wants, so that the end does not depend on the way.
 *
 * Prints "NAMESPACE NAME EDITS MOVES" for each Api: MOVES of the edits changed the Service.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { apis = 40, namespaces = 3, path_size = 4096 };

/* An Api, and what was done to it. */
struct api {
    bool there;
    bool authentication;
    bool other_file;
    unsigned service;
    unsigned host;
    unsigned issuer;
    unsigned port;
    unsigned edits;
    unsigned moves;
};

struct storm {
    struct api apis[apis];
    uint64_t random;
    const char *folder;
};

/* xorshift64*. */
static size_t below(struct storm *storm, size_t limit)
{
    uint64_t *state = &storm->random;

    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (size_t)((*state * UINT64_C(2685821657736338717) >> 33) % limit);
}

static void print(FILE *out, size_t i, const struct api *api)
{
    (void)fprintf(out,
                  "apiVersion: gateway.kyma-project.io/v1alpha2\nkind: Api\nmetadata:\n  name: a%zu\n"
                  "  namespace: n%zu\nspec:\n  service:\n    name: s%zu-%u\n    port: %u\n"
                  "  hostname: h%zu-%u\n",
                  i, i % namespaces, i, api->service, 80 + api->port, i, api->host);
    if (api->authentication)
        (void)fprintf(out,
                      "  authentication:\n  - type: JWT\n    jwt:\n      issuer: https://i%u\n"
                      "      jwksUri: https://i%u/keys\n",
                      api->issuer, api->issuer);
}

static void path_of(const struct storm *storm, size_t i, bool other, char path[path_size])
{
    (void)snprintf(path, path_size, "%s/%s%zu.yaml", storm->folder, other ? "other-" : "", i);
}

static bool write_api(struct storm *storm, size_t i, bool in_place)
{
    char path[path_size];
    char beside[path_size];
    FILE *out;

    path_of(storm, i, storm->apis[i].other_file, path);
    (void)snprintf(beside, sizeof beside, "%.4000s/.new", storm->folder);
    out = fopen(in_place ? path : beside, "w");
    if (!out)
        return false;
    print(out, i, &storm->apis[i]);
    return fclose(out) == 0 && (in_place || rename(beside, path) == 0);
}

/* The new place first, so that the Api is always somewhere. */
static bool move_file(struct storm *storm, size_t i)
{
    char path[path_size];

    path_of(storm, i, storm->apis[i].other_file, path);
    storm->apis[i].other_file = !storm->apis[i].other_file;
    return write_api(storm, i, true) && unlink(path) == 0;
}

static bool remove_api(struct storm *storm, size_t i)
{
    char path[path_size];

    storm->apis[i].there = false;
    path_of(storm, i, storm->apis[i].other_file, path);
    return unlink(path) == 0;
}

static bool edit(struct storm *storm, size_t i, bool in_place)
{
    struct api *api = &storm->apis[i];

    api->edits++;
    if (!api->there) {
        api->there = true;
        return write_api(storm, i, in_place);
    }
    switch (below(storm, 8)) {
    case 0:
        return remove_api(storm, i);
    case 1:
        return move_file(storm, i);
    case 2:
        api->authentication = !api->authentication;
        break;
    case 3:
        api->service = (api->service + 1) % 7;
        api->moves++;
        break;
    case 4:
        api->host = (api->host + 1) % 7;
        break;
    case 5:
        api->issuer = (api->issuer + 1) % 7;
        break;
    default:
        api->port = (api->port + 1) % 7;
    }
    return write_api(storm, i, in_place);
}

static void pause_ms(unsigned long ms)
{
    const struct timespec time = {.tv_nsec = (long)ms * 1000000};

    (void)nanosleep(&time, NULL);
}

static bool play(struct storm *storm, unsigned long edits, unsigned long pause)
{
    bool done = true;

    for (size_t i = 0; i < apis; i++) {
        storm->apis[i].there = true;
        storm->apis[i].authentication = below(storm, 2) == 0;
        if (edits == 0)
            done = write_api(storm, i, true) && done;
    }
    for (unsigned long n = 0; n < edits && done; n++) {
        size_t i = below(storm, apis);
        done = edit(storm, i, below(storm, 2) == 0);
        pause_ms(pause);
    }
    return done;
}

int main(int argc, char **argv)
{
    struct storm storm = {0};

    if (argc != 5) {
        (void)fputs("usage: storm SEED EDITS PAUSE_MS FOLDER\n", stderr);
        return 2;
    }
    storm.random = strtoul(argv[1], NULL, 10) * 2 + 1;
    storm.folder = argv[4];
    for (int i = 0; i < 8; i++)
        (void)below(&storm, 2);
    if (!play(&storm, strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10) % 1000)) {
        perror("storm");
        return 2;
    }
    for (size_t i = 0; i < apis; i++)
        (void)printf("n%zu a%zu %u %u\n", i % namespaces, i, storm.apis[i].edits, storm.apis[i].moves);
    return 0;
}

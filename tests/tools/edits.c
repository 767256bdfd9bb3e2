/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edits [-o KINDS] SEED ROUND FOLDER - an input folder after ROUND rounds of random edits
 *
 * The same for the same seed on every machine; a round follows from the one before it. At first there are
 * some thirty Apis in eight files over three namespaces. A round edits one to six of them: KINDS has a letter
 * for each kind that may occur, all by default:
 *
 *   c create, d delete, s move to another Service, h change the host name, a turn authentication on or off,
 *   i change the issuer, p change the port, f move to another file
 *
 * No two Apis want one Service or one host. Within a round an Api is edited once and takes only what is free
 * at that moment, also what was freed in this round: so whoever waits for what another one leaves gets it,
 * and the output does not depend on the way that led there.
 *
 * Prints a line "NAMESPACE NAME AUTHENTICATION" (0 or 1) for each Api.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { slots = 40, first_apis = 30, namespaces = 3, services = 18, hosts = 50, files = 8 };

/* One Api, or room for one. Its name and namespace follow from its number. */
struct slot {
    bool used;
    size_t service;
    size_t host;
    bool authentication;
    size_t issuer;
    unsigned port;
    size_t file;
    unsigned long edited; /* round of the last edit */
};

/* Everything that edits go on from. */
struct world {
    struct slot slots[slots];
    uint64_t random;
    const char *kinds;
};

/* xorshift64*. */
static size_t below(struct world *world, size_t limit)
{
    uint64_t *state = &world->random;

    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (size_t)((*state * UINT64_C(2685821657736338717) >> 33) % limit);
}

static bool service_free(const struct world *world, size_t name_space, size_t service)
{
    for (size_t i = name_space; i < slots; i += namespaces) {
        if (world->slots[i].used && world->slots[i].service == service)
            return false;
    }
    return true;
}

static bool host_free(const struct world *world, size_t host)
{
    for (size_t i = 0; i < slots; i++) {
        if (world->slots[i].used && world->slots[i].host == host)
            return false;
    }
    return true;
}

/* There are more Services and hosts than slots, so these end. */
static size_t draw_service(struct world *world, size_t slot)
{
    size_t service = below(world, services);

    while (!service_free(world, slot % namespaces, service))
        service = below(world, services);
    return service;
}

static size_t draw_host(struct world *world)
{
    size_t host = below(world, hosts);

    while (!host_free(world, host))
        host = below(world, hosts);
    return host;
}

static void create(struct world *world, size_t i)
{
    struct slot made = {.used = true, .service = draw_service(world, i), .host = draw_host(world)};

    made.authentication = below(world, 2) == 0;
    made.issuer = below(world, 9);
    made.port = 80 + (unsigned)below(world, 9);
    made.file = below(world, files);
    world->slots[i] = made;
}

static void change(struct world *world, size_t i, char kind)
{
    struct slot *slot = &world->slots[i];

    switch (kind) {
    case 'd':
        slot->used = false;
        break;
    case 's':
        slot->service = draw_service(world, i);
        break;
    case 'h':
        slot->host = draw_host(world);
        break;
    case 'a':
        slot->authentication = !slot->authentication;
        break;
    case 'i':
        slot->issuer = (slot->issuer + 1) % 9;
        break;
    case 'p':
        slot->port = 80 + (slot->port + 1) % 9;
        break;
    default:
        slot->file = (slot->file + 1) % files;
    }
}

/* One to three changes at once: a move that also turns authentication on is where mistakes hide. */
static void edit(struct world *world, size_t i)
{
    static const char changes[] = "dshsahaipf";

    if (!world->slots[i].used) {
        if (strchr(world->kinds, 'c'))
            create(world, i);
        return;
    }
    for (size_t n = 1 + below(world, 3); n > 0 && world->slots[i].used; n--) {
        char kind = changes[below(world, sizeof changes - 1)];
        if (strchr(world->kinds, kind))
            change(world, i, kind);
    }
}

static void play(struct world *world, unsigned long rounds)
{
    for (size_t i = 0; i < first_apis; i++)
        create(world, i);
    for (unsigned long round = 1; round <= rounds; round++) {
        for (size_t n = 1 + below(world, 6); n > 0; n--) {
            size_t i = below(world, slots);
            if (world->slots[i].edited == round)
                continue;
            edit(world, i);
            world->slots[i].edited = round;
        }
    }
}

static void print_api(FILE *out, size_t i, const struct slot *slot)
{
    (void)fprintf(out,
                  "---\napiVersion: gateway.kyma-project.io/v1alpha2\nkind: Api\nmetadata:\n  name: a%zu\n"
                  "  namespace: n%zu\nspec:\n  service:\n    name: s%zu\n    port: %u\n  hostname: h%zu\n",
                  i, i % namespaces, slot->service, slot->port, slot->host);
    if (slot->authentication)
        (void)fprintf(out,
                      "  authentication:\n  - type: JWT\n    jwt:\n      issuer: https://i%zu\n"
                      "      jwksUri: https://i%zu/keys\n",
                      slot->issuer, slot->issuer);
}

/* A file without Apis is removed. */
static bool write_file(const struct world *world, const char *folder, size_t file)
{
    char path[4096];
    FILE *out = NULL;

    if (snprintf(path, sizeof path, "%s/f%zu.yaml", folder, file) >= (int)sizeof path)
        return false;
    for (size_t i = 0; i < slots; i++) {
        if (!world->slots[i].used || world->slots[i].file != file)
            continue;
        if (!out)
            out = fopen(path, "w");
        if (!out)
            return false;
        print_api(out, i, &world->slots[i]);
    }
    if (out)
        return fclose(out) == 0;
    return unlink(path) == 0 || errno == ENOENT;
}

static bool parse_number(const char *text, unsigned long *number)
{
    char *end = NULL;

    errno = 0;
    *number = strtoul(text, &end, 10);
    return errno == 0 && end != text && *end == '\0';
}

int main(int argc, char **argv)
{
    struct world world = {.kinds = "cdshaipf"};
    unsigned long seed = 0;
    unsigned long rounds = 0;
    int option;

    while ((option = getopt(argc, argv, "o:")) == 'o')
        world.kinds = optarg;
    if (option != -1 || argc - optind != 3 || !parse_number(argv[optind], &seed) ||
        !parse_number(argv[optind + 1], &rounds)) {
        (void)fputs("usage: edits [-o KINDS] SEED ROUND FOLDER\n", stderr);
        return 2;
    }
    /* Never 0, and far apart for seeds that are neighbours. */
    world.random = (seed + 1) * UINT64_C(0x9E3779B97F4A7C15) | 1;
    play(&world, rounds);
    for (size_t file = 0; file < files; file++) {
        if (!write_file(&world, argv[optind + 2], file)) {
            perror("edits: the folder");
            return 1;
        }
    }
    for (size_t i = 0; i < slots; i++) {
        if (world.slots[i].used)
            (void)printf("n%zu a%zu %d\n", i % namespaces, i, world.slots[i].authentication);
    }
    return fflush(stdout) == 0 ? 0 : 1;
}

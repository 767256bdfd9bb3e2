/* SPDX-License-Identifier: Apache-2.0 */
/*
 * generate FOLDER COUNT PER_FILE [EDITED REVISION] - Apis for the benchmark
 *
 * COUNT Apis over 100 namespaces, PER_FILE in a file, each with a Service and a host of its own, every second
 * one with a JSON Web Token. With EDITED, that many of them, spread evenly, get another port and, if they
 * have one, another issuer, new with each REVISION; only the files that hold one are written again.
 *
 * Prints the paths, below OUTPUT, that an edit changes: one a line.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { namespaces = 100 };

/* What is made. */
struct work {
    const char *folder;
    size_t count;
    size_t per_file;
    size_t edited;
    size_t revision;
};

static bool with_token(size_t i)
{
    return i % 2 == 0;
}

/* Files hold the Apis of one namespace, as a team keeps them. */
static size_t namespace_of(const struct work *work, size_t i)
{
    size_t each = work->count / namespaces > 0 ? work->count / namespaces : 1;

    return i / each % namespaces;
}

/* Evenly spread, and by an odd step, so that half of them have a token. */
static bool is_edited(const struct work *work, size_t i)
{
    size_t distance = work->edited > 0 ? work->count / work->edited : 0;

    return distance > 0 && i / distance < work->edited && i % distance == i / distance % distance;
}

static void print_api(const struct work *work, FILE *out, size_t i)
{
    size_t revision = is_edited(work, i) ? work->revision : 0;

    (void)fprintf(out,
                  "---\napiVersion: gateway.kyma-project.io/v1alpha2\nkind: Api\nmetadata:\n"
                  "  name: orders-%zu\n  namespace: team-%zu\n  labels:\n    app: orders-%zu\nspec:\n"
                  "  service:\n    name: orders-service-%zu\n    port: %zu\n  hostname: orders-%zu\n",
                  i, namespace_of(work, i), i, i, 8080 + revision, i);
    if (with_token(i))
        (void)fprintf(out,
                      "  authentication:\n  - type: JWT\n    jwt:\n"
                      "      issuer: https://dex.kyma.local/%zu\n"
                      "      jwksUri: http://dex-service.kyma-system.svc.cluster.local:5556/keys\n",
                      revision);
}

static void print_changes(const struct work *work, size_t i)
{
    size_t team = namespace_of(work, i);

    (void)printf("resources/team-%zu/virtualservices.networking.istio.io/orders-%zu.yaml\n", team, i);
    if (with_token(i))
        (void)printf("resources/team-%zu/policies.authentication.istio.io/orders-%zu.yaml\n", team, i);
    (void)printf("status/team-%zu/orders-%zu.yaml\n", team, i);
}

static bool write_file(const struct work *work, size_t first, size_t end)
{
    char path[4096];
    FILE *out;

    (void)snprintf(path, sizeof path, "%s/team-%zu", work->folder, namespace_of(work, first));
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return false;
    if (snprintf(path, sizeof path, "%s/team-%zu/%zu.yaml", work->folder, namespace_of(work, first), first) >=
        (int)sizeof path)
        return false;
    out = fopen(path, "w");
    if (!out)
        return false;
    for (size_t i = first; i < end; i++)
        print_api(work, out, i);
    return fclose(out) == 0;
}

static bool generate(const struct work *work)
{
    if (mkdir(work->folder, 0777) != 0 && errno != EEXIST)
        return false;
    for (size_t first = 0; first < work->count; first += work->per_file) {
        size_t end = first + work->per_file < work->count ? first + work->per_file : work->count;
        bool wanted = work->edited == 0;
        for (size_t i = first; i < end; i++) {
            if (!is_edited(work, i))
                continue;
            wanted = true;
            print_changes(work, i);
        }
        if (wanted && !write_file(work, first, end))
            return false;
    }
    return true;
}

static bool parse_number(const char *text, size_t *number)
{
    char *end = NULL;

    errno = 0;
    *number = strtoul(text, &end, 10);
    return errno == 0 && end != text && *end == '\0';
}

int main(int argc, char **argv)
{
    struct work work = {0};
    bool good = argc == 4 || argc == 6;

    good = good && parse_number(argv[2], &work.count) && parse_number(argv[3], &work.per_file) &&
           work.per_file > 0;
    if (good && argc == 6)
        good = parse_number(argv[4], &work.edited) && parse_number(argv[5], &work.revision);
    if (!good) {
        (void)fputs("usage: generate FOLDER COUNT PER_FILE [EDITED REVISION]\n", stderr);
        return 2;
    }
    work.folder = argv[1];
    if (generate(&work) && fflush(stdout) == 0)
        return 0;
    perror(work.folder);
    return 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config_load.h"

#include <stdlib.h>
#include <string.h>

/** How a folder lies to another one. */
enum relation { APART, SAME, INSIDE, AROUND };

/** A folder of a cluster: by its text, which tells what will be, and by what exists now. */
struct folder {
    const struct config_cluster *cluster;
    const char *role; /**< "input" or "output" */
    const char *path;
    char *lexical;
    char *real;
};

static bool folder_init(struct folder *folder, const struct config_cluster *cluster, bool is_output)
{
    *folder = (struct folder){.cluster = cluster,
                              .role = is_output ? "output" : "input",
                              .path = is_output ? cluster->output : cluster->input};
    folder->lexical = config_path_lexical(folder->path);
    folder->real = config_path_real(folder->path);
    return folder->lexical && folder->real;
}

static void folder_release(struct folder *folder)
{
    free(folder->lexical);
    free(folder->real);
}

static enum relation relate_paths(const char *a, const char *b)
{
    if (strcmp(a, b) == 0)
        return SAME;
    if (config_path_within(a, b))
        return INSIDE;
    return config_path_within(b, a) ? AROUND : APART;
}

static enum relation relate(const struct folder *a, const struct folder *b)
{
    enum relation relation = relate_paths(a->real, b->real);

    return relation != APART ? relation : relate_paths(a->lexical, b->lexical);
}

static void report(struct config_load *load, const struct folder *output, const struct folder *other,
                   enum relation relation)
{
    static const char *const words[] = {"", "is the same folder as", "lies inside", "holds"};
    const struct config_place *place = &output->cluster->place;
    struct config_scope cluster = config_scope_at(load, place->file, place->path);
    struct config_scope directory = config_scope_member(&cluster, "directory");
    struct config_scope scope = config_scope_member(&directory, "output");

    config_report(
        &scope, PROBLEM_ERROR,
        "the output %s of cluster \"%s\" %s the %s %s of cluster \"%s\"; an output must be a folder "
        "of its own",
        output->path, output->cluster->name, words[relation], other->role, other->path, other->cluster->name);
    config_scope_release(&scope);
    config_scope_release(&directory);
    config_scope_release(&cluster);
}

static void check_pair(struct config_load *load, const struct folder *output, const struct folder *other)
{
    enum relation relation = relate(output, other);
    bool is_own_input = output->cluster == other->cluster;

    /* A source passes over an output inside of its own input. */
    if (relation != APART && !(is_own_input && relation == INSIDE))
        report(load, output, other, relation);
}

static bool is_complete(const struct config_cluster *cluster)
{
    return cluster->name && cluster->input && cluster->output && cluster->place.path;
}

/* Inputs at even numbers, each followed by the output of its cluster. */
static size_t list_folders(struct config_load *load, struct folder *folders)
{
    size_t count = 0;

    for (size_t i = 0; i < load->config->clusters_count; i++) {
        const struct config_cluster *cluster = &load->config->clusters[i];
        if (!is_complete(cluster))
            continue;
        if (!folder_init(&folders[count++], cluster, false))
            load->failed = true;
        if (!folder_init(&folders[count++], cluster, true))
            load->failed = true;
    }
    return count;
}

static void check_output(struct config_load *load, const struct folder *folders, size_t count, size_t number)
{
    for (size_t i = 0; i < count; i++) {
        bool is_output = i % 2 == 1;
        if (!is_output || i < number)
            check_pair(load, &folders[number], &folders[i]);
    }
}

void config_check_folders(struct config_load *load)
{
    struct folder *folders = calloc(load->config->clusters_count * 2 + 1, sizeof *folders);
    size_t count = folders ? list_folders(load, folders) : 0;

    load->failed = load->failed || !folders;
    for (size_t i = 1; i < count && !load->failed; i += 2)
        check_output(load, folders, count, i);
    for (size_t i = 0; i < count; i++)
        folder_release(&folders[i]);
    free(folders);
}

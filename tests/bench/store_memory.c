/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_memory CONFIG PLUGIN_DIR - what the objects of a cluster cost in memory
 *
 * Reads the input of the config's first cluster into a store with the indexes of all its backends. Prints
 * "APIS BYTES": the bytes are those that malloc() holds more than before the first object was read.
 */
#include "base/log.h"
#include "daemon/setup.h"
#include "directory/source.h"
#include "object/key.h"
#include "plugin/registry.h"
#include "reconcile/render.h"
#include "store/store.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

/* Where the objects go. */
struct holder {
    struct store *store;
    int apis;
};

/* In use, in the heap and mapped by itself. */
static size_t memory_in_use(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

static int holder_open(struct holder *holder, const struct registry *registry)
{
    int result = 0;

    holder->store = store_new();
    holder->apis = holder->store ? store_add_kind(holder->store, API_GROUP, API_KIND) : ERROR_NO_MEMORY;
    if (holder->apis < 0)
        return holder->apis;
    for (size_t i = 0; i < registry->count && result == 0; i++) {
        const struct apigw_plugin *plugin = &registry->backends[i]->plugin->descriptor;
        for (uint32_t k = 0; k < plugin->kinds_count && result >= 0; k++)
            result = store_add_kind(holder->store, plugin->kinds[k].group, plugin->kinds[k].kind);
        result = result < 0 ? result : render_declare(holder->store, plugin);
    }
    return result;
}

static int take(const struct event *event, void *payload, struct error *error)
{
    struct holder *holder = payload;

    return store_put(holder->store, holder->apis, event) == 0 ? 0 : error_no_memory(error);
}

static int fill(struct holder *holder, const struct config_cluster *config, struct problems *problems,
                struct error *error)
{
    struct source_result read = {0};
    struct source_reader reader = {.take = take, .payload = holder, .result = &read, .problems = problems};

    return source_read_directory(config->input, config->output, &reader, error);
}

static int measure(const struct setup *setup)
{
    const struct config_cluster *config = &setup->config->clusters[0];
    struct problems problems = {0};
    struct error error = {0};
    struct holder holder = {0};
    struct registry *registry = NULL;
    size_t before = 0;
    int result = registry_build(config, setup_dirs(setup), NULL, &registry, &problems);

    if (result == 0)
        result = holder_open(&holder, registry);
    if (result == 0) {
        before = memory_in_use();
        result = fill(&holder, config, &problems, &error);
    }
    (void)setup_print_problems(&problems);
    if (result != 0 || problems.count > 0)
        (void)fprintf(stderr, "store_memory: failed: %s\n", error.message);
    else
        (void)printf("%zu %zu\n", store_count(holder.store, holder.apis), memory_in_use() - before);
    result = result != 0 || problems.count > 0;
    problems_release(&problems);
    store_free(holder.store);
    registry_free(registry);
    return result;
}

int main(int argc, char **argv)
{
    struct setup setup = {0};
    struct string_list dirs = {0};
    int code = 2;

    if (argc != 3) {
        (void)fputs("usage: store_memory CONFIG PLUGIN_DIR\n", stderr);
        return code;
    }
    if (string_list_add(&dirs, argv[2]) && setup_load(&setup, argv[1], &dirs) == EXIT_GOOD)
        code = measure(&setup);
    setup_release(&setup);
    string_list_release(&dirs);
    return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_memory CONFIG PLUGIN_DIR - what a controller keeps in memory of its Apis and their outputs
 *
 * Reads the input of the config's first cluster into a controller and has it write into a sink that answers
 * at once and keeps nothing. Prints "APIS OUTPUTS BYTES": the bytes are those that malloc() holds more than
 * before the first object was read.
 */
#include "base/digest.h"
#include "base/log.h"
#include "daemon/now.h"
#include "daemon/setup.h"
#include "directory/source.h"
#include "plugin/registry.h"
#include "reconcile/controller.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was counted. */
struct census {
    size_t apis;
    size_t outputs;
};

/* In use, in the heap and mapped by itself. */
static size_t memory_in_use(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* The version is as long as that of a file. */
static int apply(struct sink *sink, const struct sink_step *step, struct sink_answer *answer)
{
    struct digest digest = digest_of(step->ref.name, strlen(step->ref.name));

    (void)sink;
    *answer = (struct sink_answer){0};
    memcpy(answer->version, digest.hex, sizeof digest.hex);
    return 0;
}

static int report(struct sink *sink, const char *key, const json_t *api, const json_t *status,
                  struct sink_answer *answer)
{
    (void)sink, (void)key, (void)api, (void)status;
    *answer = (struct sink_answer){0};
    return 0;
}

static bool count_api(const struct controller_view *view, void *payload)
{
    struct census *census = payload;

    census->apis += view->ready;
    return true;
}

static void count_output(const struct object_ref *ref, void *payload)
{
    struct census *census = payload;

    (void)ref;
    census->outputs++;
}

static int fill(struct controller *controller, const struct config_cluster *config, struct problems *problems,
                struct error *error)
{
    struct source_result read = {0};
    struct source_reader reader = {
        .take = controller_put, .payload = controller, .result = &read, .problems = problems};
    int result = source_read_directory(config->input, config->output, &reader, error);

    if (result == 0)
        result = controller_set_complete(controller, true, error);
    controller_set_observed(controller, true);
    return result == 0 ? controller_run(controller, now(), error) : result;
}

static int measure(const struct setup *setup)
{
    const struct config_cluster *config = &setup->config->clusters[0];
    struct sink sink = {.apply = apply, .report = report};
    struct controller_options options = {.settings = &config->settings, .sink = &sink, .seed = 1};
    struct problems problems = {0};
    struct error error = {0};
    struct census census = {0};
    struct controller *controller = NULL;
    struct registry *registry = NULL;
    size_t before = 0;
    int result = registry_build(config, setup_dirs(setup), NULL, &registry, &problems);

    options.registry = registry;
    if (result == 0)
        result = controller_new(&options, &controller, &error);
    if (result == 0) {
        before = memory_in_use();
        result = fill(controller, config, &problems, &error);
    }
    (void)setup_print_problems(&problems);
    if (result == 0)
        result = controller_each(controller, count_api, &census);
    if (result != 0 || problems.count > 0) {
        (void)fprintf(stderr, "store_memory: failed: %s\n", error.message);
        result = 1;
    } else {
        size_t bytes = memory_in_use() - before;
        controller_each_place(controller, count_output, &census);
        (void)printf("%zu %zu %zu\n", census.apis, census.outputs, bytes);
        (void)fprintf(stderr, "store_memory: %zu bytes by the controller's own count\n",
                      controller_memory(controller));
    }
    problems_release(&problems);
    controller_free(controller);
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

/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/commands.h"

#include "base/file.h"
#include "config/yaml.h"
#include "daemon/chosen.h"
#include "daemon/objects.h"
#include "directory/source.h"
#include "object/key.h"
#include "reconcile/effective.h"
#include "reconcile/render.h"
#include "reconcile/validate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What visiting the Apis of the files shares. */
struct visit {
    const struct cluster *cluster;
    struct objects objects;
    /* Content of standard input, for places of problems; NULL if it was not read. */
    char *input;
    size_t input_size;
    struct text *out;
    bool render;
    size_t good;
    size_t refused;
    bool failed; /* memory */
};

static const char input_name[] = "-";

static int read_input(char **data, size_t *size, struct error *error)
{
    struct text text = text_empty();
    char buffer[4096];
    ssize_t got;

    while ((got = read(STDIN_FILENO, buffer, sizeof buffer)) > 0 && text.length <= yaml_file_limits.bytes)
        text_append(&text, buffer, (size_t)got);
    *size = text.length;
    *data = text_take(&text);
    if (got < 0)
        return error_set(error, ERROR_IO, "standard input cannot be read");
    return *data ? 0 : error_no_memory(error);
}

/* Reads one -f: standard input, a folder or a file. */
static int read_one(const char *file, const struct source_reader *reader, struct visit *visit,
                    struct error *error)
{
    struct stat info;
    char *path;
    char *data = NULL;
    size_t size = 0;
    int result;

    if (strcmp(file, "-") == 0) {
        if (visit->input)
            return error_set(error, ERROR_INVALID, "-f - may be given once");
        result = read_input(&visit->input, &visit->input_size, error);
        return result != 0 ? result
                           : source_read_text(input_name, visit->input, visit->input_size, reader, error);
    }
    if (stat(file, &info) == 0 && S_ISDIR(info.st_mode)) {
        path = realpath(file, NULL);
        result = path ? source_read_directory(path, visit->cluster->config->output, reader, error)
                      : error_set(error, ERROR_IO, "%s: %s", file, strerror(errno));
        free(path);
        return result;
    }
    result = file_read(AT_FDCWD, file, yaml_file_limits.bytes, &data, &size, error);
    if (result == 0)
        result = source_read_text(file, data, size, reader, error);
    free(data);
    return result;
}

/* Gives problems their places and prints them. */
static void tell(const struct visit *visit, const struct store_object *object, struct problems *problems)
{
    const char *file = store_object_file(object);
    size_t document = store_object_document(object);
    long item = store_object_item(object);

    if (file && strcmp(file, input_name) == 0)
        source_locate_text(input_name, visit->input, visit->input_size, document, item, problems, 0);
    else if (file)
        source_locate(file, document, item, problems, 0);
    (void)setup_print_problems(problems);
}

/* All of an Api or nothing: what is printed is what the daemon would make. */
static void print_outputs(struct visit *visit, const struct rendering *renderings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t o = 0; o < renderings[i].count; o++) {
            if (visit->out->length > 0)
                text_append_string(visit->out, "---\n");
            if (yaml_write(renderings[i].outputs[o].object, visit->out, NULL) != 0)
                visit->failed = true;
        }
    }
}

/* Calls every enabled backend, in the order in which they are applied. */
static void call_backends(const struct render_input *input, struct visit *visit, struct problems *problems)
{
    const struct registry *registry = visit->cluster->registry;
    struct rendering *renderings = calloc(registry->count, sizeof *renderings);

    if (!renderings) {
        visit->failed = true;
        return;
    }
    for (size_t i = 0; i < registry->count; i++) {
        if (!registry->backends[i]->enabled)
            continue;
        render_backend(registry->backends[i], input, &renderings[i]);
        if (renderings[i].code != APIGW_OK)
            problems_add(problems, PROBLEM_ERROR, renderings[i].path, "%s: %s", registry->backends[i]->name,
                         renderings[i].message);
    }
    if (problems->errors == 0)
        print_outputs(visit, renderings, registry->count);
    for (size_t i = 0; i < registry->count; i++)
        rendering_release(&renderings[i]);
    free(renderings);
}

static void render_all(const json_t *api, struct visit *visit, struct problems *problems)
{
    const struct cluster *cluster = visit->cluster;
    const struct settings *settings = &cluster->config->settings;
    struct effective effective = {0};
    struct render_input input = {
        .api = api, .effective = &effective, .settings = settings, .store = visit->objects.store};

    if (effective_make(api, settings, &effective, NULL) != 0)
        visit->failed = true;
    else if ((effective.api.flags & APIGW_AUTHENTICATION) &&
             !registry_accepts_unprotected(cluster->registry, settings) &&
             !registry_has_role(cluster->registry, APIGW_ROLE_AUTHENTICATION))
        problems_add(problems, PROBLEM_ERROR, "spec.authentication",
                     "no enabled backend of cluster %s can authenticate; nothing is published",
                     cluster->config->name);
    else
        call_backends(&input, visit, problems);
    effective_release(&effective);
}

static bool visit_api(const struct store_object *object, void *payload)
{
    struct visit *visit = payload;
    struct problems problems = {0};
    json_t *api = store_parse(visit->objects.store, object);

    if (!api) {
        visit->failed = true;
        return false;
    }
    validate_api(api, &visit->cluster->config->settings, &problems);
    if (problems.errors == 0 && visit->render)
        render_all(api, visit, &problems);
    tell(visit, object, &problems);
    if (problems.errors == 0)
        visit->good++;
    else
        visit->refused++;
    problems_release(&problems);
    json_decref(api);
    return !visit->failed;
}

/* Reads all files into the cluster's store. */
static enum exit_code read_files(const struct ctl_options *options, const struct cluster *cluster,
                                 struct visit *visit)
{
    struct problems problems = {0};
    struct source_result read = {0};
    struct source_reader reader = {
        .take = objects_take, .payload = &visit->objects, .result = &read, .problems = &problems};
    struct error error = {0};
    enum exit_code code = EXIT_GOOD;

    if (objects_init(&visit->objects, cluster->registry, &problems) != 0) {
        (void)fputs("error: not enough memory\n", stderr);
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < options->files.count && code == EXIT_GOOD; i++) {
        if (read_one(options->files.items[i], &reader, visit, &error) != 0) {
            (void)fprintf(stderr, "error: %s\n", error.message);
            code = EXIT_USAGE;
        }
    }
    visit->objects.problems = NULL;
    if (setup_print_problems(&problems))
        visit->refused += problems.errors;
    problems_release(&problems);
    return code;
}

static enum exit_code visit_all(const struct ctl_options *options, const struct cluster *cluster, bool render)
{
    struct text out = text_empty();
    struct visit visit = {.cluster = cluster, .out = &out, .render = render};
    enum exit_code code = read_files(options, cluster, &visit);

    if (code == EXIT_GOOD && (store_each(visit.objects.store, visit.objects.apis, visit_api, &visit) != 0 ||
                              visit.failed || out.failed)) {
        (void)fputs("error: not enough memory\n", stderr);
        code = EXIT_USAGE;
    }
    if (code == EXIT_GOOD && !render)
        (void)printf("%zu %s valid, %zu refused\n", visit.good, visit.good == 1 ? "Api" : "Apis",
                     visit.refused);
    else if (code == EXIT_GOOD)
        (void)fputs(out.data, stdout);
    if (code == EXIT_GOOD && visit.refused > 0)
        code = EXIT_REFUSED;
    if (code == EXIT_GOOD && visit.good == 0) {
        (void)fputs("error: no Api in the input\n", stderr);
        code = EXIT_REFUSED;
    }
    text_release(&out);
    objects_release(&visit.objects);
    free(visit.input);
    return code;
}

static enum exit_code run(const struct ctl_options *options, bool render)
{
    struct chosen chosen = {0};
    enum exit_code code = chosen_open(options, &chosen);

    if (code == EXIT_GOOD)
        code = visit_all(options, chosen.cluster, render);
    chosen_close(&chosen);
    return code;
}

enum exit_code ctl_render(const struct ctl_options *options)
{
    return run(options, true);
}

enum exit_code ctl_validate(const struct ctl_options *options)
{
    return run(options, false);
}

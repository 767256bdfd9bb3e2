/* SPDX-License-Identifier: Apache-2.0 */
/*
 * golden PLUGIN.so FOLDER ... - every FOLDER/CASE.in.yaml must give FOLDER/CASE.out.yaml
 *
 * Speaks TAP. The format of the cases is told in docs/plugin-guide.md.
 */
#include "cases.h"

#include "base/json.h"
#include "base/text.h"
#include "config/yaml.h"
#include "object/key.h"
#include "object/owner.h"
#include "reconcile/effective.h"
#include "reconcile/validate.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const code_names[] = {"OK", "INVALID", "CONFLICT", "NOT_READY", "NO_MEMORY", "INTERNAL"};

/* What a backend answered, in the form of an out.yaml: documents. */
static json_t *answer_of(const struct rendering *rendering)
{
    json_t *answer = json_array();

    if (rendering->code != APIGW_OK)
        (void)json_array_append_new(answer, json_pack("{s:{s:s,s:s,s:s}}", "error", "code",
                                                      code_names[rendering->code], "path", rendering->path,
                                                      "message", rendering->message));
    else if (rendering->count == 0)
        (void)json_array_append_new(answer, json_pack("{s:[]}", "resources"));
    for (size_t i = 0; i < rendering->count; i++)
        (void)json_array_append(answer, rendering->outputs[i].object);
    if (rendering->warning[0])
        (void)json_array_append_new(answer, json_pack("{s:s}", "warning", rendering->warning));
    return answer;
}

/* The expected documents with what the host adds: name, namespace, labels. */
static void complete(json_t *expected, const struct golden_case *golden)
{
    json_t *document;
    size_t i;

    json_array_foreach(expected, i, document)
    {
        json_t *metadata = json_object_get(document, "metadata");
        if (!json_object_get(document, "kind"))
            continue;
        if (!metadata) {
            metadata = json_object();
            (void)json_object_set_new(document, "metadata", metadata);
        }
        if (!json_object_get(metadata, "name"))
            (void)json_object_set_new(metadata, "name", json_string(object_name(golden->api)));
        (void)json_object_set_new(metadata, "namespace", json_string(object_namespace(golden->api)));
        (void)owner_label(document, golden->api, &golden->settings);
    }
}

static void print_indented(const char *title, const json_t *documents)
{
    struct text text = text_empty();
    json_t *document;
    size_t i;

    json_array_foreach(documents, i, document)
    {
        text_append_string(&text, "---\n");
        (void)yaml_write(document, &text, NULL);
    }
    (void)printf("# %s\n", title);
    for (char *line = text.data, *end; *line; line = end + 1) {
        end = strchr(line, '\n');
        if (!end)
            break;
        (void)printf("#   %.*s\n", (int)(end - line), line);
    }
    text_release(&text);
}

/* @return NULL if the answer is as expected, else why not; differences are printed. */
static char *compare(const struct bench *bench, const struct golden_case *golden, json_t *expected)
{
    struct problems problems = {0};
    struct effective effective = {0};
    struct rendering rendering = {0};
    struct store *store = bench_store(bench, golden->others);
    struct text why = text_empty();
    struct render_input input;
    json_t *answer;

    validate_api(golden->api, &golden->settings, &problems);
    if (problems.errors > 0 || !store) {
        problems_print(&problems, &why);
        text_append_string(&why, store ? "the Api is not valid" : "an object is of no related kind");
    } else if (effective_make(golden->api, &golden->settings, &effective, NULL) == 0) {
        input = case_input(golden, golden->api, &effective, store);
        render_backend(bench->registry->backends[0], &input, &rendering);
        answer = answer_of(&rendering);
        complete(expected, golden);
        if (!json_equal(answer, expected)) {
            text_append_string(&why, "the answer differs");
            print_indented("expected", expected);
            print_indented("found", answer);
        }
        json_decref(answer);
        rendering_release(&rendering);
        effective_release(&effective);
    }
    store_free(store);
    problems_release(&problems);
    return why.length > 0 ? text_take(&why) : NULL;
}

/* Whether options that are refused are told with the path and the message that the case expects. */
static bool refused_as_expected(const json_t *expected, const char *why)
{
    const char *message = json_text_at(json_array_get(expected, 0), "error.message");
    const char *path = json_text_at(json_array_get(expected, 0), "error.path");
    char *where = NULL;
    bool good;

    if (asprintf(&where, "error: %s: ", path ? path : "") < 0)
        abort();
    good = message && strstr(why, message) && (!path || !path[0] || strstr(why, where));
    free(where);
    return good;
}

static char *run_case(const char *plugin, const char *path)
{
    struct golden_case golden = {0};
    struct bench bench = {0};
    char *why = case_read(&golden, path);
    char *out = NULL;
    json_t *expected = NULL;

    if (asprintf(&out, "%.*s.out.yaml", (int)(strlen(path) - strlen(".in.yaml")), path) < 0)
        abort();
    if (!why)
        expected = documents_read(out, &why);
    if (!why) {
        why = bench_open(&bench, plugin, json_member(golden.head, "config"));
        if (why && refused_as_expected(expected, why)) {
            free(why);
            why = NULL;
        }
    }
    if (!why && bench.registry) {
        why = compare(&bench, &golden, expected);
        bench_close(&bench);
    }
    json_decref(expected);
    case_release(&golden);
    free(out);
    return why;
}

static unsigned run_folder(const char *plugin, const char *folder, unsigned *number)
{
    unsigned failed = 0;
    char *pattern = NULL;
    glob_t found;

    if (asprintf(&pattern, "%s/*.in.yaml", folder) < 0)
        abort();
    if (glob(pattern, 0, NULL, &found) != 0) {
        (void)printf("not ok %u - %s holds golden cases\n", ++*number, folder);
        free(pattern);
        return 1;
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char *why = run_case(plugin, found.gl_pathv[i]);
        failed += why != NULL;
        (void)printf("%s %u - %s\n", why ? "not ok" : "ok", ++*number, strrchr(found.gl_pathv[i], '/') + 1);
        if (why)
            (void)printf("# %s\n", why);
        free(why);
    }
    globfree(&found);
    free(pattern);
    return failed;
}

int main(int argc, char **argv)
{
    unsigned number = 0;
    unsigned failed = 0;

    if (argc < 3 || argc % 2 == 0) {
        (void)fprintf(stderr, "usage: golden PLUGIN.so FOLDER ...\n");
        return 2;
    }
    for (int i = 1; i + 1 < argc; i += 2)
        failed += run_folder(argv[i], argv[i + 1], &number);
    (void)printf("1..%u\n", number);
    return failed > 0;
}

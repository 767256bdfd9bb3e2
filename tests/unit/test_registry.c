/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"
#include "harness.h"

#include "base/text.h"
#include "config/config.h"
#include "plugin/host.h"
#include "plugin/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A cluster made by hand, what became of it, and the lines that plugins wrote. */
struct bench {
    struct config_backend entries[4];
    struct config_cluster cluster;
    char name[8];
    char *dir;
    char *lines;
    size_t lines_size;
    struct log log;
    struct problems problems;
    struct registry *registry;
    int result;
};

static void bench_open(struct bench *bench)
{
    struct text dir = text_empty();
    const char *build = getenv("top_builddir");

    *bench = (struct bench){.name = "preview"};
    text_append_format(&dir, "%s/tests/fixtures/.libs", build ? build : ".");
    bench->dir = text_take(&dir);
    bench->cluster.name = bench->name;
    bench->cluster.backends = bench->entries;
    bench->log.level = LOG_LEVEL_DEBUG;
    bench->log.out = open_memstream(&bench->lines, &bench->lines_size);
    if (!bench->dir || !bench->log.out) {
        (void)printf("Bail out! no memory\n");
        exit(1);
    }
}

/* Adds an enabled, required backend of a fixture under the fixture's name. */
static struct config_backend *bench_add(struct bench *bench, const char *fixture)
{
    struct config_backend *entry = &bench->entries[bench->cluster.backends_count++];

    *entry = (struct config_backend){.name = strdup(fixture),
                                     .plugin = strdup(fixture),
                                     .enabled = true,
                                     .required = true,
                                     .config = json_object()};
    return entry;
}

static void bench_build(struct bench *bench)
{
    const char *const dirs[] = {bench->dir, NULL};

    bench->result = registry_build(&bench->cluster, dirs, &bench->log, &bench->registry, &bench->problems);
}

static void bench_close(struct bench *bench)
{
    registry_free(bench->registry);
    problems_release(&bench->problems);
    for (size_t i = 0; i < bench->cluster.backends_count; i++) {
        free(bench->entries[i].name);
        free(bench->entries[i].plugin);
        json_decref(bench->entries[i].config);
    }
    (void)fclose(bench->log.out);
    free(bench->lines);
    free(bench->dir);
}

/* Shows what there is where it is not the expected one. */
static void expect_text(const char *text, const char *part)
{
    if (strstr(text, part))
        return;
    (void)printf("# found    %s\n# expected %s\n", text, part);
    CU_FAIL("a text lacks a part");
}

static void expect_problem(const struct bench *bench, enum problem_severity severity, const char *part)
{
    struct text all = text_empty();
    bool found = false;

    for (size_t i = 0; i < bench->problems.count; i++) {
        const struct problem *problem = &bench->problems.list[i];
        found = found || (problem->severity == severity && strstr(problem->message, part));
    }
    problems_print(&bench->problems, &all);
    if (!found)
        expect_text(all.data, part);
    CU_ASSERT_TRUE(found);
    text_release(&all);
}

static void expect_failure(struct bench *bench, const char *part)
{
    bench_build(bench);
    CU_ASSERT_EQUAL(bench->result, ERROR_INVALID);
    CU_ASSERT_PTR_NULL(bench->registry);
    CU_ASSERT_EQUAL(bench->problems.errors, 1);
    expect_problem(bench, PROBLEM_ERROR, part);
    bench_close(bench);
}

static void expect_built(struct bench *bench, size_t count)
{
    bench_build(bench);
    CU_ASSERT_EQUAL(bench->result, 0);
    if (bench->result != 0)
        expect_problem(bench, PROBLEM_WARNING, "(none)");
    CU_ASSERT_PTR_NOT_NULL_FATAL(bench->registry);
    CU_ASSERT_EQUAL_FATAL(bench->registry->count, count);
}

static void backends_are_ordered_by_role(void)
{
    struct bench bench;

    bench_open(&bench);
    (void)bench_add(&bench, "good-route");
    (void)bench_add(&bench, "good");
    (void)bench_add(&bench, "long-struct");
    (void)bench_add(&bench, "good-authentication");
    expect_built(&bench, 4);
    CU_ASSERT_STRING_EQUAL(bench.registry->backends[0]->name, "good-authentication");
    CU_ASSERT_STRING_EQUAL(bench.registry->backends[1]->name, "good");
    CU_ASSERT_STRING_EQUAL(bench.registry->backends[2]->name, "long-struct");
    CU_ASSERT_STRING_EQUAL(bench.registry->backends[3]->name, "good-route");
    CU_ASSERT_FALSE(bench.registry->incomplete);
    CU_ASSERT_EQUAL(bench.problems.count, 0);
    CU_ASSERT_TRUE(registry_has_role(bench.registry, APIGW_ROLE_AUTHENTICATION));
    bench_close(&bench);
}

static void options_are_completed(void)
{
    struct bench bench;
    const struct backend *backend;

    bench_open(&bench);
    (void)bench_add(&bench, "good");
    expect_built(&bench, 1);
    backend = bench.registry->backends[0];
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(backend->config, "text")), "hello");
    CU_ASSERT_PTR_NULL(json_object_get(backend->config, "level"));
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(backend->config, "apiVersion")), "v1");
    CU_ASSERT_STRING_EQUAL(backend_version(backend, backend->plugin->descriptor.kinds), "v1");
    CU_ASSERT_EQUAL(json_object_size(bench.entries[0].config), 0);
    bench_close(&bench);
}

static void chosen_versions_are_used(void)
{
    struct bench bench;
    const struct backend *backend;

    bench_open(&bench);
    (void)json_object_set_new(bench_add(&bench, "good")->config, "apiVersion", json_string("v2"));
    expect_built(&bench, 1);
    backend = bench.registry->backends[0];
    CU_ASSERT_STRING_EQUAL(backend_version(backend, backend->plugin->descriptor.kinds), "v2");
    CU_ASSERT_PTR_EQUAL(backend->versions[0], backend->plugin->descriptor.kinds[0].versions[0]);
    bench_close(&bench);
}

static void wrong_options_are_errors(void)
{
    struct bench bench;
    struct config_backend *entry;

    bench_open(&bench);
    (void)json_object_set_new(bench_add(&bench, "good")->config, "txet", json_string("x"));
    expect_failure(&bench, "txet");
    bench_open(&bench);
    entry = bench_add(&bench, "good");
    entry->required = false;
    (void)json_object_set_new(entry->config, "level", json_integer(10));
    expect_failure(&bench, "from 1 to 9");
    bench_open(&bench);
    (void)json_object_set_new(bench_add(&bench, "good")->config, "apiVersion", json_string("v3"));
    expect_failure(&bench, "\"v3\" is not one of");
}

static void disabled_backends_are_loaded_only(void)
{
    struct bench bench;
    struct config_backend *entry;

    bench_open(&bench);
    entry = bench_add(&bench, "create-fails");
    entry->enabled = false;
    (void)json_object_set_new(entry->config, "unknown", json_true());
    expect_built(&bench, 1);
    CU_ASSERT_FALSE(bench.registry->backends[0]->enabled);
    CU_ASSERT_PTR_NULL(bench.registry->backends[0]->instance);
    CU_ASSERT_STRING_EQUAL(bench.registry->backends[0]->versions[0], "v1");
    CU_ASSERT_FALSE(registry_has_role(bench.registry, APIGW_ROLE_OTHER));
    expect_problem(&bench, PROBLEM_WARNING, "unknown");
    bench_close(&bench);
}

static void missing_plugins_stop_unless_not_required(void)
{
    struct bench bench;

    bench_open(&bench);
    (void)bench_add(&bench, "absent");
    (void)bench_add(&bench, "good");
    expect_failure(&bench, "plugin \"absent\" is not found: looked for absent.so in /");
    bench_open(&bench);
    bench_add(&bench, "absent")->required = false;
    bench_add(&bench, "wrong-major")->required = false;
    (void)bench_add(&bench, "good");
    expect_built(&bench, 1);
    CU_ASSERT_TRUE(bench.registry->incomplete);
    CU_ASSERT_EQUAL(bench.problems.count, 2);
    CU_ASSERT_EQUAL(bench.problems.errors, 0);
    expect_problem(&bench, PROBLEM_WARNING, "plugin \"absent\" is not found");
    expect_problem(&bench, PROBLEM_WARNING, "wrong-major.so: built for plugin ABI 2.");
    bench_close(&bench);
}

/* The real file shows that a problem stands at the key that is to blame, the cluster's own if it has one. */
static void problems_stand_where_the_config_has_them(void)
{
    static const char text[] = "backends:\n"
                               "  good: {config: {level: 77}}\n"
                               "  other:\n"
                               "    plugin: absent\n"
                               "clusters:\n"
                               "- name: one\n"
                               "  directory: {input: ./in, output: ./out}\n"
                               "  backends:\n"
                               "    third: {plugin: create-fails}\n";
    const char *const dirs[] = {getenv("top_builddir"), NULL};
    char root[64];
    struct config *config = NULL;
    struct registry *registry = NULL;
    struct problems problems = {0};
    struct text all = text_empty();

    folder_make(root);
    folder_write(root, "c.yaml", text);
    CU_ASSERT_EQUAL(config_load(folder_path(root, "c.yaml"), &config, &problems), 0);
    if (config)
        CU_ASSERT_EQUAL(registry_build(&config->clusters[0], dirs, NULL, &registry, &problems),
                        ERROR_INVALID);
    problems_print(&problems, &all);
    expect_text(all.data, "/c.yaml:4:5: error: backends.other.plugin: plugin \"absent\" is not found");
    expect_text(all.data, "/c.yaml:9:13: error: clusters[0].backends.third.plugin: plugin \"create-fails\"");
    text_release(&all);
    problems_release(&problems);
    config_free(config);
    folder_remove(root);
}

static void failures_of_create_are_told(void)
{
    struct bench bench;

    bench_open(&bench);
    (void)bench_add(&bench, "good");
    (void)bench_add(&bench, "create-fails");
    expect_failure(&bench, "backend \"create-fails\" cannot be made: \"hello\" cannot be said");
    bench_open(&bench);
    bench_add(&bench, "create-fails")->required = false;
    expect_built(&bench, 0);
    CU_ASSERT_TRUE(bench.registry->incomplete);
    expect_problem(&bench, PROBLEM_WARNING, "backend \"create-fails\" cannot be made");
    expect_text(bench.problems.list[0].path, "text");
    bench_close(&bench);
}

static void shared_status_keys_are_errors(void)
{
    struct bench bench;

    bench_open(&bench);
    (void)bench_add(&bench, "good");
    (void)bench_add(&bench, "same-key");
    expect_failure(&bench, "backends \"good\" and \"same-key\" of cluster \"preview\" both report under the "
                           "status key \"note\"");
    bench_open(&bench);
    (void)bench_add(&bench, "good");
    (void)bench_add(&bench, "same-alias");
    expect_failure(&bench, "\"good\" and \"same-alias\" of cluster \"preview\" both report under the status "
                           "key \"note\"");
}

static void shared_kinds_are_errors(void)
{
    struct bench bench;

    bench_open(&bench);
    (void)bench_add(&bench, "good");
    (void)bench_add(&bench, "same-kind");
    expect_failure(&bench,
                   "backends \"good\" and \"same-kind\" of cluster \"preview\" both own the kind Note "
                   "of group \"fixtures.example\"; expected at most one");
    bench_open(&bench);
    (void)bench_add(&bench, "good");
    bench_add(&bench, "same-kind")->enabled = false;
    expect_built(&bench, 2);
    CU_ASSERT_EQUAL(bench.problems.count, 0);
    bench_close(&bench);
}

static void backends_of_one_plugin_are_two_objects(void)
{
    struct bench bench;

    bench_open(&bench);
    (void)bench_add(&bench, "good");
    (void)bench_add(&bench, "good");
    expect_failure(&bench, "both report under the status key \"note\" and own the kind Note");
}

static void plugins_log_with_their_backend(void)
{
    struct bench bench;

    bench_open(&bench);
    free(bench_add(&bench, "good")->name);
    bench.entries[0].name = strdup("my-notes");
    expect_built(&bench, 1);
    (void)fflush(bench.log.out);
    expect_text(bench.lines, "level=info msg=\"note made with text hello\" backend=my-notes\n");
    bench_close(&bench);
}

static void host_lines_are_levelled_and_cut(void)
{
    struct host_services services;
    struct log log = {.level = LOG_LEVEL_WARNING};
    char *lines = NULL;
    char *cut;
    size_t size = 0;

    log.out = open_memstream(&lines, &size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(log.out);
    host_init(&services, &log, "b");
    CU_ASSERT_EQUAL(services.host.struct_size, sizeof(struct apigw_host));
    CU_ASSERT_EQUAL(services.host.abi_major, APIGW_ABI_MAJOR);
    CU_ASSERT_TRUE(services.host.log_enabled(&services.host, APIGW_LOG_WARNING));
    CU_ASSERT_FALSE(services.host.log_enabled(&services.host, APIGW_LOG_INFO));
    CU_ASSERT_FALSE(services.host.log_enabled(&services.host, 77));
    CU_ASSERT_TRUE(services.host.log_enabled(&services.host, -5));
    services.host.log(&services.host, APIGW_LOG_DEBUG, "unseen");
    services.host.log(&services.host, APIGW_LOG_ERROR, "%s\nlevel=%d", "forged", 1);
    services.host.log(&services.host, APIGW_LOG_WARNING, "%01019d\xc3\xa4\xc3\xa4\xc3\xa4", 1);
    (void)fclose(log.out);
    CU_ASSERT_PTR_NULL(strstr(lines, "unseen"));
    expect_text(lines, "level=error msg=\"forged\\nlevel=1\" backend=b\n");
    cut = strstr(lines, "0001\xc3\xa4");
    CU_ASSERT_PTR_NULL(cut);
    expect_text(lines, "0001...\" backend=b\n");
    free(lines);
    host_init(&services, NULL, "b");
    CU_ASSERT_FALSE(services.host.log_enabled(&services.host, APIGW_LOG_ERROR));
    services.host.log(&services.host, APIGW_LOG_ERROR, "nowhere");
}

int main(void)
{
    static const struct test tests[] = {
        {"backends are ordered by role and then as configured", backends_are_ordered_by_role},
        {"options are completed, the config stays as it is", options_are_completed},
        {"a version from the config is used", chosen_versions_are_used},
        {"wrong options are errors, whether required or not", wrong_options_are_errors},
        {"a disabled backend is loaded and not created", disabled_backends_are_loaded_only},
        {"a missing plugin stops unless it is not required", missing_plugins_stop_unless_not_required},
        {"a problem stands where the config has it", problems_stand_where_the_config_has_them},
        {"a failure of create is told with its path", failures_of_create_are_told},
        {"one status key or alias of two backends is an error that names both",
         shared_status_keys_are_errors},
        {"one kind of two enabled backends is an error that names both", shared_kinds_are_errors},
        {"one plugin as two enabled backends is an error", backends_of_one_plugin_are_two_objects},
        {"a plugin's lines name its backend", plugins_log_with_their_backend},
        {"a plugin's lines keep their level, are cut and cannot be forged", host_lines_are_levelled_and_cut},
        {NULL, NULL},
    };

    return harness_run("registry", tests);
}

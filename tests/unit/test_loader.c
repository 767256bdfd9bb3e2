/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "loader_bench.h"

#include "base/text.h"
#include "plugin/loader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void expect_fixture_refused(const char *name, const char *found, const char *wanted)
{
    char *file = bench_fixture(name);

    expect_refused(file, found, wanted);
    free(file);
}

static struct plugin *load_fixture(const char *name)
{
    char *file = bench_fixture(name);
    struct plugin *plugin = bench_load(file);

    CU_ASSERT_STRING_EQUAL(plugin->file, file);
    free(file);
    return plugin;
}

static void good_plugin_loads(void)
{
    struct plugin *plugin = load_fixture("good-route");
    const struct apigw_plugin *descriptor = &plugin->descriptor;

    CU_ASSERT_STRING_EQUAL(descriptor->name, "good-route");
    CU_ASSERT_EQUAL(descriptor->role, APIGW_ROLE_ROUTE);
    CU_ASSERT_STRING_EQUAL(descriptor->status_key, "way");
    CU_ASSERT_STRING_EQUAL(descriptor->status_alias, "wayStatus");
    CU_ASSERT_EQUAL(descriptor->kinds_count, 1);
    CU_ASSERT_EQUAL(descriptor->kinds[0].paths_count, 2);
    CU_ASSERT_STRING_EQUAL(descriptor->kinds[0].paths[1].path, "spec.service");
    CU_ASSERT_EQUAL(descriptor->options_count, 3);
    CU_ASSERT_EQUAL(plugin_primary_kind(plugin), 0);
    CU_ASSERT_PTR_EQUAL(plugin_kind_of(plugin, "fixtures.example/v1", "Way"), descriptor->kinds);
    CU_ASSERT_PTR_EQUAL(plugin_kind_of(plugin, "fixtures.example/v2", "Way"), descriptor->kinds);
    CU_ASSERT_PTR_NULL(plugin_kind_of(plugin, "fixtures.example/v3", "Way"));
    CU_ASSERT_PTR_NULL(plugin_kind_of(plugin, "fixtures.example.org/v1", "Way"));
    CU_ASSERT_PTR_NULL(plugin_kind_of(plugin, "v1", "Way"));
    CU_ASSERT_PTR_NULL(plugin_kind_of(plugin, "fixtures.example/v1", "Note"));
    plugin_free(plugin);
    plugin_free(NULL);
}

static void longer_structs_load(void)
{
    struct plugin *plugin = load_fixture("long-struct");

    CU_ASSERT_EQUAL(plugin->descriptor.struct_size, sizeof(struct apigw_plugin));
    CU_ASSERT_STRING_EQUAL(plugin->descriptor.name, "broken");
    plugin_free(plugin);
}

static void longer_elements_load(void)
{
    struct plugin *plugin = load_fixture("long-elements");
    const struct apigw_plugin *descriptor = &plugin->descriptor;

    CU_ASSERT_EQUAL(descriptor->kind_size, sizeof(struct apigw_kind));
    CU_ASSERT_STRING_EQUAL(descriptor->kinds[1].kind, "Second");
    CU_ASSERT_EQUAL(descriptor->kinds[0].path_size, sizeof(struct apigw_path));
    CU_ASSERT_STRING_EQUAL(descriptor->kinds[0].paths[1].path, "spec.to[].host");
    CU_ASSERT_EQUAL(descriptor->kinds[0].paths[1].form, APIGW_FORM_DNS_NAME);
    CU_ASSERT_EQUAL(descriptor->option_size, sizeof(struct apigw_option));
    CU_ASSERT_STRING_EQUAL(descriptor->options[1].name, "two");
    CU_ASSERT_EQUAL(plugin_primary_kind(plugin), 0);
    plugin_free(plugin);
}

static void other_versions_are_refused(void)
{
    struct text found = text_empty();
    struct text wanted = text_empty();

    text_append_format(&found, "built for plugin ABI %d.%d", APIGW_ABI_MAJOR + 1, APIGW_ABI_MINOR);
    text_append_format(&wanted, "expected %d.0 to %d.%d", APIGW_ABI_MAJOR, APIGW_ABI_MAJOR, APIGW_ABI_MINOR);
    expect_fixture_refused("wrong-major", found.data, wanted.data);
    text_release(&found);
    text_release(&wanted);
    text_append_format(&found, "built for plugin ABI %d.%d", APIGW_ABI_MAJOR, APIGW_ABI_MINOR + 1);
    text_append_format(&wanted, "expected at most %d.%d", APIGW_ABI_MAJOR, APIGW_ABI_MINOR);
    expect_fixture_refused("newer-minor", found.data, wanted.data);
    text_release(&found);
    text_release(&wanted);
}

static void short_structs_are_refused(void)
{
    struct text wanted = text_empty();

    text_append_format(&wanted, "expected at least the %zu of ABI 1.0", sizeof(struct apigw_plugin));
    expect_fixture_refused("tiny-struct", "the descriptor says it has 8 bytes", "expected at least 12");
    expect_fixture_refused("short-struct", "the descriptor says it has 40 bytes", wanted.data);
    text_release(&wanted);
}

static void missing_entry_is_refused(void)
{
    expect_fixture_refused("no-entry", "exports no function apigw_plugin_entry()", "export exactly this one");
    expect_fixture_refused("null-descriptor", "apigw_plugin_entry() returned NULL",
                           "expected a pointer to a static descriptor");
}

static void missing_callbacks_are_refused(void)
{
    expect_fixture_refused("null-render", "render is NULL", "expected a function");
    expect_fixture_refused("create-only", "create is set and destroy is NULL", "expected both or neither");
}

static void bad_fields_are_refused(void)
{
    expect_fixture_refused("no-primary", "0 of 1 kinds are primary", "expected exactly one");
    expect_fixture_refused("bad-role", "role is 7", "1 (authentication), 2 (other) or 3 (route)");
    expect_fixture_refused("owns-api", "kinds[0]: group is \"gateway.kyma-project.io\"",
                           "expected another group");
}

/* The wording of a table's faults is the schema's; here it counts that they are found and placed. */
static void expect_table_refused(const char *name, const char *option)
{
    struct plugin *plugin = NULL;
    struct error error = {0};
    char *file = bench_fixture(name);

    CU_ASSERT_EQUAL(plugin_load(file, loader_no_dirs, &plugin, &error), ERROR_INVALID);
    CU_ASSERT_PTR_NULL(plugin);
    expect_text(error.message, file);
    expect_text(error.message, option);
    free(file);
}

static void bad_option_tables_are_refused(void)
{
    expect_table_refused("default-type", "option \"count\": the default is wrong");
    expect_table_refused("option-twice", "option \"count\" stands there twice");
    expect_table_refused("bool-choices", "option \"loud\": only a string or a list of strings has choices");
    expect_table_refused("required-default", "option \"count\": a required option has no default");
}

static void unresolved_symbols_are_named(void)
{
    struct error error = {0};
    struct plugin *plugin = NULL;
    char *file = bench_fixture("unresolved");

    expect_refused(file, "cannot be loaded: undefined symbol: nowhere_defined", "libc and jansson only");
    (void)plugin_load(file, loader_no_dirs, &plugin, &error);
    CU_ASSERT_PTR_NULL(strstr(error.message, "/proc/"));
    free(file);
}

static void names_are_looked_for_in_order(void)
{
    static const char *const names[] = {"good.so", NULL};
    struct folder folder = folder_make();
    char *file = folder_file(&folder, names[0]);
    char *built = bench_fixtures();
    const char *const dirs[] = {"/nowhere", folder.path, built, NULL};
    struct plugin *plugin = NULL;
    struct error error = {0};
    size_t size = 0;
    char *data = bench_read("good-route", &size);

    CU_ASSERT_EQUAL_FATAL(plugin_load("good", dirs, &plugin, &error), 0);
    CU_ASSERT_STRING_EQUAL(plugin->descriptor.name, "good");
    plugin_free(plugin);
    bench_write(file, data, size, 0644);
    CU_ASSERT_EQUAL_FATAL(plugin_load("good", dirs, &plugin, &error), 0);
    CU_ASSERT_STRING_EQUAL(plugin->descriptor.name, "good-route");
    CU_ASSERT_STRING_EQUAL(plugin->file, file);
    plugin_free(plugin);
    plugin = NULL;
    bench_write(file, "no plugin", 9, 0644);
    CU_ASSERT_EQUAL(plugin_load("good", dirs, &plugin, &error), ERROR_INVALID);
    expect_text(error.message, file);
    free(data);
    free(built);
    free(file);
    folder_remove(&folder, names);
}

static void missing_plugins_tell_where_they_were_looked_for(void)
{
    static const char *const dirs[] = {"/nowhere/first", "/nowhere/second", NULL};
    struct plugin *plugin = NULL;
    struct error error = {0};

    CU_ASSERT_EQUAL(plugin_load("absent", dirs, &plugin, &error), ERROR_NOT_FOUND);
    expect_text(error.message, "plugin \"absent\" is not found: looked for absent.so in /nowhere/first, "
                               "/nowhere/second; expected it there");
    CU_ASSERT_EQUAL(plugin_load("absent", loader_no_dirs, &plugin, &error), ERROR_NOT_FOUND);
    expect_text(error.message, "looked for absent.so in no folder");
    CU_ASSERT_EQUAL(plugin_load("/nowhere/absent.so", dirs, &plugin, &error), ERROR_NOT_FOUND);
    expect_text(error.message, "/nowhere/absent.so: cannot be opened: No such file or directory; expected");
    CU_ASSERT_PTR_NULL(plugin);
}

static void names_that_are_none_are_refused(void)
{
    static const char *const bad[] = {
        "",           "good.so", "Good",
        "good_route", "..",      "a123456789012345678901234567890123456789012345678901234567890123",
        NULL};
    struct plugin *plugin = NULL;

    for (size_t i = 0; bad[i]; i++) {
        struct error error = {0};

        CU_ASSERT_EQUAL(plugin_load(bad[i], loader_no_dirs, &plugin, &error), ERROR_INVALID);
        expect_text(error.message, bad[i]);
        expect_text(error.message, "is no name of a plugin; expected 1 to 63 lower-case letters");
    }
    CU_ASSERT_PTR_NULL(plugin);
}

static void relative_paths_become_absolute(void)
{
    static const char *const names[] = {"x.so", NULL};
    struct folder folder = folder_make();
    char *file = folder_file(&folder, names[0]);
    char *before = getcwd(NULL, 0);
    size_t size = 0;
    char *data = bench_read("good", &size);
    struct plugin *plugin;

    bench_write(file, data, size, 0644);
    CU_ASSERT_EQUAL(chdir(folder.path), 0);
    plugin = bench_load("./x.so");
    CU_ASSERT_EQUAL(chdir(before), 0);
    CU_ASSERT_EQUAL(plugin->file[0], '/');
    expect_text(plugin->file, folder.path);
    plugin_free(plugin);
    free(before);
    free(data);
    free(file);
    folder_remove(&folder, names);
}

int main(void)
{
    static const struct test tests[] = {
        {"a good plugin loads and describes itself", good_plugin_loads},
        {"a longer descriptor of an equal version loads and is cut", longer_structs_load},
        {"longer elements of an equal version load, each from its own place", longer_elements_load},
        {"another major and a newer minor version are refused", other_versions_are_refused},
        {"a descriptor shorter than version 1.0 is refused", short_structs_are_refused},
        {"a plugin without entry function or descriptor is refused", missing_entry_is_refused},
        {"a plugin without render or with half a life cycle is refused", missing_callbacks_are_refused},
        {"no primary kind, a bad role and the daemon's own kinds are refused", bad_fields_are_refused},
        {"bad option tables are refused with the option's name", bad_option_tables_are_refused},
        {"an unresolved symbol is named, the private copy is not", unresolved_symbols_are_named},
        {"a name is looked for in all folders, the first found wins", names_are_looked_for_in_order},
        {"a missing plugin tells where it was looked for", missing_plugins_tell_where_they_were_looked_for},
        {"a name that is none is refused", names_that_are_none_are_refused},
        {"a relative path becomes absolute", relative_paths_become_absolute},
        {NULL, NULL},
    };

    return harness_run("loader", tests);
}

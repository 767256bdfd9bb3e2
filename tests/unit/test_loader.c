/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "base/file.h"
#include "base/text.h"
#include "plugin/copy.h"
#include "plugin/loader.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const no_dirs[] = {NULL};

/* A folder that a test fills and that is removed with all files in it. */
struct folder {
    char path[64];
};

static struct folder folder_make(void)
{
    struct folder folder = {"/tmp/apigwd-loader-XXXXXX"};

    if (!mkdtemp(folder.path)) {
        perror("mkdtemp");
        exit(1);
    }
    return folder;
}

static char *folder_file(const struct folder *folder, const char *name)
{
    struct text path = text_empty();

    text_append_format(&path, "%s/%s", folder->path, name);
    return text_take(&path);
}

static void folder_remove(const struct folder *folder, const char *const *names)
{
    for (size_t i = 0; names[i]; i++) {
        char *file = folder_file(folder, names[i]);
        (void)unlink(file);
        free(file);
    }
    CU_ASSERT_EQUAL(rmdir(folder->path), 0);
}

static char *fixtures(void)
{
    struct text path = text_empty();
    const char *build = getenv("top_builddir");

    text_append_format(&path, "%s/tests/fixtures/.libs", build ? build : ".");
    return text_take(&path);
}

static char *fixture(const char *name)
{
    struct text path = text_empty();
    char *folder = fixtures();

    text_append_format(&path, "%s/%s.so", folder, name);
    free(folder);
    return text_take(&path);
}

static char *read_fixture(const char *name, size_t *size)
{
    struct error error = {0};
    char *file = fixture(name);
    char *data = NULL;

    if (file_read(AT_FDCWD, file, (size_t)16 * 1024 * 1024, &data, size, &error) != 0) {
        (void)printf("Bail out! %s\n", error.message);
        exit(1);
    }
    free(file);
    return data;
}

static void write_file(const char *path, const char *data, size_t size, mode_t mode)
{
    CU_ASSERT_EQUAL_FATAL(file_replace(AT_FDCWD, path, data, size, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(chmod(path, mode), 0);
}

/* Shows the message where it is not the expected one, as CUnit shows the expression only. */
static void expect_text(const char *message, const char *part)
{
    if (strstr(message, part))
        return;
    (void)printf("# found    %s\n# expected %s\n", message, part);
    CU_FAIL("the message lacks a part");
}

/* Every refusal is one line that begins with the file and says what was found and what was wanted. */
static void expect_refused(const char *file, const char *found, const char *wanted)
{
    struct plugin *plugin = NULL;
    struct error error = {0};

    CU_ASSERT_EQUAL(plugin_load(file, no_dirs, &plugin, &error), ERROR_INVALID);
    CU_ASSERT_EQUAL(error.code, ERROR_INVALID);
    CU_ASSERT_PTR_NULL(plugin);
    CU_ASSERT_PTR_NULL(strchr(error.message, '\n'));
    CU_ASSERT_EQUAL(strncmp(error.message, file, strlen(file)), 0);
    CU_ASSERT_EQUAL(strncmp(error.message + strlen(file), ": ", 2), 0);
    expect_text(error.message, found);
    expect_text(error.message, wanted);
    expect_text(error.message, "expected");
    plugin_free(plugin);
}

static void expect_fixture_refused(const char *name, const char *found, const char *wanted)
{
    char *file = fixture(name);

    expect_refused(file, found, wanted);
    free(file);
}

static struct plugin *load(const char *file)
{
    struct plugin *plugin = NULL;
    struct error error = {0};

    if (plugin_load(file, no_dirs, &plugin, &error) != 0) {
        (void)printf("# %s\n", error.message);
        CU_FAIL_FATAL("a plugin that should load is refused");
    }
    return plugin;
}

static struct plugin *load_fixture(const char *name)
{
    char *file = fixture(name);
    struct plugin *plugin = load(file);

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
    expect_fixture_refused("wrong-major", "built for plugin ABI 2.0", "expected 1.0 to 1.0");
    expect_fixture_refused("newer-minor", "built for plugin ABI 1.1", "expected at most 1.0");
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
    char *file = fixture(name);

    CU_ASSERT_EQUAL(plugin_load(file, no_dirs, &plugin, &error), ERROR_INVALID);
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
    char *file = fixture("unresolved");

    expect_refused(file, "cannot be loaded: undefined symbol: nowhere_defined", "libc and jansson only");
    (void)plugin_load(file, no_dirs, &plugin, &error);
    CU_ASSERT_PTR_NULL(strstr(error.message, "/proc/"));
    free(file);
}

static void what_is_no_shared_object_is_refused(void)
{
    static const char *const names[] = {"text.so", "empty.so", NULL};
    static const char script[] = "#!/bin/sh\necho \"hello\"\n";
    struct folder folder = folder_make();
    char *text = folder_file(&folder, names[0]);
    char *empty = folder_file(&folder, names[1]);

    write_file(text, script, sizeof script - 1, 0644);
    expect_refused(text, "not a shared object: begins with \"#!/bin/sh\"", "expected an ELF file");
    write_file(text, "\1\"\\x", 4, 0644);
    expect_refused(text, "begins with \"\\x01\\x22\\x5cx\"", "expected an ELF file");
    write_file(empty, "", 0, 0644);
    expect_refused(empty, "the file is empty", "expected an ELF file");
    expect_refused(folder.path, "a folder", "expected a regular file");
    free(text);
    free(empty);
    folder_remove(&folder, names);
}

static void other_files_than_regular_are_never_waited_for(void)
{
    static const char *const names[] = {"fifo.so", NULL};
    struct folder folder = folder_make();
    char *file = folder_file(&folder, names[0]);

    CU_ASSERT_EQUAL_FATAL(mkfifo(file, 0600), 0);
    expect_refused(file, "a FIFO, socket or device", "expected a regular file");
    free(file);
    folder_remove(&folder, names);
}

static void other_architectures_are_refused(void)
{
    static const char *const names[] = {"foreign.so", NULL};
    struct folder folder = folder_make();
    char *file = folder_file(&folder, names[0]);
    size_t size = 0;
    char *data = read_fixture("good", &size);
    ElfW(Ehdr) header;
    ElfW(Ehdr) other;

    memcpy(&header, data, sizeof header);
    other = header;
    other.e_machine = header.e_machine == EM_AARCH64 ? EM_X86_64 : EM_AARCH64;
    memcpy(data, &other, sizeof other);
    write_file(file, data, size, 0644);
    expect_refused(file, header.e_machine == EM_AARCH64 ? "built for x86_64" : "built for aarch64",
                   "this is ");
    other = header;
    other.e_ident[EI_CLASS] = header.e_ident[EI_CLASS] == ELFCLASS64 ? ELFCLASS32 : ELFCLASS64;
    memcpy(data, &other, sizeof other);
    write_file(file, data, size, 0644);
    expect_refused(file, header.e_ident[EI_CLASS] == ELFCLASS64 ? "with 32 bits" : "with 64 bits",
                   "this is ");
    other = header;
    other.e_type = ET_REL;
    memcpy(data, &other, sizeof other);
    write_file(file, data, size, 0644);
    expect_refused(file, "a relocatable object (.o)", "expected a shared object");
    free(data);
    free(file);
    folder_remove(&folder, names);
}

/* At every length: what is left is refused, and never loaded, which could kill the process. */
static void truncated_files_are_refused(void)
{
    static const char *const names[] = {"short.so", NULL};
    struct folder folder = folder_make();
    char *file = folder_file(&folder, names[0]);
    size_t size = 0;
    char *data = read_fixture("good", &size);

    for (size_t length = SELFMAG; length < size; length += length < 256 ? 4 : size / 23) {
        write_file(file, data, length, 0644);
        expect_refused(file, "truncated: has ", "are expected at ");
    }
    write_file(file, data, size - 1, 0644);
    expect_refused(file, "truncated: has ", "are expected at ");
    free(data);
    free(file);
    folder_remove(&folder, names);
}

static void files_that_others_may_write_are_refused(void)
{
    static const char *const names[] = {"open.so", NULL};
    struct folder folder = folder_make();
    char *file = folder_file(&folder, names[0]);
    size_t size = 0;
    char *data = read_fixture("good", &size);

    write_file(file, data, size, 0646);
    expect_refused(file, "mode 0646 lets everybody write it", "others may not write");
    write_file(file, data, size, 0664);
    plugin_free(load(file));
    CU_ASSERT_EQUAL(chmod(folder.path, 0777), 0);
    expect_refused(file, "has mode 0777, so that everybody may replace it", "others may not write");
    CU_ASSERT_EQUAL(chmod(folder.path, 01777), 0);
    plugin_free(load(file));
    CU_ASSERT_EQUAL(chmod(folder.path, 0700), 0);
    /* Only root can give files away. */
    if (geteuid() == 0) {
        CU_ASSERT_EQUAL(chown(file, 0, 12345), 0);
        expect_refused(file, "mode 0664 lets group 12345 write it", "this group may not write");
        CU_ASSERT_EQUAL(chown(file, 12345, 0), 0);
        expect_refused(file, "owned by user 12345", "expected root");
    }
    free(data);
    free(file);
    folder_remove(&folder, names);
}

static void links_into_open_folders_are_refused(void)
{
    static const char *const names[] = {"target.so", "link.so", NULL};
    struct folder open = folder_make();
    struct folder own = folder_make();
    char *target = folder_file(&open, names[0]);
    char *link = folder_file(&own, names[1]);
    size_t size = 0;
    char *data = read_fixture("good", &size);

    write_file(target, data, size, 0644);
    CU_ASSERT_EQUAL_FATAL(symlink(target, link), 0);
    plugin_free(load(link));
    CU_ASSERT_EQUAL(chmod(open.path, 0777), 0);
    expect_refused(link, "so that everybody may replace it", open.path);
    free(data);
    free(target);
    free(link);
    folder_remove(&open, names);
    folder_remove(&own, names);
}

static void names_are_looked_for_in_order(void)
{
    static const char *const names[] = {"good.so", NULL};
    struct folder folder = folder_make();
    char *file = folder_file(&folder, names[0]);
    char *built = fixtures();
    const char *const dirs[] = {"/nowhere", folder.path, built, NULL};
    struct plugin *plugin = NULL;
    struct error error = {0};
    size_t size = 0;
    char *data = read_fixture("good-route", &size);

    CU_ASSERT_EQUAL_FATAL(plugin_load("good", dirs, &plugin, &error), 0);
    CU_ASSERT_STRING_EQUAL(plugin->descriptor.name, "good");
    plugin_free(plugin);
    write_file(file, data, size, 0644);
    CU_ASSERT_EQUAL_FATAL(plugin_load("good", dirs, &plugin, &error), 0);
    CU_ASSERT_STRING_EQUAL(plugin->descriptor.name, "good-route");
    CU_ASSERT_STRING_EQUAL(plugin->file, file);
    plugin_free(plugin);
    plugin = NULL;
    write_file(file, "no plugin", 9, 0644);
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
    CU_ASSERT_EQUAL(plugin_load("absent", no_dirs, &plugin, &error), ERROR_NOT_FOUND);
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

        CU_ASSERT_EQUAL(plugin_load(bad[i], no_dirs, &plugin, &error), ERROR_INVALID);
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
    char *data = read_fixture("good", &size);
    struct plugin *plugin;

    write_file(file, data, size, 0644);
    CU_ASSERT_EQUAL(chdir(folder.path), 0);
    plugin = load("./x.so");
    CU_ASSERT_EQUAL(chdir(before), 0);
    CU_ASSERT_EQUAL(plugin->file[0], '/');
    expect_text(plugin->file, folder.path);
    plugin_free(plugin);
    free(before);
    free(data);
    free(file);
    folder_remove(&folder, names);
}

static void replaced_files_give_new_objects(void)
{
    static const char *const names[] = {"x.so", NULL};
    static const char *const wanted[] = {"good", "good-route", "good-authentication", "same-key"};
    struct folder folder = folder_make();
    char *file = folder_file(&folder, names[0]);
    struct plugin *loaded[4];

    for (size_t i = 0; i < 4; i++) {
        size_t size = 0;
        char *data = read_fixture(wanted[i], &size);

        write_file(file, data, size, 0644);
        loaded[i] = load(file);
        /* Written in place, as a careless copy does it: a mapped file would change under the process. */
        CU_ASSERT_EQUAL(truncate(file, 0), 0);
        free(data);
    }
    for (size_t i = 0; i < 4; i++) {
        CU_ASSERT_STRING_EQUAL(loaded[i]->descriptor.name, wanted[i]);
        plugin_free(loaded[i]);
    }
    free(file);
    folder_remove(&folder, names);
}

static void loading_leaves_no_file_open(void)
{
    int before = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int after;

    (void)close(before);
    for (int i = 0; i < 10; i++)
        plugin_free(load_fixture("good"));
    expect_fixture_refused("unresolved", "undefined symbol", "expected");
    expect_fixture_refused("bad-role", "role is 7", "expected");
    after = open("/dev/null", O_RDONLY | O_CLOEXEC);
    (void)close(after);
    CU_ASSERT_EQUAL(before, after);
}

static void copies_in_a_folder_load_and_leave_nothing(void)
{
    static const char *const none[] = {NULL};
    struct folder folder = folder_make();
    struct copy copy = {.fd = -1};
    struct error error = {0};
    struct stat info;
    size_t size = 0;
    char *data = read_fixture("good", &size);
    void *object;

    CU_ASSERT_EQUAL_FATAL(copy_in_folder(folder.path, data, size, &copy, &error), 0);
    CU_ASSERT_EQUAL(stat(copy.folder, &info), 0);
    CU_ASSERT_EQUAL(info.st_mode & 07777U, 0700U);
    object = dlopen(copy.path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    CU_ASSERT_PTR_NOT_NULL(object);
    copy_release(&copy);
    CU_ASSERT_PTR_NOT_NULL(dlsym(object, APIGW_PLUGIN_ENTRY));
    CU_ASSERT_EQUAL(copy_in_folder("/nowhere", data, size, &copy, &error), ERROR_IO);
    CU_ASSERT_STRING_EQUAL(error.message, "/nowhere: No such file or directory");
    free(data);
    folder_remove(&folder, none);
}

static void copies_in_memory_are_sealed(void)
{
    struct copy copy = {.fd = -1};
    struct error error = {0};
    size_t size = 0;
    char *data = read_fixture("good", &size);

    if (copy_in_memory("good.so", data, size, &copy, &error) != 0) {
        (void)printf("# not here: %s\n", error.message);
        free(data);
        return;
    }
    CU_ASSERT_EQUAL(write(copy.fd, "x", 1), -1);
    CU_ASSERT_EQUAL(ftruncate(copy.fd, 0), -1);
    CU_ASSERT_PTR_NULL(copy.folder);
    copy_release(&copy);
    CU_ASSERT_EQUAL(copy.fd, -1);
    free(data);
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
        {"what is no shared object is refused with how it begins", what_is_no_shared_object_is_refused},
        {"a FIFO is refused and not waited for", other_files_than_regular_are_never_waited_for},
        {"another architecture is refused with both names", other_architectures_are_refused},
        {"a file cut short anywhere is refused and not loaded", truncated_files_are_refused},
        {"a file or folder that others may write is refused", files_that_others_may_write_are_refused},
        {"a link into a folder that others may write is refused", links_into_open_folders_are_refused},
        {"a name is looked for in all folders, the first found wins", names_are_looked_for_in_order},
        {"a missing plugin tells where it was looked for", missing_plugins_tell_where_they_were_looked_for},
        {"a name that is none is refused", names_that_are_none_are_refused},
        {"a relative path becomes absolute", relative_paths_become_absolute},
        {"a replaced file gives a new object, the old one stays whole", replaced_files_give_new_objects},
        {"loading leaves no file open", loading_leaves_no_file_open},
        {"a copy in a folder loads and leaves nothing behind", copies_in_a_folder_load_and_leave_nothing},
        {"a copy in memory cannot be changed", copies_in_memory_are_sealed},
        {NULL, NULL},
    };

    return harness_run("loader", tests);
}

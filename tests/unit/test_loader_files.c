/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "loader_bench.h"

#include "plugin/copy.h"
#include "plugin/loader.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void refuse_fixture(const char *name, const char *found)
{
    char *file = bench_fixture(name);

    expect_refused(file, found, "expected");
    free(file);
}

static struct plugin *load_good(void)
{
    char *file = bench_fixture("good");
    struct plugin *plugin = bench_load(file);

    free(file);
    return plugin;
}

static void what_is_no_shared_object_is_refused(void)
{
    static const char *const names[] = {"text.so", "empty.so", NULL};
    static const char script[] = "#!/bin/sh\necho \"hello\"\n";
    struct folder folder = folder_make();
    char *text = folder_file(&folder, names[0]);
    char *empty = folder_file(&folder, names[1]);

    bench_write(text, script, sizeof script - 1, 0644);
    expect_refused(text, "not a shared object: begins with \"#!/bin/sh\"", "expected an ELF file");
    bench_write(text, "\1\"\\x", 4, 0644);
    expect_refused(text, "begins with \"\\x01\\x22\\x5cx\"", "expected an ELF file");
    bench_write(empty, "", 0, 0644);
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
    char *data = bench_read("good", &size);
    ElfW(Ehdr) header;
    ElfW(Ehdr) other;

    memcpy(&header, data, sizeof header);
    other = header;
    other.e_machine = header.e_machine == EM_AARCH64 ? EM_X86_64 : EM_AARCH64;
    memcpy(data, &other, sizeof other);
    bench_write(file, data, size, 0644);
    expect_refused(file, header.e_machine == EM_AARCH64 ? "built for x86_64" : "built for aarch64",
                   "this is ");
    other = header;
    other.e_ident[EI_CLASS] = header.e_ident[EI_CLASS] == ELFCLASS64 ? ELFCLASS32 : ELFCLASS64;
    memcpy(data, &other, sizeof other);
    bench_write(file, data, size, 0644);
    expect_refused(file, header.e_ident[EI_CLASS] == ELFCLASS64 ? "with 32 bits" : "with 64 bits",
                   "this is ");
    other = header;
    other.e_type = ET_REL;
    memcpy(data, &other, sizeof other);
    bench_write(file, data, size, 0644);
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
    char *data = bench_read("good", &size);

    for (size_t length = SELFMAG; length < size; length += length < 256 ? 4 : size / 23) {
        bench_write(file, data, length, 0644);
        expect_refused(file, "truncated: has ", "are expected at ");
    }
    bench_write(file, data, size - 1, 0644);
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
    char *data = bench_read("good", &size);

    bench_write(file, data, size, 0646);
    expect_refused(file, "mode 0646 lets everybody write it", "others may not write");
    bench_write(file, data, size, 0664);
    plugin_free(bench_load(file));
    CU_ASSERT_EQUAL(chmod(folder.path, 0777), 0);
    expect_refused(file, "has mode 0777, so that everybody may replace it", "others may not write");
    CU_ASSERT_EQUAL(chmod(folder.path, 01777), 0);
    plugin_free(bench_load(file));
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
    char *data = bench_read("good", &size);

    bench_write(target, data, size, 0644);
    CU_ASSERT_EQUAL_FATAL(symlink(target, link), 0);
    plugin_free(bench_load(link));
    CU_ASSERT_EQUAL(chmod(open.path, 0777), 0);
    expect_refused(link, "so that everybody may replace it", open.path);
    free(data);
    free(target);
    free(link);
    folder_remove(&open, names);
    folder_remove(&own, names);
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
        char *data = bench_read(wanted[i], &size);

        bench_write(file, data, size, 0644);
        loaded[i] = bench_load(file);
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
        plugin_free(load_good());
    refuse_fixture("unresolved", "undefined symbol");
    refuse_fixture("bad-role", "role is 7");
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
    char *data = bench_read("good", &size);
    void *object;

    CU_ASSERT_EQUAL_FATAL(copy_in_folder(folder.path, data, size, &copy, &error), 0);
    CU_ASSERT_EQUAL(stat(copy.folder, &info), 0);
    CU_ASSERT_EQUAL(info.st_mode & 07777U, 0700U);
    object = dlopen(copy.path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    CU_ASSERT_PTR_NOT_NULL(object);
    copy_release(&copy);
    CU_ASSERT_PTR_NOT_NULL(dlsym(object, "apigw_plugin_entry"));
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
    char *data = bench_read("good", &size);

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
        {"what is no shared object is refused with how it begins", what_is_no_shared_object_is_refused},
        {"a FIFO is refused and not waited for", other_files_than_regular_are_never_waited_for},
        {"another architecture is refused with both names", other_architectures_are_refused},
        {"a file cut short anywhere is refused and not loaded", truncated_files_are_refused},
        {"a file or folder that others may write is refused", files_that_others_may_write_are_refused},
        {"a link into a folder that others may write is refused", links_into_open_folders_are_refused},
        {"a replaced file gives a new object, the old one stays whole", replaced_files_give_new_objects},
        {"loading leaves no file open", loading_leaves_no_file_open},
        {"a copy in a folder loads and leaves nothing behind", copies_in_a_folder_load_and_leave_nothing},
        {"a copy in memory cannot be changed", copies_in_memory_are_sealed},
        {NULL, NULL},
    };

    return harness_run("loader_files", tests);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"
#include "harness.h"
#include "reading.h"
#include "scarce.h"

#include "directory/source.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void files_are_read_in_order(void)
{
    struct reading reading;

    reading_start(&reading);
    folder_write(reading.root, "b.yaml", SERVICE("one") "---\n---\n" SERVICE("two"));
    folder_write(reading.root, "a/z.yml", SERVICE("three"));
    folder_write(reading.root, "a/b.json",
                 "{\"apiVersion\": \"v1\", \"kind\": \"Service\", \"metadata\": {\"name\": \"four\"}}");
    folder_write(reading.root, "B.yaml", SERVICE("five"));
    folder_write(reading.root, "empty.yaml", "# nothing\n");
    folder_write(reading.root, "notes.txt", "no: [yaml");
    folder_write(reading.root, ".hidden.yaml", "no: [yaml");
    folder_write(reading.root, ".git/x.yaml", "no: [yaml");
    folder_write(reading.root, ".yaml", "no: [yaml");
    reading_folder(&reading, NULL);
    CU_ASSERT_TRUE(reading_took(&reading, "B.yaml:0:-1:default/five a/b.json:0:-1:default/four "
                                          "a/z.yml:0:-1:default/three b.yaml:0:-1:default/one "
                                          "b.yaml:2:-1:default/two "));
    CU_ASSERT_EQUAL(reading.result.files, 5);
    CU_ASSERT_EQUAL(reading.result.objects, 5);
    CU_ASSERT_EQUAL(reading.result.quarantined + reading.result.refused, 0);
    CU_ASSERT_EQUAL(reading.problems.count, 0);
    reading_finish(&reading);
}

static void a_broken_file_gives_nothing(void)
{
    struct reading reading;

    reading_start(&reading);
    folder_write(reading.root, "a.yaml", SERVICE("one") "---\nkind: [broken\n");
    folder_write(reading.root, "b.yaml", SERVICE("two"));
    reading_folder(&reading, NULL);
    CU_ASSERT_TRUE(reading_took(&reading, "b.yaml:0:-1:default/two "));
    CU_ASSERT_EQUAL(reading.result.quarantined, 1);
    CU_ASSERT_EQUAL(reading.result.files, 1);
    CU_ASSERT_TRUE(reading_told(&reading, "/a.yaml:6:1: error: "));
    reading_finish(&reading);
}

static void a_mounted_config_map_is_read(void)
{
    struct reading reading;

    reading_start(&reading);
    folder_write(reading.root, "..2026_01/a.yaml", SERVICE("old"));
    folder_write(reading.root, "..2026_02/a.yaml", SERVICE("new"));
    folder_link(reading.root, "..data", "..2026_01");
    folder_link(reading.root, "a.yaml", "..data/a.yaml");
    reading_folder(&reading, NULL);
    CU_ASSERT_TRUE(reading_took(&reading, "a.yaml:0:-1:default/old "));
    folder_link(reading.root, "..data_tmp", "..2026_02");
    CU_ASSERT_EQUAL(rename(folder_path(reading.root, "..data_tmp"), folder_path(reading.root, "..data")), 0);
    reading_folder(&reading, NULL);
    CU_ASSERT_TRUE(reading_took(&reading, "a.yaml:0:-1:default/new "));
    CU_ASSERT_EQUAL(reading.problems.count, 0);
    reading_finish(&reading);
}

static void link_cycles_are_met_once(void)
{
    struct reading reading;

    reading_start(&reading);
    folder_write(reading.root, "a/one.yaml", SERVICE("one"));
    folder_write(reading.root, "b/two.yaml", SERVICE("two"));
    folder_link(reading.root, "a/self", ".");
    folder_link(reading.root, "a/up", "..");
    folder_link(reading.root, "a/across", "../b");
    folder_link(reading.root, "b/back", "../a");
    reading_folder(&reading, NULL);
    CU_ASSERT_TRUE(reading_took(&reading, "a/across/two.yaml:0:-1:default/two a/one.yaml:0:-1:default/one "));
    CU_ASSERT_EQUAL(reading.problems.count, 0);
    reading_finish(&reading);
}

static void links_that_lead_nowhere_are_quarantined(void)
{
    struct reading reading;

    reading_start(&reading);
    folder_link(reading.root, "a.yaml", "missing.yaml");
    reading_folder(&reading, NULL);
    CU_ASSERT_TRUE(reading_took(&reading, ""));
    CU_ASSERT_EQUAL(reading.result.quarantined, 1);
    CU_ASSERT_TRUE(reading_told(&reading, "/a.yaml: error: a symbolic link that leads nowhere"));
    CU_ASSERT_EQUAL(unlink(folder_path(reading.root, "a.yaml")), 0);
    folder_link(reading.root, "loop", "loop");
    reading_folder(&reading, NULL);
    CU_ASSERT_EQUAL(reading.result.quarantined, 1);
    CU_ASSERT_TRUE(reading_told(&reading, "/loop: error: a symbolic link that leads nowhere"));
    reading_finish(&reading);
}

static void only_regular_files_are_opened(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct reading reading;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    reading_start(&reading);
    CU_ASSERT_EQUAL(mkfifo(folder_path(reading.root, "fifo.yaml"), 0600), 0);
    CU_ASSERT_EQUAL(mkfifo(folder_path(reading.root, "fifo"), 0600), 0);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s/socket.yaml", reading.root);
    CU_ASSERT_EQUAL(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    folder_link(reading.root, "null.yaml", "/dev/null");
    folder_write(reading.root, "z.yaml", SERVICE("one"));
    reading_folder(&reading, NULL);
    CU_ASSERT_TRUE(reading_took(&reading, "z.yaml:0:-1:default/one "));
    CU_ASSERT_EQUAL(reading.result.quarantined, 3);
    CU_ASSERT_EQUAL(reading.problems.errors, 3);
    (void)close(fd);
    reading_finish(&reading);
}

static void sizes_and_depths_have_limits(void)
{
    struct reading reading;
    char path[400] = "";

    reading_start(&reading);
    folder_write_sized(reading.root, "a.yaml", 1 << 20);
    reading_folder(&reading, NULL);
    CU_ASSERT_TRUE(reading_took(&reading, "a.yaml:0:-1:default/large "));
    folder_write_sized(reading.root, "a.yaml", (1 << 20) + 1);
    reading_folder(&reading, NULL);
    CU_ASSERT_TRUE(reading_took(&reading, ""));
    CU_ASSERT_EQUAL(reading.result.quarantined, 1);
    CU_ASSERT_TRUE(reading_told(&reading, "/a.yaml: error: 1048577 bytes, at most 1048576 are read"));
    CU_ASSERT_EQUAL(unlink(folder_path(reading.root, "a.yaml")), 0);
    for (size_t i = 0; i < 64; i++)
        (void)snprintf(path + 2 * i, sizeof path - 2 * i, "d/");
    (void)snprintf(path + 128, sizeof path - 128, "x.yaml");
    folder_write(reading.root, path, SERVICE("deep"));
    reading_folder(&reading, NULL);
    CU_ASSERT_EQUAL(reading.result.objects, 1);
    CU_ASSERT_EQUAL(reading.problems.count, 0);
    (void)snprintf(path + 128, sizeof path - 128, "d/x.yaml");
    folder_write(reading.root, path, SERVICE("deeper"));
    reading_folder(&reading, NULL);
    CU_ASSERT_EQUAL(reading.result.objects, 1);
    CU_ASSERT_EQUAL(reading.result.quarantined, 1);
    CU_ASSERT_EQUAL(reading.problems.count, 1);
    reading_finish(&reading);
}

static void the_output_is_passed_over(void)
{
    struct reading reading;

    reading_start(&reading);
    folder_write(reading.root, "a.yaml", SERVICE("a"));
    folder_write(reading.root, "out/status/n/a.yaml", "no: [yaml");
    folder_link(reading.root, "other-name", "out");
    reading_folder(&reading, folder_path(reading.root, "out"));
    CU_ASSERT_TRUE(reading_took(&reading, "a.yaml:0:-1:default/a "));
    CU_ASSERT_EQUAL(reading.problems.count, 0);
    reading_folder(&reading, folder_path(reading.root, "missing"));
    CU_ASSERT_EQUAL(reading.result.quarantined, 1);
    reading_finish(&reading);
}

static void links_into_the_output_are_passed_over(void)
{
    struct reading reading;

    reading_start(&reading);
    folder_write(reading.root, "a.yaml", SERVICE("a"));
    folder_write(reading.root, "out/resources/n/x/b.yaml", SERVICE("b"));
    folder_write(reading.root, "output/c.yaml", SERVICE("c"));
    folder_link(reading.root, "outside", "output");
    folder_link(reading.root, "resources", "out/resources");
    folder_link(reading.root, "file.yaml", "out/resources/n/x/b.yaml");
    folder_link(reading.root, "far", "resources/n");
    folder_link(reading.root, "v", "out");
    reading_folder(&reading, folder_path(reading.root, "v"));
    CU_ASSERT_TRUE(reading_took(&reading, "a.yaml:0:-1:default/a output/c.yaml:0:-1:default/c "));
    CU_ASSERT_EQUAL(reading.problems.count, 3);
    CU_ASSERT_EQUAL(reading.problems.errors, 0);
    for (size_t i = 0; i < reading.problems.count; i++)
        CU_ASSERT_STRING_EQUAL(reading.problems.list[i].message,
                               "a symbolic link that leads into the output folder; passed over");
    CU_ASSERT_EQUAL(reading.result.quarantined, 0);
    reading_finish(&reading);
}

static void a_missing_input_is_an_error(void)
{
    struct reading reading;
    const struct source_reader reader = {
        .take = reading_take, .payload = &reading, .result = &reading.result, .problems = &reading.problems};

    reading_start(&reading);
    CU_ASSERT_EQUAL(source_read_directory(folder_path(reading.root, "x"), NULL, &reader, &reading.error),
                    ERROR_NOT_FOUND);
    CU_ASSERT_PTR_NOT_NULL(strstr(reading.error.message, "/x does not exist"));
    folder_write(reading.root, "file", "");
    CU_ASSERT_EQUAL(source_read_directory(folder_path(reading.root, "file"), NULL, &reader, &reading.error),
                    ERROR_IO);
    reading_finish(&reading);
}

static int refuse_all(const struct event *event, void *payload, struct error *error)
{
    (void)event;
    (*(int *)payload)++;
    return error_set(error, ERROR_LIMIT, "enough");
}

static void who_takes_can_stop(void)
{
    struct reading reading;
    int calls = 0;
    const struct source_reader reader = {
        .take = refuse_all, .payload = &calls, .result = &reading.result, .problems = &reading.problems};

    reading_start(&reading);
    folder_write(reading.root, "a.yaml", SERVICE("a") "---\n" SERVICE("b"));
    folder_write(reading.root, "b.yaml", SERVICE("c"));
    CU_ASSERT_EQUAL(source_read_directory(reading.root, NULL, &reader, &reading.error), ERROR_LIMIT);
    CU_ASSERT_STRING_EQUAL(reading.error.message, "enough");
    CU_ASSERT_EQUAL(calls, 1);
    reading_finish(&reading);
}

static void short_memory_is_told(void)
{
    bool failed = true;

    for (size_t granted = 0; failed && granted < 2000; granted++) {
        struct reading reading;
        reading_start(&reading);
        folder_write(reading.root, "d/a.yaml", SERVICE("a") "---\nkind: [\n");
        folder_write(reading.root, "d/b.yaml", SERVICE("b/b") "---\n" SERVICE("c"));
        scarce_begin(granted);
        reading_folder(&reading, NULL);
        failed = scarce_end();
        CU_ASSERT_TRUE(reading.code == 0 || (failed && reading.code == ERROR_NO_MEMORY));
        CU_ASSERT_TRUE(failed || (reading.result.quarantined == 1 && reading.result.refused == 1));
        reading_finish(&reading);
    }
    CU_ASSERT_FALSE(failed);
}

int main(void)
{
    static const struct test tests[] = {
        {"YAML and JSON files are read in path order", files_are_read_in_order},
        {"of a file with a broken document nothing is taken", a_broken_file_gives_nothing},
        {"a mounted ConfigMap is read, before and after its swap", a_mounted_config_map_is_read},
        {"link cycles are met once", link_cycles_are_met_once},
        {"links that lead nowhere are quarantined", links_that_lead_nowhere_are_quarantined},
        {"FIFOs, sockets and devices are never opened", only_regular_files_are_opened},
        {"file size and folder depth have limits on both sides", sizes_and_depths_have_limits},
        {"the output is passed over, under any name", the_output_is_passed_over},
        {"links into the output are passed over", links_into_the_output_are_passed_over},
        {"a missing input is an error, not an empty one", a_missing_input_is_an_error},
        {"who takes the objects can stop the reading", who_takes_can_stop},
        {"short memory is told and nothing leaks", short_memory_is_told},
        {NULL, NULL},
    };

    return harness_run("source", tests);
}

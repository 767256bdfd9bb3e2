/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"
#include "harness.h"
#include "scarce.h"

#include "base/text.h"
#include "directory/source.h"
#include "object/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* What a reading gave. */
struct reading {
    char root[64];
    struct source_result result;
    struct problems problems;
    /* "FILE:DOCUMENT:ITEM:NAMESPACE/NAME " of each object; the file without the root. */
    struct text taken;
    struct error error;
    int code;
};

static int take(const struct event *event, void *payload, struct error *error)
{
    struct reading *reading = payload;
    const char *file = event->file;
    size_t length = strlen(reading->root);

    (void)error;
    if (strncmp(file, reading->root, length) == 0)
        file += length + 1;
    text_append_format(&reading->taken, "%s:%zu:%ld:%s/%s ", file, event->document, event->item,
                       object_namespace(event->object), object_name(event->object));
    return 0;
}

static void start(struct reading *reading)
{
    *reading = (struct reading){.taken = text_empty()};
    folder_make(reading->root);
}

static void forget(struct reading *reading)
{
    problems_release(&reading->problems);
    text_release(&reading->taken);
    reading->result = (struct source_result){0};
}

static void finish(struct reading *reading)
{
    forget(reading);
    folder_remove(reading->root);
}

static void read_skipping(struct reading *reading, const char *skip)
{
    const struct source_reader reader = {
        .take = take, .payload = reading, .result = &reading->result, .problems = &reading->problems};

    forget(reading);
    reading->code = source_read_directory(reading->root, skip, &reader, &reading->error);
}

static void read_all(struct reading *reading)
{
    read_skipping(reading, NULL);
}

static void read_text(struct reading *reading, const char *text)
{
    const struct source_reader reader = {
        .take = take, .payload = reading, .result = &reading->result, .problems = &reading->problems};

    forget(reading);
    reading->code = source_read_text("in.yaml", text, strlen(text), &reader, &reading->error);
}

static bool took(const struct reading *reading, const char *expected)
{
    bool equal = strcmp(reading->taken.data, expected) == 0;

    if (!equal)
        (void)printf("# taken: %s\n", reading->taken.data);
    return equal && reading->code == 0;
}

/* Whether exactly one problem was found, and its line, without the root, begins like this. */
static bool told(const struct reading *reading, const char *expected)
{
    struct text text = text_empty();
    char whole[512];
    bool equal;

    (void)snprintf(whole, sizeof whole, "%s%s%s", expected[0] == '/' ? reading->root : "", expected, "");
    problems_print(&reading->problems, &text);
    equal = reading->problems.count == 1 && strncmp(text.data, whole, strlen(whole)) == 0;
    if (!equal)
        (void)printf("# told: %s# expected: %s\n", text.data, whole);
    text_release(&text);
    return equal;
}

#define SERVICE(name) "apiVersion: v1\nkind: Service\nmetadata: {name: " name "}\n"

static void files_are_read_in_order(void)
{
    struct reading reading;

    start(&reading);
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
    read_all(&reading);
    CU_ASSERT_TRUE(took(&reading, "B.yaml:0:-1:default/five a/b.json:0:-1:default/four "
                                  "a/z.yml:0:-1:default/three b.yaml:0:-1:default/one "
                                  "b.yaml:2:-1:default/two "));
    CU_ASSERT_EQUAL(reading.result.files, 5);
    CU_ASSERT_EQUAL(reading.result.objects, 5);
    CU_ASSERT_EQUAL(reading.result.quarantined + reading.result.refused, 0);
    CU_ASSERT_EQUAL(reading.problems.count, 0);
    finish(&reading);
}

static void a_broken_file_gives_nothing(void)
{
    struct reading reading;

    start(&reading);
    folder_write(reading.root, "a.yaml", SERVICE("one") "---\nkind: [broken\n");
    folder_write(reading.root, "b.yaml", SERVICE("two"));
    read_all(&reading);
    CU_ASSERT_TRUE(took(&reading, "b.yaml:0:-1:default/two "));
    CU_ASSERT_EQUAL(reading.result.quarantined, 1);
    CU_ASSERT_EQUAL(reading.result.files, 1);
    CU_ASSERT_TRUE(told(&reading, "/a.yaml:6:1: error: "));
    finish(&reading);
}

static void lists_are_taken_apart(void)
{
    struct reading reading;

    start(&reading);
    read_text(&reading, "apiVersion: v1\nkind: List\nitems:\n"
                        "- {apiVersion: v1, kind: Service, metadata: {name: a, namespace: ns}}\n"
                        "- {apiVersion: v1, kind: Service, metadata: {name: b}}\n"
                        "---\napiVersion: x.io/v1\nkind: ThingList\n"
                        "items: [{apiVersion: x.io/v1, kind: Thing, metadata: {name: c}}]\n"
                        "---\n{apiVersion: v1, kind: List, items: []}\n---\n"
                        "{apiVersion: v1, kind: List, items: null}\n---\n"
                        "{apiVersion: x.io/v1, kind: AllowList, metadata: {name: d}}\n");
    CU_ASSERT_TRUE(took(&reading, "in.yaml:0:0:ns/a in.yaml:0:1:default/b in.yaml:1:0:default/c "
                                  "in.yaml:4:-1:default/d "));
    CU_ASSERT_EQUAL(reading.problems.count, 0);
    finish(&reading);
}

static void a_bad_item_hurts_only_itself(void)
{
    struct reading reading;

    start(&reading);
    read_text(&reading, "apiVersion: v1\nkind: List\nitems:\n"
                        "- {apiVersion: v1, kind: Service, metadata: {name: a}}\n"
                        "- apiVersion: v1\n  kind: Service\n  metadata:\n    name: B\n"
                        "- {apiVersion: v1, kind: Service, metadata: {name: c}}\n");
    CU_ASSERT_TRUE(took(&reading, "in.yaml:0:0:default/a in.yaml:0:2:default/c "));
    CU_ASSERT_EQUAL(reading.result.refused, 1);
    CU_ASSERT_TRUE(
        told(&reading, "in.yaml:8:5: error: items[1].metadata.name: expected a name of lower-case"));
    CU_ASSERT_PTR_NOT_NULL(strstr(reading.problems.list[0].message, "found \"B\""));
    finish(&reading);
}

static void what_is_no_object_is_refused(void)
{
    static const struct {
        const char *text;
        const char *told;
    } cases[] = {
        {"just text",
         "in.yaml:1:1: error: expected an object with apiVersion, kind and metadata, found a string"},
        {"[1]", "in.yaml:1:1: error: expected an object with apiVersion, kind and metadata, found a list"},
        {"kind: A\n", "in.yaml:1:1: error: apiVersion: expected VERSION or GROUP/VERSION, found nothing"},
        {"apiVersion: 1\nkind: A\n",
         "in.yaml:1:1: error: apiVersion: expected VERSION or GROUP/VERSION, found an"},
        {"apiVersion: a/b/c\nkind: A\n", "in.yaml:1:1: error: apiVersion: expected"},
        {"apiVersion: /v1\nkind: A\n", "in.yaml:1:1: error: apiVersion: expected"},
        {"apiVersion: a/\nkind: A\n", "in.yaml:1:1: error: apiVersion: expected"},
        {"apiVersion: v1\n", "in.yaml:1:1: error: kind: expected the name of a kind, found nothing"},
        {"apiVersion: v1\nkind: \"\"\n", "in.yaml:2:1: error: kind: expected the name of a kind, found \"\""},
        {"apiVersion: v1\nkind: List\n",
         "in.yaml:1:1: error: items: expected a list of objects, found nothing"},
        {"apiVersion: v1\nkind: List\nitems: {a: 1}\n",
         "in.yaml:3:1: error: items: expected a list of objects, found an"},
        {"apiVersion: v1\nkind: List\nitems:\n- 7\n", "in.yaml:4:3: error: items[0]: expected an object"},
        {"apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: List, items: []}\n",
         "in.yaml:4:3: error: items[0]: a list inside of a list"},
        {"apiVersion: v1\nkind: A\n",
         "in.yaml:1:1: error: metadata: expected an object with a name, found nothing"},
        {"apiVersion: v1\nkind: A\nmetadata: [x]\n",
         "in.yaml:3:1: error: metadata: expected an object with a name, found a list"},
        {"apiVersion: v1\nkind: A\nmetadata: {namespace: a}\n",
         "in.yaml:3:1: error: metadata.name: expected a name"},
        {"apiVersion: v1\nkind: A\nmetadata:\n  name: a\n  namespace: a.b\n",
         "in.yaml:5:3: error: metadata.namespace: expected a namespace of"},
        {"apiVersion: v1\nkind: A\nmetadata: {name: a, namespace: 7}\n",
         "in.yaml:3:21: error: metadata.namespace: "},
    };
    struct reading reading;

    start(&reading);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        read_text(&reading, cases[i].text);
        CU_ASSERT_TRUE(took(&reading, ""));
        CU_ASSERT_EQUAL(reading.result.refused, 1);
        CU_ASSERT_EQUAL(reading.result.quarantined, 0);
        CU_ASSERT_TRUE(told(&reading, cases[i].told));
    }
    finish(&reading);
}

static void rubbish_names_are_shown_safely(void)
{
    static const char *const names[] = {"../../etc/passwd", "a/b", "..", ".", "", "a\\nb", "-a", "A",
                                        "a\\u202eb"};
    struct reading reading;
    char text[600];
    char name[301];

    start(&reading);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        for (int part = 0; part < 2; part++) {
            (void)snprintf(text, sizeof text,
                           "{\"apiVersion\": \"v1\", \"kind\": \"A\", \"metadata\": {%s\"%s\"}}",
                           part == 0 ? "\"name\": " : "\"name\": \"ok\", \"namespace\": ", names[i]);
            read_text(&reading, text);
            CU_ASSERT_TRUE(took(&reading, ""));
            CU_ASSERT_EQUAL_FATAL(reading.problems.count, 1);
            CU_ASSERT_PTR_NULL(strpbrk(reading.problems.list[0].message, "\n\r\x1b\xe2"));
        }
    }
    memset(name, 'a', 300);
    name[300] = '\0';
    (void)snprintf(text, sizeof text, "{apiVersion: v1, kind: A, metadata: {name: %s}}", name);
    read_text(&reading, text);
    CU_ASSERT_EQUAL_FATAL(reading.problems.count, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(reading.problems.list[0].message, "aaa...\" (300 bytes)"));
    name[253] = '\0';
    (void)snprintf(text, sizeof text, "{apiVersion: v1, kind: A, metadata: {name: %s}}", name);
    read_text(&reading, text);
    CU_ASSERT_EQUAL(reading.result.objects, 1);
    finish(&reading);
}

static void what_is_nearly_an_api_is_refused(void)
{
    static const struct {
        const char *text;
        const char *told;
    } cases[] = {
        {"apiVersion: gateway.kyma-project.io/v1alpha1\nkind: Api\nmetadata: {name: a}\n",
         "in.yaml:1:1: error: apiVersion: an Api is read in the version gateway.kyma-project.io/v1alpha2, "
         "found "
         "\"gateway.kyma-project.io/v1alpha1\"; write gateway.kyma-project.io/v1alpha2"},
        {"apiVersion: gateway.kyma-projekt.io/v1alpha2\nkind: Api\nmetadata: {name: a}\n",
         "in.yaml:1:1: error: apiVersion:"},
        {"apiVersion: gateway.kyma-project.io\nkind: Api\nmetadata: {name: a}\n",
         "in.yaml:1:1: error: apiVersion:"},
        {"apiVersion: gateway.kyma-project.io/v1alpha2\nkind: API\nmetadata: {name: a}\n",
         "in.yaml:2:1: error: kind: there is no kind \"API\" in gateway.kyma-project.io; expected Api"},
        {"apiVersion: gateway.kyma-project.io/v1alpha2\nkind: Api\nmetadata: {name: a}\nstatus: {}\n",
         "in.yaml:1:1: error: this is the status of an Api"},
    };
    struct reading reading;

    start(&reading);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        read_text(&reading, cases[i].text);
        CU_ASSERT_TRUE(took(&reading, ""));
        CU_ASSERT_TRUE(told(&reading, cases[i].told));
    }
    read_text(&reading, "apiVersion: gateway.kyma-project.io/v1alpha1\nkind: APIRule\nmetadata: {name: a}\n");
    CU_ASSERT_TRUE(took(&reading, "in.yaml:0:-1:default/a "));
    finish(&reading);
}

static void a_mounted_config_map_is_read(void)
{
    struct reading reading;

    start(&reading);
    folder_write(reading.root, "..2026_01/a.yaml", SERVICE("old"));
    folder_write(reading.root, "..2026_02/a.yaml", SERVICE("new"));
    folder_link(reading.root, "..data", "..2026_01");
    folder_link(reading.root, "a.yaml", "..data/a.yaml");
    read_all(&reading);
    CU_ASSERT_TRUE(took(&reading, "a.yaml:0:-1:default/old "));
    folder_link(reading.root, "..data_tmp", "..2026_02");
    CU_ASSERT_EQUAL(rename(folder_path(reading.root, "..data_tmp"), folder_path(reading.root, "..data")), 0);
    read_all(&reading);
    CU_ASSERT_TRUE(took(&reading, "a.yaml:0:-1:default/new "));
    CU_ASSERT_EQUAL(reading.problems.count, 0);
    finish(&reading);
}

static void link_cycles_are_met_once(void)
{
    struct reading reading;

    start(&reading);
    folder_write(reading.root, "a/one.yaml", SERVICE("one"));
    folder_write(reading.root, "b/two.yaml", SERVICE("two"));
    folder_link(reading.root, "a/self", ".");
    folder_link(reading.root, "a/up", "..");
    folder_link(reading.root, "a/across", "../b");
    folder_link(reading.root, "b/back", "../a");
    read_all(&reading);
    CU_ASSERT_TRUE(took(&reading, "a/across/two.yaml:0:-1:default/two a/one.yaml:0:-1:default/one "));
    CU_ASSERT_EQUAL(reading.problems.count, 0);
    finish(&reading);
}

static void links_that_lead_nowhere_are_quarantined(void)
{
    struct reading reading;

    start(&reading);
    folder_link(reading.root, "a.yaml", "missing.yaml");
    read_all(&reading);
    CU_ASSERT_TRUE(took(&reading, ""));
    CU_ASSERT_EQUAL(reading.result.quarantined, 1);
    CU_ASSERT_TRUE(told(&reading, "/a.yaml: error: a symbolic link that leads nowhere"));
    CU_ASSERT_EQUAL(unlink(folder_path(reading.root, "a.yaml")), 0);
    folder_link(reading.root, "loop", "loop");
    read_all(&reading);
    CU_ASSERT_EQUAL(reading.result.quarantined, 1);
    CU_ASSERT_TRUE(told(&reading, "/loop: error: a symbolic link that leads nowhere"));
    finish(&reading);
}

static void only_regular_files_are_opened(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct reading reading;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    start(&reading);
    CU_ASSERT_EQUAL(mkfifo(folder_path(reading.root, "fifo.yaml"), 0600), 0);
    CU_ASSERT_EQUAL(mkfifo(folder_path(reading.root, "fifo"), 0600), 0);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s/socket.yaml", reading.root);
    CU_ASSERT_EQUAL(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    folder_link(reading.root, "null.yaml", "/dev/null");
    folder_write(reading.root, "z.yaml", SERVICE("one"));
    read_all(&reading);
    CU_ASSERT_TRUE(took(&reading, "z.yaml:0:-1:default/one "));
    CU_ASSERT_EQUAL(reading.problems.count, 3);
    CU_ASSERT_EQUAL(reading.problems.errors, 0);
    (void)close(fd);
    finish(&reading);
}

static void sizes_and_depths_have_limits(void)
{
    struct reading reading;
    char path[400] = "";

    start(&reading);
    folder_write_sized(reading.root, "a.yaml", 1 << 20);
    read_all(&reading);
    CU_ASSERT_TRUE(took(&reading, "a.yaml:0:-1:default/large "));
    folder_write_sized(reading.root, "a.yaml", (1 << 20) + 1);
    read_all(&reading);
    CU_ASSERT_TRUE(took(&reading, ""));
    CU_ASSERT_EQUAL(reading.result.quarantined, 1);
    CU_ASSERT_TRUE(told(&reading, "/a.yaml: error: 1048577 bytes, at most 1048576 are read"));
    CU_ASSERT_EQUAL(unlink(folder_path(reading.root, "a.yaml")), 0);
    for (size_t i = 0; i < 64; i++)
        (void)snprintf(path + 2 * i, sizeof path - 2 * i, "d/");
    (void)snprintf(path + 128, sizeof path - 128, "x.yaml");
    folder_write(reading.root, path, SERVICE("deep"));
    read_all(&reading);
    CU_ASSERT_EQUAL(reading.result.objects, 1);
    CU_ASSERT_EQUAL(reading.problems.count, 0);
    (void)snprintf(path + 128, sizeof path - 128, "d/x.yaml");
    folder_write(reading.root, path, SERVICE("deeper"));
    read_all(&reading);
    CU_ASSERT_EQUAL(reading.result.objects, 1);
    CU_ASSERT_EQUAL(reading.result.quarantined, 1);
    CU_ASSERT_EQUAL(reading.problems.count, 1);
    finish(&reading);
}

static void the_output_is_passed_over(void)
{
    struct reading reading;

    start(&reading);
    folder_write(reading.root, "a.yaml", SERVICE("a"));
    folder_write(reading.root, "out/status/n/a.yaml", "no: [yaml");
    folder_link(reading.root, "other-name", "out");
    read_skipping(&reading, folder_path(reading.root, "out"));
    CU_ASSERT_TRUE(took(&reading, "a.yaml:0:-1:default/a "));
    CU_ASSERT_EQUAL(reading.problems.count, 0);
    read_skipping(&reading, folder_path(reading.root, "missing"));
    CU_ASSERT_EQUAL(reading.result.quarantined, 1);
    finish(&reading);
}

static void a_missing_input_is_an_error(void)
{
    struct reading reading;
    const struct source_reader reader = {
        .take = take, .payload = &reading, .result = &reading.result, .problems = &reading.problems};

    start(&reading);
    CU_ASSERT_EQUAL(source_read_directory(folder_path(reading.root, "x"), NULL, &reader, &reading.error),
                    ERROR_NOT_FOUND);
    CU_ASSERT_PTR_NOT_NULL(strstr(reading.error.message, "/x does not exist"));
    folder_write(reading.root, "file", "");
    CU_ASSERT_EQUAL(source_read_directory(folder_path(reading.root, "file"), NULL, &reader, &reading.error),
                    ERROR_IO);
    finish(&reading);
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

    start(&reading);
    folder_write(reading.root, "a.yaml", SERVICE("a") "---\n" SERVICE("b"));
    folder_write(reading.root, "b.yaml", SERVICE("c"));
    CU_ASSERT_EQUAL(source_read_directory(reading.root, NULL, &reader, &reading.error), ERROR_LIMIT);
    CU_ASSERT_STRING_EQUAL(reading.error.message, "enough");
    CU_ASSERT_EQUAL(calls, 1);
    finish(&reading);
}

static void problems_get_their_places(void)
{
    static const char text[] = "apiVersion: v1\nkind: List\nitems:\n- kind: A\n- spec:\n    port: 7\n";
    struct problems problems = {0};
    char root[64];
    const char *path;

    folder_make(root);
    folder_write(root, "a.yaml", text);
    path = folder_path(root, "a.yaml");
    problems_add(&problems, PROBLEM_ERROR, "spec.port", "old");
    problems_add(&problems, PROBLEM_ERROR, "spec.port", "x");
    problems_add(&problems, PROBLEM_ERROR, "", "y");
    problems_add_at(&problems, PROBLEM_ERROR, "other", 1, 2, "spec.port", "z");
    source_locate(path, 0, 1, &problems, 1);
    CU_ASSERT_STRING_EQUAL(problems.list[0].file, "");
    CU_ASSERT_STRING_EQUAL(problems.list[1].file, path);
    CU_ASSERT_EQUAL(problems.list[1].line, 6);
    CU_ASSERT_EQUAL(problems.list[1].column, 5);
    CU_ASSERT_STRING_EQUAL(problems.list[1].path, "spec.port");
    CU_ASSERT_EQUAL(problems.list[2].line, 5);
    CU_ASSERT_STRING_EQUAL(problems.list[3].file, "other");
    folder_remove(root);
    source_locate(path, 0, -1, &problems, 0);
    CU_ASSERT_STRING_EQUAL(problems.list[0].file, path);
    CU_ASSERT_EQUAL(problems.list[0].line, 0);
    problems_release(&problems);
    problems_add(&problems, PROBLEM_ERROR, "items[1].spec.port", "x");
    source_locate_text("-", text, strlen(text), 0, -1, &problems, 0);
    CU_ASSERT_STRING_EQUAL(problems.list[0].file, "-");
    CU_ASSERT_EQUAL(problems.list[0].line, 6);
    problems_release(&problems);
}

static void short_memory_is_told(void)
{
    bool failed = true;

    for (size_t granted = 0; failed && granted < 2000; granted++) {
        struct reading reading;
        start(&reading);
        folder_write(reading.root, "d/a.yaml", SERVICE("a") "---\nkind: [\n");
        folder_write(reading.root, "d/b.yaml", SERVICE("B") "---\n" SERVICE("c"));
        scarce_begin(granted);
        read_all(&reading);
        failed = scarce_end();
        CU_ASSERT_TRUE(reading.code == 0 || (failed && reading.code == ERROR_NO_MEMORY));
        CU_ASSERT_TRUE(failed || (reading.result.quarantined == 1 && reading.result.refused == 1));
        finish(&reading);
    }
    CU_ASSERT_FALSE(failed);
}

int main(void)
{
    static const struct test tests[] = {
        {"YAML and JSON files are read in path order", files_are_read_in_order},
        {"of a file with a broken document nothing is taken", a_broken_file_gives_nothing},
        {"lists are taken apart", lists_are_taken_apart},
        {"a bad item hurts only itself", a_bad_item_hurts_only_itself},
        {"what is no object is refused with its place", what_is_no_object_is_refused},
        {"rubbish names are refused and shown safely", rubbish_names_are_shown_safely},
        {"what is nearly an Api is refused, with the right spelling", what_is_nearly_an_api_is_refused},
        {"a mounted ConfigMap is read, before and after its swap", a_mounted_config_map_is_read},
        {"link cycles are met once", link_cycles_are_met_once},
        {"links that lead nowhere are quarantined", links_that_lead_nowhere_are_quarantined},
        {"FIFOs, sockets and devices are never opened", only_regular_files_are_opened},
        {"file size and folder depth have limits on both sides", sizes_and_depths_have_limits},
        {"the output is passed over, under any name", the_output_is_passed_over},
        {"a missing input is an error, not an empty one", a_missing_input_is_an_error},
        {"who takes the objects can stop the reading", who_takes_can_stop},
        {"problems get their places, in list items too", problems_get_their_places},
        {"short memory is told and nothing leaks", short_memory_is_told},
        {NULL, NULL},
    };

    return harness_run("source", tests);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"
#include "harness.h"
#include "reading.h"

#include "directory/source.h"

#include <stdio.h>
#include <string.h>

static void lists_are_taken_apart(void)
{
    struct reading reading;

    reading_start(&reading);
    reading_text(&reading, "apiVersion: v1\nkind: List\nitems:\n"
                           "- {apiVersion: v1, kind: Service, metadata: {name: a, namespace: ns}}\n"
                           "- {apiVersion: v1, kind: Service, metadata: {name: b}}\n"
                           "---\napiVersion: x.io/v1\nkind: ThingList\n"
                           "items: [{apiVersion: x.io/v1, kind: Thing, metadata: {name: c}}]\n"
                           "---\n{apiVersion: v1, kind: List, items: []}\n---\n"
                           "{apiVersion: v1, kind: List, items: null}\n---\n"
                           "{apiVersion: x.io/v1, kind: AllowList, metadata: {name: d}}\n");
    CU_ASSERT_TRUE(reading_took(&reading, "in.yaml:0:0:ns/a in.yaml:0:1:default/b in.yaml:1:0:default/c "
                                          "in.yaml:4:-1:default/d "));
    CU_ASSERT_EQUAL(reading.problems.count, 0);
    reading_finish(&reading);
}

static void a_bad_item_hurts_only_itself(void)
{
    struct reading reading;

    reading_start(&reading);
    reading_text(&reading, "apiVersion: v1\nkind: List\nitems:\n"
                           "- {apiVersion: v1, kind: Service, metadata: {name: a}}\n"
                           "- apiVersion: v1\n  kind: Service\n  metadata:\n    name: b/b\n"
                           "- {apiVersion: v1, kind: Service, metadata: {name: c}}\n");
    CU_ASSERT_TRUE(reading_took(&reading, "in.yaml:0:0:default/a in.yaml:0:2:default/c "));
    CU_ASSERT_EQUAL(reading.result.refused, 1);
    CU_ASSERT_TRUE(
        reading_told(&reading, "in.yaml:8:5: error: items[1].metadata.name: expected a name of lower-case"));
    CU_ASSERT_PTR_NOT_NULL(strstr(reading.problems.list[0].message, "found \"b/b\""));
    reading_finish(&reading);
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

    reading_start(&reading);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        reading_text(&reading, cases[i].text);
        CU_ASSERT_TRUE(reading_took(&reading, ""));
        CU_ASSERT_EQUAL(reading.result.refused, 1);
        CU_ASSERT_EQUAL(reading.result.quarantined, 0);
        CU_ASSERT_TRUE(reading_told(&reading, cases[i].told));
    }
    reading_finish(&reading);
}

static void rubbish_names_are_shown_safely(void)
{
    static const char *const names[] = {"../../etc/passwd", "a/b", "..", ".", "", "a\\nb", "-a", "A",
                                        "a\\u202eb"};
    struct reading reading;
    char text[600];
    char name[301];

    reading_start(&reading);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        for (int part = 0; part < 2; part++) {
            (void)snprintf(text, sizeof text,
                           "{\"apiVersion\": \"gateway.kyma-project.io/v1alpha2\", \"kind\": \"Api\", "
                           "\"spec\": {}, \"metadata\": {%s\"%s\"}}",
                           part == 0 ? "\"name\": " : "\"name\": \"ok\", \"namespace\": ", names[i]);
            reading_text(&reading, text);
            CU_ASSERT_TRUE(reading_took(&reading, ""));
            CU_ASSERT_EQUAL_FATAL(reading.problems.count, 1);
            CU_ASSERT_PTR_NULL(strpbrk(reading.problems.list[0].message, "\n\r\x1b\xe2"));
        }
    }
    memset(name, 'a', 300);
    name[300] = '\0';
    (void)snprintf(
        text, sizeof text,
        "{apiVersion: gateway.kyma-project.io/v1alpha2, kind: Api, spec: {}, metadata: {name: %s}}", name);
    reading_text(&reading, text);
    CU_ASSERT_EQUAL_FATAL(reading.problems.count, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(reading.problems.list[0].message, "aaa...\" (300 bytes)"));
    name[253] = '\0';
    (void)snprintf(
        text, sizeof text,
        "{apiVersion: gateway.kyma-project.io/v1alpha2, kind: Api, spec: {}, metadata: {name: %s}}", name);
    reading_text(&reading, text);
    CU_ASSERT_EQUAL(reading.result.objects, 1);
    reading_finish(&reading);
}

/* How many objects come of an object with a name and a namespace of these lengths. */
static size_t taken(const char *kind, size_t name, size_t name_space)
{
    char letters[301];
    char text[900];
    struct reading reading;
    size_t objects;

    memset(letters, 'a', sizeof letters - 1);
    letters[sizeof letters - 1] = '\0';
    (void)snprintf(text, sizeof text, "{%s, spec: {}, metadata: {name: %.*s, namespace: %.*s}}", kind,
                   (int)name, letters, (int)name_space, letters);
    reading_start(&reading);
    reading_text(&reading, text);
    objects = reading.result.objects;
    CU_ASSERT_EQUAL(objects + reading.result.refused, 1);
    reading_finish(&reading);
    return objects;
}

static void names_end_at_their_limits(void)
{
    static const char *const kinds[] = {"apiVersion: gateway.kyma-project.io/v1alpha2, kind: Api",
                                        "apiVersion: v1, kind: Service"};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        CU_ASSERT_EQUAL(taken(kinds[i], 1, 1), 1);
        CU_ASSERT_EQUAL(taken(kinds[i], 253, 63), 1);
        CU_ASSERT_EQUAL(taken(kinds[i], 254, 63), 0);
        CU_ASSERT_EQUAL(taken(kinds[i], 253, 64), 0);
        CU_ASSERT_EQUAL(taken(kinds[i], 300, 300), 0);
    }
}

static void rubbish_fills_no_log(void)
{
    struct text text = text_empty();
    struct reading reading;

    text_append_string(&text, "apiVersion: v1\nkind: List\nitems:\n");
    for (int i = 0; i < 99000; i++)
        text_append_string(&text, "- 1\n");
    reading_start(&reading);
    reading_text(&reading, text.data);
    CU_ASSERT_EQUAL(reading.result.refused, 99000);
    CU_ASSERT_EQUAL(reading.problems.count, 100);
    CU_ASSERT_EQUAL(reading.problems.errors, 99000);
    CU_ASSERT_EQUAL(reading.problems.dropped, 98900);
    CU_ASSERT_EQUAL(reading.problems.list[99].line, 103);
    reading_finish(&reading);
    text_release(&text);
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

    reading_start(&reading);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        reading_text(&reading, cases[i].text);
        CU_ASSERT_TRUE(reading_took(&reading, ""));
        CU_ASSERT_TRUE(reading_told(&reading, cases[i].told));
    }
    reading_text(&reading,
                 "apiVersion: gateway.kyma-project.io/v1alpha1\nkind: APIRule\nmetadata: {name: a}\n");
    CU_ASSERT_TRUE(reading_took(&reading, "in.yaml:0:-1:default/a "));
    reading_finish(&reading);
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

int main(void)
{
    static const struct test tests[] = {
        {"lists are taken apart", lists_are_taken_apart},
        {"a bad item hurts only itself", a_bad_item_hurts_only_itself},
        {"what is no object is refused with its place", what_is_no_object_is_refused},
        {"rubbish names are refused and shown safely", rubbish_names_are_shown_safely},
        {"names end at their limits", names_end_at_their_limits},
        {"rubbish fills no log", rubbish_fills_no_log},
        {"what is nearly an Api is refused, with the right spelling", what_is_nearly_an_api_is_refused},
        {"problems get their places, in list items too", problems_get_their_places},
        {NULL, NULL},
    };

    return harness_run("document", tests);
}

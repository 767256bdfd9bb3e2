/* SPDX-License-Identifier: Apache-2.0 */
#include "config_fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Two clusters with these folders; "" for lines means that they are fine. */
static bool folders_say(const char *in_a, const char *out_a, const char *in_b, const char *out_b,
                        const char *lines)
{
    char text[512];

    (void)snprintf(text, sizeof text,
                   "clusters:\n- name: a\n  directory: {input: %s, output: %s}\n"
                   "- name: b\n  directory:\n    input: %s\n    output: %s\n",
                   in_a, out_a, in_b, out_b);
    return fixture_says(text, lines);
}

#define AT_B "c.yaml:7:5: error: clusters[1].directory.output: the output "
#define OWN "; an output must be a folder of its own\n"

static void outputs_keep_to_themselves(void)
{
    CU_ASSERT_TRUE(folders_say("i", "o", "i", "p", ""));
    CU_ASSERT_TRUE(folders_say("i", "o", "i2", "o2", ""));
    CU_ASSERT_TRUE(folders_say("i", "i/o", "j", "j/o", ""));
    CU_ASSERT_TRUE(folders_say("i", "o", "j", "o/../p", ""));
    CU_ASSERT_TRUE(folders_say(
        "i", "o", "j", "./x/../o/",
        AT_B "@/x/../o of cluster \"b\" is the same folder as the output @/o of cluster \"a\"" OWN));
    CU_ASSERT_TRUE(folders_say(
        "i", "o", "j", "o/p", AT_B "@/o/p of cluster \"b\" lies inside the output @/o of cluster \"a\"" OWN));
    CU_ASSERT_TRUE(folders_say("i", "o/p", "j", "o",
                               AT_B "@/o of cluster \"b\" holds the output @/o/p of cluster \"a\"" OWN));
    CU_ASSERT_TRUE(
        folders_say("i", "o", "j", "j",
                    AT_B "@/j of cluster \"b\" is the same folder as the input @/j of cluster \"b\"" OWN));
    CU_ASSERT_TRUE(folders_say("i", "o", "j/k", "j",
                               AT_B "@/j of cluster \"b\" holds the input @/j/k of cluster \"b\"" OWN));
    CU_ASSERT_TRUE(folders_say("i", "o", "j", "i/k",
                               AT_B "@/i/k of cluster \"b\" lies inside the input @/i of cluster \"a\"" OWN));
    CU_ASSERT_TRUE(folders_say("i/k", "o", "j", "i",
                               AT_B "@/i of cluster \"b\" holds the input @/i/k of cluster \"a\"" OWN));
    CU_ASSERT_TRUE(folders_say("i", "o", "o/x", "p",
                               "c.yaml:3:25: error: clusters[0].directory.output: the output @/o of cluster "
                               "\"a\" holds the input @/o/x of cluster \"b\"" OWN));
    CU_ASSERT_TRUE(folders_say("i", "o", "j", "/",
                               AT_B "/ of cluster \"b\" holds the input @/i of cluster \"a\"" OWN AT_B
                                    "/ of cluster \"b\" holds the output @/o of cluster \"a\"" OWN AT_B
                                    "/ of cluster \"b\" holds the input @/j of cluster \"b\"" OWN));
}

static void symbolic_links_hide_no_overlap(void)
{
    CU_ASSERT_EQUAL(mkdir("real", 0700), 0);
    CU_ASSERT_EQUAL(symlink("real", "link"), 0);
    CU_ASSERT_TRUE(folders_say(
        "i", "real", "j", "link",
        AT_B "@/link of cluster \"b\" is the same folder as the output @/real of cluster \"a\"" OWN));
    CU_ASSERT_TRUE(folders_say(
        "i", "real", "j", "link/not/yet",
        AT_B "@/link/not/yet of cluster \"b\" lies inside the output @/real of cluster \"a\"" OWN));
    CU_ASSERT_TRUE(folders_say(
        "i", "o", "real", "link",
        AT_B "@/link of cluster \"b\" is the same folder as the input @/real of cluster \"b\"" OWN));
    CU_ASSERT_TRUE(folders_say("i", "o", "real", "link/out", ""));
}

static void includes_add_in_order(void)
{
    struct config *config;

    CU_ASSERT_EQUAL(mkdir("d", 0700), 0);
    fixture_put("d/2.yaml", "backends: {two: {plugin: ./x.so}}\n");
    fixture_put("d/1.yaml", "backends: {one: }\nclusters:\n- {name: z, directory: {input: i, output: o}}\n");
    fixture_put("d/3.yaml", "# nothing\n");
    fixture_put("d/4.yml", "this: is not read\n");
    config =
        fixture_load("include: [d/*.yaml, 'none/*.yaml', d/2.yaml, '*.yaml']\nbackends: {zero: }\n" CLUSTER);
    CU_ASSERT_EQUAL(config->files_count, 4);
    CU_ASSERT_TRUE(fixture_is_path(config->files[1]->path, "@/d/1.yaml"));
    CU_ASSERT_EQUAL(config->clusters_count, 2);
    CU_ASSERT_EQUAL_FATAL(config->clusters[0].backends_count, 3);
    CU_ASSERT_STRING_EQUAL(config->clusters[0].backends[0].name, "zero");
    CU_ASSERT_STRING_EQUAL(config->clusters[0].backends[1].name, "one");
    CU_ASSERT_TRUE(fixture_is_path(config->clusters[0].backends[2].plugin, "@/d/x.so"));
    CU_ASSERT_TRUE(fixture_is_path(config->clusters[1].input, "@/d/i"));
    config_free(config);
    config = fixture_load("include: d/1.yaml\n");
    CU_ASSERT_EQUAL(config->clusters_count, 1);
    config_free(config);
    CU_ASSERT_EQUAL(mkdir("[ab]*", 0700), 0);
    fixture_put("[ab]*/1.yaml", CLUSTER);
    fixture_put("[ab]*/c.yaml", "include: 1.*\n");
    CU_ASSERT_TRUE(fixture_file_says("[ab]*/c.yaml", ""));
}

static void wrong_includes_are_refused(void)
{
    CU_ASSERT_EQUAL(mkdir("e", 0700), 0);
    fixture_put("e/set.yaml", "domain: x\ninclude: z\nbakends: {}\nbackends: {b: {enabled: 1}}\n");
    fixture_put("e/bad.yaml", "a: [\n");
    fixture_put("e/list.yaml", "- a\n");
    fixture_put("e/twice.yaml",
                "\nbackends:\n  b:\nclusters:\n- {name: a, directory: {input: i, output: o}}\n");
    CU_ASSERT_TRUE(fixture_says(
        "include: [none.yaml, '', 7, e]\n" CLUSTER,
        "c.yaml:1:11: error: include[0]: cannot be included: @/none.yaml: No such file or directory\n"
        "c.yaml:1:22: error: include[1]: expected a path or a pattern such as \"plugins.d/*.yaml\", "
        "found an empty string\n"
        "c.yaml:1:26: error: include[2]: expected a path or a pattern such as \"plugins.d/*.yaml\", "
        "found an integer\n"
        "c.yaml:1:29: error: include[3]: cannot be included: @/e: not a regular file\n"));
    CU_ASSERT_TRUE(fixture_says(
        "include: {}\n" CLUSTER,
        "c.yaml:1:1: error: include: expected a string or a list of strings, found an object\n"));
    CU_ASSERT_TRUE(fixture_says(
        "include: e/set.yaml\n" CLUSTER,
        "@/e/set.yaml:1:1: error: domain: \"domain\" may stand in the main file only; an included file "
        "holds \"backends\" and \"clusters\"\n"
        "@/e/set.yaml:2:1: error: include: \"include\" may stand in the main file only; an included "
        "file holds \"backends\" and \"clusters\"\n"
        "@/e/set.yaml:3:1: error: bakends: unknown key \"bakends\"; did you mean \"backends\"?\n"
        "@/e/set.yaml:4:16: error: backends.b.enabled: expected a boolean, found an integer\n"));
    CU_ASSERT_TRUE(fixture_says(
        "include: [e/bad.yaml, e/list.yaml]\n" CLUSTER,
        "@/e/bad.yaml:2:1: error: did not find expected node content while parsing a flow node that "
        "begins on line 2\n"
        "@/e/list.yaml:1:1: error: expected an object with the keys of a config, found a list\n"));
    CU_ASSERT_TRUE(
        fixture_says("include: e/twice.yaml\nbackends: {b: }\n" CLUSTER,
                     "@/e/twice.yaml:3:3: error: backends.b: backend \"b\" is given twice; the first "
                     "stands at c.yaml:2:12\n"
                     "@/e/twice.yaml:5:4: error: clusters[0].name: cluster \"a\" is given twice; the "
                     "first stands at c.yaml:4:3\n"));
}

static bool option_stands(const struct config_backend *backend, const char *option, const char *line)
{
    struct problems problems = {0};
    struct text out = text_empty();
    bool is_equal;

    config_add_problem(backend, PROBLEM_ERROR, option, "x", &problems);
    config_add_problem(backend, PROBLEM_ERROR, option, "x", &problems);
    problems_print(&problems, &out);
    is_equal = strcmp(out.data, line) == 0;
    if (!is_equal)
        (void)printf("# %s\n", out.data);
    text_release(&out);
    problems_release(&problems);
    return is_equal;
}

static void options_are_found_where_they_stand(void)
{
    static const struct config_backend nowhere = {.name = NULL};
    struct config *config =
        fixture_load("backends:\n  b:\n    config:\n      x: [1, 2]\n      y: 1\n  c:\n"
                     "clusters:\n- name: a\n  directory: {input: in, output: out}\n  backends:\n"
                     "    b:\n      config: {y: 2, 'z.z': 3}\n    d: {config: {}}\n");
    const struct config_backend *backends = config_cluster(config, "a")->backends;

    CU_ASSERT_TRUE(option_stands(&backends[0], "x[1]", "c.yaml:4:14: error: backends.b.config.x[1]: x\n"));
    CU_ASSERT_TRUE(
        option_stands(&backends[0], "y", "c.yaml:12:16: error: clusters[0].backends.b.config.y: x\n"));
    CU_ASSERT_TRUE(option_stands(&backends[0], "[\"z.z\"]",
                                 "c.yaml:12:22: error: clusters[0].backends.b.config[\"z.z\"]: x\n"));
    CU_ASSERT_TRUE(option_stands(&backends[0], "none", "c.yaml:3:5: error: backends.b.config.none: x\n"));
    CU_ASSERT_TRUE(option_stands(&backends[1], "", "c.yaml:6:3: error: backends.c.config: x\n"));
    CU_ASSERT_TRUE(option_stands(&backends[1], "q", "c.yaml:6:3: error: backends.c.config.q: x\n"));
    CU_ASSERT_TRUE(
        option_stands(&backends[2], "q", "c.yaml:13:9: error: clusters[0].backends.d.config.q: x\n"));
    CU_ASSERT_TRUE(option_stands(&nowhere, "q", "error: q: x\nerror: q: x\n"));
    config_free(config);
}

int main(void)
{
    static const struct test tests[] = {
        {"outputs keep to themselves", outputs_keep_to_themselves},
        {"symbolic links hide no overlap", symbolic_links_hide_no_overlap},
        {"includes add, in order, each file once", includes_add_in_order},
        {"wrong includes are refused", wrong_includes_are_refused},
        {"options are found where they stand", options_are_found_where_they_stand},
        {NULL, NULL},
    };

    return fixture_run("config_files", tests);
}

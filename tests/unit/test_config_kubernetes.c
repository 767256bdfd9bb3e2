/* SPDX-License-Identifier: Apache-2.0 */
/* The entry of a cluster that is an API server. */
#include "config_fixture.h"

#include "base/text.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD "clusters:\n- name: a\n  kubernetes: "

static void the_least_entry_is_what_kubectl_would_read(void)
{
    static const char *const least[] = {"{}\n", "\n", "{namespaces: [], inCluster: false}\n"};

    for (size_t i = 0; i < sizeof least / sizeof least[0]; i++) {
        char text[256];
        struct config *config;
        const struct config_cluster *cluster;

        (void)snprintf(text, sizeof text, "%s%s", HEAD, least[i]);
        config = fixture_load(text);
        cluster = config_cluster(config, NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(cluster->kubernetes);
        CU_ASSERT_PTR_NULL(cluster->input);
        CU_ASSERT_PTR_NULL(cluster->output);
        CU_ASSERT_PTR_NULL(cluster->kubernetes->kubeconfig);
        CU_ASSERT_PTR_NULL(cluster->kubernetes->context);
        CU_ASSERT_PTR_NULL(cluster->kubernetes->label_selector);
        CU_ASSERT_EQUAL(cluster->kubernetes->namespaces.count, 0);
        CU_ASSERT_FALSE(cluster->kubernetes->in_cluster);
        config_free(config);
    }
}

static void every_key_is_read(void)
{
    struct config *config = fixture_load(
        HEAD
        "{kubeconfig: ./kube/../c, context: Prod/1, namespaces: [t1, t-2], labelSelector: 'a in (b)'}\n"
        "- {name: b, kubernetes: {inCluster: true}}\n- {name: c, directory: {input: in, output: out}}\n");
    const struct config_kubernetes *a = config_cluster(config, "a")->kubernetes;
    const struct config_kubernetes *b = config_cluster(config, "b")->kubernetes;

    CU_ASSERT_TRUE(fixture_is_path(a->kubeconfig, "@/kube/../c"));
    CU_ASSERT_STRING_EQUAL(a->context, "Prod/1");
    CU_ASSERT_EQUAL_FATAL(a->namespaces.count, 2);
    CU_ASSERT_STRING_EQUAL(a->namespaces.items[1], "t-2");
    CU_ASSERT_STRING_EQUAL(a->label_selector, "a in (b)");
    CU_ASSERT_FALSE(a->in_cluster);
    CU_ASSERT_TRUE(b->in_cluster);
    CU_ASSERT_PTR_NULL(config_cluster(config, "c")->kubernetes);
    config_free(config);
}

static char *kubeconfig_of(const char *path)
{
    char text[512];
    struct config *config;
    char *found;

    (void)snprintf(text, sizeof text, HEAD "{kubeconfig: '%s'}\n", path);
    config = fixture_load(text);
    found = strdup(config_cluster(config, "a")->kubernetes->kubeconfig);
    config_free(config);
    return found;
}

static void a_tilde_is_the_home_folder(void)
{
    static const char *const cases[][2] = {
        {"~/.kube/config", "/home/me/.kube/config"},
        {"~/", "/home/me"},
        {"~/./x//y", "/home/me/x/y"},
        {"/~/x", "/~/x"},
        {"~you/x", "@/~you/x"},
        {"x/~/y", "@/x/~/y"},
        {"~", "@/~"},
    };

    CU_ASSERT_EQUAL(setenv("HOME", "/home/me/", 1), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *found = kubeconfig_of(cases[i][0]);
        CU_ASSERT_TRUE(fixture_is_path(found, cases[i][1]));
        free(found);
    }
    for (size_t i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(i == 0 ? unsetenv("HOME") : setenv("HOME", "here", 1), 0);
        CU_ASSERT_TRUE(fixture_says(HEAD "{kubeconfig: ~/c}\n",
                                    "c.yaml:3:16: error: clusters[0].kubernetes.kubeconfig: begins with ~/, "
                                    "but HOME is not set to an absolute path; write the path in full\n"));
    }
}

static void a_path_starts_from_its_own_file(void)
{
    struct config *config;

    CU_ASSERT_EQUAL(mkdir("sub", 0700), 0);
    fixture_put("sub/more.yaml", "clusters:\n- {name: b, kubernetes: {kubeconfig: k}}\n");
    config = fixture_load("include: sub/*.yaml\n" CLUSTER);
    CU_ASSERT_TRUE(fixture_is_path(config_cluster(config, "b")->kubernetes->kubeconfig, "@/sub/k"));
    config_free(config);
}

static void wrong_values_are_refused_all_at_once(void)
{
    CU_ASSERT_TRUE(fixture_says(
        HEAD "\n    kubeconfig: ''\n    context: ''\n    namespaces: [A, b, b, 1, '', a.b]\n    "
             "labelSelector: ''\n"
             "    inCluster: 1\n    kubeConfig: x\n",
        "c.yaml:4:5: error: clusters[0].kubernetes.kubeconfig: expected the path of a file, found an empty "
        "string\n"
        "c.yaml:5:5: error: clusters[0].kubernetes.context: expected the name of a context, found an empty "
        "string; leave the key out for the current-context\n"
        "c.yaml:6:18: error: clusters[0].kubernetes.namespaces[0]: \"A\" is no namespace; expected a DNS "
        "label: at most 63 lower-case letters, digits and dashes\n"
        "c.yaml:6:24: error: clusters[0].kubernetes.namespaces[2]: \"b\" is given twice\n"
        "c.yaml:6:27: error: clusters[0].kubernetes.namespaces[3]: expected a string, found an integer\n"
        "c.yaml:6:30: error: clusters[0].kubernetes.namespaces[4]: \"\" is no namespace; expected a DNS "
        "label: at most 63 lower-case letters, digits and dashes\n"
        "c.yaml:6:34: error: clusters[0].kubernetes.namespaces[5]: \"a.b\" is no namespace; expected a DNS "
        "label: at most 63 lower-case letters, digits and dashes\n"
        "c.yaml:7:5: error: clusters[0].kubernetes.labelSelector: expected a label selector such as "
        "\"stage=production\", found an empty string; leave the key out for all Apis\n"
        "c.yaml:8:5: error: clusters[0].kubernetes.inCluster: expected a boolean, found an integer\n"
        "c.yaml:9:5: error: clusters[0].kubernetes.kubeConfig: unknown key \"kubeConfig\"; did you mean "
        "\"kubeconfig\"?\n"));
    CU_ASSERT_TRUE(fixture_says(HEAD "prod\n",
                                "c.yaml:3:3: error: clusters[0].kubernetes: expected an object, found a "
                                "string\n"));
    CU_ASSERT_TRUE(fixture_says(
        HEAD "{inCluster: true, kubeconfig: x, context: c, namespaces: [a]}\n",
        "c.yaml:3:33: error: clusters[0].kubernetes.kubeconfig: is not used with inCluster: true; remove one "
        "of "
        "both\n"
        "c.yaml:3:48: error: clusters[0].kubernetes.context: is not used with inCluster: true; remove one of "
        "both\n"));
}

static void a_path_has_a_limit(void)
{
    struct text text = text_empty();
    char lines[256];

    text_append_string(&text, HEAD "{kubeconfig: /");
    for (int i = 0; i < PATH_MAX - 1; i++)
        text_append_string(&text, "x");
    text_append_string(&text, "}\n");
    (void)snprintf(lines, sizeof lines,
                   "c.yaml:3:16: error: clusters[0].kubernetes.kubeconfig: a path of %d characters; expected "
                   "less than %d\n",
                   PATH_MAX, PATH_MAX);
    CU_ASSERT_TRUE(fixture_says(text.data, lines));
    text_release(&text);
}

static void a_cluster_is_a_directory_or_a_server(void)
{
    CU_ASSERT_TRUE(fixture_says(
        "clusters:\n- {name: a}\n- name: b\n  kubernetes: {}\n  directory: {input: in, output: out}\n",
        "c.yaml:2:3: error: clusters[0]: neither \"directory\" nor \"kubernetes\" is given; expected exactly "
        "one "
        "of both\n"
        "c.yaml:4:3: error: clusters[1].kubernetes: stands beside \"directory\"; expected exactly one of "
        "both, "
        "each cluster has one source and one sink\n"));
}

static void no_server_stands_twice(void)
{
    static const char twice[] = "%s: error: clusters[1].kubernetes: cluster \"b\" has the same kubeconfig "
                                "and context as cluster \"a\", "
                                "which stands at c.yaml:2:3; a server must be served by one entry: put both "
                                "into one, or name another "
                                "context\n";
    static const char *const same[][2] = {
        {"{}", "{}"},
        {"{inCluster: true}", "{inCluster: true, namespaces: [x]}"},
        {"{kubeconfig: k, context: c}", "{kubeconfig: ./k, context: c, labelSelector: x}"},
        {"{kubeconfig: k}", "{kubeconfig: link}"},
        {"{kubeconfig: k}", "{kubeconfig: up/../k}"},
    };
    static const char *const other[][2] = {
        {"{}", "{inCluster: true}"},      {"{}", "{context: c}"},
        {"{context: b}", "{context: c}"}, {"{kubeconfig: k, context: c}", "{kubeconfig: l, context: c}"},
        {"{kubeconfig: k}", "{}"},
    };
    char text[256];
    char lines[512];

    fixture_put("k", "");
    CU_ASSERT_EQUAL(symlink("k", "link"), 0);
    CU_ASSERT_EQUAL(mkdir("up", 0700), 0);
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        (void)snprintf(text, sizeof text, HEAD "%s\n- name: b\n  kubernetes: %s\n", same[i][0], same[i][1]);
        (void)snprintf(lines, sizeof lines, twice, "c.yaml:5:3");
        CU_ASSERT_TRUE(fixture_says(text, lines));
    }
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
        (void)snprintf(text, sizeof text, HEAD "%s\n- name: b\n  kubernetes: %s\n", other[i][0], other[i][1]);
        CU_ASSERT_TRUE(fixture_says(text, ""));
    }
}

static void both_places_are_shown_across_files(void)
{
    fixture_put("z.yaml", "clusters:\n- {name: z, kubernetes: {context: c}}\n");
    CU_ASSERT_TRUE(fixture_says(
        "include: z.yaml\n" HEAD "{context: c}\n",
        "@/z.yaml:2:13: error: clusters[0].kubernetes: cluster \"z\" has the same kubeconfig and context as "
        "cluster \"a\", which stands at c.yaml:3:3; a server must be served by one entry: put both into one, "
        "or "
        "name another context\n"));
}

static void a_directory_beside_servers_is_checked_as_ever(void)
{
    CU_ASSERT_TRUE(fixture_says(
        HEAD "{}\n- {name: b, directory: {input: in, output: in}}\n- {name: c, kubernetes: {context: x}}\n"
             "- {name: d, directory: {input: in, output: in/out}}\n",
        "c.yaml:4:36: error: clusters[1].directory.output: the output @/in of cluster \"b\" is the same "
        "folder as "
        "the input @/in of cluster \"b\"; an output must be a folder of its own\n"
        "c.yaml:4:36: error: clusters[1].directory.output: the output @/in of cluster \"b\" is the same "
        "folder as "
        "the input @/in of cluster \"d\"; an output must be a folder of its own\n"
        "c.yaml:6:36: error: clusters[3].directory.output: the output @/in/out of cluster \"d\" lies inside "
        "the "
        "input @/in of cluster \"b\"; an output must be a folder of its own\n"
        "c.yaml:6:36: error: clusters[3].directory.output: the output @/in/out of cluster \"d\" lies inside "
        "the "
        "output @/in of cluster \"b\"; an output must be a folder of its own\n"));
}

static void ends_are_compared(void)
{
    static const char *const entries[] = {
        "kubernetes: {}",
        "kubernetes: {context: c}",
        "kubernetes: {kubeconfig: k}",
        "kubernetes: {inCluster: true}",
        "kubernetes: {labelSelector: x}",
        "kubernetes: {namespaces: [x]}",
        "kubernetes: {namespaces: [z]}",
        "kubernetes: {namespaces: [x, z]}",
        "directory: {input: in, output: out}",
        "directory: {input: in, output: out2}",
        "directory: {input: in, output: out, allowEmpty: true}",
    };
    enum { count = sizeof entries / sizeof entries[0] };
    struct config *configs[count];
    struct config *again;
    char text[256];

    for (size_t i = 0; i < count; i++) {
        (void)snprintf(text, sizeof text, "clusters:\n- {name: a, %s}\n", entries[i]);
        configs[i] = fixture_load(text);
        again = fixture_load(text);
        CU_ASSERT_TRUE(config_same_ends(&configs[i]->clusters[0], &again->clusters[0]));
        config_free(again);
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++)
            CU_ASSERT_FALSE(config_same_ends(&configs[i]->clusters[0], &configs[j]->clusters[0]));
    }
    for (size_t i = 0; i < count; i++)
        config_free(configs[i]);
}

int main(void)
{
    static const struct test tests[] = {
        {"the least entry is what kubectl would read", the_least_entry_is_what_kubectl_would_read},
        {"every key is read", every_key_is_read},
        {"a tilde is the home folder", a_tilde_is_the_home_folder},
        {"a path starts from its own file", a_path_starts_from_its_own_file},
        {"wrong values are refused all at once", wrong_values_are_refused_all_at_once},
        {"a path has a limit", a_path_has_a_limit},
        {"a cluster is a directory or a server", a_cluster_is_a_directory_or_a_server},
        {"no server stands twice", no_server_stands_twice},
        {"both places are shown across files", both_places_are_shown_across_files},
        {"a directory beside servers is checked as ever", a_directory_beside_servers_is_checked_as_ever},
        {"ends are compared", ends_are_compared},
        {NULL, NULL},
    };

    return fixture_run("config of Kubernetes", tests);
}

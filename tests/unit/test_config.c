/* SPDX-License-Identifier: Apache-2.0 */
#include "config_fixture.h"

#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void the_least_config_has_defaults(void)
{
    struct config *config = fixture_load(CLUSTER);
    const struct config_cluster *cluster = config_cluster(config, NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(cluster);
    CU_ASSERT_STRING_EQUAL(cluster->name, "a");
    CU_ASSERT_TRUE(fixture_is_path(cluster->input, "@/in"));
    CU_ASSERT_TRUE(fixture_is_path(cluster->output, "@/out"));
    CU_ASSERT_EQUAL(cluster->backends_count, 0);
    CU_ASSERT_EQUAL(cluster->settings.domains.count, 0);
    CU_ASSERT_PTR_NULL(cluster->settings.default_issuer);
    CU_ASSERT_EQUAL(cluster->settings.blocklist.count, 0);
    CU_ASSERT_FALSE(cluster->settings.incomplete_unsecured);
    CU_ASSERT_FALSE(cluster->settings.accept_unprotected);
    CU_ASSERT_FALSE(cluster->settings.status_aliases);
    CU_ASSERT_STRING_EQUAL(cluster->settings.created_by, "apigwd");
    CU_ASSERT_EQUAL(config->files_count, 1);
    CU_ASSERT_STRING_EQUAL(config->files[0]->path, "c.yaml");
    CU_ASSERT_PTR_EQUAL(config_cluster(config, "a"), cluster);
    CU_ASSERT_PTR_NULL(config_cluster(config, "b"));
    config_free(config);
    config_free(NULL);
}

static void settings_are_read_and_overridden(void)
{
    struct config *config = fixture_load("domain: Kyma.Local\n"
                                         "defaultIssuer: {issuer: i, jwksUri: 'https://x/y'}\n"
                                         "blocklist: [' kubernetes.default ', '', a.b]\n"
                                         "incompleteAuthentication: unsecured\nunprotected: accept\n"
                                         "createdBy: me\nstatusAliases: true\npluginDirs: [p, /q/./r//]\n"
                                         "clusters:\n"
                                         "- {name: a, directory: {input: in, output: out}}\n"
                                         "- name: b\n  directory: {input: /in, output: ../x/./out/}\n"
                                         "  domain: [one.x, TWO.x, one.x]\n"
                                         "  defaultIssuer: {issuer: j, jwksUri: 'http://z'}\n"
                                         "  blocklist: []\n  incompleteAuthentication: refuse\n"
                                         "  unprotected: refuse\n  createdBy: you\n  statusAliases: false\n");
    const struct settings *a = &config_cluster(config, "a")->settings;
    const struct settings *b = &config_cluster(config, "b")->settings;

    CU_ASSERT_PTR_NULL(config_cluster(config, NULL));
    CU_ASSERT_STRING_EQUAL(a->domains.items[0], "kyma.local");
    CU_ASSERT_STRING_EQUAL(a->default_issuer, "i");
    CU_ASSERT_STRING_EQUAL(a->default_jwks_uri, "https://x/y");
    CU_ASSERT_EQUAL(a->blocklist.count, 2);
    CU_ASSERT_TRUE(string_list_has(&a->blocklist, "kubernetes.default"));
    CU_ASSERT_TRUE(a->incomplete_unsecured && a->accept_unprotected && a->status_aliases);
    CU_ASSERT_STRING_EQUAL(a->created_by, "me");
    CU_ASSERT_EQUAL(b->domains.count, 2);
    CU_ASSERT_STRING_EQUAL(b->domains.items[1], "two.x");
    CU_ASSERT_STRING_EQUAL(b->default_issuer, "j");
    CU_ASSERT_STRING_EQUAL(b->default_jwks_uri, "http://z");
    CU_ASSERT_EQUAL(b->blocklist.count, 0);
    CU_ASSERT_FALSE(b->incomplete_unsecured || b->accept_unprotected || b->status_aliases);
    CU_ASSERT_STRING_EQUAL(b->created_by, "you");
    CU_ASSERT_TRUE(fixture_is_path(config->plugin_dirs.items[0], "@/p"));
    CU_ASSERT_STRING_EQUAL(config->plugin_dirs.items[1], "/q/r");
    CU_ASSERT_STRING_EQUAL(config_cluster(config, "b")->input, "/in");
    CU_ASSERT_TRUE(fixture_is_path(config_cluster(config, "b")->output, "@/../x/out"));
    config_free(config);
}

static void wrong_settings_are_refused_all_at_once(void)
{
    CU_ASSERT_TRUE(fixture_says(
        "domain: [.x.y, a_b, 7, '']\n"
        "blocklist: [kubernetes, A.b, 3]\n"
        "incompleteAuthentication: accept\n"
        "unprotected: 1\n"
        "createdBy: a b\n"
        "statusAliases: 'true'\n"
        "pluginDirs: x\n"
        "defaultIssuer: {issuer: '', jwksUri: 'ftp://x', jwks: 1}\n" CLUSTER,
        "c.yaml:1:10: error: domain[0]: \".x.y\" begins with a dot; write \"x.y\"\n"
        "c.yaml:1:16: error: domain[1]: \"a_b\" is no domain; expected a DNS name such as \"kyma.local\"\n"
        "c.yaml:1:21: error: domain[2]: expected a string, found an integer\n"
        "c.yaml:1:24: error: domain[3]: \"\" is no domain; expected a DNS name such as \"kyma.local\"\n"
        "c.yaml:2:13: error: blocklist[0]: \"kubernetes\" is no Service; expected SERVICE.NAMESPACE such as "
        "\"kubernetes.default\"\n"
        "c.yaml:2:25: error: blocklist[1]: \"A.b\" is no Service; expected SERVICE.NAMESPACE such as "
        "\"kubernetes.default\"\n"
        "c.yaml:2:30: error: blocklist[2]: expected a string, found an integer\n"
        "c.yaml:3:1: error: incompleteAuthentication: \"accept\" is not one of \"refuse\", \"unsecured\"\n"
        "c.yaml:4:1: error: unprotected: expected a string, found an integer\n"
        "c.yaml:5:1: error: createdBy: \"a b\" is no label value; expected 1 to 63 letters, digits, '-', '_' "
        "and '.', a letter or digit at both ends\n"
        "c.yaml:6:1: error: statusAliases: expected a boolean, found a string\n"
        "c.yaml:7:1: error: pluginDirs: expected a list of strings, found a string\n"
        "c.yaml:8:17: error: defaultIssuer.issuer: expected the issuer of tokens, found an empty string\n"
        "c.yaml:8:29: error: defaultIssuer.jwksUri: \"ftp://x\" is no absolute http or https URL\n"
        "c.yaml:8:49: error: defaultIssuer.jwks: unknown key \"jwks\"; expected one of \"issuer\", "
        "\"jwksUri\"\n"));
    CU_ASSERT_TRUE(fixture_says(
        "domain: 1\ndefaultIssuer: {issuer: x}\n" CLUSTER,
        "c.yaml:1:1: error: domain: expected a string or a list of strings, found an integer\n"
        "c.yaml:2:1: error: defaultIssuer: required key \"jwksUri\" is missing; expected a string\n"));
    CU_ASSERT_TRUE(fixture_says(
        "defaultIssuer: x\npluginDirs: ['']\n" CLUSTER,
        "c.yaml:1:1: error: defaultIssuer: expected an object, found a string\n"
        "c.yaml:2:14: error: pluginDirs[0]: expected the path of a folder, found an empty string\n"));
    CU_ASSERT_TRUE(fixture_says(
        "domain: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.b\n" CLUSTER, ""));
    CU_ASSERT_TRUE(
        fixture_says("domain: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.b\n" CLUSTER,
                     "c.yaml:1:1: error: domain: "
                     "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.b\" is no domain; "
                     "expected a DNS name such as \"kyma.local\"\n"));
}

static void only_absolute_http_urls_are_key_sets(void)
{
    static const char *const good[] = {"http://a", "HTTPS://a:1/b?c=d#e", "https://[::1]/x"};
    static const char *const bad[] = {"",           "a",          "//a/b",     "http:/a",     "https://",
                                      "https:///a", "http://a b", "file:///x", "http://:80/", "https://a\tb"};
    char text[256];
    char lines[256];

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        (void)snprintf(text, sizeof text, "defaultIssuer: {issuer: a, jwksUri: \"%s\"}\n" CLUSTER, good[i]);
        CU_ASSERT_TRUE(fixture_says(text, ""));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        (void)snprintf(text, sizeof text, "defaultIssuer: {issuer: a, jwksUri: \"%s\"}\n" CLUSTER, bad[i]);
        (void)snprintf(lines, sizeof lines,
                       "c.yaml:1:28: error: defaultIssuer.jwksUri: \"%s\" is no absolute http or https URL\n",
                       strchr(bad[i], '\t') ? "https://a\\tb" : bad[i]);
        CU_ASSERT_TRUE(fixture_says(text, lines));
    }
}

static void what_is_not_a_config_is_refused(void)
{
    static const char none[] = "no cluster is given; expected at least one under \"clusters\"\n";
    char lines[256];

    CU_ASSERT_TRUE(fixture_file_says("nothing.yaml",
                                     "nothing.yaml: error: cannot be read: No such file or directory\n"));
    CU_ASSERT_TRUE(fixture_file_says(".", ".: error: cannot be read: not a regular file\n"));
    (void)snprintf(lines, sizeof lines, "c.yaml: error: %s", none);
    CU_ASSERT_TRUE(fixture_says("", lines));
    CU_ASSERT_TRUE(fixture_says("# nothing yet\n", lines));
    (void)snprintf(lines, sizeof lines, "c.yaml:1:1: error: %s", none);
    CU_ASSERT_TRUE(fixture_says("clusters: []\n", lines));
    CU_ASSERT_TRUE(fixture_says("clusters:\n", lines));
    CU_ASSERT_TRUE(fixture_says("{}", lines));
    CU_ASSERT_TRUE(fixture_says(
        "- a\n", "c.yaml:1:1: error: expected an object with the keys of a config, found a list\n"));
    CU_ASSERT_TRUE(fixture_says(
        "clusters: {a: 1}\n", "c.yaml:1:1: error: clusters: expected a list of clusters, found an object\n"));
    CU_ASSERT_TRUE(fixture_says("clusters: [1]\n",
                                "c.yaml:1:12: error: clusters[0]: expected an object with the "
                                "name of a cluster, found an integer\n"));
    CU_ASSERT_TRUE(
        fixture_says("a: b: c\n", "c.yaml:1:5: error: mapping values are not allowed in this context\n"));
    CU_ASSERT_TRUE(
        fixture_says("\x7f"
                     "ELF\x01\x01",
                     "c.yaml:1:1: error: control characters are not allowed (character U+007F)\n"));
    CU_ASSERT_TRUE(fixture_says("a: 1\n---\nb: 1\n",
                                "c.yaml:3:1: error: a second document begins here; expected only one\n"));
    CU_ASSERT_TRUE(
        fixture_says("statusAliases: yes\n" CLUSTER,
                     "c.yaml:1:16: error: yes without quotes is not the same to every reader of YAML; "
                     "write true, or \"yes\" for the string\n"));
}

static void a_file_of_more_than_a_mebibyte_is_refused(void)
{
    size_t size = 1024UL * 1024UL;
    char *text = malloc(size + 2);

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    memset(text, '\n', size + 1);
    memcpy(text, CLUSTER, strlen(CLUSTER));
    text[size] = '\0';
    CU_ASSERT_TRUE(fixture_says(text, ""));
    text[size] = '\n';
    text[size + 1] = '\0';
    CU_ASSERT_TRUE(
        fixture_says(text, "c.yaml: error: cannot be read: 1048577 bytes, at most 1048576 are read\n"));
    free(text);
}

static void unknown_keys_are_refused_everywhere(void)
{
    CU_ASSERT_TRUE(fixture_says(
        "domian: x\nadmin: {listen: x}\nbackends:\n  b: {enable: true, conifg: {}}\n"
        "clusters:\n- name: a\n  kubernetse: {context: prod}\n"
        "  directory: {input: in, output: out, ouput: x}\n  backends: {b: {Enabled: true}}\n",
        "c.yaml:1:1: error: domian: unknown key \"domian\"; did you mean \"domain\"?\n"
        "c.yaml:2:9: error: admin.listen: \"x\" is no address; expected HOST:PORT such as "
        "\"127.0.0.1:8080\"\n"
        "c.yaml:4:7: error: backends.b.enable: unknown key \"enable\"; did you mean \"enabled\"?\n"
        "c.yaml:4:21: error: backends.b.conifg: unknown key \"conifg\"; did you mean \"config\"?\n"
        "c.yaml:7:3: error: clusters[0].kubernetse: unknown key \"kubernetse\"; did you mean "
        "\"kubernetes\"?\n"
        "c.yaml:8:39: error: clusters[0].directory.ouput: unknown key \"ouput\"; did you mean \"output\"?\n"
        "c.yaml:9:18: error: clusters[0].backends.b.Enabled: unknown key \"Enabled\"; did you mean "
        "\"enabled\"?\n"));
}

static bool has_config(const struct config_backend *backend, const char *json)
{
    char *text = json_canonical(backend->config);
    bool is_equal = text && strcmp(text, json) == 0;

    if (!is_equal)
        (void)printf("# %s\n", text);
    free(text);
    return is_equal;
}

static void a_cluster_lays_its_backends_over_those_for_all(void)
{
    struct config *config = fixture_load("backends:\n"
                                         "  one: {plugin: p-one, config: {x: 1, l: [1, 2]}}\n"
                                         "  two: {enabled: false, required: false}\n"
                                         "  three:\n"
                                         "clusters:\n"
                                         "- {name: a, directory: {input: in, output: out}}\n"
                                         "- name: b\n  directory: {input: in, output: out2}\n"
                                         "  backends:\n    four: {plugin: ./f.so}\n"
                                         "    one: {enabled: false, config: {l: [], y: 2}}\n"
                                         "    two: {enabled: true, plugin: q/../two.so}\n"
                                         "    three: {required: false, config: }\n");
    const struct config_cluster *a = config_cluster(config, "a");
    const struct config_cluster *b = config_cluster(config, "b");

    CU_ASSERT_EQUAL_FATAL(a->backends_count, 3);
    CU_ASSERT_EQUAL_FATAL(b->backends_count, 4);
    CU_ASSERT_STRING_EQUAL(a->backends[0].name, "one");
    CU_ASSERT_STRING_EQUAL(a->backends[0].plugin, "p-one");
    CU_ASSERT_TRUE(a->backends[0].enabled && a->backends[0].required);
    CU_ASSERT_TRUE(has_config(&a->backends[0], "{\"l\":[1,2],\"x\":1}"));
    CU_ASSERT_STRING_EQUAL(a->backends[0].base.path, "backends.one");
    CU_ASSERT_PTR_NULL(a->backends[0].own.file);
    CU_ASSERT_FALSE(a->backends[1].enabled || a->backends[1].required);
    CU_ASSERT_STRING_EQUAL(a->backends[2].plugin, "three");
    CU_ASSERT_TRUE(has_config(&a->backends[2], "{}"));
    CU_ASSERT_STRING_EQUAL(b->backends[0].plugin, "p-one");
    CU_ASSERT_FALSE(b->backends[0].enabled);
    CU_ASSERT_TRUE(b->backends[0].required);
    CU_ASSERT_TRUE(has_config(&b->backends[0], "{\"l\":[],\"x\":1,\"y\":2}"));
    CU_ASSERT_STRING_EQUAL(b->backends[0].own.path, "clusters[1].backends.one");
    CU_ASSERT_TRUE(b->backends[1].enabled);
    CU_ASSERT_FALSE(b->backends[1].required);
    CU_ASSERT_TRUE(fixture_is_path(b->backends[1].plugin, "@/q/../two.so"));
    CU_ASSERT_FALSE(b->backends[2].required);
    CU_ASSERT_STRING_EQUAL(b->backends[3].name, "four");
    CU_ASSERT_TRUE(fixture_is_path(b->backends[3].plugin, "@/f.so"));
    CU_ASSERT_PTR_NULL(b->backends[3].base.file);
    config_free(config);
}

static void wrong_backends_are_refused(void)
{
    CU_ASSERT_TRUE(
        fixture_says("backends:\n  A_b: {plugin: x.so, enabled: 1, required: x, config: []}\n  c: 7\n"
                     "clusters:\n- {name: a, directory: {input: in, output: out}, backends: [c]}\n",
                     "c.yaml:2:3: error: backends.A_b: \"A_b\" is no name of a backend; expected a DNS "
                     "label: at most 63 lower-case letters, digits and dashes\n"
                     "c.yaml:2:9: error: backends.A_b.plugin: \"x.so\" is no name of a plugin; expected "
                     "lower-case letters, digits and dashes, or the path of a file, with a '/'\n"
                     "c.yaml:2:23: error: backends.A_b.enabled: expected a boolean, found an integer\n"
                     "c.yaml:2:35: error: backends.A_b.required: expected a boolean, found a string\n"
                     "c.yaml:2:48: error: backends.A_b.config: expected an object, found a list\n"
                     "c.yaml:3:3: error: backends.c: expected an object, found an integer\n"
                     "c.yaml:5:50: error: clusters[0].backends: expected an object with the names of "
                     "backends, found a list\n"));
    CU_ASSERT_TRUE(fixture_says(
        "backends: [a]\n" CLUSTER,
        "c.yaml:1:1: error: backends: expected an object with the names of backends, found a list\n"));
}

static void wrong_clusters_are_refused(void)
{
    CU_ASSERT_TRUE(fixture_says(
        "clusters:\n- directory: {input: ''}\n- name: B.c\n- name: a\n  directory: 1\n"
        "- name: a\n  directory:\n    input: x\n    output: ~/y\n",
        "c.yaml:2:3: error: clusters[0]: required key \"name\" is missing; expected a string\n"
        "c.yaml:2:3: error: clusters[0].directory: required key \"output\" is missing; expected a string\n"
        "c.yaml:2:15: error: clusters[0].directory.input: expected the path of a folder, found an empty "
        "string\n"
        "c.yaml:3:3: error: clusters[1].name: \"B.c\" is no name of a cluster; expected a DNS label: at most "
        "63 lower-case letters, digits and dashes\n"
        "c.yaml:3:3: error: clusters[1]: neither \"directory\" nor \"kubernetes\" is "
        "given; expected exactly one of both\n"
        "c.yaml:5:3: error: clusters[2].directory: expected an object, found an integer\n"
        "c.yaml:6:3: error: clusters[3].name: cluster \"a\" is given twice; the first stands at c.yaml:4:3\n"
        "c.yaml:9:5: warning: clusters[3].directory.output: ~ stands for itself here, not for a home "
        "folder\n"));
}

static void many_problems_take_no_time(void)
{
    struct text text = text_empty();
    struct problems problems = {0};
    struct config *config = NULL;

    for (int i = 0; text.length < 300000; i++)
        text_append_format(&text, "unknown%d: {a: b}\n", i);
    fixture_put("c.yaml", text.data);
    CU_ASSERT_EQUAL(config_load("c.yaml", &config, &problems), ERROR_INVALID);
    CU_ASSERT_PTR_NULL(config);
    CU_ASSERT_EQUAL(problems.count, 100);
    problems_release(&problems);
    text_clear(&text);
    text_append_string(&text, "clusters:\n");
    while (text.length < 300000)
        text_append_string(&text, "- {name: 1}\n");
    fixture_put("c.yaml", text.data);
    CU_ASSERT_EQUAL(config_load("c.yaml", &config, &problems), ERROR_INVALID);
    CU_ASSERT_EQUAL(problems.count, 100);
    problems_release(&problems);
    text_release(&text);
}

/* A config with so many backends and clusters; @return whether it is a good one. */
static bool loads_many(unsigned backends, unsigned clusters)
{
    struct text text = text_empty();
    struct config *config = NULL;
    struct problems problems = {0};
    bool good;

    text_append_string(&text, "domain: kyma.local\nbackends:\n");
    for (unsigned i = 0; i < backends; i++)
        text_append_format(&text, "  b%u:\n", i);
    text_append_string(&text, "clusters:\n");
    for (unsigned i = 0; i < clusters; i++)
        text_append_format(&text, "- {name: c%u, directory: {input: in, output: out%u}}\n", i, i);
    fixture_put("many.yaml", text.data);
    good = config_load("many.yaml", &config, &problems) == 0;
    CU_ASSERT_EQUAL(good, problems.errors == 0);
    CU_ASSERT_TRUE(good || strstr(problems.list[0].message, "too many"));
    problems_release(&problems);
    config_free(config);
    text_release(&text);
    return good;
}

static void numbers_have_limits(void)
{
    CU_ASSERT_TRUE(loads_many(256, 1));
    CU_ASSERT_FALSE(loads_many(257, 1));
    CU_ASSERT_TRUE(loads_many(1, 256));
    CU_ASSERT_FALSE(loads_many(1, 257));
}

int main(void)
{
    static const struct test tests[] = {
        {"the least config has defaults", the_least_config_has_defaults},
        {"settings are read, and overridden by a cluster", settings_are_read_and_overridden},
        {"wrong settings are refused all at once", wrong_settings_are_refused_all_at_once},
        {"only absolute http and https URLs are key sets", only_absolute_http_urls_are_key_sets},
        {"what is not a config is refused", what_is_not_a_config_is_refused},
        {"a file of more than a mebibyte is refused", a_file_of_more_than_a_mebibyte_is_refused},
        {"unknown keys are refused everywhere", unknown_keys_are_refused_everywhere},
        {"a cluster lays its backends over those for all", a_cluster_lays_its_backends_over_those_for_all},
        {"wrong backends are refused", wrong_backends_are_refused},
        {"wrong clusters are refused", wrong_clusters_are_refused},
        {"many problems take no time", many_problems_take_no_time},
        {"numbers of backends and clusters have limits", numbers_have_limits},
        {NULL, NULL},
    };

    return fixture_run("config", tests);
}

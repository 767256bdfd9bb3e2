/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"
#include "harness.h"

#include "kube/kubeconfig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEM "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
/* The same in base64, and another. */
#define PEM_DATA "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCkFBQUEKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="
#define SECRET "s3cret0123456789"

/* A kubeconfig whose cluster and user are given; both stand in the file's third and sixth line. */
#define CONFIG(cluster, user)                                                                                \
    "current-context: c\n"                                                                                   \
    "contexts: [{name: c, context: {cluster: k, user: u, namespace: team}}]\n"                               \
    "clusters:\n- name: k\n  cluster: {" cluster "}\n"                                                       \
    "users:\n- name: u\n  user: {" user "}\n"
#define SERVER "server: 'https://k8s:6443'"

static struct kubeconfig *load(const char *root, const char *text, struct error *error)
{
    struct kubeconfig_source source = {0};
    struct kubeconfig *config = NULL;

    folder_write(root, "dir/config", text);
    folder_write(root, "dir/ca.crt", PEM);
    folder_write(root, "dir/token", SECRET);
    source.path = folder_path(root, "dir/config");
    CU_ASSERT_EQUAL(kubeconfig_load(&source, &config, error), config ? 0 : error->code);
    return config;
}

/* That a mistake is told like this, behind the file's name, and no secret with it. */
static bool tells(const char *root, const char *text, const char *expected)
{
    struct error error = {0};
    struct kubeconfig *config = load(root, text, &error);
    const char *file = folder_path(root, "dir/config");
    size_t length = strlen(file);
    bool same = !config && strncmp(error.message, file, length) == 0 && error.message[length] == ':' &&
                strncmp(error.message + length + 1, expected, strlen(expected)) == 0 &&
                !strstr(error.message, SECRET);

    if (!same)
        (void)printf("# %s\n", config ? "loaded" : error.message);
    kubeconfig_free(config);
    return same;
}

static void everything_is_resolved(void)
{
    char root[64];
    struct error error = {0};
    struct kubeconfig *config;

    folder_make(root);
    config =
        load(root,
             CONFIG("server: 'HTTPS://K8s:443/', certificate-authority: ca.crt, tls-server-name: other, "
                    "proxy-url: 'socks5://p:1', disable-compression: true, extensions: [{name: x}]",
                    "token: " SECRET ", tokenFile: token, client-certificate-data: " PEM_DATA
                    ", client-certificate: /not/there, client-key: ./ca.crt, act-as: me, act-as-uid: '7', "
                    "act-as-groups: [a, b], act-as-user-extra: {Sc/x: [p, q]}"),
             &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    CU_ASSERT_STRING_EQUAL(config->server, "https://k8s");
    CU_ASSERT_STRING_EQUAL(config->context, "c");
    CU_ASSERT_STRING_EQUAL(config->origin, folder_path(root, "dir/config"));
    CU_ASSERT_STRING_EQUAL(config->ca.path, folder_path(root, "dir/ca.crt"));
    CU_ASSERT_STRING_EQUAL(config->tls_server_name, "other");
    CU_ASSERT_STRING_EQUAL(config->proxy, "socks5://p:1");
    CU_ASSERT_TRUE(config->disable_compression);
    CU_ASSERT_STRING_EQUAL(config->token, SECRET);
    CU_ASSERT_STRING_EQUAL(config->token_file, folder_path(root, "dir/token"));
    CU_ASSERT_STRING_EQUAL(config->certificate.data, PEM);
    CU_ASSERT_EQUAL(config->certificate.size, strlen(PEM));
    CU_ASSERT_PTR_NULL(config->certificate.path);
    CU_ASSERT_STRING_EQUAL(config->key.path, folder_path(root, "dir/./ca.crt"));
    CU_ASSERT_STRING_EQUAL(config->name_space, "team");
    CU_ASSERT_STRING_EQUAL(config->impersonate[0].name, "Impersonate-User");
    CU_ASSERT_STRING_EQUAL(config->impersonate[1].value, "7");
    CU_ASSERT_STRING_EQUAL(config->impersonate[3].value, "b");
    CU_ASSERT_STRING_EQUAL(config->impersonate[5].name, "Impersonate-Extra-Sc%2Fx");
    CU_ASSERT_STRING_EQUAL(config->impersonate[5].value, "q");
    CU_ASSERT_PTR_NULL(config->impersonate[6].name);
    CU_ASSERT_PTR_NULL(config->exec);
    kubeconfig_free(config);
    folder_remove(root);
}

static void a_program_is_read(void)
{
    char root[64];
    struct error error = {0};
    struct kubeconfig *config;

    folder_make(root);
    config = load(
        root,
        CONFIG(SERVER ", extensions: [{name: client.authentication.k8s.io/exec, extension: {b: 1, a: [x]}}]",
               "exec: {apiVersion: client.authentication.k8s.io/v1, command: ./get, args: [-x, 'a b'], "
               "env: [{name: A, value: 'b=c'}], interactiveMode: Never, provideClusterInfo: true, "
               "installHint: get it}"),
        &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    CU_ASSERT_STRING_EQUAL(config->exec->command, folder_path(root, "dir/./get"));
    CU_ASSERT_STRING_EQUAL(config->exec->args[1], "a b");
    CU_ASSERT_PTR_NULL(config->exec->args[2]);
    CU_ASSERT_STRING_EQUAL(config->exec->env[0], "A=b=c");
    CU_ASSERT_PTR_NULL(config->exec->env[1]);
    CU_ASSERT_STRING_EQUAL(config->exec->install_hint, "get it");
    CU_ASSERT_TRUE(config->exec->provide_cluster);
    CU_ASSERT_STRING_EQUAL(config->exec->cluster_config, "{\"a\":[\"x\"],\"b\":1}");
    CU_ASSERT_STRING_EQUAL(config->exec->api_version, "client.authentication.k8s.io/v1");
    kubeconfig_free(config);
    config =
        load(root, CONFIG(SERVER, "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: get}"),
             &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    CU_ASSERT_STRING_EQUAL(config->exec->command, "get");
    CU_ASSERT_PTR_NULL(config->exec->args[0]);
    kubeconfig_free(config);
    folder_remove(root);
}

static void mistakes_in_a_file_are_told(void)
{
    char root[64];

    folder_make(root);
    CU_ASSERT_TRUE(tells(root, "[]", " expected a kubeconfig, found a list"));
    CU_ASSERT_TRUE(tells(root, "", " current-context: expected the name of a context, found nothing"));
    CU_ASSERT_TRUE(tells(root, "current-context: c\n", " current-context: there is no context \"c\""));
    CU_ASSERT_TRUE(tells(root, "current-context: 1\n", "1:1: current-context: expected a string"));
    CU_ASSERT_TRUE(tells(root, "users: {}\n", "1:1: users: expected a list of entries"));
    CU_ASSERT_TRUE(tells(root, "users:\n- user: {}\n", "2:3: users[0]: expected an object with a name"));
    CU_ASSERT_TRUE(tells(root, "users:\n- name: a\n  user: []\n", "3:3: users[0].user: expected an object"));
    CU_ASSERT_TRUE(tells(root, "users:\n- name: a\n- name: a\n", "3:3: users[1]: an entry of this name"));
    CU_ASSERT_TRUE(tells(root, "a: 1\nb: 0" SECRET "\na: 2\n", "3:1: this cannot be read"));
    CU_ASSERT_TRUE(tells(root, "token: &" SECRET " x\n", "1:8: this cannot be read"));
    CU_ASSERT_TRUE(tells(root, "{\"token\": \"" SECRET "\" \"" SECRET "\"}", "1:"));
    CU_ASSERT_TRUE(tells(root,
                         "token: 0123"
                         "\n",
                         "1:8: this cannot be read"));
    folder_remove(root);
}

#define CONTEXT(context)                                                                                     \
    "current-context: c\ncontexts:\n- name: c\n  context: {" context                                         \
    "}\nclusters: [{name: k, cluster: {" SERVER "}}]\n"
static void mistakes_in_a_context_are_told(void)
{
    char root[64];

    folder_make(root);
    CU_ASSERT_TRUE(tells(root, CONTEXT(""), "4:3: context \"c\", cluster: expected the name of a cluster"));
    CU_ASSERT_TRUE(
        tells(root, CONTEXT("cluster: x"), "4:13: context \"c\", cluster: there is no cluster \"x\""));
    CU_ASSERT_TRUE(
        tells(root, CONTEXT("cluster: k, user: x"), "4:25: context \"c\", user: there is no user \"x\""));
    CU_ASSERT_TRUE(tells(root, CONTEXT("cluster: k, namespace: A"),
                         "4:25: context \"c\", namespace: expected the name"));
    CU_ASSERT_TRUE(
        tells(root, CONTEXT("cluster: k, namspace: a"),
              "4:25: context \"c\", namspace: this key is not known; did you mean \"namespace\"?"));
    CU_ASSERT_TRUE(tells(root, CONTEXT("cluster: 1"), "4:13: context \"c\", cluster: expected a string"));
    folder_remove(root);
}

static void mistakes_in_a_cluster_are_told(void)
{
    char root[64];

    folder_make(root);
    CU_ASSERT_TRUE(tells(root, CONFIG("", ""), "5:3: cluster \"k\", server: expected the server's URL"));
    CU_ASSERT_TRUE(
        tells(root, CONFIG("server: k8s", ""), "5:13: cluster \"k\", server: expected a URL like"));
    CU_ASSERT_TRUE(tells(root, CONFIG("server: 'https://u:" SECRET "@h'", ""),
                         "5:13: cluster \"k\", server: a user in"));
    CU_ASSERT_TRUE(tells(root, CONFIG("proxy-url: 'ftp://u:" SECRET "@h', " SERVER, ""),
                         "5:13: cluster \"k\", proxy-url: expected a URL with http, https or socks5"));
    CU_ASSERT_TRUE(
        tells(root, CONFIG("insecure-skip-tls-verify: true, " SERVER, ""),
              "5:13: cluster \"k\", insecure-skip-tls-verify: the server's certificate is always verified"));
    CU_ASSERT_TRUE(
        tells(root, CONFIG("insecure-skip-tls-verify: 'true', " SERVER, ""),
              "5:13: cluster \"k\", insecure-skip-tls-verify: expected true or false, found a string"));
    CU_ASSERT_TRUE(tells(root, CONFIG("certificate-authority: none.crt, " SERVER, ""),
                         "5:13: cluster \"k\", certificate-authority: "));
    CU_ASSERT_TRUE(tells(root, CONFIG("certificate-authority: token, " SERVER, ""),
                         "5:13: cluster \"k\", certificate-authority: "));
    CU_ASSERT_TRUE(tells(root, CONFIG("certificate-authority-data: '*', " SERVER, ""),
                         "5:13: cluster \"k\", certificate-authority-data: expected base64"));
    CU_ASSERT_TRUE(tells(root, CONFIG("certificate-authority-data: YWJj, " SERVER, ""),
                         "5:13: cluster \"k\", certificate-authority-data: expected PEM in base64"));
    CU_ASSERT_TRUE(tells(
        root, CONFIG("tls-servername: x, " SERVER, ""),
        "5:13: cluster \"k\", tls-servername: this key is not known; did you mean \"tls-server-name\""));
    CU_ASSERT_TRUE(
        tells(root, CONFIG("server: 'http://h'", "token: " SECRET),
              "5:13: cluster \"k\", server: credentials are only sent over https; the user \"u\" has some"));
    folder_remove(root);
}

static void mistakes_in_a_user_are_told(void)
{
    char root[64];

    folder_make(root);
    CU_ASSERT_TRUE(tells(root, CONFIG(SERVER, "username: me, password: " SECRET),
                         "8:10: user \"u\", username: user names and passwords are gone"));
    CU_ASSERT_TRUE(tells(root, CONFIG(SERVER, "password: " SECRET),
                         "8:10: user \"u\", password: user names and passwords are gone"));
    CU_ASSERT_TRUE(tells(root, CONFIG(SERVER, "auth-provider: {name: gcp}"),
                         "8:10: user \"u\", auth-provider: auth-provider is gone"));
    CU_ASSERT_TRUE(tells(root, CONFIG(SERVER, "token: 'a " SECRET "'"),
                         "8:10: user \"u\", token: a token holds no blanks"));
    CU_ASSERT_TRUE(tells(root, CONFIG(SERVER, "token: \"a\\r\\nX: " SECRET "\""),
                         "8:10: user \"u\", token: a token holds no blanks"));
    CU_ASSERT_TRUE(
        tells(root, CONFIG(SERVER, "token: 123456"), "8:10: user \"u\", token: expected a string, found a"));
    CU_ASSERT_TRUE(tells(root, CONFIG(SERVER, "tokenFile: none"), "8:10: user \"u\", tokenFile: "));
    CU_ASSERT_TRUE(tells(root, CONFIG(SERVER, "client-certificate: ca.crt"),
                         "8:10: user \"u\", client-certificate: there is no client-key"));
    CU_ASSERT_TRUE(tells(root, CONFIG(SERVER, "client-key-data: " PEM_DATA),
                         "8:3: user \"u\", client-key: there is no client-certificate"));
    CU_ASSERT_TRUE(tells(root, CONFIG(SERVER, "act-as-groups: [a]"),
                         "7:3: user \"u\": act-as-uid, act-as-groups and act-as-user-extra need act-as"));
    CU_ASSERT_TRUE(tells(root, CONFIG(SERVER, "act-as-groups: a"),
                         "8:10: user \"u\", act-as-groups: expected a list of strings, found a string"));
    CU_ASSERT_TRUE(tells(root, CONFIG(SERVER, "act-as: \"a\\n\""),
                         "8:10: user \"u\", act-as: expected a text without control"));
    CU_ASSERT_TRUE(tells(root, CONFIG(SERVER, "act-as: a, act-as-user-extra: {x: z}"),
                         "8:21: user \"u\", act-as-user-extra: expected lists"));
    CU_ASSERT_TRUE(tells(root, CONFIG(SERVER, "act_as: a"),
                         "8:10: user \"u\", act_as: this key is not known; did you mean \"act-as\"?"));
    CU_ASSERT_TRUE(tells(root, CONFIG(SERVER, SECRET ": a"), "7:3: user \"u\": a key in it is not known"));
    folder_remove(root);
}

#define EXEC(exec) CONFIG(SERVER, "exec: {" exec "}")
#define V1 "apiVersion: client.authentication.k8s.io/v1, "
static void mistakes_in_a_program_are_told(void)
{
    char root[64];

    folder_make(root);
    CU_ASSERT_TRUE(
        tells(root, EXEC("command: x"),
              "8:10: user \"u\", exec.apiVersion: expected \"client.authentication.k8s.io/v1\" or"));
    CU_ASSERT_TRUE(tells(root, EXEC("apiVersion: client.authentication.k8s.io/v1alpha1, command: x"),
                         "8:17: user \"u\", exec.apiVersion: "));
    CU_ASSERT_TRUE(
        tells(root, EXEC(V1 "interactiveMode: Never"), "8:10: user \"u\", exec.command: expected a program"));
    CU_ASSERT_TRUE(
        tells(root, EXEC(V1 "command: x"), "8:10: user \"u\", exec.interactiveMode: expected \"Never\""));
    CU_ASSERT_TRUE(tells(root, EXEC(V1 "command: x, interactiveMode: Always"),
                         "8:74: user \"u\", exec.interactiveMode: a daemon has no terminal"));
    CU_ASSERT_TRUE(tells(root, EXEC(V1 "command: x, interactiveMode: Never, args: [a, 1]"),
                         "8:108: user \"u\", exec.args[1]: expected a string"));
    CU_ASSERT_TRUE(
        tells(root, EXEC(V1 "command: x, interactiveMode: Never, env: [{name: 'a=b', value: " SECRET "}]"),
              "8:104: user \"u\", exec.env[0]: expected an object with a name"));
    CU_ASSERT_TRUE(tells(root, EXEC(V1 "command: x, comand: z"),
                         "8:74: user \"u\", exec.comand: this key is not known; did you mean"));
    CU_ASSERT_TRUE(
        tells(root, CONFIG(SERVER, "exec: x"), "8:10: user \"u\", exec: expected an object, found a string"));
    CU_ASSERT_TRUE(
        tells(root, CONFIG(SERVER, "token: " SECRET ", exec: {" V1 "command: x, interactiveMode: Never}"),
              "8:35: user \"u\", exec: beside a token"));
    folder_remove(root);
}

static int load_list(const char *root, const char *list, const char *context, struct kubeconfig **config,
                     struct error *error)
{
    struct kubeconfig_source source = {.context = context};
    char text[512];
    size_t used = 0;

    for (const char *at = list; *at; at++) {
        if (at == list || at[-1] == ':')
            used += (size_t)snprintf(text + used, sizeof text - used, "%s/", root);
        text[used++] = *at;
    }
    text[used] = '\0';
    source.list = text;
    return kubeconfig_load(&source, config, error);
}

static void the_first_file_wins_entry_by_entry(void)
{
    char root[64];
    struct error error = {0};
    struct kubeconfig *config = NULL;

    folder_make(root);
    folder_write(root, "one",
                 "users: [{name: u, user: {token: first}}]\ncontexts: [{name: b, context: {cluster: k}}]\n");
    folder_write(
        root, "sub/two",
        "current-context: a\nusers: [{name: u, user: {token: second, act-as: x}}]\n"
        "contexts: [{name: a, context: {cluster: k, user: u}}, {name: b, context: {cluster: none}}]\n"
        "clusters: [{name: k, cluster: {server: 'https://two', certificate-authority: ca}}]\n");
    folder_write(root, "sub/ca", PEM);
    folder_write(root, "three",
                 "current-context: b\nclusters: [{name: k, cluster: {server: 'https://three'}}]\n");
    CU_ASSERT_EQUAL(load_list(root, "none:one:sub/two:one:three", NULL, &config, &error), 0);
    CU_ASSERT_EQUAL(error.code, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    CU_ASSERT_STRING_EQUAL(config->context, "a");
    CU_ASSERT_STRING_EQUAL(config->server, "https://two");
    CU_ASSERT_STRING_EQUAL(config->token, "first");
    CU_ASSERT_PTR_NULL(config->impersonate);
    CU_ASSERT_STRING_EQUAL(config->ca.path, folder_path(root, "sub/ca"));
    CU_ASSERT_STRING_EQUAL(config->name_space, "default");
    kubeconfig_free(config);
    CU_ASSERT_EQUAL(load_list(root, "one:three:sub/two", "b", &config, &error), 0);
    CU_ASSERT_STRING_EQUAL(config->server, "https://three");
    CU_ASSERT_PTR_NULL(config->token);
    kubeconfig_free(config);
    CU_ASSERT_EQUAL(load_list(root, "one:three", "z", &config, &error), ERROR_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "there is no context \"z\""));
    CU_ASSERT_EQUAL(load_list(root, "none:nothing", NULL, &config, &error), ERROR_NOT_FOUND);
    folder_write(root, "broken", "users: [\n");
    CU_ASSERT_EQUAL(load_list(root, "one:broken:sub/two", NULL, &config, &error), ERROR_INVALID);
    folder_remove(root);
}

static void a_pod_is_recognized(void)
{
    char root[64];
    struct error error = {0};
    struct kubeconfig *config = NULL;
    struct kubeconfig_source source = {.service_host = "fd00::1", .service_port = "443", .home = "/nowhere"};

    folder_make(root);
    source.service_dir = root;
    CU_ASSERT_EQUAL(kubeconfig_load(&source, &config, &error), 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    CU_ASSERT_STRING_EQUAL(config->server, "https://[fd00::1]");
    CU_ASSERT_STRING_EQUAL(config->token_file, folder_path(root, "token"));
    CU_ASSERT_STRING_EQUAL(config->ca.path, folder_path(root, "ca.crt"));
    CU_ASSERT_STRING_EQUAL(config->name_space, "default");
    kubeconfig_free(config);
    folder_write(root, "namespace", "team\n");
    CU_ASSERT_EQUAL(kubeconfig_load(&source, &config, &error), 0);
    CU_ASSERT_STRING_EQUAL(config->name_space, "team");
    kubeconfig_free(config);
    source.pod_namespace = "other";
    CU_ASSERT_EQUAL(kubeconfig_load(&source, &config, &error), 0);
    CU_ASSERT_STRING_EQUAL(config->name_space, "other");
    kubeconfig_free(config);
    source.pod_namespace = "a/b";
    CU_ASSERT_EQUAL(kubeconfig_load(&source, &config, &error), ERROR_INVALID);
    source.service_port = NULL;
    CU_ASSERT_EQUAL(kubeconfig_load(&source, &config, &error), ERROR_INVALID);
    source.service_port = "x";
    CU_ASSERT_EQUAL(kubeconfig_load(&source, &config, &error), ERROR_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "in-cluster: $KUBERNETES_SERVICE_HOST and _PORT: the port"));
    folder_remove(root);
}

static void without_anything_that_is_said(void)
{
    char root[64];
    struct error error = {0};
    struct kubeconfig *config = NULL;
    struct kubeconfig_source source = {0};

    folder_make(root);
    CU_ASSERT_EQUAL(kubeconfig_load(&source, &config, &error), ERROR_NOT_FOUND);
    source.home = root;
    CU_ASSERT_EQUAL(kubeconfig_load(&source, &config, &error), ERROR_NOT_FOUND);
    folder_write(root, ".kube/config", CONFIG(SERVER, ""));
    CU_ASSERT_EQUAL(kubeconfig_load(&source, &config, &error), 0);
    kubeconfig_free(config);
    source.path = "/nowhere/config";
    CU_ASSERT_EQUAL(kubeconfig_load(&source, &config, &error), ERROR_NOT_FOUND);
    kubeconfig_free(NULL);
    CU_ASSERT_TRUE(kubeconfig_is_token("a.b-c_d~e+f/g="));
    CU_ASSERT_FALSE(kubeconfig_is_token(""));
    CU_ASSERT_FALSE(kubeconfig_is_token("a b"));
    CU_ASSERT_FALSE(kubeconfig_is_token("\xc3\xa4"));
    folder_remove(root);
}

int main(void)
{
    static const struct test tests[] = {
        {"everything of a context is resolved", everything_is_resolved},
        {"a program that gives credentials is read", a_program_is_read},
        {"mistakes in a file are told", mistakes_in_a_file_are_told},
        {"mistakes in a context are told", mistakes_in_a_context_are_told},
        {"mistakes in a cluster are told", mistakes_in_a_cluster_are_told},
        {"mistakes in a user are told", mistakes_in_a_user_are_told},
        {"mistakes in a program are told", mistakes_in_a_program_are_told},
        {"the first file wins, entry by entry", the_first_file_wins_entry_by_entry},
        {"a Pod is recognized", a_pod_is_recognized},
        {"where there is nothing, that is said", without_anything_that_is_said},
        {NULL, NULL},
    };

    return harness_run("kubeconfig", tests);
}

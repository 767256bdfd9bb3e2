/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/renewal.h"
#include "daemon/servers.h"
#include "folder.h"
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All that may stand in a kubeconfig, so that each can be changed. */
static const char with_files[] =
    "current-context: c\n"
    "contexts: [{name: c, context: {cluster: k, user: u, namespace: team}}]\n"
    "clusters:\n"
    "- name: k\n"
    "  cluster: {server: 'https://k8s:6443', certificate-authority: ca.crt, tls-server-name: api,\n"
    "    proxy-url: 'http://proxy:3128', disable-compression: true}\n"
    "users:\n"
    "- name: u\n"
    "  user:\n"
    "    act-as: jane\n"
    "    act-as-groups: [one, two]\n"
    "    client-certificate: user.crt\n"
    "    client-key: user.key\n";

static const char with_program[] =
    "current-context: c\n"
    "contexts: [{name: c, context: {cluster: k, user: u}}]\n"
    "clusters: [{name: k, cluster: {server: 'https://k8s:6443'}}]\n"
    "users:\n"
    "- name: u\n"
    "  user:\n"
    "    exec: {apiVersion: client.authentication.k8s.io/v1, command: give, args: [a, b], interactiveMode: "
    "Never,\n"
    "      env: [{name: E, value: f}], installHint: get it, provideClusterInfo: false}\n";

static const char with_token[] = "current-context: c\n"
                                 "contexts: [{name: c, context: {cluster: k, user: u}}]\n"
                                 "clusters: [{name: k, cluster: {server: 'https://k8s:6443'}}]\n"
                                 "users: [{name: u, user: {token: first}}]\n";

#define PEM "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
static const char *const files[] = {"ca.crt", "user.crt", "user.key", "other.crt", "other.key"};

struct scene {
    char root[64];
    struct config_kubernetes kubernetes;
    struct config_cluster config;
    struct kubeconfig *used;
    struct renewal renewal;
    char *said;
    size_t size;
    struct log log;
};

static void write_with(const struct scene *scene, const char *text, const char *old, const char *new)
{
    char changed[2048];
    const char *at = strstr(text, old);

    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    (void)snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
    folder_write(scene->root, "config", changed);
}

static void start(struct scene *scene, const char *text)
{
    struct error error = {0};

    *scene = (struct scene){.config = {.name = (char *)(uintptr_t) "k1"}};
    folder_make(scene->root);
    folder_write(scene->root, "config", text);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        folder_write(scene->root, files[i], PEM);
    scene->kubernetes.kubeconfig = strdup(folder_path(scene->root, "config"));
    scene->config.kubernetes = &scene->kubernetes;
    scene->log = (struct log){.level = LOG_LEVEL_INFO, .out = open_memstream(&scene->said, &scene->size)};
    if (servers_load(&scene->kubernetes, &scene->used, &error) != 0)
        (void)printf("# %s\n", error.message);
    CU_ASSERT_PTR_NOT_NULL_FATAL(scene->used);
    CU_ASSERT_FALSE(renewal_look(&scene->renewal, &scene->config, scene->used, 1000, &scene->log));
    CU_ASSERT_EQUAL(scene->renewal.due_ms, 61000);
}

static bool looks(struct scene *scene, int64_t seconds)
{
    bool renewed =
        renewal_look(&scene->renewal, &scene->config, scene->used, 1000 + seconds * 1000, &scene->log);

    (void)fflush(scene->log.out);
    return renewed;
}

static void finish(struct scene *scene)
{
    (void)fclose(scene->log.out);
    free(scene->said);
    kubeconfig_free(scene->used);
    free(scene->kubernetes.kubeconfig);
    folder_remove(scene->root);
}

static unsigned count(const char *text, const char *words)
{
    unsigned found = 0;

    while (text && (text = strstr(text, words)) != NULL) {
        text += strlen(words);
        found++;
    }
    return found;
}

static void other_credentials_count_within_a_minute(void)
{
    struct scene scene;

    start(&scene, with_token);
    write_with(&scene, with_token, "first", "second");
    CU_ASSERT_FALSE(looks(&scene, 59));
    CU_ASSERT_TRUE(looks(&scene, 60));
    CU_ASSERT_EQUAL(count(scene.said, "credentials renewed"), 1);
    CU_ASSERT_EQUAL(count(scene.said, "second"), 0);
    CU_ASSERT_EQUAL(scene.renewal.due_ms, 121000);
    CU_ASSERT_FALSE(renewal_is_current(&scene.config, scene.used));
    folder_write(scene.root, "config", with_token);
    CU_ASSERT_FALSE(looks(&scene, 120));
    CU_ASSERT_TRUE(renewal_is_current(&scene.config, scene.used));
    finish(&scene);
}

static void what_cannot_be_read_changes_nothing(void)
{
    struct scene scene;

    start(&scene, with_token);
    folder_write(scene.root, "config", "current-context: [\n");
    CU_ASSERT_FALSE(looks(&scene, 60));
    CU_ASSERT_TRUE(renewal_is_current(&scene.config, scene.used));
    folder_remove(folder_path(scene.root, "config"));
    CU_ASSERT_FALSE(looks(&scene, 120));
    CU_ASSERT_TRUE(renewal_is_current(&scene.config, scene.used));
    CU_ASSERT_EQUAL(scene.size, 0);
    finish(&scene);
}

/* Somebody has chosen another context for kubectl, perhaps. */
static void another_server_waits_for_a_reload(void)
{
    static const char *const changes[][2] = {
        {"https://k8s:6443", "https://k9s:6443"},
        {"tls-server-name: api", "tls-server-name: ipa"},
        {"http://proxy:3128", "http://proxy:3129"},
        {"current-context: c\ncontexts: [{name: c,", "current-context: d\ncontexts: [{name: d,"},
    };
    struct scene scene;

    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        start(&scene, with_files);
        write_with(&scene, with_files, changes[i][0], changes[i][1]);
        CU_ASSERT_FALSE(looks(&scene, 60));
        CU_ASSERT_FALSE(looks(&scene, 120));
        /* That is said once, and again if it happens again. */
        CU_ASSERT_EQUAL(count(scene.said, "kubeconfig not followed"), 1);
        CU_ASSERT_FALSE(renewal_is_current(&scene.config, scene.used));
        folder_write(scene.root, "config", with_files);
        CU_ASSERT_FALSE(looks(&scene, 180));
        write_with(&scene, with_files, changes[i][0], changes[i][1]);
        CU_ASSERT_FALSE(looks(&scene, 240));
        CU_ASSERT_EQUAL(count(scene.said, "kubeconfig not followed"), 2);
        finish(&scene);
    }
}

struct change {
    const char *text;
    const char *old;
    const char *new;
};

static void every_change_is_seen(void)
{
    static const struct change changes[] = {
        {with_files, "ca.crt", "other.crt"},
        {with_files, "user.crt", "other.crt"},
        {with_files, "user.key", "other.key"},
        {with_files, "namespace: team", "namespace: mate"},
        {with_files, ", disable-compression: true", ""},
        {with_files, "act-as: jane", "act-as: joe"},
        {with_files, "[one, two]", "[one]"},
        {with_files, "[one, two]", "[one, three]"},
        {with_program, "command: give", "command: take"},
        {with_program, "[a, b]", "[a]"},
        {with_program, "[a, b]", "[a, b, c]"},
        {with_program, "value: f", "value: g"},
        {with_program, "get it", "buy it"},
        {with_program, "provideClusterInfo: false", "provideClusterInfo: true"},
    };
    struct scene scene;

    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        start(&scene, changes[i].text);
        write_with(&scene, changes[i].text, changes[i].old, changes[i].new);
        CU_ASSERT_TRUE(looks(&scene, 60));
        CU_ASSERT_FALSE(renewal_is_current(&scene.config, scene.used));
        finish(&scene);
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"other credentials count within a minute", other_credentials_count_within_a_minute},
        {"what cannot be read changes nothing", what_cannot_be_read_changes_nothing},
        {"another server waits for a reload", another_server_waits_for_a_reload},
        {"every change is seen", every_change_is_seen},
        {NULL, NULL},
    };

    return harness_run("renewal", tests);
}

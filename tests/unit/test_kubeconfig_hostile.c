/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"
#include "harness.h"
#include "mutate.h"
#include "scarce.h"

#include "kube/kubeconfig.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Longer than what a mutation moves, so that it stands in a message only if the code put it there. */
#define SECRET "0s3cret0123456789012345678901234567890123456789012345678901234567890123456789"
#define FILLER                                                                                               \
    "# so that no mutation joins what is a name and what is a secret, there is this line in between\n"

static const char config_text[] =
    "current-context: c\n"
    "contexts:\n- name: c\n  context: {cluster: k, user: u, namespace: team}\n" FILLER
    "clusters:\n- name: k\n  cluster:\n    server: https://k8s:6443\n    certificate-authority: "
    "ca.crt\n" FILLER "    proxy-url: http://u:" SECRET "@proxy:3128\n" FILLER
    "users:\n- name: u\n  user:\n" FILLER "    token: \"" SECRET "\"\n" FILLER
    "    act-as: me\n    act-as-groups: [a, b]\n"
    "    act-as-user-extra: {x: [z]}\n";

static const char exec_text[] =
    "current-context: c\n"
    "contexts: [{name: c, context: {cluster: k, user: u}}]\n"
    "clusters: [{name: k, cluster: {server: 'https://k8s:6443'}}]\n"
    "users:\n- name: u\n  user:\n    exec:\n      apiVersion: client.authentication.k8s.io/v1\n      "
    "command: get\n"
    "      args: [-x]\n      interactiveMode: Never\n      provideClusterInfo: true\n" FILLER
    "      env: [{name: PASSWORD, value: \"" SECRET "\"}]\n" FILLER;

static void mutated_files_tell_no_secret(void)
{
    static const char *const pieces[] = {":",
                                         "\n",
                                         " ",
                                         "- ",
                                         "\"",
                                         "'",
                                         "{",
                                         "}",
                                         "[",
                                         "]",
                                         ",",
                                         "null",
                                         "1",
                                         "true",
                                         "&a",
                                         "*a",
                                         "!x",
                                         "\t",
                                         "insecure-skip-tls-verify: true\n",
                                         "username: x\n",
                                         "\xff",
                                         "http://",
                                         NULL};
    struct mutate mutate = mutate_begin(11, 1500);
    char root[64];
    char buffer[8192];
    size_t loaded = 0;
    size_t refused = 0;
    bool silent = true;

    folder_make(root);
    folder_write(root, "ca.crt", "-----BEGIN CERTIFICATE-----\n");
    for (size_t rounds = 0; silent && rounds < 6000 && mutate_goes_on(&mutate); rounds++) {
        const char *text = rounds % 2 ? config_text : exec_text;
        size_t size = strlen(text);
        struct kubeconfig_source source = {0};
        struct kubeconfig *config = NULL;
        struct error error = {0};
        memcpy(buffer, text, size);
        size = mutate_text(&mutate, buffer, size, sizeof buffer - 1, pieces);
        buffer[size] = '\0';
        /* A file that is cut short and written again is synced by some file systems. */
        (void)unlink(folder_path(root, "config"));
        folder_write(root, "config", buffer);
        source.path = folder_path(root, "config");
        if (kubeconfig_load(&source, &config, &error) == 0)
            loaded++;
        else
            refused++;
        silent = !strstr(error.message, SECRET) && (config != NULL) == (error.code == 0);
        if (!silent)
            (void)printf("# %s\n", error.message);
        kubeconfig_free(config);
    }
    CU_ASSERT_TRUE(silent);
    CU_ASSERT_TRUE(loaded > 50 && refused > 50);
    folder_remove(root);
}

static bool load_scarce(size_t granted, const struct kubeconfig_source *source)
{
    struct kubeconfig *config = NULL;
    struct error error = {0};
    bool failed;
    int result;

    scarce_begin(granted);
    result = kubeconfig_load(source, &config, &error);
    failed = scarce_end();
    CU_ASSERT_EQUAL(result, failed ? ERROR_NO_MEMORY : 0);
    CU_ASSERT_EQUAL(error.code, result);
    CU_ASSERT_TRUE((config != NULL) == (result == 0));
    kubeconfig_free(config);
    return failed;
}

static void without_memory(void)
{
    struct kubeconfig_source source = {0};
    char root[64];
    size_t granted = 0;

    folder_make(root);
    folder_write(root, "ca.crt", "-----BEGIN CERTIFICATE-----\n");
    folder_write(root, "config", config_text);
    source.path = folder_path(root, "config");
    while (load_scarce(granted, &source))
        granted++;
    CU_ASSERT_TRUE(granted > 10);
    folder_write(root, "config", exec_text);
    granted = 0;
    while (load_scarce(granted, &source))
        granted++;
    CU_ASSERT_TRUE(granted > 10);
    source =
        (struct kubeconfig_source){.service_host = "10.0.0.1", .service_port = "443", .service_dir = root};
    granted = 0;
    while (load_scarce(granted, &source))
        granted++;
    CU_ASSERT_TRUE(granted > 1);
    folder_remove(root);
}

int main(void)
{
    static const struct test tests[] = {
        {"mutated files: read or refused, and no message tells a secret", mutated_files_tell_no_secret},
        {"without memory it fails cleanly", without_memory},
        {NULL, NULL},
    };

    return harness_run("kubeconfig_hostile", tests);
}

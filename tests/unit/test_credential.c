/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"
#include "harness.h"
#include "scarce.h"

#include "kube/credential.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PEM(text) "-----BEGIN CERTIFICATE-----\n" text "\n"

static struct moment at(int64_t seconds)
{
    return (struct moment){.ms = 5000 + seconds * 1000, .wall_s = 1700000000 + seconds};
}

static int step(struct credential *credential, int64_t seconds)
{
    struct error error = {0};
    int result = credential_step(credential, at(seconds), &error);

    CU_ASSERT_EQUAL(result, error.code);
    CU_ASSERT_PTR_NULL(strstr(error.message, "s3cret"));
    return result;
}

static bool token_is(const struct credential *credential, const char *expected)
{
    struct credential_state state = credential_state(credential);
    bool same = expected ? state.token && strcmp(state.token, expected) == 0 : !state.token;

    if (!same)
        (void)printf("# token %s\n", state.token ? state.token : "-");
    return same && state.ready == (expected != NULL);
}

/* As rotation does it: a new file takes the place of the old one. */
static void replace(const char *root, const char *name, const char *content)
{
    folder_write(root, "next", content);
    CU_ASSERT_EQUAL(rename(folder_path(root, "next"), folder_path(root, name)), 0);
}

static void without_credentials_all_is_ready(void)
{
    struct kubeconfig config = {.server = "http://h"};
    struct credential *credential = credential_new(&config);

    CU_ASSERT_EQUAL(step(credential, 0), 0);
    CU_ASSERT_TRUE(credential_state(credential).ready);
    CU_ASSERT_PTR_NULL(credential_state(credential).token);
    CU_ASSERT_PTR_NULL(credential_state(credential).ca.data);
    CU_ASSERT_EQUAL(credential_fd(credential), -1);
    credential_free(credential);
    credential_free(NULL);
}

static void a_token_file_is_read_again(void)
{
    char root[64];
    struct kubeconfig config = {0};
    struct credential *credential;

    folder_make(root);
    config.token_file = strdup(folder_path(root, "token"));
    credential = credential_new(&config);
    CU_ASSERT_EQUAL(credential_due_ms(credential, at(0)), at(0).ms);
    CU_ASSERT_EQUAL(step(credential, 0), ERROR_NOT_FOUND);
    CU_ASSERT_TRUE(token_is(credential, NULL));
    CU_ASSERT_EQUAL(credential_due_ms(credential, at(0)), at(10).ms);
    folder_write(root, "token", "  one\n");
    CU_ASSERT_EQUAL(step(credential, 10), 0);
    CU_ASSERT_TRUE(token_is(credential, "one"));
    CU_ASSERT_EQUAL(credential_due_ms(credential, at(10)), at(70).ms);
    folder_write(root, "token", "two");
    CU_ASSERT_EQUAL(step(credential, 69), 0);
    CU_ASSERT_TRUE(token_is(credential, "one"));
    CU_ASSERT_EQUAL(step(credential, 70), 0);
    CU_ASSERT_TRUE(token_is(credential, "two"));
    free((void *)(uintptr_t)config.token_file);
    credential_free(credential);
    folder_remove(root);
}

static void the_last_good_token_is_kept(void)
{
    static const char *const bad[] = {"", " \n", "s3cret with blanks", "s3cret\x01", "s3cret\xc3\xa4"};
    char root[64];
    struct kubeconfig config = {0};
    struct credential *credential;

    folder_make(root);
    config.token_file = strdup(folder_path(root, "token"));
    folder_write(root, "token", "good");
    credential = credential_new(&config);
    CU_ASSERT_EQUAL(step(credential, 0), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        folder_write(root, "token", bad[i]);
        CU_ASSERT_EQUAL(step(credential, 60 + (int64_t)i * 60), ERROR_INVALID);
        CU_ASSERT_TRUE(token_is(credential, "good"));
    }
    CU_ASSERT_EQUAL(unlink(folder_path(root, "token")), 0);
    CU_ASSERT_EQUAL(step(credential, 900), ERROR_NOT_FOUND);
    CU_ASSERT_TRUE(token_is(credential, "good"));
    credential_refused(credential, at(901));
    CU_ASSERT_TRUE(token_is(credential, NULL));
    CU_ASSERT_EQUAL(credential_due_ms(credential, at(901)), at(901).ms);
    CU_ASSERT_EQUAL(step(credential, 901), ERROR_NOT_FOUND);
    folder_write(root, "token", "new");
    CU_ASSERT_EQUAL(step(credential, 911), 0);
    CU_ASSERT_TRUE(token_is(credential, "new"));
    free((void *)(uintptr_t)config.token_file);
    credential_free(credential);
    folder_remove(root);
}

static void a_token_file_counts_more_than_a_token(void)
{
    char root[64];
    struct kubeconfig config = {.token = "inline"};
    struct credential *credential;

    folder_make(root);
    credential = credential_new(&config);
    CU_ASSERT_TRUE(token_is(credential, "inline"));
    credential_refused(credential, at(0));
    CU_ASSERT_TRUE(token_is(credential, "inline"));
    credential_free(credential);
    config.token_file = strdup(folder_path(root, "token"));
    credential = credential_new(&config);
    CU_ASSERT_EQUAL(step(credential, 0), ERROR_NOT_FOUND);
    CU_ASSERT_TRUE(token_is(credential, "inline"));
    folder_write(root, "token", "file");
    CU_ASSERT_EQUAL(step(credential, 60), 0);
    CU_ASSERT_TRUE(token_is(credential, "file"));
    credential_refused(credential, at(61));
    CU_ASSERT_TRUE(token_is(credential, NULL));
    free((void *)(uintptr_t)config.token_file);
    credential_free(credential);
    folder_remove(root);
}

static void an_authority_is_renewed(void)
{
    char root[64];
    struct kubeconfig config = {0};
    struct credential *credential;

    folder_make(root);
    config.ca.path = strdup(folder_path(root, "ca"));
    folder_write(root, "ca", PEM("one"));
    credential = credential_new(&config);
    CU_ASSERT_FALSE(credential_state(credential).ready);
    CU_ASSERT_EQUAL(step(credential, 0), 0);
    CU_ASSERT_TRUE(credential_state(credential).ready);
    CU_ASSERT_STRING_EQUAL(credential_state(credential).ca.data, PEM("one"));
    CU_ASSERT_EQUAL(credential_state(credential).generation, 1);
    CU_ASSERT_EQUAL(step(credential, 60), 0);
    CU_ASSERT_EQUAL(credential_state(credential).generation, 1);
    replace(root, "ca", "rubbish");
    CU_ASSERT_EQUAL(step(credential, 120), ERROR_INVALID);
    CU_ASSERT_STRING_EQUAL(credential_state(credential).ca.data, PEM("one"));
    replace(root, "ca", PEM("one"));
    CU_ASSERT_EQUAL(step(credential, 180), 0);
    CU_ASSERT_EQUAL(credential_state(credential).generation, 1);
    replace(root, "ca", PEM("two"));
    CU_ASSERT_EQUAL(step(credential, 240), 0);
    CU_ASSERT_STRING_EQUAL(credential_state(credential).ca.data, PEM("two"));
    CU_ASSERT_EQUAL(credential_state(credential).generation, 2);
    free((void *)(uintptr_t)config.ca.path);
    credential_free(credential);
    folder_remove(root);
}

static bool pair_is(const struct credential *credential, const char *certificate, const char *key,
                    uint64_t generation)
{
    struct credential_state state = credential_state(credential);

    return state.ready && strstr(state.certificate.data, certificate) && strstr(state.key.data, key) &&
           strlen(state.key.data) == state.key.size && state.generation == generation;
}

/* Files of a certificate and a key, of which the first is there. */
static struct credential *begin_pair(char root[64], struct kubeconfig *config)
{
    folder_make(root);
    config->certificate.path = strdup(folder_path(root, "crt"));
    config->key.path = strdup(folder_path(root, "key"));
    folder_write(root, "crt", PEM("c1"));
    return credential_new(config);
}

static void end_pair(const char *root, const struct kubeconfig *config, struct credential *credential)
{
    free((void *)(uintptr_t)config->certificate.path);
    free((void *)(uintptr_t)config->key.path);
    credential_free(credential);
    folder_remove(root);
}

static void a_certificate_and_its_key_change_together(void)
{
    char root[64];
    struct kubeconfig config = {0};
    struct credential *credential = begin_pair(root, &config);

    CU_ASSERT_EQUAL(step(credential, 0), ERROR_NOT_FOUND);
    CU_ASSERT_FALSE(credential_state(credential).ready);
    CU_ASSERT_PTR_NULL(credential_state(credential).certificate.data);
    folder_write(root, "key", PEM("k1"));
    CU_ASSERT_EQUAL(step(credential, 10), 0);
    CU_ASSERT_TRUE(pair_is(credential, "c1", "k1", 1));
    replace(root, "crt", PEM("c2"));
    replace(root, "key", PEM("k2"));
    CU_ASSERT_EQUAL(step(credential, 70), 0);
    CU_ASSERT_TRUE(pair_is(credential, "c2", "k2", 2));
    /* One of them first: the other is waited for. */
    replace(root, "crt", PEM("c3"));
    CU_ASSERT_EQUAL(step(credential, 130), 0);
    CU_ASSERT_TRUE(pair_is(credential, "c2", "k2", 2));
    CU_ASSERT_EQUAL(credential_due_ms(credential, at(130)), at(140).ms);
    replace(root, "key", PEM("k3"));
    CU_ASSERT_EQUAL(step(credential, 140), 0);
    CU_ASSERT_TRUE(pair_is(credential, "c3", "k3", 3));
    /* It does not come: a certificate may be renewed for the same key. */
    replace(root, "crt", PEM("c4"));
    CU_ASSERT_EQUAL(step(credential, 200), 0);
    CU_ASSERT_EQUAL(step(credential, 210), 0);
    CU_ASSERT_TRUE(pair_is(credential, "c4", "k3", 4));
    /* What is no pair leaves the old one. */
    replace(root, "crt", PEM("c5"));
    replace(root, "key", "s3cret");
    CU_ASSERT_EQUAL(step(credential, 270), ERROR_INVALID);
    CU_ASSERT_TRUE(pair_is(credential, "c4", "k3", 4));
    CU_ASSERT_EQUAL(unlink(folder_path(root, "key")), 0);
    CU_ASSERT_EQUAL(step(credential, 280), ERROR_NOT_FOUND);
    CU_ASSERT_TRUE(pair_is(credential, "c4", "k3", 4));
    end_pair(root, &config, credential);
}

/* Only TLS can tell that the key of a certificate has not come yet. */
static void what_is_no_pair_is_put_back(void)
{
    char root[64];
    struct kubeconfig config = {0};
    struct credential *credential = begin_pair(root, &config);

    folder_write(root, "key", PEM("k1"));
    CU_ASSERT_EQUAL(step(credential, 0), 0);
    /* There is nothing better: the files are looked at sooner. */
    CU_ASSERT_FALSE(credential_mismatched(credential, at(1)));
    CU_ASSERT_TRUE(pair_is(credential, "c1", "k1", 1));
    CU_ASSERT_EQUAL(credential_due_ms(credential, at(1)), at(11).ms);
    replace(root, "crt", PEM("c2"));
    CU_ASSERT_EQUAL(step(credential, 60), 0);
    CU_ASSERT_EQUAL(step(credential, 70), 0);
    CU_ASSERT_TRUE(pair_is(credential, "c2", "k1", 2));
    CU_ASSERT_TRUE(credential_mismatched(credential, at(71)));
    CU_ASSERT_TRUE(pair_is(credential, "c1", "k1", 3));
    CU_ASSERT_FALSE(credential_mismatched(credential, at(72)));
    CU_ASSERT_TRUE(pair_is(credential, "c1", "k1", 3));
    /* It is not tried again before something changes, and then at once. */
    for (int s = 82; s < 200; s += 10) {
        CU_ASSERT_EQUAL(step(credential, s), 0);
        CU_ASSERT_TRUE(pair_is(credential, "c1", "k1", 3));
        CU_ASSERT_EQUAL(credential_due_ms(credential, at(s)), at(s + 10).ms);
    }
    replace(root, "key", PEM("k2"));
    CU_ASSERT_EQUAL(step(credential, 202), 0);
    CU_ASSERT_TRUE(pair_is(credential, "c2", "k2", 4));
    CU_ASSERT_EQUAL(credential_due_ms(credential, at(202)), at(262).ms);
    end_pair(root, &config, credential);
}

static void mount_pair(const char *root, const char *version, const char *certificate, const char *key);
int __real_stat(const char *path, struct stat *out);
int __wrap_stat(const char *path, struct stat *out);

/* The folder whose mount is swapped when the file of this path has been looked at so often; 0: it is not. */
static const char *swap_root;
static const char *swap_path;
static unsigned swap_after;

int __wrap_stat(const char *path, struct stat *out)
{
    int result = __real_stat(path, out);

    if (swap_after > 0 && strcmp(path, swap_path) == 0 && --swap_after == 0)
        mount_pair(swap_root, "..4", PEM("c4"), PEM("k4"));
    return result;
}

/* As a mounted Secret has it: one link leads to both, and one rename swaps them. */
static void mount_pair(const char *root, const char *version, const char *certificate, const char *key)
{
    static const struct timespec times[2] = {{.tv_sec = 1700000000}, {.tv_sec = 1700000000}};
    char path[64];

    (void)snprintf(path, sizeof path, "%s/crt", version);
    folder_write(root, path, certificate);
    CU_ASSERT_EQUAL(utimensat(AT_FDCWD, folder_path(root, path), times, 0), 0);
    (void)snprintf(path, sizeof path, "%s/key", version);
    folder_write(root, path, key);
    CU_ASSERT_EQUAL(utimensat(AT_FDCWD, folder_path(root, path), times, 0), 0);
    folder_link(root, "..data_tmp", version);
    CU_ASSERT_EQUAL(rename(folder_path(root, "..data_tmp"), folder_path(root, "..data")), 0);
}

/* Times and sizes are as they were; nobody waits for a half. */
static void a_mounted_pair_is_swapped_at_once(void)
{
    char root[64];
    struct kubeconfig config = {0};
    struct credential *credential;

    folder_make(root);
    mount_pair(root, "..1", PEM("c1"), PEM("k1"));
    folder_link(root, "crt", "..data/crt");
    folder_link(root, "key", "..data/key");
    config.certificate.path = strdup(folder_path(root, "crt"));
    config.key.path = strdup(folder_path(root, "key"));
    credential = credential_new(&config);
    CU_ASSERT_EQUAL(step(credential, 0), 0);
    CU_ASSERT_TRUE(pair_is(credential, "c1", "k1", 1));
    mount_pair(root, "..2", PEM("c2"), PEM("k2"));
    CU_ASSERT_EQUAL(step(credential, 60), 0);
    CU_ASSERT_TRUE(pair_is(credential, "c2", "k2", 2));
    /* Swapped when the certificate has been read and the key is just going to be: neither is taken. */
    mount_pair(root, "..3", PEM("c3"), PEM("k3"));
    swap_root = root;
    swap_path = config.key.path;
    swap_after = 2;
    CU_ASSERT_EQUAL(step(credential, 120), 0);
    CU_ASSERT_EQUAL(swap_after, 0);
    CU_ASSERT_TRUE(pair_is(credential, "c2", "k2", 2));
    CU_ASSERT_EQUAL(credential_due_ms(credential, at(120)), at(130).ms);
    CU_ASSERT_EQUAL(step(credential, 130), 0);
    CU_ASSERT_TRUE(pair_is(credential, "c4", "k4", 3));
    free((void *)(uintptr_t)config.certificate.path);
    free((void *)(uintptr_t)config.key.path);
    credential_free(credential);
    folder_remove(root);
}

static void what_stands_in_the_kubeconfig_is_used(void)
{
    struct kubeconfig config = {.ca = {.data = "ca", .size = 2},
                                .certificate = {.data = "crt", .size = 3},
                                .key = {.data = "key!", .size = 4}};
    struct credential *credential = credential_new(&config);

    CU_ASSERT_EQUAL(step(credential, 0), 0);
    CU_ASSERT_TRUE(credential_state(credential).ready);
    CU_ASSERT_STRING_EQUAL(credential_state(credential).ca.data, "ca");
    CU_ASSERT_EQUAL(credential_state(credential).key.size, 4);
    CU_ASSERT_EQUAL(credential_state(credential).generation, 0);
    credential_free(credential);
}

static bool step_scarce(size_t granted, const struct kubeconfig *config)
{
    struct error error = {0};
    struct credential *credential;
    int result = ERROR_NO_MEMORY;
    bool failed;

    scarce_begin(granted);
    credential = credential_new(config);
    if (credential)
        result = credential_step(credential, at(0), &error);
    failed = scarce_end();
    CU_ASSERT_EQUAL(result, failed ? ERROR_NO_MEMORY : 0);
    if (credential)
        CU_ASSERT_EQUAL(credential_state(credential).ready, !failed);
    credential_free(credential);
    return failed;
}

static void without_memory(void)
{
    char root[64];
    struct kubeconfig config = {0};
    size_t granted = 0;

    folder_make(root);
    folder_write(root, "all", PEM("x"));
    folder_write(root, "token", "x");
    config.ca.path = strdup(folder_path(root, "all"));
    config.certificate.path = config.ca.path;
    config.key.path = config.ca.path;
    config.token_file = strdup(folder_path(root, "token"));
    while (step_scarce(granted, &config))
        granted++;
    CU_ASSERT_TRUE(granted > 4);
    free((void *)(uintptr_t)config.ca.path);
    free((void *)(uintptr_t)config.token_file);
    folder_remove(root);
}

int main(void)
{
    static const struct test tests[] = {
        {"without credentials all is ready", without_credentials_all_is_ready},
        {"a token file is read again", a_token_file_is_read_again},
        {"the last good token is kept until it is refused", the_last_good_token_is_kept},
        {"a token file counts more than a token", a_token_file_counts_more_than_a_token},
        {"an authority is renewed", an_authority_is_renewed},
        {"a certificate and its key change together", a_certificate_and_its_key_change_together},
        {"what is no pair is put back", what_is_no_pair_is_put_back},
        {"a mounted pair is swapped at once, or not at all", a_mounted_pair_is_swapped_at_once},
        {"what stands in the kubeconfig is used", what_stands_in_the_kubeconfig_is_used},
        {"without memory it fails cleanly", without_memory},
        {NULL, NULL},
    };

    return harness_run("credential", tests);
}

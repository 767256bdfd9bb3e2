/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"
#include "harness.h"
#include "mutate.h"
#include "scarce.h"

#include "base/file.h"
#include "base/text.h"
#include "kube/credential.h"
#include "kube/exec_credential.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define V1 "client.authentication.k8s.io/v1"
#define ANSWER(status) "{\"apiVersion\":\"" V1 "\",\"kind\":\"ExecCredential\",\"status\":{" status "}}"
#define PAIR "\"clientCertificateData\":\"-----BEGIN s3cret\",\"clientKeyData\":\"-----BEGIN s3cret\""

/* A program that is a script, and who runs it. Time stands still but for `offset_ms`. */
struct bench {
    char root[64];
    const char *args[2];
    const char *env[2];
    struct kubeconfig_exec exec;
    struct kubeconfig config;
    struct credential *credential;
    int64_t offset_ms;
    struct error error;
};

static void set_script(struct bench *bench, const char *script)
{
    struct text text = text_empty();

    text_append_format(&text, "#!/bin/sh\ncd '%s' || exit 9\necho run >>runs\n%s\n", bench->root, script);
    (void)unlink(folder_path(bench->root, "get"));
    folder_write(bench->root, "get", text.data);
    CU_ASSERT_EQUAL(chmod(folder_path(bench->root, "get"), 0755), 0);
    text_release(&text);
}

static void bench_make(struct bench *bench, const char *script)
{
    *bench = (struct bench){.args = {"an arg"}, .env = {"FROM=config"}};
    folder_make(bench->root);
    set_script(bench, script);
    bench->exec = (struct kubeconfig_exec){.command = strdup(folder_path(bench->root, "get")),
                                           .args = bench->args,
                                           .env = bench->env,
                                           .api_version = V1};
    bench->config = (struct kubeconfig){.server = "https://h", .exec = &bench->exec};
    bench->credential = credential_new(&bench->config);
}

static void bench_end(struct bench *bench)
{
    credential_free(bench->credential);
    free((void *)(uintptr_t)bench->exec.command);
    folder_remove(bench->root);
}

static struct moment now(const struct bench *bench)
{
    return (struct moment){.ms = 1000000 + bench->offset_ms, .wall_s = 1700000000 + bench->offset_ms / 1000};
}

static int step(struct bench *bench)
{
    int result;

    bench->error = (struct error){0};
    result = credential_step(bench->credential, now(bench), &bench->error);
    CU_ASSERT_EQUAL(result, bench->error.code);
    CU_ASSERT_PTR_NULL(strstr(bench->error.message, "s3cret"));
    return result;
}

/* Starts what is due and drives it to its end, as an event loop would. What runs is due within 100 ms. */
static int run(struct bench *bench)
{
    int result = step(bench);

    for (int i = 0; result == 0 && i < 2000; i++) {
        struct pollfd poll_fd = {.fd = credential_fd(bench->credential), .events = POLLIN};
        if (credential_due_ms(bench->credential, now(bench)) > now(bench).ms + 100)
            break;
        (void)poll(&poll_fd, 1, 10);
        result = step(bench);
    }
    return result;
}

static bool token_is(const struct bench *bench, const char *expected)
{
    struct credential_state state = credential_state(bench->credential);
    bool same = expected ? state.token && strcmp(state.token, expected) == 0 : !state.token;

    if (!same)
        (void)printf("# token %s, %s\n", state.token ? state.token : "-", bench->error.message);
    return same;
}

static size_t runs(const struct bench *bench)
{
    char *data = NULL;
    size_t size = 0;

    if (file_read(AT_FDCWD, folder_path(bench->root, "runs"), 4096, &data, &size, NULL) != 0)
        return 0;
    free(data);
    return size / 4;
}

static void a_program_gives_a_token(void)
{
    struct bench bench;

    bench_make(&bench, "printf '%s\\n' \"$#\" \"$1\" \"$FROM\" \"$KUBERNETES_EXEC_INFO\" >told\ncat >input\n"
                       "echo noise s3cret >&2\necho '" ANSWER("\"token\":\"one\"") "'");
    CU_ASSERT_FALSE(credential_state(bench.credential).ready);
    CU_ASSERT_TRUE(credential_due_ms(bench.credential, now(&bench)) <= now(&bench).ms);
    CU_ASSERT_EQUAL(run(&bench), 0);
    CU_ASSERT_TRUE(token_is(&bench, "one"));
    CU_ASSERT_TRUE(credential_state(bench.credential).ready);
    CU_ASSERT_EQUAL(credential_fd(bench.credential), -1);
    CU_ASSERT_TRUE(folder_holds(bench.root, "told",
                                "1\nan arg\nconfig\n{\"apiVersion\":\"" V1
                                "\",\"kind\":\"ExecCredential\",\"spec\":"
                                "{\"interactive\":false}}\n"));
    CU_ASSERT_TRUE(folder_holds(bench.root, "input", ""));
    bench.offset_ms = 3600000;
    CU_ASSERT_EQUAL(run(&bench), 0);
    CU_ASSERT_EQUAL(runs(&bench), 1);
    bench_end(&bench);
}

static void the_cluster_is_told_if_asked(void)
{
    struct kubeconfig_exec exec = {.api_version = V1, .provide_cluster = true, .cluster_config = "{\"a\":1}"};
    struct kubeconfig config = {
        .server = "https://h", .tls_server_name = "n", .disable_compression = true, .exec = &exec};
    struct kubeconfig_blob ca = {.data = "abc", .size = 3};
    char *info = exec_info(&config, &ca);

    CU_ASSERT_STRING_EQUAL(
        info, "KUBERNETES_EXEC_INFO={\"apiVersion\":\"" V1 "\",\"kind\":\"ExecCredential\",\"spec\":"
              "{\"cluster\":{\"certificate-authority-data\":\"YWJj\",\"config\":{\"a\":1},"
              "\"disable-compression\":true,\"server\":\"https://h\",\"tls-server-name\":\"n\"},"
              "\"interactive\":false}}");
    free(info);
}

static void an_answer_is_renewed_before_it_expires(void)
{
    struct bench bench;

    /* 1700000000 is 2023-11-14T22:13:20Z. */
    bench_make(&bench,
               "echo '" ANSWER("\"token\":\"a\",\"expirationTimestamp\":\"2023-11-14T22:23:20Z\"") "'");
    CU_ASSERT_EQUAL(run(&bench), 0);
    CU_ASSERT_TRUE(token_is(&bench, "a"));
    set_script(&bench, "echo '" ANSWER(
                           "\"token\":\"b\",\"expirationTimestamp\":\"2023-11-15T00:23:20.5+01:00\"") "'");
    bench.offset_ms = 589000;
    CU_ASSERT_EQUAL(run(&bench), 0);
    CU_ASSERT_TRUE(token_is(&bench, "a"));
    CU_ASSERT_TRUE(credential_due_ms(bench.credential, now(&bench)) <= now(&bench).ms + 1000);
    bench.offset_ms = 590000;
    CU_ASSERT_EQUAL(step(&bench), 0);
    CU_ASSERT_TRUE(token_is(&bench, "a"));
    CU_ASSERT_TRUE(credential_fd(bench.credential) >= 0);
    CU_ASSERT_EQUAL(run(&bench), 0);
    CU_ASSERT_TRUE(token_is(&bench, "b"));
    CU_ASSERT_EQUAL(runs(&bench), 2);
    bench_end(&bench);
}

static void a_failure_keeps_what_was_good_and_waits_longer(void)
{
    struct bench bench;

    bench_make(&bench,
               "echo '" ANSWER("\"token\":\"a\",\"expirationTimestamp\":\"2023-11-14T22:23:20Z\"") "'");
    CU_ASSERT_EQUAL(run(&bench), 0);
    set_script(&bench, "echo s3cret; exit 3");
    bench.offset_ms = 600000;
    CU_ASSERT_EQUAL(run(&bench), ERROR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(bench.error.message, "/get: it ended with 3"));
    CU_ASSERT_TRUE(token_is(&bench, "a"));
    CU_ASSERT_TRUE(credential_due_ms(bench.credential, now(&bench)) > now(&bench).ms);
    CU_ASSERT_EQUAL(step(&bench), 0);
    CU_ASSERT_EQUAL(credential_fd(bench.credential), -1);
    bench_end(&bench);
}

static void a_refused_token_is_got_again_but_not_in_a_hurry(void)
{
    struct bench bench;
    int64_t last = 0;

    bench_make(&bench, "echo '" ANSWER("\"token\":\"a\"") "'");
    CU_ASSERT_EQUAL(run(&bench), 0);
    for (size_t i = 0; i < 5; i++) {
        int64_t wait;
        credential_refused(bench.credential, now(&bench));
        CU_ASSERT_TRUE(token_is(&bench, NULL));
        CU_ASSERT_FALSE(credential_state(bench.credential).ready);
        CU_ASSERT_EQUAL(step(&bench), 0);
        CU_ASSERT_EQUAL(runs(&bench), i + 1);
        wait = credential_due_ms(bench.credential, now(&bench)) - now(&bench).ms;
        CU_ASSERT_TRUE(wait > last);
        last = wait;
        bench.offset_ms += wait;
        CU_ASSERT_EQUAL(run(&bench), 0);
        CU_ASSERT_TRUE(token_is(&bench, "a"));
    }
    bench.offset_ms += 3600000;
    CU_ASSERT_EQUAL(step(&bench), 0);
    credential_refused(bench.credential, now(&bench));
    CU_ASSERT_EQUAL(run(&bench), 0);
    CU_ASSERT_TRUE(token_is(&bench, "a"));
    bench_end(&bench);
}

static void a_certificate_of_a_program_counts(void)
{
    struct bench bench;
    struct credential_state state;

    bench_make(&bench, "echo '" ANSWER(PAIR) "'");
    CU_ASSERT_EQUAL(run(&bench), 0);
    state = credential_state(bench.credential);
    CU_ASSERT_TRUE(state.ready && !state.token);
    CU_ASSERT_STRING_EQUAL(state.certificate.data, "-----BEGIN s3cret");
    CU_ASSERT_EQUAL(state.key.size, strlen("-----BEGIN s3cret"));
    CU_ASSERT_EQUAL(state.generation, 1);
    bench_end(&bench);
}

static void what_takes_too_long_is_ended_with_its_children(void)
{
    struct bench bench;
    char *data = NULL;
    size_t size = 0;
    pid_t child = 0;

    bench_make(&bench, "sleep 1000 &\necho $! >child\nwait");
    CU_ASSERT_EQUAL(step(&bench), 0);
    for (int i = 0; i < 500 && size < 2; i++) {
        (void)poll(NULL, 0, 10);
        free(data);
        data = NULL;
        if (file_read(AT_FDCWD, folder_path(bench.root, "child"), 100, &data, &size, NULL) != 0)
            size = 0;
    }
    child = (pid_t)strtol(data ? data : "0", NULL, 10);
    free(data);
    CU_ASSERT_TRUE_FATAL(child > 1);
    bench.offset_ms = 29999;
    CU_ASSERT_EQUAL(step(&bench), 0);
    bench.offset_ms = 30000;
    CU_ASSERT_EQUAL(step(&bench), ERROR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(bench.error.message, "it took too long"));
    CU_ASSERT_EQUAL(credential_fd(bench.credential), -1);
    for (int i = 0; i < 500 && kill(child, 0) == 0; i++) {
        char path[64];
        char state[512] = "";
        int fd;
        (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)child);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || read(fd, state, sizeof state - 1) <= 0 || strstr(state, ") Z")) {
            (void)close(fd);
            break;
        }
        (void)close(fd);
        (void)poll(NULL, 0, 10);
        CU_ASSERT_TRUE(i < 499);
    }
    CU_ASSERT_EQUAL(waitpid(-1, NULL, WNOHANG), -1);
    bench_end(&bench);
}

static bool fails(const char *script, int code, const char *what)
{
    struct bench bench;
    int result;
    bool same;

    bench_make(&bench, script);
    result = run(&bench);
    same = result == code && strstr(bench.error.message, what) && !credential_state(bench.credential).ready;
    if (!same)
        (void)printf("# %d %s\n", result, bench.error.message);
    bench_end(&bench);
    return same;
}

static void a_bare_name_is_looked_for_in_the_path(void)
{
    struct bench bench;
    char *own = strdup(getenv("PATH"));
    struct text path = text_empty();
    char *command;

    bench_make(&bench, "echo '" ANSWER("\"token\":\"a\"") "'");
    command = (char *)(uintptr_t)bench.exec.command;
    bench.exec.command = "get";
    text_append_format(&path, ":/nowhere::.:%s:%s", bench.root, own);
    CU_ASSERT_EQUAL(setenv("PATH", path.data, 1), 0);
    CU_ASSERT_EQUAL(run(&bench), 0);
    CU_ASSERT_TRUE(token_is(&bench, "a"));
    CU_ASSERT_EQUAL(setenv("PATH", own, 1), 0);
    bench.exec.command = command;
    bench_end(&bench);
    bench_make(&bench, "");
    command = (char *)(uintptr_t)bench.exec.command;
    bench.exec.command = "apigwd-no-such-program";
    CU_ASSERT_EQUAL(run(&bench), ERROR_NOT_FOUND);
    CU_ASSERT_PTR_NOT_NULL(strstr(bench.error.message, "apigwd-no-such-program cannot be run"));
    bench.exec.command = command;
    bench_end(&bench);
    text_release(&path);
    free(own);
}

static void bad_programs_are_told(void)
{
    struct bench bench;

    CU_ASSERT_TRUE(fails("exit 7", ERROR_IO, "it ended with 7"));
    CU_ASSERT_TRUE(fails("kill -9 $$", ERROR_IO, "it was ended by signal 9"));
    CU_ASSERT_TRUE(
        fails("yes s3crets3cret | head -c 2000000", ERROR_LIMIT, "it printed more than 1048576 bytes"));
    CU_ASSERT_TRUE(fails("", ERROR_INVALID, "its answer is no JSON"));
    CU_ASSERT_TRUE(fails("echo '{\"token\":\"s3cret\" s3cret'", ERROR_INVALID, "its answer is no JSON"));
    CU_ASSERT_TRUE(fails("echo '{\"kind\":\"s3cret\"}'", ERROR_INVALID, "its answer is no ExecCredential"));
    CU_ASSERT_TRUE(fails("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"s3cret\"}'", ERROR_INVALID,
                         "apiVersion is not"));
    CU_ASSERT_TRUE(fails("echo '" ANSWER("") "'", ERROR_INVALID, "neither status.token nor"));
    CU_ASSERT_TRUE(fails("echo '" ANSWER("\"token\":\"s3cret s3cret\"") "'", ERROR_INVALID,
                         "status.token holds blanks"));
    CU_ASSERT_TRUE(
        fails("echo '" ANSWER("\"token\":[\"s3cret\"]") "'", ERROR_INVALID, "status.token is a list"));
    CU_ASSERT_TRUE(fails("echo '" ANSWER("\"clientKeyData\":\"-----BEGIN s3cret\"") "'", ERROR_INVALID,
                         "both are needed"));
    CU_ASSERT_TRUE(
        fails("echo '" ANSWER("\"clientKeyData\":\"s3cret\",\"clientCertificateData\":\"s3cret\"") "'",
              ERROR_INVALID, "is no PEM"));
    CU_ASSERT_TRUE(fails("echo '" ANSWER("\"token\":\"s3cret\",\"expirationTimestamp\":\"s3cret\"") "'",
                         ERROR_INVALID, "is no time like"));
    CU_ASSERT_TRUE(
        fails("echo '" ANSWER("\"token\":\"s3cret\",\"expirationTimestamp\":\"2023-11-14T22:13:20Z\"") "'",
              ERROR_INVALID, "has expired already"));
    bench_make(&bench, "");
    bench.exec.install_hint = "install it like this";
    CU_ASSERT_EQUAL(unlink(bench.exec.command), 0);
    CU_ASSERT_EQUAL(run(&bench), ERROR_NOT_FOUND);
    CU_ASSERT_PTR_NOT_NULL(strstr(bench.error.message, "install it like this"));
    /* A text without "#!" is no program: there is no shell that would take it for one. */
    folder_write(bench.root, "get", "echo hello >ran\n");
    CU_ASSERT_EQUAL(chmod(bench.exec.command, 0755), 0);
    bench.offset_ms = 60000;
    CU_ASSERT_EQUAL(run(&bench), ERROR_IO);
    bench_end(&bench);
}

static void a_program_that_closes_its_output_is_waited_for(void)
{
    struct bench bench;

    bench_make(&bench, "echo '" ANSWER("\"token\":\"a\"") "'\nexec >&-\nsleep 0.1");
    CU_ASSERT_EQUAL(run(&bench), 0);
    CU_ASSERT_TRUE(token_is(&bench, "a"));
    bench_end(&bench);
    /* And one whose child holds it open is not. */
    bench_make(&bench, "sleep 1000 &\necho '" ANSWER("\"token\":\"a\"") "'");
    CU_ASSERT_EQUAL(run(&bench), 0);
    CU_ASSERT_TRUE(token_is(&bench, "a"));
    bench_end(&bench);
}

static void one_that_runs_is_ended_with_its_owner(void)
{
    struct bench bench;

    bench_make(&bench, "sleep 1000");
    CU_ASSERT_EQUAL(step(&bench), 0);
    CU_ASSERT_TRUE(credential_fd(bench.credential) >= 0);
    bench_end(&bench);
    CU_ASSERT_EQUAL(waitpid(-1, NULL, WNOHANG), -1);
}

static void mutated_answers_hold(void)
{
    static const char answer[] =
        ANSWER("\"token\":\"abc\",\"expirationTimestamp\":\"2026-01-02T03:04:05.123+01:00\"," PAIR);
    static const char *const pieces[] = {"\"",     "{",       "}", ":", ",", "null", "Z",
                                         "+99:99", "\\u0000", "[", "]", " ", "9",    NULL};
    struct mutate mutate = mutate_begin(3, 1000);
    char buffer[2048];
    size_t taken = 0;
    bool silent = true;

    for (size_t rounds = 0; silent && rounds < 50000 && mutate_goes_on(&mutate); rounds++) {
        struct exec_credential read = {0};
        struct error error = {0};
        size_t size = sizeof answer - 1;
        memcpy(buffer, answer, size);
        size = mutate_text(&mutate, buffer, size, sizeof buffer, pieces);
        if (exec_credential_read(buffer, size, V1, &read, &error) == 0)
            taken++;
        silent = !strstr(error.message, "s3cret") && (!read.token || kubeconfig_is_token(read.token)) &&
                 !read.certificate == !read.key;
        exec_credential_release(&read);
    }
    CU_ASSERT_TRUE(silent);
    CU_ASSERT_TRUE(taken > 50);
}

static bool answer_scarce(size_t granted)
{
    static const char answer[] =
        ANSWER("\"token\":\"abc\",\"expirationTimestamp\":\"2026-01-02T03:04:05Z\"," PAIR);
    struct exec_credential read = {0};
    struct error error = {0};
    bool failed;
    int result;

    scarce_begin(granted);
    result = exec_credential_read(answer, sizeof answer - 1, V1, &read, &error);
    failed = scarce_end();
    CU_ASSERT_EQUAL(result, failed ? ERROR_NO_MEMORY : 0);
    exec_credential_release(&read);
    return failed;
}

static bool start_scarce(size_t granted)
{
    struct bench bench;
    bool failed;
    int result;

    bench_make(&bench, "sleep 1000");
    scarce_begin(granted);
    result = step(&bench);
    failed = scarce_end();
    CU_ASSERT_EQUAL(result, failed ? ERROR_NO_MEMORY : 0);
    CU_ASSERT_EQUAL(credential_fd(bench.credential) >= 0, !failed);
    bench_end(&bench);
    return failed;
}

static void without_memory(void)
{
    size_t granted = 0;

    while (answer_scarce(granted))
        granted++;
    CU_ASSERT_TRUE(granted > 5);
    granted = 0;
    while (start_scarce(granted))
        granted++;
    CU_ASSERT_TRUE(granted > 3);
}

int main(void)
{
    static const struct test tests[] = {
        {"a program gives a token, and is told what it needs", a_program_gives_a_token},
        {"the cluster is told if asked for", the_cluster_is_told_if_asked},
        {"an answer is renewed before it expires", an_answer_is_renewed_before_it_expires},
        {"a failure keeps what was good and waits", a_failure_keeps_what_was_good_and_waits_longer},
        {"a refused token is got again, but not in a hurry", a_refused_token_is_got_again_but_not_in_a_hurry},
        {"a certificate of a program counts", a_certificate_of_a_program_counts},
        {"what takes too long is ended with its children", what_takes_too_long_is_ended_with_its_children},
        {"a bare name is looked for in the path", a_bare_name_is_looked_for_in_the_path},
        {"bad programs are told, and nothing of what they print", bad_programs_are_told},
        {"the end is seen whoever holds the output", a_program_that_closes_its_output_is_waited_for},
        {"one that runs is ended with its owner", one_that_runs_is_ended_with_its_owner},
        {"mutated answers: taken or refused, and no message tells them", mutated_answers_hold},
        {"without memory it fails cleanly", without_memory},
        {NULL, NULL},
    };

    return harness_run("credential_program", tests);
}

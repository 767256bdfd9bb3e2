/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials, proxies, and that nobody hears of them who should not. */
#include "harness.h"

#include "connection_stage.h"
#include "folder.h"
#include "scarce.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OK STAGE_JSON("200 OK", "2", "{}")
#define UNAUTHORIZED STAGE_JSON("401 X", "48", "{\"kind\":\"Status\",\"message\":\"s3cret is no token!\"}")

static struct stage stage;
static char root[64];
static char token_path[128];

/* A connection with a token file that holds this; NULL: it is not there. */
static void opens(const char *token, const struct fault_answer *answers, size_t count)
{
    folder_make(root);
    (void)snprintf(token_path, sizeof token_path, "%s", folder_path(root, "token"));
    if (token)
        folder_write(root, "token", token);
    stage_reset(&stage);
    stage.config.token_file = token_path;
    stage_open(&stage, answers, count);
}

static void closes(void)
{
    stage_close(&stage);
    folder_remove(root);
}

static void a_token_is_sent(void)
{
    static const struct fault_answer good = {.bytes = OK};

    opens("first\n", &good, 1);
    drive_get(&stage.drive, "/", &stage.heard);
    CU_ASSERT_TRUE(fault_server_got(&stage.server, 0, "\r\nAuthorization: Bearer first\r\n"));
    folder_write(root, "token", "second");
    stage.drive.ahead_ms += 60000;
    drive_get(&stage.drive, "/", &stage.heard);
    CU_ASSERT_TRUE(fault_server_got(&stage.server, 1, "\r\nAuthorization: Bearer second\r\n"));
    /* What is lost for a while stays in use. */
    CU_ASSERT_EQUAL(unlink(token_path), 0);
    stage.drive.ahead_ms += 60000;
    drive_get(&stage.drive, "/", &stage.heard);
    CU_ASSERT_TRUE(fault_server_got(&stage.server, 2, "\r\nAuthorization: Bearer second\r\n"));
    CU_ASSERT_PTR_NULL(connection_trouble(stage.drive.connection));
    CU_ASSERT_EQUAL(fault_server_connections(&stage.server), 1);
    closes();
}

static void a_refused_token_is_renewed_once(void)
{
    static const struct fault_answer answers[] = {{.bytes = OK}, {.bytes = UNAUTHORIZED}, {.bytes = OK}};

    opens("first", answers, 3);
    drive_get(&stage.drive, "/", &stage.heard);
    folder_write(root, "token", "second");
    drive_get(&stage.drive, "/x", &stage.heard);
    CU_ASSERT_EQUAL(stage.heard.told, 1);
    CU_ASSERT_EQUAL(stage.heard.status, 200);
    CU_ASSERT_STRING_EQUAL(stage.heard.body.data, "{}");
    CU_ASSERT_EQUAL(fault_server_requests(&stage.server), 3);
    CU_ASSERT_TRUE(fault_server_got(&stage.server, 1, "Bearer first\r\n"));
    CU_ASSERT_TRUE(fault_server_got(&stage.server, 2, "GET /x "));
    CU_ASSERT_TRUE(fault_server_got(&stage.server, 2, "Bearer second\r\n"));
    closes();
}

static void a_token_that_stays_refused_is_told(void)
{
    static const struct fault_answer never = {.bytes = UNAUTHORIZED};

    opens("s3cret", &never, 1);
    drive_get(&stage.drive, "/", &stage.heard);
    CU_ASSERT_EQUAL(stage.heard.told, 1);
    CU_ASSERT_EQUAL(stage.heard.status, 401);
    CU_ASSERT_EQUAL(stage.heard.code, ERROR_FOREIGN);
    CU_ASSERT_EQUAL(fault_server_requests(&stage.server), 2);
    closes();
}

/* A body is sent again whole, to a watch too. */
static void all_that_is_refused_is_sent_again(void)
{
    static struct fault_answer answers[11];
    struct connection_request request = {.method = "PUT", .target = "/", .body = "{\"k\":1}", .size = 7};
    static struct heard heard[5];

    for (size_t i = 0; i < 11; i++)
        answers[i] = (struct fault_answer){.bytes = i < 5 ? UNAUTHORIZED : OK, .pause_ms = i == 0 ? 100 : 0};
    opens("first", answers, 11);
    for (unsigned i = 0; i < 5; i++) {
        request.stream = i == 4;
        CU_ASSERT_EQUAL(drive_send(&stage.drive, &request, &heard[i], NULL), 0);
    }
    while (fault_server_requests(&stage.server) == 0)
        drive_for(&stage.drive, 1);
    folder_write(root, "token", "second");
    for (unsigned i = 0; i < 5; i++) {
        CU_ASSERT_TRUE(drive_until(&stage.drive, &heard[i].told, 10000));
        CU_ASSERT_EQUAL(heard[i].status, 200);
        CU_ASSERT_STRING_EQUAL(heard[i].body.data, "{}");
        text_release(&heard[i].body);
    }
    CU_ASSERT_EQUAL(fault_server_requests(&stage.server), 10);
    for (unsigned i = 0; i < 10; i++) {
        CU_ASSERT_TRUE(fault_server_got(&stage.server, i, i < 5 ? "Bearer first\r\n" : "Bearer second\r\n"));
        CU_ASSERT_TRUE(fault_server_got(&stage.server, i, "\r\n\r\n{\"k\":1}"));
    }
    closes();
}

static void what_cannot_be_renewed_is_not_sent_again(void)
{
    static const struct fault_answer never = {.bytes = UNAUTHORIZED};

    stage_reset(&stage);
    stage.config.token = "inline";
    stage_open(&stage, &never, 1);
    drive_get(&stage.drive, "/", &stage.heard);
    CU_ASSERT_EQUAL(stage.heard.code, ERROR_FOREIGN);
    CU_ASSERT_TRUE(fault_server_got(&stage.server, 0, "Bearer inline\r\n"));
    CU_ASSERT_EQUAL(fault_server_requests(&stage.server), 1);
    stage_close(&stage);
}

static void without_credentials_nothing_is_sent(void)
{
    static const struct fault_answer good = {.bytes = OK};
    struct connection_request request = {.method = "GET", .target = "/x"};
    struct heard first = {0};

    opens(NULL, &good, 1);
    CU_ASSERT_PTR_NOT_NULL(connection_trouble(stage.drive.connection));
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &request, &first, NULL), 0);
    drive_for(&stage.drive, 50);
    CU_ASSERT_PTR_NOT_NULL(strstr(connection_trouble(stage.drive.connection), token_path));
    stage.drive.ahead_ms += 29000;
    drive_for(&stage.drive, 50);
    CU_ASSERT_EQUAL(first.told, 0);
    stage.drive.ahead_ms += 1000;
    drive_for(&stage.drive, 50);
    CU_ASSERT_EQUAL(first.told, 1);
    CU_ASSERT_EQUAL(first.code, ERROR_BUSY);
    CU_ASSERT_PTR_NOT_NULL(strstr(first.message, "GET /x at http://"));
    CU_ASSERT_PTR_NOT_NULL(strstr(first.message, "not sent within 30 s: "));
    CU_ASSERT_PTR_NOT_NULL(strstr(first.message, token_path));
    CU_ASSERT_EQUAL(fault_server_connections(&stage.server), 0);
    /* It comes while another waits. */
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &request, &stage.heard, NULL), 0);
    drive_for(&stage.drive, 50);
    folder_write(root, "token", "late");
    stage.drive.ahead_ms += 10000;
    CU_ASSERT_TRUE(drive_until(&stage.drive, &stage.heard.told, 10000));
    CU_ASSERT_EQUAL(stage.heard.status, 200);
    CU_ASSERT_TRUE(fault_server_got(&stage.server, 0, "Bearer late\r\n"));
    CU_ASSERT_PTR_NULL(connection_trouble(stage.drive.connection));
    closes();
}

static void a_program_gives_the_token(void)
{
    static const struct fault_answer answers[] = {{.bytes = UNAUTHORIZED}, {.bytes = OK}};
    static const char *const none[] = {NULL};
    static char script[512];
    static const char *const args[] = {"-c", script, NULL};
    static const struct kubeconfig_exec exec = {
        .command = "sh", .args = args, .env = none, .api_version = "client.authentication.k8s.io/v1"};

    folder_make(root);
    (void)snprintf(
        script, sizeof script,
        "cd %s; echo >>runs; echo '{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"kind\": "
        "\"ExecCredential\", \"status\": {\"token\": \"of-run-'$(wc -l <runs)'\"}}'",
        root);
    stage_reset(&stage);
    stage.config.exec = &exec;
    stage_open(&stage, answers, 2);
    drive_get(&stage.drive, "/", &stage.heard);
    CU_ASSERT_EQUAL(stage.heard.status, 200);
    CU_ASSERT_EQUAL(fault_server_requests(&stage.server), 2);
    CU_ASSERT_TRUE(fault_server_got(&stage.server, 0, "Bearer of-run-1\r\n"));
    CU_ASSERT_TRUE(fault_server_got(&stage.server, 1, "Bearer of-run-2\r\n"));
    closes();
}

static void somebody_else_can_be_meant(void)
{
    static const struct fault_answer good = {.bytes = OK};
    static const struct kubeconfig_header headers[] = {{"Impersonate-User", "jane doe"},
                                                       {"Impersonate-Group", "a"},
                                                       {"Impersonate-Group", "b"},
                                                       {"Impersonate-Extra-x", ""},
                                                       {NULL, NULL}};

    stage_reset(&stage);
    stage.config.impersonate = headers;
    stage_open(&stage, &good, 1);
    drive_get(&stage.drive, "/", &stage.heard);
    CU_ASSERT_TRUE(fault_server_got(&stage.server, 0, "\r\nImpersonate-User: jane doe\r\n"));
    CU_ASSERT_TRUE(
        fault_server_got(&stage.server, 0, "\r\nImpersonate-Group: a\r\nImpersonate-Group: b\r\n"));
    CU_ASSERT_TRUE(fault_server_got(&stage.server, 0, "\r\nImpersonate-Extra-x:\r\n"));
    stage_close(&stage);
}

static int new_code(const struct kubeconfig *config, char message[1024])
{
    struct drive drive = {0};
    struct error error = {0};
    int code = drive_new(&drive, config, &error);

    (void)snprintf(message, 1024, "%s", error.message);
    if (code == 0)
        drive_free(&drive);
    return code;
}

static void what_smuggles_in_a_header_is_refused(void)
{
    static const struct kubeconfig_header bad[][2] = {{{"Impersonate-User", "a\r\nX: y"}},
                                                      {{"Impersonate-User", "a\n"}},
                                                      {{"Impersonate-Extra-a b", "x"}},
                                                      {{"Impersonate-Extra-a:", "x"}},
                                                      {{"", "x"}}};
    char message[1024];

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const struct kubeconfig config = {.origin = "test", .server = "https://x", .impersonate = bad[i]};
        CU_ASSERT_EQUAL(new_code(&config, message), ERROR_INVALID);
    }
}

static void a_name_must_be_one(void)
{
    static const char *const bad[] = {"a b", "a/b", "a:b:", "user@a", "a\n", "[", "*"};
    char message[1024];

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const struct kubeconfig config = {.origin = "test", .server = "https://x", .tls_server_name = bad[i]};
        CU_ASSERT_EQUAL(new_code(&config, message), ERROR_INVALID);
        CU_ASSERT_PTR_NOT_NULL(strstr(message, "tls-server-name"));
    }
}

/* The password goes to the proxy, the token does not. */
static void a_proxy_is_asked_first(void)
{
    static const struct fault_answer answers[] = {
        {.bytes = "HTTP/1.1 407 No\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\n<p>",
         .end = FAULT_CLOSE},
        {.bytes = "HTTP/1.1 200 OK\r\n\r\n", .end = FAULT_CLOSE}};
    char proxy[128];

    opens("s3cret", answers, 2);
    drive_free(&stage.drive);
    stage.config.server = "https://10.11.12.13:6443";
    (void)snprintf(proxy, sizeof proxy, "http://u%%40x:p4ssw%%3Ard@127.0.0.1:%d", stage.server.port);
    stage.config.proxy = proxy;
    (void)setenv("NO_PROXY", "*", 1);
    stage.drive = (struct drive){0};
    CU_ASSERT_EQUAL_FATAL(drive_new(&stage.drive, &stage.config, NULL), 0);
    for (unsigned i = 0; i < 2; i++) {
        drive_get(&stage.drive, "/x", &stage.heard);
        CU_ASSERT_EQUAL(stage.heard.status, 0);
        CU_ASSERT_EQUAL(stage.heard.code, ERROR_BUSY);
        CU_ASSERT_TRUE(fault_server_got(&stage.server, i, "CONNECT 10.11.12.13:6443 HTTP/1.1\r\n"));
        /* u@x:p4ssw:rd */
        CU_ASSERT_TRUE(
            fault_server_got(&stage.server, i, "\r\nProxy-Authorization: Basic dUB4OnA0c3N3OnJk\r\n"));
        CU_ASSERT_FALSE(fault_server_got(&stage.server, i, "s3cret"));
        CU_ASSERT_FALSE(fault_server_got(&stage.server, i, "Accept: application/json"));
        CU_ASSERT_PTR_NULL(strstr(stage.heard.message, "p4ssw"));
        if (i == 0)
            CU_ASSERT_PTR_NOT_NULL(strstr(stage.heard.message, "407"));
    }
    (void)unsetenv("NO_PROXY");
    closes();
}

/* A name is looked up by the proxy, as kubectl has it. */
static void a_socks_proxy_looks_names_up(void)
{
    static const struct fault_answer answers[] = {
        {.bytes = "\x05\x02", .size = 2},
        {.bytes = "\x01\x00", .size = 2},
        {.bytes = "\x05\x05\x00\x01\0\0\0\0\0\0", .size = 10, .end = FAULT_CLOSE}};
    char proxy[128];

    stage_reset(&stage);
    stage.server.raw = true;
    stage.config.server = "https://no-such-host.invalid:6443";
    stage_open(&stage, answers, 3);
    drive_free(&stage.drive);
    (void)snprintf(proxy, sizeof proxy, "socks5://u:p4ssword@127.0.0.1:%d", stage.server.port);
    stage.config.proxy = proxy;
    stage.drive = (struct drive){0};
    CU_ASSERT_EQUAL_FATAL(drive_new(&stage.drive, &stage.config, NULL), 0);
    drive_get(&stage.drive, "/x", &stage.heard);
    CU_ASSERT_EQUAL(stage.heard.code, ERROR_BUSY);
    CU_ASSERT_EQUAL(fault_server_requests(&stage.server), 3);
    CU_ASSERT_EQUAL(memcmp(stage.server.requests[1].text, "\x01\x01u\x08p4ssword", 12), 0);
    CU_ASSERT_EQUAL(
        memcmp(stage.server.requests[2].text, "\x05\x01\x00\x03\x14no-such-host.invalid\x19\x2b", 27), 0);
    CU_ASSERT_PTR_NULL(strstr(stage.heard.message, "p4ssword"));
    stage_close(&stage);
}

static void the_environment_has_a_proxy(void)
{
    static const struct fault_answer no = {.bytes = "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"};
    char proxy[128];
    char message[1024];
    struct kubeconfig bad = {.origin = "test", .server = "https://x"};

    stage_reset(&stage);
    stage.config.server = "https://10.11.12.13:6443";
    stage_open(&stage, &no, 1);
    drive_free(&stage.drive);
    (void)snprintf(proxy, sizeof proxy, "127.0.0.1:%d", stage.server.port);
    (void)setenv("HTTPS_PROXY", proxy, 1);
    stage.drive = (struct drive){0};
    CU_ASSERT_EQUAL_FATAL(drive_new(&stage.drive, &stage.config, NULL), 0);
    drive_get(&stage.drive, "/x", &stage.heard);
    CU_ASSERT_EQUAL(stage.heard.code, ERROR_BUSY);
    CU_ASSERT_TRUE(fault_server_got(&stage.server, 0, "CONNECT 10.11.12.13:6443 HTTP/1.1\r\n"));
    CU_ASSERT_FALSE(fault_server_got(&stage.server, 0, "Proxy-Authorization"));
    (void)setenv("HTTPS_PROXY", "http://u:p4ssword@a b", 1);
    CU_ASSERT_EQUAL(new_code(&bad, message), ERROR_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(message, "$HTTPS_PROXY: "));
    CU_ASSERT_PTR_NULL(strstr(message, "p4ss"));
    (void)unsetenv("HTTPS_PROXY");
    stage_close(&stage);
}

/* libcurl allocates as we do: these calls are counted. */
static void *malloc_of_curl(size_t size)
{
    return malloc(size);
}

static void *calloc_of_curl(size_t count, size_t size)
{
    return calloc(count, size);
}

static void *realloc_of_curl(void *memory, size_t size)
{
    return realloc(memory, size);
}

static char *strdup_of_curl(const char *text)
{
    return strdup(text);
}

/* @return whether an allocation failed. */
static bool ask_scarce(size_t granted)
{
    struct connection_request request = {.method = "PUT", .target = "/", .body = "{}", .size = 2};
    struct error error = {0};
    bool failed;
    int code;

    stage.drive = (struct drive){0};
    stage.heard = (struct heard){.body = text_empty()};
    scarce_begin(granted);
    code = drive_new(&stage.drive, &stage.config, &error);
    if (code == 0)
        code = drive_send(&stage.drive, &request, &stage.heard, NULL);
    if (code == 0 && drive_until(&stage.drive, &stage.heard.told, 1000))
        code = stage.heard.code;
    else if (code == 0)
        code = ERROR_IO;
    failed = scarce_end();
    CU_ASSERT_TRUE(failed || code == 0);
    CU_ASSERT_TRUE(code == 0 || code == ERROR_NO_MEMORY || code == ERROR_BUSY);
    if (code == ERROR_IO)
        (void)fprintf(stderr, "# nothing told with %zu granted\n", granted);
    if (stage.drive.connection)
        drive_free(&stage.drive);
    text_release(&stage.heard.body);
    return failed;
}

/* Our own memory, and that of libcurl. */
static void without_memory(void)
{
    static const struct fault_answer good = {.bytes = OK};
    static const struct kubeconfig_header headers[] = {{"Impersonate-User", "jane"}, {NULL, NULL}};
    size_t granted = 0;

    CU_ASSERT_EQUAL_FATAL(curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc_of_curl, free, realloc_of_curl,
                                               strdup_of_curl, calloc_of_curl),
                          CURLE_OK);
    stage_reset(&stage);
    stage.config.token = "t";
    stage.config.impersonate = headers;
    stage_open(&stage, &good, 1);
    drive_free(&stage.drive);
    while (ask_scarce(granted))
        granted++;
    CU_ASSERT_TRUE(granted > 100);
    fault_server_stop(&stage.server);
    curl_global_cleanup();
}

int main(void)
{
    static const struct test tests[] = {
        {"a token is sent, and read again", a_token_is_sent},
        {"a token that is refused is renewed, once", a_refused_token_is_renewed_once},
        {"a token that stays refused is told", a_token_that_stays_refused_is_told},
        {"all that is refused is sent again, with one renewal", all_that_is_refused_is_sent_again},
        {"what cannot be renewed is not sent again", what_cannot_be_renewed_is_not_sent_again},
        {"without credentials nothing is sent", without_credentials_nothing_is_sent},
        {"a program gives the token", a_program_gives_the_token},
        {"somebody else can be meant", somebody_else_can_be_meant},
        {"what would smuggle in a header is refused", what_smuggles_in_a_header_is_refused},
        {"the server's name must be one", a_name_must_be_one},
        {"a proxy is asked first, and learns nothing", a_proxy_is_asked_first},
        {"a SOCKS proxy looks names up", a_socks_proxy_looks_names_up},
        {"the environment has a proxy", the_environment_has_a_proxy},
        {"without memory it fails cleanly", without_memory},
        {NULL, NULL},
    };

    return harness_run("connection_identity", tests);
}

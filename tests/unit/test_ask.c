/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a question that is not answered; answers are tested by tests/directory/test_check.sh. */
#include "harness.h"
#include "scarce.h"

#include "daemon/access.h"
#include "daemon/ask.h"
#include "daemon/now.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const int64_t patience_ms = 1000;
static const struct connection_request request = {.method = "GET", .target = "/version"};

/* A port of loopback that takes connections and says nothing, or, if it is closed at once, takes none. */
struct silence {
    int fd;
    unsigned port;
    char kubeconfig[64];
};

static void silence_open(struct silence *silence, const char *scheme, const char *user)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd;
    FILE *file;

    silence->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CU_ASSERT_TRUE_FATAL(bind(silence->fd, (struct sockaddr *)&address, size) == 0 &&
                         listen(silence->fd, 16) == 0 &&
                         getsockname(silence->fd, (struct sockaddr *)&address, &size) == 0);
    silence->port = ntohs(address.sin_port);
    (void)snprintf(silence->kubeconfig, sizeof silence->kubeconfig, "/tmp/apigwd-test-XXXXXX");
    fd = mkstemp(silence->kubeconfig);
    file = fd >= 0 ? fdopen(fd, "w") : NULL;
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    (void)fprintf(
        file,
        "{apiVersion: v1, kind: Config, clusters: [{name: c, cluster: {server: '%s://127.0.0.1:%u'}}],\n"
        "users: [{name: u, user: {%s}}], contexts: [{name: c, context: {cluster: c, user: u}}],\n"
        "current-context: c}\n",
        scheme, silence->port, user);
    CU_ASSERT_EQUAL_FATAL(fclose(file), 0);
}

static void silence_close(struct silence *silence)
{
    if (silence->fd >= 0)
        (void)close(silence->fd);
    silence->fd = -1;
    (void)unlink(silence->kubeconfig);
}

static struct kubeconfig *load(struct silence *silence)
{
    const struct config_kubernetes cluster = {.kubeconfig = silence->kubeconfig};
    struct kubeconfig *config = NULL;
    struct error error = {0};

    if (access_load(&cluster, &config, &error) != 0)
        (void)printf("# %s\n", error.message);
    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    return config;
}

/* Asks once. @return whether it failed with this code and a message that holds both texts. */
static bool fails(struct ask *ask, int code, const char *one, const char *two)
{
    struct ask_answer answer = {0};
    const int64_t before_ms = now().ms;
    int result = ask_for(ask, &request, &answer);
    bool right = result == code && answer.error.code == code && answer.status == 0 &&
                 answer.body.length == 0 && strstr(answer.error.message, one) &&
                 strstr(answer.error.message, two) && now().ms - before_ms < 10 * patience_ms;

    if (!right)
        (void)printf("# %d %s\n", result, answer.error.message);
    ask_release(&answer);
    return right;
}

static void silence_is_not_waited_for(void)
{
    struct silence silence;
    struct kubeconfig *config;
    struct ask *ask = NULL;

    silence_open(&silence, "http", "");
    config = load(&silence);
    (void)signal(SIGPIPE, SIG_DFL);
    CU_ASSERT_EQUAL_FATAL(ask_open(config, patience_ms, &ask, NULL), 0);
    /* Nor does a server that goes away end the program. */
    CU_ASSERT_EQUAL(raise(SIGPIPE), 0);
    CU_ASSERT_TRUE(fails(ask, ERROR_BUSY, ask_server(ask), "no answer within 1 s"));
    CU_ASSERT_TRUE(fails(ask, ERROR_BUSY, ask_server(ask), "no answer within 1 s"));
    ask_close(ask);
    kubeconfig_free(config);
    silence_close(&silence);
}

static void nobody_is_told(void)
{
    struct silence silence;
    struct kubeconfig *config;
    struct ask *ask = NULL;

    silence_open(&silence, "http", "");
    config = load(&silence);
    silence_close(&silence);
    CU_ASSERT_EQUAL_FATAL(ask_open(config, patience_ms, &ask, NULL), 0);
    CU_ASSERT_TRUE(fails(ask, ERROR_BUSY, "http://127.0.0.1:", "GET /version"));
    CU_ASSERT_TRUE(fails(ask, ERROR_BUSY, "http://127.0.0.1:", "GET /version"));
    ask_close(ask);
    ask_close(NULL);
    kubeconfig_free(config);
}

static void missing_credentials_are_told(void)
{
    struct silence silence;
    struct kubeconfig *config;
    struct ask *ask = NULL;

    silence_open(
        &silence, "https",
        "exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/false, interactiveMode: Never}");
    config = load(&silence);
    CU_ASSERT_EQUAL_FATAL(ask_open(config, patience_ms, &ask, NULL), 0);
    CU_ASSERT_TRUE(fails(ask, ERROR_BUSY, "no credentials", "/bin/false"));
    ask_close(ask);
    kubeconfig_free(config);
    silence_close(&silence);
}

static void short_memory_ends_it(void)
{
    struct silence silence;
    struct kubeconfig *config;
    bool short_of = true;

    silence_open(&silence, "http", "");
    config = load(&silence);
    silence_close(&silence);
    for (size_t granted = 0; short_of && granted < 500; granted++) {
        struct ask *ask = NULL;
        struct ask_answer answer = {0};
        int result;
        scarce_begin(granted);
        result = ask_open(config, 100, &ask, NULL);
        if (result == 0)
            result = ask_for(ask, &request, &answer);
        ask_release(&answer);
        ask_close(ask);
        short_of = scarce_end();
        CU_ASSERT_TRUE(result == ERROR_NO_MEMORY || result == ERROR_BUSY);
    }
    CU_ASSERT_FALSE(short_of);
    kubeconfig_free(config);
}

static void outside_of_a_pod_there_is_no_pod(void)
{
    const struct config_kubernetes cluster = {.in_cluster = true};
    struct kubeconfig *config = NULL;
    struct error error = {0};

    /* What happens to be there is not used. */
    CU_ASSERT_EQUAL(setenv("KUBECONFIG", "/etc/hostname", 1), 0);
    CU_ASSERT_EQUAL(unsetenv("KUBERNETES_SERVICE_HOST"), 0);
    CU_ASSERT_EQUAL(access_load(&cluster, &config, &error), ERROR_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "this is no Pod"));
    CU_ASSERT_EQUAL(setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1", 1), 0);
    CU_ASSERT_EQUAL(setenv("KUBERNETES_SERVICE_PORT", "443", 1), 0);
    CU_ASSERT_EQUAL_FATAL(access_load(&cluster, &config, &error), 0);
    CU_ASSERT_STRING_EQUAL(config->server, "https://10.0.0.1");
    kubeconfig_free(config);
}

int main(void)
{
    static const struct test tests[] = {
        {"silence is not waited for", silence_is_not_waited_for},
        {"nobody at the address is told", nobody_is_told},
        {"missing credentials are told", missing_credentials_are_told},
        {"short memory ends it", short_memory_ends_it},
        {"outside of a Pod there is no Pod", outside_of_a_pod_there_is_no_pod},
        {NULL, NULL},
    };

    return harness_run("ask", tests);
}

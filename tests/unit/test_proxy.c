/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "kube/reach.h"
#include "scarce.h"

#include <string.h>

static const char *chosen(const char *server, const char *none, struct arena *arena)
{
    struct proxy_environment environment = {.https = "http://secure:1", .http = "plain:2", .none = none};
    const char *proxy = NULL;

    CU_ASSERT_EQUAL(proxy_choose(&environment, server, arena, &proxy, NULL), 0);
    return proxy ? proxy : "";
}

static void a_proxy_by_scheme(void)
{
    struct arena arena = {0};
    struct proxy_environment empty = {.https = ""};
    const char *proxy = "x";

    CU_ASSERT_STRING_EQUAL(chosen("https://a.example", NULL, &arena), "http://secure:1");
    CU_ASSERT_STRING_EQUAL(chosen("http://a.example", "", &arena), "http://plain:2");
    CU_ASSERT_EQUAL(proxy_choose(&empty, "https://a.example", &arena, &proxy, NULL), 0);
    CU_ASSERT_PTR_NULL(proxy);
    arena_release(&arena);
}

static void this_machine_needs_none(void)
{
    static const char *const here[] = {"https://localhost", "https://LOCALHOST:6443/x",
                                       "https://127.0.0.1:6443", "https://127.9.9.9", "https://[::1]:6443"};
    static const char *const there[] = {"https://localhost.example", "https://128.0.0.1", "https://[::2]",
                                        "https://[fe80::1]:6443/path"};
    struct arena arena = {0};

    for (size_t i = 0; i < sizeof here / sizeof here[0]; i++)
        CU_ASSERT_STRING_EQUAL(chosen(here[i], NULL, &arena), "");
    for (size_t i = 0; i < sizeof there / sizeof there[0]; i++)
        CU_ASSERT_STRING_EQUAL(chosen(there[i], NULL, &arena), "http://secure:1");
    arena_release(&arena);
}

static void some_need_none(void)
{
    static const struct {
        const char *server;
        const char *none;
        bool needs_none;
    } list[] = {
        {"https://a.example", "*", true},
        {"https://a.example", "b.example, a.example", true},
        {"https://a.example", "b.example\ta.example,", true},
        {"https://a.example", "EXAMPLE", true},
        {"https://a.example", "xample", false},
        {"https://a.example", "example.com", false},
        {"https://a.example", ".example", true},
        {"https://example", ".example", false},
        {"https://a.example", "*.example", true},
        {"https://example", "*.example", false},
        {"https://a.example", "*ample", false},
        {"https://a.example:6443", "a.example:6443", true},
        {"https://a.example:6443", "a.example:443", false},
        {"https://a.example", "a.example:443", true},
        {"http://a.example", "a.example:80", true},
        {"https://10.1.2.3:6443", "10.1.2.3", true},
        {"https://10.1.2.3:6443", "10.1.2.3:6443", true},
        {"https://10.1.2.3:6443", "10.1.2.3:1", false},
        {"https://10.1.2.3", "10.1.2.4", false},
        {"https://10.1.2.3", "2.3", false},
        {"https://10.1.2.3", "10.0.0.0/8", true},
        {"https://10.1.2.3", "10.1.2.2/31", true},
        {"https://10.1.2.3", "10.1.2.4/31", false},
        {"https://10.1.2.3", "10.1.2.3/32", true},
        {"https://10.1.2.3", "99.0.0.0/0", true},
        {"https://10.1.2.3", "10.0.0.0/33", false},
        {"https://10.1.2.3", "10.0.0.0/", false},
        {"https://10.1.2.3", "10.0.0.0/-8", false},
        {"https://10.1.2.3", "/8", false},
        {"https://10.1.2.3", "::/0", false},
        {"https://a.example", "10.0.0.0/0", false},
        {"https://[fd00::7]:6443", "fd00::/8", true},
        {"https://[fd00::7]:6443", "fd00::8/125", false},
        {"https://[fd00::7]:6443", "fd00::7", true},
        {"https://[fd00::7]:6443", "[fd00::7]", true},
        {"https://[fd00::7]:6443", "[fd00::7]:6443", true},
        {"https://[fd00::7]:6443", "[fd00::7]:1", false},
        {"https://[fd00::7]:6443", "[fd00::7", false},
        {"https://a.example", ",, ,[],:443,::", false},
    };
    struct arena arena = {0};

    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
        CU_ASSERT_EQUAL(chosen(list[i].server, list[i].none, &arena)[0] == '\0', list[i].needs_none);
    arena_release(&arena);
}

static void what_is_no_proxy_is_told(void)
{
    static const char *const bad[] = {"ftp://a",        "http://s3cret:p@", "socks4://a:1",
                                      "http://a:99999", "http://a b",       "http://a/s3cret"};
    struct arena arena = {0};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct proxy_environment environment = {.https = bad[i]};
        const char *proxy = NULL;
        struct error error = {0};
        CU_ASSERT_EQUAL(proxy_choose(&environment, "https://x.example", &arena, &proxy, &error),
                        ERROR_INVALID);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "$HTTPS_PROXY"));
        CU_ASSERT_PTR_NULL(strstr(error.message, "s3cret"));
    }
    arena_release(&arena);
}

static int reach_of(const char *server, const char *name, const char *proxy, struct reach *reach)
{
    struct kubeconfig config = {.server = server, .tls_server_name = name, .proxy = proxy};
    struct proxy_environment environment = {.https = "http://of-the-environment:1"};

    return reach_read(&config, &environment, reach, NULL);
}

static void another_name_is_verified(void)
{
    static const struct {
        const char *server, *name, *url, *host, *connect_to;
    } list[] = {
        {"https://10.0.0.1:6443/x", "k8s.example", "https://k8s.example:6443/x", "10.0.0.1:6443",
         "::10.0.0.1:"},
        {"https://a.example", "K8s", "https://k8s", "a.example", "::a.example:"},
        {"https://[fd00::7]:6443", "k8s", "https://k8s:6443", "[fd00::7]:6443", "::[fd00::7]:"},
        {"https://[fd00::7]", "::1", "https://[::1]", "[fd00::7]", "::[fd00::7]:"},
        {"https://a.example/x/y", "10.0.0.1", "https://10.0.0.1/x/y", "a.example", "::a.example:"},
    };
    struct reach reach;

    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        CU_ASSERT_EQUAL_FATAL(reach_of(list[i].server, list[i].name, NULL, &reach), 0);
        CU_ASSERT_STRING_EQUAL(reach.url, list[i].url);
        CU_ASSERT_STRING_EQUAL(reach.host, list[i].host);
        CU_ASSERT_STRING_EQUAL(reach.connect_to, list[i].connect_to);
        reach_release(&reach);
    }
    CU_ASSERT_EQUAL(reach_of("http://a.example", "k8s", NULL, &reach), ERROR_INVALID);
    CU_ASSERT_EQUAL_FATAL(reach_of("https://a.example", "", NULL, &reach), 0);
    CU_ASSERT_STRING_EQUAL(reach.url, "https://a.example");
    CU_ASSERT_PTR_NULL(reach.connect_to);
    reach_release(&reach);
}

static void the_secrets_of_a_proxy_are_apart(void)
{
    static const struct {
        const char *given, *proxy, *user, *password;
    } list[] = {
        {"http://p:3128", "http://p:3128", NULL, NULL},
        {"https://u:w@p:3128", "https://p:3128", "u", "w"},
        {"http://u@p", "http://p", "u", ""},
        {"http://u:@p", "http://p", "u", ""},
        {"http://u%40x:a%3Ab:c%25@p", "http://p", "u@x", "a:b:c%"},
        {"socks5://u:w@p:1080", "socks5h://p:1080", "u", "w"},
        {"socks5h://p:1080", "socks5h://p:1080", NULL, NULL},
    };
    static const char *const bad[] = {"http://s3cret%@p", "http://s3cret%0@p", "http://s3cret%zz@p",
                                      "http://u:s3cret%00@p", "http://u:s3cret%0d%0a@p"};
    struct reach reach;

    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        CU_ASSERT_EQUAL_FATAL(reach_of("https://a.example", NULL, list[i].given, &reach), 0);
        CU_ASSERT_STRING_EQUAL(reach.proxy, list[i].proxy);
        CU_ASSERT_TRUE(list[i].user ? strcmp(reach.proxy_user, list[i].user) == 0 : !reach.proxy_user);
        CU_ASSERT_TRUE(list[i].password ? strcmp(reach.proxy_password, list[i].password) == 0
                                        : !reach.proxy_password);
        reach_release(&reach);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct kubeconfig config = {.server = "https://a", .proxy = bad[i]};
        struct proxy_environment environment = {0};
        struct error error = {0};
        CU_ASSERT_EQUAL(reach_read(&config, &environment, &reach, &error), ERROR_INVALID);
        CU_ASSERT_PTR_NULL(strstr(error.message, "s3cret"));
    }
}

static void one_of_the_config_comes_first(void)
{
    struct reach reach;

    CU_ASSERT_EQUAL_FATAL(reach_of("https://a.example", NULL, "http://of-the-config", &reach), 0);
    CU_ASSERT_STRING_EQUAL(reach.proxy, "http://of-the-config");
    reach_release(&reach);
    CU_ASSERT_EQUAL_FATAL(reach_of("https://127.0.0.1", NULL, "http://of-the-config", &reach), 0);
    CU_ASSERT_STRING_EQUAL(reach.proxy, "http://of-the-config");
    reach_release(&reach);
    CU_ASSERT_EQUAL_FATAL(reach_of("https://a.example", NULL, NULL, &reach), 0);
    CU_ASSERT_STRING_EQUAL(reach.proxy, "http://of-the-environment:1");
    reach_release(&reach);
}

static void without_memory(void)
{
    bool failed = true;

    for (size_t granted = 0; failed; granted++) {
        struct reach reach;
        int code;
        scarce_begin(granted);
        code = reach_of("https://a.example", "k8s", "http://u:w@p", &reach);
        failed = scarce_end();
        CU_ASSERT_EQUAL(code, failed ? ERROR_NO_MEMORY : 0);
        if (code == 0)
            reach_release(&reach);
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"a proxy by the server's scheme", a_proxy_by_scheme},
        {"this machine needs none", this_machine_needs_none},
        {"some need none", some_need_none},
        {"what is no proxy is told without showing it", what_is_no_proxy_is_told},
        {"another name is verified", another_name_is_verified},
        {"the secrets of a proxy are apart from it", the_secrets_of_a_proxy_are_apart},
        {"one of the config comes first", one_of_the_config_comes_first},
        {"without memory it fails cleanly", without_memory},
        {NULL, NULL},
    };

    return harness_run("proxy", tests);
}

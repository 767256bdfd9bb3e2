/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "kube/address.h"
#include "kube/base64.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reads(enum address_use use, const char *url, const char *expected)
{
    struct arena arena = {0};
    char *out = NULL;
    int result = address_read(use, url, &arena, &out, NULL);
    bool same = result == 0 && strcmp(out, expected) == 0;

    if (!same)
        (void)printf("# %s: %d %s\n", url, result, out ? out : "-");
    arena_release(&arena);
    return same;
}

static bool refuses(enum address_use use, const char *url, const char *what)
{
    struct arena arena = {0};
    struct error error = {0};
    char *out = NULL;
    int result = address_read(use, url, &arena, &out, &error);
    bool same =
        result == ERROR_INVALID && !out && strstr(error.message, what) && !strstr(error.message, "s3cret");

    if (!same)
        (void)printf("# %s: %d %s\n", url, result, error.message);
    arena_release(&arena);
    return same;
}

static void servers(void)
{
    CU_ASSERT_TRUE(reads(ADDRESS_SERVER, "https://h", "https://h"));
    CU_ASSERT_TRUE(reads(ADDRESS_SERVER, "HTTPS://Host.Example:443/", "https://host.example"));
    CU_ASSERT_TRUE(
        reads(ADDRESS_SERVER, "https://h:6443/k8s/Clusters/c-1/", "https://h:6443/k8s/Clusters/c-1"));
    CU_ASSERT_TRUE(reads(ADDRESS_SERVER, "http://127.0.0.1:80", "http://127.0.0.1"));
    CU_ASSERT_TRUE(reads(ADDRESS_SERVER, "https://127.0.0.1:06443", "https://127.0.0.1:6443"));
    CU_ASSERT_TRUE(reads(ADDRESS_SERVER, "https://[FD00::1]:6443", "https://[fd00::1]:6443"));
    CU_ASSERT_TRUE(refuses(ADDRESS_SERVER, "h:6443", "https://HOST:PORT"));
    CU_ASSERT_TRUE(refuses(ADDRESS_SERVER, "ftp://h", "https://HOST:PORT"));
    CU_ASSERT_TRUE(refuses(ADDRESS_SERVER, "socks5://h", "https://HOST:PORT"));
    CU_ASSERT_TRUE(refuses(ADDRESS_SERVER, "", "https://HOST:PORT"));
    CU_ASSERT_TRUE(refuses(ADDRESS_SERVER, "https://", "host"));
    CU_ASSERT_TRUE(refuses(ADDRESS_SERVER, "https://:6443", "host"));
    CU_ASSERT_TRUE(refuses(ADDRESS_SERVER, "https://h_/x y", "characters"));
    CU_ASSERT_TRUE(refuses(ADDRESS_SERVER, "https://h\r\nX: y", "characters"));
    CU_ASSERT_TRUE(refuses(ADDRESS_SERVER, "https://h:", "port"));
    CU_ASSERT_TRUE(refuses(ADDRESS_SERVER, "https://h:0", "port"));
    CU_ASSERT_TRUE(refuses(ADDRESS_SERVER, "https://h:65536", "port"));
    CU_ASSERT_TRUE(refuses(ADDRESS_SERVER, "https://h:x", "port"));
    CU_ASSERT_TRUE(refuses(ADDRESS_SERVER, "https://[::1]x", "port"));
    CU_ASSERT_TRUE(refuses(ADDRESS_SERVER, "https://[::g]", "host"));
    CU_ASSERT_TRUE(refuses(ADDRESS_SERVER, "https://fd00::1", "port"));
    CU_ASSERT_TRUE(refuses(ADDRESS_SERVER, "https://u:s3cret@h", "user"));
    CU_ASSERT_TRUE(refuses(ADDRESS_SERVER, "https://h/?s3cret", "query"));
    CU_ASSERT_TRUE(refuses(ADDRESS_SERVER, "https://h#x", "query"));
    CU_ASSERT_TRUE(refuses(ADDRESS_SERVER, "https://h/a/../b", "path"));
    CU_ASSERT_TRUE(refuses(ADDRESS_SERVER, "https://h/a//b", "path"));
    CU_ASSERT_TRUE(refuses(ADDRESS_SERVER, "https://h/a/..", "path"));
}

static void proxies(void)
{
    CU_ASSERT_TRUE(reads(ADDRESS_PROXY, "http://U:P@Proxy:3128", "http://U:P@proxy:3128"));
    CU_ASSERT_TRUE(reads(ADDRESS_PROXY, "socks5://h:1080/", "socks5://h:1080"));
    CU_ASSERT_TRUE(reads(ADDRESS_PROXY, "https://h:443", "https://h"));
    CU_ASSERT_TRUE(refuses(ADDRESS_PROXY, "socks4://u:s3cret@h", "socks5"));
    CU_ASSERT_TRUE(refuses(ADDRESS_PROXY, "http://u:s3cret@h:x", "port"));
    CU_ASSERT_TRUE(refuses(ADDRESS_PROXY, "http://h/path", "path"));
}

static void hosts_of_a_pod(void)
{
    struct arena arena = {0};
    char *out = NULL;

    CU_ASSERT_EQUAL(address_of_host("10.0.0.1", "443", &arena, &out, NULL), 0);
    CU_ASSERT_STRING_EQUAL(out, "https://10.0.0.1");
    CU_ASSERT_EQUAL(address_of_host("fd00::1", "6443", &arena, &out, NULL), 0);
    CU_ASSERT_STRING_EQUAL(out, "https://[fd00::1]:6443");
    CU_ASSERT_EQUAL(address_of_host("[fd00::1]", "6443", &arena, &out, NULL), 0);
    CU_ASSERT_STRING_EQUAL(out, "https://[fd00::1]:6443");
    CU_ASSERT_EQUAL(address_of_host("a/b", "6443", &arena, &out, NULL), ERROR_INVALID);
    CU_ASSERT_TRUE(address_is_secure("https://h"));
    CU_ASSERT_FALSE(address_is_secure("http://h"));
    arena_release(&arena);
}

static bool decodes(const char *text, const char *expected)
{
    char *out = malloc(base64_room(strlen(text)));
    size_t size = 0;
    bool valid = base64_decode(text, out, &size);
    bool same = expected ? valid && size == strlen(expected) && strcmp(out, expected) == 0 : !valid;

    free(out);
    return same;
}

static void base64_is_written(void)
{
    struct text out = text_empty();

    base64_append(&out, "", 0);
    base64_append(&out, "a", 1);
    base64_append(&out, "ab", 2);
    base64_append(&out, "\xfb\xff\xbf", 3);
    base64_append(&out, "abcd", 4);
    CU_ASSERT_STRING_EQUAL(out.data, "YQ==YWI=+/+/YWJjZA==");
    text_release(&out);
}

static void base64_is_read_strictly(void)
{
    CU_ASSERT_TRUE(decodes("", ""));
    CU_ASSERT_TRUE(decodes("YQ==", "a"));
    CU_ASSERT_TRUE(decodes("YWI=", "ab"));
    CU_ASSERT_TRUE(decodes("YWJj", "abc"));
    CU_ASSERT_TRUE(decodes("YW\n Jj\r\nZA==", "abcd"));
    CU_ASSERT_TRUE(decodes("+/+/", "\xfb\xff\xbf"));
    CU_ASSERT_TRUE(decodes("YQ", NULL));
    CU_ASSERT_TRUE(decodes("YQ=", NULL));
    CU_ASSERT_TRUE(decodes("Y===", NULL));
    CU_ASSERT_TRUE(decodes("YQ==YQ==", NULL));
    CU_ASSERT_TRUE(decodes("YQ=a", NULL));
    CU_ASSERT_TRUE(decodes("-_-_", NULL));
    CU_ASSERT_TRUE(decodes("YW.j", NULL));
    CU_ASSERT_TRUE(decodes("====", NULL));
}

int main(void)
{
    static const struct test tests[] = {
        {"addresses of servers", servers},
        {"addresses of proxies", proxies},
        {"the address that a Pod is given", hosts_of_a_pod},
        {"base64 is read strictly", base64_is_read_strictly},
        {"base64 is written", base64_is_written},
        {NULL, NULL},
    };

    return harness_run("address", tests);
}

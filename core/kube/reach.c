/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/reach.h"

#include "kube/address.h"

#include <stdbool.h>
#include <string.h>

/* The URL that names another host, and the way back to the one that is meant. */
static int rename_host(struct reach *reach, const char *server, const char *name, struct error *error)
{
    const char *authority = strstr(server, "://") + 3;
    size_t size = strcspn(authority, "/");
    const char *bracket = memchr(authority, ']', size);
    const char *after = bracket ? bracket + 1 : authority;
    const char *colon = memchr(after, ':', size - (size_t)(after - authority));
    const char *end = colon ? colon : authority + size;
    char *checked = NULL;
    struct error why = {0};
    int result;

    if (!address_is_secure(server))
        return error_set(error, ERROR_INVALID, "tls-server-name needs a server of https");
    result = address_of_host(name, "443", &reach->arena, &checked, &why);
    if (result == ERROR_INVALID)
        return error_set(error, result, "tls-server-name '%.300s' is no name of a host and no address", name);
    if (result != 0)
        return error_no_memory(error);
    reach->url = arena_format(&reach->arena, "%s%s", checked, end);
    reach->host = arena_format(&reach->arena, "%.*s", (int)size, authority);
    reach->connect_to = arena_format(&reach->arena, "::%.*s:", (int)(end - authority), authority);
    return reach->url && reach->host && reach->connect_to ? 0 : error_no_memory(error);
}

static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? memchr(digits, c | 0x20, sizeof digits - 1) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* Decodes %XX in place. @return false if there is one that is none, or a control character. */
static bool decode(char *text)
{
    char *out = text;

    for (const char *in = text; *in; in++) {
        int value = (unsigned char)*in;
        if (*in == '%') {
            int high = digit(in[1]);
            int low = high < 0 ? -1 : digit(in[2]);
            if (low < 0)
                return false;
            value = high * 16 + low;
            in += 2;
        }
        if (value < ' ' || value == 0x7f)
            return false;
        *out++ = (char)value;
    }
    *out = '\0';
    return true;
}

/* User and password are given on their own: what is said about a proxy's URL then holds none. */
static int split_proxy(struct reach *reach, const char *proxy, struct error *error)
{
    const char *authority = strstr(proxy, "://") + 3;
    const char *at = strrchr(authority, '@');
    int scheme = (int)(authority - 3 - proxy);
    /* As in kubectl, names are always looked up by the proxy. */
    const char *remote = strncmp(proxy, "socks5:", 7) == 0 ? "h" : "";
    char *user;
    char *colon;

    reach->proxy = arena_format(&reach->arena, "%.*s%s://%s", scheme, proxy, remote, at ? at + 1 : authority);
    if (!reach->proxy)
        return error_no_memory(error);
    if (!at)
        return 0;
    user = arena_format(&reach->arena, "%.*s", (int)(at - authority), authority);
    if (!user)
        return error_no_memory(error);
    colon = strchr(user, ':');
    if (colon)
        *colon = '\0';
    if (!decode(user) || (colon && !decode(colon + 1)))
        return error_set(
            error, ERROR_INVALID,
            "the user or the password in the URL of the proxy is not valid; expected characters that "
            "can be printed, others as %%XX");
    reach->proxy_user = user;
    reach->proxy_password = colon ? colon + 1 : "";
    return 0;
}

int reach_read(const struct kubeconfig *config, const struct proxy_environment *environment,
               struct reach *reach, struct error *error)
{
    const char *proxy = config->proxy;
    int result = 0;

    *reach = (struct reach){.url = config->server};
    if (config->tls_server_name && config->tls_server_name[0])
        result = rename_host(reach, config->server, config->tls_server_name, error);
    if (result == 0 && !proxy)
        result = proxy_choose(environment, config->server, &reach->arena, &proxy, error);
    if (result == 0 && proxy)
        result = split_proxy(reach, proxy, error);
    if (result != 0)
        reach_release(reach);
    return result;
}

void reach_release(struct reach *reach)
{
    if (!reach)
        return;
    arena_release(&reach->arena);
    *reach = (struct reach){0};
}

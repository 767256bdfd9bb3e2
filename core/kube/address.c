/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct scheme {
    const char *name;
    bool server;
    unsigned port; /* 0: has none of its own */
};

static const struct scheme schemes[] = {
    {"https", true, 443}, {"http", true, 80}, {"socks5", false, 0}, {"socks5h", false, 0}};

/* Parts of a URL, borrowed from it. */
struct parts {
    const struct scheme *scheme;
    const char *user;
    size_t user_size; /* with the "@" */
    const char *host;
    size_t host_size; /* with the brackets */
    unsigned port;    /* 0: none */
    const char *path;
};

static const char *find_scheme(const char *url, enum address_use use, const struct scheme **scheme)
{
    const char *end = strstr(url, "://");

    for (size_t i = 0; end && i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t size = strlen(schemes[i].name);
        if ((size_t)(end - url) == size && strncasecmp(url, schemes[i].name, size) == 0 &&
            (schemes[i].server || use == ADDRESS_PROXY)) {
            *scheme = &schemes[i];
            return end + 3;
        }
    }
    return NULL;
}

static bool is_printable(const char *text)
{
    for (; *text; text++) {
        if (*text <= ' ' || *text > '~' || strchr("\"\\<>^`{|}", *text))
            return false;
    }
    return true;
}

static bool is_ipv6(const char *host, size_t size)
{
    char copy[INET6_ADDRSTRLEN];
    struct in6_addr address;

    if (size < 2 || size >= sizeof copy)
        return false;
    memcpy(copy, host, size);
    copy[size] = '\0';
    return inet_pton(AF_INET6, copy, &address) == 1;
}

static bool is_host_name(const char *host, size_t size)
{
    if (size == 0 || size > 253 || host[0] == '.' || host[0] == '-')
        return false;
    for (size_t i = 0; i < size; i++) {
        if (!isalnum((unsigned char)host[i]) && !strchr("-._", host[i]))
            return false;
    }
    return true;
}

static bool read_port(const char *text, size_t size, unsigned *port)
{
    unsigned long value = 0;

    if (size == 0 || size > 5)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (!isdigit((unsigned char)text[i]))
            return false;
        value = value * 10 + (unsigned long)(text[i] - '0');
    }
    *port = (unsigned)value;
    return value > 0 && value < 65536;
}

static int read_host(struct parts *parts, const char *at, size_t size, struct error *error)
{
    const char *close = size > 0 && at[0] == '[' ? memchr(at, ']', size) : NULL;
    const char *colon = close ? close + 1 : memchr(at, ':', size);
    bool valid;

    if (!colon || colon >= at + size)
        colon = at + size;
    parts->host = at;
    parts->host_size = (size_t)(colon - at);
    valid = close ? is_ipv6(at + 1, (size_t)(close - at) - 1) : is_host_name(at, parts->host_size);
    if (!valid)
        return error_set(
            error, ERROR_INVALID,
            "the host in the URL is not valid; expected a name, an IPv4 address or an IPv6 address "
            "in brackets");
    if (colon < at + size &&
        (*colon != ':' || !read_port(colon + 1, (size_t)(at + size - colon) - 1, &parts->port)))
        return error_set(error, ERROR_INVALID, "the port in the URL is not valid; expected 1 to 65535");
    return 0;
}

static int check_parts(enum address_use use, const struct parts *parts, struct error *error)
{
    if (use == ADDRESS_SERVER && parts->user_size > 0)
        return error_set(error, ERROR_INVALID, "a user in the URL is not supported; take it out");
    if (strpbrk(parts->path, "?#"))
        return error_set(error, ERROR_INVALID, "a query or fragment in the URL is not supported");
    if (use == ADDRESS_PROXY && parts->path[strspn(parts->path, "/")])
        return error_set(error, ERROR_INVALID, "a path in the URL of a proxy is not supported");
    if (strstr(parts->path, "/..") || strstr(parts->path, "//"))
        return error_set(error, ERROR_INVALID, "the path in the URL is not valid");
    return 0;
}

static int write(const struct parts *parts, struct arena *arena, char **out, struct error *error)
{
    size_t path_size = strlen(parts->path);
    char port[8] = "";
    char *url;

    while (path_size > 0 && parts->path[path_size - 1] == '/')
        path_size--;
    if (parts->port != 0 && parts->port != parts->scheme->port) {
        const char *text = arena_format(arena, ":%u", parts->port);
        if (!text)
            return error_no_memory(error);
        memcpy(port, text, strlen(text) + 1);
    }
    url = arena_format(arena, "%s://%.*s%.*s%s%.*s", parts->scheme->name, (int)parts->user_size, parts->user,
                       (int)parts->host_size, parts->host, port, (int)path_size, parts->path);
    if (!url)
        return error_no_memory(error);
    for (char *c = url + strlen(parts->scheme->name) + 3 + parts->user_size; *c && *c != '/'; c++)
        *c = (char)tolower((unsigned char)*c);
    *out = url;
    return 0;
}

int address_read(enum address_use use, const char *url, struct arena *arena, char **out, struct error *error)
{
    struct parts parts = {0};
    const char *at = find_scheme(url, use, &parts.scheme);
    const char *user_end;
    size_t size;
    int result;

    if (!at)
        return error_set(error, ERROR_INVALID,
                         use == ADDRESS_SERVER
                             ? "expected a URL like https://HOST:PORT"
                             : "expected a URL with http, https or socks5, like http://HOST:PORT");
    if (strlen(url) > 4096 || !is_printable(url))
        return error_set(error, ERROR_INVALID,
                         "the URL holds characters that no URL can hold, or is too long");
    size = strcspn(at, "/?#");
    parts.path = at + size;
    user_end = memrchr(at, '@', size);
    parts.user = at;
    parts.user_size = user_end ? (size_t)(user_end - at) + 1 : 0;
    result = read_host(&parts, at + parts.user_size, size - parts.user_size, error);
    if (result == 0)
        result = check_parts(use, &parts, error);
    return result != 0 ? result : write(&parts, arena, out, error);
}

int address_of_host(const char *host, const char *port, struct arena *arena, char **out, struct error *error)
{
    bool bare = strchr(host, ':') && host[0] != '[';
    const char *url;

    if (strpbrk(host, "/?#@") || strpbrk(port, "/?#@"))
        return error_set(error, ERROR_INVALID, "no host and port");
    url = arena_format(arena, bare ? "https://[%s]:%s" : "https://%s:%s", host, port);

    if (!url)
        return error_no_memory(error);
    return address_read(ADDRESS_SERVER, url, arena, out, error);
}

bool address_is_secure(const char *url)
{
    return strncmp(url, "https:", 6) == 0;
}

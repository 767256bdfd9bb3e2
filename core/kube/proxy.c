/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/proxy.h"

#include "kube/address.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A server, or an entry of no_proxy. */
struct spot {
    char host[256]; /* without brackets */
    char port[8];   /* "" in an entry: any */
    int family;     /* of an address; 0: a name */
    uint8_t address[16];
};

static const char *variable(const char *upper, const char *lower)
{
    const char *value = getenv(upper);

    return value && *value ? value : getenv(lower);
}

struct proxy_environment proxy_environment(void)
{
    return (struct proxy_environment){.https = variable("HTTPS_PROXY", "https_proxy"),
                                      .http = variable("HTTP_PROXY", "http_proxy"),
                                      .none = variable("NO_PROXY", "no_proxy")};
}

static int read_address_bytes(const char *host, uint8_t address[16])
{
    if (inet_pton(AF_INET, host, address) == 1)
        return AF_INET;
    return inet_pton(AF_INET6, host, address) == 1 ? AF_INET6 : 0;
}

static bool copy_part(char *out, size_t room, const char *text, size_t size)
{
    if (size >= room)
        return false;
    memcpy(out, text, size);
    out[size] = '\0';
    return true;
}

/* Splits HOST, HOST:PORT, [HOST]:PORT; several colons without brackets are an address of IPv6. */
static bool read_spot(const char *text, size_t size, struct spot *spot)
{
    bool bracket = size > 0 && text[0] == '[';
    const char *close = bracket ? memchr(text, ']', size) : NULL;
    const char *first = bracket ? (close ? close + 1 : text) : memchr(text, ':', size);
    const char *end = text + size;
    const char *colon = first && first < end && *first == ':' ? first : NULL;

    *spot = (struct spot){0};
    if (bracket && !close)
        return false;
    if (colon && !bracket && memchr(colon + 1, ':', (size_t)(end - colon) - 1))
        colon = NULL;
    if (colon && !copy_part(spot->port, sizeof spot->port, colon + 1, (size_t)(end - colon) - 1))
        return false;
    if (bracket) {
        text++;
        end = close;
    } else if (colon) {
        end = colon;
    }
    if (!copy_part(spot->host, sizeof spot->host, text, (size_t)(end - text)))
        return false;
    spot->family = read_address_bytes(spot->host, spot->address);
    return spot->host[0] != '\0';
}

static bool is_here(const struct spot *server)
{
    static const uint8_t loopback[16] = {[15] = 1};

    if (server->family == AF_INET)
        return server->address[0] == 127;
    if (server->family == AF_INET6)
        return memcmp(server->address, loopback, sizeof loopback) == 0;
    return strcasecmp(server->host, "localhost") == 0;
}

static bool in_network(const struct spot *server, const char *text, size_t size)
{
    const char *slash = memchr(text, '/', size);
    char host[64];
    char digits[8];
    uint8_t network[16];
    unsigned long bits;
    int family;

    if (!copy_part(host, sizeof host, text, (size_t)(slash - text)) ||
        !copy_part(digits, sizeof digits, slash + 1, size - (size_t)(slash - text) - 1) || !digits[0] ||
        digits[strspn(digits, "0123456789")])
        return false;
    family = read_address_bytes(host, network);
    bits = strtoul(digits, NULL, 10);
    if (family == 0 || family != server->family || bits > (family == AF_INET ? 32 : 128))
        return false;
    if (memcmp(network, server->address, bits / 8) != 0)
        return false;
    return bits % 8 == 0 || (network[bits / 8] ^ server->address[bits / 8]) >> (8 - bits % 8) == 0;
}

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(end);

    return strlen(text) > size && strcasecmp(text + strlen(text) - size, end) == 0;
}

static bool names(const char *entry, size_t size, const struct spot *server)
{
    struct spot spot;
    const char *host = spot.host;

    if (size == 1 && *entry == '*')
        return true;
    if (memchr(entry, '/', size))
        return in_network(server, entry, size);
    if (!read_spot(entry, size, &spot) || (spot.port[0] && strcmp(spot.port, server->port) != 0))
        return false;
    if (spot.family != 0)
        return spot.family == server->family &&
               memcmp(spot.address, server->address, sizeof spot.address) == 0;
    if (server->family != 0)
        return false;
    if (strncmp(host, "*.", 2) == 0)
        host++;
    if (host[0] == '.')
        return ends_with(server->host, host);
    if (strcasecmp(host, server->host) == 0)
        return true;
    return ends_with(server->host, host) && server->host[strlen(server->host) - strlen(host) - 1] == '.';
}

static bool needs_none(const char *list, const struct spot *server)
{
    while (list && *list) {
        size_t size = strcspn(list, ", \t");
        if (size > 0 && names(list, size, server))
            return true;
        list += size;
        list += strspn(list, ", \t");
    }
    return false;
}

int proxy_choose(const struct proxy_environment *environment, const char *server, struct arena *arena,
                 const char **out, struct error *error)
{
    bool secure = address_is_secure(server);
    const char *url = secure ? environment->https : environment->http;
    const char *authority = strstr(server, "://");
    struct spot spot = {0};
    struct error why = {0};
    char *proxy = NULL;
    int result;

    *out = NULL;
    if (!url || !*url)
        return 0;
    if (!authority || !read_spot(authority + 3, strcspn(authority + 3, "/"), &spot))
        return error_set(error, ERROR_INVALID, "the server's URL has no host");
    if (!spot.port[0])
        memcpy(spot.port, secure ? "443" : "80", secure ? 4 : 3);
    if (is_here(&spot) || needs_none(environment->none, &spot))
        return 0;
    if (!strstr(url, "://"))
        url = arena_format(arena, "http://%s", url);
    if (!url)
        return error_no_memory(error);
    result = address_read(ADDRESS_PROXY, url, arena, &proxy, &why);
    if (result == ERROR_INVALID)
        return error_set(error, result, "$%s: %s", secure ? "HTTPS_PROXY" : "HTTP_PROXY", why.message);
    *out = proxy;
    return result == 0 ? 0 : error_no_memory(error);
}

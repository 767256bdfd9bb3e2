/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "base/json.h"
#include "config/config_load.h"
#include "config/yaml.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

static const struct apigw_option admin_options[] = {
    {.name = "listen",
     .type = APIGW_OPTION_STRING,
     .doc = "HOST:PORT that answers probes by HTTP; without it there is none"},
    {.name = "socket",
     .type = APIGW_OPTION_STRING,
     .doc = "Unix socket that apigwctl talks to; without it there is none"},
};

static const struct schema admin_schema = {.options = admin_options, .count = 2};
static const struct config_section admin_section = {.schemas = &admin_schema, .schemas_count = 1};

/* HOST:PORT with a port from 0, which lets the system choose, to 65535; an IPv6 address stands in brackets.
 */
static bool is_endpoint(const char *text)
{
    const char *colon = strrchr(text, ':');
    char *end = NULL;
    unsigned long port;

    if (!colon || colon == text || colon[1] < '0' || colon[1] > '9')
        return false;
    if (text[0] != '[' && memchr(text, ':', (size_t)(colon - text)))
        return false;
    if (text[0] == '[' && colon[-1] != ']')
        return false;
    port = strtoul(colon + 1, &end, 10);
    return *end == '\0' && port <= 65535;
}

static void read_listen(const struct config_scope *scope, const char *text, struct config_admin *admin)
{
    struct config_scope inner = config_scope_member(scope, "listen");

    if (is_endpoint(text)) {
        admin->listen = config_copy(scope->load, text);
    } else {
        struct text quoted = config_quoted(text);
        config_report(&inner, PROBLEM_ERROR,
                      "%s is no address; expected HOST:PORT such as \"127.0.0.1:8080\"", quoted.data);
        text_release(&quoted);
    }
    config_scope_release(&inner);
}

static void read_socket(const struct config_scope *scope, const char *path, struct config_admin *admin)
{
    const size_t most = sizeof((struct sockaddr_un *)NULL)->sun_path - 1;
    struct config_scope inner = config_scope_member(scope, "socket");
    char *absolute = path[0] ? config_path_absolute(scope->file, path) : NULL;

    if (!path[0])
        config_report(&inner, PROBLEM_ERROR, "expected the path of a socket, found an empty string");
    else if (!absolute)
        scope->load->failed = true;
    else if (strlen(absolute) > most)
        config_report(&inner, PROBLEM_ERROR, "a path of %zu characters; a socket's has at most %zu",
                      strlen(absolute), most);
    admin->socket = absolute;
    config_scope_release(&inner);
}

void config_read_admin(const struct config_scope *scope, const json_t *admin)
{
    const char *listen = json_string_value(json_member(admin, "listen"));
    const char *path = json_string_value(json_member(admin, "socket"));

    if (!admin || json_is_null(admin) || !config_check_section(scope, &admin_section, admin))
        return;
    if (listen)
        read_listen(scope, listen, &scope->load->config->admin);
    if (path)
        read_socket(scope, path, &scope->load->config->admin);
}

int config_find_socket(const char *path, char **socket, struct error *error)
{
    struct config_file file = {.path = (char *)(uintptr_t)path};
    struct error inner = {0};
    struct yaml_mark mark = {0, 0};
    const char *named;
    json_t *root;
    int result = file_read(AT_FDCWD, path, yaml_file_limits.bytes, &file.text, &file.size, error);

    if (result != 0)
        return result;
    root = yaml_read_one(file.text, file.size, &yaml_file_limits, &mark, &inner);
    free(file.text);
    if (!root)
        return error_set(error, inner.code, "%s:%zu:%zu: %s", path, mark.line, mark.column, inner.message);
    named = json_string_value(json_at(root, "admin.socket"));
    if (!named || !named[0]) {
        json_decref(root);
        return error_set(error, ERROR_NOT_FOUND, "%s has no admin.socket", path);
    }
    *socket = config_path_absolute(&file, named);
    json_decref(root);
    return *socket ? 0 : error_no_memory(error);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl_remote.h"

#include "base/utf8.h"
#include "config/yaml.h"
#include "daemon/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A reload loads every plugin; a daemon at work on many Apis answers after them. */
static const int patience_ms = 60000;

void remote_append_escaped(struct text *target, const char *value)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";

    for (; *value; value++) {
        if (strchr(plain, *value))
            text_append(target, value, 1);
        else
            text_append_format(target, "%%%02X", (unsigned char)*value);
    }
}

static void complain(const char *message)
{
    struct text out = text_empty();

    utf8_append_string(&out, message);
    (void)fprintf(stderr, "error: %s\n", out.data);
    text_release(&out);
}

/* The installed config says where its daemon listens also while it is no YAML. */
static int find_socket(const struct ctl_options *options, char **path, struct error *error)
{
    const char *config = options->config ? options->config : setup_default_config;
    const char *known = options->socket;
    int result;

    if (!known) {
        result = config_find_socket(config, path, error);
        if (result == ERROR_NOT_FOUND)
            (void)error_wrap(error, "which socket the daemon listens at is not known");
        if (result == ERROR_NOT_FOUND && strlen(error->message) + 64 < sizeof error->message)
            (void)snprintf(error->message + strlen(error->message), 64, "; say -c CONFIG or --socket PATH");
        if (result != ERROR_INVALID || options->config)
            return result;
        complain(error->message);
        known = setup_default_socket;
    }
    *path = strdup(known);
    return *path ? 0 : error_no_memory(error);
}

/* Asks the daemon that the options name: the one at --socket, else the one of the config file. EXIT_GOOD
 * whatever the status of HTTP is; EXIT_USAGE if there is no answer. The body is for text_release() in any
 * case. */
static enum exit_code ask(const struct ctl_options *options, const char *method, const char *target,
                          unsigned *status, struct text *body)
{
    struct client_request request = {.method = method, .target = target, .patience_ms = patience_ms};
    struct error error = {0};
    char *path = NULL;
    int result = find_socket(options, &path, &error);

    request.socket = path;
    if (result == 0)
        result = client_ask(&request, status, body, &error);
    free(path);
    if (result == 0)
        return EXIT_GOOD;
    complain(error.message);
    return EXIT_USAGE;
}

/* What a daemon says instead of a value: one line. */
static enum exit_code refused(unsigned status, struct text *body)
{
    while (body->length > 0 && body->data[body->length - 1] == '\n')
        text_cut(body, body->length - 1);
    complain(body->length > 0 ? body->data : "apigwd refused to answer");
    return status == 404 ? EXIT_REFUSED : EXIT_USAGE;
}

enum exit_code remote_get(const struct ctl_options *options, const struct text *target, json_t **value)
{
    struct text body = text_empty();
    unsigned status = 0;
    enum exit_code code = EXIT_USAGE;

    if (target->failed)
        complain("not enough memory");
    else
        code = ask(options, "GET", target->data, &status, &body);
    if (code == EXIT_GOOD && status != 200)
        code = refused(status, &body);
    if (code == EXIT_GOOD) {
        *value = json_loadb(body.data, body.length, 0, NULL);
        if (!*value) {
            complain("what apigwd answered cannot be read; is it of the same version?");
            code = EXIT_USAGE;
        }
    }
    text_release(&body);
    return code;
}

enum exit_code remote_print(const json_t *value, const char *format)
{
    struct text out = text_empty();
    bool failed;

    if (strcmp(format, "yaml") == 0) {
        failed = yaml_write(value, &out, NULL) != 0;
    } else {
        char *text = json_dumps(value, JSON_INDENT(2));
        failed = !text;
        if (text)
            text_append_format(&out, "%s\n", text);
        free(text);
    }
    failed = failed || out.failed;
    if (failed)
        complain("not enough memory");
    else
        (void)fputs(out.data, stdout);
    text_release(&out);
    return failed ? EXIT_USAGE : EXIT_GOOD;
}

enum exit_code ctl_reload(const struct ctl_options *options)
{
    struct text body = text_empty();
    unsigned status = 0;
    enum exit_code code = ask(options, "POST", "/reload", &status, &body);

    if (code == EXIT_GOOD && status == 200)
        (void)fputs(body.data, stdout);
    else if (code == EXIT_GOOD)
        (void)fputs(body.data, stderr);
    if (code == EXIT_GOOD && status != 200)
        code = status == 409 ? EXIT_REFUSED : EXIT_USAGE;
    text_release(&body);
    return code;
}

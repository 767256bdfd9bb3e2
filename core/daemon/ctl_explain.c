/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "base/utf8.h"
#include "config/yaml.h"
#include "daemon/ctl_remote.h"
#include "daemon/ctl_show.h"
#include "object/condition.h"

#include <stdio.h>
#include <string.h>

void show_text(struct text *out, const json_t *object, const char *name)
{
    const char *value = json_string_value(json_member(object, name));

    if (value)
        utf8_append_string(out, value);
}

/* "FILE:LINE:COLUMN", as far as it is known. */
static void show_place(struct text *out, const json_t *object)
{
    json_int_t line = json_integer_value(json_member(object, "line"));
    json_int_t column = json_integer_value(json_member(object, "column"));

    show_text(out, object, "file");
    if (line > 0)
        text_append_format(out, ":%" JSON_INTEGER_FORMAT ":%" JSON_INTEGER_FORMAT, line, column);
}

static void show_line(struct text *out, const char *title, const json_t *object, const char *name)
{
    if (!json_string_value(json_member(object, name)))
        return;
    text_append_format(out, "%-13s", title);
    show_text(out, object, name);
    text_append_string(out, "\n");
}

static void show_truth(struct text *out, const char *title, const json_t *object, const char *name)
{
    text_append_format(out, "%-13s%s\n", title, json_is_true(json_member(object, name)) ? "True" : "False");
}

static void show_input(struct text *out, const json_t *input)
{
    if (!input)
        return;
    text_append_format(out, "%-13s", "Input:");
    show_place(out, input);
    if (!json_member(input, "line"))
        text_append_format(out, ", document %" JSON_INTEGER_FORMAT,
                           json_integer_value(json_member(input, "document")) + 1);
    text_append_string(out, "\n");
}

static void show_validation(struct text *out, const json_t *validation)
{
    const json_t *problems = json_member(validation, "problems");

    show_truth(out, "Valid:", validation, "valid");
    for (size_t i = 0; i < json_array_size(problems); i++) {
        const json_t *problem = json_array_get(problems, i);
        text_append_string(out, "  ");
        show_place(out, problem);
        text_append_string(out, json_member(problem, "file") ? ": " : "");
        show_text(out, problem, "severity");
        text_append_string(out, ": ");
        show_text(out, problem, "path");
        text_append_string(out, json_member(problem, "path") ? ": " : "");
        show_text(out, problem, "message");
        text_append_string(out, "\n");
    }
}

/* KIND NAMESPACE/NAME */
static void show_object(struct text *out, const json_t *object)
{
    show_text(out, object, "kind");
    text_append_string(out, " ");
    show_text(out, object, "namespace");
    text_append_string(out, "/");
    show_text(out, object, "name");
}

static void show_holder(struct text *out, const json_t *holder)
{
    bool stands = json_member(holder, "kind");

    text_append_string(out, "held by ");
    if (json_is_true(json_member(holder, "self"))) {
        text_append_string(out, "this Api");
    } else if (json_member(holder, "api")) {
        text_append_string(out, "Api ");
        show_text(out, holder, "api");
    } else {
        show_object(out, holder);
        text_append_string(out, ", which apigwd did not make");
        return;
    }
    text_append_string(out, stands ? ": " : ", nothing stands yet");
    if (stands)
        show_object(out, holder);
}

static void show_claim(struct text *out, const char *title, const json_t *claim)
{
    if (!claim)
        return;
    text_append_format(out, "  %-11s", title);
    show_text(out, claim, "name");
    text_append_string(out, ", ");
    if (json_member(claim, "after")) {
        text_append_string(out, "after Api ");
        show_text(out, claim, "after");
        text_append_string(out, ", which is older");
    } else if (json_member(claim, "holder")) {
        show_holder(out, json_member(claim, "holder"));
    } else {
        text_append_string(out, "held by nobody");
    }
    text_append_string(out, "\n");
}

static void show_claims(struct text *out, const json_t *claims)
{
    show_line(out, "Claims:", claims, "state");
    show_claim(out, "Host:", json_member(claims, "host"));
    show_claim(out, "Service:", json_member(claims, "service"));
}

static const char *standing(const json_t *item)
{
    if (!json_is_true(json_member(item, "exists")))
        return json_member(item, "wanted") ? "wanted, does not stand" : "does not stand";
    if (!json_member(item, "wanted"))
        return "stands, not wanted";
    return json_is_true(json_member(item, "asWanted")) ? "stands as wanted" : "stands, not as wanted";
}

static void show_items(struct text *out, const json_t *items)
{
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        text_append_string(out, "    ");
        show_object(out, item);
        text_append_format(out, ": %s", standing(item));
        if (json_member(item, "version")) {
            text_append_string(out, ", version ");
            show_text(out, item, "version");
        }
        text_append_string(out, json_member(item, "error") ? ": " : "");
        show_text(out, item, "error");
        text_append_string(out, "\n");
    }
}

static void show_backends(struct text *out, const json_t *backends)
{
    if (json_array_size(backends) > 0)
        text_append_string(out, "Backends:\n");
    for (size_t i = 0; i < json_array_size(backends); i++) {
        const json_t *backend = json_array_get(backends, i);
        text_append_string(out, "  ");
        show_text(out, backend, "name");
        text_append_string(out, " (");
        show_text(out, backend, "role");
        text_append_format(out, "%s): code %" JSON_INTEGER_FORMAT,
                           json_is_true(json_member(backend, "enabled")) ? "" : ", disabled",
                           json_integer_value(json_member(backend, "code")));
        text_append_string(out, json_member(backend, "lastError") ? ", " : "");
        show_text(out, backend, "lastError");
        text_append_string(out, "\n");
        show_items(out, json_member(backend, "outputs"));
    }
}

static void show_steps(struct text *out, const json_t *steps)
{
    if (json_array_size(steps) > 0)
        text_append_string(out, "To do:\n");
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);
        text_append_string(out, "  ");
        show_text(out, step, "do");
        text_append_string(out, ": ");
        show_text(out, step, "kind");
        text_append_string(out, " ");
        show_text(out, step, "name");
        text_append_string(out, "\n");
    }
}

static void show_times(struct text *out, const json_t *api)
{
    json_int_t written = json_integer_value(json_member(api, "lastWrite"));
    const json_t *next = json_member(api, "nextTryMs");
    char time[CONDITION_TIME_SIZE] = "";

    if (written > 0)
        condition_time(time, written);
    text_append_format(out, "%-13s%s\n", "Last write:", written > 0 ? time : "none since the daemon started");
    text_append_format(out, "%-13s%" JSON_INTEGER_FORMAT "\n",
                       "Failures:", json_integer_value(json_member(api, "failures")));
    if (next)
        text_append_format(out, "%-13sin %.1f s\n", "Next try:", (double)json_integer_value(next) / 1000);
}

/* Documents that can be compared with what stands. */
static bool show_outputs(struct text *out, const json_t *backends)
{
    bool made = true;

    for (size_t i = 0; i < json_array_size(backends); i++) {
        const json_t *items = json_member(json_array_get(backends, i), "outputs");
        for (size_t j = 0; j < json_array_size(items) && made; j++) {
            const json_t *wanted = json_member(json_array_get(items, j), "wanted");
            if (!wanted)
                continue;
            text_append_string(out, "---\n");
            made = yaml_write(wanted, out, NULL) == 0;
        }
    }
    return made;
}

/* An Api that the daemon is not told of: it knows what was made for it, and nothing of itself. */
static bool show_untold(const json_t *api, struct text *out)
{
    const json_t *outputs = json_member(api, "outputs");
    const json_t *next = json_member(api, "nextTryMs");

    show_line(out, "Message:", api, "message");
    for (size_t i = 0; i < json_array_size(outputs); i++) {
        text_append_string(out, i == 0 ? "Stands:\n  " : "  ");
        show_object(out, json_array_get(outputs, i));
        text_append_string(out, "\n");
    }
    if (next)
        text_append_format(out, "%-13sin %.1f s\n", "Next look:", (double)json_integer_value(next) / 1000);
    return !out->failed;
}

bool show_explanation(const json_t *api, bool outputs, struct text *out)
{
    show_line(out, "Api:", api, "api");
    show_line(out, "Cluster:", api, "cluster");
    if (json_is_false(json_member(api, "told")))
        return show_untold(api, out);
    show_input(out, json_member(api, "input"));
    show_validation(out, json_member(api, "validation"));
    if (json_is_true(json_member(api, "leaving")))
        show_truth(out, "Leaving:", api, "leaving");
    show_truth(out, "Served:", api, "served");
    if (json_is_true(json_member(api, "authentication")))
        show_truth(out, "Secured:", api, "secured");
    show_truth(out, "Ready:", api, "ready");
    show_line(out, "Reason:", api, "reason");
    show_line(out, "Message:", api, "message");
    show_claims(out, json_member(api, "claims"));
    show_backends(out, json_member(api, "backends"));
    show_steps(out, json_member(api, "pending"));
    show_times(out, api);
    return (!outputs || show_outputs(out, json_member(api, "backends"))) && !out->failed;
}

static enum exit_code print_text(const json_t *list, bool outputs)
{
    struct text out = text_empty();
    bool made = true;

    for (size_t i = 0; i < json_array_size(list) && made; i++) {
        text_append_string(&out, i > 0 ? "\n" : "");
        made = show_explanation(json_array_get(list, i), outputs, &out);
    }
    if (made)
        (void)fputs(out.data, stdout);
    else
        (void)fputs("error: not enough memory\n", stderr);
    text_release(&out);
    return made ? EXIT_GOOD : EXIT_USAGE;
}

enum exit_code ctl_explain(const struct ctl_options *options)
{
    const char *format = options->format ? options->format : "text";
    struct text target = text_empty();
    json_t *list = NULL;
    enum exit_code code;

    if (!strchr(options->argument, '/')) {
        (void)fputs("error: explain takes NAMESPACE/NAME\n", stderr);
        return EXIT_USAGE;
    }
    text_append_string(&target, "/explain/");
    remote_append_escaped(&target, options->argument);
    if (options->cluster) {
        text_append_string(&target, "?cluster=");
        remote_append_escaped(&target, options->cluster);
    }
    code = remote_get(options, &target, &list);
    text_release(&target);
    if (code == EXIT_GOOD && strcmp(format, "text") == 0)
        code = print_text(list, options->outputs);
    else if (code == EXIT_GOOD)
        code = remote_print(list, format);
    json_decref(list);
    return code;
}

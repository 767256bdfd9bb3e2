/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/json.h"
#include "base/utf8.h"
#include "daemon/ctl_remote.h"
#include "daemon/ctl_show.h"
#include "daemon/table.h"

#include <stdio.h>
#include <string.h>

enum { WIDE = 8, NARROW = 6 };

/* The text of a member as a cell shows it; "-" where there is none. NULL: no memory. */
static const char *cell(struct arena *arena, const json_t *api, const char *name)
{
    const char *value = json_string_value(json_member(api, name));
    struct text clean = text_empty();
    const char *copy;

    if (!value || !value[0])
        return "-";
    utf8_append_string(&clean, value);
    copy = clean.failed ? NULL : arena_string(arena, clean.data);
    text_release(&clean);
    return copy;
}

static const char *truth(const json_t *api, const char *name)
{
    return json_is_true(json_member(api, name)) ? "True" : "False";
}

static const char *service_of(struct arena *arena, const json_t *api)
{
    const char *service = cell(arena, api, "service");

    if (!service || strcmp(service, "-") == 0)
        return service;
    return arena_format(arena, "%s:%d", service, (int)json_integer_value(json_member(api, "port")));
}

static bool fill_row(struct arena *arena, const json_t *api, size_t columns, const char **cells)
{
    const bool asks = json_is_true(json_member(api, "authentication"));
    const char *const row[WIDE] = {cell(arena, api, "namespace"),      cell(arena, api, "name"),
                                   cell(arena, api, "host"),           service_of(arena, api),
                                   asks ? truth(api, "secured") : "-", truth(api, "ready"),
                                   cell(arena, api, "reason"),         cell(arena, api, "message")};

    for (size_t i = 0; i < columns; i++) {
        if (!row[i])
            return false;
        cells[i] = row[i];
    }
    return true;
}

static bool print_apis(const json_t *apis, bool wide, struct text *out)
{
    static const char *const headings[WIDE] = {"NAMESPACE", "NAME",  "HOST",   "SERVICE",
                                               "SECURED",   "READY", "REASON", "MESSAGE"};
    const size_t columns = wide ? WIDE : NARROW;
    const size_t count = json_array_size(apis);
    struct arena arena = {0};
    const char **cells = arena_array(&arena, (count + 1) * columns, sizeof *cells);
    bool made = cells;

    if (made)
        memcpy(cells, headings, columns * sizeof *cells);
    for (size_t i = 0; i < count && made; i++)
        made = fill_row(&arena, json_array_get(apis, i), columns, cells + (i + 1) * columns);
    if (made)
        table_print(cells, count + 1, columns, out);
    arena_release(&arena);
    return made && !out->failed;
}

/* A line for people beside the table. */
static void note(struct text *notes, const json_t *cluster, const char *what, const char *name)
{
    const char *value = json_string_value(json_member(cluster, name));

    if (!value)
        return;
    text_append_string(notes, "cluster ");
    show_text(notes, cluster, "name");
    text_append_format(notes, " %s: ", what);
    utf8_append_string(notes, value);
    text_append_string(notes, "\n");
}

static bool show_cluster(const json_t *cluster, bool named, bool wide, struct text *out, struct text *notes)
{
    const json_t *apis = json_member(cluster, "apis");

    if (named) {
        text_append_string(out, out->length > 0 ? "\ncluster " : "cluster ");
        show_text(out, cluster, "name");
        text_append_string(out, "\n");
    }
    note(notes, cluster, "is not ready", "why");
    note(notes, cluster, "sees changes late", "degraded");
    if (json_array_size(apis) > 0)
        return print_apis(apis, wide, out);
    text_append_string(notes, "no Apis in cluster ");
    show_text(notes, cluster, "name");
    text_append_string(notes, "\n");
    return !notes->failed && !out->failed;
}

bool show_status(const json_t *status, bool wide, struct text *out, struct text *notes)
{
    const json_t *clusters = json_member(status, "clusters");
    const char *refusal = json_string_value(json_member(status, "refusal"));
    const size_t count = json_array_size(clusters);
    bool made = true;

    for (size_t i = 0; i < count && made; i++)
        made = show_cluster(json_array_get(clusters, i), count > 1, wide, out, notes);
    if (refusal)
        text_append_format(notes, "the last reload was refused, and the config before it is in force:\n%s\n",
                           refusal);
    return made && !notes->failed && !out->failed;
}

bool show_is_good(const json_t *status)
{
    const json_t *clusters = json_member(status, "clusters");

    for (size_t i = 0; i < json_array_size(clusters); i++) {
        const json_t *apis = json_member(json_array_get(clusters, i), "apis");
        for (size_t j = 0; j < json_array_size(apis); j++) {
            if (!json_is_true(json_member(json_array_get(apis, j), "served")))
                return false;
        }
    }
    return json_is_true(json_member(status, "ready"));
}

static enum exit_code print_table(const json_t *status, bool wide)
{
    struct text out = text_empty();
    struct text notes = text_empty();
    bool made = show_status(status, wide, &out, &notes);

    if (made) {
        (void)fputs(out.data, stdout);
        (void)fflush(stdout);
        (void)fputs(notes.data, stderr);
    } else {
        (void)fputs("error: not enough memory\n", stderr);
    }
    text_release(&out);
    text_release(&notes);
    return made ? EXIT_GOOD : EXIT_USAGE;
}

static void make_target(const struct ctl_options *options, struct text *target)
{
    text_append_string(target, "/status");
    if (options->cluster) {
        text_append_string(target, "?cluster=");
        remote_append_escaped(target, options->cluster);
    }
    if (options->name_space) {
        text_append_string(target, options->cluster ? "&namespace=" : "?namespace=");
        remote_append_escaped(target, options->name_space);
    }
}

enum exit_code ctl_status(const struct ctl_options *options)
{
    const char *format = options->format ? options->format : "table";
    struct text target = text_empty();
    json_t *status = NULL;
    enum exit_code code;

    make_target(options, &target);
    code = remote_get(options, &target, &status);
    text_release(&target);
    if (code == EXIT_GOOD && strcmp(format, "json") == 0)
        code = remote_print(status, format);
    else if (code == EXIT_GOOD)
        code = print_table(status, strcmp(format, "wide") == 0);
    if (code == EXIT_GOOD && !show_is_good(status))
        code = EXIT_REFUSED;
    json_decref(status);
    return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/summary.h"

#include "base/arena.h"
#include "daemon/table.h"

#include <string.h>

static bool count(const struct controller_view *view, void *payload)
{
    struct summary *summary = payload;

    summary->count++;
    summary->served += view->served;
    return true;
}

bool summary_count(struct summary *summary, const struct controller *controller)
{
    summary->writes = controller_writes(controller);
    return controller_each(controller, count, summary) == 0;
}

bool summary_good(const struct summary *summary)
{
    return summary->served == summary->count && summary->failures == 0;
}

void summary_print_totals(const struct summary *summary, struct text *out)
{
    text_append_format(out, "%zu %s: %zu served, %zu not served; %zu %s written", summary->count,
                       summary->count == 1 ? "Api" : "Apis", summary->served,
                       summary->count - summary->served, summary->writes,
                       summary->writes == 1 ? "resource" : "resources");
    if (summary->failures > 0)
        text_append_format(out, "; %zu %s not used or not written", summary->failures,
                           summary->failures == 1 ? "file or object" : "files or objects");
    text_append_string(out, "\n");
}

enum { COLUMNS = 7 };

/* The cells of a table that is filled in. */
struct filling {
    struct arena arena;
    const char **at;
    bool failed;
};

static const char *secured(const struct controller_view *view)
{
    if (!view->authentication)
        return "-";
    return view->secured ? "True" : "False";
}

static const char *or_dash(struct filling *filling, const char *text)
{
    return text[0] ? arena_string(&filling->arena, text) : "-";
}

static bool fill_row(const struct controller_view *view, void *payload)
{
    struct filling *filling = payload;
    const char *service =
        view->service[0] ? arena_format(&filling->arena, "%s:%u", view->service, view->port) : "-";
    const char *const line[COLUMNS] = {or_dash(filling, view->name_space),
                                       or_dash(filling, view->name),
                                       or_dash(filling, view->host),
                                       service,
                                       secured(view),
                                       view->served ? "True" : "False",
                                       or_dash(filling, reason_word(view->reason))};

    for (size_t i = 0; i < COLUMNS; i++)
        filling->failed = filling->failed || !line[i];
    memcpy(filling->at, line, sizeof line);
    filling->at += COLUMNS;
    return !filling->failed;
}

static bool explain(const struct controller_view *view, void *payload)
{
    if (view->message[0])
        text_append_format(payload, "%s/%s: %s\n", view->name_space, view->name, view->message);
    return true;
}

void summary_print(const struct summary *summary, const struct controller *controller, struct text *out)
{
    static const char *const headings[COLUMNS] = {"NAMESPACE", "NAME",  "HOST",  "SERVICE",
                                                  "SECURED",   "READY", "REASON"};
    struct filling filling = {0};
    const char **cells = arena_array(&filling.arena, (summary->count + 1) * COLUMNS, sizeof *cells);

    if (cells) {
        memcpy(cells, headings, sizeof headings);
        filling.at = cells + COLUMNS;
    }
    if (!cells || controller_each(controller, fill_row, &filling) != 0 || filling.failed) {
        out->failed = true;
    } else if (summary->count > 0) {
        table_print(cells, summary->count + 1, COLUMNS, out);
        text_append_string(out, "\n");
    }
    arena_release(&filling.arena);
    summary_print_totals(summary, out);
    if (controller_each(controller, explain, out) != 0)
        out->failed = true;
}

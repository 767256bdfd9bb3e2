/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/summary.h"

#include "daemon/table.h"

#include <stdlib.h>
#include <string.h>

void summary_release(struct summary *summary)
{
    if (!summary)
        return;
    for (size_t i = 0; i < summary->count; i++) {
        free(summary->rows[i].name_space);
        free(summary->rows[i].name);
        free(summary->rows[i].result);
    }
    free(summary->rows);
    *summary = (struct summary){0};
}

bool summary_add(struct summary *summary, const char *name_space, const char *name,
                 const struct reconcile_result *result)
{
    struct summary_row row = {strdup(name_space), strdup(name), malloc(sizeof *row.result)};
    struct summary_row *rows = NULL;

    /* Doubling: a run has thousands of rows. */
    if ((summary->count & (summary->count - 1)) == 0)
        rows = realloc(summary->rows, (summary->count ? summary->count * 2 : 1) * sizeof *rows);
    else
        rows = summary->rows;
    if (rows)
        summary->rows = rows;
    if (!rows || !row.name_space || !row.name || !row.result) {
        free(row.name_space);
        free(row.name);
        free(row.result);
        return false;
    }
    *row.result = *result;
    summary->rows[summary->count++] = row;
    summary->served += result->served;
    summary->writes += result->writes;
    return true;
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

static const char *secured(const struct reconcile_result *result)
{
    if (!result->authentication)
        return "-";
    return result->secured ? "True" : "False";
}

void summary_print(const struct summary *summary, struct text *out)
{
    static const char *const headings[] = {"NAMESPACE", "NAME",  "HOST",  "SERVICE",
                                           "SECURED",   "READY", "REASON"};
    enum { columns = sizeof headings / sizeof *headings };
    const char **cells = calloc((summary->count + 1) * columns, sizeof *cells);

    if (!cells) {
        out->failed = true;
        return;
    }
    memcpy(cells, headings, sizeof headings);
    for (size_t i = 0; i < summary->count; i++) {
        const struct summary_row *row = &summary->rows[i];
        const struct reconcile_result *result = row->result;
        const char *const line[columns] = {row->name_space,
                                           row->name,
                                           result->host[0] ? result->host : "-",
                                           result->service[0] ? result->service : "-",
                                           secured(result),
                                           result->served ? "True" : "False",
                                           result->reason[0] ? result->reason : "-"};
        memcpy(cells + (i + 1) * columns, line, sizeof line);
    }
    if (summary->count > 0) {
        table_print(cells, summary->count + 1, columns, out);
        text_append_string(out, "\n");
    }
    free(cells);
    summary_print_totals(summary, out);
    for (size_t i = 0; i < summary->count; i++) {
        const struct summary_row *row = &summary->rows[i];
        if (row->result->message[0])
            text_append_format(out, "%s/%s: %s\n", row->name_space, row->name, row->result->message);
    }
}

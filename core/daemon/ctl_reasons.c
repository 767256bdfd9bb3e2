/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/commands.h"

#include "base/text.h"
#include "reconcile/reason.h"

#include <stdio.h>

static const char beginning[] =
    "# Reasons\n"
    "\n"
    "The words that say what came of an Api or of a part of it, in the conditions of its status, in the\n"
    "summary of `apigwd --once` and in log lines (`reason=`). The message beside a word names the field,\n"
    "object or file. A word keeps its meaning; new ones may come.\n"
    "\n"
    "This page is what `apigwctl reasons` prints.\n"
    "\n"
    "| reason | meaning | what to do |\n"
    "| --- | --- | --- |\n";

/* A bar would end the cell. */
static void append_cell(struct text *out, const char *words)
{
    for (; *words; words++) {
        if (*words == '|')
            text_append_string(out, "\\");
        text_append_format(out, "%c", *words);
    }
}

enum exit_code ctl_reasons(const struct ctl_options *options)
{
    struct text out = text_empty();
    enum exit_code code = EXIT_GOOD;

    (void)options;
    text_append_string(&out, beginning);
    for (int reason = REASON_NONE + 1; reason < (int)REASON_COUNT; reason++) {
        const char *remedy = reason_remedy((enum reason)reason);
        text_append_format(&out, "| `%s` | ", reason_word((enum reason)reason));
        append_cell(&out, reason_meaning((enum reason)reason));
        text_append_string(&out, " | ");
        append_cell(&out, remedy[0] ? remedy : "Nothing.");
        text_append_string(&out, " |\n");
    }
    if (out.failed) {
        (void)fputs("error: not enough memory\n", stderr);
        code = EXIT_USAGE;
    } else {
        (void)fputs(out.data, stdout);
    }
    text_release(&out);
    return code;
}

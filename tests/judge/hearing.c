/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hearing JOURNAL PLUGINS [OUTPUT] - the judge hears what the recorder has written down
 *
 * PLUGINS is the folder of the plugins, for their kinds; OUTPUT is what the programs have left, which has to
 * be what the journal says. Besides the recorder's records (recorder.c) there are those of the script:
 *
 *   config   the config from now on, as data
 *   rest     everything has settled, and all that is wanted has to stand
 *   still    everything has settled, and something is refused
 *   fresh    other folders from now on, with nothing in them
 *
 * When the input is read nothing is told yet: a program reads all of it and then decides. So the judge hears
 * of an edit just before the first write after it. An Api that is in no file any more counts on until the
 * program removes something of it, or rests, as it may only be on its way from one file to another; while a
 * file is broken it is not gone, for it may be in there.
 *
 * Prints what the judge found as comments, the numbers of what was judged, and exits with 1 if there is a
 * finding, or nothing that was judged.
 */
#include "hearing.h"

#include <stdio.h>
#include <string.h>

static void close_case(struct hearing *hearing)
{
    judge_free(hearing->judge);
    hearing->judge = NULL;
    hearing_input_release(hearing);
    json_decref(hearing->places);
}

static void open_case(struct hearing *hearing)
{
    hearing->apis = json_object();
    hearing->missing = json_object();
    hearing->others = json_object();
    hearing->places = json_object();
    hearing_input_start(hearing);
}

static void rest(struct hearing *hearing, bool healthy)
{
    hearing_input_tell(hearing);
    hearing_input_all_gone(hearing);
    judge_rest(hearing->judge, healthy);
    hearing->rests++;
}

/* The records of scripts. @return false if it is none. */
static bool hear_script(struct hearing *hearing, const struct record *record)
{
    if (strcmp(record->type, "config") == 0) {
        hearing_config(hearing, record);
    } else if (strcmp(record->type, "fresh") == 0) {
        close_case(hearing);
        open_case(hearing);
    } else if (strcmp(record->type, "rest") == 0 || strcmp(record->type, "still") == 0) {
        rest(hearing, strcmp(record->type, "rest") == 0);
    } else {
        return false;
    }
    return true;
}

/* What is wrong whatever the judge would say: the input is the user's, and a file of the output is whole at
 * every moment. */
static const char *trespass(const struct record *record)
{
    bool write = strcmp(record->type, "write") == 0;

    if (strncmp(record->path, "in/", 3) == 0 &&
        (write || strcmp(record->type, "move") == 0 || strcmp(record->type, "remove") == 0))
        return "rule 8: the input was changed";
    return write ? "rule 5: a file of the output was not put there whole" : NULL;
}

static void hear(struct hearing *hearing, const struct record *record, bool failed)
{
    bool script = strcmp(record->type, "config") == 0 || strcmp(record->type, "fresh") == 0;

    /* Nothing is judged before there is a config. */
    if (!script && !hearing->judge)
        return;
    if (hear_script(hearing, record))
        return;
    if (strcmp(record->type, "start") == 0)
        hearing_input_start(hearing);
    else if (strncmp(record->path, "out", 3) == 0)
        hearing_output(hearing, record, failed);
    else
        hearing_input(hearing, record);
}

static bool is_failure(const struct journal *journal, size_t number)
{
    return number < journal->count && strcmp(journal->records[number].type, "failed") == 0;
}

static void hear_all(struct hearing *hearing, const struct journal *journal)
{
    for (size_t i = 0; i < journal->count; i++) {
        const struct record *record = &journal->records[i];
        const char *wrong = trespass(record);
        char where[1200];
        if (wrong)
            (void)printf("# record %zu, %s %s: %s\n", i + 1, record->type, record->path, wrong);
        hearing->found += wrong != NULL;
        if (wrong || strcmp(record->type, "failed") == 0)
            continue;
        hear(hearing, record, is_failure(journal, i + 1));
        if (!hearing->judge || judge_count(hearing->judge) == 0)
            continue;
        (void)snprintf(where, sizeof where, "record %zu, %s %s", i + 1, record->type, record->path);
        judge_print(hearing->judge, where);
        hearing->found += judge_count(hearing->judge);
        judge_forget(hearing->judge);
    }
}

int main(int argc, char **argv)
{
    struct hearing hearing = {.judge = NULL};
    struct journal journal;
    bool good;

    if (argc != 3 && argc != 4) {
        (void)fputs("usage: hearing JOURNAL PLUGINS [OUTPUT]\n", stderr);
        return 2;
    }
    if (!journal_read(argv[1], &journal)) {
        (void)fputs("hearing: the journal cannot be read\n", stderr);
        return 2;
    }
    hearing.dirs[0] = argv[2];
    open_case(&hearing);
    hear_all(&hearing, &journal);
    if (argc == 4)
        hearing_output_compare(&hearing, argv[3]);
    (void)printf(
        "# judged: %zu records (%zu cut short), %zu edits, %zu writes, %zu statuses, %zu times at rest; "
        "%zu findings\n",
        journal.count, journal.torn, hearing.edits, hearing.writes, hearing.statuses, hearing.rests,
        hearing.found);
    good = hearing.found == 0 && hearing.edits > 0 && hearing.writes > 0 && hearing.statuses > 0 &&
           hearing.rests > 0;
    close_case(&hearing);
    hearing_config_release(&hearing);
    journal_release(&journal);
    return good ? 0 : 1;
}

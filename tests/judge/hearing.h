/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hearing - what a journal says, told to the judge
 *
 * Memory that runs out ends the test.
 */
#ifndef TESTS_HEARING_H
#define TESTS_HEARING_H

#include "journal.h"
#include "judge.h"
#include "plugin/loader.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/** Limits, more than any config of a test needs. */
enum { HEARING_PLUGINS = 8, HEARING_KINDS = 16 };

/** A file of the input, as it was last read by the program that runs. */
struct hearing_file {
    /** Owned. */
    char *path;
    /** The objects in it; NULL: this program never read it whole. Owned. */
    json_t *objects;
    /** It could not be read whole the last time. */
    bool broken;
    /** It is among what its folder was last said to hold. */
    bool present;
};

/** A config as the judge has it. Its texts are the document's. */
struct hearing_config {
    struct hearing_config *next;
    json_t *document;
    bool allow_empty;
    struct judge_kind kinds[HEARING_KINDS];
    struct judge_config judged;
};

/** A journal on its way to the judge. */
struct hearing {
    /** NULL as long as there is no config. */
    struct judge *judge;
    /** Folders of plugins, for plugin_load(). */
    const char *dirs[2];
    struct plugin *plugins[HEARING_PLUGINS];
    size_t plugins_count;
    /** The one in force comes first. Owned. */
    struct hearing_config *configs;
    struct hearing_file *files;
    size_t files_count;
    /** The input folder itself is not there. */
    bool rootless;
    /** Something was read that the judge was not told of. */
    bool stale;
    /** Api that the judge knows, by key. */
    json_t *apis;
    /** Keys of those that are in no file any more; still what counts, until the program removes them. */
    json_t *missing;
    /** Objects in the input that are of a backend's kind, by kind, namespace and name. */
    json_t *others;
    /** What stands in the output: "key", "name", "kind", "version", by path. */
    json_t *places;
    /** Numbers of what was judged. */
    size_t writes;
    size_t statuses;
    size_t edits;
    size_t rests;
    size_t found;
};

/** Takes a config over: what is in it of the judge's business. A backend whose plugin cannot be loaded is
 * none; one that was there before and is not any more makes nothing, and keeps what it made. */
void hearing_config(struct hearing *hearing, const struct record *record);

/** Frees the configs and the plugins. */
void hearing_config_release(struct hearing *hearing);

/** Takes a record of the input over; the judge is told when it matters. */
void hearing_input(struct hearing *hearing, const struct record *record);

/** A program has begun that knows no file yet. */
void hearing_input_start(struct hearing *hearing);

/** Tells the judge of what was read: before whatever the program does, which it decided from that. */
void hearing_input_tell(struct hearing *hearing);

/** Tells that an Api is gone, if it is in no file and no file is broken, which might hold it. */
void hearing_input_gone(struct hearing *hearing, const char *key);

/** The same for all. */
void hearing_input_all_gone(struct hearing *hearing);

/** Frees what is known of the input. */
void hearing_input_release(struct hearing *hearing);

/** Takes a record of the output over. @param failed  the program was refused what the record announces. */
void hearing_output(struct hearing *hearing, const struct record *record, bool failed);

/** What stands in the folder is what the journal has at its end: else something was not recorded, and so not
 * judged. What is not is told, and counts as found. */
void hearing_output_compare(struct hearing *hearing, const char *folder);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watched CONFIG PLUGINS EVENTS... - the judge hears what watchers of a real API server saw
 *
 * EVENTS are files of watch events, as an API server sends them: JSON documents {type, object}, one after the
 * other, of Apis and of the kinds of the backends that CONFIG has; PLUGINS is the folder of the plugins. A
 * file may end in the middle of an event, and another one begin again with what it had. Other kinds are
 * passed over. An event of type CONFIG is the script's: after its version the config is the `text` of its
 * object.
 *
 * All is in one etcd, so that the versions of all kinds have one order: that in which the server took the
 * writes. In this order they are told, whatever watcher saw them. Watchers begin before there is anything of
 * interest, as a write for an Api that nobody has seen yet cannot be held against it, and end when all has
 * settled.
 *
 * An edit counts as one from when the server has it. The daemon hears of it later, and what it writes until
 * then may be decided by what was asked before: judge_lag() says how far rule 2 allows for that,
 * watched_judge() what of the other rules is left. Everything else is held against what stood at that moment.
 *
 * Prints what the judge found as comments, the numbers of what was judged, and exits with 1 if there is a
 * finding, or nothing that was judged; with 2 if something cannot be read.
 */
#include "watched.h"

#include "base/file.h"
#include "base/json.h"
#include "config/yaml.h"

#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** An event with its place in the order. */
struct sighting {
    uintmax_t version;
    /** Of its kind of object one event has a version; those of lists come again. Keeps the order stable. */
    size_t number;
    /** Owned. */
    json_t *event;
};

/** All of them. */
struct sightings {
    struct sighting *list;
    size_t count;
    /** Files that end in the middle of an event. */
    size_t torn;
};

/* @return false if it is no event. */
static bool add(struct sightings *all, json_t *event)
{
    const json_t *object = json_member(event, "object");
    const char *version = json_text_at(object, "metadata.resourceVersion");
    struct sighting *list = all->list;
    char *end = NULL;
    uintmax_t number = version ? strtoumax(version, &end, 10) : 0;

    if (number == 0 || *end || !json_text_at(event, "type") || !json_text_at(object, "kind") ||
        !object_name(object)) {
        json_decref(event);
        return false;
    }
    if ((all->count & (all->count - 1)) == 0)
        list = realloc(list, (all->count > 0 ? 2 * all->count : 1) * sizeof *list);
    if (!list)
        abort();
    all->list = list;
    /* What the script says of a version comes after all that has it. */
    list[all->count] = (struct sighting){
        number, strcmp(json_text_at(event, "type"), "CONFIG") == 0 ? SIZE_MAX : all->count, event};
    all->count++;
    return true;
}

/* Whether there is another document. */
static bool has_more(FILE *file)
{
    int c;

    do
        c = getc(file);
    while (isspace(c));
    return c != EOF && ungetc(c, file) == c;
}

static bool read_events(const char *name, struct sightings *all)
{
    FILE *file = fopen(name, "r");
    json_error_t error = {.text = ""};
    bool good = file != NULL;

    while (good && has_more(file)) {
        json_t *event = json_loadf(file, JSON_DISABLE_EOF_CHECK, &error);
        if (!event && json_error_code(&error) == json_error_premature_end_of_input) {
            all->torn++;
            break;
        }
        good = event && add(all, event);
    }
    if (!good)
        (void)fprintf(stderr, "watched: %s: not events%s%s\n", name, error.text[0] ? ": " : "", error.text);
    if (file)
        (void)fclose(file);
    return good;
}

static int compare(const void *left, const void *right)
{
    const struct sighting *a = left;
    const struct sighting *b = right;

    if (a->version != b->version)
        return a->version < b->version ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

static bool read_config(struct watched *watched, const char *name)
{
    struct record record = {.type = "config", .path = ""};
    struct error error = {0};
    char *data = NULL;

    if (file_read(AT_FDCWD, name, yaml_file_limits.bytes, &data, &record.size, &error) == 0) {
        record.data = data;
        hearing_config(&watched->hearing, &record);
    }
    free(data);
    if (!watched->hearing.judge)
        (void)fprintf(stderr, "watched: %s is no config %s\n", name, error.message);
    return watched->hearing.judge != NULL;
}

/* @return whether it was much, and good. */
static bool hear(struct watched *watched, const struct sightings *all)
{
    const struct hearing *hearing = &watched->hearing;

    judge_lag(hearing->judge);
    for (size_t i = 0; i < all->count; i++) {
        watched_tell(watched, all->list[i].event);
        watched_judge(watched, all->list[i].event);
    }
    judge_rest(hearing->judge, true);
    watched_judge(watched, NULL);
    (void)printf("# judged: %zu events (%zu cut short), %zu edits, %zu writes (%zu decided before an edit), "
                 "%zu statuses, %zu changes of others; %zu findings, %zu set aside\n",
                 all->count, all->torn, hearing->edits, hearing->writes, judge_late(hearing->judge),
                 hearing->statuses, watched->foreign, hearing->found, watched->aside);
    return hearing->found == 0 && hearing->edits > 0 && hearing->writes > 0 && hearing->statuses > 0;
}

static void release(struct watched *watched, struct sightings *all)
{
    judge_free(watched->hearing.judge);
    hearing_config_release(&watched->hearing);
    json_decref(watched->seen);
    for (size_t i = 0; i < all->count; i++)
        json_decref(all->list[i].event);
    free(all->list);
}

int main(int argc, char **argv)
{
    struct watched watched = {.seen = json_object()};
    struct sightings all = {.list = NULL};
    bool readable = argc >= 4;
    bool good = false;

    if (!readable)
        (void)fputs("usage: watched CONFIG PLUGINS EVENTS...\n", stderr);
    watched.hearing.dirs[0] = argc >= 4 ? argv[2] : NULL;
    readable = readable && read_config(&watched, argv[1]);
    for (int i = 3; readable && i < argc; i++)
        readable = read_events(argv[i], &all);
    if (readable && all.count > 0) {
        qsort(all.list, all.count, sizeof *all.list, compare);
        good = hear(&watched, &all);
    }
    release(&watched, &all);
    return !readable ? 2 : good ? 0 : 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "passing.h"

#include "folder.h"
#include "harness.h"

#include "base/json.h"
#include "object/key.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int __real_clock_gettime(clockid_t id, struct timespec *now);
int __wrap_clock_gettime(clockid_t id, struct timespec *now);

static time_t ahead_s;

int __wrap_clock_gettime(clockid_t id, struct timespec *now)
{
    int result = __real_clock_gettime(id, now);

    now->tv_sec += ahead_s;
    return result;
}

void passing_trust(bool trust)
{
    struct timespec before;
    struct timespec now;

    ahead_s = trust ? 60 : 0;
    if (!trust)
        return;
    /* What is written from now on must not look as what was written before. */
    (void)__real_clock_gettime(CLOCK_REALTIME_COARSE, &before);
    do
        (void)__real_clock_gettime(CLOCK_REALTIME_COARSE, &now);
    while (now.tv_sec == before.tv_sec && now.tv_nsec == before.tv_nsec);
}

static bool is_granted(struct passing *passing)
{
    if (passing->granted == SIZE_MAX)
        return true;
    return passing->granted > 0 && passing->granted-- > 0;
}

static int put(const struct event *event, void *payload, struct error *error)
{
    struct passing *passing = payload;
    const char *host = json_text_at(event->object, "spec.hostname");
    const char *file = event->file + strlen(passing->root) + 1;

    if (!is_granted(passing))
        return error_set(error, ERROR_CONFLICT, "enough");
    text_append_format(&passing->told, "+%s=%s@%s:%zu:%ld ", object_name(event->object), host ? host : "",
                       file, event->document, event->item);
    return 0;
}

static int gone(const struct object_ref *ref, void *payload, struct error *error)
{
    struct passing *passing = payload;

    if (!is_granted(passing))
        return error_set(error, ERROR_CONFLICT, "enough");
    text_append_format(&passing->told, "-%s ", ref->name);
    return 0;
}

void passing_start_with(struct passing *passing, struct input_options options)
{
    *passing = (struct passing){.told = text_empty(), .granted = SIZE_MAX};
    folder_make(passing->root);
    options.path = passing->root;
    if (input_new(&options, &passing->input, &passing->error) != 0)
        abort();
}

void passing_start(struct passing *passing)
{
    passing_start_with(passing, (struct input_options){0});
}

void passing_finish(struct passing *passing)
{
    input_free(passing->input);
    problems_release(&passing->problems);
    text_release(&passing->told);
    folder_remove(passing->root);
}

static void pass(struct passing *passing, bool quiet)
{
    const struct input_listener listener = {
        .put = put, .gone = gone, .payload = passing, .problems = &passing->problems};

    problems_release(&passing->problems);
    text_clear(&passing->told);
    passing->code = input_pass(passing->input, &listener, quiet, &passing->result, &passing->error);
}

void passing_go(struct passing *passing, bool quiet)
{
    passing_trust(true);
    pass(passing, quiet);
    passing_trust(false);
}

void passing_go_at_once(struct passing *passing, bool quiet)
{
    pass(passing, quiet);
}

void passing_remove(const struct passing *passing, const char *path)
{
    CU_ASSERT_EQUAL(unlink(folder_path(passing->root, path)), 0);
}

void passing_move(const struct passing *passing, const char *from, const char *to)
{
    CU_ASSERT_EQUAL(rename(folder_path(passing->root, from), folder_path(passing->root, to)), 0);
}

bool passing_told(const struct passing *passing, const char *expected)
{
    bool equal = passing->code == 0 && strcmp(passing->told.data, expected) == 0;

    if (!equal)
        (void)printf("# code %d, told: %s\n# expected: %s\n", passing->code, passing->told.data, expected);
    return equal;
}

bool passing_tells(struct passing *passing, const char *expected)
{
    passing_go(passing, true);
    return passing_told(passing, expected);
}

bool passing_found(const struct passing *passing, size_t count, const char *words)
{
    struct text text = text_empty();
    bool found;

    problems_print(&passing->problems, &text);
    found = passing->problems.count == count && strstr(text.data, words);
    if (!found)
        (void)printf("# %zu problems:\n%s\n", passing->problems.count, text.data);
    text_release(&text);
    return found;
}

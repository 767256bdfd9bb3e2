/* SPDX-License-Identifier: Apache-2.0 */
/* Random edits of a folder, read in passes, against a model that knows what must count after each. */
#include "folder.h"
#include "harness.h"
#include "passing.h"
#include "scarce.h"

#include "base/json.h"
#include "object/key.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OBJECTS = 8, ENTRIES = 4, FOLDERS = 3, IN_FOLDER = 3, FILES = FOLDERS * IN_FOLDER + 3, STEPS = 1000 };

/* By folders, so that two folders can be swapped; in no order. */
static const char *const paths[FILES] = {
    "a/x.yaml",  "a/y.yaml",  "a/z.yaml",  "a-b/x.yaml", "a-b/y.yaml",   "a-b/z.yaml",
    "bb/x.yaml", "bb/y.yaml", "bb/z.yaml", "a.yaml",     "d/e/f/x.yaml", "z.yaml",
};
static const char *const folders[FOLDERS] = {"a", "a-b", "bb"};

/* What a file holds. */
struct file {
    bool exists;
    bool broken;
    size_t count;
    int object[ENTRIES];
    int host[ENTRIES];
};

/* What the listener knows of an object. */
struct told {
    int there;
    int host;
    int file;
    int document;
};

struct model {
    char root[64];
    struct input *input;
    struct input_result result;
    struct file disk[FILES];
    /* What was read last; `exists` where something was read whole. */
    struct file seen[FILES];
    struct told expected[OBJECTS];
    struct told told[OBJECTS];
    size_t puts;
    size_t gones;
    /* Calls that the listener takes before it refuses. */
    size_t granted;
    uint64_t random;
};

static size_t below(struct model *model, size_t limit)
{
    model->random ^= model->random << 13;
    model->random ^= model->random >> 7;
    model->random ^= model->random << 17;
    return (size_t)(model->random % limit);
}

static int file_number(const struct model *model, const char *path)
{
    for (int i = 0; i < FILES; i++) {
        if (strcmp(path + strlen(model->root) + 1, paths[i]) == 0)
            return i;
    }
    return -1;
}

static int put(const struct event *event, void *payload, struct error *error)
{
    struct model *model = payload;
    struct told now = {.there = 1,
                       .host = json_text_at(event->object, "spec.hostname")[1] - '0',
                       .file = file_number(model, event->file),
                       .document = (int)event->document};
    struct told *told = &model->told[object_name(event->object)[1] - '0'];

    if (model->granted-- == 0)
        return error_set(error, ERROR_CONFLICT, "enough");
    CU_ASSERT_FALSE(told->there && memcmp(told, &now, sizeof now) == 0);
    *told = now;
    model->puts++;
    return 0;
}

static int gone(const struct object_ref *ref, void *payload, struct error *error)
{
    struct model *model = payload;
    struct told *told = &model->told[ref->name[1] - '0'];

    if (model->granted-- == 0)
        return error_set(error, ERROR_CONFLICT, "enough");
    CU_ASSERT_STRING_EQUAL(ref->group, API_GROUP);
    CU_ASSERT_STRING_EQUAL(ref->kind, API_KIND);
    CU_ASSERT_STRING_EQUAL(ref->name_space, "default");
    CU_ASSERT_TRUE(told->there);
    *told = (struct told){0};
    model->gones++;
    return 0;
}

static void write_file(const struct model *model, int number)
{
    const struct file *file = &model->disk[number];
    struct text text = text_empty();

    if (!file->exists) {
        (void)unlink(folder_path(model->root, paths[number]));
        return;
    }
    /* A file without a byte is taken for one that is being written. */
    text_append_string(&text, "# objects\n");
    for (size_t i = 0; i < file->count; i++)
        text_append_format(&text, "---\n" API("o%d", "h%d"), file->object[i], file->host[i]);
    if (file->broken)
        text_append_string(&text, "---\n[");
    folder_write(model->root, paths[number], text.data);
    text_release(&text);
}

static void fill(struct model *model, struct file *file)
{
    *file = (struct file){.exists = true, .count = below(model, ENTRIES + 1)};
    for (size_t i = 0; i < file->count; i++) {
        file->object[i] = (int)below(model, OBJECTS);
        file->host[i] = (int)below(model, 3);
    }
}

static void swap_folders(struct model *model)
{
    size_t one = below(model, FOLDERS);
    size_t two = (one + 1 + below(model, FOLDERS - 1)) % FOLDERS;

    CU_ASSERT_EQUAL(rename(folder_path(model->root, folders[one]), folder_path(model->root, ".swap")), 0);
    CU_ASSERT_EQUAL(rename(folder_path(model->root, folders[two]), folder_path(model->root, folders[one])),
                    0);
    CU_ASSERT_EQUAL(rename(folder_path(model->root, ".swap"), folder_path(model->root, folders[two])), 0);
    for (size_t i = 0; i < IN_FOLDER; i++) {
        struct file kept = model->disk[one * IN_FOLDER + i];
        model->disk[one * IN_FOLDER + i] = model->disk[two * IN_FOLDER + i];
        model->disk[two * IN_FOLDER + i] = kept;
    }
}

/* Moves an object from a file to another, which may hold it already. */
static void move_object(struct model *model, int from, int to)
{
    struct file *source = &model->disk[from];
    struct file *target = &model->disk[to];

    if (from == to || !source->exists || source->count == 0 || !target->exists || target->count == ENTRIES)
        return;
    source->count--;
    target->object[target->count] = source->object[source->count];
    target->host[target->count] = source->host[source->count];
    target->count++;
    write_file(model, from);
    write_file(model, to);
}

static void edit(struct model *model)
{
    int one = (int)below(model, FILES);
    int two = (int)below(model, FILES);

    switch (below(model, 8)) {
    case 0:
        fill(model, &model->disk[one]);
        break;
    case 1:
        for (size_t i = 0; i < model->disk[one].count; i++)
            model->disk[one].host[i] = (int)below(model, 3);
        break;
    case 2:
        model->disk[one].broken = model->disk[one].exists && below(model, 2) == 0;
        break;
    case 3:
        model->disk[one] = (struct file){0};
        break;
    case 4:
        swap_folders(model);
        return;
    case 5:
        if (!model->disk[one].exists || one == two)
            return;
        CU_ASSERT_EQUAL(rename(folder_path(model->root, paths[one]), folder_path(model->root, paths[two])),
                        0);
        model->disk[two] = model->disk[one];
        model->disk[one] = (struct file){0};
        return;
    case 6:
        move_object(model, one, two);
        return;
    default:
        /* Mended, all of them: otherwise nothing would ever be gone. */
        for (int i = 0; i < FILES; i++) {
            model->disk[i].broken = false;
            write_file(model, i);
        }
        return;
    }
    write_file(model, one);
}

/* Path order: a slash comes before everything else in a name. */
static bool is_before(int left, int right)
{
    char names[2][32];

    (void)snprintf(names[0], sizeof names[0], "%s", paths[left]);
    (void)snprintf(names[1], sizeof names[1], "%s", paths[right]);
    for (size_t i = 0; i < 2; i++) {
        for (char *at = names[i]; *at; at++)
            *at = *at == '/' ? '\1' : *at;
    }
    return strcmp(names[0], names[1]) < 0;
}

/* Where an object counts, if anywhere. */
static struct told find_first(const struct model *model, int object)
{
    const struct told *before = &model->expected[object];
    struct told first = {0};

    for (int file = 0; file < FILES; file++) {
        const struct file *seen = &model->seen[file];
        if (!seen->exists || (first.there && !is_before(file, first.file)))
            continue;
        for (size_t i = 0; i < seen->count; i++) {
            if (seen->object[i] != object)
                continue;
            if (!model->disk[file].broken)
                first = (struct told){.there = 1, .host = seen->host[i], .file = file, .document = (int)i};
            else if (before->there && before->file == file && before->document == (int)i)
                first = *before;
            break;
        }
    }
    return first;
}

/* What a pass must make of the folder. */
struct forecast {
    size_t puts;
    size_t gones;
    size_t objects;
    size_t held;
    size_t quarantined;
    size_t unknown;
    bool complete;
};

static void see(struct model *model, struct forecast *forecast)
{
    for (int i = 0; i < FILES; i++) {
        const struct file *disk = &model->disk[i];
        if (!disk->exists || !disk->broken)
            model->seen[i] = *disk;
        forecast->quarantined += disk->exists && disk->broken;
        forecast->unknown += disk->exists && disk->broken && !model->seen[i].exists;
    }
}

static struct forecast forecast_pass(struct model *model, bool quiet)
{
    struct forecast forecast = {0};
    size_t standing = 0;

    see(model, &forecast);
    for (int i = 0; i < OBJECTS; i++) {
        struct told first = find_first(model, i);
        struct told *expected = &model->expected[i];
        if (first.there && memcmp(&first, expected, sizeof first) != 0) {
            forecast.puts++;
            *expected = first;
        }
        standing += (size_t)first.there;
        forecast.objects += (size_t)expected->there;
        forecast.held += expected->there && !first.there;
    }
    forecast.complete = forecast.unknown == 0 && standing > 0;
    if (!quiet || !forecast.complete || forecast.quarantined > 0)
        return forecast;
    for (int i = 0; i < OBJECTS; i++) {
        if (find_first(model, i).there)
            continue;
        model->expected[i] = (struct told){0};
    }
    forecast.gones = forecast.held;
    forecast.objects -= forecast.held;
    forecast.held = 0;
    return forecast;
}

static int pass(struct model *model, bool quiet, size_t granted)
{
    struct problems problems = {0};
    struct error error = {0};
    const struct input_listener listener = {
        .put = put, .gone = gone, .payload = model, .problems = &problems};
    int result;

    model->granted = granted;
    result = input_pass(model->input, &listener, quiet, &model->result, &error);
    problems_release(&problems);
    return result;
}

static void check(const struct model *model, const struct forecast *forecast)
{
    CU_ASSERT_EQUAL(memcmp(model->told, model->expected, sizeof model->told), 0);
    CU_ASSERT_EQUAL(model->puts, forecast->puts);
    CU_ASSERT_EQUAL(model->gones, forecast->gones);
    CU_ASSERT_EQUAL(model->result.objects, forecast->objects);
    CU_ASSERT_EQUAL(model->result.apis, forecast->objects);
    CU_ASSERT_EQUAL(model->result.held, forecast->held);
    CU_ASSERT_EQUAL(model->result.quarantined, forecast->quarantined);
    CU_ASSERT_EQUAL(model->result.unknown, forecast->unknown);
    CU_ASSERT_EQUAL(model->result.complete, forecast->complete);
}

static void start(struct model *model, uint64_t seed)
{
    *model = (struct model){.random = seed};
    folder_make(model->root);
    for (size_t i = 0; i < FOLDERS; i++)
        folder_add(model->root, folders[i]);
    CU_ASSERT_EQUAL_FATAL(input_new(&(struct input_options){.path = model->root}, &model->input, NULL), 0);
}

static void finish(struct model *model)
{
    input_free(model->input);
    folder_remove(model->root);
}

static void edits_end_as_the_model_says(void)
{
    struct model model;
    size_t gones = 0;

    start(&model, 88172645463325252U);
    for (size_t step = 0; step < STEPS && CU_get_number_of_failures() == 0; step++) {
        bool quiet = below(&model, 3) > 0;
        struct forecast forecast;
        for (size_t edits = 1 + below(&model, 3); edits > 0; edits--)
            edit(&model);
        forecast = forecast_pass(&model, quiet);
        model.puts = 0;
        model.gones = 0;
        passing_trust(below(&model, 2) == 0);
        /* A listener that refuses is asked again in the next pass. */
        if (below(&model, 4) == 0)
            (void)pass(&model, quiet, below(&model, 4));
        CU_ASSERT_EQUAL(pass(&model, quiet, SIZE_MAX), 0);
        passing_trust(false);
        check(&model, &forecast);
        gones += model.gones;
        if (CU_get_number_of_failures() > 0)
            (void)printf("# step %zu\n", step);
    }
    /* The rules that hold back do not hold back for ever. */
    CU_ASSERT_TRUE(gones > STEPS / 20);
    finish(&model);
}

/* After a pass without memory the next one must come to the same end, and nothing may be gone meanwhile. */
static void short_memory_is_told(void)
{
    bool failed = true;

    for (size_t granted = 0; failed && granted < 3000; granted++) {
        struct model model;
        struct forecast forecast;
        int result;
        start(&model, 1);
        model.disk[0] = (struct file){.exists = true, .count = 2, .object = {0, 1}};
        model.disk[9] = (struct file){.exists = true, .count = 2, .object = {1, 2}};
        model.disk[11] = (struct file){.exists = true, .count = 1, .object = {3}};
        for (int i = 0; i < FILES; i++)
            write_file(&model, i);
        (void)forecast_pass(&model, true);
        CU_ASSERT_EQUAL(pass(&model, true, SIZE_MAX), 0);
        model.disk[0] = (struct file){.exists = true, .count = 2, .object = {0, 4}, .host = {1, 0}};
        model.disk[3] = (struct file){.exists = true, .count = 2, .object = {2, 2}};
        model.disk[11] = (struct file){0};
        for (int i = 0; i < FILES; i++)
            write_file(&model, i);
        forecast = forecast_pass(&model, true);
        model.puts = 0;
        model.gones = 0;
        scarce_begin(granted);
        result = pass(&model, true, SIZE_MAX);
        failed = scarce_end();
        CU_ASSERT_TRUE(result == 0 || (failed && result == ERROR_NO_MEMORY && !model.result.complete));
        CU_ASSERT_TRUE(failed || result == 0);
        CU_ASSERT_TRUE(result == 0 || model.gones == 0);
        CU_ASSERT_EQUAL(pass(&model, true, SIZE_MAX), 0);
        check(&model, &forecast);
        finish(&model);
    }
    CU_ASSERT_FALSE(failed);
}

static void an_input_without_memory_is_none(void)
{
    struct input *input = NULL;
    bool failed = true;
    size_t granted;

    for (granted = 0; failed; granted++) {
        scarce_begin(granted);
        int result = input_new(&(struct input_options){.path = "/x", .skip = "/y"}, &input, NULL);
        failed = scarce_end();
        CU_ASSERT_EQUAL(result, failed ? ERROR_NO_MEMORY : 0);
        CU_ASSERT_EQUAL(failed, input == NULL);
    }
    CU_ASSERT_EQUAL(granted, 4);
    input_free(input);
    input_free(NULL);
}

int main(void)
{
    static const struct test tests[] = {
        {"a thousand random edits end as the model says", edits_end_as_the_model_says},
        {"short memory is told, and the next pass makes up for it", short_memory_is_told},
        {"an input without memory is none", an_input_without_memory_is_none},
        {NULL, NULL},
    };

    return harness_run("input passes", tests);
}

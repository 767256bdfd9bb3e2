/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contract PLUGIN.so FOLDER ... - what every plugin has to keep, whatever it makes
 *
 * Starts from the golden cases of FOLDER, changes their Apis and other objects at random in thousands of
 * ways, and looks at what render() does with them. The seed is fixed, or taken from APIGW_SEED. Speaks TAP.
 */
#include "cases.h"

#include "base/json.h"
#include "base/utf8.h"
#include "object/key.h"
#include "reconcile/effective.h"
#include "reconcile/validate.h"

#include <glob.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { rounds = 4000, threads = 4, shortages = 400 };

/* xorshift64*: the same Apis for the same seed on every machine. */
static uint64_t draw(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

static size_t below(uint64_t *state, size_t limit)
{
    return (size_t)(draw(state) % limit);
}

/* A value that nobody expects at that place. */
static json_t *odd_value(uint64_t *state)
{
    static const char *const texts[] = {"",    "a",  "https://x/",   "../../etc",  "*",
                                        "JWT", "%s", "\xc3\xa9\n\t", "kubernetes", "default"};
    char *large;
    json_t *value;

    switch (below(state, 9)) {
    case 0:
        return json_null();
    case 1:
        return json_true();
    case 2:
        return json_integer((json_int_t)draw(state));
    case 3:
        return json_real(0.5);
    case 4:
        return json_array();
    case 5:
        return json_object();
    case 6:
        /* Cut anywhere, it is cut in the middle of a character as often as not. */
        large = malloc(20001);
        large[0] = 'x';
        for (size_t i = 2 - below(state, 2); i < 20000; i += 2)
            memcpy(large + i - 1, "\xc3\xa9", 3);
        value = json_string(large);
        free(large);
        return value;
    default:
        return json_string(texts[below(state, sizeof texts / sizeof *texts)]);
    }
}

/* Changes one place of the tree: replaces, removes, adds or repeats something. */
static void mutate(json_t *value, uint64_t *state)
{
    size_t size = json_is_object(value) ? json_object_size(value) : json_array_size(value);
    size_t chosen = size > 0 ? below(state, size) : 0;
    size_t action = below(state, 8);
    size_t i = 0;
    json_t *member;
    const char *key;

    if (json_is_array(value)) {
        if (size > 0 && action < 5)
            mutate(json_array_get(value, chosen), state);
        else if (size > 0 && action == 5)
            (void)json_array_set_new(value, chosen, odd_value(state));
        else
            (void)json_array_append_new(value, size > 0 && action == 6
                                                   ? json_deep_copy(json_array_get(value, chosen))
                                                   : odd_value(state));
        return;
    }
    json_object_foreach(value, key, member)
    {
        if (i++ != chosen)
            continue;
        if (action < 5 && (json_is_object(member) || json_is_array(member)))
            mutate(member, state);
        else if (action == 7)
            (void)json_object_del(value, key);
        else
            (void)json_object_set_new(value, key, odd_value(state));
        return;
    }
}

/* An Api with new texts at the places that end up in outputs; still valid more often than not. Every other
 * one keeps its Service, which the case may have an object of. */
static void vary(json_t *api, uint64_t *state)
{
    char name[40];
    json_t *element;
    size_t i;

    if (below(state, 2) == 0) {
        (void)snprintf(name, sizeof name, "s%zu", below(state, 1000));
        (void)json_object_set_new(json_at(api, "spec.service"), "name", json_string(name));
        (void)json_object_set_new(json_at(api, "spec.service"), "port",
                                  json_integer((json_int_t)below(state, 65535) + 1));
    }
    (void)snprintf(name, sizeof name, "H%zu", below(state, 1000));
    (void)json_object_set_new(json_at(api, "spec"), "hostname", json_string(name));
    json_array_foreach(json_at(api, "spec.authentication"), i, element)
    {
        (void)snprintf(name, sizeof name, "issuer \"%zu\"\\\n", below(state, 1000));
        (void)json_object_set_new(json_member(element, "jwt"), "issuer", json_string(name));
    }
}

/* What the plugin answered, as text: equal answers give equal texts. To be freed. */
static char *text_of(const struct rendering *rendering)
{
    json_t *array = json_array();
    char *outputs;
    char *text = NULL;

    for (size_t i = 0; i < rendering->count; i++)
        (void)json_array_append(array, rendering->outputs[i].object);
    outputs = json_canonical(array);
    if (asprintf(&text, "%d %s %s %s %s", rendering->code, rendering->path, rendering->message,
                 rendering->warning, outputs) < 0)
        abort();
    free(outputs);
    json_decref(array);
    return text;
}

/* What the plugin at work exports behind watched(). Set before there are threads. */
static int32_t (*plugin_render)(const void *instance, const struct apigw_request *request,
                                struct apigw_result *result, struct apigw_error *error);

/* The host mends a warning, so it is looked at before. */
static bool warning_good(const char *warning, size_t size)
{
    size_t length = strnlen(warning, size);
    uint32_t code;

    for (size_t i = 0, step; i < length; i += step) {
        step = utf8_read(warning + i, length - i, &code);
        if (step == 0)
            return false;
    }
    return length < size;
}

static int32_t watched(const void *instance, const struct apigw_request *request, struct apigw_result *result,
                       struct apigw_error *error)
{
    int32_t code = plugin_render(instance, request, result, error);

    if (code != APIGW_OK || warning_good(result->warning, sizeof result->warning))
        return code;
    return apigw_fail(error, APIGW_INTERNAL, "", "its warning is no UTF-8 or has no end");
}

/* A plugin with all the Apis of its golden cases. */
struct subject {
    const char *file;
    struct golden_case *cases;
    size_t count;
    struct bench bench;
    struct golden_case *golden; /* the one at work */
    struct store *store;
};

static bool open_case(struct subject *subject, size_t i)
{
    struct apigw_plugin *plugin;
    char *why;

    subject->golden = &subject->cases[i];
    why = bench_open(&subject->bench, subject->file, json_member(subject->golden->head, "config"));
    if (why)
        (void)printf("# %s\n", why);
    free(why);
    if (!subject->bench.registry)
        return false;
    plugin = &subject->bench.registry->backends[0]->plugin->descriptor;
    plugin_render = plugin->render;
    plugin->render = watched;
    subject->store = bench_store(&subject->bench, subject->golden->others);
    return subject->store != NULL;
}

/* The other objects of the case, changed below their spec. */
static bool change_others(struct subject *subject, uint64_t *state)
{
    json_t *others = json_deep_copy(subject->golden->others);
    json_t *object;
    size_t i;

    json_array_foreach(others, i, object)
    {
        for (size_t n = below(state, 8); n > 0; n--)
            mutate(json_object_get(object, "spec"), state);
    }
    store_free(subject->store);
    subject->store = bench_store(&subject->bench, others);
    json_decref(others);
    return subject->store != NULL;
}

static void close_case(struct subject *subject)
{
    store_free(subject->store);
    bench_close(&subject->bench);
    subject->store = NULL;
}

static char *answer(const struct subject *subject, const json_t *api, const struct effective *effective,
                    bool tells_all)
{
    struct render_input input = case_input(subject->golden, api, effective, subject->store);
    struct rendering rendering = {0};
    char *text;

    input.tells_all = tells_all;
    render_backend(subject->bench.registry->backends[0], &input, &rendering);
    text = text_of(&rendering);
    rendering_release(&rendering);
    return text;
}

/* A broken answer (foreign kind, foreign namespace, no protection) comes back as an internal error. */
static bool broken(const char *text)
{
    char internal[16];

    (void)snprintf(internal, sizeof internal, "%d ", APIGW_INTERNAL);
    return strncmp(text, internal, strlen(internal)) == 0;
}

/* Asked twice, looked at before and after. */
static bool same_twice(const struct subject *subject, const json_t *raw, const struct effective *effective,
                       bool tells_all)
{
    char *before = json_canonical(raw);
    char *first = answer(subject, raw, effective, tells_all);
    char *second = answer(subject, raw, effective, tells_all);
    char *after = json_canonical(raw);
    bool good = strcmp(first, second) == 0 && strcmp(before, after) == 0 && !broken(first);

    if (!good)
        (void)printf("# Api %s\n# before %s\n# first  %s\n# second %s\n", after, before, first, second);
    free(before);
    free(first);
    free(second);
    free(after);
    return good;
}

/* One changed Api, with a source that tells of all there is and with one that does not. */
static bool round_good(const struct subject *subject, const json_t *raw, const json_t *meant)
{
    struct effective effective = {0};
    bool good = effective_make(meant, &subject->golden->settings, &effective, NULL) == 0 &&
                same_twice(subject, raw, &effective, false) && same_twice(subject, raw, &effective, true);

    effective_release(&effective);
    return good;
}

static bool valid(const struct subject *subject, const json_t *api)
{
    struct problems problems = {0};
    bool good;

    validate_api(api, &subject->golden->settings, &problems);
    good = problems.errors == 0;
    problems_release(&problems);
    return good;
}

/* Mutated Apis: what is still valid is rendered as it is meant; the rest only as raw input beside it. */
static bool survives_mutation(struct subject *subject)
{
    const char *seed = getenv("APIGW_SEED");
    uint64_t state = seed ? strtoull(seed, NULL, 10) | 1 : 20190101;
    size_t rendered = 0;
    bool good = true;

    for (size_t i = 0; i < subject->count && good; i++) {
        good = open_case(subject, i);
        for (size_t n = 0; n < rounds / subject->count + 1 && good; n++) {
            json_t *meant = json_deep_copy(subject->golden->api);
            json_t *raw;
            vary(meant, &state);
            raw = json_deep_copy(meant);
            good = change_others(subject, &state);
            for (size_t m = below(&state, 4) + 1; m > 0; m--)
                mutate(raw, &state);
            if (good && valid(subject, raw) && object_name(raw))
                good = round_good(subject, raw, raw);
            if (good && valid(subject, meant))
                good = round_good(subject, raw, meant);
            rendered += good;
            json_decref(meant);
            json_decref(raw);
        }
        close_case(subject);
    }
    (void)printf("# %zu Apis\n", rendered);
    return good && rendered >= rounds;
}

/* One thread's share of the concurrent calls. */
struct share {
    const struct subject *subject;
    /* From a source that does not tell of all, and from one that does. */
    char *const *wanted;
    bool good;
};

static void *call_often(void *payload)
{
    struct share *share = payload;
    json_t *api = json_deep_copy(share->subject->golden->api);
    struct effective effective = {0};

    share->good = effective_make(api, &share->subject->golden->settings, &effective, NULL) == 0;
    for (size_t i = 0; i < 200 && share->good; i++) {
        char *text = answer(share->subject, api, &effective, i % 2 == 1);
        share->good = strcmp(text, share->wanted[i % 2]) == 0;
        free(text);
    }
    effective_release(&effective);
    json_decref(api);
    return NULL;
}

static bool same_on_threads(struct subject *subject)
{
    struct effective effective = {0};
    struct share shares[threads];
    pthread_t ids[threads];
    bool good = open_case(subject, 0) &&
                effective_make(subject->golden->api, &subject->golden->settings, &effective, NULL) == 0;
    char *wanted[2] = {NULL, NULL};

    for (size_t i = 0; i < 2 && good; i++)
        wanted[i] = answer(subject, subject->golden->api, &effective, i == 1);
    for (size_t i = 0; i < threads && good; i++) {
        shares[i] = (struct share){.subject = subject, .wanted = wanted};
        if (pthread_create(&ids[i], NULL, call_often, &shares[i]) != 0)
            abort();
    }
    for (size_t i = 0; i < threads && wanted[0]; i++) {
        (void)pthread_join(ids[i], NULL);
        good = good && shares[i].good;
    }
    free(wanted[0]);
    free(wanted[1]);
    effective_release(&effective);
    close_case(subject);
    return good;
}

/* jansson's allocator with a budget: thread-local so that only the call under test runs dry. */
static _Thread_local long budget = -1;

static void *scarce_alloc(size_t size)
{
    if (budget == 0)
        return NULL;
    if (budget > 0)
        budget--;
    return malloc(size);
}

/* Every allocation in turn is refused: no crash, no leak (the sanitizers look), no half answer as good. */
static bool each_refused(const struct subject *subject, const struct effective *effective, bool tells_all)
{
    struct render_input input = case_input(subject->golden, subject->golden->api, effective, subject->store);
    char *wanted = answer(subject, subject->golden->api, effective, tells_all);
    bool good = !broken(wanted);

    if (!good)
        (void)printf("# %s\n", wanted);
    input.tells_all = tells_all;
    for (long n = 0; n < shortages && good; n++) {
        struct rendering rendering = {0};
        char *text;
        budget = n;
        render_backend(subject->bench.registry->backends[0], &input, &rendering);
        budget = -1;
        text = text_of(&rendering);
        good = rendering.code == APIGW_NO_MEMORY || strcmp(text, wanted) == 0;
        if (!good)
            (void)printf("# allocation %ld refused: %s\n", n, text);
        free(text);
        rendering_release(&rendering);
    }
    free(wanted);
    return good;
}

static bool survives_shortage(struct subject *subject)
{
    bool good = true;

    for (size_t i = 0; i < subject->count && good; i++) {
        struct effective effective = {0};
        good = open_case(subject, i) &&
               effective_make(subject->golden->api, &subject->golden->settings, &effective, NULL) == 0 &&
               each_refused(subject, &effective, false) && each_refused(subject, &effective, true);
        effective_release(&effective);
        close_case(subject);
    }
    return good;
}

static bool read_cases(struct subject *subject, const char *folder)
{
    char *pattern = NULL;
    glob_t found;

    if (asprintf(&pattern, "%s/*.in.yaml", folder) < 0 || glob(pattern, 0, NULL, &found) != 0) {
        free(pattern);
        return false;
    }
    subject->cases = calloc(found.gl_pathc, sizeof *subject->cases);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct golden_case *golden = &subject->cases[subject->count];
        struct bench bench = {0};
        char *why = case_read(golden, found.gl_pathv[i]);
        if (!why)
            why = bench_open(&bench, subject->file, json_member(golden->head, "config"));
        /* A case whose options create() refuses never comes to render(). */
        if (why)
            case_release(golden);
        else
            subject->count++;
        bench_close(&bench);
        free(why);
    }
    globfree(&found);
    free(pattern);
    return subject->count > 0;
}

static unsigned say(unsigned *number, bool good, const char *what, const char *file)
{
    const char *slash = strrchr(file, '/');

    (void)printf("%s %u - %s: %s\n", good ? "ok" : "not ok", ++*number, slash ? slash + 1 : file, what);
    (void)fflush(stdout);
    return !good;
}

int main(int argc, char **argv)
{
    unsigned number = 0;
    unsigned failed = 0;

    if (argc < 3 || argc % 2 == 0) {
        (void)fprintf(stderr, "usage: contract PLUGIN.so FOLDER ...\n");
        return 2;
    }
    json_set_alloc_funcs(scarce_alloc, free);
    for (int i = 1; i + 1 < argc; i += 2) {
        struct subject subject = {.file = argv[i]};
        bool found = read_cases(&subject, argv[i + 1]);
        failed += say(&number, found, "has golden cases to start from", argv[i]);
        failed += say(&number, found && survives_mutation(&subject),
                      "same input same output, input unchanged, only its own kinds", argv[i]);
        failed += say(&number, found && same_on_threads(&subject), "same output on several threads", argv[i]);
        failed +=
            say(&number, found && survives_shortage(&subject), "survives every shortage of memory", argv[i]);
        for (size_t c = 0; c < subject.count; c++)
            case_release(&subject.cases[c]);
        free(subject.cases);
    }
    (void)printf("1..%u\n", number);
    return failed > 0 || number == 0;
}

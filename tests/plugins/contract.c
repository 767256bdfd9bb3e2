/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contract PLUGIN.so FOLDER ... - what every plugin has to keep, whatever it makes
 *
 * Starts from the golden cases of FOLDER, changes their Apis at random in thousands of ways, and looks at
 * what render() does with them. The seed is fixed, or taken from APIGW_SEED. Speaks TAP.
 */
#include "cases.h"

#include "base/json.h"
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
        large = malloc(20001);
        memset(large, 'x', 20000);
        large[20000] = '\0';
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

/* An Api with new texts at the places that end up in outputs; still valid more often than not. */
static void vary(json_t *api, uint64_t *state)
{
    char name[40];
    json_t *element;
    size_t i;

    (void)snprintf(name, sizeof name, "s%zu", below(state, 1000));
    (void)json_object_set_new(json_at(api, "spec.service"), "name", json_string(name));
    (void)json_object_set_new(json_at(api, "spec.service"), "port",
                              json_integer((json_int_t)below(state, 65535) + 1));
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
    if (asprintf(&text, "%d %s %s %s", rendering->code, rendering->path, rendering->message, outputs) < 0)
        abort();
    free(outputs);
    json_decref(array);
    return text;
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
    char *why;

    subject->golden = &subject->cases[i];
    why = bench_open(&subject->bench, subject->file, json_member(subject->golden->head, "config"));
    if (why)
        (void)printf("# %s\n", why);
    free(why);
    subject->store = subject->bench.registry ? bench_store(&subject->bench, subject->golden) : NULL;
    return subject->store != NULL;
}

static void close_case(struct subject *subject)
{
    store_free(subject->store);
    bench_close(&subject->bench);
    subject->store = NULL;
}

static char *answer(const struct subject *subject, const json_t *api, const struct effective *effective)
{
    struct render_input input = case_input(subject->golden, api, effective, subject->store);
    struct rendering rendering = {0};
    char *text;

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

/* One changed Api: asked twice, looked at before and after. */
static bool round_good(const struct subject *subject, const json_t *raw, const json_t *meant)
{
    struct effective effective = {0};
    char *before;
    char *first;
    char *second;
    char *after;
    bool good;

    if (effective_make(meant, &subject->golden->settings, &effective, NULL) != 0)
        return false;
    before = json_canonical(raw);
    first = answer(subject, raw, &effective);
    second = answer(subject, raw, &effective);
    after = json_canonical(raw);
    good = strcmp(first, second) == 0 && strcmp(before, after) == 0 && !broken(first);
    if (!good)
        (void)printf("# Api %s\n# before %s\n# first  %s\n# second %s\n", after, before, first, second);
    free(before);
    free(first);
    free(second);
    free(after);
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
            for (size_t m = below(&state, 4) + 1; m > 0; m--)
                mutate(raw, &state);
            if (valid(subject, raw) && object_name(raw))
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
    const char *wanted;
    bool good;
};

static void *call_often(void *payload)
{
    struct share *share = payload;
    json_t *api = json_deep_copy(share->subject->golden->api);
    struct effective effective = {0};

    share->good = effective_make(api, &share->subject->golden->settings, &effective, NULL) == 0;
    for (size_t i = 0; i < 200 && share->good; i++) {
        char *text = answer(share->subject, api, &effective);
        share->good = strcmp(text, share->wanted) == 0;
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
    char *wanted = good ? answer(subject, subject->golden->api, &effective) : NULL;

    for (size_t i = 0; i < threads && good; i++) {
        shares[i] = (struct share){.subject = subject, .wanted = wanted};
        if (pthread_create(&ids[i], NULL, call_often, &shares[i]) != 0)
            abort();
    }
    for (size_t i = 0; i < threads && wanted; i++) {
        (void)pthread_join(ids[i], NULL);
        good = good && shares[i].good;
    }
    free(wanted);
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
static bool survives_shortage(struct subject *subject)
{
    bool good = true;

    for (size_t i = 0; i < subject->count && good; i++) {
        struct effective effective = {0};
        char *wanted;
        good = open_case(subject, i) &&
               effective_make(subject->golden->api, &subject->golden->settings, &effective, NULL) == 0;
        wanted = good ? answer(subject, subject->golden->api, &effective) : NULL;
        for (long n = 0; n < shortages && good; n++) {
            struct render_input input =
                case_input(subject->golden, subject->golden->api, &effective, subject->store);
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
    (void)printf("%s %u - %s: %s\n", good ? "ok" : "not ok", ++*number, strrchr(file, '/') + 1, what);
    (void)fflush(stdout);
    return !good;
}

int main(int argc, char **argv)
{
    unsigned number = 0;
    unsigned failed = 0;

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

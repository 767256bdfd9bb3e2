/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "scarce.h"

#include "base/error.h"
#include "base/squeeze.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 400, THREADS = 4, HUGE_SIZE = 1400 * 1000 };

static uint64_t next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void write_uuid(char *text, size_t room, uint64_t *seed)
{
    uint64_t a = next(seed);
    uint64_t b = next(seed);

    (void)snprintf(text, room, "%08x-%04x-%04x-%04x-%012llx", (unsigned)(a >> 32),
                   (unsigned)(a >> 16 & 0xffff), (unsigned)(a & 0xffff), (unsigned)(b >> 48),
                   (unsigned long long)(b & 0xffffffffffff));
}

/* As an API server tells of an Api. */
static void write_api(char *text, size_t room, unsigned i, uint64_t *seed)
{
    char uid[40];

    write_uuid(uid, sizeof uid, seed);
    (void)snprintf(
        text, room,
        "{\"apiVersion\":\"gateway.kyma-project.io/v1alpha2\",\"kind\":\"Api\",\"metadata\":{"
        "\"name\":\"orders-%u\",\"namespace\":\"team-%u\",\"uid\":\"%s\",\"resourceVersion\":\"%u\"},"
        "\"spec\":{\"service\":{\"name\":\"orders-%u\",\"port\":8080},\"hostname\":\"orders-%u\"}}",
        i, i % 50, uid, 1000 + i * 3, i, i);
}

static void fill(struct squeeze_primer *primer, uint64_t *seed)
{
    char text[512];

    CU_ASSERT_TRUE_FATAL(squeeze_primer_reserve(primer));
    for (unsigned i = 0; !squeeze_primer_full(primer); i++) {
        write_api(text, sizeof text, i, seed);
        squeeze_primer_add(primer, text, strlen(text));
    }
}

/* @return bytes that the text is packed to, 0 if it is kept as it is; SIZE_MAX if it came back wrong. */
static size_t round_trip(struct squeeze *squeeze, const struct squeeze_primer *primer, const char *text,
                         size_t size)
{
    /* Of exactly these sizes, so that nothing is read or written beyond. */
    char *out = malloc(size + (size == 0));
    char *back = malloc(size + (size == 0));
    size_t packed = squeeze_pack(squeeze, primer, text, size, out);
    char *data = malloc(packed + (packed == 0));
    bool good = packed == 0 || packed < size;

    if (packed > 0) {
        memcpy(data, out, packed);
        good = good && squeeze_unpack(primer, data, packed, back, size) == 0 && memcmp(back, text, size) == 0;
    }
    free(data);
    free(back);
    free(out);
    return good ? packed : SIZE_MAX;
}

static void texts_come_back(const struct squeeze_primer *primer)
{
    static const char *const texts[] = {
        "",
        "a",
        "{}",
        "\"",
        "\"\"",
        "\"00000000-0000-0000-0000-00000000000",
        "\001",
        "\"\001\"",
        "\"01234567-89ab-cdef-0123-456789abcdef\"",
        "\"01234567-89ab-cdef-0123-456789abcdef",
        "\"01234567-89AB-cdef-0123-456789abcdef\"",
        "\"01234567-89ab-cdef-0123-456789abcdeg\"",
        "\"01234567-89ab-cdef-0123\"456789abcdef\"",
        "\"01234567-89ab-cdef-01234456789abcdef\"",
        "\"01234567-01234567-89ab-cdef-0123-456789abcdef\"\"01234567-89ab-cdef-0123-456789abcdef\"",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    };
    struct squeeze *squeeze = squeeze_new();

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        CU_ASSERT_NOT_EQUAL(round_trip(squeeze, primer, texts[i], strlen(texts[i])), SIZE_MAX);
    squeeze_free(squeeze);
}

/* Of letters so many that it repeats itself more or less, UUIDs among them. */
static size_t write_random(char *text, size_t room, uint64_t *seed)
{
    size_t size = next(seed) % (room - 64);
    unsigned letters = 1 + (unsigned)(next(seed) % 255);
    unsigned first = (unsigned)(next(seed) % 256);
    size_t at = 0;

    while (at < size) {
        if (next(seed) % 64 == 0) {
            text[at++] = '"';
            write_uuid(text + at, room - at, seed);
            at += 36;
        } else {
            text[at++] = (char)(first + next(seed) % letters);
        }
    }
    return at;
}

static void random_texts_come_back(const struct squeeze_primer *primer)
{
    struct squeeze *squeeze = squeeze_new();
    uint64_t seed = 88172645463325252ULL;
    static const size_t room = 8192;
    char *text = malloc(room);
    size_t smaller = 0;

    for (int i = 0; i < ROUNDS; i++) {
        size_t size = write_random(text, room, &seed);
        size_t packed = round_trip(squeeze, primer, text, size);
        CU_ASSERT_NOT_EQUAL(packed, SIZE_MAX);
        smaller += packed > 0;
    }
    CU_ASSERT_TRUE(smaller > 10 && smaller < ROUNDS);
    free(text);
    squeeze_free(squeeze);
}

static void with_and_without_a_primer(void)
{
    struct squeeze_primer primer = {0};
    uint64_t seed = 7;

    texts_come_back(NULL);
    random_texts_come_back(NULL);
    fill(&primer, &seed);
    texts_come_back(&primer);
    random_texts_come_back(&primer);
    squeeze_primer_release(&primer);
    CU_ASSERT_PTR_NULL(primer.bytes);
}

static void huge_texts_come_back(void)
{
    struct squeeze *squeeze = squeeze_new();
    struct squeeze_primer primer = {0};
    uint64_t seed = 9;
    char *text = malloc(HUGE_SIZE + 64);
    size_t at = 0;

    fill(&primer, &seed);
    while (at < HUGE_SIZE - 512) {
        write_api(text + at, 512, (unsigned)at, &seed);
        at += strlen(text + at);
    }
    CU_ASSERT_TRUE(round_trip(squeeze, &primer, text, at) < at / 3);
    for (size_t i = 0; i < HUGE_SIZE; i++)
        text[i] = (char)(2 + next(&seed) % 254);
    CU_ASSERT_EQUAL(round_trip(squeeze, &primer, text, HUGE_SIZE), 0);
    memset(text, 'x', HUGE_SIZE);
    CU_ASSERT_TRUE(round_trip(squeeze, &primer, text, HUGE_SIZE) < 3000);
    squeeze_primer_release(&primer);
    free(text);
    squeeze_free(squeeze);
}

static void likes_take_a_fifth(void)
{
    struct squeeze *squeeze = squeeze_new();
    struct squeeze_primer primer = {0};
    uint64_t seed = 11;
    size_t whole = 0;
    size_t packed = 0;
    char text[512];

    fill(&primer, &seed);
    for (unsigned i = 100; i < 1100; i++) {
        write_api(text, sizeof text, i, &seed);
        whole += strlen(text);
        packed += round_trip(squeeze, &primer, text, strlen(text));
    }
    (void)printf("# %zu bytes become %zu\n", whole / 1000, packed / 1000);
    CU_ASSERT_TRUE(packed * 4 < whole);
    /* Nothing is left of a text in the working memory, and it does not grow. */
    CU_ASSERT_TRUE(squeeze_memory(squeeze) < 33 * 1024);
    squeeze_primer_release(&primer);
    squeeze_free(squeeze);
}

static void a_primer_takes_its_share(void)
{
    struct squeeze_primer primer = {0};
    char *text = malloc(10000);

    CU_ASSERT_FALSE(squeeze_primer_full(&primer));
    CU_ASSERT_TRUE(squeeze_primer_reserve(&primer));
    CU_ASSERT_TRUE(squeeze_primer_reserve(&primer));
    memset(text, 'x', 10000);
    squeeze_primer_add(&primer, text, 0);
    CU_ASSERT_EQUAL(primer.size, 0);
    squeeze_primer_add(&primer, text, 10000);
    CU_ASSERT_EQUAL(primer.size, SQUEEZE_SHARE_MAX);
    squeeze_primer_add(&primer, text, SQUEEZE_SHARE_MAX - 1);
    CU_ASSERT_FALSE(squeeze_primer_full(&primer));
    squeeze_primer_add(&primer, text, 10000);
    CU_ASSERT_TRUE(squeeze_primer_full(&primer));
    squeeze_primer_add(&primer, text, 10000);
    CU_ASSERT_EQUAL(primer.size, SQUEEZE_PRIMER_MAX);
    squeeze_primer_release(&primer);
    free(text);
}

/* Whatever was done to what was packed, an answer comes back, and no room is left. */
static void what_is_spoilt_is_an_error(void)
{
    struct squeeze *squeeze = squeeze_new();
    struct squeeze_primer primer = {0};
    uint64_t seed = 13;
    char text[512];
    char out[512];
    size_t refused = 0;
    size_t size;
    size_t packed;

    fill(&primer, &seed);
    write_api(text, sizeof text, 4711, &seed);
    size = strlen(text);
    packed = squeeze_pack(squeeze, &primer, text, size, out);
    CU_ASSERT_TRUE_FATAL(packed > 0);
    for (size_t cut = 0; cut < packed; cut++) {
        char *back = malloc(size);
        CU_ASSERT_EQUAL(squeeze_unpack(&primer, out, cut, back, size), ERROR_INVALID);
        free(back);
    }
    for (size_t other = 0; other < size + 40; other++) {
        char *back = malloc(other + (other == 0));
        CU_ASSERT_EQUAL(squeeze_unpack(&primer, out, packed, back, other), other == size ? 0 : ERROR_INVALID);
        free(back);
    }
    for (int i = 0; i < 20000; i++) {
        char *back = malloc(size);
        char *data = malloc(packed);
        int result;
        memcpy(data, out, packed);
        for (int j = 0; j <= i % 3; j++)
            data[next(&seed) % packed] ^= (char)(1U << next(&seed) % 8);
        result = squeeze_unpack(&primer, data, packed, back, size);
        CU_ASSERT_TRUE(result == 0 || result == ERROR_INVALID);
        refused += result != 0;
        free(data);
        free(back);
    }
    CU_ASSERT_TRUE(refused > 1000);
    CU_ASSERT_EQUAL(squeeze_unpack(NULL, out, packed, text, size), ERROR_INVALID);
    squeeze_primer_release(&primer);
    squeeze_free(squeeze);
}

/* What several threads unpack at once. */
struct shared {
    const struct squeeze_primer *primer;
    const char *text;
    const char *data;
    size_t packed;
};

static void *unpack_often(void *payload)
{
    const struct shared *shared = payload;
    size_t size = strlen(shared->text);
    char back[512];
    uintptr_t wrong = 0;

    for (int i = 0; i < 2000; i++)
        wrong += squeeze_unpack(shared->primer, shared->data, shared->packed, back, size) != 0 ||
                 memcmp(back, shared->text, size) != 0;
    return (void *)wrong;
}

static void threads_unpack_at_once(void)
{
    struct squeeze *squeeze = squeeze_new();
    struct squeeze_primer primer = {0};
    struct shared shared[THREADS];
    pthread_t threads[THREADS];
    static char texts[THREADS][512];
    static char packed[THREADS][512];
    uint64_t seed = 17;

    fill(&primer, &seed);
    for (unsigned i = 0; i < THREADS; i++) {
        write_api(texts[i], sizeof texts[i], i * 1000, &seed);
        shared[i] = (struct shared){&primer, texts[i], packed[i], 0};
        shared[i].packed = squeeze_pack(squeeze, &primer, texts[i], strlen(texts[i]), packed[i]);
    }
    for (unsigned i = 0; i < THREADS; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, unpack_often, &shared[i]), 0);
    for (unsigned i = 0; i < THREADS; i++) {
        void *wrong = NULL;
        (void)pthread_join(threads[i], &wrong);
        CU_ASSERT_PTR_NULL(wrong);
    }
    squeeze_primer_release(&primer);
    squeeze_free(squeeze);
}

static bool try_scarce(size_t granted)
{
    struct squeeze_primer primer = {0};
    struct squeeze *squeeze;
    uint64_t seed = 19;
    char text[512];
    char out[512];
    char back[512];
    size_t packed = 0;
    int result = ERROR_NO_MEMORY;
    bool failed;

    write_api(text, sizeof text, 5, &seed);
    scarce_begin(granted);
    squeeze = squeeze_new();
    if (squeeze && squeeze_primer_reserve(&primer)) {
        squeeze_primer_add(&primer, text, 200);
        packed = squeeze_pack(squeeze, &primer, text, strlen(text), out);
        CU_ASSERT_TRUE(packed > 0);
        result = squeeze_unpack(&primer, out, packed, back, strlen(text));
    }
    failed = scarce_end();
    CU_ASSERT_EQUAL(result, failed ? ERROR_NO_MEMORY : 0);
    squeeze_primer_release(&primer);
    squeeze_free(squeeze);
    return failed;
}

static void without_memory_it_says_so(void)
{
    size_t granted = 0;

    while (try_scarce(granted))
        granted++;
    CU_ASSERT_TRUE(granted > 6);
}

int main(void)
{
    static const struct test tests[] = {
        {"texts come back, with and without a primer", with_and_without_a_primer},
        {"huge texts come back", huge_texts_come_back},
        {"texts that are alike take a fourth, with little working memory", likes_take_a_fifth},
        {"a primer takes of each text its share", a_primer_takes_its_share},
        {"what is cut or spoilt is an error, and no more", what_is_spoilt_is_an_error},
        {"threads unpack at once", threads_unpack_at_once},
        {"without memory it says so", without_memory_it_says_so},
        {NULL, NULL},
    };

    return harness_run("squeeze", tests);
}

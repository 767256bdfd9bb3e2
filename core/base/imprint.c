/* SPDX-License-Identifier: Apache-2.0 */
#include "base/imprint.h"

#include "base/json.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

/* What goes in front of a content, so that a text is never taken for a list, or 1 for true. */
enum tag { TAG_OBJECT = 1, TAG_ARRAY, TAG_STRING, TAG_INTEGER, TAG_REAL, TAG_TRUE, TAG_FALSE, TAG_NULL };

static struct imprint hash(const void *data, size_t size, enum tag tag, uint64_t seed)
{
    XXH128_hash_t found = XXH3_128bits_withSeed(data, size, seed + (uint64_t)tag);

    return (struct imprint){found.low64, found.high64};
}

uint64_t imprint_seed(void)
{
    uint64_t seed = 0;
    struct timespec now = {0};

    /* Fails only on a kernel whose entropy is not there yet, or without the call. */
    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed) {
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        seed = (uint64_t)now.tv_nsec ^ (uint64_t)getpid() << 32;
    }
    return seed ? seed : 1;
}

struct imprint imprint_of_bytes(const char *data, size_t size, uint64_t seed)
{
    return hash(data, size, TAG_STRING, seed);
}

void imprint_add(struct imprint *object, const char *name, const json_t *value, uint64_t seed)
{
    const struct imprint both[2] = {hash(name, strlen(name), TAG_STRING, seed), imprint_of(value, seed)};
    struct imprint member = hash(both, sizeof both, TAG_OBJECT, seed);

    /* Sums do not depend on the order. */
    object->low += member.low;
    object->high += member.high;
}

static struct imprint of_object(const json_t *value, uint64_t seed)
{
    struct imprint sum = {0};
    const char *name;
    json_t *member;

    json_object_foreach(json_iterable(value), name, member)
    {
        imprint_add(&sum, name, member, seed);
    }
    return hash(&sum, sizeof sum, TAG_OBJECT, seed);
}

static struct imprint of_array(const json_t *value, uint64_t seed)
{
    struct imprint both[2] = {{0}, {0}};

    for (size_t i = 0; i < json_array_size(value); i++) {
        both[1] = imprint_of(json_array_get(value, i), seed);
        both[0] = hash(both, sizeof both, TAG_ARRAY, seed);
    }
    return hash(both, sizeof both[0], TAG_ARRAY, seed);
}

static struct imprint of_number(const json_t *value, uint64_t seed)
{
    json_int_t integer = json_integer_value(value);
    double real = json_real_value(value);

    if (json_is_integer(value))
        return hash(&integer, sizeof integer, TAG_INTEGER, seed);
    return hash(&real, sizeof real, TAG_REAL, seed);
}

struct imprint imprint_of(const json_t *value, uint64_t seed)
{
    if (!value)
        return (struct imprint){0};
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return of_object(value, seed);
    case JSON_ARRAY:
        return of_array(value, seed);
    case JSON_STRING:
        return hash(json_string_value(value), json_string_length(value), TAG_STRING, seed);
    case JSON_INTEGER:
    case JSON_REAL:
        return of_number(value, seed);
    case JSON_TRUE:
        return hash(NULL, 0, TAG_TRUE, seed);
    case JSON_FALSE:
        return hash(NULL, 0, TAG_FALSE, seed);
    default:
        return hash(NULL, 0, TAG_NULL, seed);
    }
}

bool imprint_equal(struct imprint a, struct imprint b)
{
    return a.low == b.low && a.high == b.high;
}

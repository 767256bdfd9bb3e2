/* SPDX-License-Identifier: Apache-2.0 */
#include "mutate.h"

#include <string.h>
#include <time.h>

enum { LEAST_ROUNDS = 400 };

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct mutate mutate_begin(uint64_t seed, int64_t limit_ms)
{
    return (struct mutate){.state = seed, .until_ms = now_ms() + limit_ms};
}

bool mutate_goes_on(struct mutate *mutate)
{
    return mutate->rounds++ < LEAST_ROUNDS || now_ms() < mutate->until_ms;
}

/* splitmix64 */
size_t mutate_number(struct mutate *mutate, size_t bound)
{
    uint64_t x = mutate->state += UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (size_t)((x ^ x >> 31) % bound);
}

static size_t insert(char *data, size_t size, size_t capacity, size_t at, const char *piece, size_t length)
{
    if (size + length > capacity)
        return size;
    memmove(data + at + length, data + at, size - at);
    memcpy(data + at, piece, length);
    return size + length;
}

static size_t cut(char *data, size_t size, size_t at, size_t length)
{
    if (length > size - at)
        length = size - at;
    memmove(data + at, data + at + length, size - at - length);
    return size - length;
}

static size_t mutate_once(struct mutate *mutate, char *data, size_t size, size_t capacity,
                          const char *const pieces[])
{
    size_t at = mutate_number(mutate, size + 1);
    size_t count = 0;
    char copy[64];
    size_t length;

    while (pieces[count])
        count++;
    switch (mutate_number(mutate, 8)) {
    case 0:
        if (at < size)
            data[at] = (char)mutate_number(mutate, 256);
        return size;
    case 1:
        return cut(data, size, at, 1 + mutate_number(mutate, 3));
    case 2:
        return cut(data, size, at, 1 + mutate_number(mutate, 40));
    case 3:
        length = mutate_number(mutate, sizeof copy);
        if (length > size - at)
            length = size - at;
        memcpy(copy, data + at, length);
        return insert(data, size, capacity, mutate_number(mutate, size + 1), copy, length);
    case 4:
        return mutate_number(mutate, 8) == 0 ? at : size;
    case 5:
        if (at + 1 < size)
            data[at] = data[at + 1];
        return size;
    default:
        length = mutate_number(mutate, count);
        return insert(data, size, capacity, at, pieces[length], strlen(pieces[length]));
    }
}

size_t mutate_text(struct mutate *mutate, char *data, size_t size, size_t capacity,
                   const char *const pieces[])
{
    size_t times = 1 + mutate_number(mutate, 4);

    while (times-- > 0)
        size = mutate_once(mutate, data, size, capacity, pieces);
    return size;
}

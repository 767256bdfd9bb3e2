/* SPDX-License-Identifier: Apache-2.0 */
#include "scarce.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
char *__wrap_strdup(const char *string);

static size_t left = SIZE_MAX;
static bool failed;

static bool granted(void)
{
    if (left == SIZE_MAX)
        return true;
    if (left == 0) {
        failed = true;
        return false;
    }
    left--;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return granted() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return granted() ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *memory, size_t size)
{
    return granted() ? __real_realloc(memory, size) : NULL;
}

char *__wrap_strdup(const char *string)
{
    size_t size = strlen(string) + 1;
    char *copy = __wrap_malloc(size);

    return copy ? memcpy(copy, string, size) : NULL;
}

void scarce_begin(size_t count)
{
    json_set_alloc_funcs(__wrap_malloc, free);
    failed = false;
    left = count;
}

bool scarce_end(void)
{
    left = SIZE_MAX;
    return failed;
}

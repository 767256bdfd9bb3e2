/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

uint64_t digest_number(const char *data, size_t size)
{
    return (uint64_t)XXH3_64bits(data, size);
}

struct digest digest_of(const char *data, size_t size)
{
    struct digest digest;

    (void)snprintf(digest.hex, sizeof digest.hex, "%016" PRIx64, digest_number(data, size));
    return digest;
}

void digest_shorten(char *out, const char *name, size_t max)
{
    size_t length = strlen(name);
    size_t kept = max - sizeof digest_of(NULL, 0).hex;

    if (length <= max) {
        memcpy(out, name, length + 1);
        return;
    }
    memcpy(out, name, kept);
    (void)snprintf(out + kept, max + 1 - kept, "-%s", digest_of(name, length).hex);
}

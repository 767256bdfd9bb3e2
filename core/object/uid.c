/* SPDX-License-Identifier: Apache-2.0 */
#include "object/uid.h"

#include "base/uuid.h"

#include <string.h>

/* @return whether the text is a canonical UUID; otherwise the bytes mean nothing. */
static bool parse(const char *uid, char bytes[UUID_BYTES])
{
    size_t size = strlen(uid);

    return size == UUID_TEXT && uuid_read(uid, size, bytes);
}

size_t uid_packed_size(const char *uid)
{
    char bytes[UUID_BYTES];

    return 1 + (parse(uid, bytes) ? sizeof bytes : strlen(uid) + 1);
}

char *uid_pack(char *at, const char *uid)
{
    char bytes[UUID_BYTES];
    bool canonical = parse(uid, bytes);
    size_t size = canonical ? sizeof bytes : strlen(uid) + 1;

    *at = canonical ? 'u' : 't';
    memcpy(at + 1, canonical ? bytes : uid, size);
    return at + 1 + size;
}

const char *uid_skip(const char *packed)
{
    return packed + 1 + (packed[0] == 'u' ? (size_t)UUID_BYTES : strlen(packed + 1) + 1);
}

const char *uid_text(const char *packed, char buffer[UID_SIZE])
{
    if (packed[0] != 'u')
        return packed + 1;
    uuid_write(buffer, packed + 1);
    buffer[UUID_TEXT] = '\0';
    return buffer;
}

bool uid_is(const char *packed, const char *uid)
{
    char bytes[UUID_BYTES];

    if (packed[0] != 'u')
        return strcmp(packed + 1, uid) == 0;
    return parse(uid, bytes) && memcmp(packed + 1, bytes, sizeof bytes) == 0;
}

bool uid_is_empty(const char *packed)
{
    return packed[0] != 'u' && packed[1] == '\0';
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "object/uid.h"

#include <string.h>

enum { UUID_BYTES = 16 };

static const char digits[] = "0123456789abcdef";
static const char form[UID_SIZE] = "00000000-0000-0000-0000-000000000000";

/* @return -1: it is none in lower case. */
static int value_of(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* @return whether the text is a canonical UUID; otherwise the bytes mean nothing. */
static bool parse(const char *uid, unsigned char bytes[UUID_BYTES])
{
    size_t count = 0; /* of digits */

    for (size_t i = 0; i < UID_SIZE; i++) {
        int value = value_of(uid[i]);
        if (form[i] != '0' && uid[i] != form[i])
            return false;
        if (form[i] != '0')
            continue;
        if (value < 0)
            return false;
        bytes[count / 2] = (unsigned char)(count % 2 == 0 ? value << 4 : bytes[count / 2] | value);
        count++;
    }
    return true;
}

size_t uid_packed_size(const char *uid)
{
    unsigned char bytes[UUID_BYTES];

    return 1 + (parse(uid, bytes) ? sizeof bytes : strlen(uid) + 1);
}

char *uid_pack(char *at, const char *uid)
{
    unsigned char bytes[UUID_BYTES];
    bool canonical = parse(uid, bytes);
    size_t size = canonical ? sizeof bytes : strlen(uid) + 1;

    *at = canonical ? 'u' : 't';
    memcpy(at + 1, canonical ? (const char *)bytes : uid, size);
    return at + 1 + size;
}

const char *uid_skip(const char *packed)
{
    return packed + 1 + (packed[0] == 'u' ? (size_t)UUID_BYTES : strlen(packed + 1) + 1);
}

const char *uid_text(const char *packed, char buffer[UID_SIZE])
{
    const unsigned char *bytes = (const unsigned char *)packed + 1;
    size_t count = 0; /* of digits */

    if (packed[0] != 'u')
        return packed + 1;
    for (size_t i = 0; i < UID_SIZE; i++) {
        buffer[i] = form[i];
        if (form[i] != '0')
            continue;
        buffer[i] = digits[count % 2 == 0 ? bytes[count / 2] >> 4 : bytes[count / 2] & 15];
        count++;
    }
    return buffer;
}

bool uid_is(const char *packed, const char *uid)
{
    unsigned char bytes[UUID_BYTES];

    if (packed[0] != 'u')
        return strcmp(packed + 1, uid) == 0;
    return parse(uid, bytes) && memcmp(packed + 1, bytes, sizeof bytes) == 0;
}

bool uid_is_empty(const char *packed)
{
    return packed[0] != 'u' && packed[1] == '\0';
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uid - uids in little room
 *
 * What Kubernetes gives an object as its uid is a UUID, whose 36 characters are 16 bytes. Its API promises no
 * form, so any other text is kept as it is.
 */
#ifndef OBJECT_UID_H
#define OBJECT_UID_H

#include <stdbool.h>
#include <stddef.h>

/** Room for the text of a packed canonical UUID: 8-4-4-4-12 hexadecimal digits in lower case, and a NUL. */
enum { UID_SIZE = 37 };

/** @return bytes that uid_pack() writes. @param uid  any text; "" where there is none. */
size_t uid_packed_size(const char *uid);

/**
 * Packs a uid: 'u' and 16 bytes for a canonical UUID, else 't' and the text with its NUL. Needs no alignment.
 *
 * @param at   room for uid_packed_size() bytes.
 * @param uid  any text; "" where there is none.
 * @return the byte after it.
 */
char *uid_pack(char *at, const char *uid);

/** @return the byte after a packed uid. */
const char *uid_skip(const char *packed);

/** @return the text that was packed; in the buffer, or borrowed from `packed`. */
const char *uid_text(const char *packed, char buffer[UID_SIZE]);

/** @return whether it is the text that was packed. */
bool uid_is(const char *packed, const char *uid);

/** @return whether the text that was packed is "". */
bool uid_is_empty(const char *packed);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uuid - UUIDs as Kubernetes writes them: lower case, 8-4-4-4-12 (RFC 9562)
 */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include <stdbool.h>
#include <stddef.h>

/** Bytes of a UUID, and characters of its text. */
enum { UUID_BYTES = 16, UUID_TEXT = 36 };

/**
 * Reads the UUID that a text begins with.
 *
 * @param size   of the text, which need not end there.
 * @param bytes  mean nothing on failure.
 * @return whether it begins with one.
 */
bool uuid_read(const char *text, size_t size, char bytes[UUID_BYTES]);

/** Writes the text of a UUID, without a NUL. @param text  room for UUID_TEXT bytes. */
void uuid_write(char *text, const char bytes[UUID_BYTES]);

#endif

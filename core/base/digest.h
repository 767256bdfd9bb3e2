/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digest - a short name for a content
 *
 * XXH3, 64 bits: to tell contents apart and to shorten names, not to withstand somebody who looks for two
 * contents with one digest. Whatever must not be confused is compared whole.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

/** 16 hexadecimal digits in lower case and a NUL. */
struct digest {
    char hex[17];
};

/** @return the digest of `size` bytes; data may be NULL if size is 0. */
struct digest digest_of(const char *data, size_t size);

/** As digest_of(), as a number; equal contents give equal numbers within one build of the program. */
uint64_t digest_number(const char *data, size_t size);

/**
 * Cuts a name that is too long: its beginning, a dash and the digest of the whole.
 *
 * @param out    gets the name, NUL-terminated; at least max + 1 bytes.
 * @param name   not NULL.
 * @param max    greatest length of the result, at least 18.
 */
void digest_shorten(char *out, const char *name, size_t max);

#endif

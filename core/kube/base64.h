/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base64 - bytes written as letters (RFC 4648, the standard alphabet)
 */
#ifndef KUBE_BASE64_H
#define KUBE_BASE64_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

/** @return room that base64_decode() needs for a text of this length. */
size_t base64_room(size_t length);

/**
 * Decodes a text; line breaks and blanks in it are skipped, padding is required.
 *
 * @param out   at least base64_room(strlen(text)) bytes; gets a NUL behind the bytes.
 * @param size  set to the number of bytes without the NUL.
 * @return whether it is base64.
 */
bool base64_decode(const char *text, char *out, size_t *size);

/** Appends bytes as base64, with padding and without line breaks. */
void base64_append(struct text *out, const char *data, size_t size);

#endif

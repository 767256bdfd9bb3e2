/* SPDX-License-Identifier: Apache-2.0 */
/*
 * squeeze - texts that are much alike, kept small
 *
 * What ten thousand objects of one kind differ in is a fifth of their text or less. The first of them become
 * a primer, and the others are kept as raw deflate streams (RFC 1951) that refer to it. UUIDs, which are
 * alike in nothing, are their sixteen bytes in there.
 */
#ifndef BASE_SQUEEZE_H
#define BASE_SQUEEZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Sizes. */
enum {
    SQUEEZE_PRIMER_MAX = 3072,                  /**< bytes of a primer */
    SQUEEZE_SHARE_MAX = SQUEEZE_PRIMER_MAX / 2, /**< bytes that one text gives to it at most */
    SQUEEZE_TEXT_MAX = 1024 * 1024 * 1024       /**< larger texts are not packed */
};

/** What texts of one sort have in common. Storage of the caller, for squeeze_primer_release(); all zero is
 * empty. It is filled before the first text is packed with it and not changed any more from then on: any
 * number of threads may unpack with it. */
struct squeeze_primer {
    char *bytes;   /**< owned */
    uint32_t size; /**< of what was taken so far */
};

/** Working memory to pack with, of one thread: about 30 KiB. */
struct squeeze;

/** Makes room for a whole primer. @return false if memory is short; nothing has changed then. */
bool squeeze_primer_reserve(struct squeeze_primer *primer);

/** Takes of a text what there is room for; squeeze_primer_reserve() comes before. */
void squeeze_primer_add(struct squeeze_primer *primer, const char *text, size_t size);

/** @return whether it takes no more. */
bool squeeze_primer_full(const struct squeeze_primer *primer);

/** Frees the primer. What was packed with it is worth nothing then. */
void squeeze_primer_release(struct squeeze_primer *primer);

/** @return owned by caller, for squeeze_free(); NULL if memory is short. */
struct squeeze *squeeze_new(void);

/** Frees the working memory; what was packed stays good. NULL is fine. */
void squeeze_free(struct squeeze *squeeze);

/** @return bytes of the working memory. */
size_t squeeze_memory(const struct squeeze *squeeze);

/**
 * Packs a text. Needs no memory.
 *
 * @param primer  NULL: none.
 * @param out     room for `size` bytes.
 * @return bytes that it takes there; 0 if it does not get smaller, or has a control character U+0001, which
 *         no compact JSON has: then it is to be kept as it is.
 */
size_t squeeze_pack(struct squeeze *squeeze, const struct squeeze_primer *primer, const char *text,
                    size_t size, char *out);

/**
 * Unpacks a text. Any thread.
 *
 * @param primer  that it was packed with.
 * @param text    room for `size` bytes, the size that the text had; what is there after a failure is no text.
 * @return 0, ERROR_NO_MEMORY, or ERROR_INVALID if this is not what a text of that size was packed to.
 */
int squeeze_unpack(const struct squeeze_primer *primer, const char *data, size_t data_size, char *text,
                   size_t size);

#endif

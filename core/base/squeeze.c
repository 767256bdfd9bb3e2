/* SPDX-License-Identifier: Apache-2.0 */
#include "base/squeeze.h"

#include "base/error.h"
#include "base/uuid.h"

#include <stdlib.h>
#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

/* The window holds the primer and what a usual text is long; more would only cost memory, and the higher
 * levels only time. Measured over Apis. Negative: a raw stream. */
enum { WINDOW_BITS = -12, MEMORY_LEVEL = 4, LEVEL = 6 };

enum {
    UUID_MARK = 1 /* before the bytes of a UUID */
};

struct squeeze {
    z_stream stream;
    size_t bytes;
};

/* Takes what comes out of uuid_split(). @return false to stop. */
typedef bool (*take_fn)(const char *data, size_t size, void *payload);

/* zlib's own would come from within the library, where no test sees it. */
static voidpf take_memory(voidpf payload, uInt items, uInt size)
{
    size_t *bytes = payload;

    if (bytes)
        *bytes += (size_t)items * size;
    return calloc(items, size);
}

static void give_memory(voidpf payload, voidpf memory)
{
    (void)payload;
    free(memory);
}

/* Hands a text over in pieces, UUIDs behind a quotation mark as their bytes. */
static bool uuid_split(const char *text, size_t size, take_fn take, void *payload)
{
    char uuid[1 + UUID_BYTES] = {UUID_MARK};
    size_t done = 0;

    for (size_t i = 0; i < size; i++) {
        const char *quote = memchr(text + i, '"', size - i);
        if (!quote)
            break;
        i = (size_t)(quote - text);
        if (!uuid_read(quote + 1, size - i - 1, uuid + 1))
            continue;
        if (!take(text + done, i + 1 - done, payload) || !take(uuid, sizeof uuid, payload))
            return false;
        i += UUID_TEXT;
        done = i + 1;
    }
    return take(text + done, size - done, payload);
}

/* Writes what uuid_split() made of a text; it stands at the end of the text's own room, and so is never
 * overtaken. */
static bool uuid_join(char *text, size_t size, size_t short_size)
{
    const char *from = text + size - short_size;
    const char *end = text + size;

    while (from < end) {
        const char *mark = memchr(from, UUID_MARK, (size_t)(end - from));
        size_t plain = (size_t)((mark ? mark : end) - from);
        char bytes[UUID_BYTES];
        memmove(text, from, plain);
        text += plain;
        from += plain;
        if (!mark)
            break;
        if (end - from < 1 + UUID_BYTES)
            return false;
        memcpy(bytes, from + 1, sizeof bytes);
        from += 1 + UUID_BYTES;
        if (from - text < UUID_TEXT)
            return false;
        uuid_write(text, bytes);
        text += UUID_TEXT;
    }
    return text == end;
}

bool squeeze_primer_reserve(struct squeeze_primer *primer)
{
    if (!primer->bytes)
        primer->bytes = malloc(SQUEEZE_PRIMER_MAX);
    return primer->bytes;
}

/* What a text may give. */
struct share {
    struct squeeze_primer *primer;
    size_t left;
};

static bool take_share(const char *data, size_t size, void *payload)
{
    struct share *share = payload;

    if (size > share->left)
        size = share->left;
    memcpy(share->primer->bytes + share->primer->size, data, size);
    share->primer->size += (uint32_t)size;
    share->left -= size;
    return share->left > 0;
}

void squeeze_primer_add(struct squeeze_primer *primer, const char *text, size_t size)
{
    struct share share = {primer, SQUEEZE_PRIMER_MAX - primer->size};

    if (share.left > SQUEEZE_SHARE_MAX)
        share.left = SQUEEZE_SHARE_MAX;
    if (share.left > 0)
        (void)uuid_split(text, size, take_share, &share);
}

bool squeeze_primer_full(const struct squeeze_primer *primer)
{
    return primer->size == SQUEEZE_PRIMER_MAX;
}

void squeeze_primer_release(struct squeeze_primer *primer)
{
    free(primer->bytes);
    *primer = (struct squeeze_primer){0};
}

struct squeeze *squeeze_new(void)
{
    struct squeeze *squeeze = calloc(1, sizeof *squeeze);

    if (!squeeze)
        return NULL;
    squeeze->bytes = sizeof *squeeze;
    squeeze->stream.zalloc = take_memory;
    squeeze->stream.zfree = give_memory;
    squeeze->stream.opaque = &squeeze->bytes;
    if (deflateInit2(&squeeze->stream, LEVEL, Z_DEFLATED, WINDOW_BITS, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) ==
        Z_OK)
        return squeeze;
    free(squeeze);
    return NULL;
}

void squeeze_free(struct squeeze *squeeze)
{
    if (squeeze)
        (void)deflateEnd(&squeeze->stream);
    free(squeeze);
}

size_t squeeze_memory(const struct squeeze *squeeze)
{
    return squeeze->bytes;
}

static bool deflate_piece(const char *data, size_t size, void *payload)
{
    z_stream *stream = payload;

    stream->next_in = (const Bytef *)data;
    stream->avail_in = (uInt)size;
    return size == 0 || (deflate(stream, Z_NO_FLUSH) == Z_OK && stream->avail_in == 0);
}

size_t squeeze_pack(struct squeeze *squeeze, const struct squeeze_primer *primer, const char *text,
                    size_t size, char *out)
{
    z_stream *stream = &squeeze->stream;

    if (size == 0 || size > SQUEEZE_TEXT_MAX || memchr(text, UUID_MARK, size) || deflateReset(stream) != Z_OK)
        return 0;
    if (primer && deflateSetDictionary(stream, (const Bytef *)primer->bytes, (uInt)primer->size) != Z_OK)
        return 0;
    stream->next_out = (Bytef *)out;
    stream->avail_out = (uInt)size - 1;
    if (!uuid_split(text, size, deflate_piece, stream) || deflate(stream, Z_FINISH) != Z_STREAM_END)
        return 0;
    return size - 1 - stream->avail_out;
}

static int code_of(int result)
{
    return result == Z_MEM_ERROR ? ERROR_NO_MEMORY : ERROR_INVALID;
}

/* @param size  room at `out`; set to what came out. */
static int inflate_all(z_stream *stream, const struct squeeze_primer *primer, char *out, size_t *size)
{
    int result = Z_OK;

    if (primer)
        result = inflateSetDictionary(stream, (const Bytef *)primer->bytes, (uInt)primer->size);
    if (result != Z_OK)
        return code_of(result);
    stream->next_out = (Bytef *)out;
    stream->avail_out = (uInt)*size;
    result = inflate(stream, Z_FINISH);
    if (result != Z_STREAM_END || stream->avail_in > 0)
        return code_of(result);
    *size -= stream->avail_out;
    return 0;
}

int squeeze_unpack(const struct squeeze_primer *primer, const char *data, size_t data_size, char *text,
                   size_t size)
{
    z_stream stream = {.next_in = (const Bytef *)data,
                       .avail_in = (uInt)data_size,
                       .zalloc = take_memory,
                       .zfree = give_memory};
    size_t short_size = size;
    int result;

    if (data_size >= size || size > SQUEEZE_TEXT_MAX)
        return ERROR_INVALID;
    result = inflateInit2(&stream, WINDOW_BITS);
    if (result != Z_OK)
        return code_of(result);
    result = inflate_all(&stream, primer, text, &short_size);
    (void)inflateEnd(&stream);
    if (result != 0)
        return result;
    memmove(text + size - short_size, text, short_size);
    return uuid_join(text, size, short_size) ? 0 : ERROR_INVALID;
}

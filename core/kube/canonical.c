/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/canonical.h"

#include "kube/quoted.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static int append_value(struct tokens *tokens, uint32_t number, struct text *out);

/* As the jansson at hand writes it: versions differ. */
static int append_real(const char *data, size_t size, struct text *out)
{
    json_t *value = json_loadb(data, size, JSON_DECODE_ANY, NULL);
    char *written = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;

    json_decref(value);
    if (!written)
        return ERROR_NO_MEMORY;
    text_append_string(out, written);
    free(written);
    return 0;
}

static int append_members(struct tokens *tokens, uint32_t object, struct text *out)
{
    size_t base = tokens->order_count;
    size_t end;
    int result = tokens_sort(tokens, object);

    end = tokens->order_count;
    text_append(out, "{", 1);
    for (size_t i = base; i < end && result == 0; i++) {
        uint32_t name = tokens->order[i];
        text_append(out, ",", i > base);
        result = append_value(tokens, name, out);
        text_append(out, ":", 1);
        if (result == 0)
            result = append_value(tokens, name + 1, out);
    }
    text_append(out, "}", 1);
    tokens->order_count = base;
    return result;
}

static int append_elements(struct tokens *tokens, uint32_t array, struct text *out)
{
    uint32_t after = tokens->list[array].after;
    int result = 0;

    text_append(out, "[", 1);
    for (uint32_t at = array + 1; at < after && result == 0; at = tokens->list[at].after) {
        text_append(out, ",", at > array + 1);
        result = append_value(tokens, at, out);
    }
    text_append(out, "]", 1);
    return result;
}

static int append_value(struct tokens *tokens, uint32_t number, struct text *out)
{
    const struct token *token = &tokens->list[number];
    const char *data = tokens->text + token->start;

    if (token->canonical) {
        text_append(out, data, token->size);
        return 0;
    }
    switch ((enum token_kind)token->kind) {
    case TOKEN_OBJECT:
        return append_members(tokens, number, out);
    case TOKEN_ARRAY:
        return append_elements(tokens, number, out);
    case TOKEN_STRING:
        text_append(out, "\"", 1);
        quoted_normalize(out, data + 1, token->size - 2);
        text_append(out, "\"", 1);
        return 0;
    case TOKEN_REAL:
        return append_real(data, token->size, out);
    case TOKEN_INTEGER:
        /* The one integer that is written in another way. */
        text_append(out, "0", 1);
        return 0;
    case TOKEN_WORD:
        break;
    }
    return 0;
}

int canonical_append(struct tokens *tokens, uint32_t number, struct text *out, struct error *error)
{
    if (append_value(tokens, number, out) != 0 || out->failed)
        return error_no_memory(error);
    return 0;
}

int canonical_digest(struct tokens *tokens, const char *text, size_t size, const char *const names[],
                     size_t names_count, struct digest *digest, struct error *error)
{
    struct text chosen = text_empty();
    int result = tokens_read(tokens, text, size, error);

    if (result == 0 && tokens->list[0].kind != TOKEN_OBJECT)
        result = error_set(error, ERROR_INVALID, "expected an object");
    text_append(&chosen, "{", 1);
    for (size_t i = 0; i < names_count && result == 0; i++) {
        uint32_t value = tokens_member(tokens, 0, names[i]);
        if (value == 0)
            continue;
        text_append(&chosen, ",", chosen.length > 1);
        text_append_format(&chosen, "\"%s\":", names[i]);
        result = canonical_append(tokens, value, &chosen, error);
    }
    text_append(&chosen, "}", 1);
    if (result == 0 && chosen.failed)
        result = error_no_memory(error);
    if (result == 0)
        *digest = digest_of(chosen.data, chosen.length);
    text_release(&chosen);
    return result;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/refusal.h"

#include "base/json.h"

#include <stdlib.h>
#include <string.h>

/* Of a text that is no Status; a page of HTML says nothing after that. */
static const size_t max_text = 256;

/* Messages are shown in one line. */
static char *one_line(const char *data, size_t size)
{
    char *copy = malloc(size + 1);
    size_t length = 0;

    if (!copy)
        return NULL;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)data[i];
        if (c > ' ' && c != 0x7f)
            copy[length++] = (char)c;
        else if (length > 0 && copy[length - 1] != ' ')
            copy[length++] = ' ';
    }
    while (length > 0 && copy[length - 1] == ' ')
        length--;
    copy[length] = '\0';
    return copy;
}

static const char *text_or_empty(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_member(object, name));

    return text ? text : "";
}

static void take_status(struct refusal *refusal)
{
    const json_t *code = json_member(refusal->root, "code");
    const json_t *wait = json_member(json_member(refusal->root, "details"), "retryAfterSeconds");

    refusal->is_status = true;
    refusal->reason = text_or_empty(refusal->root, "reason");
    if (json_is_integer(code) && json_integer_value(code) > 0 && json_integer_value(code) < 1000)
        refusal->code = (int)json_integer_value(code);
    if (json_is_integer(wait) && json_integer_value(wait) >= 0)
        refusal->retry_after_s = json_integer_value(wait);
}

int refusal_read(struct refusal *refusal, int code, const char *body, size_t size, struct error *error)
{
    struct error why = {0};
    const char *message = body;
    size_t length = size < max_text ? size : max_text;

    *refusal = (struct refusal){.code = code, .reason = "", .message = "", .retry_after_s = -1};
    if (size > 0)
        refusal->root = json_parse(body, size, &why);
    if (refusal->root && strcmp(text_or_empty(refusal->root, "kind"), "Status") == 0) {
        take_status(refusal);
        message = text_or_empty(refusal->root, "message");
        length = strlen(message);
    }
    refusal->own = one_line(message, length);
    if (!refusal->own) {
        refusal_release(refusal);
        return error_no_memory(error);
    }
    refusal->message = refusal->own;
    return 0;
}

void refusal_release(struct refusal *refusal)
{
    if (!refusal)
        return;
    json_decref(refusal->root);
    free(refusal->own);
    *refusal = (struct refusal){.reason = "", .message = "", .retry_after_s = -1};
}

bool refusal_has_cause(const struct refusal *refusal, const char *reason)
{
    json_t *causes = json_member(json_member(refusal->root, "details"), "causes");
    json_t *cause;
    size_t i;

    if (!refusal->is_status)
        return false;
    json_array_foreach(causes, i, cause)
    {
        if (strcmp(text_or_empty(cause, "reason"), reason) == 0)
            return true;
    }
    return false;
}

bool refusal_has_causes(const struct refusal *refusal)
{
    return refusal->is_status &&
           json_array_size(json_member(json_member(refusal->root, "details"), "causes")) > 0;
}

bool refusal_names(const struct refusal *refusal, const char *plural, const char *name)
{
    const json_t *details = json_member(refusal->root, "details");

    return refusal->is_status && strcmp(text_or_empty(details, "kind"), plural) == 0 &&
           strcmp(text_or_empty(details, "name"), name) == 0;
}

bool refusal_is_expired(const struct refusal *refusal)
{
    return refusal->code == 410 || strcmp(refusal->reason, "Expired") == 0 ||
           strcmp(refusal->reason, "Gone") == 0;
}

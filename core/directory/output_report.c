/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/output_state.h"

#include "base/json.h"
#include "directory/likeness.h"
#include "object/condition.h"

#include <stdlib.h>
#include <string.h>

static int write_document(const struct object_ref *ref, const json_t *status, struct text *text,
                          struct error *error)
{
    json_t *document = json_pack("{s:s, s:s, s:{s:s, s:s}, s:O}", "apiVersion", API_GROUP "/" API_VERSION,
                                 "kind", API_KIND, "metadata", "name", ref->name, "namespace",
                                 ref->name_space, "status", json_iterable(status));
    int result = document ? content_write(document, text, error) : error_no_memory(error);

    json_decref(document);
    return result;
}

/* What stands there must be a status: where they go somebody might keep Apis. */
static int read_status(const struct output *output, const struct spot *spot, const struct object_ref *ref,
                       const struct standing *standing, json_t **found, struct error *error)
{
    int result = output_parse(output, spot, ref, standing, found, error);

    if (result != 0 || !json_member(*found, "spec"))
        return result;
    json_decref(*found);
    (void)error_set(error, ERROR_FOREIGN, "holds an Api with its spec, not a status; move it away");
    return output_blame(output, spot, (struct yaml_mark){0}, ERROR_FOREIGN, error);
}

/* The text again, with the times of the status that stands there where they go on counting. */
static int carry(const struct object_ref *ref, const json_t *status, const json_t *found, struct text *text,
                 struct error *error)
{
    json_t *copy = json_copy_all(status);
    int result;

    text_clear(text);
    if (copy && condition_carry(copy, json_member(found, "status")))
        result = write_document(ref, copy, text, error);
    else
        result = error_no_memory(error);
    json_decref(copy);
    return result;
}

/* By what stands there, parsed. */
static int judge(const struct output *output, const struct spot *spot, const struct object_ref *ref,
                 const json_t *status, const struct standing *standing, struct text *text, bool *same,
                 struct error *error)
{
    json_t *found = NULL;
    int result = read_status(output, spot, ref, standing, &found, error);

    if (result != 0)
        return result;
    result = carry(ref, status, found, text, error);
    json_decref(found);
    *same = result == 0 && text->length == standing->size &&
            memcmp(text->data, standing->data, text->length) == 0;
    return result;
}

/* Decides what is written; `same` if that stands there already. */
static int compose(const struct output *output, const struct spot *spot, const struct object_ref *ref,
                   const json_t *status, const struct standing *standing, struct text *text, bool *same,
                   struct error *error)
{
    struct text carried = text_empty();
    enum likeness likeness;
    int result = write_document(ref, status, text, error);

    *same = false;
    if (result != 0)
        return result == ERROR_NO_MEMORY ? result
                                         : output_blame(output, spot, (struct yaml_mark){0}, result, error);
    if (!standing->data)
        return 0;
    likeness = likeness_of(text, standing->data, standing->size, &carried);
    *same = likeness == LIKENESS_TIMES;
    if (likeness == LIKENESS_VERSIONS) {
        text_release(text);
        *text = carried;
        return text->failed ? error_no_memory(error) : 0;
    }
    text_release(&carried);
    return *same ? 0 : judge(output, spot, ref, status, standing, text, same, error);
}

static int put(struct output *output, const struct output_step *where, const struct object_ref *ref,
               const json_t *status, const struct standing *standing, struct sink_answer *answer)
{
    struct output_step next = *where;
    struct text text = text_empty();
    bool same = false;
    int result = compose(output, where->spot, ref, status, standing, &text, &same, &answer->error);

    next.text = &text;
    if (result == 0 && same)
        memcpy(answer->version, standing->version, sizeof standing->version);
    if (result == 0 && !same) {
        result = output_stage(output, &next, &answer->error);
        if (result == 0)
            content_version(answer->version, text.data, text.length);
    }
    text_release(&text);
    return result;
}

static int take(struct output *output, const struct output_step *where, const struct object_ref *ref,
                const struct standing *standing, struct error *error)
{
    json_t *found = NULL;
    int result;

    if (!standing->data)
        return 0;
    result = read_status(output, where->spot, ref, standing, &found, error);
    if (result != 0)
        return result;
    json_decref(found);
    return output_stage(output, where, error);
}

static int report(struct output *output, const char *key, const struct object_ref *ref, const json_t *status,
                  struct sink_answer *answer)
{
    char place[SPOT_PLACE_SIZE];
    struct standing standing = {0};
    struct spot spot;
    struct output_step where = {
        .key = key, .spot = &spot, .place = place, .report = true, .before = &standing.trace};
    int result = spot_of_status(ref->name_space, ref->name, &spot, &answer->error);

    if (result != 0)
        return result;
    spot_place(&spot, place);
    result = output_standing(output, &spot, place, &standing, &answer->error);
    if (result != 0)
        return result;
    if (status)
        result = put(output, &where, ref, status, &standing, answer);
    else
        result = take(output, &where, ref, &standing, &answer->error);
    free(standing.data);
    return result;
}

int output_report(struct sink *sink, const char *key, const json_t *api, const json_t *status,
                  struct sink_answer *answer)
{
    struct output *output = output_of(sink);
    const char *slash = strchr(key, '/');
    size_t length = slash ? (size_t)(slash - key) : 0;
    char name_space[LABEL_MAX + 1] = "";
    const struct object_ref ref = {.group = API_GROUP,
                                   .kind = API_KIND,
                                   .plural = API_PLURAL,
                                   .name_space = name_space,
                                   .name = slash ? slash + 1 : ""};

    *answer = (struct sink_answer){0};
    output_refresh(output);
    if (length < sizeof name_space)
        memcpy(name_space, key, length);
    output_answer(output, answer, report(output, key, &ref, api ? status : NULL, answer));
    return 0;
}

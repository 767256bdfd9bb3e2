/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/discovery.h"

#include "base/json.h"
#include "base/text.h"
#include "kube/path.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct discovery {
    struct discovery_options options;
    /* One for each wish; NULL: none. Owned array. */
    const char **found;
    /* What is being looked at. */
    size_t wish;
    size_t version;
    struct connection_call *call;
    int64_t due_ms;
    bool ended;
    char why[1024];
};

static const int64_t retry_ms = 1000;

int discovery_new(const struct discovery_options *options, struct discovery **out, struct error *error)
{
    struct discovery *discovery = calloc(1, sizeof *discovery);

    if (discovery)
        discovery->found = calloc(options->count + 1, sizeof *discovery->found);
    if (!discovery || !discovery->found) {
        free(discovery);
        return error_no_memory(error);
    }
    discovery->options = *options;
    *out = discovery;
    return 0;
}

void discovery_free(struct discovery *discovery)
{
    if (!discovery)
        return;
    if (discovery->call)
        connection_cancel(discovery->options.connection, discovery->call);
    free(discovery->found);
    free(discovery);
}

bool discovery_lists(const struct connection_answer *answer, const char *name)
{
    json_t *list = json_parse(answer->body, answer->size, NULL);
    const json_t *resource;
    bool found = false;
    size_t i;

    json_array_foreach(json_member(list, "resources"), i, resource)
    {
        const char *listed = json_string_value(json_member(resource, "name"));
        found = found || (listed && strcmp(listed, name) == 0);
    }
    json_decref(list);
    return found;
}

static void next_wish(struct discovery *discovery)
{
    discovery->wish++;
    discovery->version = 0;
}

static void on_done(const struct connection_answer *answer, void *payload)
{
    struct discovery *discovery = payload;
    const struct discovery_wish *wish = &discovery->options.wishes[discovery->wish];

    discovery->call = NULL;
    discovery->due_ms = 0;
    if (answer->status == 404) {
        discovery->version++;
    } else if (answer->error.code != 0) {
        int64_t wait = answer->retry_ms > retry_ms ? answer->retry_ms : retry_ms;
        (void)snprintf(discovery->why, sizeof discovery->why, "%s", answer->error.message);
        discovery->due_ms = discovery->options.now->ms + wait;
    } else if (discovery_lists(answer, wish->plural)) {
        discovery->found[discovery->wish] = wish->versions[discovery->version];
        next_wish(discovery);
    } else {
        discovery->version++;
    }
}

/* Asks for the resources of the version that is being looked at. */
static void ask(struct discovery *discovery)
{
    const struct discovery_wish *wish = &discovery->options.wishes[discovery->wish];
    const struct object_ref ref = {.group = wish->group, .version = wish->versions[discovery->version]};
    const struct connection_handler handler = {.done = on_done, .payload = discovery};
    struct connection_request request = {.method = "GET"};
    struct text target = text_empty();
    struct error error = {0};

    discovery->due_ms = INT64_MAX;
    if (path_version(&target, &ref, &error) == 0) {
        request.target = target.data;
        if (connection_send(discovery->options.connection, &request, &handler, &discovery->call, &error) ==
            0) {
            text_release(&target);
            return;
        }
    }
    text_release(&target);
    (void)snprintf(discovery->why, sizeof discovery->why, "%s", error.message);
    discovery->due_ms = discovery->options.now->ms + retry_ms;
}

void discovery_tick(struct discovery *discovery)
{
    const struct discovery_options *options = &discovery->options;

    if (discovery->call || discovery->ended || discovery->due_ms > options->now->ms)
        return;
    while (discovery->wish < options->count && !options->wishes[discovery->wish].versions[discovery->version])
        next_wish(discovery);
    if (discovery->wish < options->count) {
        ask(discovery);
        return;
    }
    discovery->ended = true;
    discovery->due_ms = INT64_MAX;
    discovery->why[0] = '\0';
    options->done(options->payload);
}

int64_t discovery_due_ms(const struct discovery *discovery)
{
    return discovery->due_ms;
}

const char *discovery_version(const struct discovery *discovery, size_t wish)
{
    return discovery->found[wish];
}

const char *discovery_why(const struct discovery *discovery)
{
    return discovery->why;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/identity.h"

#include "base/json.h"
#include "kube/denial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct identity {
    struct identity_options options;
    struct connection_call *call;
    int64_t due_ms;
    struct denial denial;
    bool clear;
    bool refused;
    char why[512];
};

static const int64_t again_ms = 1000;
/* Another cluster may leave the server, by a reload. */
static const int64_t taken_ms = 5000;

static void set_why(struct identity *identity, const char *why)
{
    bool news = strcmp(identity->why, why) != 0;

    (void)snprintf(identity->why, sizeof identity->why, "%s", why);
    if (news && why[0])
        log_write(identity->options.log, LOG_LEVEL_WARNING, "server not used", "cluster",
                  identity->options.cluster, "error", identity->why, (char *)NULL);
}

static void set_clear(struct identity *identity)
{
    identity->clear = true;
    identity->due_ms = INT64_MAX;
    set_why(identity, "");
}

static void take(struct identity *identity, const char *uid)
{
    const struct identity_options *options = &identity->options;
    const char *holder = NULL;
    struct error error = {0};

    if (!twins_take(options->twins, uid, options->cluster, &holder)) {
        set_why(identity, "not enough memory");
        return;
    }
    if (strcmp(holder, options->cluster) == 0) {
        set_clear(identity);
        return;
    }
    identity->due_ms = options->now->ms + taken_ms;
    (void)error_set(
        &error, ERROR_CONFLICT,
        "it is the server of cluster \"%s\" under another name: the uid of namespace kube-system is "
        "%.63s in both; remove one of the two from the config",
        holder, uid);
    set_why(identity, error.message);
}

/* Where we may not ask, the operator has decided so. */
static bool denied(struct identity *identity, const struct connection_answer *answer)
{
    return (answer->status == 403 || answer->status == 404) &&
           denial_stands(&identity->denial, identity->options.now->ms, false);
}

static void on_done(const struct connection_answer *answer, void *payload)
{
    struct identity *identity = payload;
    json_t *object = answer->body ? json_parse(answer->body, answer->size, NULL) : NULL;
    const char *uid = json_text_at(object, "metadata.uid");

    identity->call = NULL;
    identity->refused = answer->status == 401;
    identity->due_ms = identity->options.now->ms + again_ms;
    if (answer->retry_ms > again_ms)
        identity->due_ms = identity->options.now->ms + answer->retry_ms;
    if (uid && uid[0]) {
        take(identity, uid);
    } else if (denied(identity, answer)) {
        log_write(identity->options.log, LOG_LEVEL_WARNING, "server not identified", "cluster",
                  identity->options.cluster, "error", answer->error.message, (char *)NULL);
        set_clear(identity);
    } else {
        set_why(identity, answer->error.code != 0 ? answer->error.message
                                                  : "the namespace kube-system of the server has no uid");
    }
    json_decref(object);
}

int identity_new(const struct identity_options *options, struct identity **out, struct error *error)
{
    struct identity *identity = calloc(1, sizeof *identity);

    if (!identity)
        return error_no_memory(error);
    identity->options = *options;
    (void)snprintf(identity->why, sizeof identity->why, "the server was not reached yet");
    *out = identity;
    return 0;
}

void identity_free(struct identity *identity)
{
    if (!identity)
        return;
    if (identity->call)
        connection_cancel(identity->options.connection, identity->call);
    twins_leave(identity->options.twins, identity->options.cluster);
    free(identity);
}

void identity_tick(struct identity *identity)
{
    const struct connection_request request = {.method = "GET", .target = "/api/v1/namespaces/kube-system"};
    const struct connection_handler handler = {.done = on_done, .payload = identity};
    struct error error = {0};

    if (identity->clear || identity->call || identity->due_ms > identity->options.now->ms)
        return;
    identity->due_ms = INT64_MAX;
    if (connection_send(identity->options.connection, &request, &handler, &identity->call, &error) != 0) {
        identity->due_ms = identity->options.now->ms + again_ms;
        set_why(identity, error.message);
    }
}

int64_t identity_due_ms(const struct identity *identity)
{
    return identity->due_ms;
}

bool identity_clear(const struct identity *identity)
{
    return identity->clear;
}

bool identity_refused(const struct identity *identity)
{
    return identity->refused;
}

const char *identity_why(const struct identity *identity)
{
    return identity->clear ? NULL : identity->why;
}

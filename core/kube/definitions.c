/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/definitions.h"

#include "kube/follow.h"
#include "object/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct definitions {
    struct definitions_options options;
    struct follow *follow;
    bool denied; /* that was said */
};

/* Who may not see definitions is not asked for that all the time. */
static const int64_t refused_delay_ms = 60000;

static int begin(void *payload, struct error *error)
{
    (void)payload;
    (void)error;
    return 0;
}

/* A definition is called PLURAL.GROUP. */
static void tell(const struct definitions *definitions, const char *name, bool gone)
{
    char plural[SUBDOMAIN_MAX + 1];
    const char *group = strchr(name, '.');

    if (!group || (size_t)(group - name) >= sizeof plural)
        return;
    (void)snprintf(plural, sizeof plural, "%.*s", (int)(group - name), name);
    definitions->options.told(plural, group + 1, gone, definitions->options.payload);
}

static int put(const struct scan_object *object, const char *problem, void *payload, struct error *error)
{
    (void)problem;
    (void)error;
    tell(payload, object->name, false);
    return 0;
}

static int gone(const struct scan_object *object, void *payload, struct error *error)
{
    (void)error;
    tell(payload, object->name, true);
    return 0;
}

/* What went while nobody watched is met by whoever asks for it. */
static int end(const char *version, void *payload, struct error *error)
{
    (void)version;
    (void)payload;
    (void)error;
    return 0;
}

static void changed(void *payload)
{
    struct definitions *definitions = payload;
    bool denied = follow_state(definitions->follow) == FOLLOW_FORBIDDEN;

    if (denied && !definitions->denied)
        log_write(definitions->options.log, LOG_LEVEL_WARNING, "custom resource definitions are not watched",
                  "cluster", definitions->options.cluster, "error", follow_why(definitions->follow), "remedy",
                  "kinds that are absent are looked for every 10 s; apply what apigwctl rbac prints",
                  (char *)NULL);
    definitions->denied = denied;
}

int definitions_new(const struct definitions_options *options, struct definitions **out, struct error *error)
{
    struct definitions *definitions = calloc(1, sizeof *definitions);
    const struct follow_options follow = {.connection = options->connection,
                                          .log = options->log,
                                          .ref = {.group = "apiextensions.k8s.io",
                                                  .version = "v1",
                                                  .kind = "CustomResourceDefinition",
                                                  .plural = "customresourcedefinitions"},
                                          .metadata = true,
                                          .no_namespace = true,
                                          .seed = options->seed,
                                          .denied_ms = refused_delay_ms,
                                          .now = options->now,
                                          .begin = begin,
                                          .put = put,
                                          .gone = gone,
                                          .end = end,
                                          .changed = changed,
                                          .payload = definitions};

    if (!definitions)
        return error_no_memory(error);
    definitions->options = *options;
    if (follow_new(&follow, &definitions->follow, error) != 0) {
        free(definitions);
        return ERROR_NO_MEMORY;
    }
    *out = definitions;
    return 0;
}

void definitions_free(struct definitions *definitions)
{
    if (!definitions)
        return;
    follow_free(definitions->follow);
    free(definitions);
}

void definitions_tick(struct definitions *definitions)
{
    follow_tick(definitions->follow);
}

int64_t definitions_due_ms(const struct definitions *definitions)
{
    return follow_due_ms(definitions->follow);
}

bool definitions_watched(const struct definitions *definitions)
{
    return follow_state(definitions->follow) == FOLLOW_CURRENT && follow_connected(definitions->follow);
}

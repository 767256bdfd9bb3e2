/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/runner.h"

#include "daemon/local.h"
#include "daemon/remote.h"

#include <stdlib.h>

/* One of the two is there. */
struct runner {
    struct cluster *cluster;
    struct local *local;
    struct remote *remote;
};

int runner_start(uv_loop_t *loop, struct cluster *cluster, const struct log *log, struct twins *twins,
                 struct runner **out, struct error *error)
{
    struct runner *runner = calloc(1, sizeof *runner);
    int result;

    if (!runner)
        return error_no_memory(error);
    runner->cluster = cluster;
    result = cluster->config->kubernetes ? remote_start(loop, cluster, log, twins, &runner->remote, error)
                                         : local_start(loop, cluster, log, &runner->local, error);
    if (result != 0) {
        free(runner);
        return result;
    }
    *out = runner;
    return 0;
}

void runner_stop(struct runner *runner)
{
    if (!runner)
        return;
    local_stop(runner->local);
    remote_stop(runner->remote);
    cluster_close(runner->cluster);
    free(runner);
}

struct cluster *runner_cluster(const struct runner *runner)
{
    return runner->cluster;
}

const char *runner_why(const struct runner *runner)
{
    return runner->remote ? remote_why(runner->remote) : local_why(runner->local);
}

const char *runner_degraded(const struct runner *runner)
{
    return runner->local ? local_degraded(runner->local) : NULL;
}

bool runner_is_current(const struct runner *runner)
{
    return !runner->remote || remote_is_current(runner->remote);
}

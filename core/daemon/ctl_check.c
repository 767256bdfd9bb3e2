/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/access.h"
#include "daemon/check.h"
#include "daemon/chosen.h"

#include <stdio.h>

/* For one answer; a request itself has 30 s. */
static const int64_t patience_ms = 40000;

static void run_checks(struct check *check)
{
    if (!check_server(check))
        return;
    check_kinds(check);
    check_permissions(check);
    if (check->cluster->registry->incomplete)
        check_tell(check, CHECK_BAD,
                   "a backend could not be loaded, as told above; what it needs was not checked");
}

static void print_totals(const struct check *check)
{
    if (check->counts[CHECK_BAD] > 0)
        (void)printf("\n%u of %u checks failed\n", check->counts[CHECK_BAD],
                     check->counts[CHECK_BAD] + check->counts[CHECK_WARNING] + check->counts[CHECK_GOOD]);
    else if (check->counts[CHECK_WARNING] > 0)
        (void)printf("\nno check failed, %u %s\n", check->counts[CHECK_WARNING],
                     check->counts[CHECK_WARNING] == 1 ? "warning" : "warnings");
    else
        (void)puts("\nall is well");
}

static enum exit_code check_cluster(const struct cluster *cluster)
{
    struct check check = {.cluster = cluster};
    struct kubeconfig *kubeconfig = NULL;
    struct error error = {0};

    if (access_load(cluster->config->kubernetes, &kubeconfig, &error) == 0 &&
        ask_open(kubeconfig, patience_ms, &check.ask, &error) == 0)
        run_checks(&check);
    else
        check_tell(&check, CHECK_BAD, "%s", error.message);
    print_totals(&check);
    ask_close(check.ask);
    kubeconfig_free(kubeconfig);
    return check.counts[CHECK_BAD] > 0 ? EXIT_REFUSED : EXIT_GOOD;
}

enum exit_code ctl_check(const struct ctl_options *options)
{
    struct chosen chosen = {0};
    enum exit_code code = chosen_open(options, &chosen);

    if (code == EXIT_GOOD && !chosen.cluster->config->kubernetes) {
        (void)fprintf(
            stderr,
            "error: cluster %s is a directory, where nothing is to be checked; apigwd --check-config "
            "checks the config\n",
            chosen.cluster->config->name);
        code = EXIT_USAGE;
    }
    if (code == EXIT_GOOD)
        code = check_cluster(chosen.cluster);
    chosen_close(&chosen);
    return code;
}

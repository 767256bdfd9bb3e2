/* SPDX-License-Identifier: Apache-2.0 */
/* apigwd: see apigwd(8). */
#include "config.h"

#include "base/json_pool.h"
#include "base/log.h"
#include "daemon/cluster.h"
#include "daemon/now.h"
#include "daemon/service.h"
#include "daemon/setup.h"
#include "daemon/slack.h"
#include "daemon/summary.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "Usage: apigwd --config FILE [OPTION]...\n"
    "       apigwd --config FILE --once [OPTION]...\n"
    "       apigwd --config FILE --check-config\n"
    "\n"
    "Turns each Api into what the gateway of its cluster understands, and reports its status.\n"
    "\n"
    "  -c, --config FILE       the config file (default: %s)\n"
    "      --once              read every input to its end, write outputs and statuses, and exit\n"
    "      --check-config      check the config and the plugins that it names, and exit\n"
    "      --summary WHEN      a table of the Apis on standard output: auto (default: if that is a\n"
    "                          terminal; else one line), always, never\n"
    "      --log-level LEVEL   error, warning, info or debug, on standard error (default: info; with\n"
    "                          --once or --check-config warning)\n"
    "      --log-format FORMAT logfmt (default) or json\n"
    "      --plugin-dir DIR    look for plugins here first; may be repeated\n"
    "  -h, --help              show this help\n"
    "  -V, --version           show the version\n"
    "\n"
    "Exit code: 0 every Api is served; 1 an Api is not served, or an input or output could not be\n"
    "used; 2 wrong command line or config. More in apigwd(8), apigwd.yaml(5) and apigwctl(1).\n";

/* The command line. */
struct options {
    const char *config;
    const char *summary;
    bool once;
    bool check;
    bool level_given;
    struct log log;
    struct string_list plugin_dirs;
};

enum { option_once = 256, option_check, option_summary, option_level, option_format, option_dir };

static int refuse(const char *what, const char *value)
{
    (void)fprintf(stderr, "apigwd: %s%s%s\nTry 'apigwd --help'.\n", what, value ? ": " : "",
                  value ? value : "");
    return EXIT_USAGE;
}

static int take_level(struct options *options)
{
    int level = log_level_of(optarg);

    if (level < 0)
        return refuse("--log-level takes error, warning, info or debug, not", optarg);
    options->log.level = (enum log_level)level;
    options->level_given = true;
    return -1;
}

static int take_format(struct options *options)
{
    int format = log_format_of(optarg);

    if (format < 0)
        return refuse("--log-format takes logfmt or json, not", optarg);
    options->log.format = (enum log_format)format;
    return -1;
}

/* Takes one option. -1: go on; else the exit code. */
static int take(struct options *options, int option)
{
    switch (option) {
    case 'c':
        options->config = optarg;
        return -1;
    case option_once:
        options->once = true;
        return -1;
    case option_check:
        options->check = true;
        return -1;
    case option_summary:
        options->summary = optarg;
        if (strcmp(optarg, "auto") == 0 || strcmp(optarg, "always") == 0 || strcmp(optarg, "never") == 0)
            return -1;
        return refuse("--summary takes auto, always or never, not", optarg);
    case option_level:
        return take_level(options);
    case option_format:
        return take_format(options);
    case option_dir:
        return string_list_add(&options->plugin_dirs, optarg) ? -1 : refuse("not enough memory", NULL);
    case 'h':
        (void)printf(usage, setup_default_config);
        return EXIT_GOOD;
    case 'V':
        (void)printf("apigwd %s (plugin ABI %d.%d)\n", PACKAGE_VERSION, APIGW_ABI_MAJOR, APIGW_ABI_MINOR);
        return EXIT_GOOD;
    default:
        return refuse("wrong command line", NULL);
    }
}

static int parse(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {
        {"config", required_argument, NULL, 'c'},
        {"once", no_argument, NULL, option_once},
        {"check-config", no_argument, NULL, option_check},
        {"summary", required_argument, NULL, option_summary},
        {"log-level", required_argument, NULL, option_level},
        {"log-format", required_argument, NULL, option_format},
        {"plugin-dir", required_argument, NULL, option_dir},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "c:hV", known, NULL)) != -1) {
        int result = take(options, option);
        if (result >= 0)
            return result;
    }
    if (optind < argc)
        return refuse("unexpected argument", argv[optind]);
    if (options->once && options->check)
        return refuse("say either --once or --check-config", NULL);
    return -1;
}

static void print_summary(const struct options *options, const struct summary *summary,
                          const struct controller *controller)
{
    struct text out = text_empty();

    if (strcmp(options->summary, "never") == 0)
        return;
    if (strcmp(options->summary, "always") == 0 || isatty(STDOUT_FILENO))
        summary_print(summary, controller, &out);
    else
        summary_print_totals(summary, &out);
    (void)fputs(out.data, stdout);
    text_release(&out);
}

/* What is kept of Apis that seem to be gone, and why. @return whether anything is. */
static bool tell_kept(const struct options *options, const struct cluster *cluster)
{
    size_t kept = controller_kept(cluster->controller);
    struct text why = text_empty();

    if (kept == 0)
        return false;
    text_append_format(&why, "%s: ", cluster->config->input);
    if (cluster->read.unknown > 0)
        text_append_string(&why, "a part of it cannot be read and may hold them");
    else if (cluster->read.complete)
        text_append_string(&why, "not everything could be removed, see above");
    else
        text_append_string(&why, "holds no Api at all; if that is meant, say directory.allowEmpty: true");
    text_append_format(&why, "; what was made for %zu %s that it does not show is kept", kept,
                       kept == 1 ? "Api" : "Apis");
    log_write(&options->log, LOG_LEVEL_ERROR, "outputs kept", "cluster", cluster->config->name, "error",
              why.data, (char *)NULL);
    text_release(&why);
    return true;
}

/* One cluster, from the start to the end of its input. */
static bool run_cluster(const struct options *options, struct cluster *cluster, bool named)
{
    struct summary summary = {0};
    struct error error = {0};
    int result = cluster_start(cluster, 0, &error);

    if (result == 0)
        result = cluster_read(cluster, true, &error);
    if (result == 0)
        result = cluster_settle(cluster, cluster->read.complete, now(), &error);
    if (result == 0 && !summary_count(&summary, cluster->controller))
        result = error_no_memory(&error);
    if (result != 0) {
        log_write(&options->log, LOG_LEVEL_ERROR, "cluster failed", "cluster", cluster->config->name, "error",
                  error.message, (char *)NULL);
        return false;
    }
    summary.failures = cluster->read.quarantined + cluster->read.refused + cluster->read.repeated +
                       controller_unreported(cluster->controller);
    if (named && strcmp(options->summary, "never") != 0)
        (void)printf("cluster %s\n", cluster->config->name);
    print_summary(options, &summary, cluster->controller);
    return !tell_kept(options, cluster) && summary_good(&summary);
}

static int run_once(const struct options *options, struct cluster *const *clusters, size_t count)
{
    int code = EXIT_GOOD;

    for (size_t i = 0; i < count; i++) {
        if (count > 1 && i > 0 && strcmp(options->summary, "never") != 0)
            (void)puts("");
        if (!run_cluster(options, clusters[i], count > 1))
            code = EXIT_REFUSED;
    }
    return code;
}

/* Every cluster is opened before any of them writes: a bad option of the last one stops the first. */
static int run(const struct options *options, const struct setup *setup)
{
    size_t count = setup->config->clusters_count;
    struct cluster **clusters = calloc(count, sizeof *clusters);
    struct problems problems = {0};
    int code = clusters ? EXIT_GOOD : EXIT_USAGE;
    bool bad;

    for (size_t i = 0; i < count && clusters; i++) {
        if (cluster_open(&setup->config->clusters[i], setup_dirs(setup), &options->log, &clusters[i],
                         &problems) != 0)
            code = EXIT_USAGE;
    }
    bad = setup_print_problems(&problems);
    problems_release(&problems);
    if (code != EXIT_GOOD && !bad)
        (void)fputs("error: not enough memory\n", stderr);
    if (code == EXIT_GOOD && options->once)
        code = run_once(options, clusters, count);
    else if (code == EXIT_GOOD && strcmp(options->summary, "never") != 0)
        (void)printf("%s: good: %zu %s\n", options->config, count, count == 1 ? "cluster" : "clusters");
    for (size_t i = 0; i < count && clusters; i++)
        cluster_close(clusters[i]);
    free(clusters);
    return code;
}

/* Until a signal; lines that come again are counted. */
static int serve(struct options *options, struct setup *setup)
{
    const struct service_options service = {
        .config = options->config, .plugin_dirs = &options->plugin_dirs, .log = &options->log};
    int code;

    if (!options->level_given)
        options->log.level = LOG_LEVEL_INFO;
    options->log.repeats = log_repeats_new();
    code = (int)service_run(&service, setup);
    log_repeats_free(options->log.repeats);
    options->log.repeats = NULL;
    return code;
}

static int start(struct options *options, struct setup *setup)
{
    return options->once || options->check ? run(options, setup) : serve(options, setup);
}

int main(int argc, char **argv)
{
    struct options options = {.config = setup_default_config,
                              .summary = "auto",
                              .log = {.level = LOG_LEVEL_WARNING, .out = stderr}};
    struct setup setup = {0};
    int code = parse(argc, argv, &options);

    slack_prepare();
#ifndef SANITIZED
    json_pool_use();
#endif
    if (code < 0)
        code = setup_load(&setup, options.config, &options.plugin_dirs) == EXIT_GOOD ? start(&options, &setup)
                                                                                     : EXIT_USAGE;
    setup_release(&setup);
    string_list_release(&options.plugin_dirs);
    if ((fflush(stdout) != 0 || ferror(stdout)) && code == EXIT_GOOD)
        code = EXIT_REFUSED;
    return code;
}

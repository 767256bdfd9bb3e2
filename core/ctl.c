/* SPDX-License-Identifier: Apache-2.0 */
/* apigwctl: see apigwctl(1). */
#include "config.h"

#include "apigw/plugin.h"
#include "daemon/commands.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "Usage: apigwctl render   -c CONFIG [--cluster NAME] -f FILE|-\n"
    "       apigwctl validate -c CONFIG [--cluster NAME] -f FILE|-\n"
    "       apigwctl check    [-c CONFIG] [--cluster NAME]\n"
    "       apigwctl plugins  [-c CONFIG] [NAME]\n"
    "       apigwctl rbac     [-c CONFIG] [--cluster NAME] [--service-account NAMESPACE:NAME]\n"
    "\n"
    "  render     print what every enabled backend wants for the Apis of FILE; nothing is written\n"
    "  validate   check the Apis of FILE; print what is wrong as FILE:LINE:COLUMN: PATH: WHY\n"
    "  check      ask the API server of a cluster whether apigwd can work there\n"
    "  plugins    list the plugins that can be loaded, or show the options of the plugin NAME\n"
    "  rbac       print what apigwd must be allowed to do in the cluster, for kubectl apply -f -\n"
    "\n"
    "  -c, --config FILE       the config file\n"
    "      --cluster NAME      the cluster of the config; may be left out if there is only one\n"
    "  -f, --file FILE         a file or a folder of Apis and of objects that backends look at; - is\n"
    "                          standard input; may be repeated\n"
    "      --service-account NAMESPACE:NAME\n"
    "                          bind the role to this service account, and print that too\n"
    "      --plugin-dir DIR    look for plugins here first; may be repeated\n"
    "  -h, --help              show this help\n"
    "  -V, --version           show the version\n"
    "\n"
    "Exit code: 0 good; 1 an Api or object is refused; 2 wrong command line, config or file.\n"
    "More in apigwctl(1).\n";

/* A command, and what it takes. */
struct command {
    const char *name;
    enum exit_code (*run)(const struct ctl_options *options);
    bool needs_files;
    bool takes_argument;
};

static const struct command commands[] = {
    {"render", ctl_render, true, false}, {"validate", ctl_validate, true, false},
    {"check", ctl_check, false, false},  {"plugins", ctl_plugins, false, true},
    {"rbac", ctl_rbac, false, false},
};

static int refuse(const char *what, const char *value)
{
    (void)fprintf(stderr, "apigwctl: %s%s%s\nTry 'apigwctl --help'.\n", what, value ? ": " : "",
                  value ? value : "");
    return EXIT_USAGE;
}

enum { option_cluster = 256, option_dir, option_account };

/* Takes one option. -1: go on; else the exit code. */
static int take(struct ctl_options *options, int option)
{
    bool added = true;

    switch (option) {
    case 'c':
        options->config = optarg;
        break;
    case 'f':
        added = string_list_add(&options->files, optarg);
        break;
    case option_cluster:
        options->cluster = optarg;
        break;
    case option_account:
        options->account = optarg;
        break;
    case option_dir:
        added = string_list_add(&options->plugin_dirs, optarg);
        break;
    case 'h':
        (void)fputs(usage, stdout);
        return EXIT_GOOD;
    case 'V':
        (void)printf("apigwctl %s (plugin ABI %d.%d)\n", PACKAGE_VERSION, APIGW_ABI_MAJOR, APIGW_ABI_MINOR);
        return EXIT_GOOD;
    default:
        return refuse("wrong command line", NULL);
    }
    return added ? -1 : refuse("not enough memory", NULL);
}

static int check(const struct command *command, struct ctl_options *options, int argc, char **argv)
{
    if (optind < argc && command->takes_argument)
        options->argument = argv[optind++];
    if (optind < argc)
        return refuse("unexpected argument", argv[optind]);
    if (command->needs_files && !options->config)
        return refuse("-c CONFIG is missing for", command->name);
    if (command->needs_files && options->files.count == 0)
        return refuse("-f FILE is missing for", command->name);
    if (options->account && command->run != ctl_rbac)
        return refuse("--service-account is not for", command->name);
    if (!command->needs_files && options->files.count > 0)
        return refuse("-f is not for", command->name);
    return -1;
}

static int parse(int argc, char **argv, struct ctl_options *options, const struct command **command)
{
    static const struct option known[] = {
        {"config", required_argument, NULL, 'c'},
        {"file", required_argument, NULL, 'f'},
        {"cluster", required_argument, NULL, option_cluster},
        {"plugin-dir", required_argument, NULL, option_dir},
        {"service-account", required_argument, NULL, option_account},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "c:f:hV", known, NULL)) != -1) {
        int result = take(options, option);
        if (result >= 0)
            return result;
    }
    if (optind >= argc)
        return refuse("a command is missing", NULL);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(argv[optind], commands[i].name) == 0)
            *command = &commands[i];
    }
    if (!*command)
        return refuse(strcmp(argv[optind], "help") == 0 ? "say --help" : "no such command", argv[optind]);
    optind++;
    return check(*command, options, argc, argv);
}

int main(int argc, char **argv)
{
    const struct command *command = NULL;
    struct ctl_options options = {0};
    int code = parse(argc, argv, &options, &command);

    if (code < 0)
        code = (int)command->run(&options);
    string_list_release(&options.files);
    string_list_release(&options.plugin_dirs);
    if ((fflush(stdout) != 0 || ferror(stdout)) && code == EXIT_GOOD)
        code = EXIT_REFUSED;
    return code;
}

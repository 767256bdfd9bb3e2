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
    "       apigwctl reasons\n"
    "       apigwctl rbac     [-c CONFIG] [--cluster NAME] [--service-account NAMESPACE:NAME]\n"
    "       apigwctl status   [-c CONFIG] [--cluster NAME] [-n NAMESPACE] [-o table|wide|json]\n"
    "       apigwctl explain  [-c CONFIG] [--cluster NAME] [-o text|json|yaml] NAMESPACE/NAME\n"
    "       apigwctl reload   [-c CONFIG]\n"
    "\n"
    "  render     print what every enabled backend wants for the Apis of FILE; nothing is written\n"
    "  validate   check the Apis of FILE; print what is wrong as FILE:LINE:COLUMN: PATH: WHY\n"
    "  check      ask the API server of a cluster whether apigwd can work there\n"
    "  plugins    list the plugins that can be loaded, or show the options of the plugin NAME\n"
    "  reasons    print the words that conditions use, with what they mean and what to do\n"
    "  rbac       print what apigwd must be allowed to do in the cluster, for kubectl apply -f -\n"
    "\n"
    "These ask the apigwd that runs, at admin.socket of its config:\n"
    "  status     a table of the Apis\n"
    "  explain    all that is known of one Api: input, claims, backends, what is to do, when\n"
    "  reload     have the config taken anew; wait, and print what came of it\n"
    "\n"
    "  -c, --config FILE       the config file\n"
    "      --cluster NAME      the cluster of the config; may be left out if there is only one, and to see\n"
    "                          all of them with status and explain\n"
    "  -f, --file FILE         a file or a folder of Apis and of objects that backends look at; - is\n"
    "                          standard input; may be repeated\n"
    "      --service-account NAMESPACE:NAME\n"
    "                          bind the role to this service account, and print that too\n"
    "      --plugin-dir DIR    look for plugins here first; may be repeated\n"
    "  -n, --namespace NAME    only the Apis of this namespace\n"
    "  -o, --output FORMAT     what the answer looks like\n"
    "      --outputs           with explain: the objects that are wanted, too, as YAML\n"
    "      --socket PATH       where apigwd listens, instead of what the config says\n"
    "  -h, --help              show this help\n"
    "  -V, --version           show the version\n"
    "\n"
    "Exit code: 0 good; 1 an Api or object is refused, not served or not there, apigwd is not ready or\n"
    "refused to reload; 2 wrong command line, config or file, or apigwd cannot be reached.\n"
    "More in apigwctl(1).\n";

/* What a command takes. */
enum {
    TAKES_CLUSTER = 1 << 0,
    TAKES_FILES = 1 << 1, /* and needs them, and -c */
    TAKES_NAMESPACE = 1 << 2,
    TAKES_SOCKET = 1 << 3,
    TAKES_OUTPUTS = 1 << 4,
    TAKES_ARGUMENT = 1 << 5,
    NEEDS_ARGUMENT = 1 << 6,
    TAKES_ACCOUNT = 1 << 7
};

/* A command. */
struct command {
    const char *name;
    enum exit_code (*run)(const struct ctl_options *options);
    unsigned takes;
    /* Of -o, NULL-terminated. */
    const char *formats[4];
};

static const struct command commands[] = {
    {"render", ctl_render, TAKES_CLUSTER | TAKES_FILES, {NULL}},
    {"validate", ctl_validate, TAKES_CLUSTER | TAKES_FILES, {NULL}},
    {"check", ctl_check, TAKES_CLUSTER, {NULL}},
    {"plugins", ctl_plugins, TAKES_ARGUMENT, {NULL}},
    {"reasons", ctl_reasons, 0, {NULL}},
    {"status", ctl_status, TAKES_CLUSTER | TAKES_NAMESPACE | TAKES_SOCKET, {"table", "wide", "json", NULL}},
    {"explain",
     ctl_explain,
     TAKES_CLUSTER | TAKES_SOCKET | TAKES_OUTPUTS | TAKES_ARGUMENT | NEEDS_ARGUMENT,
     {"text", "json", "yaml", NULL}},
    {"reload", ctl_reload, TAKES_SOCKET, {NULL}},
    {"rbac", ctl_rbac, TAKES_CLUSTER | TAKES_ACCOUNT, {NULL}},
};

static int refuse(const char *what, const char *value)
{
    (void)fprintf(stderr, "apigwctl: %s%s%s\nTry 'apigwctl --help'.\n", what, value ? ": " : "",
                  value ? value : "");
    return EXIT_USAGE;
}

enum { option_cluster = 256, option_dir, option_outputs, option_socket, option_account };

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
    case 'n':
        options->name_space = optarg;
        break;
    case 'o':
        options->format = optarg;
        break;
    case option_outputs:
        options->outputs = true;
        break;
    case option_socket:
        options->socket = optarg;
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

/* An option that the command does not know, NULL if there is none. */
static const char *not_for(const struct command *command, const struct ctl_options *options)
{
    const struct {
        const char *name;
        bool given;
        unsigned takes;
    } table[] = {
        {"--cluster", options->cluster, TAKES_CLUSTER},
        {"-f", options->files.count > 0, TAKES_FILES},
        {"-n", options->name_space, TAKES_NAMESPACE},
        {"--socket", options->socket, TAKES_SOCKET},
        {"--outputs", options->outputs, TAKES_OUTPUTS},
        {"--service-account", options->account, TAKES_ACCOUNT},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].given && !(command->takes & table[i].takes))
            return table[i].name;
    }
    return options->format && !command->formats[0] ? "-o" : NULL;
}

static bool knows_format(const struct command *command, const char *format)
{
    for (size_t i = 0; format && command->formats[i]; i++) {
        if (strcmp(command->formats[i], format) == 0)
            return true;
    }
    return !format;
}

static int refuse_for(const char *what, const struct command *command)
{
    char text[64];

    (void)snprintf(text, sizeof text, "%s is not for", what);
    return refuse(text, command->name);
}

static int check(const struct command *command, struct ctl_options *options, int argc, char **argv)
{
    const char *wrong = not_for(command, options);

    if (wrong)
        return refuse_for(wrong, command);
    if (!knows_format(command, options->format))
        return refuse("no such format of this command", options->format);
    if (optind < argc && (command->takes & TAKES_ARGUMENT))
        options->argument = argv[optind++];
    if (optind < argc)
        return refuse("unexpected argument", argv[optind]);
    if ((command->takes & NEEDS_ARGUMENT) && !options->argument)
        return refuse("NAMESPACE/NAME is missing for", command->name);
    if ((command->takes & TAKES_FILES) && !options->config)
        return refuse("-c CONFIG is missing for", command->name);
    if ((command->takes & TAKES_FILES) && options->files.count == 0)
        return refuse("-f FILE is missing for", command->name);
    return -1;
}

static int parse(int argc, char **argv, struct ctl_options *options, const struct command **command)
{
    static const struct option known[] = {
        {"config", required_argument, NULL, 'c'},
        {"file", required_argument, NULL, 'f'},
        {"cluster", required_argument, NULL, option_cluster},
        {"plugin-dir", required_argument, NULL, option_dir},
        {"namespace", required_argument, NULL, 'n'},
        {"output", required_argument, NULL, 'o'},
        {"outputs", no_argument, NULL, option_outputs},
        {"socket", required_argument, NULL, option_socket},
        {"service-account", required_argument, NULL, option_account},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "c:f:n:o:hV", known, NULL)) != -1) {
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

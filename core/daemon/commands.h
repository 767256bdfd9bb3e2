/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commands - the commands of apigwctl
 */
#ifndef DAEMON_COMMANDS_H
#define DAEMON_COMMANDS_H

#include "daemon/setup.h"
#include "object/settings.h"

#include <stdbool.h>

/** The command line behind the command's name. */
struct ctl_options {
    /** -c; NULL if not given. */
    const char *config;
    /** --cluster; NULL if not given. */
    const char *cluster;
    /** -f, in order; "-" is standard input. */
    struct string_list files;
    /** --plugin-dir, in order. */
    struct string_list plugin_dirs;
    /** The one argument; NULL if not given. */
    const char *argument;
    /** --socket; NULL if not given. */
    const char *socket;
    /** -n; NULL if not given. */
    const char *name_space;
    /** -o; NULL if not given. */
    const char *format;
    /** --outputs. */
    bool outputs;
    /** --service-account; NULL if not given. */
    const char *account;
};

/** `render`: prints what every enabled backend wants for the Apis of the files. */
enum exit_code ctl_render(const struct ctl_options *options);

/** `validate`: checks the Apis of the files and prints what is wrong, with places. */
enum exit_code ctl_validate(const struct ctl_options *options);

/** `plugins`: lists the plugins that can be loaded, or describes one of them. */
enum exit_code ctl_plugins(const struct ctl_options *options);

/** `status`: the Apis of a running daemon. @return EXIT_REFUSED if it is not ready or an Api is not served.
 */
enum exit_code ctl_status(const struct ctl_options *options);

/** `explain`: all that a running daemon knows of one Api. @return EXIT_REFUSED if there is none such. */
enum exit_code ctl_explain(const struct ctl_options *options);

/** `reload`: has a running daemon take its config anew. @return EXIT_REFUSED if it keeps the old one. */
enum exit_code ctl_reload(const struct ctl_options *options);

/** `reasons`: prints the words of conditions, with what they mean and what to do, as docs/reasons.md. */
enum exit_code ctl_reasons(const struct ctl_options *options);

/** `rbac`: prints what the daemon must be allowed to do in a cluster, as YAML. */
enum exit_code ctl_rbac(const struct ctl_options *options);

/** `check`: asks an API server whether the daemon could work there, and prints a line for each answer. */
enum exit_code ctl_check(const struct ctl_options *options);

#endif

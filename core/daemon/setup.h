/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setup - what both programs do first: read the config, know where plugins are, tell what is wrong
 */
#ifndef DAEMON_SETUP_H
#define DAEMON_SETUP_H

#include "base/problem.h"
#include "config/config.h"
#include "object/settings.h"

/** Exit codes of both programs. */
enum exit_code {
    EXIT_GOOD = 0,    /**< everything is as asked */
    EXIT_REFUSED = 1, /**< an Api is not served or not valid, an input or output could not be used */
    EXIT_USAGE = 2    /**< bad command line or bad config */
};

/** The config file that is read if none is named. Static. */
extern const char setup_default_config[];

/** Where the installed config has the daemon listen. Static. */
extern const char setup_default_socket[];

/** Config and plugin folders. Storage of the caller; all zero is empty. */
struct setup {
    /** Owned; NULL if no config was read. */
    struct config *config;
    /** Folders of the command line, of the config, and the installed one, in this order. */
    struct string_list plugin_dirs;
};

/**
 * Reads a config; what is wrong is printed to standard error.
 *
 * @param path  NULL: no config; only the folders are set up.
 * @param dirs  folders of the command line, to be looked in first.
 * @return EXIT_GOOD or EXIT_USAGE.
 */
enum exit_code setup_load(struct setup *setup, const char *path, const struct string_list *dirs);

/**
 * As setup_load(), telling problems to the caller.
 *
 * @return 0, ERROR_INVALID or ERROR_NO_MEMORY; setup_release() in any case.
 */
int setup_read(struct setup *setup, const char *path, const struct string_list *dirs,
               struct problems *problems);

/** Frees the setup; it is empty again. */
void setup_release(struct setup *setup);

/**
 * The folders in the form that the loader takes.
 *
 * @return borrowed, NULL-terminated.
 */
const char *const *setup_dirs(const struct setup *setup);

/** Prints problems to standard error. @return whether there was an error among them. */
bool setup_print_problems(const struct problems *problems);

#endif

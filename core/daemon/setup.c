/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/setup.h"

#include <stdio.h>

const char setup_default_config[] = APIGW_CONF_DIR "/apigwd.yaml";

const char setup_default_socket[] = "/run/apigwd/admin.sock";

bool setup_print_problems(const struct problems *problems)
{
    struct text out = text_empty();

    problems_print(problems, &out);
    (void)fputs(out.data, stderr);
    text_release(&out);
    return problems->errors > 0;
}

static bool add_all(struct string_list *to, const struct string_list *from)
{
    for (size_t i = 0; i < from->count; i++) {
        if (!string_list_add(to, from->items[i]))
            return false;
    }
    return true;
}

int setup_read(struct setup *setup, const char *path, const struct string_list *dirs,
               struct problems *problems)
{
    int result = path ? config_load(path, &setup->config, problems) : 0;

    if (result == 0 && (!add_all(&setup->plugin_dirs, dirs) ||
                        (setup->config && !add_all(&setup->plugin_dirs, &setup->config->plugin_dirs)) ||
                        !string_list_add(&setup->plugin_dirs, APIGW_PLUGIN_DIR)))
        result = ERROR_NO_MEMORY;
    return result;
}

enum exit_code setup_load(struct setup *setup, const char *path, const struct string_list *dirs)
{
    struct problems problems = {0};
    int result = setup_read(setup, path, dirs, &problems);

    (void)setup_print_problems(&problems);
    problems_release(&problems);
    if (result == ERROR_NO_MEMORY)
        (void)fputs("error: not enough memory\n", stderr);
    return result == 0 ? EXIT_GOOD : EXIT_USAGE;
}

void setup_release(struct setup *setup)
{
    config_free(setup->config);
    string_list_release(&setup->plugin_dirs);
    *setup = (struct setup){0};
}

const char *const *setup_dirs(const struct setup *setup)
{
    return (const char *const *)setup->plugin_dirs.items;
}

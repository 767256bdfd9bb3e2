/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/commands.h"

#include "config/schema.h"
#include "daemon/table.h"
#include "object/key.h"
#include "plugin/loader.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *role_name(int32_t role)
{
    switch (role) {
    case APIGW_ROLE_AUTHENTICATION:
        return "authentication";
    case APIGW_ROLE_ROUTE:
        return "route";
    default:
        return "other";
    }
}

/* The names of *.so in a folder that are not known yet. A folder that cannot be read holds none. */
static bool collect(const char *folder, struct string_list *names)
{
    DIR *dir = opendir(folder);
    bool good = true;

    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry && good; entry = readdir(dir)) {
        size_t length = strlen(entry->d_name);
        char name[sizeof entry->d_name];
        if (length <= 3 || strcmp(entry->d_name + length - 3, ".so") != 0 || entry->d_name[0] == '.')
            continue;
        memcpy(name, entry->d_name, length - 3);
        name[length - 3] = '\0';
        if (!string_list_has(names, name))
            good = string_list_add(names, name);
    }
    if (dir)
        (void)closedir(dir);
    return good;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void describe_kinds(const struct apigw_plugin *plugin, struct text *out)
{
    for (uint32_t i = 0; i < plugin->kinds_count; i++) {
        const struct apigw_kind *kind = &plugin->kinds[i];
        text_append_string(out, i > 0 ? "," : "");
        resource_append(out, kind->plural, kind->group);
    }
}

static bool add_row(const struct plugin *plugin, struct string_list *cells)
{
    const struct apigw_plugin *descriptor = &plugin->descriptor;
    struct text kinds = text_empty();
    bool good;

    describe_kinds(descriptor, &kinds);
    good = string_list_add(cells, descriptor->name) && string_list_add(cells, descriptor->version) &&
           string_list_add(cells, role_name(descriptor->role)) && string_list_add(cells, kinds.data) &&
           string_list_add(cells, descriptor->status_key) && string_list_add(cells, descriptor->summary);
    text_release(&kinds);
    return good;
}

static enum exit_code list(const char *const *dirs, const struct string_list *names)
{
    static const char *const headings[] = {"NAME", "VERSION", "ROLE", "KINDS", "STATUS", "SUMMARY"};
    enum { columns = sizeof headings / sizeof *headings };
    struct string_list cells = {0};
    struct text out = text_empty();
    enum exit_code code = EXIT_GOOD;
    bool good = true;

    for (size_t i = 0; i < columns && good; i++)
        good = string_list_add(&cells, headings[i]);
    for (size_t i = 0; i < names->count && good; i++) {
        struct plugin *plugin = NULL;
        struct error error = {0};
        if (plugin_load(names->items[i], dirs, &plugin, &error) == 0) {
            good = add_row(plugin, &cells);
        } else {
            (void)fprintf(stderr, "error: %s\n", error.message);
            code = EXIT_REFUSED;
        }
        plugin_free(plugin);
    }
    if (good)
        table_print((const char *const *)cells.items, cells.count / columns, columns, &out);
    (void)fputs(out.data, stdout);
    text_release(&out);
    string_list_release(&cells);
    return good ? code : EXIT_USAGE;
}

static void describe_versions(const struct apigw_plugin *plugin, struct text *out)
{
    for (uint32_t i = 0; i < plugin->kinds_count; i++) {
        const struct apigw_kind *kind = &plugin->kinds[i];
        text_append_format(out, "%s%s (", i > 0 ? "\n         " : "", kind->kind);
        resource_append(out, kind->plural, kind->group);
        text_append_string(out, ": ");
        for (size_t v = 0; kind->versions[v]; v++)
            text_append_format(out, "%s%s", v > 0 ? ", " : "", kind->versions[v]);
        text_append_string(out, ")");
    }
}

static enum exit_code describe(const char *name, const char *const *dirs)
{
    struct plugin *plugin = NULL;
    struct error error = {0};
    struct text out = text_empty();
    const struct apigw_plugin *descriptor;

    if (plugin_load(name, dirs, &plugin, &error) != 0) {
        (void)fprintf(stderr, "error: %s\n", error.message);
        return EXIT_REFUSED;
    }
    descriptor = &plugin->descriptor;
    text_append_format(&out, "%s %s - %s\n\nfile     %s\nABI      %u.%u\nrole     %s\nkinds    ",
                       descriptor->name, descriptor->version, descriptor->summary, plugin->file,
                       descriptor->abi_major, descriptor->abi_minor, role_name(descriptor->role));
    describe_versions(descriptor, &out);
    text_append_format(&out, "\nstatus   %s", descriptor->status_key);
    if (descriptor->status_alias)
        text_append_format(&out, " (alias %s)", descriptor->status_alias);
    text_append_string(&out, descriptor->options_count > 0 ? "\n\noptions\n" : "\n\n");
    schema_describe(&(struct schema){descriptor->options, descriptor->options_count, descriptor->kinds,
                                     descriptor->kinds_count},
                    &out);
    (void)fputs(out.data, stdout);
    text_release(&out);
    plugin_free(plugin);
    return EXIT_GOOD;
}

enum exit_code ctl_plugins(const struct ctl_options *options)
{
    struct string_list names = {0};
    struct setup setup = {0};
    enum exit_code code = setup_load(&setup, options->config, &options->plugin_dirs);
    bool good = true;

    if (code == EXIT_GOOD && options->argument) {
        code = describe(options->argument, setup_dirs(&setup));
    } else if (code == EXIT_GOOD) {
        for (size_t i = 0; i < setup.plugin_dirs.count && good; i++)
            good = collect(setup.plugin_dirs.items[i], &names);
        if (names.count > 0)
            qsort(names.items, names.count, sizeof *names.items, compare);
        code = good ? list(setup_dirs(&setup), &names) : EXIT_USAGE;
    }
    string_list_release(&names);
    setup_release(&setup);
    return code;
}

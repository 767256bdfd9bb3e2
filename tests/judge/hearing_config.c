/* SPDX-License-Identifier: Apache-2.0 */
#include "hearing.h"

#include "base/json.h"
#include "config/yaml.h"

#include <stdlib.h>
#include <string.h>

/* Where the protections of this tree have their issuers; a descriptor does not say it. */
static const char *issuers_of(const struct plugin *plugin)
{
    return plugin->descriptor.role == APIGW_ROLE_AUTHENTICATION ? "spec.origins[].jwt.issuer" : NULL;
}

/* The plugin of a backend, loaded once; NULL if that fails. */
static const struct plugin *load(struct hearing *hearing, const char *name)
{
    struct plugin *plugin = NULL;

    for (size_t i = 0; i < hearing->plugins_count; i++) {
        if (strcmp(hearing->plugins[i]->descriptor.name, name) == 0)
            return hearing->plugins[i];
    }
    if (hearing->plugins_count == HEARING_PLUGINS || plugin_load(name, hearing->dirs, &plugin, NULL) != 0)
        return NULL;
    hearing->plugins[hearing->plugins_count++] = plugin;
    return plugin;
}

/* A setting of the first cluster, or else of all. */
static const json_t *setting(const struct hearing_config *config, const char *name)
{
    const json_t *cluster = json_array_get(json_member(config->document, "clusters"), 0);
    const json_t *own = json_member(cluster, name);

    return own ? own : json_member(config->document, name);
}

static bool says(const struct hearing_config *config, const char *name, const char *value)
{
    const char *found = json_string_value(setting(config, name));

    return found && strcmp(found, value) == 0;
}

/* A member of a backend's entry, that of the cluster before that of all. */
static const json_t *entry(const struct hearing_config *config, const char *backend, const char *name)
{
    const json_t *cluster = json_array_get(json_member(config->document, "clusters"), 0);
    const json_t *own = json_member(json_member(json_member(cluster, "backends"), backend), name);

    return own ? own : json_member(json_member(json_member(config->document, "backends"), backend), name);
}

/* The backend that is made of a plugin; NULL: there is none. */
static const char *backend_of(struct hearing *hearing, const struct hearing_config *config,
                              const struct plugin *plugin)
{
    const json_t *backends = json_member(config->document, "backends");
    const char *name;
    json_t *value;

    json_object_foreach(json_iterable(backends), name, value)
    {
        const char *file = json_string_value(entry(config, name, "plugin"));
        if (load(hearing, file ? file : name) == plugin)
            return name;
    }
    return NULL;
}

static void add_kinds(struct hearing_config *config, const struct plugin *plugin, const char *backend)
{
    const char *disabled = json_string_value(entry(config, backend ? backend : "", "onDisable"));

    for (uint32_t i = 0; i < plugin->descriptor.kinds_count && config->judged.count < HEARING_KINDS; i++) {
        config->kinds[config->judged.count++] = (struct judge_kind){
            .kind = &plugin->descriptor.kinds[i],
            .role = plugin->descriptor.role,
            .status_key = plugin->descriptor.status_key,
            .issuers = issuers_of(plugin),
            .enabled = backend && !json_is_false(entry(config, backend, "enabled")),
            .keep = disabled && strcmp(disabled, "keep") == 0,
            .lost = !backend,
        };
    }
}

static const char *text_or(const json_t *value, const char *otherwise)
{
    const char *text = json_string_value(json_is_array(value) ? json_array_get(value, 0) : value);

    return text ? text : otherwise;
}

static void fill(struct hearing *hearing, struct hearing_config *config)
{
    const json_t *cluster = json_array_get(json_member(config->document, "clusters"), 0);
    const char *name;
    json_t *value;

    json_object_foreach(json_iterable(json_member(config->document, "backends")), name, value)
    {
        const char *file = json_string_value(entry(config, name, "plugin"));
        (void)load(hearing, file ? file : name);
    }
    for (size_t i = 0; i < hearing->plugins_count; i++)
        add_kinds(config, hearing->plugins[i], backend_of(hearing, config, hearing->plugins[i]));
    config->allow_empty = json_is_true(json_at(cluster, "directory.allowEmpty"));
    config->judged.kinds = config->kinds;
    config->judged.created_by = text_or(setting(config, "createdBy"), "apigwd");
    config->judged.domain = text_or(setting(config, "domain"), "kyma.local");
    config->judged.default_issuer = json_text_at(setting(config, "defaultIssuer"), "issuer");
    config->judged.unsecured = says(config, "incompleteAuthentication", "unsecured");
    config->judged.accept = says(config, "unprotected", "accept");
    config->judged.withdraw = says(config, "onProtectionLost", "withdraw");
}

void hearing_config(struct hearing *hearing, const struct record *record)
{
    json_t *document = yaml_read_one(record->data, record->size, &yaml_file_limits, NULL, NULL);
    struct hearing_config *config;

    /* One that is no config stops the program too. */
    if (!json_is_object(document) || (hearing->judge && json_equal(document, hearing->configs->document))) {
        json_decref(document);
        return;
    }
    config = calloc(1, sizeof *config);
    if (!config)
        abort();
    config->document = document;
    config->next = hearing->configs;
    hearing->configs = config;
    fill(hearing, config);
    if (hearing->judge)
        judge_configure(hearing->judge, &config->judged);
    else
        hearing->judge = judge_new(&config->judged);
}

void hearing_config_release(struct hearing *hearing)
{
    while (hearing->configs) {
        struct hearing_config *next = hearing->configs->next;
        json_decref(hearing->configs->document);
        free(hearing->configs);
        hearing->configs = next;
    }
    for (size_t i = 0; i < hearing->plugins_count; i++)
        plugin_free(hearing->plugins[i]);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "kube/kubeconfig_entry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXEC_GROUP "client.authentication.k8s.io"

static const char *const names[] = {
    "apiVersion", "args", "command", "env", "installHint", "interactiveMode", "provideClusterInfo"};

static int read_version(const struct kubeconfig_entry *entry, struct kubeconfig_exec *exec)
{
    int result = kubeconfig_text(entry, "exec.apiVersion", &exec->api_version);

    if (result != 0)
        return result;
    if (!exec->api_version || (strcmp(exec->api_version, EXEC_GROUP "/v1") != 0 &&
                               strcmp(exec->api_version, EXEC_GROUP "/v1beta1") != 0))
        return kubeconfig_refuse(
            entry, "exec.apiVersion",
            "expected \"" EXEC_GROUP "/v1\" or \"" EXEC_GROUP "/v1beta1\", found %s%.80s%s",
            exec->api_version ? "\"" : "", exec->api_version ? exec->api_version : "nothing",
            exec->api_version ? "\"" : "");
    return 0;
}

static int read_mode(const struct kubeconfig_entry *entry, const struct kubeconfig_exec *exec)
{
    const char *mode = NULL;
    int result = kubeconfig_text(entry, "exec.interactiveMode", &mode);

    if (result != 0)
        return result;
    if (!mode)
        return strcmp(exec->api_version, EXEC_GROUP "/v1") != 0
                   ? 0
                   : kubeconfig_refuse(entry, "exec.interactiveMode",
                                       "expected \"Never\" or \"IfAvailable\", found nothing");
    if (strcmp(mode, "Never") == 0 || strcmp(mode, "IfAvailable") == 0)
        return 0;
    if (strcmp(mode, "Always") == 0)
        return kubeconfig_refuse(
            entry, "exec.interactiveMode",
            "a daemon has no terminal at which the program could ask; expected \"Never\" or "
            "\"IfAvailable\", found \"Always\"");
    return kubeconfig_refuse(entry, "exec.interactiveMode",
                             "expected \"Never\", \"IfAvailable\" or \"Always\"");
}

static const char *env_text(const json_t *element, const char *name)
{
    const char *text = json_string_value(json_member(element, name));

    return text ? text : "";
}

static int read_env(const struct kubeconfig_entry *entry, struct kubeconfig_exec *exec)
{
    json_t *list = json_at(entry->value, "exec.env");
    const char **env;
    json_t *element;
    size_t i;

    if (list && !json_is_array(list) && !json_is_null(list))
        return kubeconfig_refuse(entry, "exec.env", "expected a list, found %s", json_kind(list));
    env = arena_array(entry->arena, json_array_size(list) + 1, sizeof *env);
    if (!env)
        return error_no_memory(entry->error);
    json_array_foreach(list, i, element)
    {
        const char *name = env_text(element, "name");
        char field[64];
        (void)snprintf(field, sizeof field, "exec.env[%zu]", i);
        if (!name[0] || strchr(name, '=') || !json_is_string(json_member(element, "value")))
            return kubeconfig_refuse(entry, field,
                                     "expected an object with a name and a value, both strings");
        env[i] = arena_format(entry->arena, "%s=%s", name, env_text(element, "value"));
        if (!env[i])
            return error_no_memory(entry->error);
    }
    exec->env = env;
    return 0;
}

static int read_command(const struct kubeconfig_entry *entry, struct kubeconfig_exec *exec)
{
    int result = kubeconfig_text(entry, "exec.command", &exec->command);

    if (result != 0)
        return result;
    if (!exec->command)
        return kubeconfig_refuse(entry, "exec.command", "expected a program, found nothing");
    /* A bare name is looked for in $PATH. */
    if (strchr(exec->command, '/'))
        exec->command = kubeconfig_resolve(entry->file, exec->command, entry->arena);
    return exec->command ? 0 : error_no_memory(entry->error);
}

int kubeconfig_read_exec(const struct kubeconfig_entry *entry, struct kubeconfig *config)
{
    const json_t *value = json_member(entry->value, "exec");
    struct kubeconfig_exec *exec;
    int result;

    if (!value || json_is_null(value))
        return 0;
    exec = arena_alloc(entry->arena, sizeof *exec);
    if (!exec)
        return error_no_memory(entry->error);
    result = kubeconfig_check_names(entry, "exec", names, sizeof names / sizeof names[0]);
    if (result == 0)
        result = read_version(entry, exec);
    if (result == 0)
        result = read_command(entry, exec);
    if (result == 0)
        result = kubeconfig_texts(entry, "exec.args", &exec->args);
    if (result == 0)
        result = read_env(entry, exec);
    if (result == 0)
        result = read_mode(entry, exec);
    if (result == 0)
        result = kubeconfig_text(entry, "exec.installHint", &exec->install_hint);
    if (result == 0)
        result = kubeconfig_bool(entry, "exec.provideClusterInfo", &exec->provide_cluster);
    if (result == 0)
        config->exec = exec;
    return result;
}

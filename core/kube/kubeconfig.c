/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/kubeconfig.h"

#include "base/file.h"
#include "base/json.h"
#include "kube/address.h"
#include "kube/kubeconfig_entry.h"
#include "object/key.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static const char mounted[] = "/var/run/secrets/kubernetes.io/serviceaccount";

void kubeconfig_environment(struct kubeconfig_source *source)
{
    source->list = getenv("KUBECONFIG");
    source->service_host = getenv("KUBERNETES_SERVICE_HOST");
    source->service_port = getenv("KUBERNETES_SERVICE_PORT");
    source->pod_namespace = getenv("POD_NAMESPACE");
    source->home = getenv("HOME");
}

void kubeconfig_free(struct kubeconfig *config)
{
    if (!config)
        return;
    arena_release(&config->arena);
    free(config);
}

/* The settings of the program for a cluster stand in the cluster's extensions, under a name of its own. */
static int take_cluster_config(const struct kubeconfig_entry *cluster, struct kubeconfig *config)
{
    json_t *extensions = json_member(cluster->value, "extensions");
    struct kubeconfig_exec *exec;
    json_t *element;
    size_t i;

    if (!config->exec || !config->exec->provide_cluster)
        return 0;
    exec = arena_alloc(&config->arena, sizeof *exec);
    if (!exec)
        return error_no_memory(cluster->error);
    *exec = *config->exec;
    config->exec = exec;
    json_array_foreach(extensions, i, element)
    {
        const char *name = json_string_value(json_member(element, "name"));
        char *text;
        if (!name || strcmp(name, "client.authentication.k8s.io/exec") != 0 ||
            !json_member(element, "extension"))
            continue;
        text = json_canonical(json_member(element, "extension"));
        exec->cluster_config = text ? arena_string(&config->arena, text) : NULL;
        free(text);
        if (!exec->cluster_config)
            return error_no_memory(cluster->error);
    }
    return 0;
}

static bool has_credentials(const struct kubeconfig *config)
{
    return config->token || config->token_file || config->exec || config->certificate.path ||
           config->certificate.data;
}

static const char *current_context(const struct kubeconfig_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        const char *name = json_string_value(json_member(files->list[i].root, "current-context"));
        if (name && name[0])
            return name;
    }
    return NULL;
}

/* Follows a context's field to the entry that it names. */
static int follow(const struct kubeconfig_files *files, const struct kubeconfig_entry *context,
                  const char *kind, struct kubeconfig_entry *entry)
{
    int result;

    *entry = *context;
    entry->kind = kind;
    entry->value = NULL;
    result = kubeconfig_text(context, kind, &entry->name);
    if (result != 0 || !entry->name)
        return result;
    if (!kubeconfig_find(files, entry))
        return kubeconfig_refuse(context, kind, "there is no %s \"%.100s\"", kind, entry->name);
    return 0;
}

static int read_namespace(const struct kubeconfig_entry *context, struct kubeconfig *config)
{
    int result = kubeconfig_text(context, "namespace", &config->name_space);

    if (result != 0)
        return result;
    if (!config->name_space)
        config->name_space = "default";
    if (!name_is_label(config->name_space))
        return kubeconfig_refuse(context, "namespace", "expected the name of a namespace");
    return 0;
}

static int read_context(const struct kubeconfig_files *files, struct kubeconfig_entry *context,
                        struct kubeconfig *config)
{
    static const char *const names[] = {"cluster", "extensions", "namespace", "user"};
    struct kubeconfig_entry cluster;
    struct kubeconfig_entry user;
    int result = kubeconfig_check_names(context, "", names, sizeof names / sizeof names[0]);

    if (result == 0)
        result = follow(files, context, "cluster", &cluster);
    if (result == 0 && !cluster.name)
        return kubeconfig_refuse(context, "cluster", "expected the name of a cluster, found nothing");
    if (result == 0)
        result = follow(files, context, "user", &user);
    if (result == 0)
        result = kubeconfig_read_cluster(&cluster, config);
    if (result == 0 && user.name)
        result = kubeconfig_read_user(&user, config);
    if (result == 0)
        result = take_cluster_config(&cluster, config);
    if (result == 0)
        result = read_namespace(context, config);
    if (result == 0 && !address_is_secure(config->server) && has_credentials(config))
        return kubeconfig_refuse(&cluster, "server",
                                 "credentials are only sent over https; the user \"%.100s\" has some",
                                 user.name);
    return result;
}

static int read_files(const struct kubeconfig_files *files, const char *wanted, struct kubeconfig *config,
                      struct error *error)
{
    const char *name = wanted ? wanted : current_context(files);
    const char *first = files->count > 0 ? files->list[0].path : "kubeconfig";
    struct kubeconfig_entry context = {
        .kind = "context", .name = name, .arena = &config->arena, .error = error};
    int result;

    if (!name)
        return error_set(error, ERROR_INVALID,
                         "%s: current-context: expected the name of a context, found nothing", first);
    if (!kubeconfig_find(files, &context))
        return error_set(error, ERROR_INVALID, "%s: %s: there is no context \"%.100s\"", first,
                         wanted ? "contexts" : "current-context", name);
    result = read_context(files, &context, config);
    if (result != 0)
        return result;
    config->context = arena_string(&config->arena, name);
    config->origin = arena_string(&config->arena, context.file->path);
    return config->context && config->origin ? 0 : error_no_memory(error);
}

static bool is_new(const struct kubeconfig_files *files, const char *path)
{
    for (size_t i = 0; i < files->count; i++) {
        if (strcmp(files->list[i].path, path) == 0)
            return false;
    }
    return true;
}

static int add_list(struct kubeconfig_files *files, const char *list, struct error *error)
{
    while (*list) {
        size_t size = strcspn(list, ":");
        char *path = strndup(list, size);
        struct error why = {0};
        int result = 0;
        if (!path)
            return error_no_memory(error);
        if (size > 0 && is_new(files, path))
            result = kubeconfig_add_file(files, path, &why);
        free(path);
        if (result != 0 && result != ERROR_NOT_FOUND)
            return error_set(error, result, "%s", why.message);
        list += size + (list[size] == ':');
    }
    if (files->count == 0)
        return error_set(error, ERROR_NOT_FOUND, "none of the files in $KUBECONFIG exists");
    return 0;
}

static int add_home(struct kubeconfig_files *files, const char *home, struct error *error)
{
    struct arena arena = {0};
    const char *path = arena_format(&arena, "%s/.kube/config", home);
    int result = path ? kubeconfig_add_file(files, path, error) : error_no_memory(error);

    arena_release(&arena);
    return result;
}

/* The mounted file's first word; "default" without the file. */
static int mounted_namespace(const char *path, struct kubeconfig *config, struct error *error)
{
    struct error why = {0};
    char *data = NULL;
    size_t size = 0;
    int result = file_read(AT_FDCWD, path, 4096, &data, &size, &why);

    config->name_space = "default";
    if (result != 0)
        return result == ERROR_NOT_FOUND ? 0 : error_set(error, result, "in-cluster: %s", why.message);
    data[strcspn(data, " \r\n\t")] = '\0';
    config->name_space = arena_string(&config->arena, data);
    free(data);
    return config->name_space ? 0 : error_no_memory(error);
}

static int take_namespace(const struct kubeconfig_source *source, const char *dir, struct kubeconfig *config,
                          struct error *error)
{
    const char *path = arena_format(&config->arena, "%s/namespace", dir);
    int result = 0;

    if (!path)
        return error_no_memory(error);
    if (source->pod_namespace && source->pod_namespace[0])
        config->name_space = arena_string(&config->arena, source->pod_namespace);
    else
        result = mounted_namespace(path, config, error);
    if (result != 0)
        return result;
    if (!config->name_space)
        return error_no_memory(error);
    if (!name_is_label(config->name_space))
        return error_set(error, ERROR_INVALID, "in-cluster: $POD_NAMESPACE or %s is no name of a namespace",
                         path);
    return 0;
}

static int read_in_cluster(const struct kubeconfig_source *source, struct kubeconfig *config,
                           struct error *error)
{
    const char *dir = source->service_dir ? source->service_dir : mounted;
    char *server = NULL;
    int result;

    if (!source->service_port || !source->service_port[0])
        return error_set(error, ERROR_INVALID,
                         "in-cluster: $KUBERNETES_SERVICE_HOST is set and $KUBERNETES_SERVICE_PORT is not");
    result = address_of_host(source->service_host, source->service_port, &config->arena, &server, error);
    if (result != 0)
        return result == ERROR_INVALID ? error_wrap(error, "in-cluster: $KUBERNETES_SERVICE_HOST and _PORT")
                                       : result;
    config->server = server;
    config->origin = "in-cluster";
    config->context = "";
    config->token_file = arena_format(&config->arena, "%s/token", dir);
    config->ca.path = arena_format(&config->arena, "%s/ca.crt", dir);
    if (!config->token_file || !config->ca.path)
        return error_no_memory(error);
    return take_namespace(source, dir, config, error);
}

static int load(const struct kubeconfig_source *source, struct kubeconfig_files *files,
                struct kubeconfig *config, struct error *error)
{
    bool in_pod = source->service_host && source->service_host[0];
    int result;

    if (source->path)
        result = kubeconfig_add_file(files, source->path, error);
    else if (source->list && source->list[0])
        result = add_list(files, source->list, error);
    else if (in_pod)
        return read_in_cluster(source, config, error);
    else if (source->home && source->home[0])
        result = add_home(files, source->home, error);
    else
        return error_set(error, ERROR_NOT_FOUND,
                         "there is no kubeconfig: $KUBECONFIG, $KUBERNETES_SERVICE_HOST and "
                         "$HOME are not set");
    return result != 0 ? result : read_files(files, source->context, config, error);
}

int kubeconfig_load(const struct kubeconfig_source *source, struct kubeconfig **config, struct error *error)
{
    struct kubeconfig_files files = {0};
    struct kubeconfig *loaded = calloc(1, sizeof *loaded);
    int result;

    if (!loaded)
        return error_no_memory(error);
    result = load(source, &files, loaded, error);
    kubeconfig_release_files(&files);
    if (result != 0) {
        kubeconfig_free(loaded);
        return result;
    }
    *config = loaded;
    return 0;
}

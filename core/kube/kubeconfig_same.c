/* SPDX-License-Identifier: Apache-2.0 */
/* Whether two contexts are the same. */
#include "base/text.h"
#include "kube/kubeconfig.h"

#include <string.h>

static bool same_blob(const struct kubeconfig_blob *a, const struct kubeconfig_blob *b)
{
    return text_same(a->path, b->path) && !a->data == !b->data && a->size == b->size &&
           (!a->data || memcmp(a->data, b->data, a->size) == 0);
}

static bool same_list(const char *const *a, const char *const *b)
{
    while (*a && *b && strcmp(*a, *b) == 0) {
        a++;
        b++;
    }
    return !*a && !*b;
}

static bool same_exec(const struct kubeconfig_exec *a, const struct kubeconfig_exec *b)
{
    if (!a || !b)
        return a == b;
    return text_same(a->command, b->command) && same_list(a->args, b->args) && same_list(a->env, b->env) &&
           text_same(a->api_version, b->api_version) && text_same(a->install_hint, b->install_hint) &&
           a->provide_cluster == b->provide_cluster && text_same(a->cluster_config, b->cluster_config);
}

static bool same_headers(const struct kubeconfig_header *a, const struct kubeconfig_header *b)
{
    if (!a || !b)
        return a == b;
    while (a->name && b->name && strcmp(a->name, b->name) == 0 && text_same(a->value, b->value)) {
        a++;
        b++;
    }
    return !a->name && !b->name;
}

bool kubeconfig_same_server(const struct kubeconfig *a, const struct kubeconfig *b)
{
    return text_same(a->context, b->context) && text_same(a->server, b->server) &&
           text_same(a->tls_server_name, b->tls_server_name) && text_same(a->proxy, b->proxy);
}

bool kubeconfig_same(const struct kubeconfig *a, const struct kubeconfig *b)
{
    return kubeconfig_same_server(a, b) && a->disable_compression == b->disable_compression &&
           same_blob(&a->ca, &b->ca) && same_blob(&a->certificate, &b->certificate) &&
           same_blob(&a->key, &b->key) && text_same(a->token, b->token) &&
           text_same(a->token_file, b->token_file) && same_exec(a->exec, b->exec) &&
           same_headers(a->impersonate, b->impersonate) && text_same(a->name_space, b->name_space);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/address.h"
#include "kube/kubeconfig_entry.h"

static const char *const names[] = {
    "certificate-authority",
    "certificate-authority-data",
    "disable-compression",
    "extensions",
    "insecure-skip-tls-verify",
    "proxy-url",
    "server",
    "tls-server-name",
};

static int read_address(const struct kubeconfig_entry *entry, const char *field, enum address_use use,
                        const char **out)
{
    struct error why = {0};
    const char *url = NULL;
    char *address = NULL;
    int result = kubeconfig_text(entry, field, &url);

    *out = NULL;
    if (result != 0 || !url)
        return result;
    result = address_read(use, url, entry->arena, &address, &why);
    *out = address;
    if (result == ERROR_INVALID)
        return kubeconfig_refuse(entry, field, "%s", why.message);
    return result != 0 ? error_no_memory(entry->error) : 0;
}

static int read_verification(const struct kubeconfig_entry *entry, struct kubeconfig *config)
{
    bool insecure = false;
    int result = kubeconfig_bool(entry, "insecure-skip-tls-verify", &insecure);

    if (result != 0)
        return result;
    if (insecure)
        return kubeconfig_refuse(entry, "insecure-skip-tls-verify",
                                 "the server's certificate is always verified here; give its authority in "
                                 "certificate-authority, and another name of it in tls-server-name");
    result = kubeconfig_text(entry, "tls-server-name", &config->tls_server_name);
    return result != 0 ? result : kubeconfig_blob(entry, "certificate-authority", &config->ca);
}

int kubeconfig_read_cluster(const struct kubeconfig_entry *entry, struct kubeconfig *config)
{
    int result = kubeconfig_check_names(entry, "", names, sizeof names / sizeof names[0]);

    if (result == 0)
        result = read_address(entry, "server", ADDRESS_SERVER, &config->server);
    if (result == 0 && !config->server)
        return kubeconfig_refuse(entry, "server",
                                 "expected the server's URL, like https://HOST:PORT; found nothing");
    if (result == 0)
        result = read_verification(entry, config);
    if (result == 0)
        result = read_address(entry, "proxy-url", ADDRESS_PROXY, &config->proxy);
    if (result == 0)
        result = kubeconfig_bool(entry, "disable-compression", &config->disable_compression);
    return result;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/exec_credential.h"

#include "base/json.h"
#include "base/text.h"
#include "kube/base64.h"
#include "kube/tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static bool set_text(json_t *object, const char *name, const char *value)
{
    return !value || json_object_set_new(object, name, json_string(value)) == 0;
}

static bool set_ca(json_t *cluster, const struct kubeconfig_blob *ca)
{
    struct text text = text_empty();
    bool done;

    if (!ca->data)
        return true;
    base64_append(&text, ca->data, ca->size);
    done = !text.failed && set_text(cluster, "certificate-authority-data", text.data);
    text_release(&text);
    return done;
}

static json_t *make_cluster(const struct kubeconfig *config, const struct kubeconfig_blob *ca)
{
    const char *own = config->exec->cluster_config;
    json_t *cluster = json_object();
    bool done = cluster && set_text(cluster, "server", config->server) &&
                set_text(cluster, "tls-server-name", config->tls_server_name) &&
                set_text(cluster, "proxy-url", config->proxy) && set_ca(cluster, ca);

    if (done && config->disable_compression)
        done = json_object_set_new(cluster, "disable-compression", json_true()) == 0;
    if (done && own)
        done = json_object_set_new(cluster, "config", json_loads(own, JSON_DECODE_ANY, NULL)) == 0;
    if (!done) {
        json_decref(cluster);
        return NULL;
    }
    return cluster;
}

char *exec_info(const struct kubeconfig *config, const struct kubeconfig_blob *ca)
{
    json_t *spec = json_pack("{s:b}", "interactive", 0);
    json_t *root = NULL;
    char *text = NULL;
    char *entry = NULL;
    bool done = spec != NULL;

    if (done && config->exec->provide_cluster)
        done = json_object_set_new(spec, "cluster", make_cluster(config, ca)) == 0;
    if (done)
        root = json_pack("{s:s, s:s, s:O}", "apiVersion", config->exec->api_version, "kind", "ExecCredential",
                         "spec", spec);
    if (root)
        text = json_canonical(root);
    if (text && asprintf(&entry, "KUBERNETES_EXEC_INFO=%s", text) < 0)
        entry = NULL;
    json_decref(spec);
    json_decref(root);
    free(text);
    return entry;
}

/* "2026-01-02T03:04:05Z", with a fraction or an offset; -1 if it is none. */
static int64_t read_time(const char *text)
{
    struct tm tm = {0};
    int hours = 0;
    int minutes = 0;
    char sign = '+';
    const char *at = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

    if (!at)
        return -1;
    if (*at == '.')
        at += 1 + strspn(at + 1, "0123456789");
    if (strcmp(at, "Z") != 0 && strcmp(at, "z") != 0) {
        int used = 0;
        if (sscanf(at, "%c%2d:%2d%n", &sign, &hours, &minutes, &used) != 3 || used != 6 || at[used] ||
            (sign != '+' && sign != '-'))
            return -1;
    }
    hours = sign == '-' ? -hours : hours;
    minutes = sign == '-' ? -minutes : minutes;
    return (int64_t)timegm(&tm) - (int64_t)hours * 3600 - (int64_t)minutes * 60;
}

/* Sets *out to a copy of a member's text; NULL if there is none. */
static int take(const json_t *status, const char *name, char **out, struct error *error)
{
    const json_t *value = json_member(status, name);

    *out = NULL;
    if (!value || json_is_null(value))
        return 0;
    if (!json_is_string(value))
        return error_set(error, ERROR_INVALID, "its answer's status.%s is %s instead of a string", name,
                         json_kind(value));
    if (json_string_length(value) == 0)
        return 0;
    *out = strdup(json_string_value(value));
    return *out ? 0 : error_no_memory(error);
}

static int take_expiry(const json_t *status, int64_t *expires_s, struct error *error)
{
    char *text = NULL;
    int result = take(status, "expirationTimestamp", &text, error);

    *expires_s = 0;
    if (result == 0 && text) {
        *expires_s = read_time(text);
        if (*expires_s <= 0)
            result =
                error_set(error, ERROR_INVALID,
                          "its answer's status.expirationTimestamp is no time like 2026-01-02T03:04:05Z");
    }
    free(text);
    return result;
}

static int check(const struct exec_credential *answer, struct error *error)
{
    if (answer->token && !kubeconfig_is_token(answer->token))
        return error_set(error, ERROR_INVALID,
                         "its answer's status.token holds blanks or more than printable ASCII");
    if (!answer->certificate != !answer->key)
        return error_set(
            error, ERROR_INVALID,
            "its answer has one of status.clientCertificateData and status.clientKeyData; both are needed");
    if (!answer->token && !answer->certificate)
        return error_set(error, ERROR_INVALID,
                         "its answer has neither status.token nor status.clientCertificateData");
    if (answer->certificate &&
        (!strstr(answer->certificate, "-----BEGIN ") || !strstr(answer->key, "-----BEGIN ")))
        return error_set(error, ERROR_INVALID, "its answer's certificate or key is no PEM");
    return 0;
}

static int read_answer(const json_t *root, const char *api_version, struct exec_credential *answer,
                       struct error *error)
{
    const char *kind = json_string_value(json_member(root, "kind"));
    const char *version = json_string_value(json_member(root, "apiVersion"));
    const json_t *status = json_member(root, "status");
    int result;

    if (!kind || strcmp(kind, "ExecCredential") != 0)
        return error_set(error, ERROR_INVALID, "its answer is no ExecCredential");
    if (!version || strcmp(version, api_version) != 0)
        return error_set(error, ERROR_INVALID,
                         "its answer's apiVersion is not \"%s\", as the kubeconfig says", api_version);
    result = take(status, "token", &answer->token, error);
    if (result == 0)
        result = take(status, "clientCertificateData", &answer->certificate, error);
    if (result == 0)
        result = take(status, "clientKeyData", &answer->key, error);
    if (result == 0)
        result = take_expiry(status, &answer->expires_s, error);
    return result == 0 ? check(answer, error) : result;
}

/* Why a text has no tree. What jansson says quotes the text, and so a token; and where memory is short it
 * takes the text for wrong. */
static int refuse_text(const char *text, size_t size, const json_error_t *why, struct error *error)
{
    struct tokens tokens = {0};
    int result = tokens_read(&tokens, text, size, NULL);

    tokens_release(&tokens);
    if (result == 0 || result == ERROR_NO_MEMORY)
        return error_no_memory(error);
    return error_set(error, ERROR_INVALID, "its answer is no JSON, from %d:%d on", why->line, why->column);
}

int exec_credential_read(const char *text, size_t size, const char *api_version,
                         struct exec_credential *answer, struct error *error)
{
    struct exec_credential read = {0};
    json_error_t why;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &why);
    int result;

    if (!root)
        return refuse_text(text, size, &why, error);
    result = read_answer(root, api_version, &read, error);
    json_decref(root);
    if (result != 0)
        exec_credential_release(&read);
    else
        *answer = read;
    return result;
}

void exec_credential_release(struct exec_credential *answer)
{
    if (!answer)
        return;
    free(answer->token);
    free(answer->certificate);
    free(answer->key);
    *answer = (struct exec_credential){0};
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/commands.h"

#include "config/yaml.h"
#include "daemon/chosen.h"
#include "daemon/permission.h"
#include "object/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char rbac_group[] = "rbac.authorization.k8s.io";
static const char rbac_version[] = "rbac.authorization.k8s.io/v1";

/* For whom: a service account, or nobody yet. */
struct subject {
    char *name_space; /* owned; NULL: nobody */
    const char *name; /* of the account, the role and the binding */
};

static json_t *verbs_value(unsigned verbs)
{
    json_t *list = json_array();

    for (unsigned i = 0; list && i < PERMISSION_VERBS; i++) {
        if (verbs & (1U << i) && json_array_append_new(list, json_string(permission_word(i))) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

static json_t *rule_value(const struct permission *permission)
{
    char resource[2 * SUBDOMAIN_MAX];
    json_t *rule;

    (void)snprintf(resource, sizeof resource, "%s%s%s", permission->plural,
                   permission->subresource ? "/" : "",
                   permission->subresource ? permission->subresource : "");
    rule = json_pack("{s:[s], s:[s]}", "apiGroups", permission->group, "resources", resource);
    if (rule &&
        (!permission->name ||
         json_object_set_new(rule, "resourceNames", json_pack("[s]", permission->name)) == 0) &&
        json_object_set_new(rule, "verbs", verbs_value(permission->verbs)) == 0)
        return rule;
    json_decref(rule);
    return NULL;
}

static json_t *rules_value(const struct permissions *permissions)
{
    json_t *rules = json_array();

    for (size_t i = 0; rules && i < permissions->count; i++) {
        if (json_array_append_new(rules, rule_value(&permissions->list[i])) != 0) {
            json_decref(rules);
            rules = NULL;
        }
    }
    return rules;
}

/* Appends a document and lets go of it. @return false if memory is short. */
static bool print_document(json_t *document, struct text *out)
{
    bool good = document != NULL;

    if (good && out->length > 0)
        text_append_string(out, "---\n");
    if (good)
        good = yaml_write(document, out, NULL) == 0;
    json_decref(document);
    return good;
}

static bool print_role(const struct permissions *permissions, const struct subject *subject, struct text *out)
{
    json_t *document =
        json_pack("{s:s, s:s, s:{s:s}, s:o}", "apiVersion", rbac_version, "kind", "ClusterRole", "metadata",
                  "name", subject->name, "rules", rules_value(permissions));

    return print_document(document, out);
}

static bool print_account(const struct subject *subject, struct text *out)
{
    return print_document(json_pack("{s:s, s:s, s:{s:s, s:s}}", "apiVersion", "v1", "kind", "ServiceAccount",
                                    "metadata", "name", subject->name, "namespace", subject->name_space),
                          out);
}

static bool print_binding(const struct subject *subject, struct text *out)
{
    json_t *document =
        json_pack("{s:s, s:s, s:{s:s}, s:{s:s, s:s, s:s}, s:[{s:s, s:s, s:s}]}", "apiVersion", rbac_version,
                  "kind", "ClusterRoleBinding", "metadata", "name", subject->name, "roleRef", "apiGroup",
                  rbac_group, "kind", "ClusterRole", "name", subject->name, "subjects", "kind",
                  "ServiceAccount", "name", subject->name, "namespace", subject->name_space);

    return print_document(document, out);
}

static bool print_all(const struct registry *registry, const struct subject *subject, struct text *out)
{
    struct permissions permissions = {0};
    bool good = permissions_of(registry, &permissions) == 0;

    if (good && subject->name_space)
        good = print_account(subject, out);
    good = good && print_role(&permissions, subject, out);
    if (good && subject->name_space)
        good = print_binding(subject, out);
    permissions_release(&permissions);
    return good;
}

/* NAMESPACE:NAME, as kubectl has it. @return false: told. */
static bool read_subject(const char *account, struct subject *subject)
{
    const char *colon = account ? strchr(account, ':') : NULL;

    *subject = (struct subject){.name = "apigwd"};
    if (!account)
        return true;
    subject->name_space = strndup(account, colon ? (size_t)(colon - account) : strlen(account));
    subject->name = colon ? colon + 1 : "";
    if (subject->name_space && name_is_label(subject->name_space) && name_is_subdomain(subject->name))
        return true;
    (void)fprintf(stderr,
                  "error: \"%s\" is no service account; expected NAMESPACE:NAME such as kyma-system:apigwd\n",
                  account);
    return false;
}

static enum exit_code print(const struct cluster *cluster, const struct subject *subject)
{
    struct text out = text_empty();
    bool good = print_all(cluster->registry, subject, &out);

    if (!good)
        (void)fputs("error: not enough memory\n", stderr);
    else
        (void)fputs(out.data, stdout);
    text_release(&out);
    if (good && cluster->registry->incomplete)
        (void)fputs("error: a backend could not be loaded; what it needs is not in the list\n", stderr);
    if (!good)
        return EXIT_USAGE;
    return cluster->registry->incomplete ? EXIT_REFUSED : EXIT_GOOD;
}

enum exit_code ctl_rbac(const struct ctl_options *options)
{
    struct chosen chosen = {0};
    struct subject subject = {0};
    enum exit_code code = read_subject(options->account, &subject) ? EXIT_GOOD : EXIT_USAGE;

    if (code == EXIT_GOOD)
        code = chosen_open(options, &chosen);
    if (code == EXIT_GOOD)
        code = print(chosen.cluster, &subject);
    chosen_close(&chosen);
    free(subject.name_space);
    return code;
}

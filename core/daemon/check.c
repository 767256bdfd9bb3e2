/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/check.h"

#include "base/json.h"
#include "daemon/now.h"
#include "daemon/permission.h"
#include "object/key.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Seconds that two clocks may be apart before anybody notices. */
static const int64_t clocks_apart_s = 5;

void check_tell(struct check *check, enum check_mark mark, const char *format, ...)
{
    static const char marks[] = "+!-";
    va_list values;

    (void)printf("[%c] ", marks[mark]);
    va_start(values, format);
    (void)vprintf(format, values);
    va_end(values);
    (void)puts("");
    (void)fflush(stdout);
    check->counts[mark]++;
}

int check_ask(struct check *check, const char *target, json_t *body, json_t **value,
              struct ask_answer *answer)
{
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    const struct connection_request request = {
        .method = body ? "POST" : "GET", .target = target, .body = text, .size = text ? strlen(text) : 0};
    int result;

    *answer = (struct ask_answer){.body = text_empty()};
    if (body && !text)
        result = error_no_memory(&answer->error);
    else
        result = ask_for(check->ask, &request, answer);
    if (result == 0) {
        *value = json_parse(answer->body.data, answer->body.length, &answer->error);
        result = *value ? 0 : error_wrap(&answer->error, "%s%s", ask_server(check->ask), target);
    }
    json_decref(body);
    free(text);
    return result;
}

static void check_clock(struct check *check, const struct ask_answer *answer, int64_t asked_s)
{
    const int64_t answered_s = now().wall_s;
    int64_t apart_s = 0;

    if (answer->date_s == 0)
        return;
    if (answer->date_s > answered_s)
        apart_s = answer->date_s - answered_s;
    else if (answer->date_s < asked_s)
        apart_s = answer->date_s - asked_s;
    if (apart_s > clocks_apart_s || apart_s < -clocks_apart_s)
        check_tell(check, CHECK_WARNING,
                   "the server's clock is %lld s %s ours: certificates and tokens may be refused; set one of "
                   "the clocks right (NTP)",
                   (long long)llabs(apart_s), apart_s > 0 ? "ahead of" : "behind");
    else
        check_tell(check, CHECK_GOOD, "the clocks agree");
}

/* Servers before 1.28 do not tell; then the permissions say all that matters. */
static void check_who(struct check *check)
{
    struct ask_answer answer = {0};
    json_t *value = NULL;
    json_t *body =
        json_pack("{s:s, s:s}", "apiVersion", "authentication.k8s.io/v1", "kind", "SelfSubjectReview");

    if (body &&
        check_ask(check, "/apis/authentication.k8s.io/v1/selfsubjectreviews", body, &value, &answer) == 0) {
        const char *user = json_text_at(value, "status.userInfo.username");
        if (user && strcmp(user, "system:anonymous") == 0)
            check_tell(check, CHECK_BAD,
                       "the server does not know who we are (%s); give the user of the context credentials",
                       user);
        else if (user)
            check_tell(check, CHECK_GOOD, "we are %s", user);
    }
    json_decref(value);
    ask_release(&answer);
}

bool check_server(struct check *check)
{
    const int64_t asked_s = now().wall_s;
    struct ask_answer answer = {0};
    json_t *value = NULL;
    int result = check_ask(check, "/version", NULL, &value, &answer);
    const char *version = json_text_at(value, "gitVersion");

    /* Some servers tell their version to nobody; what answers is there all the same. */
    if (result == 0 || answer.status == 403 || answer.status == 404) {
        check_tell(check, CHECK_GOOD, "%s answers: Kubernetes %s", ask_server(check->ask),
                   version ? version : "of a version that it does not tell");
        check_clock(check, &answer, asked_s);
        check_who(check);
        result = 0;
    } else {
        check_tell(check, CHECK_BAD, "%s; look at %s of the kubeconfig and whether the server runs",
                   answer.error.message, answer.status == 401 ? "the user" : "server, proxy and authority");
    }
    json_decref(value);
    ask_release(&answer);
    return result == 0;
}

/* With its subresource, or the name of the one object. */
static void append_resource(struct text *out, const struct permission *permission)
{
    resource_append(out, permission->plural, permission->group);
    if (permission->subresource)
        text_append_format(out, "/%s", permission->subresource);
    if (permission->name)
        text_append_format(out, " %s", permission->name);
}

static json_t *review(const struct permission *permission, unsigned verb)
{
    json_t *what = json_pack("{s:s, s:s, s:s}", "group", permission->group, "resource", permission->plural,
                             "verb", permission_word(verb));
    bool made = what != NULL;

    if (made && permission->subresource)
        made = json_object_set_new(what, "subresource", json_string(permission->subresource)) == 0;
    if (made && permission->name)
        made = json_object_set_new(what, "name", json_string(permission->name)) == 0;
    if (made)
        return json_pack("{s:s, s:s, s:{s:o}}", "apiVersion", "authorization.k8s.io/v1", "kind",
                         "SelfSubjectAccessReview", "spec", "resourceAttributes", what);
    json_decref(what);
    return NULL;
}

/* Whether one verb is allowed. @return 1 or 0; -1: told that it cannot be known. */
static int is_allowed(struct check *check, const struct permission *permission, unsigned verb)
{
    struct ask_answer answer = {0};
    json_t *value = NULL;
    json_t *body = review(permission, verb);
    int allowed = -1;

    if (body && check_ask(check, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body, &value,
                          &answer) == 0)
        allowed = json_is_true(json_at(value, "status.allowed"));
    else
        check_tell(check, CHECK_BAD, "the permissions cannot be asked for: %s",
                   body ? answer.error.message : "not enough memory");
    json_decref(value);
    ask_release(&answer);
    return allowed;
}

/* @return false: told that it cannot be known. */
static bool check_permission(struct check *check, const struct permission *permission)
{
    struct text good = text_empty();
    struct text bad = text_empty();
    struct text resource = text_empty();
    int allowed = 1;

    append_resource(&resource, permission);
    for (unsigned i = 0; i < PERMISSION_VERBS && allowed >= 0; i++) {
        struct text *list;
        if (!(permission->verbs & (1U << i)))
            continue;
        allowed = is_allowed(check, permission, i);
        list = allowed == 1 ? &good : &bad;
        if (allowed >= 0)
            text_append_format(list, "%s%s", list->length > 0 ? ", " : "", permission_word(i));
    }
    if (allowed >= 0 && bad.length > 0 && permission->optional)
        check_tell(check, CHECK_WARNING, "may not %s %s, which is optional: %s", bad.data, resource.data,
                   permission->optional);
    else if (allowed >= 0 && bad.length > 0)
        check_tell(check, CHECK_BAD,
                   "may not %s %s%s%s; apply what \"apigwctl rbac\" prints for this cluster", bad.data,
                   resource.data, permission->backend ? ", for backend " : "",
                   permission->backend ? permission->backend : "");
    else if (allowed >= 0)
        check_tell(check, CHECK_GOOD, "may %s %s", good.data, resource.data);
    text_release(&resource);
    text_release(&bad);
    text_release(&good);
    return allowed >= 0;
}

void check_permissions(struct check *check)
{
    struct permissions permissions = {0};

    if (permissions_of(check->cluster->registry, &permissions) != 0)
        check_tell(check, CHECK_BAD, "not enough memory");
    for (size_t i = 0; i < permissions.count; i++) {
        if (!check_permission(check, &permissions.list[i]))
            break;
    }
    permissions_release(&permissions);
}

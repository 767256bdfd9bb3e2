/* SPDX-License-Identifier: Apache-2.0 */
/* Real plugins, loaded from their files, whose render() breaks a rule. */
#include "harness.h"

#include "base/json.h"
#include "base/text.h"
#include "plugin/registry.h"
#include "reconcile/effective.h"
#include "reconcile/render.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char api_text[] =
    "{\"apiVersion\":\"gateway.kyma-project.io/v1alpha2\",\"kind\":\"Api\","
    "\"metadata\":{\"name\":\"a1\",\"namespace\":\"t1\"},\"spec\":{\"service\":{\"name\":\"svc1\",\"port\":"
    "80},"
    "\"hostname\":\"h1\",\"authentication\":[{\"type\":\"JWT\",\"jwt\":{\"issuer\":\"i\","
    "\"jwksUri\":\"https://i/keys\"}}]}}";

/* Has the fixture render a secured Api; its answer must be refused with a line that names the plugin, its
 * file, what was found and what was expected. */
static void expect_fault(const char *fixture, const char *found)
{
    const char *build = getenv("top_builddir");
    struct text dir = text_empty();
    const char *dirs[] = {NULL, NULL};
    char *domain = strdup("kyma.local");
    char *domains[] = {domain, NULL};
    char *name = strdup(fixture);
    char *creator = strdup("apigwd");
    struct config_backend entry = {
        .name = name, .plugin = name, .enabled = true, .required = true, .config = json_object()};
    struct config_cluster cluster = {.name = name, .backends = &entry, .backends_count = 1};
    const struct settings settings = {.domains = {.items = domains, .count = 1}, .created_by = creator};
    struct problems problems = {0};
    struct registry *registry = NULL;
    json_t *api = json_parse(api_text, strlen(api_text), NULL);
    struct effective effective = {0};
    struct store *store = store_new(STORE_TEXTS_PLAIN);
    struct rendering out = {0};
    struct text line = text_empty();

    text_append_format(&dir, "%s/tests/fixtures/.libs", build ? build : ".");
    dirs[0] = dir.data;
    CU_ASSERT_EQUAL_FATAL(registry_build(&cluster, dirs, NULL, &registry, &problems), 0);
    CU_ASSERT_EQUAL_FATAL(effective_make(api, &settings, &effective, NULL), 0);
    render_backend(
        registry->backends[0],
        &(struct render_input){.api = api, .effective = &effective, .settings = &settings, .store = store},
        &out);
    text_append_format(&line, "plugin misbehaves (%s) is at fault: %s", registry->backends[0]->plugin->file,
                       found);
    CU_ASSERT_EQUAL(out.code, APIGW_INTERNAL);
    CU_ASSERT_EQUAL(out.count, 0);
    CU_ASSERT_STRING_EQUAL(out.message, line.data);
    CU_ASSERT_PTR_NOT_NULL(strstr(line.data, fixture));
    CU_ASSERT_PTR_NULL(strchr(out.message, '\n'));
    rendering_release(&out);
    effective_release(&effective);
    store_free(store);
    registry_free(registry);
    problems_release(&problems);
    json_decref(api);
    json_decref(entry.config);
    text_release(&line);
    text_release(&dir);
    free(creator);
    free(name);
    free(domain);
}

static void a_kind_that_it_does_not_own(void)
{
    expect_fault("foreign-kind", "resource 0 is v1 Secret, which is none of the kinds it declares");
}

static void another_namespace(void)
{
    expect_fault("other-namespace", "resource 0 is in namespace \"kube-system\"; expected the Api's, \"t1\"");
}

static void nothing_where_a_protection_is_due(void)
{
    expect_fault("renders-nothing", "it rendered nothing for an Api that asks for authentication");
}

static void metadata_that_is_not_a_plugins(void)
{
    expect_fault("sets-finalizers", "resource 0 has metadata.finalizers; only name, namespace, labels and "
                                    "annotations are a plugin's");
}

static void more_than_a_mebibyte(void)
{
    expect_fault("huge-output", "resource 0 has 1126470 bytes; expected at most 1048576");
}

int main(void)
{
    static const struct test tests[] = {
        {"a kind that it does not own is refused", a_kind_that_it_does_not_own},
        {"another namespace is refused", another_namespace},
        {"nothing where a protection is due is refused", nothing_where_a_protection_is_due},
        {"metadata that is not a plugin's is refused", metadata_that_is_not_a_plugins},
        {"an object of more than 1 MiB is refused", more_than_a_mebibyte},
        {NULL, NULL},
    };

    return harness_run("misbehaving", tests);
}

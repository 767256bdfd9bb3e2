/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "scarce.h"

#include "base/text.h"
#include "daemon/permission.h"

#include <stdio.h>
#include <string.h>

static const char *const versions[] = {"v1", NULL};
static const struct apigw_kind kinds[] = {
    {.group = "a.io", .versions = versions, .kind = "Route", .plural = "routes"},
    {.group = "", .versions = versions, .kind = "Secret", .plural = "secrets"},
};
static const struct apigw_kind other_kind = {
    .group = "b.io", .versions = versions, .kind = "Route", .plural = "routes"};
static const struct apigw_related related[] = {
    {.group = "a.io", .versions = versions, .kind = "Route", .plural = "routes"},
    {.group = "", .versions = versions, .kind = "Service", .plural = "services"},
};

/* Two backends made by hand: of both kinds and both related ones, and of the other kind. */
struct bench {
    struct plugin plugins[2];
    struct backend backends[2];
    struct backend *list[2];
    struct registry registry;
};

static void bench_make(struct bench *bench)
{
    *bench = (struct bench){0};
    bench->plugins[0].descriptor =
        (struct apigw_plugin){.kinds_count = 2, .kinds = kinds, .related_count = 2, .related = related};
    bench->plugins[1].descriptor =
        (struct apigw_plugin){.kinds_count = 1, .kinds = &other_kind, .related_count = 1, .related = related};
    for (size_t i = 0; i < 2; i++) {
        bench->backends[i] = (struct backend){
            .name = i == 0 ? "first" : "second", .plugin = &bench->plugins[i], .enabled = true};
        bench->list[i] = &bench->backends[i];
    }
    bench->registry = (struct registry){.backends = bench->list, .count = 2};
}

static void append(struct text *out, const struct permission *permission)
{
    text_append_format(out, "%s%s%s %s%s%s:", permission->plural, permission->group[0] ? "." : "",
                       permission->group, permission->name ? permission->name : "",
                       permission->subresource ? "/" : "",
                       permission->subresource ? permission->subresource : "");
    for (unsigned i = 0; i < PERMISSION_VERBS; i++) {
        if (permission->verbs & (1U << i))
            text_append_format(out, " %s", permission_word(i));
    }
    text_append_format(out, " (%s)\n", permission->backend ? permission->backend : "-");
}

#define OWN                                                                                                  \
    "apis.gateway.kyma-project.io : get list watch (-)\n"                                                    \
    "apis.gateway.kyma-project.io /status: update patch (-)\n"                                               \
    "customresourcedefinitions.apiextensions.k8s.io : list watch (-)\n"                                      \
    "namespaces kube-system: get (-)\n"

static bool needs(const struct registry *registry, const char *wanted)
{
    struct permissions permissions = {0};
    struct text out = text_empty();
    bool same;

    CU_ASSERT_EQUAL(permissions_of(registry, &permissions), 0);
    for (size_t i = 0; i < permissions.count; i++)
        append(&out, &permissions.list[i]);
    same = strcmp(out.data, wanted) == 0;
    if (!same)
        (void)printf("# found %s\n", out.data);
    text_release(&out);
    permissions_release(&permissions);
    return same;
}

static void without_backends_the_program_needs_little(void)
{
    const struct registry none = {0};

    CU_ASSERT_TRUE(needs(&none, OWN));
}

static void enabled_backends_write_their_kinds_and_read_related_ones(void)
{
    struct bench bench;

    bench_make(&bench);
    CU_ASSERT_TRUE(needs(&bench.registry,
                         OWN "routes.a.io : get list watch create update delete (first)\n"
                             "secrets : get list watch create update delete (first)\n"
                             "services : get list watch (first)\n"
                             "routes.b.io : get list watch create update delete (second)\n"));
}

static void disabled_backends_only_remove(void)
{
    struct bench bench;

    bench_make(&bench);
    bench.backends[0].enabled = false;
    CU_ASSERT_TRUE(needs(&bench.registry,
                         OWN "routes.a.io : get list watch delete (first)\n"
                             "secrets : get list watch delete (first)\n"
                             "routes.b.io : get list watch create update delete (second)\n"));
    bench.backends[0].kept = true;
    bench.backends[1].enabled = false;
    CU_ASSERT_TRUE(needs(&bench.registry, OWN "routes.a.io : get list watch (first)\n"
                                              "secrets : get list watch (first)\n"
                                              "routes.b.io : get list watch delete (second)\n"));
}

/* A disabled backend's kind that an enabled one took over. */
static void two_backends_of_one_kind_need_it_once(void)
{
    struct bench bench;

    bench_make(&bench);
    bench.plugins[1].descriptor.kinds = kinds;
    bench.backends[0].enabled = false;
    CU_ASSERT_TRUE(needs(&bench.registry, OWN "routes.a.io : get list watch create update delete (first)\n"
                                              "secrets : get list watch delete (first)\n"));
}

static void short_memory_is_told(void)
{
    struct bench bench;
    bool short_of = true;

    bench_make(&bench);
    for (size_t granted = 0; short_of; granted++) {
        struct permissions permissions = {0};
        int result;
        scarce_begin(granted);
        result = permissions_of(&bench.registry, &permissions);
        short_of = scarce_end();
        CU_ASSERT_EQUAL(result, short_of ? ERROR_NO_MEMORY : 0);
        permissions_release(&permissions);
        CU_ASSERT_PTR_NULL(permissions.list);
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"without backends the program needs little", without_backends_the_program_needs_little},
        {"enabled backends write their kinds and read related ones",
         enabled_backends_write_their_kinds_and_read_related_ones},
        {"disabled backends only remove", disabled_backends_only_remove},
        {"two backends of one kind need it once", two_backends_of_one_kind_need_it_once},
        {"short memory is told", short_memory_is_told},
        {NULL, NULL},
    };

    return harness_run("permission", tests);
}

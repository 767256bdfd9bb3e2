/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "plugin/descriptor.h"

#include <stdio.h>
#include <string.h>

static int32_t render(const void *instance, const struct apigw_request *request, struct apigw_result *result,
                      struct apigw_error *error)
{
    (void)instance;
    (void)request;
    (void)result;
    (void)error;
    return APIGW_OK;
}

static void destroy(void *instance)
{
    (void)instance;
}

static const char *const versions[] = {"v2", "v1", NULL};

/* A good descriptor whose parts a test spoils. */
struct parts {
    struct apigw_path paths[2];
    struct apigw_kind kinds[2];
    struct apigw_related related[1];
    struct apigw_option options[2];
    struct apigw_plugin plugin;
};

/* Fills in place, as the parts point to one another. */
static void parts_fill(struct parts *parts)
{
    *parts = (struct parts){
        .paths = {{APIGW_USE_CLAIMS_HOST, APIGW_FORM_NAME, "spec.hosts[]"},
                  {APIGW_USE_LEADS_TO_SERVICE, APIGW_FORM_DNS_NAME, "spec.http[].route[].to-host"}},
        .kinds = {{.group = "a.example",
                   .versions = versions,
                   .kind = "Way",
                   .plural = "ways",
                   .flags = APIGW_KIND_PRIMARY,
                   .paths_count = 2,
                   .path_size = sizeof(struct apigw_path)},
                  {.group = "", .versions = versions, .kind = "Note2", .plural = "note2s"}},
        .related = {{.group = "",
                     .versions = versions,
                     .kind = "Service",
                     .plural = "services",
                     .flags = APIGW_RELATED_SAME_NAMESPACE,
                     .form = APIGW_FORM_NAME,
                     .index_path = "metadata.name"}},
        .options = {{.name = "first", .type = APIGW_OPTION_VERSION, .doc = "A version."},
                    {.name = "second", .type = APIGW_OPTION_VERSION, .doc = "A version.", .kind_index = 1}},
        .plugin = {.struct_size = sizeof(struct apigw_plugin),
                   .abi_major = APIGW_ABI_MAJOR,
                   .abi_minor = APIGW_ABI_MINOR,
                   .role = APIGW_ROLE_ROUTE,
                   .name = "some-plugin2",
                   .version = "1.2",
                   .summary = "something",
                   .status_key = "way",
                   .status_alias = "wayStatus",
                   .kinds_count = 2,
                   .kind_size = sizeof(struct apigw_kind),
                   .related_count = 1,
                   .related_size = sizeof(struct apigw_related),
                   .options_count = 2,
                   .option_size = sizeof(struct apigw_option),
                   .render = render},
    };
    parts->kinds[0].paths = parts->paths;
    parts->plugin.kinds = parts->kinds;
    parts->plugin.related = parts->related;
    parts->plugin.options = parts->options;
}

/* Copies and checks as the loader does. NULL: good. */
static void expect(const struct parts *parts, const char *message)
{
    struct apigw_plugin copy = {0};
    struct plugin_arrays *arrays = NULL;
    struct error error = {0};
    int result = descriptor_copy(&parts->plugin, &copy, &arrays, &error);

    if (result == 0)
        result = descriptor_check(&copy, &error);
    if (result != (message ? ERROR_INVALID : 0) || (message && !strstr(error.message, message))) {
        (void)printf("# found    %d %s\n# expected %s\n", result, error.message, message ? message : "0");
        CU_FAIL("another answer");
    }
    plugin_arrays_free(arrays);
}

static void good_descriptor_is_accepted(void)
{
    struct parts parts;

    parts_fill(&parts);
    expect(&parts, NULL);
    parts.plugin.status_alias = NULL;
    parts.plugin.related_count = 0;
    parts.plugin.related = NULL;
    parts.plugin.options_count = 0;
    parts.plugin.options = NULL;
    expect(&parts, NULL);
}

static void identity_is_checked(void)
{
    struct parts parts;

    parts_fill(&parts);
    parts.plugin.name = NULL;
    expect(&parts, "name is NULL, expected 1 to 63 lower-case letters, digits and dashes");
    parts.plugin.name = "Plugin";
    expect(&parts, "name is \"Plugin\", expected 1 to 63");
    parts_fill(&parts);
    parts.plugin.version = "";
    expect(&parts, "version is \"\", expected one line of text");
    parts_fill(&parts);
    parts.plugin.summary = "two\nlines";
    expect(&parts, "summary is \"two\\nlines\", expected one line of text");
    parts_fill(&parts);
    parts.plugin.role = 0;
    expect(&parts, "role is 0, expected 1 (authentication), 2 (other) or 3 (route)");
}

static void status_keys_are_checked(void)
{
    static const char *const reserved[] = {"validationStatus", "conditions", "backends",
                                           "observedGeneration"};
    struct parts parts;

    parts_fill(&parts);
    for (size_t i = 0; i < 4; i++) {
        parts.plugin.status_key = reserved[i];
        expect(&parts, "expected a key that the daemon does not fill in itself");
    }
    parts.plugin.status_key = "authenticationStatus";
    parts.plugin.role = APIGW_ROLE_OTHER;
    expect(&parts, "status_key is \"authenticationStatus\", expected another key: this one is for the role "
                   "authentication");
    parts.plugin.status_key = "Way";
    expect(&parts, "status_key is \"Way\", expected a lowerCamelCase key");
    parts.plugin.status_key = NULL;
    expect(&parts, "status_key is NULL, expected a lowerCamelCase key");
    parts_fill(&parts);
    parts.plugin.status_alias = "conditions";
    expect(&parts, "status_alias is \"conditions\", expected a key that");
    parts.plugin.status_alias = "way";
    expect(&parts, "status_alias is \"way\", expected another key than status_key");
}

static void kinds_are_counted(void)
{
    struct parts parts;

    parts_fill(&parts);
    parts.plugin.kinds_count = 0;
    expect(&parts, "0 of 0 kinds are primary, expected exactly one");
    parts.plugin.kinds_count = 17;
    expect(&parts, "kinds: 17 elements, expected at most 16");
    parts_fill(&parts);
    parts.plugin.kinds = NULL;
    expect(&parts, "kinds: found NULL, expected 2 elements");
    parts_fill(&parts);
    parts.kinds[1].flags = APIGW_KIND_PRIMARY;
    expect(&parts, "2 of 2 kinds are primary, expected exactly one");
    parts_fill(&parts);
    parts.kinds[1].group = "a.example";
    parts.kinds[1].kind = "Way";
    expect(&parts, "kinds[1] is Way of \"a.example\" again as kinds[0], expected each kind once");
    parts_fill(&parts);
    parts.plugin.kind_size = 8;
    expect(&parts, "kind_size is 8, expected at least the ");
}

static void kinds_are_checked(void)
{
    static const char *const none[] = {NULL};
    static const char *const twice[] = {"v1", "v1", NULL};
    static const char *const wrong[] = {"v1", "V2", NULL};
    struct parts parts;

    parts_fill(&parts);
    parts.kinds[1].group = "Upper.example";
    expect(&parts, "kinds[1]: group is \"Upper.example\", expected a DNS name in lower case");
    parts.kinds[1].group = NULL;
    expect(&parts, "kinds[1]: group is NULL, expected a DNS name in lower case");
    parts_fill(&parts);
    parts.kinds[0].kind = "way";
    expect(&parts, "kinds[0]: kind is \"way\", expected a CamelCase name");
    parts_fill(&parts);
    parts.kinds[0].plural = "Ways";
    expect(&parts, "kinds[0]: plural is \"Ways\", expected the plural in lower case");
    parts_fill(&parts);
    parts.kinds[0].versions = NULL;
    expect(&parts, "kinds[0]: versions is NULL, expected at least one version");
    parts.kinds[0].versions = none;
    expect(&parts, "kinds[0]: versions is empty, expected at least one version");
    parts.kinds[0].versions = twice;
    expect(&parts, "kinds[0]: versions is \"v1\", expected each version once");
    parts.kinds[0].versions = wrong;
    expect(&parts, "kinds[0]: versions is \"V2\", expected a version");
    parts_fill(&parts);
    parts.kinds[0].flags = 6;
    expect(&parts, "kinds[0]: flags is 0x6, expected 0 or APIGW_KIND_PRIMARY");
}

static void paths_are_checked(void)
{
    static const char *const wrong[] = {"",         ".spec", "spec.", "spec..host", "spec[0].host",
                                        "spec[][]", "[]a",   "a b",   "spec[]host", "a.[]",
                                        "a[",       NULL};
    struct parts parts;

    parts_fill(&parts);
    for (size_t i = 0; wrong[i]; i++) {
        parts.paths[1].path = wrong[i];
        expect(&parts, "expected names joined by dots, a list followed by []");
    }
    parts.paths[1].path = NULL;
    expect(&parts, "kinds[0]: paths[1]: path is NULL, expected names joined by dots");
    parts_fill(&parts);
    parts.paths[1].use = 5;
    expect(&parts, "kinds[0]: paths[1]: use is 5, expected 1 to 4");
    parts_fill(&parts);
    parts.paths[1].form = 0;
    expect(&parts, "kinds[0]: paths[1]: form is 0, expected 1 (name) or 2 (DNS name)");
    parts_fill(&parts);
    parts.paths[0].form = APIGW_FORM_DNS_NAME;
    expect(&parts, "kinds[0]: paths[0]: form is 2, expected 1 (name) for a host");
    parts_fill(&parts);
    parts.kinds[0].path_size = 4;
    expect(&parts, "kinds[0]: path_size is 4, expected at least the ");
}

static void related_kinds_are_checked(void)
{
    struct parts parts;

    parts_fill(&parts);
    parts.related[0].index_path = "metadata..name";
    expect(&parts, "related[0]: index_path is \"metadata..name\", expected names joined by dots");
    parts_fill(&parts);
    parts.related[0].form = 9;
    expect(&parts, "related[0]: form is 9, expected 1 (name) or 2 (DNS name)");
    parts_fill(&parts);
    parts.related[0].flags = 2;
    expect(&parts, "related[0]: flags is 0x2, expected 0 or APIGW_RELATED_SAME_NAMESPACE");
    parts_fill(&parts);
    parts.related[0].group = "gateway.kyma-project.io";
    expect(&parts, "related[0]: group is \"gateway.kyma-project.io\", expected another group");
    parts_fill(&parts);
    parts.plugin.related_size = 1;
    expect(&parts, "related_size is 1, expected at least the ");
}

static void options_are_checked(void)
{
    struct parts parts;

    parts_fill(&parts);
    parts.options[1].kind_index = 2;
    expect(&parts, "option \"second\"");
    parts.options[1].kind_index = 0;
    expect(&parts, "options \"first\" and \"second\" both choose the version of kinds[0], expected one");
    parts_fill(&parts);
    parts.options[0].doc = NULL;
    expect(&parts, "option \"first\"");
    parts_fill(&parts);
    parts.plugin.option_size = 16;
    expect(&parts, "option_size is 16, expected at least the ");
    parts_fill(&parts);
    parts.plugin.options_count = 100000;
    expect(&parts, "options: 100000 elements, expected at most 256");
}

static void callbacks_are_checked(void)
{
    struct parts parts;

    parts_fill(&parts);
    parts.plugin.destroy = destroy;
    expect(&parts, "destroy is set and create is NULL, expected both or neither");
}

int main(void)
{
    static const struct test tests[] = {
        {"a good descriptor is accepted", good_descriptor_is_accepted},
        {"name, version, summary and role are checked", identity_is_checked},
        {"status keys are lowerCamelCase and not the daemon's own", status_keys_are_checked},
        {"there are 1 to 16 different kinds, one of them primary", kinds_are_counted},
        {"group, versions, kind, plural and flags are checked", kinds_are_checked},
        {"paths keep their grammar, use and form", paths_are_checked},
        {"related kinds are checked", related_kinds_are_checked},
        {"options are checked, one version option for each kind", options_are_checked},
        {"destroy without create is refused", callbacks_are_checked},
        {NULL, NULL},
    };

    return harness_run("descriptor", tests);
}

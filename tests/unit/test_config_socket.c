/* SPDX-License-Identifier: Apache-2.0 */
#include "config_fixture.h"

#include <stdlib.h>
#include <string.h>

/* Whether this text leads to this socket, "@" for the folder. */
static bool leads_to(const char *text, const char *wanted)
{
    struct error error = {0};
    char *found = NULL;
    bool is_right;

    fixture_put("c.yaml", text);
    is_right = config_find_socket("c.yaml", &found, &error) == 0 && fixture_is_path(found, wanted);
    free(found);
    return is_right;
}

/* Whether this text is refused with this message. */
static bool is_refused(const char *text, int code, const char *message)
{
    struct error error = {0};
    char *found = NULL;
    int result;

    fixture_put("c.yaml", text);
    result = config_find_socket("c.yaml", &found, &error);
    CU_ASSERT_PTR_NULL(found);
    if (result == code && strstr(error.message, message))
        return true;
    printf("# %d: %s\n", result, error.message);
    return false;
}

static void the_socket_is_found(void)
{
    CU_ASSERT_TRUE(leads_to("admin: {socket: /run/x.sock}\n" CLUSTER, "/run/x.sock"));
    CU_ASSERT_TRUE(leads_to("admin: {socket: ./x.sock}\n" CLUSTER, "@/x.sock"));
}

static void a_config_may_be_wrong_otherwise(void)
{
    CU_ASSERT_TRUE(leads_to("admin: {socket: x.sock, listen: 7, colour: red}\nclusters: 3\n", "@/x.sock"));
    CU_ASSERT_TRUE(leads_to("domian: x\nadmin: {socket: x.sock}\n", "@/x.sock"));
}

static void what_names_none_is_told(void)
{
    struct error error = {0};
    char *found = NULL;

    CU_ASSERT_TRUE(is_refused("", ERROR_NOT_FOUND, "c.yaml has no admin.socket"));
    CU_ASSERT_TRUE(is_refused(CLUSTER, ERROR_NOT_FOUND, "c.yaml has no admin.socket"));
    CU_ASSERT_TRUE(is_refused("admin: {socket: ''}\n", ERROR_NOT_FOUND, "c.yaml has no admin.socket"));
    CU_ASSERT_TRUE(is_refused("admin: {socket: [x]}\n", ERROR_NOT_FOUND, "c.yaml has no admin.socket"));
    CU_ASSERT_TRUE(is_refused("admin: x.sock\n", ERROR_NOT_FOUND, "c.yaml has no admin.socket"));
    CU_ASSERT_TRUE(is_refused("- admin\n", ERROR_NOT_FOUND, "c.yaml has no admin.socket"));
    CU_ASSERT_TRUE(is_refused("a: 1\nadmin: {socket: x\nb: 2\n", ERROR_INVALID, "c.yaml:"));
    CU_ASSERT_EQUAL(config_find_socket("none.yaml", &found, &error), ERROR_NOT_FOUND);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "none.yaml"));
    CU_ASSERT_PTR_NULL(found);
}

int main(void)
{
    static const struct test tests[] = {
        {"the socket of a config is found", the_socket_is_found},
        {"also of a config that is wrong otherwise", a_config_may_be_wrong_otherwise},
        {"a config without one, that is no YAML or that is not there is told", what_names_none_is_told},
        {NULL, NULL},
    };

    return fixture_run("config_socket", tests);
}

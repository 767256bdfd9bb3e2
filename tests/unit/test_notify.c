/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "daemon/notify.h"
#include "folder.h"
#include "scarce.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* A manager that listens. */
static int listen_at(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(name);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    memcpy(address.sun_path, name, length);
    if (name[0] == '@')
        address.sun_path[0] = '\0';
    CU_ASSERT_FATAL(fd >= 0 && bind(fd, (const struct sockaddr *)&address,
                                    (socklen_t)(sizeof(sa_family_t) + length)) == 0);
    return fd;
}

static bool hears(int fd, const char *expected)
{
    char lines[4096];
    ssize_t size = recv(fd, lines, sizeof lines - 1, MSG_DONTWAIT);

    lines[size > 0 ? size : 0] = '\0';
    if (strcmp(lines, expected) == 0)
        return true;
    (void)printf("# heard '%s'\n", lines);
    return false;
}

static void tell_everything(const char *name)
{
    const struct notify_environment environment = {.notify_socket = name};
    int manager = listen_at(name);
    struct notify notify;

    CU_ASSERT_EQUAL(notify_open(&notify, &environment, NULL), 0);
    CU_ASSERT_EQUAL(notify.watchdog_ms, 0);
    CU_ASSERT_TRUE(notify_ready(&notify, "3 clusters"));
    CU_ASSERT_TRUE(hears(manager, "READY=1\nSTATUS=3 clusters\n"));
    CU_ASSERT_TRUE(notify_status(&notify, "two\nlines\rREADY=1"));
    CU_ASSERT_TRUE(hears(manager, "STATUS=two lines READY=1\n"));
    CU_ASSERT_TRUE(notify_alive(&notify));
    CU_ASSERT_TRUE(hears(manager, "WATCHDOG=1\n"));
    CU_ASSERT_TRUE(notify_stopping(&notify));
    CU_ASSERT_TRUE(hears(manager, "STOPPING=1\n"));
    scarce_begin(0);
    CU_ASSERT_TRUE(notify_ready(&notify, "no memory for this"));
    CU_ASSERT_FALSE(notify_status(&notify, "nor for this"));
    (void)scarce_end();
    CU_ASSERT_TRUE(hears(manager, "READY=1\n"));
    (void)close(manager);
    CU_ASSERT_FALSE(notify_alive(&notify));
    notify_close(&notify);
}

static void a_manager_at_a_path_is_told(void)
{
    char root[64];

    folder_make(root);
    tell_everything(folder_path(root, "notify"));
    folder_remove(root);
}

static void a_manager_at_an_abstract_name_is_told(void)
{
    char name[64];

    (void)snprintf(name, sizeof name, "@apigwd-test-%ld", (long)getpid());
    tell_everything(name);
}

static void a_reload_says_when_it_began(void)
{
    char name[64];
    char lines[256];
    struct notify notify;
    struct timespec now;
    uint64_t told = 0;
    uint64_t before;
    ssize_t size;
    int manager;

    (void)snprintf(name, sizeof name, "@apigwd-test-%ld", (long)getpid());
    manager = listen_at(name);
    CU_ASSERT_EQUAL(notify_open(&notify, &(struct notify_environment){.notify_socket = name}, NULL), 0);
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    before = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
    CU_ASSERT_TRUE(notify_reloading(&notify));
    size = recv(manager, lines, sizeof lines - 1, MSG_DONTWAIT);
    lines[size > 0 ? size : 0] = '\0';
    CU_ASSERT_EQUAL(sscanf(lines, "RELOADING=1\nMONOTONIC_USEC=%" SCNu64 "\n", &told), 1);
    CU_ASSERT_TRUE(told >= before && told < before + 5000000);
    notify_close(&notify);
    (void)close(manager);
}

static void without_a_manager_nothing_is_sent(void)
{
    const struct notify_environment environment = {.watchdog_usec = "1000000"};
    struct notify notify;

    CU_ASSERT_EQUAL(notify_open(&notify, &environment, NULL), 0);
    CU_ASSERT_EQUAL(notify.fd, -1);
    CU_ASSERT_EQUAL(notify.watchdog_ms, 0);
    CU_ASSERT_FALSE(notify_ready(&notify, "x"));
    CU_ASSERT_FALSE(notify_alive(&notify));
    notify_close(&notify);
}

static int open_with(const char *name, const char *usec, const char *pid, struct notify *notify,
                     struct error *error)
{
    const struct notify_environment environment = {
        .notify_socket = name, .watchdog_usec = usec, .watchdog_pid = pid};

    return notify_open(notify, &environment, error);
}

static void the_watchdog_is_read(void)
{
    static const char *const wrong[] = {"", "0", "-1", "1s", " 5", "99999999999999999999", "x"};
    char name[64];
    char self[32];
    struct notify notify;
    int manager;

    (void)snprintf(name, sizeof name, "@apigwd-test-%ld", (long)getpid());
    (void)snprintf(self, sizeof self, "%ld", (long)getpid());
    manager = listen_at(name);
    CU_ASSERT_EQUAL(open_with(name, "30000000", self, &notify, NULL), 0);
    CU_ASSERT_EQUAL(notify.watchdog_ms, 30000);
    notify_close(&notify);
    CU_ASSERT_EQUAL(open_with(name, "1500", NULL, &notify, NULL), 0);
    CU_ASSERT_EQUAL(notify.watchdog_ms, 1);
    notify_close(&notify);
    CU_ASSERT_EQUAL(open_with(name, "30000000", "1", &notify, NULL), 0);
    CU_ASSERT_EQUAL(notify.watchdog_ms, 0);
    notify_close(&notify);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct error error = {0};
        CU_ASSERT_EQUAL(open_with(name, wrong[i], NULL, &notify, &error), ERROR_INVALID);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "WATCHDOG_USEC"));
        CU_ASSERT_EQUAL(notify.fd, -1);
    }
    CU_ASSERT_EQUAL(open_with(name, "5000000", "me", &notify, NULL), ERROR_INVALID);
    (void)close(manager);
}

static void a_socket_that_is_none_is_refused(void)
{
    char long_name[200];
    struct error error = {0};
    struct notify notify;

    memset(long_name, 'x', sizeof long_name);
    long_name[0] = '/';
    long_name[sizeof long_name - 1] = '\0';
    CU_ASSERT_EQUAL(open_with("relative", NULL, NULL, &notify, &error), ERROR_INVALID);
    CU_ASSERT_EQUAL(open_with("", NULL, NULL, &notify, &error), ERROR_INVALID);
    CU_ASSERT_EQUAL(open_with("/", NULL, NULL, &notify, &error), ERROR_INVALID);
    CU_ASSERT_EQUAL(open_with(long_name, NULL, NULL, &notify, &error), ERROR_INVALID);
    CU_ASSERT_EQUAL(open_with("/nonexistent/notify", NULL, NULL, &notify, &error), ERROR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "/nonexistent/notify"));
    CU_ASSERT_EQUAL(notify.fd, -1);
}

int main(void)
{
    static const struct test tests[] = {
        {"a manager at a path is told", a_manager_at_a_path_is_told},
        {"a manager at an abstract name is told", a_manager_at_an_abstract_name_is_told},
        {"a reload says when it began", a_reload_says_when_it_began},
        {"without a manager nothing is sent", without_a_manager_nothing_is_sent},
        {"the watchdog is read", the_watchdog_is_read},
        {"a socket that is none is refused", a_socket_that_is_none_is_refused},
        {NULL, NULL},
    };

    return harness_run("notify", tests);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * floor KUBECONFIG - the writes of a controller without the controller
 *
 * Sends what stands on standard input to an API server, sixteen requests at a time: a line each, "METHOD
 * TARGET BODY". Prints how many there were. Exits with 1 if one was refused.
 */
#include "../unit/drive.h"

#include "kube/kubeconfig.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AT_ONCE = 16, PATIENCE_MS = 60000 };

/* The work. */
struct work {
    struct drive drive;
    size_t under_way;
    unsigned moved; /* an answer has come */
    size_t sent;
    bool failed;
};

static void on_done(const struct connection_answer *answer, void *payload)
{
    struct work *work = payload;

    work->under_way--;
    work->moved = 1;
    if (answer->error.code == 0)
        return;
    work->failed = true;
    (void)fprintf(stderr, "error: %s\n", answer->error.message);
}

/* Cuts a line into its parts. */
static bool read_request(char *line, struct connection_request *request)
{
    char *target = strchr(line, ' ');
    char *body = target ? strchr(target + 1, ' ') : NULL;

    if (!body)
        return false;
    *target = '\0';
    *body = '\0';
    *request = (struct connection_request){
        .method = line, .target = target + 1, .body = body + 1, .size = strlen(body + 1)};
    return true;
}

/* Waits until fewer than so many are under way. */
static bool wait_below(struct work *work, size_t count)
{
    while (work->under_way >= count) {
        work->moved = 0;
        if (!drive_until(&work->drive, &work->moved, PATIENCE_MS))
            return false;
    }
    return true;
}

static bool send_line(struct work *work, char *line)
{
    struct connection_handler handler = {.done = on_done, .payload = work};
    struct connection_request request;
    struct error error = {0};

    line[strcspn(line, "\n")] = '\0';
    if (!read_request(line, &request)) {
        (void)fputs("error: a line is no request; expected METHOD TARGET BODY\n", stderr);
        return false;
    }
    if (!wait_below(work, AT_ONCE))
        return false;
    if (connection_send(work->drive.connection, &request, &handler, NULL, &error) != 0) {
        (void)fprintf(stderr, "error: %s\n", error.message);
        return false;
    }
    work->under_way++;
    work->sent++;
    return true;
}

static bool send_all(struct work *work)
{
    char *line = NULL;
    size_t room = 0;
    bool fine = true;

    while (fine && !work->failed && getline(&line, &room, stdin) >= 0)
        fine = send_line(work, line);
    free(line);
    return wait_below(work, 1) && fine && !work->failed;
}

int main(int argc, char **argv)
{
    struct kubeconfig_source source = {.path = argc == 2 ? argv[1] : NULL};
    struct kubeconfig *config = NULL;
    struct error error = {0};
    struct work work = {0};
    bool fine = false;

    if (argc != 2) {
        (void)fputs("usage: floor KUBECONFIG <REQUESTS\n", stderr);
        return 2;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    if (kubeconfig_load(&source, &config, &error) != 0 || drive_new(&work.drive, config, &error) != 0) {
        (void)fprintf(stderr, "error: %s\n", error.message);
    } else {
        fine = send_all(&work);
        drive_free(&work.drive);
    }
    kubeconfig_free(config);
    (void)printf("%zu\n", work.sent);
    return fine ? 0 : 1;
}

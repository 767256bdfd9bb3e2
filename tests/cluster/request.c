/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request - one request to an API server by a kubeconfig, or several, with all that core/kube/connection.h
 * does
 *
 *   request [-w] [-i SECONDS] [-n TIMES] [-p MS] [-a SECONDS] [-l SECONDS] [-b BODY] [-t TYPE] KUBECONFIG
 * METHOD TARGET
 *
 * -w takes the answer as it comes, as a watch does, with -i seconds of patience. -n sends it so often, one
 * after the other, -p ms apart, and then the clock jumps -a seconds ahead. -l gives one up after so many
 * seconds. Prints the bodies on standard output, a line each, and for each answer "STATUS CODE RETRY_MS
 * MESSAGE" on standard error. Exits with 0 if the last was a success.
 */
#include "../unit/drive.h"

#include "kube/kubeconfig.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct run {
    struct drive drive;
    struct connection_request request;
    int times;
    int pause_ms;
    int ahead_s;
    int limit_ms;
    unsigned told;
    int code;
};

static bool on_data(const char *data, size_t size, void *payload)
{
    (void)payload;
    (void)fwrite(data, 1, size, stdout);
    (void)fflush(stdout);
    return true;
}

static void on_done(const struct connection_answer *answer, void *payload)
{
    struct run *run = payload;

    run->told = 1;
    run->code = answer->error.code;
    if (answer->body && on_data(answer->body, answer->size, NULL))
        (void)on_data("\n", 1, NULL);
    (void)fprintf(stderr, "%d %d %" PRId64 " %s\n", answer->status, answer->error.code, answer->retry_ms,
                  answer->error.message);
}

static void ask(struct run *run)
{
    struct connection_handler handler = {
        .data = run->request.stream ? on_data : NULL, .done = on_done, .payload = run};
    struct error error = {0};
    const char *trouble;

    run->told = 0;
    run->code = connection_send(run->drive.connection, &run->request, &handler, NULL, &error);
    if (run->code != 0) {
        (void)fprintf(stderr, "0 %d 0 %s\n", run->code, error.message);
        return;
    }
    if (drive_until(&run->drive, &run->told, run->limit_ms))
        return;
    trouble = connection_trouble(run->drive.connection);
    (void)fprintf(stderr, "0 0 0 no end%s%s\n", trouble ? ": " : "", trouble ? trouble : "");
    run->code = ERROR_BUSY;
}

static int usage(void)
{
    (void)fputs(
        "usage: request [-w] [-i SECONDS] [-n TIMES] [-p MS] [-a SECONDS] [-l SECONDS] [-b BODY] [-t TYPE] "
        "KUBECONFIG METHOD TARGET\n",
        stderr);
    return 2;
}

static int number(const char *text)
{
    return (int)strtol(text, NULL, 10);
}

static int serve(struct run *run, const char *path)
{
    struct kubeconfig_source source = {.path = path};
    struct kubeconfig *config = NULL;
    struct error error = {0};
    int result = kubeconfig_load(&source, &config, &error);

    if (result == 0)
        result = drive_new(&run->drive, config, &error);
    if (result != 0) {
        (void)fprintf(stderr, "0 %d 0 %s\n", result, error.message);
        kubeconfig_free(config);
        return 2;
    }
    for (int i = 0; i < run->times; i++) {
        if (i > 0) {
            drive_for(&run->drive, run->pause_ms);
            run->drive.ahead_ms += run->ahead_s * INT64_C(1000);
        }
        ask(run);
    }
    drive_free(&run->drive);
    kubeconfig_free(config);
    return run->code == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    static struct run run = {.times = 1, .limit_ms = 120000};
    int option;

    (void)signal(SIGPIPE, SIG_IGN);
    while ((option = getopt(argc, argv, "b:t:wi:n:p:a:l:")) != -1) {
        switch (option) {
        case 'b':
            run.request.body = optarg;
            run.request.size = strlen(optarg);
            break;
        case 't':
            run.request.content_type = optarg;
            break;
        case 'w':
            run.request.stream = true;
            break;
        case 'i':
            run.request.idle_ms = number(optarg) * INT64_C(1000);
            break;
        case 'n':
            run.times = number(optarg);
            break;
        case 'p':
            run.pause_ms = number(optarg);
            break;
        case 'a':
            run.ahead_s = number(optarg);
            break;
        case 'l':
            run.limit_ms = number(optarg) * 1000;
            break;
        default:
            return usage();
        }
    }
    if (argc - optind != 3)
        return usage();
    run.request.method = argv[optind + 1];
    run.request.target = argv[optind + 2];
    run.request.compress = !run.request.stream;
    return serve(&run, argv[optind]);
}

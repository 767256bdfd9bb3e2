/* SPDX-License-Identifier: Apache-2.0 */
/*
 * measure FILE COMMAND [ARGUMENT]... - what a command costs
 *
 * Appends to FILE one line "WALL USER SYSTEM MEMORY": seconds of wall clock and of CPU in user and kernel,
 * and the peak of resident memory in KiB; CPU and peak with those of the command's own children. The exit
 * code is the command's, 255 if a signal ended it, 125 if it could not be started.
 *
 * The command is spawned, not forked, so that the peak is not ours: a new program begins with the peak of the
 * memory that it was started from, which here is this small one's.
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { exit_not_started = 125, exit_signal = 255 };

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double now(void)
{
    struct timespec time = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    struct rusage usage = {0};
    double start = now();
    double wall;
    int state = 0;
    int result;
    pid_t pid = 0;
    FILE *out;

    if (argc < 3) {
        (void)fputs("usage: measure FILE COMMAND [ARGUMENT]...\n", stderr);
        return exit_not_started;
    }
    result = posix_spawnp(&pid, argv[2], NULL, NULL, argv + 2, environ);
    if (result != 0 || wait4(pid, &state, 0, &usage) != pid) {
        (void)fprintf(stderr, "measure: %s: %s\n", argv[2], strerror(result != 0 ? result : errno));
        return exit_not_started;
    }
    wall = now() - start;
    out = fopen(argv[1], "a");
    if (!out ||
        fprintf(out, "%.6f %.6f %.6f %ld\n", wall, seconds(usage.ru_utime), seconds(usage.ru_stime),
                usage.ru_maxrss) < 0 ||
        fclose(out) != 0) {
        perror(argv[1]);
        return exit_not_started;
    }
    return WIFEXITED(state) ? WEXITSTATUS(state) : exit_signal;
}

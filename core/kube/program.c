/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* How often a program is looked after whose end the pipe cannot tell. */
static const int64_t look_ms = 100;

struct program program_idle(void)
{
    return (struct program){.fd = -1, .output = text_empty()};
}

bool program_runs(const struct program *program)
{
    return program->pid != 0;
}

static void close_output(struct program *program)
{
    if (program->fd >= 0)
        (void)close(program->fd);
    program->fd = -1;
}

/* Kills what is left of its group. The leader must not have been waited for yet, so that its number is not
 * somebody else's by now. */
static void kill_group(const struct program *program)
{
    (void)kill(-program->pid, SIGKILL);
}

static void end(struct program *program)
{
    if (program->pid == 0)
        return;
    kill_group(program);
    while (waitpid(program->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    program->pid = 0;
    close_output(program);
}

void program_release(struct program *program)
{
    end(program);
    text_release(&program->output);
}

static bool is_named(const char *entry, const char *other)
{
    size_t size = strcspn(entry, "=") + 1;

    return strncmp(entry, other, size) == 0;
}

/* Our environment and what is added to it. The strings are borrowed. */
static char **join_env(const char *const *added)
{
    size_t count = 0;
    size_t own = 0;
    char **env;

    while (added[count])
        count++;
    while (environ[own])
        own++;
    env = calloc(count + own + 1, sizeof *env);
    if (!env)
        return NULL;
    memcpy(env, added, count * sizeof *env);
    for (size_t i = 0, at = count; i < own; i++) {
        size_t j = 0;
        while (j < count && !is_named(added[j], environ[i]))
            j++;
        if (j == count)
            env[at++] = environ[i];
    }
    return env;
}

static char **join_args(const struct program_spec *spec)
{
    size_t count = 0;
    char **args;

    while (spec->args[count])
        count++;
    args = calloc(count + 2, sizeof *args);
    if (!args)
        return NULL;
    memcpy(args, &spec->command, sizeof *args);
    memcpy(args + 1, spec->args, count * sizeof *args);
    return args;
}

/* Signals as a program expects them, whatever we do with ours. */
static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none;
    sigset_t all;
    int result;

    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    result = posix_spawnattr_setsigmask(attributes, &none);
    if (result == 0)
        result = posix_spawnattr_setsigdefault(attributes, &all);
    if (result == 0)
        result = posix_spawnattr_setpgroup(attributes, 0);
    if (result == 0)
        result = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                          POSIX_SPAWN_SETPGROUP);
    return result;
}

static int set_files(posix_spawn_file_actions_t *files, int output)
{
    int result = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

    if (result == 0)
        result = posix_spawn_file_actions_adddup2(files, output, STDOUT_FILENO);
    if (result == 0)
        result = posix_spawn_file_actions_addopen(files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    return result;
}

/* Sets *path to the program's file, owned by caller. It is looked for before it is run, since a failure to
 * run it is not always told apart from a failure of its own. Folders of $PATH that are relative count for
 * nothing. */
static int find(const char *command, char **path)
{
    const char *list = getenv("PATH");
    int result = ENOENT;

    *path = NULL;
    if (strchr(command, '/')) {
        if (access(command, X_OK) != 0) {
            result = errno;
            return result != 0 ? result : ENOENT;
        }
        *path = strdup(command);
        return *path ? 0 : ENOMEM;
    }
    for (list = list ? list : "/usr/bin:/bin"; *list; list += strspn(list, ":")) {
        size_t size = strcspn(list, ":");
        char *candidate = NULL;
        if (list[0] == '/' && asprintf(&candidate, "%.*s/%s", (int)size, list, command) < 0)
            return ENOMEM;
        if (candidate && access(candidate, X_OK) == 0) {
            *path = candidate;
            return 0;
        }
        if (candidate && errno == EACCES)
            result = EACCES;
        free(candidate);
        list += size;
    }
    return result;
}

/* @return 0 or an errno. */
static int spawn(pid_t *pid, const char *path, char **args, char **env, int output)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    int result = posix_spawn_file_actions_init(&files);

    if (result != 0)
        return result;
    result = posix_spawnattr_init(&attributes);
    if (result != 0) {
        (void)posix_spawn_file_actions_destroy(&files);
        return result;
    }
    result = set_files(&files, output);
    if (result == 0)
        result = set_attributes(&attributes);
    if (result == 0)
        result = posix_spawn(pid, path, &files, &attributes, args, env);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&files);
    return result;
}

static int start(struct program *program, const struct program_spec *spec, int output, struct error *error)
{
    char **args = join_args(spec);
    char **env = join_env(spec->env);
    char *path = NULL;
    int result = args && env ? find(spec->command, &path) : ENOMEM;

    if (result == 0)
        result = spawn(&program->pid, path, args, env, output);
    free(path);
    free(args);
    free(env);
    if (result == 0)
        return 0;
    program->pid = 0;
    if (result == ENOMEM)
        return error_no_memory(error);
    return error_set(error, result == ENOENT ? ERROR_NOT_FOUND : ERROR_IO, "%s cannot be run: %s",
                     spec->command, strerror(result));
}

int program_start(struct program *program, const struct program_spec *spec, int64_t now_ms,
                  struct error *error)
{
    int ends[2];
    int result;

    program_release(program);
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set(error, ERROR_IO, "%s cannot be run: %s", spec->command, strerror(errno));
    result = start(program, spec, ends[1], error);
    (void)close(ends[1]);
    /* Only our end: the program's must wait, as it expects. */
    if (result != 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
        (void)close(ends[0]);
        end(program);
        return result != 0 ? result : error_set(error, ERROR_IO, "%s cannot be run", spec->command);
    }
    program->fd = ends[0];
    program->until_ms = now_ms + spec->limit_ms;
    program->look_at_ms = now_ms + look_ms;
    program->output_max = spec->output_max;
    return 0;
}

/* Reads what there is; closes the pipe at its end. */
static int read_output(struct program *program, struct error *error)
{
    char buffer[4096];

    while (program->fd >= 0) {
        ssize_t got = read(program->fd, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return 0;
        if (got <= 0) {
            close_output(program);
            return 0;
        }
        if ((size_t)got > program->output_max - program->output.length)
            return error_set(error, ERROR_LIMIT, "it printed more than %zu bytes", program->output_max);
        text_append(&program->output, buffer, (size_t)got);
        if (program->output.failed)
            return error_no_memory(error);
    }
    return 0;
}

static int judge(const siginfo_t *info, struct error *error)
{
    if (info->si_code == CLD_EXITED && info->si_status == 0)
        return 0;
    if (info->si_code == CLD_EXITED)
        return error_set(error, ERROR_IO, "it ended with %d; run it by hand to see what it says",
                         info->si_status);
    return error_set(error, ERROR_IO, "it was ended by signal %d", info->si_status);
}

int program_step(struct program *program, int64_t now_ms, struct error *error)
{
    siginfo_t info = {0};
    int result;

    if (program->pid == 0)
        return error_set(error, ERROR_IO, "it does not run");
    /* Its end may come after that of its output, and tells nobody. */
    program->look_at_ms = now_ms + look_ms;
    /* Looked at before the last read, so that nothing is missed that it printed before it ended. */
    if (waitid(P_PID, (id_t)program->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
        info.si_pid = 0;
    result = read_output(program, error);
    if (result == 0 && info.si_pid == 0 && now_ms < program->until_ms)
        return 1;
    if (result == 0 && info.si_pid == 0)
        result = error_set(error, ERROR_IO, "it took too long and was ended");
    else if (result == 0)
        result = judge(&info, error);
    end(program);
    return result;
}

int64_t program_due(const struct program *program)
{
    return program->look_at_ms < program->until_ms ? program->look_at_ms : program->until_ms;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * strike [-f] [-c FILE] N COMMAND [ARGUMENT]... - kills a command at its N-th system call
 *
 * The command gets SIGKILL when it enters the call, before any of it is carried out, as if the machine's
 * operator had struck at this moment. Calls count from the command's own first one (the dynamic linker's are
 * among them), over all its threads and children. N = 0 kills nothing and counts.
 *
 *   -f       count only calls that change files: writes to descriptors above 2, and what makes, renames,
 *            removes, cuts or syncs; openat2() and io_uring are not looked into
 *   -c FILE  the number of calls goes to FILE instead of standard error (N = 0 only)
 *
 * Exit code with N > 0: 0 it was killed at the call; 128 + the command's exit code (at most 126) if it ended
 * before; 255 if a signal ended it. With N = 0: the command's exit code, 255 for a signal. 77 ptrace is not
 * permitted or too old; 125 wrong command line, or it could not be started.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { exit_skipped = 77, exit_usage = 125, exit_ended = 128, exit_signal = 255 };

/* How the stop of a call is told from a SIGTRAP of the command's own. */
enum { call_stop = SIGTRAP | 0x80 };

/* What is asked for, and how far it is. */
struct strike {
    unsigned long target;
    bool files_only;
    const char *count_file;
    pid_t pid;
    bool started; /* the command has taken the place of our child */
    unsigned long count;
};

/* How a call is judged. */
enum effect {
    EFFECT_CHANGES,      /* it changes files, whatever its arguments */
    EFFECT_WRITES,       /* if its first argument is no standard stream */
    EFFECT_CREATES_ARG1, /* if O_CREAT is in its argument 1 */
    EFFECT_CREATES_ARG2  /* in its argument 2 */
};

/* Older calls are missing on newer architectures. */
static const struct {
    long number;
    enum effect effect;
} changing[] = {
    {SYS_openat, EFFECT_CREATES_ARG2}, {SYS_write, EFFECT_WRITES},
    {SYS_writev, EFFECT_WRITES},       {SYS_pwrite64, EFFECT_WRITES},
    {SYS_renameat2, EFFECT_CHANGES},   {SYS_unlinkat, EFFECT_CHANGES},
    {SYS_mkdirat, EFFECT_CHANGES},     {SYS_linkat, EFFECT_CHANGES},
    {SYS_symlinkat, EFFECT_CHANGES},   {SYS_ftruncate, EFFECT_CHANGES},
    {SYS_truncate, EFFECT_CHANGES},    {SYS_fallocate, EFFECT_CHANGES},
    {SYS_fchmod, EFFECT_CHANGES},      {SYS_fchmodat, EFFECT_CHANGES},
    {SYS_utimensat, EFFECT_CHANGES},   {SYS_copy_file_range, EFFECT_CHANGES},
    {SYS_fsync, EFFECT_CHANGES},       {SYS_fdatasync, EFFECT_CHANGES},
    {SYS_syncfs, EFFECT_CHANGES},      {SYS_sync, EFFECT_CHANGES},
#ifdef SYS_renameat
    {SYS_renameat, EFFECT_CHANGES},
#endif
#ifdef SYS_open
    {SYS_open, EFFECT_CREATES_ARG1},   {SYS_creat, EFFECT_CHANGES},
    {SYS_rename, EFFECT_CHANGES},      {SYS_unlink, EFFECT_CHANGES},
    {SYS_mkdir, EFFECT_CHANGES},       {SYS_rmdir, EFFECT_CHANGES},
    {SYS_link, EFFECT_CHANGES},        {SYS_symlink, EFFECT_CHANGES},
    {SYS_chmod, EFFECT_CHANGES},
#endif
};

static bool changes_files(const struct __ptrace_syscall_info *info)
{
    for (size_t i = 0; i < sizeof changing / sizeof *changing; i++) {
        if ((uint64_t)changing[i].number != info->entry.nr)
            continue;
        switch (changing[i].effect) {
        case EFFECT_WRITES:
            return info->entry.args[0] > STDERR_FILENO;
        case EFFECT_CREATES_ARG1:
            return (info->entry.args[1] & O_CREAT) != 0;
        case EFFECT_CREATES_ARG2:
            return (info->entry.args[2] & O_CREAT) != 0;
        default:
            return true;
        }
    }
    return false;
}

/* The child: lets itself be traced, waits until it is, and becomes the command. */
static void become(char **command)
{
    /* A group of its own, so that its children can be killed with it. */
    (void)setpgid(0, 0);
    if (ptrace(PTRACE_TRACEME, 0, 0L, 0L) != 0) {
        (void)fprintf(stderr, "strike: ptrace is not permitted: %s\n", strerror(errno));
        _exit(exit_skipped);
    }
    (void)raise(SIGSTOP);
    (void)execvp(command[0], command);
    (void)fprintf(stderr, "strike: %s: %s\n", command[0], strerror(errno));
    _exit(exit_usage);
}

/* @return 0, or the exit code. */
static int start(struct strike *strike, char **command)
{
    static const long options = PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC |
                                PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK;
    int state = 0;

    strike->pid = fork();
    if (strike->pid == 0)
        become(command);
    if (strike->pid < 0 || waitpid(strike->pid, &state, 0) != strike->pid)
        return exit_usage;
    if (WIFEXITED(state))
        return WEXITSTATUS(state);
    if (!WIFSTOPPED(state) || ptrace(PTRACE_SETOPTIONS, strike->pid, 0L, options) != 0 ||
        ptrace(PTRACE_SYSCALL, strike->pid, 0L, 0L) != 0) {
        (void)fprintf(stderr, "strike: ptrace is not permitted: %s\n", strerror(errno));
        (void)kill(strike->pid, SIGKILL);
        return exit_skipped;
    }
    return 0;
}

/* The command has ended by itself. @return the exit code. */
static int report(const struct strike *strike, int state)
{
    int code = WIFEXITED(state) ? WEXITSTATUS(state) : exit_signal;
    FILE *out;

    if (!strike->started)
        return exit_usage;
    if (strike->target > 0)
        return code > exit_signal - exit_ended - 1 ? exit_signal : exit_ended + code;
    out = strike->count_file ? fopen(strike->count_file, "w") : stderr;
    if (!out || fprintf(out, "%lu\n", strike->count) < 0 || fflush(out) != 0) {
        perror("strike: the number of calls");
        code = exit_usage;
    }
    if (out && out != stderr)
        (void)fclose(out);
    return code;
}

/* A call is entered or left. @return 1: go on; 0: it was the one; -1: this kernel cannot tell. */
static int at_call(struct strike *strike, pid_t who)
{
    struct __ptrace_syscall_info info;

    memset(&info, 0, sizeof info);
    if (ptrace(PTRACE_GET_SYSCALL_INFO, who, (long)sizeof info, &info) <= 0)
        return errno == ESRCH ? 1 : -1;
    if (!strike->started || info.op != PTRACE_SYSCALL_INFO_ENTRY ||
        (strike->files_only && !changes_files(&info)))
        return 1;
    return ++strike->count == strike->target ? 0 : 1;
}

/* Kills the command with its children, and waits so that nothing of it runs once we have returned. */
static void finish(const struct strike *strike)
{
    int state;
    pid_t who;

    (void)kill(-strike->pid, SIGKILL);
    while ((who = waitpid(-1, &state, __WALL)) > 0) {
        /* One that has left the group. */
        if (WIFSTOPPED(state))
            (void)kill(who, SIGKILL);
    }
}

/* What to do about a stop. @return the signal that the command gets when it goes on; -1 if it must not: then
 * `code` is the exit code. */
static int at_stop(struct strike *strike, pid_t who, int state, int *code)
{
    int signal = WSTOPSIG(state);
    int result;

    if (signal == call_stop) {
        result = at_call(strike, who);
        if (result > 0)
            return 0;
        if (result < 0)
            (void)fprintf(stderr, "strike: this kernel does not tell system calls apart: %s\n",
                          strerror(errno));
        *code = result == 0 ? 0 : exit_skipped;
        return -1;
    }
    if (state >> 16 == PTRACE_EVENT_EXEC)
        strike->started = true;
    /* A new thread or child begins with a SIGSTOP that is ours. */
    return state >> 16 != 0 || signal == SIGSTOP ? 0 : signal;
}

static int follow(struct strike *strike)
{
    int code = exit_usage;
    int state;

    for (;;) {
        pid_t who = waitpid(-1, &state, __WALL);
        int signal;
        if (who < 0 && errno == EINTR)
            continue;
        if (who < 0)
            return exit_usage;
        if (!WIFSTOPPED(state)) {
            if (who == strike->pid)
                return report(strike, state);
            continue;
        }
        signal = at_stop(strike, who, state, &code);
        if (signal < 0)
            break;
        (void)ptrace(PTRACE_SYSCALL, who, 0L, (long)signal);
    }
    finish(strike);
    return code;
}

static bool parse(int argc, char **argv, struct strike *strike)
{
    char *end = NULL;
    int option;

    while ((option = getopt(argc, argv, "+fc:")) != -1) {
        if (option == 'f')
            strike->files_only = true;
        else if (option == 'c')
            strike->count_file = optarg;
        else
            return false;
    }
    if (argc - optind < 2 || argv[optind][0] < '0' || argv[optind][0] > '9')
        return false;
    errno = 0;
    strike->target = strtoul(argv[optind], &end, 10);
    return errno == 0 && *end == '\0';
}

int main(int argc, char **argv)
{
    struct strike strike = {0};
    int code;

    if (!parse(argc, argv, &strike)) {
        (void)fputs("usage: strike [-f] [-c FILE] N COMMAND [ARGUMENT]...\n", stderr);
        return exit_usage;
    }
    code = start(&strike, argv + optind + 1);
    return code != 0 ? code : follow(&strike);
}

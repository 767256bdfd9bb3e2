/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/credential.h"

#include "base/text.h"
#include "kube/exec_credential.h"
#include "kube/pair.h"
#include "kube/program.h"
#include "kube/rotation.h"

#include <stdlib.h>
#include <string.h>

static const size_t file_max = (size_t)1024 * 1024;
static const int64_t look_ms = 60000;
/* After a file could not be read, or one of a pair has changed and the other has not. */
static const int64_t again_ms = 10000;
static const int64_t program_limit_ms = 30000;
/* Credentials of a program are got again so long before they expire, if they live longer than a minute. */
static const int64_t early_s = 10;
static const int64_t back_off_first_ms = 1000;
static const int64_t back_off_most_ms = 60000;

struct credential {
    const struct kubeconfig *config;
    struct rotation ca;
    struct pair pair;
    char *token; /* of the token file; NULL: none, or refused */
    bool token_refused;
    uint64_t generation;
    int64_t files_due_ms;
    bool looked;
    struct program program;
    struct exec_credential answer;
    int64_t program_due_ms;
    int64_t expires_due_s; /* when the answer is renewed; INT64_MAX: never */
    int64_t back_off_ms;
};

struct credential *credential_new(const struct kubeconfig *config)
{
    struct credential *credential = calloc(1, sizeof *credential);

    if (!credential)
        return NULL;
    credential->config = config;
    credential->ca.path = config->ca.path;
    credential->pair.now.certificate.path = config->certificate.path;
    credential->pair.now.key.path = config->key.path;
    credential->program = program_idle();
    credential->expires_due_s = INT64_MAX;
    credential->back_off_ms = back_off_first_ms;
    return credential;
}

void credential_free(struct credential *credential)
{
    if (!credential)
        return;
    rotation_release(&credential->ca);
    pair_release(&credential->pair);
    free(credential->token);
    program_release(&credential->program);
    exec_credential_release(&credential->answer);
    free(credential);
}

/* Sets *token to the file's one word. */
static int token_in(const struct rotation *file, char **token, struct error *error)
{
    const char *text = file->data ? file->data : "";
    char *word = strdup(text + strspn(text, " \t\r\n"));
    size_t length = word ? strlen(word) : 0;

    if (!word)
        return error_no_memory(error);
    while (length > 0 && strchr(" \t\r\n", word[length - 1]))
        word[--length] = '\0';
    if (strlen(text) != file->size || !kubeconfig_is_token(word)) {
        free(word);
        return error_set(error, ERROR_INVALID, "%s: no token; expected one word of printable ASCII",
                         file->path);
    }
    *token = word;
    return 0;
}

static int renew_token(struct credential *credential, struct error *error)
{
    struct rotation next = {.path = credential->config->token_file};
    char *token = NULL;
    int result;

    if (!next.path)
        return 0;
    /* Always read: a file that is written in place may keep its time. */
    result = rotation_read(&next, file_max, &next, error);
    if (result == 0)
        result = token_in(&next, &token, error);
    rotation_release(&next);
    if (result != 0)
        return result;
    free(credential->token);
    credential->token = token;
    credential->token_refused = false;
    return 0;
}

static int renew_ca(struct credential *credential, struct error *error)
{
    struct rotation next;
    int result;

    if (!rotation_has_changed(&credential->ca))
        return 0;
    result = rotation_read(&credential->ca, file_max, &next, error);
    if (result != 0)
        return result;
    if (!strstr(next.data, "-----BEGIN ")) {
        rotation_release(&next);
        return error_set(error, ERROR_INVALID, "%s: no certificate in PEM", credential->ca.path);
    }
    if (rotation_take(&credential->ca, &next))
        credential->generation++;
    return 0;
}

static int renew_pair(struct credential *credential, struct error *error)
{
    bool differs;
    int result = pair_renew(&credential->pair, file_max, &differs, error);

    if (differs)
        credential->generation++;
    return result;
}

/* All are looked at, whatever becomes of the first; the first failure is told. */
static int renew_files(struct credential *credential, struct moment now, struct error *error)
{
    struct error later = {0};
    int result = renew_token(credential, error);
    int other = renew_ca(credential, result == 0 ? error : &later);

    result = result == 0 ? other : result;
    other = renew_pair(credential, result == 0 ? error : &later);
    result = result == 0 ? other : result;
    credential->looked = true;
    credential->files_due_ms = now.ms + (result == 0 && !credential->pair.unsettled ? look_ms : again_ms);
    return result;
}

static int start_program(struct credential *credential, struct moment now, struct error *error)
{
    const struct kubeconfig_exec *exec = credential->config->exec;
    struct credential_state state = credential_state(credential);
    char *info = exec_info(credential->config, &state.ca);
    size_t count = 0;
    const char **env;
    struct program_spec spec = {.command = exec->command,
                                .args = exec->args,
                                .limit_ms = program_limit_ms,
                                .output_max = EXEC_ANSWER_MAX};
    int result;

    while (exec->env[count])
        count++;
    env = info ? calloc(count + 2, sizeof *env) : NULL;
    if (env) {
        env[0] = info;
        memcpy(env + 1, exec->env, count * sizeof *env);
        spec.env = env;
        result = program_start(&credential->program, &spec, now.ms, error);
    } else {
        result = error_no_memory(error);
    }
    free(env);
    free(info);
    if (result == ERROR_NOT_FOUND && exec->install_hint)
        return error_set(error, result, "%s is not there; %.600s", exec->command, exec->install_hint);
    return result;
}

static void take_answer(struct credential *credential, struct exec_credential *answer, struct moment now)
{
    int64_t lives_s = answer->expires_s - now.wall_s;

    if (!text_same(credential->answer.certificate, answer->certificate) ||
        !text_same(credential->answer.key, answer->key))
        credential->generation++;
    exec_credential_release(&credential->answer);
    credential->answer = *answer;
    credential->expires_due_s =
        answer->expires_s == 0 ? INT64_MAX : answer->expires_s - (lives_s > 60 ? early_s : 0);
}

/* Waits longer after each failure, so that a program that is broken is not run all the time. */
static void back_off(struct credential *credential, struct moment now)
{
    credential->program_due_ms = now.ms + credential->back_off_ms;
    credential->back_off_ms *= 2;
    if (credential->back_off_ms > back_off_most_ms)
        credential->back_off_ms = back_off_most_ms;
}

static int end_program(struct credential *credential, struct moment now, int result, struct error *error)
{
    struct exec_credential answer = {0};

    if (result == 0)
        result = exec_credential_read(credential->program.output.data, credential->program.output.length,
                                      credential->config->exec->api_version, &answer, error);
    /* What it printed is a secret and a megabyte. */
    program_release(&credential->program);
    if (result == 0 && answer.expires_s != 0 && answer.expires_s <= now.wall_s) {
        exec_credential_release(&answer);
        result = error_set(error, ERROR_INVALID, "its answer has expired already; compare the clocks");
    }
    if (result == 0)
        take_answer(credential, &answer, now);
    else if (error)
        (void)error_wrap(error, "%.200s", credential->config->exec->command);
    /* Also after a success: what is refused or expires at once is not got again in a hurry. */
    back_off(credential, now);
    return result;
}

static bool has_answer(const struct credential *credential)
{
    return credential->answer.token || credential->answer.certificate;
}

static bool needs_answer(const struct credential *credential, struct moment now)
{
    return !has_answer(credential) || now.wall_s >= credential->expires_due_s;
}

static int step_program(struct credential *credential, struct moment now, struct error *error)
{
    int result;

    if (!credential->config->exec)
        return 0;
    if (program_runs(&credential->program)) {
        result = program_step(&credential->program, now.ms, error);
        return result == 1 ? 0 : end_program(credential, now, result, error);
    }
    /* What has lasted was good. */
    if (has_answer(credential) && now.ms >= credential->program_due_ms)
        credential->back_off_ms = back_off_first_ms;
    if (!needs_answer(credential, now) || now.ms < credential->program_due_ms)
        return 0;
    result = start_program(credential, now, error);
    if (result != 0)
        back_off(credential, now);
    return result;
}

int credential_step(struct credential *credential, struct moment now, struct error *error)
{
    struct error later = {0};
    int result = 0;
    int other;

    if (!credential->looked || now.ms >= credential->files_due_ms)
        result = renew_files(credential, now, error);
    other = step_program(credential, now, result == 0 ? error : &later);
    return result == 0 ? other : result;
}

void credential_refused(struct credential *credential, struct moment now)
{
    free(credential->token);
    credential->token = NULL;
    credential->token_refused = true;
    if (credential->config->token_file)
        credential->files_due_ms = now.ms;
    /* A certificate may still be good for others; the program is asked anew for all that it gives. */
    if (credential->config->exec) {
        free(credential->answer.token);
        credential->answer.token = NULL;
        credential->expires_due_s = now.wall_s;
    }
}

bool credential_mismatched(struct credential *credential, struct moment now)
{
    bool back = !credential->answer.certificate && pair_refuse(&credential->pair);

    if (back)
        credential->generation++;
    credential->files_due_ms = now.ms + again_ms;
    return back;
}

static struct kubeconfig_blob blob_of(const struct kubeconfig_blob *given, const struct rotation *file)
{
    if (given->data)
        return (struct kubeconfig_blob){.data = given->data, .size = given->size};
    return (struct kubeconfig_blob){.data = file->data, .size = file->size};
}

static const char *token_of(const struct credential *credential)
{
    const struct kubeconfig *config = credential->config;

    if (config->exec)
        return credential->answer.token;
    if (credential->token)
        return credential->token;
    /* The one in the kubeconfig cannot get better: what can be renewed takes its place. */
    return config->token_file && credential->token_refused ? NULL : config->token;
}

static bool lacks(const struct kubeconfig_blob *wanted, const struct kubeconfig_blob *found)
{
    return (wanted->path || wanted->data) && !found->data;
}

struct credential_state credential_state(const struct credential *credential)
{
    const struct kubeconfig *config = credential->config;
    struct credential_state state = {
        .token = token_of(credential),
        .ca = blob_of(&config->ca, &credential->ca),
        .certificate = blob_of(&config->certificate, &credential->pair.now.certificate),
        .key = blob_of(&config->key, &credential->pair.now.key),
        .generation = credential->generation,
    };

    state.ready = !lacks(&config->ca, &state.ca) && !lacks(&config->certificate, &state.certificate) &&
                  !lacks(&config->key, &state.key);
    if ((config->token || config->token_file) && !state.token)
        state.ready = false;
    if (config->exec && !has_answer(credential))
        state.ready = false;
    if (credential->answer.certificate) {
        state.certificate = (struct kubeconfig_blob){.data = credential->answer.certificate,
                                                     .size = strlen(credential->answer.certificate)};
        state.key =
            (struct kubeconfig_blob){.data = credential->answer.key, .size = strlen(credential->answer.key)};
    }
    return state;
}

int credential_fd(const struct credential *credential)
{
    return credential->program.fd;
}

/* When the program is due on the monotonic clock. */
static int64_t program_time(const struct credential *credential, struct moment now)
{
    int64_t due = credential->program_due_ms;
    int64_t left_s = credential->expires_due_s - now.wall_s;

    if (program_runs(&credential->program))
        return program_due(&credential->program);
    if (!has_answer(credential) || left_s <= 0)
        return due;
    if (credential->expires_due_s == INT64_MAX)
        return INT64_MAX;
    /* The wall clock may be set: it is looked at once a minute. */
    left_s = left_s < 60 ? left_s : 60;
    return due > now.ms + left_s * 1000 ? due : now.ms + left_s * 1000;
}

int64_t credential_due_ms(const struct credential *credential, struct moment now)
{
    int64_t due = credential->looked ? credential->files_due_ms : now.ms;
    int64_t other = credential->config->exec ? program_time(credential, now) : INT64_MAX;

    return due < other ? due : other;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check - whether a cluster is as the daemon needs it
 *
 * Each check is one line on standard output, told as soon as it is known:
 *
 *   [+] https://10.0.0.1 answers: Kubernetes v1.36.3
 *   [!] the server's clock is 40 s ahead of ours; set one of them right (NTP)
 *   [-] may not create virtualservices.networking.istio.io; apply what `apigwctl rbac` prints
 */
#ifndef DAEMON_CHECK_H
#define DAEMON_CHECK_H

#include "daemon/ask.h"
#include "daemon/cluster.h"

#include <jansson.h>
#include <stdbool.h>

/** How a check ended. */
enum check_mark {
    CHECK_GOOD,    /**< [+] */
    CHECK_WARNING, /**< [!] works, but not as somebody would expect */
    CHECK_BAD      /**< [-] does not work; the line says what to do */
};

/** Checks of one cluster. Storage of the caller. */
struct check {
    /** Borrowed. */
    const struct cluster *cluster;
    /** Borrowed. */
    struct ask *ask;
    /** Lines of each mark. */
    unsigned counts[CHECK_BAD + 1];
};

/** Prints a line. */
void check_tell(struct check *check, enum check_mark mark, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * Asks for a JSON object.
 *
 * @param body   to be posted, which is taken over; NULL: a GET.
 * @param value  set on success, owned by caller, for json_decref().
 * @param answer for ask_release() in any case; its body is not kept.
 * @return 0 or the answer's error code; ERROR_INVALID also if it is no JSON.
 */
int check_ask(struct check *check, const char *target, json_t *body, json_t **value,
              struct ask_answer *answer);

/** Checks that the server answers, who we are there and what its clock shows. @return whether there is any
 * use in going on. */
bool check_server(struct check *check);

/** Checks that all kinds are served in a version that their backends know. */
void check_kinds(struct check *check);

/** Checks every permission that is needed. */
void check_permissions(struct check *check);

#endif

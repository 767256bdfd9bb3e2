/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KUBE_DENIAL_H
#define KUBE_DENIAL_H

/** @file When a server's no (403) is believed. One that has just started says it to everybody, until it has
 * read its roles (kubernetes/kubernetes, plugin/pkg/auth/authorizer/rbac: the authorizer asks informers that
 * are still being filled); it means it if it stays with it. */

#include <stdbool.h>
#include <stdint.h>

/** One matter that is denied; all zero: it is not. */
struct denial {
    int64_t since_ms; /**< when the server first said no; 0: it has not */
};

/** The server says no once more.
 * @param now_ms   monotonic time, over 0.
 * @param granted  it has let us read something else, so it has read its roles.
 * @return whether it has stayed with it: for 5 s, or 200 ms if `granted`. */
bool denial_stands(struct denial *denial, int64_t now_ms, bool granted);

#endif

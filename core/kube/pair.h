/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pair - the files of a client certificate and its key, which are replaced while they are in use
 *
 * Private to credential. Whether a certificate and a key belong together only TLS can tell, and it does when
 * a connection is made. So the pair that was good stays at hand when a file changes: if the new one proves to
 * be none, it is put back, and the files are left alone until one of them changes again.
 */
#ifndef KUBE_PAIR_H
#define KUBE_PAIR_H

#include "base/error.h"
#include "kube/rotation.h"

#include <stdbool.h>
#include <stddef.h>

/** A certificate and its key. */
struct pair_files {
    struct rotation certificate;
    struct rotation key;
};

/** Storage of the caller, all zero but the paths of `now`. */
struct pair {
    /** In use. Read it; change it through the functions only. */
    struct pair_files now;
    /** What was in use before; without data: nothing. Private. */
    struct pair_files before;
    /** What proved to be no pair; without data: nothing. Private. */
    struct pair_files refused;
    /** The files are to be looked at again soon: one of them has changed, and the other may be about to. */
    bool unsettled;
};

/** Frees what was read. */
void pair_release(struct pair *pair);

/**
 * Looks at the files, and takes both or neither: where only one has changed, the other is waited for until
 * the next look.
 *
 * @param max      bytes of a file.
 * @param differs  set to whether other ones are in use now.
 * @return 0; ERROR_INVALID if one is no PEM; what rotation_read() says. What was in use still is then.
 */
int pair_renew(struct pair *pair, size_t max, bool *differs, struct error *error);

/** What is in use proved to be no pair: the one before is put back. @return false if there is none. */
bool pair_refuse(struct pair *pair);

#endif

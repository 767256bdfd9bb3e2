/* SPDX-License-Identifier: Apache-2.0 */
/*
 * faults - a system that refuses, or ends the program, when a test says so
 *
 * A test that lists faults.c among its sources and links with FAULTS_LINK has the calls of the code under
 * test that change files counted, listed and, if it asks for that, refused: openat that makes a file
 * ("create"), write, renameat and renameat2 ("rename"), unlinkat ("unlink"), mkdirat ("mkdir"), fdatasync
 * ("datasync"), syncfs ("sync").
 */
#ifndef TESTS_FAULTS_H
#define TESTS_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

/** Begins to list calls. */
void faults_trace(void);

/** @return the calls since then, one a line: "create", "write", "rename NAME", "unlink NAME", "mkdir NAME",
 * "sync"; names of temporary files are "TMP". Static: until the next faults_trace(). */
const char *faults_traced(void);

/** Lets a call fail. @param call  as it is listed, without a name. @param nth  from 1. @param times  how
 * often. */
void faults_refuse(const char *call, unsigned nth, unsigned times, int reason);

/** No call fails any more. @return whether one was refused. */
bool faults_end(void);

/** Has something done just before the n-th call of this kind, counted from 1; once. */
void faults_before(const char *call, unsigned nth, void (*action)(void *payload), void *payload);

/** The program ends instead of making this call, counted from 1 over all kinds of calls. */
void faults_die(unsigned nth);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * controller_stage - a controller that lives on, on the gateway of cardboard, told of many Apis
 *
 * Names are "NAMESPACE/NAME"; objects of the gateway "KIND/NAMESPACE/NAME".
 */
#ifndef TESTS_CONTROLLER_STAGE_H
#define TESTS_CONTROLLER_STAGE_H

#include "gateway.h"

#include "reconcile/controller.h"

#include <stdio.h>

/** A complete element of spec.authentication. */
#define ISSUER(name) "{'type': 'JWT', 'jwt': {'issuer': '" name "', 'jwksUri': 'https://h/k'}}"
/** What makes an Api ask for authentication. */
#define SECURED "'authentication': [" ISSUER("i") "]"

/** Greatest number of steps that wait for an answer. */
enum { STAGE_WAITING = 16 };

/** A step that waits for its answer. */
struct waiting {
    char key[KEY_SIZE];
    /** NULL: a report. Owned. */
    char *object_key;
    /** Of the step, or the status. Owned; may be NULL. */
    json_t *object;
    /** Of the report. Owned; may be NULL. */
    json_t *api;
    char version[SINK_TEXT_SIZE];
};

/** The stage. */
struct stage {
    struct gateway gateway;
    struct controller_options options;
    struct controller *controller;
    struct sink sink;
    /** Steps are not answered before stage_answer(). */
    bool pending;
    /** What a step has done is observed before its answer comes. */
    bool seen_first;
    /** The server keeps nothing of the spec of what it is given. */
    bool leaves_out;
    /** The answer gets lost: it is ERROR_BUSY, whatever was done. */
    bool loses_answer;
    struct waiting waiting[STAGE_WAITING];
    size_t waiting_count;
    /** What steps that are answered ERROR_BUSY say. */
    int64_t retry_ms;
    /** Statuses by key. */
    json_t *statuses;
    /** Every call in order: "write Lock/t1/a1\n", "remove Road/t1/a1\n", "report t1/a1\n", "forget t1/a1\n".
     */
    struct text calls;
    struct error error;
    int64_t now;
    FILE *log_file;
    char *log_text;
    size_t log_size;
    struct log log;
    /** What the controller says of the Api that stage_reason() was asked for. */
    struct controller_view view;
    char message[1024];
};

/** Sets the stage: everything enabled, nothing there, time 1000 ms. Settings may be changed before
 * stage_start(). */
void stage_begin(struct stage *stage);

/** Makes the controller, and tells it what stands in the gateway. A second time: as after a restart. */
void stage_start(struct stage *stage);

/** Frees it, whatever waits. */
void stage_end(struct stage *stage);

/** Puts an Api for port 80 of a Service, asking for a host, with more members of its spec ("" or "'a': b")
 * and of its metadata. */
void stage_api(struct stage *stage, const char *key, const char *service, const char *host, const char *spec,
               const char *metadata);

/** The Api is gone. */
void stage_gone(struct stage *stage, const char *key);

/** An object of the source, which nobody of us made. `text` is the members beside apiVersion, kind, metadata.
 */
void stage_source(struct stage *stage, const char *object_key, const char *text);

/** It is gone. */
void stage_source_gone(struct stage *stage, const char *object_key);

/** Somebody changed what stands in the gateway; the controller observes it. `text` NULL: it is gone. `labels`
 * may be NULL. */
void stage_observe(struct stage *stage, const char *object_key, const char *labels, const char *text);

/** The controller observes what stands there now. */
void stage_look(struct stage *stage, const char *object_key);

/** Runs what is due. */
void stage_run(struct stage *stage);

/** Runs, and compares the calls since the last time. */
void stage_expect(struct stage *stage, const char *calls);

/** Carries out the step that waits for a key, and answers it. @return whether there was one. */
bool stage_answer(struct stage *stage, const char *key);

/** Answers everything in the order in which it waits, until nothing does. */
void stage_answer_all(struct stage *stage);

/** @return the word of the reason that the Api is told by, "" if it is well; "?" if it is not known. */
const char *stage_reason(struct stage *stage, const char *key);

/** @return whether the message of the Api has a part. */
bool stage_says(struct stage *stage, const char *key, const char *part);

/** @return whether an object stands in the gateway. */
bool stage_stands(const struct stage *stage, const char *object_key);

/** @return the integer at a path of a status, -1 if there is none. */
json_int_t stage_code(const struct stage *stage, const char *key, const char *path);

/** @return the text at a path of a status, "" if there is none. */
const char *stage_text(const struct stage *stage, const char *key, const char *path);

/** @return whether a part of some line was logged. */
bool stage_logged(struct stage *stage, const char *part);

#endif

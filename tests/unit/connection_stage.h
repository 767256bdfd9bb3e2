/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connection_stage - a fault server and a connection to it
 */
#ifndef TESTS_CONNECTION_STAGE_H
#define TESTS_CONNECTION_STAGE_H

#include "drive.h"
#include "fault_server.h"
#include "kube/kubeconfig.h"

/** An answer with a body of JSON, and its length. */
#define STAGE_JSON(status, length, body)                                                                     \
    "HTTP/1.1 " status "\r\nContent-Type: application/json\r\nContent-Length: " length "\r\n\r\n" body

/** The head of an answer in chunks. */
#define STAGE_CHUNKED                                                                                        \
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"

/** Room for the bytes of an answer. */
enum { STAGE_ROOM = 2048 };

/** @return an answer of this JSON; its bytes are in `room`. */
struct fault_answer stage_json(char room[STAGE_ROOM], const char *json);

/** @return the answer to a watch, of these events, which then ends or says nothing more. */
struct fault_answer stage_watch(char room[STAGE_ROOM], const char *events, bool ends);

/** Storage of the caller, zeroed. What is set in `config` and `server` beforehand stays. */
struct stage {
    struct fault_server server;
    struct kubeconfig config;
    char url[64];
    struct drive drive;
    struct heard heard;
};

/** Zeroes it, and frees what was heard. Nothing runs. */
void stage_reset(struct stage *stage);

/** Starts both; the last answer is given again and again. A failure ends the program. */
void stage_open(struct stage *stage, const struct fault_answer *answers, size_t count);

/** Ends both. */
void stage_close(struct stage *stage);

/** Answers one GET of "/x" and closes; what came is left in stage->heard, its body too until the next
 * opening. */
void stage_ask_once(struct stage *stage, const struct fault_answer *answer);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault_server - a server of HTTP on loopback that answers as a test says, down to the byte
 *
 * A thread takes connections and requests; the first request gets the first answer that is for it, whichever
 * connection it comes by, and the last of these is given again and again. It allocates nothing, so that tests
 * may count allocations. What goes wrong in it ends the test program.
 */
#ifndef TESTS_FAULT_SERVER_H
#define TESTS_FAULT_SERVER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/** Requests that can come, connections that can be open, bytes of a request that are kept. */
enum { FAULT_REQUESTS = 128, FAULT_CONNECTIONS = 64, FAULT_REQUEST_SIZE = 4096 };

/** What becomes of a connection after an answer. */
enum fault_end { FAULT_KEEP, FAULT_CLOSE, FAULT_RESET };

/** Bytes that are sent. All borrowed as long as the server runs. */
struct fault_answer {
    const char *to;    /**< only for requests that hold this text; NULL: for all */
    const char *head;  /**< sent first; NULL: none */
    const char *bytes; /**< sent after it; NULL: none */
    size_t size;       /**< of bytes; 0: they end with a NUL */
    size_t times;      /**< that the bytes are sent; 0: once */
    int pause_ms;      /**< before the bytes */
    enum fault_end end;
};

/** A request that came. */
struct fault_request {
    char text[FAULT_REQUEST_SIZE]; /**< head and body, cut, NUL-terminated */
    size_t size;                   /**< of all of it */
    unsigned connection;           /**< counts from 0 */
};

/** A connection that is open. Private. */
struct fault_connection {
    int fd;
    unsigned number;
    size_t size;    /* that was read of a request */
    size_t awaited; /* in all; 0: the head is not complete */
    char text[FAULT_REQUEST_SIZE];
};

/** Storage of the caller, zeroed. Set `answers`, `count` and `raw`; read the rest by the functions. */
struct fault_server {
    const struct fault_answer *answers;
    size_t count;
    bool raw; /**< whatever comes at once is a request: no HTTP */
    int port;
    int listener; /**< private, as all below */
    int wake[2];
    bool given[FAULT_REQUESTS];
    pthread_t thread;
    pthread_mutex_t lock;
    struct fault_request requests[FAULT_REQUESTS];
    unsigned request_count;
    unsigned connection_count;
    unsigned closed_count;
    struct fault_connection open[FAULT_CONNECTIONS];
    unsigned open_count;
    unsigned most_open;
};

/** Starts it. */
void fault_server_start(struct fault_server *server);

/** Ends it and closes what is open. */
void fault_server_stop(struct fault_server *server);

/** @return number of requests that have come; of connections that were opened; that the other side has
 * closed. */
unsigned fault_server_requests(struct fault_server *server);

/** @return number of connections that were opened. */
unsigned fault_server_connections(struct fault_server *server);

/** @return number of connections that the other side has closed. */
unsigned fault_server_closed(struct fault_server *server);

/** @return whether the request, counted from 0, has come and holds the text. */
bool fault_server_got(struct fault_server *server, unsigned request, const char *text);

#endif

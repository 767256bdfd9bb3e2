/* SPDX-License-Identifier: Apache-2.0 */
/*
 * queue - keys that wait for their turn
 *
 * A key is in the queue once, however often it is added; while it is being worked on it can be added again
 * and comes back after that. A key that failed comes back after a delay that doubles with each failure,
 * without an end. Time is the caller's: milliseconds on a monotonic clock.
 */
#ifndef RECONCILE_QUEUE_H
#define RECONCILE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct queue;

/** How keys that failed are delayed. */
struct queue_backoff {
    int64_t first_ms; /**< after the first failure, at least 1 */
    int64_t most_ms;  /**< greatest delay, at least first_ms */
    uint64_t seed;    /**< of the jitter; delays are drawn from half to the whole of the doubled one */
};

/** What came of a key. */
enum queue_result {
    QUEUE_DONE, /**< nothing to do until it is added again; its failures are forgotten */
    QUEUE_RETRY /**< comes back after its delay */
};

/** What queue_next() says if nothing waits. */
#define QUEUE_NEVER INT64_MAX

/** @return owned by caller, for queue_free(); NULL if memory is short. */
struct queue *queue_new(const struct queue_backoff *backoff);

/** Frees the queue. NULL is fine. */
void queue_free(struct queue *queue);

/**
 * Adds a key that is due at a time; one that waits already is due at the earlier of both. A key in work comes
 * back, then or when its work is done, whichever is later. Its failures are not forgotten.
 *
 * @return false if memory is short; nothing has changed then.
 */
bool queue_add(struct queue *queue, const char *key, int64_t due_ms);

/**
 * Takes the key that has been due for longest; of equal times the one that was added first. It is in work
 * until queue_finish().
 *
 * @return borrowed until queue_finish(); NULL if none is due.
 */
const char *queue_take(struct queue *queue, int64_t now_ms);

/**
 * Lists the keys that are due, in the order in which queue_take() would give them if nothing else happened.
 *
 * @param count  set on success.
 * @return owned by caller, for free(); each key borrowed until it is finished. NULL if memory is short.
 */
const char **queue_list(const struct queue *queue, int64_t now_ms, size_t *count);

/** Ends the work on a key that was taken. `key` may be the pointer that queue_take() returned. */
void queue_finish(struct queue *queue, const char *key, enum queue_result result, int64_t now_ms);

/**
 * What failures were about is over: keys that wait after one are due now. Their failures are not forgotten.
 *
 * @param calm_ms  but not before this time since they failed.
 */
void queue_hurry(struct queue *queue, int64_t now_ms, int64_t calm_ms);

/** @return when the next key is due; QUEUE_NEVER if none waits. Keys in work do not count. */
int64_t queue_next(const struct queue *queue);

/** @return how often the key failed in a row; 0 if it is not known. */
unsigned queue_failures(const struct queue *queue, const char *key);

/** @return when the key is due; QUEUE_NEVER if it does not wait, or is in work and was not added again. */
int64_t queue_due(const struct queue *queue, const char *key);

/** @return number of keys that wait. */
size_t queue_waiting(const struct queue *queue);

#endif

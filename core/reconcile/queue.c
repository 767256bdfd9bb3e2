/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/queue.h"

#include "base/backoff.h"
#include "base/map.h"

#include <stdlib.h>
#include <string.h>

/* A key that waits, is in work, or failed and is remembered for its next delay. */
struct entry {
    char *key;
    int64_t due_ms;
    int64_t failed_ms; /* when it failed last */
    uint64_t order;    /* of adding, for equal times */
    size_t position;   /* in the heap; only while it waits */
    unsigned failures;
    bool waiting;
    bool working;
    bool again; /* was added while in work, due at due_ms */
};

struct queue {
    struct map *entries;
    struct entry **heap; /* the earliest first */
    size_t count;
    size_t capacity;
    uint64_t order;
    uint64_t jitter;
    struct queue_backoff backoff;
};

static void entry_free(void *value)
{
    struct entry *entry = value;

    free(entry->key);
    free(entry);
}

struct queue *queue_new(const struct queue_backoff *backoff)
{
    struct queue *queue = calloc(1, sizeof *queue);

    if (!queue)
        return NULL;
    queue->entries = map_new(entry_free);
    if (!queue->entries) {
        free(queue);
        return NULL;
    }
    queue->backoff = *backoff;
    queue->jitter = backoff->seed ? backoff->seed : 1;
    return queue;
}

void queue_free(struct queue *queue)
{
    if (!queue)
        return;
    map_free(queue->entries);
    free(queue->heap);
    free(queue);
}

static bool earlier(const struct entry *a, const struct entry *b)
{
    return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->order < b->order;
}

static void place(struct queue *queue, size_t position, struct entry *entry)
{
    queue->heap[position] = entry;
    entry->position = position;
}

/* Moves an entry to where it belongs, towards the top or towards the bottom. */
static void settle(struct queue *queue, struct entry *entry)
{
    size_t i = entry->position;

    while (i > 0 && earlier(entry, queue->heap[(i - 1) / 2])) {
        place(queue, i, queue->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    for (;;) {
        size_t child = 2 * i + 1;
        if (child + 1 < queue->count && earlier(queue->heap[child + 1], queue->heap[child]))
            child++;
        if (child >= queue->count || !earlier(queue->heap[child], entry))
            break;
        place(queue, i, queue->heap[child]);
        i = child;
    }
    place(queue, i, entry);
}

/* There is always room: every known key has its place reserved. */
static void wait_until(struct queue *queue, struct entry *entry, int64_t due_ms)
{
    entry->due_ms = due_ms;
    entry->order = queue->order++;
    entry->waiting = true;
    place(queue, queue->count++, entry);
    settle(queue, entry);
}

static bool reserve(struct queue *queue)
{
    size_t wanted = map_count(queue->entries) + 1;
    struct entry **heap;

    if (wanted <= queue->capacity)
        return true;
    wanted = wanted < 16 ? 16 : wanted * 2;
    heap = realloc(queue->heap, wanted * sizeof *heap);
    if (!heap)
        return false;
    queue->heap = heap;
    queue->capacity = wanted;
    return true;
}

static struct entry *entry_new(struct queue *queue, const char *key)
{
    struct entry *entry = reserve(queue) ? calloc(1, sizeof *entry) : NULL;

    if (!entry)
        return NULL;
    entry->key = strdup(key);
    if (!entry->key || !map_set(queue->entries, key, entry)) {
        entry_free(entry);
        return NULL;
    }
    return entry;
}

bool queue_add(struct queue *queue, const char *key, int64_t due_ms)
{
    struct entry *entry = map_get(queue->entries, key);

    if (!entry)
        entry = entry_new(queue, key);
    if (!entry)
        return false;
    if (entry->waiting || entry->again) {
        if (due_ms < entry->due_ms) {
            entry->due_ms = due_ms;
            if (entry->waiting)
                settle(queue, entry);
        }
    } else if (entry->working) {
        entry->again = true;
        entry->due_ms = due_ms;
    } else {
        wait_until(queue, entry, due_ms);
    }
    return true;
}

const char *queue_take(struct queue *queue, int64_t now_ms)
{
    struct entry *entry = queue->count > 0 ? queue->heap[0] : NULL;
    struct entry *last;

    if (!entry || entry->due_ms > now_ms)
        return NULL;
    last = queue->heap[--queue->count];
    if (last != entry) {
        place(queue, 0, last);
        settle(queue, last);
    }
    entry->waiting = false;
    entry->working = true;
    return entry->key;
}

static int compare(const void *a, const void *b)
{
    const struct entry *const *left = a;
    const struct entry *const *right = b;

    return earlier(*left, *right) ? -1 : 1;
}

const char **queue_list(const struct queue *queue, int64_t now_ms, size_t *count)
{
    const struct entry **due = malloc((queue->count + 1) * sizeof *due);
    const char **keys = malloc((queue->count + 1) * sizeof *keys);
    size_t found = 0;

    if (!due || !keys) {
        free(due);
        free(keys);
        return NULL;
    }
    for (size_t i = 0; i < queue->count; i++) {
        if (queue->heap[i]->due_ms <= now_ms)
            due[found++] = queue->heap[i];
    }
    qsort(due, found, sizeof *due, compare);
    for (size_t i = 0; i < found; i++)
        keys[i] = due[i]->key;
    free(due);
    *count = found;
    return keys;
}

static int64_t delay(struct queue *queue, unsigned failures)
{
    return backoff_jitter(&queue->jitter,
                          backoff_delay(queue->backoff.first_ms, failures, queue->backoff.most_ms));
}

/* After a burst its room is given back. */
static void give_back(struct queue *queue)
{
    if (map_count(queue->entries) > 0)
        return;
    free(queue->heap);
    queue->heap = NULL;
    queue->capacity = 0;
}

void queue_finish(struct queue *queue, const char *key, enum queue_result result, int64_t now_ms)
{
    struct entry *entry = map_get(queue->entries, key);

    if (!entry || !entry->working)
        return;
    entry->working = false;
    entry->failures = result == QUEUE_RETRY ? entry->failures + 1 : 0;
    if (result == QUEUE_RETRY) {
        int64_t due_ms = now_ms + delay(queue, entry->failures);
        entry->failed_ms = now_ms;
        wait_until(queue, entry, entry->again && entry->due_ms < due_ms ? entry->due_ms : due_ms);
    } else if (entry->again) {
        wait_until(queue, entry, entry->due_ms);
    } else {
        (void)map_remove(queue->entries, key);
        give_back(queue);
        return;
    }
    entry->again = false;
}

/* From the top: what settles only changes places with entries that were looked at. */
void queue_hurry(struct queue *queue, int64_t now_ms, int64_t calm_ms)
{
    for (size_t i = 0; i < queue->count; i++) {
        struct entry *entry = queue->heap[i];
        int64_t due_ms = entry->failed_ms + calm_ms;
        if (due_ms < now_ms)
            due_ms = now_ms;
        if (entry->failures == 0 || entry->due_ms <= due_ms)
            continue;
        entry->due_ms = due_ms;
        settle(queue, entry);
    }
}

int64_t queue_next(const struct queue *queue)
{
    return queue->count > 0 ? queue->heap[0]->due_ms : QUEUE_NEVER;
}

unsigned queue_failures(const struct queue *queue, const char *key)
{
    const struct entry *entry = map_get(queue->entries, key);

    return entry ? entry->failures : 0;
}

int64_t queue_due(const struct queue *queue, const char *key)
{
    const struct entry *entry = map_get(queue->entries, key);

    return entry && (entry->waiting || entry->again) ? entry->due_ms : QUEUE_NEVER;
}

size_t queue_waiting(const struct queue *queue)
{
    return queue->count;
}

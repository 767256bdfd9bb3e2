/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/queue.h"

#include "base/backoff.h"
#include "base/links.h"

#include <stdlib.h>
#include <string.h>

/* A key that waits, is in work, or failed and is remembered for its next delay. */
struct entry {
    struct link link;
    uint32_t position; /* in the heap; only while it waits */
    int64_t due_ms;
    int64_t failed_ms; /* when it failed last */
    uint64_t order;    /* of adding, for equal times */
    unsigned failures;
    bool waiting;
    bool working;
    bool again; /* was added while in work, due at due_ms */
    char key[];
};

/* What a queue that is empty keeps room for; a page of memory. */
enum { FEW = 64 };

/* Entries stand in a slab: those of a burst, which go one by one, would leave the memory in between full of
 * holes. */
struct queue {
    struct slab slab;
    struct links entries;
    slab_ref *heap; /* the earliest first */
    size_t count;
    size_t capacity;
    uint64_t order;
    uint64_t jitter;
    struct queue_backoff backoff;
};

/* The link is the first member: of none there is none. */
static struct entry *of_link(const struct link *link)
{
    return (struct entry *)(uintptr_t)link;
}

static uint64_t hash_of(const struct link *link)
{
    return links_hash_text(of_link(link)->key);
}

static struct entry *at(const struct queue *queue, slab_ref ref)
{
    return slab_at(&queue->slab, ref);
}

static size_t size_for(const char *key)
{
    return sizeof(struct entry) + strlen(key) + 1;
}

struct queue *queue_new(const struct queue_backoff *backoff)
{
    struct queue *queue = calloc(1, sizeof *queue);

    if (!queue)
        return NULL;
    queue->entries = (struct links){.slab = &queue->slab, .hash = hash_of};
    queue->backoff = *backoff;
    queue->jitter = backoff->seed ? backoff->seed : 1;
    return queue;
}

/* After a burst its room is given back. */
static void give_back(struct queue *queue)
{
    links_release(&queue->entries);
    slab_release(&queue->slab);
    free(queue->heap);
    queue->heap = NULL;
    queue->capacity = 0;
}

void queue_free(struct queue *queue)
{
    if (!queue)
        return;
    give_back(queue);
    free(queue);
}

static struct entry *seek(const struct queue *queue, const char *key)
{
    return of_link(links_seek_text(&queue->entries, key, offsetof(struct entry, key)));
}

static bool earlier(const struct entry *a, const struct entry *b)
{
    return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->order < b->order;
}

static void place(struct queue *queue, uint32_t position, slab_ref ref)
{
    queue->heap[position] = ref;
    at(queue, ref)->position = position;
}

/* Moves what stands in the heap to where it belongs, towards the top or towards the bottom. */
static void settle(struct queue *queue, uint32_t position)
{
    slab_ref ref = queue->heap[position];
    const struct entry *entry = at(queue, ref);
    uint32_t i = position;

    while (i > 0 && earlier(entry, at(queue, queue->heap[(i - 1) / 2]))) {
        place(queue, i, queue->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child + 1 < queue->count &&
            earlier(at(queue, queue->heap[child + 1]), at(queue, queue->heap[child])))
            child++;
        if (child >= queue->count || !earlier(at(queue, queue->heap[child]), entry))
            break;
        place(queue, i, queue->heap[child]);
        i = child;
    }
    place(queue, i, ref);
}

/* There is always room: every known key has its place reserved. */
static void wait_until(struct queue *queue, struct entry *entry, int64_t due_ms)
{
    uint32_t last = (uint32_t)queue->count++;

    entry->due_ms = due_ms;
    entry->order = queue->order++;
    entry->waiting = true;
    place(queue, last, links_find(&queue->entries, &entry->link));
    settle(queue, last);
}

static bool reserve(struct queue *queue)
{
    size_t wanted = (size_t)queue->entries.count + 1;
    slab_ref *heap;

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
    size_t size = size_for(key);
    slab_ref ref = reserve(queue) && links_reserve(&queue->entries, 1) ? slab_alloc(&queue->slab, size) : 0;
    struct entry *entry;

    if (ref == 0)
        return NULL;
    entry = at(queue, ref);
    memset(entry, 0, size);
    memcpy(entry->key, key, strlen(key));
    links_add(&queue->entries, ref);
    return entry;
}

bool queue_add(struct queue *queue, const char *key, int64_t due_ms)
{
    struct entry *entry = seek(queue, key);

    if (!entry)
        entry = entry_new(queue, key);
    if (!entry)
        return false;
    if (entry->waiting || entry->again) {
        if (due_ms < entry->due_ms) {
            entry->due_ms = due_ms;
            if (entry->waiting)
                settle(queue, entry->position);
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
    struct entry *entry = queue->count > 0 ? at(queue, queue->heap[0]) : NULL;

    if (!entry || entry->due_ms > now_ms)
        return NULL;
    if (--queue->count > 0) {
        place(queue, 0, queue->heap[queue->count]);
        settle(queue, 0);
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
        const struct entry *entry = at(queue, queue->heap[i]);
        if (entry->due_ms <= now_ms)
            due[found++] = entry;
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

static void forget(struct queue *queue, struct entry *entry)
{
    size_t size = size_for(entry->key);

    slab_free(&queue->slab, links_remove(&queue->entries, &entry->link), size);
    if (queue->entries.count == 0 && queue->capacity > FEW)
        give_back(queue);
}

void queue_finish(struct queue *queue, const char *key, enum queue_result result, int64_t now_ms)
{
    struct entry *entry = seek(queue, key);

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
        forget(queue, entry);
        return;
    }
    entry->again = false;
}

/* From the top: what settles only changes places with entries that were looked at. */
void queue_hurry(struct queue *queue, int64_t now_ms, int64_t calm_ms)
{
    for (uint32_t i = 0; i < queue->count; i++) {
        struct entry *entry = at(queue, queue->heap[i]);
        int64_t due_ms = entry->failed_ms + calm_ms;
        if (due_ms < now_ms)
            due_ms = now_ms;
        if (entry->failures == 0 || entry->due_ms <= due_ms)
            continue;
        entry->due_ms = due_ms;
        settle(queue, i);
    }
}

int64_t queue_next(const struct queue *queue)
{
    return queue->count > 0 ? at(queue, queue->heap[0])->due_ms : QUEUE_NEVER;
}

unsigned queue_failures(const struct queue *queue, const char *key)
{
    const struct entry *entry = seek(queue, key);

    return entry ? entry->failures : 0;
}

int64_t queue_due(const struct queue *queue, const char *key)
{
    const struct entry *entry = seek(queue, key);

    return entry && (entry->waiting || entry->again) ? entry->due_ms : QUEUE_NEVER;
}

size_t queue_waiting(const struct queue *queue)
{
    return queue->count;
}

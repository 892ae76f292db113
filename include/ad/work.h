/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Work handed from thread to thread: a bounded queue, a pool of workers with a context each, a
 * named thread, and the way back into an event loop (a list of finished items behind a descriptor).
 */
#ifndef AD_WORK_H
#define AD_WORK_H

#include "ad/err.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* ---- Threads ---- */

#define AD_THREAD_NAME_MAX 15      /* what the kernel keeps of a name */
#define AD_THREAD_STACK (2u << 20) /* bytes of stack of every thread that is started here */

/* Starts a named thread with all signals blocked, so that they reach the loop thread alone. The
 * caller joins it. AD_EUNAVAIL when the system has no thread left. */
AD_MUST int ad_thread_start(
	pthread_t *ret, const char *name, void *(*fn)(void *), void *ctx, struct ad_err *err);

/* ---- Bounded queue: any number of producers and consumers ---- */

struct ad_queue;

/* Holds at most max (> 0) pointers. */
struct ad_queue *ad_queue_new(size_t max);
/* The queue must be empty and no thread inside; it does not own what it holds. */
void ad_queue_free(struct ad_queue *queue);
/* Never waits. AD_EBUSY when full, AD_EUNAVAIL when closed. Any thread. */
AD_MUST int ad_queue_push(struct ad_queue *queue, void *item);
/* The same, but it is taken before all that was not pushed so; among themselves the first comes
 * first. */
AD_MUST int ad_queue_push_ahead(struct ad_queue *queue, void *item);
/* Waits for an item; false when the queue is closed and empty. Any thread. */
bool ad_queue_pop(struct ad_queue *queue, void **ret_item);
/* Takes an item if there is one; never waits. */
bool ad_queue_try_pop(struct ad_queue *queue, void **ret_item);
/* Refuses further pushes and lets the waiting consumers go once it is empty. */
void ad_queue_close(struct ad_queue *queue);
size_t ad_queue_count(struct ad_queue *queue);

/* ---- Worker pool ---- */

struct ad_pool;

struct ad_pool_config {
	const char *name; /* thread names are name-0, name-1, ...: keep it under 12 bytes */
	size_t workers;   /* > 0 */
	size_t queue_max; /* tasks that wait; one more is AD_EBUSY */
	void *ctx;        /* given to open and drop */
	/* Makes one worker's own context (database connection, arena, HTTP client) on its thread,
	 * before its first task. May be NULL; then run gets ctx as its worker. */
	void *(*open)(void *ctx, size_t index);
	/* Destroys it on the same thread after the last task. May be NULL. */
	void (*close)(void *worker);
	/* Does one task and owns it. Worker thread; may block, but must end by itself: every wait
	 * inside has its own deadline. */
	void (*run)(void *worker, void *task);
	/* Owns a task that the stop left undone: answers "unavailable", frees it. The thread that
	 * stops the pool. */
	void (*drop)(void *ctx, void *task);
};

/* Starts the workers; the config and its name are copied, ctx stays the caller's. */
AD_MUST int ad_pool_new(
	const struct ad_pool_config *config, struct ad_pool **ret, struct ad_err *err);
/* Gives a task away. On AD_EBUSY (full) and AD_EUNAVAIL (stopping) it stays the caller's. Any
 * thread, never waits. */
AD_MUST int ad_pool_submit(struct ad_pool *pool, void *task);
/* The same for a task that goes before those that wait (ad_queue_push_ahead). */
AD_MUST int ad_pool_submit_ahead(struct ad_pool *pool, void *task);
/* Tasks that wait or run now. Any thread. */
size_t ad_pool_pending(struct ad_pool *pool);
/* True as soon as a stop was asked for: long tasks look at it and give up early. Any thread. */
bool ad_pool_stopping(const struct ad_pool *pool);
/* Refuses new tasks, lets waiting ones run for up to deadline_ms, drops those not yet started
 * then, and joins all workers. AD_ETIMEOUT when tasks were dropped. Call once. */
AD_MUST int ad_pool_stop(struct ad_pool *pool, int deadline_ms, struct ad_err *err);
/* After ad_pool_stop. NULL is allowed. */
void ad_pool_free(struct ad_pool *pool);

/* ---- The way back into a loop ---- */

/* Embedded as the first member of what is handed back. */
struct ad_done_item {
	struct ad_done_item *next;
};

/* Finished items behind an eventfd that is readable while there are any. */
struct ad_done;

AD_MUST int ad_done_new(struct ad_done **ret, struct ad_err *err);
/* No items may be left. NULL is allowed. */
void ad_done_free(struct ad_done *done);
/* For the event loop: readable when ad_done_take has something to give. Owned by done. */
int ad_done_fd(const struct ad_done *done);
/* Hands an item over and wakes the loop. Any thread, never waits, never fails. */
void ad_done_push(struct ad_done *done, struct ad_done_item *item);
/* Wakes the loop without an item: take then gives NULL. Any thread. */
void ad_done_wake(struct ad_done *done);
/* All items so far, in the order of their pushing, linked by next; NULL when there are none. Loop
 * thread. */
struct ad_done_item *ad_done_take(struct ad_done *done);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Bounded queue: two rings under one lock, of those who go ahead and of the others. A producer
 * never waits: full is an answer. */
#include "ad/work.h"

#include "ad/arena.h"

#include <stdint.h>

struct ring {
	size_t head; /* index of the oldest item */
	size_t count;
	void **items; /* max of the queue */
};

struct ad_queue {
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t filled;
	size_t max; /* of both rings together */
	struct ring ahead;
	struct ring others;
	bool closed;
	void *items[]; /* of both */
};

static size_t count_locked(const struct ad_queue *queue)
{
	return queue->ahead.count + queue->others.count;
}

struct ad_queue *ad_queue_new(size_t max)
{
	AD_ASSERT(max > 0 && max < SIZE_MAX / 4 / sizeof(void *));
	struct ad_queue *queue = ad_xalloc(sizeof *queue + 2 * max * sizeof(void *));
	queue->max = max;
	queue->ahead.items = queue->items;
	queue->others.items = queue->items + max;
	AD_ASSERT(pthread_mutex_init(&queue->lock, NULL) == 0);
	AD_ASSERT(pthread_cond_init(&queue->filled, NULL) == 0);
	return queue;
}

void ad_queue_free(struct ad_queue *queue)
{
	if (!queue)
		return;
	AD_ASSERT(count_locked(queue) == 0);
	(void)pthread_cond_destroy(&queue->filled);
	(void)pthread_mutex_destroy(&queue->lock);
	free(queue);
}

static int push(struct ad_queue *queue, struct ring *ring, void *item)
{
	int rc = 0;
	(void)pthread_mutex_lock(&queue->lock);
	if (queue->closed) {
		rc = AD_EUNAVAIL;
	} else if (count_locked(queue) == queue->max) {
		rc = AD_EBUSY;
	} else {
		ring->items[(ring->head + ring->count) % queue->max] = item;
		ring->count++;
		(void)pthread_cond_signal(&queue->filled);
	}
	(void)pthread_mutex_unlock(&queue->lock);
	return rc;
}

int ad_queue_push(struct ad_queue *queue, void *item)
{
	return push(queue, &queue->others, item);
}

int ad_queue_push_ahead(struct ad_queue *queue, void *item)
{
	return push(queue, &queue->ahead, item);
}

static bool take_locked(struct ad_queue *queue, void **ret_item)
{
	struct ring *ring = queue->ahead.count > 0 ? &queue->ahead : &queue->others;
	if (ring->count == 0)
		return false;
	*ret_item = ring->items[ring->head];
	ring->head = (ring->head + 1) % queue->max;
	ring->count--;
	return true;
}

bool ad_queue_pop(struct ad_queue *queue, void **ret_item)
{
	(void)pthread_mutex_lock(&queue->lock);
	while (count_locked(queue) == 0 && !queue->closed)
		(void)pthread_cond_wait(&queue->filled, &queue->lock);
	bool taken = take_locked(queue, ret_item);
	(void)pthread_mutex_unlock(&queue->lock);
	return taken;
}

bool ad_queue_try_pop(struct ad_queue *queue, void **ret_item)
{
	(void)pthread_mutex_lock(&queue->lock);
	bool taken = take_locked(queue, ret_item);
	(void)pthread_mutex_unlock(&queue->lock);
	return taken;
}

void ad_queue_close(struct ad_queue *queue)
{
	(void)pthread_mutex_lock(&queue->lock);
	queue->closed = true;
	(void)pthread_cond_broadcast(&queue->filled);
	(void)pthread_mutex_unlock(&queue->lock);
}

size_t ad_queue_count(struct ad_queue *queue)
{
	(void)pthread_mutex_lock(&queue->lock);
	size_t count = count_locked(queue);
	(void)pthread_mutex_unlock(&queue->lock);
	return count;
}

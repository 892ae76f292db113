/* SPDX-License-Identifier: Apache-2.0 */
/* Bounded queue: a ring under one lock. A producer never waits: full is an answer. */
#include "ad/work.h"

#include "ad/arena.h"

#include <stdint.h>

struct ad_queue {
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t filled;
	size_t max;
	size_t head; /* index of the oldest item */
	size_t count;
	bool closed;
	void *items[];
};

struct ad_queue *ad_queue_new(size_t max)
{
	AD_ASSERT(max > 0 && max < SIZE_MAX / 2 / sizeof(void *));
	struct ad_queue *queue = ad_xalloc(sizeof *queue + max * sizeof(void *));
	queue->max = max;
	AD_ASSERT(pthread_mutex_init(&queue->lock, NULL) == 0);
	AD_ASSERT(pthread_cond_init(&queue->filled, NULL) == 0);
	return queue;
}

void ad_queue_free(struct ad_queue *queue)
{
	if (!queue)
		return;
	AD_ASSERT(queue->count == 0);
	(void)pthread_cond_destroy(&queue->filled);
	(void)pthread_mutex_destroy(&queue->lock);
	free(queue);
}

int ad_queue_push(struct ad_queue *queue, void *item)
{
	int rc = 0;
	(void)pthread_mutex_lock(&queue->lock);
	if (queue->closed) {
		rc = AD_EUNAVAIL;
	} else if (queue->count == queue->max) {
		rc = AD_EBUSY;
	} else {
		queue->items[(queue->head + queue->count) % queue->max] = item;
		queue->count++;
		(void)pthread_cond_signal(&queue->filled);
	}
	(void)pthread_mutex_unlock(&queue->lock);
	return rc;
}

static bool take_locked(struct ad_queue *queue, void **ret_item)
{
	if (queue->count == 0)
		return false;
	*ret_item = queue->items[queue->head];
	queue->head = (queue->head + 1) % queue->max;
	queue->count--;
	return true;
}

bool ad_queue_pop(struct ad_queue *queue, void **ret_item)
{
	(void)pthread_mutex_lock(&queue->lock);
	while (queue->count == 0 && !queue->closed)
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
	size_t count = queue->count;
	(void)pthread_mutex_unlock(&queue->lock);
	return count;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Worker pool: threads that take tasks from one bounded queue, each with a context of its own. Turn
 * workers and job workers are two pools. The stop is a fixed order: refuse, finish, drop, join.
 */
#include "ad/work.h"

#include "ad/arena.h"

#include <stdatomic.h>

struct ad_pool {
	struct ad_pool_config config; /* its name is the copy below */
	char *name;
	struct ad_queue *queue;
	pthread_t *threads;
	size_t threads_count;
	atomic_size_t next_index; /* hands each starting worker its number */
	atomic_bool stopping;
	pthread_mutex_t lock; /* guards pending */
	pthread_cond_t idle;  /* pending became 0 */
	size_t pending;       /* tasks that wait or run */
};

static void add_pending(struct ad_pool *pool)
{
	(void)pthread_mutex_lock(&pool->lock);
	pool->pending++;
	(void)pthread_mutex_unlock(&pool->lock);
}

static void end_pending(struct ad_pool *pool)
{
	(void)pthread_mutex_lock(&pool->lock);
	pool->pending--;
	if (pool->pending == 0)
		(void)pthread_cond_broadcast(&pool->idle);
	(void)pthread_mutex_unlock(&pool->lock);
}

static void *work(void *ctx)
{
	struct ad_pool *pool = ctx;
	const struct ad_pool_config *config = &pool->config;
	size_t index = atomic_fetch_add(&pool->next_index, 1);
	void *worker = config->open ? config->open(config->ctx, index) : config->ctx;
	void *task;
	while (ad_queue_pop(pool->queue, &task)) {
		config->run(worker, task);
		end_pending(pool);
	}
	if (config->close)
		config->close(worker);
	return NULL;
}

static void join_all(struct ad_pool *pool)
{
	ad_queue_close(pool->queue);
	for (size_t i = 0; i < pool->threads_count; i++)
		(void)pthread_join(pool->threads[i], NULL);
	pool->threads_count = 0;
}

static void init_sync(struct ad_pool *pool)
{
	pthread_condattr_t attr;
	AD_ASSERT(pthread_condattr_init(&attr) == 0);
	AD_ASSERT(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
	AD_ASSERT(pthread_cond_init(&pool->idle, &attr) == 0);
	(void)pthread_condattr_destroy(&attr);
	AD_ASSERT(pthread_mutex_init(&pool->lock, NULL) == 0);
}

int ad_pool_new(const struct ad_pool_config *config, struct ad_pool **ret, struct ad_err *err)
{
	AD_ASSERT(config->workers > 0 && config->queue_max > 0 && config->run && config->drop);
	struct ad_pool *pool = ad_xalloc(sizeof *pool);
	pool->config = *config;
	pool->name = ad_xstrdup(config->name);
	pool->config.name = pool->name;
	pool->queue = ad_queue_new(config->queue_max);
	pool->threads = ad_xalloc(config->workers * sizeof *pool->threads);
	init_sync(pool);
	for (size_t i = 0; i < config->workers; i++) {
		char name[40]; /* the kernel gets the first 15 bytes */
		(void)snprintf(name, sizeof name, "%.11s-%zu", config->name, i);
		int rc = ad_thread_start(&pool->threads[i], name, work, pool, err);
		if (rc != 0) {
			join_all(pool);
			ad_pool_free(pool);
			return rc;
		}
		pool->threads_count++;
	}
	*ret = pool;
	return 0;
}

static int submit(struct ad_pool *pool, int (*push)(struct ad_queue *, void *), void *task)
{
	/* Counted before it is pushed: a worker may have finished it before push returns. */
	add_pending(pool);
	int rc = ad_pool_stopping(pool) ? AD_EUNAVAIL : push(pool->queue, task);
	if (rc != 0)
		end_pending(pool);
	return rc;
}

int ad_pool_submit(struct ad_pool *pool, void *task)
{
	return submit(pool, ad_queue_push, task);
}

int ad_pool_submit_ahead(struct ad_pool *pool, void *task)
{
	return submit(pool, ad_queue_push_ahead, task);
}

size_t ad_pool_pending(struct ad_pool *pool)
{
	(void)pthread_mutex_lock(&pool->lock);
	size_t pending = pool->pending;
	(void)pthread_mutex_unlock(&pool->lock);
	return pending;
}

bool ad_pool_stopping(const struct ad_pool *pool)
{
	return atomic_load(&pool->stopping);
}

/* Waits until no task is left, at most until the deadline. */
static void wait_idle(struct ad_pool *pool, int deadline_ms)
{
	struct timespec until;
	AD_ASSERT(clock_gettime(CLOCK_MONOTONIC, &until) == 0);
	until.tv_sec += deadline_ms / 1000;
	until.tv_nsec += (long)(deadline_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	(void)pthread_mutex_lock(&pool->lock);
	int rc = 0;
	while (pool->pending > 0 && rc == 0)
		rc = pthread_cond_timedwait(&pool->idle, &pool->lock, &until);
	(void)pthread_mutex_unlock(&pool->lock);
}

int ad_pool_stop(struct ad_pool *pool, int deadline_ms, struct ad_err *err)
{
	atomic_store(&pool->stopping, true);
	ad_queue_close(pool->queue);
	wait_idle(pool, deadline_ms);
	size_t dropped = 0;
	void *task;
	while (ad_queue_try_pop(pool->queue, &task)) {
		pool->config.drop(pool->config.ctx, task);
		end_pending(pool);
		dropped++;
	}
	join_all(pool);
	if (dropped > 0)
		return AD_FAIL(err, AD_ETIMEOUT, "pool %s: %zu tasks not started before the stop",
			pool->config.name, dropped);
	return 0;
}

void ad_pool_free(struct ad_pool *pool)
{
	if (!pool)
		return;
	AD_ASSERT(pool->threads_count == 0);
	ad_queue_free(pool->queue);
	free(pool->threads);
	free(pool->name);
	(void)pthread_cond_destroy(&pool->idle);
	(void)pthread_mutex_destroy(&pool->lock);
	free(pool);
}

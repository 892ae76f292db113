/* SPDX-License-Identifier: Apache-2.0 */
/* Single-flight fetching in time and on demand; see refresher.h. */
#include "refresher.h"

#include "ad/arena.h"
#include "ad/clock.h"
#include "ad/work.h"

#define NEVER INT64_MAX

struct ad_refresher {
	struct ad_refresher_config config;
	struct ad_net_client *client; /* of the thread; cancelled when it has to end */
	pthread_t thread;
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t wake;  /* for the thread: asked or stopping */
	pthread_cond_t ended; /* for those who wait: a fetch has ended */
	bool stopping;
	bool asked;
	bool running;
	unsigned begun;
	unsigned finished;
	int failures;       /* in a row */
	int64_t due_ms;     /* next fetch without being asked; monotonic */
	int64_t free_ms;    /* before this, asking starts nothing */
	struct ad_err last; /* of the last fetch */
};

static struct timespec as_timespec(int64_t mono_ms)
{
	return (struct timespec){
		.tv_sec = (time_t)(mono_ms / 1000),
		.tv_nsec = (long)(mono_ms % 1000) * 1000000,
	};
}

static void plan_locked(struct ad_refresher *refresher, int rc, int64_t begun_ms, int64_t next_ms)
{
	int64_t now = ad_clock_mono_ms();
	if (rc == 0) {
		refresher->failures = 0;
		refresher->due_ms = now + next_ms;
		refresher->free_ms = begun_ms + refresher->config.gap_ms;
		return;
	}
	int64_t told = (int64_t)refresher->last.retry_after_s * 1000;
	refresher->failures++;
	int64_t wait = ad_clock_backoff_ms(
		refresher->failures, AD_REFRESH_BACKOFF_MS, AD_REFRESH_BACKOFF_MAX_MS);
	refresher->due_ms = now + (told > wait ? told : wait);
	refresher->free_ms = refresher->due_ms;
}

static void fetch_once_locked(struct ad_refresher *refresher)
{
	struct ad_err err = { 0 };
	int64_t next_ms = 0;
	int64_t begun_ms = ad_clock_mono_ms();
	refresher->asked = false;
	refresher->running = true;
	refresher->begun++;
	(void)pthread_mutex_unlock(&refresher->lock);
	int rc = refresher->config.fetch(refresher->config.ctx, refresher->client, &next_ms, &err);
	(void)pthread_mutex_lock(&refresher->lock);
	refresher->running = false;
	refresher->finished = refresher->begun;
	refresher->last = rc == 0 ? (struct ad_err){ 0 } : err;
	plan_locked(refresher, rc, begun_ms, next_ms);
	(void)pthread_cond_broadcast(&refresher->ended);
}

static void *run(void *ctx)
{
	struct ad_refresher *refresher = ctx;
	(void)pthread_mutex_lock(&refresher->lock);
	while (!refresher->stopping) {
		if (refresher->asked || ad_clock_mono_ms() >= refresher->due_ms) {
			fetch_once_locked(refresher);
		} else if (refresher->due_ms == NEVER) {
			(void)pthread_cond_wait(&refresher->wake, &refresher->lock);
		} else {
			struct timespec until = as_timespec(refresher->due_ms);
			(void)pthread_cond_timedwait(&refresher->wake, &refresher->lock, &until);
		}
	}
	(void)pthread_mutex_unlock(&refresher->lock);
	return NULL;
}

static void init_sync(struct ad_refresher *refresher)
{
	pthread_condattr_t attr;
	AD_ASSERT(pthread_condattr_init(&attr) == 0);
	AD_ASSERT(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
	AD_ASSERT(pthread_cond_init(&refresher->wake, &attr) == 0);
	AD_ASSERT(pthread_cond_init(&refresher->ended, &attr) == 0);
	(void)pthread_condattr_destroy(&attr);
	AD_ASSERT(pthread_mutex_init(&refresher->lock, NULL) == 0);
}

static void destroy(struct ad_refresher *refresher)
{
	ad_net_client_free(refresher->client);
	(void)pthread_cond_destroy(&refresher->wake);
	(void)pthread_cond_destroy(&refresher->ended);
	(void)pthread_mutex_destroy(&refresher->lock);
	free(refresher);
}

int ad_refresher_new(
	const struct ad_refresher_config *config, struct ad_refresher **ret, struct ad_err *err)
{
	struct ad_refresher *refresher = ad_xalloc(sizeof *refresher);
	refresher->config = *config;
	refresher->client = ad_net_client_new();
	refresher->due_ms = config->at_once ? ad_clock_mono_ms() : NEVER;
	init_sync(refresher);
	int rc = ad_thread_start(&refresher->thread, config->thread_name, run, refresher, err);
	if (rc != 0) {
		destroy(refresher);
		return rc;
	}
	*ret = refresher;
	return 0;
}

void ad_refresher_free(struct ad_refresher *refresher)
{
	if (!refresher)
		return;
	(void)pthread_mutex_lock(&refresher->lock);
	refresher->stopping = true;
	(void)pthread_cond_broadcast(&refresher->wake);
	(void)pthread_mutex_unlock(&refresher->lock);
	ad_net_client_cancel(refresher->client); /* its peer may hang */
	(void)pthread_join(refresher->thread, NULL);
	destroy(refresher);
}

static int last_result_locked(const struct ad_refresher *refresher, struct ad_err *err)
{
	if (refresher->last.code != 0 && err)
		*err = refresher->last;
	return refresher->last.code;
}

static int wait_locked(struct ad_refresher *refresher, int wait_ms, struct ad_err *err)
{
	unsigned target = refresher->running ? refresher->begun : refresher->begun + 1;
	struct timespec until = as_timespec(ad_clock_mono_ms() + wait_ms);
	int rc = 0;
	while (refresher->finished < target && rc == 0)
		rc = pthread_cond_timedwait(&refresher->ended, &refresher->lock, &until);
	if (refresher->finished >= target)
		return last_result_locked(refresher, err);
	return AD_FAIL(err, AD_ETIMEOUT, "%s: still being fetched", refresher->config.thread_name);
}

/* Brings the next fetch forward if that may be; false when none may begin yet. */
static bool demand_locked(struct ad_refresher *refresher)
{
	if (refresher->running || refresher->asked)
		return true;
	if (ad_clock_mono_ms() >= refresher->free_ms)
		refresher->asked = true;
	else if (refresher->config.patient && refresher->last.code == 0)
		refresher->due_ms = refresher->free_ms;
	else
		return false;
	(void)pthread_cond_signal(&refresher->wake);
	return true;
}

int ad_refresher_ask(struct ad_refresher *refresher, int wait_ms, struct ad_err *err)
{
	int rc;
	(void)pthread_mutex_lock(&refresher->lock);
	if (demand_locked(refresher))
		rc = wait_locked(refresher, wait_ms, err);
	else if (refresher->last.code != 0)
		rc = last_result_locked(refresher, err);
	else
		rc = AD_FAIL(
			err, AD_EBUSY, "%s: fetched a moment ago", refresher->config.thread_name);
	(void)pthread_mutex_unlock(&refresher->lock);
	return rc;
}

bool ad_refresher_pause(struct ad_refresher *refresher, int64_t ms)
{
	int64_t until_ms = ad_clock_mono_ms() + ms;
	struct timespec until = as_timespec(until_ms);
	(void)pthread_mutex_lock(&refresher->lock);
	while (!refresher->stopping && ad_clock_mono_ms() < until_ms)
		(void)pthread_cond_timedwait(&refresher->wake, &refresher->lock, &until);
	bool go_on = !refresher->stopping;
	(void)pthread_mutex_unlock(&refresher->lock);
	return go_on;
}

unsigned ad_refresher_status(struct ad_refresher *refresher, struct ad_err *ret_last)
{
	(void)pthread_mutex_lock(&refresher->lock);
	unsigned begun = refresher->begun;
	*ret_last = refresher->last;
	(void)pthread_mutex_unlock(&refresher->lock);
	return begun;
}

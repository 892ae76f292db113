/* SPDX-License-Identifier: Apache-2.0 */
/* The watch on the database: one ping a second from a thread of its own; readers look at two
 * atomics. */
#include "ad/db.h"
#include "ad/log.h"
#include "ad/work.h"
#include "service.h"

#define PING_MS 1000

/* Waits for the next look; false when the service stops. */
static bool pause_between(struct ad_health *health)
{
	struct timespec until;
	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += PING_MS / 1000;
	(void)pthread_mutex_lock(&health->lock);
	while (!health->stopping &&
		pthread_cond_timedwait(&health->wake, &health->lock, &until) == 0)
		continue;
	bool go_on = !health->stopping;
	(void)pthread_mutex_unlock(&health->lock);
	return go_on;
}

static void look(struct ad_health *health, struct ad_db *db)
{
	struct ad_err err = { 0 };
	bool was_ok = atomic_load(&health->database_ok);
	bool ok = ad_db_ping(db, &err) == 0;
	if (ok && !atomic_load(&health->schema_ok)) {
		ok = ad_db_schema_check(db, &err) == 0;
		atomic_store(&health->schema_ok, ok);
	}
	atomic_store(&health->database_ok, ok);
	if (ok != was_ok && ok)
		ad_log(AD_LOG_INFO, "app", "the database is ready", NULL);
	else if (ok != was_ok)
		ad_log_err(AD_LOG_ERROR, "app", "the database is not ready", &err, NULL);
}

static void *watch(void *ctx)
{
	struct ad_health *health = ctx;
	struct ad_db *db = NULL;
	struct ad_err err = { 0 };
	const struct ad_db_options options = { .application_name = "appdesk health" };
	if (ad_db_open(health->database_url, &options, &db, &err) != 0) {
		ad_log_err(AD_LOG_ERROR, "app", "database.url is not usable", &err, NULL);
		return NULL;
	}
	do {
		look(health, db);
	} while (pause_between(health));
	ad_db_close(db);
	return NULL;
}

int ad_health_start(struct ad_health *health, const char *database_url, struct ad_err *err)
{
	pthread_condattr_t attributes;
	health->database_url = database_url;
	(void)pthread_mutex_init(&health->lock, NULL);
	(void)pthread_condattr_init(&attributes);
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&health->wake, &attributes);
	(void)pthread_condattr_destroy(&attributes);
	int r = ad_thread_start(&health->thread, "health", watch, health, err);
	health->running = r == 0;
	return r;
}

void ad_health_stop(struct ad_health *health)
{
	if (!health->running)
		return;
	(void)pthread_mutex_lock(&health->lock);
	health->stopping = true;
	(void)pthread_cond_signal(&health->wake);
	(void)pthread_mutex_unlock(&health->lock);
	(void)pthread_join(health->thread, NULL);
	(void)pthread_cond_destroy(&health->wake);
	(void)pthread_mutex_destroy(&health->lock);
	health->running = false;
}

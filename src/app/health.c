/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The watch: one ping of the database a second, and a look at the age of the channel's keys and at
 * our own tokens, from a thread of its own. Readers look at two atomics; changes are logged once.
 */
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

/* Keys outlive an outage of their host, but not for ever (AD_IDENTITY_KEYS_ALARM_S): whoever runs
 * this must hear of it while they are still good. */
static void look_at_keys(struct ad_health *health)
{
	struct ad_identity_status status;
	(void)pthread_mutex_lock(&health->lock);
	struct ad_identity *identity = health->identity;
	(void)pthread_mutex_unlock(&health->lock);
	if (!identity)
		return;
	ad_identity_get_status(identity, &status);
	bool failing = status.error.code != 0;
	bool old = status.keys_age_s >= AD_IDENTITY_KEYS_ALARM_S;
	const char *age = AD_NUM(status.keys_age_s);
	if (failing && !health->keys_failing)
		ad_log_err(AD_LOG_WARN, "app", "the channel's keys cannot be refreshed",
			&status.error, "age_s", age, NULL);
	if (old && !health->keys_old)
		ad_log_err(AD_LOG_ERROR, "app", "the channel's keys are a day old", &status.error,
			"age_s", age, NULL);
	if (!failing && !old && (health->keys_failing || health->keys_old))
		ad_log(AD_LOG_INFO, "app", "the channel's keys are fresh", "keys",
			AD_NUM(status.keys_count), NULL);
	health->keys_failing = failing;
	health->keys_old = old;
}

static void look_at_tokens(struct ad_health *health)
{
	(void)pthread_mutex_lock(&health->lock);
	bool begun = health->watches_tokens;
	(void)pthread_mutex_unlock(&health->lock);
	for (size_t i = 0; begun && i < AD_HEALTH_TOKENS; i++)
		ad_token_watch_look(&health->tokens[i]);
}

static void *watch(void *ctx)
{
	struct ad_health *health = ctx;
	const struct ad_db_options options = { .application_name = "appdesk health" };
	struct ad_db *db = ad_db_open_shared(health->database, &options);
	do {
		look(health, db);
		look_at_keys(health);
		look_at_tokens(health);
		if (atomic_load(&health->database_ok))
			ad_notice_watch_look(health->notices, db);
	} while (pause_between(health));
	ad_db_close(db);
	return NULL;
}

void ad_health_watch_keys(struct ad_health *health, struct ad_identity *identity)
{
	(void)pthread_mutex_lock(&health->lock);
	health->identity = identity;
	(void)pthread_mutex_unlock(&health->lock);
}

void ad_health_watch_tokens(struct ad_health *health, struct ad_token_source *bot,
	struct ad_token_source *graph, bool own_certificate)
{
	ad_token_watch_init(&health->tokens[0], bot, "bot", true);
	ad_token_watch_init(&health->tokens[1], graph, "graph", own_certificate);
	(void)pthread_mutex_lock(&health->lock);
	health->watches_tokens = true;
	(void)pthread_mutex_unlock(&health->lock);
}

int ad_health_start(struct ad_health *health, struct ad_db_url *database,
	struct ad_notice_watch *notices, struct ad_err *err)
{
	pthread_condattr_t attributes;
	health->database = database;
	health->notices = notices;
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

/* SPDX-License-Identifier: Apache-2.0 */
/* Notifications, and the ping: what is said beside the queries of the store. */
#include "conn.h"

#include "ad/clock.h"
#include "ad_queries.h"

#include <poll.h>

int ad_db_ping(struct ad_db *db, struct ad_err *err)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_db_result *result;
	int r = ad_db_exec_one(db, arena, AD_Q_SCHEMA_PING, AD_DB_NO_PARAMS, &result, err);
	if (r == 0 && ad_db_bool(result, 0, 0)) {
		db_drop(db); /* the next connection may find the primary */
		r = AD_FAIL(
			err, AD_EUNAVAIL, "the database server is a standby: it takes no writes");
	}
	ad_arena_free(arena);
	return r;
}

int db_listen(struct ad_db *db, const char *channel, struct ad_err *err)
{
	char text[sizeof "listen " + CHANNEL_MAX];
	(void)snprintf(text, sizeof text, "listen %s", channel);
	return db_run(db, &(struct db_step){ .text = text }, 1, err);
}

int ad_db_listen(struct ad_db *db, const char *channel, struct ad_err *err)
{
	AD_ASSERT(db->tx == TX_NONE && db->channel_count < AD_DB_CHANNELS_MAX);
	AD_ASSERT(strlen(channel) <= CHANNEL_MAX &&
		  channel[strspn(channel, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0');
	char *slot = db->channels[db->channel_count++];
	(void)snprintf(slot, CHANNEL_MAX + 1, "%s", channel);
	return db->conn ? db_listen(db, slot, err) : ad_db_ready(db, err);
}

int ad_db_notify(struct ad_db *db, const char *channel, struct ad_err *err)
{
	struct ad_arena *arena = ad_arena_new();
	int r = ad_db_exec(
		db, arena, AD_Q_SCHEMA_NOTIFY, AD_DB_PARAMS(AD_DB_TEXT(channel)), NULL, err);
	ad_arena_free(arena);
	return r;
}

static bool take_notifications(struct ad_db *db)
{
	bool some = false;
	for (PGnotify *n; (n = PQnotifies(db->conn)); PQfreemem(n))
		some = true;
	return some;
}

/* Without a connection there is nothing to wait on: wait out the pause instead, so that a caller's
 * loop does not spin while the database is away. */
static int wait_for_database(struct ad_db *db, int timeout_ms, struct ad_err *err)
{
	int r = ad_db_ready(db, err);
	if (r == 0)
		return 1; /* what was said meanwhile is lost: the caller had better look */
	int64_t pause = db->retry_at_ms - ad_clock_mono_ms();
	pause = pause < timeout_ms ? pause : timeout_ms;
	if (pause > 0)
		(void)poll(NULL, 0, (int)pause);
	return r;
}

int ad_db_wait_notify(struct ad_db *db, int timeout_ms, struct ad_err *err)
{
	AD_ASSERT(db->tx == TX_NONE);
	if (!db->conn)
		return wait_for_database(db, timeout_ms, err);
	int64_t deadline = ad_clock_mono_ms() + timeout_ms;
	for (;;) {
		if (take_notifications(db))
			return 1;
		int64_t left = deadline - ad_clock_mono_ms();
		struct pollfd fd = { .fd = PQsocket(db->conn), .events = POLLIN };
		int n = poll(&fd, 1, left > 0 ? (int)left : 0);
		if (n == 0 && left <= 0)
			return 0;
		if (n > 0 && !PQconsumeInput(db->conn)) {
			int r = db_error(db, db->conn, NULL, err);
			db_drop(db);
			return r;
		}
	}
}

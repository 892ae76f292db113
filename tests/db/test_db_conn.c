/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions, and what remains of them when the connection, the server or COMMIT's answer is
 * lost. */
#include "proxy.h"
#include "setting_k.h"

#include "ad/clock.h"
#include "ad/text.h"
#include "ad_queries.h"

#include <poll.h>
#include <pthread.h>

static void what_is_committed_stays_and_what_is_rolled_back_was_never_there(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_true(ad_db_in_transaction(t->db));
	assert_ok(put(t->db, t, "k", "kept", &err), err);
	assert_string_equal(stored(t, "k"), "");
	assert_ok(ad_db_commit(t->db, &err), err);
	assert_string_equal(stored(t, "k"), "kept");
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(put(t->db, t, "k", "lost", &err), err);
	ad_db_rollback(t->db);
	assert_false(ad_db_in_transaction(t->db));
	assert_string_equal(stored(t, "k"), "kept");
}

static void an_empty_transaction_does_not_reach_the_server(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_int_equal(
		db_test_int(t, "select count(*) from pg_stat_activity where "
			       "application_name = 'appdesk' and xact_start is not null and "
			       "datname = current_database()"),
		0);
	assert_ok(ad_db_commit(t->db, &err), err);
	assert_ok(ad_db_begin(t->db, &err), err);
	ad_db_rollback(t->db);
}

static void a_transaction_with_a_failed_statement_is_not_committed(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(put(t->db, t, "k", "v", &err), err);
	assert_int_equal(put(t->db, t, "other", NULL, &err), AD_EBUG); /* not null */
	assert_non_null(strstr(err.text, "settings_set: "));
	assert_non_null(strstr(err.text, "23502"));
	assert_int_equal(put(t->db, t, "k", "again", &err), AD_EBUG);
	assert_int_equal(ad_db_commit(t->db, &err), AD_EBUG);
	assert_string_equal(stored(t, "k"), "");
	assert_ok(put(t->db, t, "k", "next", &err), err);
}

static void a_backend_killed_inside_a_transaction_leaves_nothing_and_is_replaced(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(put(t->db, t, "k", "half", &err), err);
	terminate(t, "appdesk");
	assert_int_equal(put(t->db, t, "k2", "half", &err), AD_EUNAVAIL);
	assert_int_equal(err.class, AD_CLASS_TRANSIENT);
	/* Never on a new connection, where it would stand alone. */
	assert_int_equal(put(t->db, t, "k3", "half", &err), AD_EUNAVAIL);
	assert_true(ad_db_in_transaction(t->db));
	assert_int_equal(ad_db_commit(t->db, &err), AD_EUNAVAIL);
	assert_int_equal(db_test_int(t, "select count(*) from portal_settings"), 0);

	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(put(t->db, t, "k", "whole", &err), err);
	assert_ok(ad_db_commit(t->db, &err), err);
	assert_string_equal(stored(t, "k"), "whole");
}

static void a_connection_that_died_unused_is_replaced_unnoticed(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	assert_ok(put(t->db, t, "k", "1", &err), err);
	terminate(t, "appdesk");
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(put(t->db, t, "k", "2", &err), err);
	assert_ok(ad_db_commit(t->db, &err), err);
	terminate(t, "appdesk");
	assert_ok(put(t->db, t, "k", "3", &err), err);
	assert_string_equal(stored(t, "k"), "3");
}

/* Commits through a proxy that cuts; returns what commit said. */
static int commit_through(struct db_test *t, enum db_proxy_fault fault, bool later)
{
	struct ad_err err = { 0 };
	const char *url;
	struct db_proxy *proxy = db_proxy_start(t, &url);
	struct ad_db *db;
	assert_ok(ad_db_open(url, NULL, &db, &err), err);
	assert_ok(ad_db_begin(db, &err), err);
	int put_r = later ? put_later(db, t, "k", "v", &err) : put(db, t, "k", "v", &err);
	assert_ok(put_r, err);
	db_proxy_set(proxy, fault);
	int r = ad_db_commit(db, &err);
	assert_false(ad_db_in_transaction(db));
	db_proxy_set(proxy, DB_PROXY_NONE);
	struct ad_err again = { 0 };
	assert_ok(ad_db_ping(db, &again), again);
	ad_db_close(db);
	db_proxy_stop(proxy);
	return r;
}

static void a_commit_without_an_answer_is_ambiguous(void **state)
{
	struct db_test *t = *state;
	for (int later = 0; later <= 1; later++) {
		assert_int_equal(commit_through(t, DB_PROXY_CUT_COMMIT, later), AD_EAMBIGUOUS);
		assert_string_equal(stored(t, "k"), "");
		assert_int_equal(commit_through(t, DB_PROXY_CUT_ANSWER, later), AD_EAMBIGUOUS);
		assert_string_equal(stored(t, "k"), "v");
		db_test_sql(t, "delete from portal_settings");
		assert_int_equal(commit_through(t, DB_PROXY_NONE, later), 0);
		assert_string_equal(stored(t, "k"), "v");
		db_test_sql(t, "delete from portal_settings");
	}
}

#define SETTLE "function pg_logical_emit_message(boolean, text, text)"

/* What waits for the disk may be refused to us before we connect, or while we are. */
static void without_the_right_to_wait_afterwards_commit_waits_itself(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	assert_ok(put(t->db, t, "k", "0", &err), err);
	db_test_sql(t, "revoke execute on " SETTLE " from public");
	/* What is read outside a transaction waits as well, however it leaves. */
	struct ad_db_result *rows;
	assert_ok(get_later(t->db, t, &rows, &err), err);
	assert_int_equal(ad_db_flush(t->db, &err), AD_EBUG);
	assert_non_null(strstr(err.text, "schema_settle: "));
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(put(t->db, t, "k", "1", &err), err);
	assert_int_equal(ad_db_commit(t->db, &err), AD_EAMBIGUOUS);
	assert_false(ad_db_in_transaction(t->db));
	assert_string_equal(stored(t, "k"), "1");

	terminate(t, "appdesk");
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(put(t->db, t, "k", "2", &err), err);
	assert_ok(ad_db_commit(t->db, &err), err);
	assert_string_equal(stored(t, "k"), "2");
	assert_ok(put(t->db, t, "k", "3", &err), err);
	db_test_sql(t, "grant execute on " SETTLE " to public");
}

static void a_server_that_says_nothing_gives_the_worker_back(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	const char *url;
	struct db_proxy *proxy = db_proxy_start(t, &url);
	struct ad_db *db;
	const struct ad_db_options hasty = { .statement_timeout_ms = 100 };
	assert_ok(ad_db_open(url, &hasty, &db, &err), err);
	assert_ok(ad_db_ready(db, &err), err);
	db_proxy_set(proxy, DB_PROXY_SWALLOW);
	int64_t start = ad_clock_mono_ms();
	assert_int_equal(put(db, t, "k", "v", &err), AD_ETIMEOUT);
	int64_t took = ad_clock_mono_ms() - start;
	assert_true(took <= 100 + AD_DB_ANSWER_TIMEOUT_MS - AD_DB_STATEMENT_TIMEOUT_MS + 1000);
	assert_int_equal(ad_db_fd(db), -1);
	ad_db_close(db);
	db_proxy_stop(proxy);
}

static void a_held_lock_is_a_timeout_and_not_a_wait_for_ever(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	struct ad_db *hasty;
	const struct ad_db_options options = { .lock_timeout_ms = 100,
		.application_name = "hasty" };
	assert_ok(ad_db_open(t->url, &options, &hasty, &err), err);
	assert_ok(put(t->db, t, "k", "v", &err), err);
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(put(t->db, t, "k", "held", &err), err);
	assert_int_equal(put(hasty, t, "k", "other", &err), AD_ETIMEOUT);
	assert_int_equal(err.class, AD_CLASS_TRANSIENT);
	ad_db_rollback(t->db);
	assert_ok(put(hasty, t, "k", "other", &err), err);
	ad_db_close(hasty);
}

static void a_unique_constraint_is_a_conflict_with_its_name(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	struct ad_db *owner;
	assert_ok(ad_db_open(t->owner_url, NULL, &owner, &err), err);
	int r = ad_db_exec(owner, t->arena, AD_Q_SCHEMA_RECORD,
		AD_DB_PARAMS(AD_DB_INT(1), AD_DB_TEXT("again"), AD_DB_TEXT("")), NULL, &err);
	assert_int_equal(r, AD_ECONFLICT);
	assert_int_equal(err.class, AD_CLASS_CALLER);
	assert_string_equal(ad_db_constraint(owner), "schema_migrations_pkey");
	assert_null(strstr(err.text, "again"));
	assert_ok(ad_db_ping(owner, &err), err);
	assert_string_equal(ad_db_constraint(owner), "");
	ad_db_close(owner);
}

static void a_value_that_does_not_fit_its_type_is_not_quoted(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	int r = ad_db_exec(t->db, t->arena, AD_Q_INBOX_FORGET,
		AD_DB_PARAMS(AD_DB_TEXT("a person's text"), AD_DB_INT(1)), NULL, &err);
	assert_int_equal(r, AD_EBUG);
	assert_string_equal(err.text, "inbox_forget: data exception (SQLSTATE 22P02)");
}

/* Two transactions that change the keys a and b in opposite order; on their first tries they wait
 * for each other in the middle, so that a deadlock is certain. */
struct opposite {
	struct db_test *t;
	struct ad_arena *arena;
	const char *first, *second;
	pthread_barrier_t *middle;
	int tries;
	int result;
	struct ad_err err;
};

static int change_both(struct ad_db *db, void *ctx, struct ad_err *err)
{
	struct opposite *o = ctx;
	struct db_test mine = { .arena = o->arena };
	int r = put(db, &mine, o->first, "new", err);
	if (o->tries++ == 0)
		(void)pthread_barrier_wait(o->middle);
	return r < 0 ? r : put(db, &mine, o->second, "new", err);
}

static void *run_opposite(void *arg)
{
	struct opposite *o = arg;
	struct ad_db *db = db_test_open(o->t);
	o->arena = ad_arena_new();
	o->result = ad_db_transaction(db, change_both, o, &o->err);
	ad_arena_free(o->arena);
	ad_db_close(db);
	return NULL;
}

static void a_deadlock_is_repeated_until_both_transactions_are_done(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	assert_ok(put(t->db, t, "a", "old", &err), err);
	assert_ok(put(t->db, t, "b", "old", &err), err);
	pthread_barrier_t middle;
	assert_int_equal(pthread_barrier_init(&middle, NULL, 2), 0);
	struct opposite sides[2] = {
		{ .t = t, .first = "a", .second = "b", .middle = &middle },
		{ .t = t, .first = "b", .second = "a", .middle = &middle },
	};
	pthread_t threads[2];
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, run_opposite, &sides[i]), 0);
	for (int i = 0; i < 2; i++)
		(void)pthread_join(threads[i], NULL);
	(void)pthread_barrier_destroy(&middle);
	assert_ok(sides[0].result, sides[0].err);
	assert_ok(sides[1].result, sides[1].err);
	assert_int_equal(sides[0].tries + sides[1].tries, 3);
}

static int refuse(struct ad_db *db, void *ctx, struct ad_err *err)
{
	struct db_test *t = ctx;
	int r = put(db, t, "k", "v", err);
	return r < 0 ? r : AD_FAIL(err, AD_EDENIED, "not this time");
}

static void work_that_refuses_is_rolled_back_and_not_repeated(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	assert_int_equal(ad_db_transaction(t->db, refuse, t, &err), AD_EDENIED);
	assert_string_equal(stored(t, "k"), "");
	assert_false(ad_db_in_transaction(t->db));
}

static void a_database_that_is_away_fails_at_once_and_is_found_when_it_is_back(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	const char *url;
	struct db_proxy *proxy = db_proxy_start(t, &url);
	struct ad_db *db;
	assert_ok(ad_db_open(url, NULL, &db, &err), err);
	assert_ok(ad_db_ping(db, &err), err);
	/* The socket's folder is moved away: connecting is refused. */
	const char *folder = strstr(url, "host=/tmp/ad-proxy") + strlen("host=");
	folder = ad_strndup(t->arena, folder, strcspn(folder, " "));
	const char *away = ad_printf(t->arena, "%s.away", folder);
	assert_int_equal(rename(folder, away), 0);
	terminate(t, "appdesk");
	assert_int_equal(ad_db_ping(db, &err), AD_EUNAVAIL);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(ad_db_ping(db, &err), AD_EUNAVAIL);
	assert_non_null(strstr(err.text, "next attempt in"));

	assert_int_equal(rename(away, folder), 0);
	int64_t deadline = ad_clock_mono_ms() + PATIENCE_MS;
	int r;
	do {
		(void)poll(NULL, 0, 5);
		r = ad_db_ping(db, &err);
	} while (r < 0 && ad_clock_mono_ms() < deadline);
	assert_ok(r, err);
	ad_db_close(db);
	db_proxy_stop(proxy);
}

static void a_notification_wakes_a_listener_and_silence_does_not(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	struct ad_db *listener = db_test_open(t);
	assert_ok(ad_db_listen(listener, "jobs", &err), err);
	assert_ok(ad_db_listen(listener, "other", &err), err);
	assert_int_equal(ad_db_wait_notify(listener, 0, &err), 0);

	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(ad_db_notify(t->db, "jobs", &err), err);
	assert_int_equal(ad_db_wait_notify(listener, 20, &err), 0);
	assert_ok(ad_db_commit(t->db, &err), err);
	assert_int_equal(ad_db_wait_notify(listener, PATIENCE_MS, &err), 1);
	assert_int_equal(ad_db_wait_notify(listener, 0, &err), 0);
	assert_ok(ad_db_notify(t->db, "other", &err), err);
	assert_int_equal(ad_db_wait_notify(listener, PATIENCE_MS, &err), 1);
	ad_db_close(listener);
}

static void a_listener_listens_again_on_its_next_connection(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	struct ad_db *listener;
	const struct ad_db_options options = { .application_name = "listener" };
	assert_ok(ad_db_open(t->url, &options, &listener, &err), err);
	assert_ok(ad_db_listen(listener, "jobs", &err), err);
	terminate(t, "listener");
	int r = ad_db_wait_notify(listener, PATIENCE_MS, &err);
	assert_int_equal(r, AD_EUNAVAIL);
	assert_int_equal(ad_db_wait_notify(listener, PATIENCE_MS, &err), 1);
	assert_int_equal(ad_db_wait_notify(listener, 0, &err), 0);
	assert_ok(ad_db_notify(t->db, "jobs", &err), err);
	assert_int_equal(ad_db_wait_notify(listener, PATIENCE_MS, &err), 1);
	ad_db_close(listener);
}

static void a_statement_that_takes_too_long_is_ended_by_the_server(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	struct ad_db *hasty;
	const struct ad_db_options options = { .statement_timeout_ms = 100 };
	assert_ok(ad_db_open(t->url, &options, &hasty, &err), err);
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(put(t->db, t, "k", "held", &err), err);
	assert_int_equal(put(hasty, t, "k", "v", &err), AD_ETIMEOUT);
	assert_non_null(strstr(err.text, "57014"));
	ad_db_rollback(t->db);
	ad_db_close(hasty);
}

static void a_server_that_takes_no_writes_is_unavailable_and_left(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	/* An option of the operator's own string, too: it is kept beside ours. */
	const char *url =
		ad_printf(t->arena, "%s options='-c default_transaction_read_only=on'", t->url);
	struct ad_db *db;
	assert_ok(ad_db_open(url, NULL, &db, &err), err);
	assert_int_equal(put(db, t, "k", "v", &err), AD_EUNAVAIL);
	assert_non_null(strstr(err.text, "25006"));
	assert_int_equal(ad_db_fd(db), -1);
	/* It has said so before COMMIT, and that is known. */
	const char *value;
	assert_ok(ad_db_begin(db, &err), err);
	assert_ok(ad_store_setting_get(db, t->arena, "t", "k", &value, &err), err);
	assert_ok(put_later(db, t, "k", "v", &err), err);
	assert_int_equal(ad_db_commit(db, &err), AD_EUNAVAIL);
	assert_non_null(strstr(err.text, "25006"));
	assert_int_equal(ad_db_fd(db), -1);
	ad_db_close(db);
}

static void the_next_host_is_tried_when_one_is_away(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	/* t->url is "host=FOLDER port=PORT ...": the list of hosts gets a first one. */
	const char *url = ad_printf(t->arena,
		"host=/nonexistent,%s target_session_attrs=read-write", t->url + strlen("host="));
	struct ad_db *db;
	assert_ok(ad_db_open(url, NULL, &db, &err), err);
	assert_ok(put(db, t, "k", "v", &err), err);
	ad_db_close(db);
}

/* As when a password is rotated: nothing that works is cut, and the next one to connect knows it.
 */
static void a_replaced_address_is_used_by_whoever_connects_next(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	struct ad_db_url *url = NULL;
	assert_ok(ad_db_url_new(t->url, &url, &err), err);
	struct ad_db *open = ad_db_open_shared(url, NULL);
	struct ad_db *late = ad_db_open_shared(url, NULL);
	assert_ok(ad_db_ping(open, &err), err);
	assert_ok(ad_db_url_set(url, "host=/nonexistent", &err), err);
	assert_ok(ad_db_ping(open, &err), err);
	assert_int_equal(ad_db_ping(late, &err), AD_EUNAVAIL);
	assert_int_equal(ad_db_url_set(url, "nosuch=1", &err), AD_ECONFIG);
	assert_ok(ad_db_url_set(url, t->url, &err), err);
	while (ad_db_ping(late, &err) != 0)
		assert_int_equal(err.code, AD_EUNAVAIL); /* until its pause is over */
	ad_db_close(open);
	ad_db_close(late);
	ad_db_url_free(url);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(what_is_committed_stays_and_what_is_rolled_back_was_never_there),
		db_test(an_empty_transaction_does_not_reach_the_server),
		db_test(a_transaction_with_a_failed_statement_is_not_committed),
		db_test(a_backend_killed_inside_a_transaction_leaves_nothing_and_is_replaced),
		db_test(a_connection_that_died_unused_is_replaced_unnoticed),
		db_test(a_commit_without_an_answer_is_ambiguous),
		db_test(without_the_right_to_wait_afterwards_commit_waits_itself),
		db_test(a_server_that_says_nothing_gives_the_worker_back),
		db_test(a_held_lock_is_a_timeout_and_not_a_wait_for_ever),
		db_test(a_unique_constraint_is_a_conflict_with_its_name),
		db_test(a_value_that_does_not_fit_its_type_is_not_quoted),
		db_test(a_deadlock_is_repeated_until_both_transactions_are_done),
		db_test(work_that_refuses_is_rolled_back_and_not_repeated),
		db_test(a_database_that_is_away_fails_at_once_and_is_found_when_it_is_back),
		db_test(a_notification_wakes_a_listener_and_silence_does_not),
		db_test(a_listener_listens_again_on_its_next_connection),
		db_test(a_statement_that_takes_too_long_is_ended_by_the_server),
		db_test(a_server_that_takes_no_writes_is_unavailable_and_left),
		db_test(the_next_host_is_tried_when_one_is_away),
		db_test(a_replaced_address_is_used_by_whoever_connects_next),
	};
	return db_test_run(tests);
}

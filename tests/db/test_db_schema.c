/* SPDX-License-Identifier: Apache-2.0 */
/* The schema, the roles, and every named query against them. */
#include "harness.h"

#include "ad/text.h"

#include "../../src/db/sql.h"

#include <libpq-fe.h>
#include <pthread.h>

#define STATEMENT_MAX 1024

static void every_named_query_is_prepared_against_the_schema(void **state)
{
	struct db_test *t = *state;
	for (int query = 0; query < ad_db_query_count(); query++) {
		struct ad_err err = { 0 };
		assert_ok(ad_db_query_prepare(t->db, query, &err), err);
	}
}

/* Queries that only `migrate` runs, as the owner. */
static bool runs_as_owner(const char *name)
{
	return ad_text_eq(name, "schema_create") || ad_text_eq(name, "schema_record");
}

/* Rights are judged when a plan is made ready to run, not by PREPARE: EXPLAIN goes that far. */
static void the_service_role_has_the_rights_that_every_named_query_needs(void **state)
{
	struct db_test *t = *state;
	PGconn *conn = PQconnectdb(t->url);
	for (int i = 0; i < ad_sql_query_count; i++) {
		const struct ad_sql_query *q = &ad_sql_queries[i];
		if (runs_as_owner(q->name))
			continue;
		PQclear(PQprepare(conn, q->name, q->text, 0, NULL));
		char explain[STATEMENT_MAX];
		int len = snprintf(explain, sizeof explain, "explain execute %s", q->name);
		for (int p = 0; p < q->params; p++)
			len += snprintf(explain + len, sizeof explain - (size_t)len, "%snull",
				p == 0 ? "(" : ", ");
		(void)snprintf(explain + len, sizeof explain - (size_t)len, "%s",
			q->params > 0 ? ")" : "");
		PGresult *plan = PQexec(conn, explain);
		if (PQresultStatus(plan) != PGRES_TUPLES_OK)
			fail_msg("%s: %s", q->name, PQerrorMessage(conn));
		PQclear(plan);
	}
	PQfinish(conn);
}

/* T12 */
static void the_service_role_cannot_change_the_schema_or_the_past(void **state)
{
	struct db_test *t = *state;
	static const char *const refused[] = {
		"create table mine (a int)",
		"create function mine() returns int language sql as 'select 1'",
		"create schema mine",
		"drop table users",
		"alter table audit_logs disable trigger all",
		"create index on users (mail)",
		"truncate audit_logs",
		"update audit_logs set action = 'nothing happened'",
		"delete from audit_logs",
		"delete from audit_heads",
		"update decisions set decision = 'approved'",
		"delete from decisions",
		"truncate decisions",
		"update answers set answer = ''",
		"delete from answers",
		"truncate answers cascade",
		"update policies set body = '{}'",
		"delete from policies",
		"truncate audit_heads",
		"alter table decisions add column mine int",
		"drop table audit_logs",
		"drop trigger audit_logs_append_only on audit_logs",
		"create or replace function audit_first_hash() returns bytea language sql as "
		"'select "
		"null::bytea'",
		"create or replace view request_trail as select null",
		"alter role appdesk_app superuser",
		"delete from requests",
		"update schema_migrations set sha256 = ''",
		"delete from schema_migrations",
		"insert into schema_migrations values (9, 'mine', '')",
		"set role appdesk_owner",
		"set session_replication_role = replica",
	};
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		const char *sqlstate = db_test_try(t, t->url, refused[i]);
		if (!ad_text_eq(sqlstate, "42501"))
			fail_msg("%s: '%s'", refused[i], sqlstate);
	}
}

static void the_owner_cannot_change_the_trail_by_mistake(void **state)
{
	struct db_test *t = *state;
	assert_string_equal(
		db_test_try(t, t->owner_url, "update audit_logs set action = ''"), "P0001");
	assert_string_equal(db_test_try(t, t->owner_url, "delete from audit_logs"), "P0001");
	assert_string_equal(db_test_try(t, t->owner_url, "truncate audit_logs"), "P0001");
}

static void count_applied(void *ctx, int number, const char *name)
{
	(void)number;
	(void)name;
	++*(int *)ctx;
}

static int migrate(const char *url, int *ret_applied, struct ad_err *err)
{
	*ret_applied = 0;
	struct ad_db_migration_report report = { .applied = count_applied, .ctx = ret_applied };
	return ad_db_migrate(url, AD_DB_SERVICE_ROLE, &report, err);
}

static void migrating_again_changes_nothing(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	int applied;
	assert_ok(migrate(t->owner_url, &applied, &err), err);
	assert_int_equal(applied, 0);
	assert_ok(ad_db_schema_check(t->db, &err), err);
}

static void a_migration_that_was_changed_after_it_was_applied_is_refused(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	int applied;
	db_test_sql(t, "update schema_migrations set sha256 = reverse(sha256) where number = 1");
	assert_int_equal(migrate(t->owner_url, &applied, &err), AD_EINTEGRITY);
	assert_non_null(strstr(err.text, "was changed after it had been applied"));
	assert_int_equal(ad_db_schema_check(t->db, &err), AD_EINTEGRITY);
	db_test_sql(t, "update schema_migrations set sha256 = reverse(sha256) where number = 1");
}

static void a_schema_that_is_newer_older_or_missing_is_refused_with_what_to_do(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	int applied;
	int newest = ad_db_schema_number();
	db_test_sql(
		t, "insert into schema_migrations values (%d, 'from_the_future', '')", newest + 1);
	assert_int_equal(ad_db_schema_check(t->db, &err), AD_ECONFLICT);
	assert_non_null(strstr(err.text, "use a newer appdesk"));
	assert_int_equal(migrate(t->owner_url, &applied, &err), AD_ECONFLICT);
	db_test_sql(t, "delete from schema_migrations where number = %d", newest + 1);

	db_test_sql(t, "create temp table kept as select * from schema_migrations");
	db_test_sql(t, "delete from schema_migrations where number = %d", newest);
	assert_int_equal(ad_db_schema_check(t->db, &err), AD_ECONFIG);
	assert_non_null(strstr(err.text, "run 'appdesk migrate'"));
	db_test_sql(
		t, "insert into schema_migrations select * from kept where number = %d", newest);
	assert_ok(ad_db_schema_check(t->db, &err), err);

	struct ad_db *empty;
	const char *url = ad_printf(t->arena, "%s dbname=postgres", t->url);
	assert_ok(ad_db_open(url, NULL, &empty, &err), err);
	assert_int_equal(ad_db_schema_check(empty, &err), AD_ECONFIG);
	assert_non_null(strstr(err.text, "no schema yet"));
	ad_db_close(empty);
}

struct migration_run {
	const char *url;
	int applied;
	int result;
	struct ad_err err;
};

static void *run_migration(void *arg)
{
	struct migration_run *run = arg;
	run->result = migrate(run->url, &run->applied, &run->err);
	return NULL;
}

/* Where the server can: pglz costs a turn more than its statements do. */
static void cards_and_answers_are_packed_with_lz4(void **state)
{
	struct db_test *t = *state;
	const char *can = "exists (select from pg_settings where name = "
			  "'default_toast_compression' and 'lz4' = any (enumvals))";
	assert_string_equal(
		db_test_text(t,
			"select string_agg(attrelid::regclass || '.' || attname, ' ' order by "
			"attrelid::regclass::text) "
			"from pg_attribute where attcompression = 'l' or (not %s and attname in "
			"('activity', 'answer') and attrelid in ('outbox'::regclass, "
			"'inbox'::regclass, 'action_tokens'::regclass))",
			can),
		"action_tokens.answer inbox.answer outbox.activity");
}

static void two_migrations_at_once_take_turns(void **state)
{
	struct db_test *t = *state;
	const char *name = ad_printf(t->arena, "test_%d_two", (int)getpid());
	db_test_sql(t, "create database %s owner appdesk_owner", name);
	const char *url = ad_printf(t->arena, "%s dbname=%s", t->owner_url, name);
	struct migration_run runs[2] = { { .url = url }, { .url = url } };
	pthread_t threads[2];
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, run_migration, &runs[i]), 0);
	for (int i = 0; i < 2; i++)
		(void)pthread_join(threads[i], NULL);
	db_test_sql(t, "drop database %s", name);
	assert_ok(runs[0].result, runs[0].err);
	assert_ok(runs[1].result, runs[1].err);
	assert_int_equal(runs[0].applied + runs[1].applied, ad_db_schema_number());
}

static void a_service_role_that_needs_quoting_is_refused(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	assert_int_equal(ad_db_migrate(t->owner_url, "a\"; drop", NULL, &err), AD_ECONFIG);
	assert_int_equal(ad_db_migrate(t->owner_url, "", NULL, &err), AD_ECONFIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(every_named_query_is_prepared_against_the_schema),
		db_test(the_service_role_has_the_rights_that_every_named_query_needs),
		db_test(the_service_role_cannot_change_the_schema_or_the_past),
		db_test(the_owner_cannot_change_the_trail_by_mistake),
		db_test(migrating_again_changes_nothing),
		db_test(a_migration_that_was_changed_after_it_was_applied_is_refused),
		db_test(a_schema_that_is_newer_older_or_missing_is_refused_with_what_to_do),
		db_test(cards_and_answers_are_packed_with_lz4),
		db_test(two_migrations_at_once_take_turns),
		db_test(a_service_role_that_needs_quoting_is_refused),
	};
	return db_test_run(tests);
}

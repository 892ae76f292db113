/* SPDX-License-Identifier: Apache-2.0 */
/* A database for each test program, on the cluster that ctest started. */
#include "harness.h"

#include "ad/file.h"
#include "ad/text.h"

#include <libpq-fe.h>

#define CLUSTER_LINE_MAX 4096 /* bytes of the small files that scripts/cluster keeps */

struct database {
	struct db_test test; /* first: tests see this */
	struct ad_arena *arena;
	const char *name;
	const char *admin_url; /* superuser, in the database postgres */
	PGconn *super;
};

static _Noreturn void give_up(const char *what, const char *why)
{
	(void)fprintf(stderr, "tests/db: %s: %s\n", what, why);
	exit(1);
}

static const char *cluster_value(struct ad_arena *arena, const char *name)
{
	const char *folder = getenv("APPDESK_TEST_CLUSTER");
	if (!folder)
		give_up("APPDESK_TEST_CLUSTER is not set",
			"run scripts/cluster start DIR and name DIR");
	const char *path = ad_printf(arena, "%s/%s", folder, name);
	FILE *file = fopen(path, "re");
	char line[CLUSTER_LINE_MAX] = "";
	if (!file || !fgets(line, sizeof line, file))
		give_up(path, "there is no running cluster");
	(void)fclose(file);
	return ad_text_trim(arena, line);
}

static const char *make_url(struct database *d, const char *user, const char *database)
{
	return ad_printf(d->arena, "host=%s port=%s user=%s dbname=%s",
		cluster_value(d->arena, "socket"), cluster_value(d->arena, "port"), user, database);
}

static PGconn *must_connect(const char *url)
{
	PGconn *conn = PQconnectdb(url);
	if (PQstatus(conn) != CONNECTION_OK)
		give_up("connect", PQerrorMessage(conn));
	PGresult *result = PQexec(conn, "set client_min_messages = warning");
	PQclear(result);
	return conn;
}

static void must_run(PGconn *conn, const char *sql)
{
	PGresult *result = PQexec(conn, sql);
	ExecStatusType status = PQresultStatus(result);
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		give_up(sql, PQerrorMessage(conn));
	PQclear(result);
}

static void admin(struct database *d, const char *sql)
{
	PGconn *conn = must_connect(d->admin_url);
	must_run(conn, sql);
	PQfinish(conn);
}

int db_test_make_database(void **state)
{
	struct database *d = ad_xalloc(sizeof *d);
	struct ad_err err = { 0 };
	d->arena = ad_arena_new();
	d->name = ad_printf(d->arena, "test_%d", (int)getpid());
	d->admin_url = make_url(d, "postgres", "postgres");
	d->test.url = make_url(d, AD_DB_SERVICE_ROLE, d->name);
	d->test.owner_url = make_url(d, "appdesk_owner", d->name);
	d->test.super_url = make_url(d, "postgres", d->name);
	admin(d, ad_printf(d->arena, "create database %s owner appdesk_owner", d->name));
	if (ad_db_migrate(d->test.owner_url, AD_DB_SERVICE_ROLE, NULL, &err) < 0)
		give_up("migrate", err.text);
	if (ad_db_url_new(d->test.url, &d->test.database, &err) < 0)
		give_up("url", err.text);
	d->super = must_connect(d->test.super_url);
	*state = d;
	return 0;
}

int db_test_drop_database(void **state)
{
	struct database *d = *state;
	PQfinish(d->super);
	admin(d, ad_printf(d->arena, "drop database %s with (force)", d->name));
	ad_db_url_free(d->test.database);
	ad_arena_free(d->arena);
	free(d);
	return 0;
}

/* As a replica, so that the trail's own trigger does not refuse. */
static const char empty_all[] =
	"do $$ declare names text; begin "
	"select string_agg(quote_ident(tablename), ', ') into names from pg_tables "
	"where schemaname = 'public' and tablename <> 'schema_migrations'; "
	"set local session_replication_role = replica; "
	"execute 'truncate ' || names || ' restart identity cascade'; end $$";

int db_test_begin(void **state)
{
	struct database *d = *state;
	must_run(d->super, empty_all);
	d->test.arena = ad_arena_new();
	d->test.db = db_test_open(&d->test);
	return 0;
}

int db_test_end(void **state)
{
	struct database *d = *state;
	ad_db_close(d->test.db);
	ad_arena_free(d->test.arena);
	return 0;
}

struct ad_db *db_test_open(struct db_test *t)
{
	struct ad_db *db;
	struct ad_err err = { 0 };
	if (ad_db_open(t->url, NULL, &db, &err) < 0)
		give_up("ad_db_open", err.text);
	return db;
}

static const char *first_value(struct db_test *t, const char *fmt, va_list args)
	__attribute__((format(printf, 2, 0)));
static const char *first_value(struct db_test *t, const char *fmt, va_list args)
{
	struct database *d = (struct database *)t;
	const char *sql = ad_vprintf(t->arena, fmt, args);
	PGresult *result = PQexec(d->super, sql);
	ExecStatusType status = PQresultStatus(result);
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(d->super));
	const char *value = "";
	if (PQntuples(result) > 0)
		value = ad_strdup(t->arena, PQgetvalue(result, 0, 0));
	PQclear(result);
	return value;
}

void db_test_sql(struct db_test *t, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	(void)first_value(t, fmt, args);
	va_end(args);
}

const char *db_test_text(struct db_test *t, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	const char *value = first_value(t, fmt, args);
	va_end(args);
	return value;
}

int64_t db_test_int(struct db_test *t, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	const char *value = first_value(t, fmt, args);
	va_end(args);
	int64_t number = 0;
	if (ad_text_i64(value, INT64_MIN, INT64_MAX, &number) < 0)
		fail_msg("%s: '%s' is no number", fmt, value);
	return number;
}

const char *db_test_try(struct db_test *t, const char *url, const char *sql)
{
	PGconn *conn = must_connect(url);
	PGresult *result = PQexec(conn, sql);
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	state = ad_strdup(t->arena, state ? state : "");
	PQclear(result);
	PQfinish(conn);
	return state;
}

void db_test_assert_ok(
	int result, const struct ad_err *err, const char *what, const char *file, int line)
{
	if (result >= 0)
		return;
	print_error("%s:%d: %s is %s: %s\n", file, line, what, ad_err_code_name(result), err->text);
	_fail(file, line);
}

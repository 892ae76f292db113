/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Migrations, forward only. They run on a plain connection of their own (scripts of many statements
 * cannot be prepared), as the owner role, while the service may be running: so a migration waits
 * only briefly for a lock that traffic holds, rather than make traffic wait behind it.
 */
#include "conn.h"
#include "sql.h"

#include "ad/buf.h"
#include "ad/text.h"
#include "ad_queries.h"

#define MIGRATE_OPTIONS "-c statement_timeout=0 -c lock_timeout=60000"
#define BEGIN_MIGRATION "begin; set local lock_timeout = '10s'"
#define COMMIT_MIGRATION "commit"
#define ROLES_TEXT_MAX ((size_t)64 << 10)

static int run(PGconn *conn, const char *sql, struct ad_err *err)
{
	PGresult *result = PQexec(conn, sql);
	ExecStatusType status = PQresultStatus(result);
	int r = 0;
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		r = db_error(NULL, conn, result, err);
	PQclear(result);
	return r;
}

static int run_query(PGconn *conn, enum ad_query query, const char *const *values, PGresult **ret,
	struct ad_err *err)
{
	const struct ad_sql_query *q = &ad_sql_queries[query];
	PGresult *result = PQexecParams(conn, q->text, q->params, NULL, values, NULL, NULL, 0);
	ExecStatusType status = PQresultStatus(result);
	int r = 0;
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		r = db_error(NULL, conn, result, err);
	if (r == 0 && ret)
		*ret = result;
	else
		PQclear(result);
	return r;
}

/* One row of schema_migrations against the compiled-in migration of the same number. */
static int compare(
	int row, const char *number, const char *name, const char *sha256, struct ad_err *err)
{
	if (row >= ad_sql_migration_count)
		return AD_FAIL(err, AD_ECONFLICT,
			"the database has migration %s (%s), this program knows %d and older: "
			"use a newer appdesk",
			number, name, ad_sql_migration_count);
	const struct ad_sql_migration *own = &ad_sql_migrations[row];
	char expected[16];
	(void)snprintf(expected, sizeof expected, "%d", own->number);
	if (!ad_text_eq(number, expected) || !ad_text_eq(name, own->name))
		return AD_FAIL(err, AD_EINTEGRITY,
			"the database has migration %s (%s) where this program has %d (%s)", number,
			name, own->number, own->name);
	if (!ad_text_eq(sha256, own->sha256))
		return AD_FAIL(err, AD_EINTEGRITY,
			"migration %s (%s) was changed after it had been applied: its SHA-256 was "
			"%s, "
			"this program has %s",
			number, name, sha256, own->sha256);
	return 0;
}

static int load_applied(PGconn *conn, int *ret_count, struct ad_err *err)
{
	PGresult *rows = NULL;
	int r = run_query(conn, AD_Q_SCHEMA_APPLIED, NULL, &rows, err);
	for (int i = 0; r == 0 && i < PQntuples(rows); i++)
		r = compare(i, PQgetvalue(rows, i, 0), PQgetvalue(rows, i, 1),
			PQgetvalue(rows, i, 2), err);
	*ret_count = rows ? PQntuples(rows) : 0;
	PQclear(rows);
	return r;
}

static int apply(PGconn *conn, const struct ad_sql_migration *migration, struct ad_err *err)
{
	char number[16];
	(void)snprintf(number, sizeof number, "%d", migration->number);
	const char *values[] = { number, migration->name, migration->sha256 };
	int r = run(conn, BEGIN_MIGRATION, err);
	if (r == 0)
		r = run(conn, migration->text, err);
	if (r == 0)
		r = run_query(conn, AD_Q_SCHEMA_RECORD, values, NULL, err);
	if (r == 0)
		r = run(conn, COMMIT_MIGRATION, err);
	if (r < 0)
		ad_err_prefix(err, "migration %04d_%s: ", migration->number, migration->name);
	return r; /* closing the connection rolls back */
}

/* A name that needs no escaping wherever it is put. */
static bool plain_role_name(const char *role)
{
	size_t len = strspn(role, "abcdefghijklmnopqrstuvwxyz0123456789_");
	return len > 0 && len <= CHANNEL_MAX && role[len] == '\0';
}

/* roles.sql with the role's name in place of psql's two forms of a variable. */
static void fill_in_role(const char *role, struct ad_buf *ret_sql)
{
	static const struct {
		const char *mark, *quote;
	} forms[] = { { ":service_role", "\"" }, { ":'service_role'", "'" } };
	for (const char *at = ad_sql_roles; *at; at++) {
		size_t i = 0;
		while (i < 2 && !ad_text_starts(at, forms[i].mark))
			i++;
		if (i == 2) {
			(void)ad_buf_addc(ret_sql, *at);
			continue;
		}
		(void)ad_buf_addf(ret_sql, "%s%s%s", forms[i].quote, role, forms[i].quote);
		at += strlen(forms[i].mark) - 1;
	}
}

static int grant_rights(PGconn *conn, const char *role, struct ad_err *err)
{
	struct ad_buf sql;
	ad_buf_init(&sql, ROLES_TEXT_MAX);
	fill_in_role(role, &sql);
	AD_ASSERT(!sql.overflow);
	int r = run(conn, ad_buf_str(&sql), err);
	ad_buf_release(&sql);
	if (r < 0)
		ad_err_prefix(err, "rights of the service role %s: ", role);
	return r;
}

static int migrate(PGconn *conn, const char *service_role,
	const struct ad_db_migration_report *report, struct ad_err *err)
{
	int count = 0;
	int r = run_query(conn, AD_Q_SCHEMA_LOCK, NULL, NULL, err);
	if (r == 0)
		r = run_query(conn, AD_Q_SCHEMA_CREATE, NULL, NULL, err);
	if (r == 0)
		r = load_applied(conn, &count, err);
	for (int i = count; r == 0 && i < ad_sql_migration_count; i++) {
		const struct ad_sql_migration *migration = &ad_sql_migrations[i];
		r = apply(conn, migration, err);
		if (r == 0 && report && report->applied)
			report->applied(report->ctx, migration->number, migration->name);
	}
	return r == 0 ? grant_rights(conn, service_role, err) : r;
}

int ad_db_migrate(const char *url, const char *service_role,
	const struct ad_db_migration_report *report, struct ad_err *err)
{
	if (!plain_role_name(service_role))
		return AD_FAIL(err, AD_ECONFIG,
			"the service role's name consists of a-z, 0-9 and _, at most %d of them",
			CHANNEL_MAX);
	PGconn *conn;
	int r = db_connect(url, "appdesk migrate", MIGRATE_OPTIONS, &conn, err);
	if (r < 0)
		return r;
	r = migrate(conn, service_role, report, err);
	PQfinish(conn); /* rolls back what failed, and lets the lock go */
	return r;
}

int ad_db_schema_number(void)
{
	return ad_sql_migration_count;
}

static int check_schema(struct ad_db *db, struct ad_arena *arena, struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec_one(db, arena, AD_Q_SCHEMA_EXISTS, AD_DB_NO_PARAMS, &rows, err);
	if (r < 0)
		return r;
	if (!ad_db_bool(rows, 0, 0))
		return AD_FAIL(err, AD_ECONFIG,
			"the database has no schema yet: run 'appdesk migrate' as its owner");
	r = ad_db_exec(db, arena, AD_Q_SCHEMA_APPLIED, AD_DB_NO_PARAMS, &rows, err);
	int count = r == 0 ? (int)ad_db_rows(rows) : 0;
	for (int i = 0; r == 0 && i < count; i++) {
		size_t row = (size_t)i;
		r = compare(i, ad_db_text(rows, row, 0), ad_db_text(rows, row, 1),
			ad_db_text(rows, row, 2), err);
	}
	if (r == 0 && count < ad_sql_migration_count)
		r = AD_FAIL(err, AD_ECONFIG,
			"the database is at migration %d, this program needs %d: "
			"run 'appdesk migrate' as its owner",
			count, ad_sql_migration_count);
	return r;
}

int ad_db_schema_check(struct ad_db *db, struct ad_err *err)
{
	struct ad_arena *arena = ad_arena_new();
	int r = check_schema(db, arena, err);
	ad_arena_free(arena);
	return r;
}

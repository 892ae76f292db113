/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PostgreSQL: one connection per worker, transactions, named queries, notifications, migrations.
 * The only module that includes libpq. Every call blocks, for seconds at the worst (the limits
 * below), so none belongs on an event loop. A struct ad_db is used by one thread at a time.
 *
 * Errors: the database cannot be reached, is going down, full or read-only: AD_EUNAVAIL; a
 * statement or a lock took too long: AD_ETIMEOUT; serialization failure or deadlock: AD_ECONFLICT
 * of class TRANSIENT (ad_db_transaction repeats those); a unique constraint: AD_ECONFLICT of class
 * CALLER (see ad_db_constraint); anything else: AD_EBUG. Values of rows are never put into a text.
 */
#ifndef AD_DB_H
#define AD_DB_H

#include "ad/arena.h"
#include "ad/bytes.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AD_DB_CONNECT_TIMEOUT_S 3       /* for each host of the connection string */
#define AD_DB_STATEMENT_TIMEOUT_MS 5000 /* told to the server */
#define AD_DB_LOCK_TIMEOUT_MS 3000      /* told to the server */
#define AD_DB_IDLE_TX_TIMEOUT_MS 30000  /* told to the server: a stuck worker frees its locks */
#define AD_DB_ANSWER_TIMEOUT_MS 6000    /* our own patience with a server that says nothing */
#define AD_DB_RETRY_MAX_MS 2000         /* longest pause between two attempts to connect */
#define AD_DB_TRIES 3                   /* of a whole transaction, in ad_db_transaction */
#define AD_DB_PARAMS_MAX 32             /* parameters of one query */
#define AD_DB_CHANNELS_MAX 4            /* channels that one connection listens to */

/* ---- connection ---- */

/* A libpq connection string (key=value or URI, several hosts allowed) that many connections share
 * and that may be replaced while they live, as when a password is rotated: what is connected stays
 * so, and whoever connects next takes the new one. Any thread. */
struct ad_db_url;

/* Copies text. AD_ECONFIG when it cannot be parsed. */
AD_MUST int ad_db_url_new(const char *text, struct ad_db_url **ret, struct ad_err *err);
/* As above; on an error the old one stays. */
AD_MUST int ad_db_url_set(struct ad_db_url *url, const char *text, struct ad_err *err);
/* After the last connection with it was closed. NULL is allowed. */
void ad_db_url_free(struct ad_db_url *url);

struct ad_db;

/* Zeroed = the defaults above. */
struct ad_db_options {
	const char *application_name; /* shown in pg_stat_activity; "appdesk" */
	int statement_timeout_ms;
	int lock_timeout_ms;
	/* Statements outside transactions do not wait for what they saw to be on disk: for a thread
	 * that acts on it in a transaction of its own alone, whose commit waits for it. */
	bool unsettled_reads;
};

/*
 * Prepares a connection to the libpq connection string (key=value or URI, several hosts allowed)
 * without connecting: that happens when it is first needed, and again whenever the connection was
 * lost. After an attempt that failed every call answers AD_EUNAVAIL at once until a pause with
 * jitter is over. AD_ECONFIG when url cannot be parsed. The caller owns *ret (ad_db_close).
 */
AD_MUST int ad_db_open(const char *url, const struct ad_db_options *options, struct ad_db **ret,
	struct ad_err *err);

/* The same with a shared address, which must outlive the connection. */
AD_MUST struct ad_db *ad_db_open_shared(struct ad_db_url *url, const struct ad_db_options *options);

/* Closes; an open transaction is rolled back by the server. NULL is allowed. */
void ad_db_close(struct ad_db *db);

/* Connects if there is no living connection. Not inside a transaction. */
AD_MUST int ad_db_ready(struct ad_db *db, struct ad_err *err);

/* One round trip, and the server must accept writes (AD_EUNAVAIL otherwise): for /readyz. */
AD_MUST int ad_db_ping(struct ad_db *db, struct ad_err *err);

/* ---- transactions ---- */

/*
 * Begins; connects first if needed. BEGIN itself travels with the first statement, so an empty
 * transaction costs nothing. Beginning twice is a bug and aborts.
 * Fault point "db.begin".
 */
AD_MUST int ad_db_begin(struct ad_db *db, struct ad_err *err);

/*
 * Commits; the transaction is over whatever the answer. Others see it and get its locks at once;
 * the answer comes when it, and all that it has seen, is where synchronous_commit wants it.
 * AD_EAMBIGUOUS: COMMIT was sent and the connection was lost before the answer, so nobody here
 * knows; the caller must not report success.
 * A transaction in which a statement had failed is rolled back and reported as AD_EBUG.
 * Fault points "db.commit.before" (rolled back) and "db.commit.after" (committed, answer lost).
 */
AD_MUST int ad_db_commit(struct ad_db *db, struct ad_err *err);

/* Rolls back; nothing to do without a transaction. Cannot fail: a lost connection has rolled back.
 */
void ad_db_rollback(struct ad_db *db);

/* For AD_ASSERT in functions that must run inside (or outside) a transaction. True as well when
 * its connection was lost: then every statement answers AD_EUNAVAIL until commit or rollback. */
bool ad_db_in_transaction(const struct ad_db *db);

/* What ad_db_transaction runs: 0 to commit, an error to roll back. It may run up to AD_DB_TRIES
 * times, so it has no effect but on the database and on what it writes through ctx. */
typedef int ad_db_work(struct ad_db *db, void *ctx, struct ad_err *err);

/* begin, work, commit; again from the start, after a short pause with jitter, when the database
 * reports a serialization failure or a deadlock. */
AD_MUST int ad_db_transaction(struct ad_db *db, ad_db_work *work, void *ctx, struct ad_err *err);

/* ---- named queries ---- */

/* A parameter; made by the macros below. Borrowed until ad_db_exec returns. */
enum ad_db_param_kind {
	AD_DB_PARAM_NULL,
	AD_DB_PARAM_TEXT,
	AD_DB_PARAM_INT,
	AD_DB_PARAM_BOOL,
	AD_DB_PARAM_BYTES,
	AD_DB_PARAM_TEXTS,
	AD_DB_PARAM_INTS
};

struct ad_db_param {
	enum ad_db_param_kind kind;
	const void *data; /* text, bytes, or elements */
	size_t len;       /* bytes or elements */
	int64_t number;
};

struct ad_db_params {
	const struct ad_db_param *list;
	size_t count;
};

/* Text for any type that PostgreSQL reads from text (text, jsonb, timestamptz, ...); NULL is SQL
 * null. */
#define AD_DB_TEXT(s) ((struct ad_db_param){ .kind = AD_DB_PARAM_TEXT, .data = (s) })
#define AD_DB_INT(i) ((struct ad_db_param){ .kind = AD_DB_PARAM_INT, .number = (i) })
#define AD_DB_BOOL(b) ((struct ad_db_param){ .kind = AD_DB_PARAM_BOOL, .number = (b) ? 1 : 0 })
#define AD_DB_BYTES(p, n) \
	((struct ad_db_param){ .kind = AD_DB_PARAM_BYTES, .data = (p), .len = (n) })
#define AD_DB_NULL ((struct ad_db_param){ .kind = AD_DB_PARAM_NULL })
/* text[] from const char *const *, bigint[] from const int64_t *: for "= any($1)" and unnest. */
#define AD_DB_TEXTS(p, n) \
	((struct ad_db_param){ .kind = AD_DB_PARAM_TEXTS, .data = (p), .len = (n) })
#define AD_DB_INTS(p, n) ((struct ad_db_param){ .kind = AD_DB_PARAM_INTS, .data = (p), .len = (n) })

/* ad_db_exec(db, arena, AD_Q_USERS_GET, AD_DB_PARAMS(AD_DB_TEXT(tenant), AD_DB_TEXT(oid)), ...) */
#define AD_DB_PARAMS(...)                                                      \
	((struct ad_db_params){                                                \
		.list = (const struct ad_db_param[]){ __VA_ARGS__ },           \
		.count = sizeof((const struct ad_db_param[]){ __VA_ARGS__ }) / \
			 sizeof(struct ad_db_param),                           \
	})
#define AD_DB_NO_PARAMS ((struct ad_db_params){ .list = NULL, .count = 0 })

/* Rows of one statement; lives in the arena, and so does all that is read from it. */
struct ad_db_result;

/*
 * Runs a named query: AD_Q_* of the generated header ad_queries.h, made from the "-- name:" lines
 * in sql/queries. It is prepared when this connection first uses it. ret may be NULL when no row
 * matters. The count of parameters must be that of the query (assertion).
 *
 * Outside a transaction a lost connection leaves open whether the statement took effect: only
 * reads, and writes that may be repeated, belong there.
 */
AD_MUST int ad_db_exec(struct ad_db *db, struct ad_arena *arena, int query,
	struct ad_db_params params, struct ad_db_result **ret, struct ad_err *err);

/* Like ad_db_exec for a query of at most one row: AD_ENOTFOUND when there is none, AD_EBUG when
 * there are more. */
AD_MUST int ad_db_exec_one(struct ad_db *db, struct ad_arena *arena, int query,
	struct ad_db_params params, struct ad_db_result **ret, struct ad_err *err);

/*
 * A statement whose answer nobody waits for: it leaves with the next one, or with COMMIT, in the
 * order in which they were given, so it costs no round trip of its own. The parameters are copied.
 * What it fails with is the error of the call that it left with; a failure beside COMMIT rolls
 * back. *ret (ret may be NULL) is NULL until it was carried out, then its rows; ret must stay
 * valid, and arena live, until the transaction ends. Outside a transaction: a read leaves with the
 * next one, and what has no ret at once.
 */
AD_MUST int ad_db_exec_later(struct ad_db *db, struct ad_arena *arena, int query,
	struct ad_db_params params, struct ad_db_result **ret, struct ad_err *err);

/* The same for a change of exactly one row, inside a transaction: when it has changed another
 * number of them, the call that it left with (never COMMIT) answers AD_ECONFLICT of class CALLER
 * and says `conflict`, which must live as long as arena. */
AD_MUST int ad_db_change_later(struct ad_db *db, struct ad_arena *arena, int query,
	struct ad_db_params params, const char *conflict, struct ad_err *err);

/* Carries out what ad_db_exec_later has left to wait. */
AD_MUST int ad_db_flush(struct ad_db *db, struct ad_err *err);

/* Constraint that the connection's last failed statement ran into ("requests_open"), "" when the
 * failure was another one. Valid until the next call with db. */
const char *ad_db_constraint(const struct ad_db *db);

/* Reading. Row and column must exist (assertion). NULL of SQL: NULL, 0, false, no bytes. */
size_t ad_db_rows(const struct ad_db_result *result);
int64_t ad_db_affected(const struct ad_db_result *result); /* rows written or returned */
bool ad_db_is_null(const struct ad_db_result *result, size_t row, size_t col);
const char *ad_db_text(const struct ad_db_result *result, size_t row, size_t col);
/* smallint, int, bigint; any other content is a bug of the query (assertion). */
int64_t ad_db_int(const struct ad_db_result *result, size_t row, size_t col);
bool ad_db_bool(const struct ad_db_result *result, size_t row, size_t col);
struct ad_bytes ad_db_bytes(const struct ad_db_result *result, size_t row, size_t col);

/* The compiled-in queries, for the test that prepares each one. Numbers from 0 to count - 1. */
int ad_db_query_count(void);
const char *ad_db_query_name(int query);
AD_MUST int ad_db_query_prepare(struct ad_db *db, int query, struct ad_err *err);

/* ---- notifications ---- */

/* Listens to a channel (lower-case letters, digits, _), now and after every reconnection, even
 * when it fails now. A notification is a hint: those of a lost connection are gone, so callers poll
 * as well. Once per channel; not inside a transaction. */
AD_MUST int ad_db_listen(struct ad_db *db, const char *channel, struct ad_err *err);

/* Tells the listeners of a channel: with the commit, inside a transaction. */
AD_MUST int ad_db_notify(struct ad_db *db, const char *channel, struct ad_err *err);

/* Waits for a notification on any channel: 1 when there were some (all are consumed) or when a new
 * connection had to be made (some may have been missed), 0 when timeout_ms passed. While the
 * database is away it fails, but not before the pause between two attempts is over (or timeout_ms,
 * if shorter), so a caller's loop does not spin. Not inside a transaction. */
AD_MUST int ad_db_wait_notify(struct ad_db *db, int timeout_ms, struct ad_err *err);

/* Socket to poll for reading beside other descriptors, before ad_db_wait_notify(db, 0); -1 without
 * a connection. It changes with every reconnection. */
int ad_db_fd(const struct ad_db *db);

/* ---- schema ---- */

struct ad_db_migration_report {
	/* Called for each migration that was applied just now; NULL: nobody wants to know. */
	void (*applied)(void *ctx, int number, const char *name);
	void *ctx;
};

/*
 * Brings the schema up to the compiled-in migrations, as the owner role that url names: each one in
 * its own transaction, under an advisory lock, so that two callers do not meet; then gives the
 * service role its rights (sql/roles.sql). AD_EINTEGRITY when an applied migration differs from
 * the compiled-in one, AD_ECONFLICT when the database knows migrations that this program does not.
 */
AD_MUST int ad_db_migrate(const char *url, const char *service_role,
	const struct ad_db_migration_report *report, struct ad_err *err);

#define AD_DB_SERVICE_ROLE "appdesk_app" /* what service_role is, unless an operator says other */

/* Refuses, with what to do in the text, a schema that this program was not built for: empty or
 * older AD_ECONFIG, newer AD_ECONFLICT, changed AD_EINTEGRITY. */
AD_MUST int ad_db_schema_check(struct ad_db *db, struct ad_err *err);

/* Number of the newest compiled-in migration. */
int ad_db_schema_number(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection and what is remembered across its losses. Statements travel in libpq's pipeline
 * mode: several steps and one Sync are one round trip, and our own deadline stands over the answer
 * (a server that accepts bytes and never answers is not noticed by TCP).
 */
#ifndef AD_DB_CONN_H
#define AD_DB_CONN_H

#include "ad/db.h"

#include <libpq-fe.h>

#define CHANNEL_MAX 63 /* bytes of a PostgreSQL name */

enum tx_state {
	TX_NONE,
	TX_WANTED, /* ad_db_begin was called; BEGIN goes with the first statement */
	TX_OPEN,
	TX_LOST /* the connection was lost inside: nothing runs until commit or rollback */
};

#define LATER_MAX 16 /* statements that wait for the next round trip; one more makes one */

struct bound; /* parameters as libpq wants them */

/* A statement of ad_db_exec_later. All of it lives in arena. */
struct db_later {
	int query;
	const struct bound *bound;
	struct ad_arena *arena;
	struct ad_db_result **ret; /* may be NULL */
	const char *conflict;      /* said when it has not affected one row; NULL: any will do */
	PGresult *result;
};

struct ad_db {
	struct ad_db_url *url;
	bool owns_url;
	char *application_name;
	int statement_timeout_ms;
	int lock_timeout_ms;
	bool unsettled_reads;

	PGconn *conn;    /* NULL: none; always in pipeline and non-blocking mode */
	bool *prepared;  /* by query: this connection has prepared it */
	bool farewell;   /* the server said that it closes this connection */
	bool may_settle; /* our role may run AD_Q_SCHEMA_SETTLE there */
	enum tx_state tx;
	struct db_later later[LATER_MAX]; /* of the open transaction, not sent yet */
	size_t later_count;
	size_t steps_done;   /* steps of the last round trip that the server carried out */
	bool steps_refused;  /* the one behind them: by the server itself, which skipped the rest */
	int failures;        /* attempts to connect in a row that failed */
	int64_t retry_at_ms; /* monotonic: no attempt before */
	char constraint[CHANNEL_MAX + 1];
	char channels[AD_DB_CHANNELS_MAX][CHANNEL_MAX + 1];
	int channel_count;
};

/* Blocking connect with our defaults under those of url; a plain connection, in no mode yet. The
 * caller owns *ret. extra: further "-c name=value" options for the server. */
AD_MUST int db_connect(const char *url, const char *application_name, const char *extra,
	PGconn **ret, struct ad_err *err);

/* Gives the connection up; an open transaction becomes a lost one. */
void db_drop(struct ad_db *db);

/* One message of a round trip. With name and text: prepare. With name alone: execute it. With text
 * alone: a command or query without parameters. */
struct db_step {
	const char *name;
	const char *text;
	int count;
	const char *const *values;
	const int *lengths;
	const int *formats;
	bool *prepared; /* becomes true when the server has carried it out; may be NULL */
	PGresult **ret; /* gets the result, to be cleared by the caller; NULL after an error */
};

/* Most steps that one query is. */
#define DB_QUERY_STEPS 2
/* Most steps of what stands before a query or COMMIT: BEGIN, and the statements that wait. */
#define DB_WAITING_STEPS (2 + LATER_MAX * DB_QUERY_STEPS)

/*
 * Sends the steps and one Sync, and waits. On an error of the server the rest of the steps was
 * skipped, and no step has a result; when the connection is lost or not to be trusted any more, it
 * has been dropped.
 */
AD_MUST int db_run(struct ad_db *db, const struct db_step *steps, size_t count, struct ad_err *err);

/* Appends BEGIN when the transaction has none yet, and the statements that wait. Returns the new
 * count; db_took_waiting has to follow when the steps were carried out. */
size_t db_add_waiting(struct ad_db *db, struct db_step *steps, size_t count);

/* After that round trip, which ended with r: hands out the rows of the statements that waited, or
 * forgets them. Returns r, or AD_ECONFLICT when one of them has not affected the one row it should.
 */
AD_MUST int db_took_waiting(struct ad_db *db, int r, struct ad_err *err);

/* Of the step that the last round trip failed at; "" when it has none. */
const char *db_failed_step(const struct ad_db *db, const struct db_step *steps, size_t count);

/* Appends what lets the Sync behind it be answered only when all that the steps before have
 * written or seen is on disk (docs/adr/0012). Returns the new count. */
size_t db_add_settle(struct ad_db *db, struct db_step *steps, size_t count);

/* LISTEN on the living connection. */
AD_MUST int db_listen(struct ad_db *db, const char *channel, struct ad_err *err);

/* Takes pg over: cleared with the arena. */
struct ad_db_result *db_result_new(struct ad_arena *arena, PGresult *pg);

/* Error of a result, or of the connection when result is NULL, as ad_err and code. Remembers the
 * constraint in db when given. */
int db_error(struct ad_db *db, const PGconn *conn, const PGresult *result, struct ad_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A round trip: the steps go out together, the answers come back one by one, all before one
 * deadline. */
#include "conn.h"

#include "ad/clock.h"

#include <errno.h>
#include <poll.h>

/* Waits until the connection can be read, or written while we have unsent bytes. 0, AD_ETIMEOUT,
 * or an error of the connection. */
static int wait_socket(struct ad_db *db, bool unsent, int64_t deadline_ms, struct ad_err *err)
{
	struct pollfd fd = { .fd = PQsocket(db->conn),
		.events = (short)(unsent ? POLLIN | POLLOUT : POLLIN) };
	int64_t left = deadline_ms - ad_clock_mono_ms();
	int n = poll(&fd, 1, left > 0 ? (int)left : 0);
	if (n < 0 && errno != EINTR)
		return AD_FAIL(err, AD_EIO, "poll: %s", strerrordesc_np(errno));
	if (n == 0 && left <= 0)
		return AD_FAIL(err, AD_ETIMEOUT, "the database has not answered in time");
	return 0;
}

/* Next result of the pipeline, NULL at the end of one step's results. */
static int next_result(
	struct ad_db *db, int64_t deadline_ms, PGresult **ret_result, struct ad_err *err)
{
	/* Not busy: a result is there, or the connection is closed and PQgetResult says so. When
	 * sending has failed, the server's last words may still be there to read. */
	for (;;) {
		int unsent = PQflush(db->conn);
		if (!PQisBusy(db->conn))
			break;
		int r = wait_socket(db, unsent > 0, deadline_ms, err);
		if (r < 0)
			return r;
		(void)PQconsumeInput(db->conn);
	}
	*ret_result = PQgetResult(db->conn);
	return 0;
}

static bool send_steps(struct ad_db *db, const struct db_step *steps, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct db_step *s = &steps[i];
		int sent;
		if (s->name && s->text)
			sent = PQsendPrepare(db->conn, s->name, s->text, 0, NULL);
		else if (s->name)
			sent = PQsendQueryPrepared(
				db->conn, s->name, s->count, s->values, s->lengths, s->formats, 0);
		else
			sent = PQsendQueryParams(db->conn, s->text, 0, NULL, NULL, NULL, NULL, 0);
		if (!sent)
			return false;
	}
	return PQpipelineSync(db->conn) == 1;
}

/* An answer to the statement. An end of the connection may come from what is between us and the
 * server, which may have gone on. */
static bool is_refusal(const PGresult *result)
{
	const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
	return severity && strcmp(severity, "ERROR") == 0;
}

/* Reads one step's results up to the separating NULL, keeps the last one, and the first error in
 * *io_code. */
static int read_step(
	struct ad_db *db, int64_t deadline_ms, int *io_code, PGresult **io_kept, struct ad_err *err)
{
	for (;;) {
		PGresult *result;
		int r = next_result(db, deadline_ms, &result, err);
		if (r < 0 || !result)
			return r;
		ExecStatusType status = PQresultStatus(result);
		if (*io_code == 0 && status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
			*io_code = db_error(db, db->conn, result, err);
			db->steps_refused = is_refusal(result);
		}
		PQclear(*io_kept);
		*io_kept = result;
		if (PQstatus(db->conn) != CONNECTION_OK)
			return *io_code ? *io_code : db_error(db, db->conn, NULL, err);
	}
}

/* The answers to the steps, as far as they went. */
static int read_steps(struct ad_db *db, const struct db_step *steps, size_t count,
	int64_t deadline_ms, int *io_code, struct ad_err *err)
{
	int r = 0;
	for (size_t i = 0; i < count && r == 0; i++) {
		const struct db_step *step = &steps[i];
		PGresult *result = NULL;
		r = read_step(db, deadline_ms, io_code, &result, err);
		bool done = r == 0 && *io_code == 0;
		db->steps_done += done ? 1 : 0;
		if (done && step->prepared)
			*step->prepared = true;
		if (done && step->ret)
			*step->ret = result;
		else
			PQclear(result);
	}
	return r;
}

static void clear_results(const struct db_step *steps, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!steps[i].ret)
			continue;
		PQclear(*steps[i].ret);
		*steps[i].ret = NULL;
	}
}

static int read_sync(struct ad_db *db, int64_t deadline_ms, struct ad_err *err)
{
	PGresult *result;
	int r = next_result(db, deadline_ms, &result, err);
	if (r < 0)
		return r;
	bool synced = result && PQresultStatus(result) == PGRES_PIPELINE_SYNC;
	PQclear(result);
	return synced ? 0 : db_error(db, db->conn, NULL, err);
}

/* The server counts its time for each statement alone, and answers after the last one: of several
 * one may have waited for a lock before. */
static int64_t answer_deadline(const struct ad_db *db)
{
	const int64_t grace = AD_DB_ANSWER_TIMEOUT_MS - AD_DB_STATEMENT_TIMEOUT_MS;
	const int64_t lock = db->later_count > 0 ? db->lock_timeout_ms : 0;
	return ad_clock_mono_ms() + db->statement_timeout_ms + grace + lock;
}

int db_run(struct ad_db *db, const struct db_step *steps, size_t count, struct ad_err *err)
{
	int64_t deadline_ms = answer_deadline(db);
	int code = 0;
	int r = 0;
	for (size_t i = 0; i < count; i++) {
		if (steps[i].ret)
			*steps[i].ret = NULL;
	}
	db->constraint[0] = '\0';
	db->steps_done = 0;
	db->steps_refused = false;
	if (!send_steps(db, steps, count))
		r = db_error(db, db->conn, NULL, err);
	else
		r = read_steps(db, steps, count, deadline_ms, &code, err);
	/* The answer's end must not write over the first error of a step. */
	if (r == 0)
		r = read_sync(db, deadline_ms, code ? NULL : err);
	/* Out of step, closed, or on a server that does not serve us: a new connection may do. */
	if (r < 0 || code == AD_EUNAVAIL)
		db_drop(db);
	if (code == 0)
		code = r;
	if (code < 0)
		clear_results(steps, count);
	return code;
}

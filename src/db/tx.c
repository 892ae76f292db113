/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions. What is not known to be committed is never reported as committed. */
#include "conn.h"

#include "ad/clock.h"
#include "ad/fault.h"

#include <poll.h>

#define REPEAT_FIRST_MS 20 /* pause before the second try of a transaction */
#define REPEAT_MAX_MS 200

int ad_db_begin(struct ad_db *db, struct ad_err *err)
{
	AD_ASSERT(db->tx == TX_NONE);
	if (AD_FAULT("db.begin"))
		return AD_FAIL(err, AD_EUNAVAIL, "fault point db.begin");
	int r = ad_db_ready(db, err);
	if (r == 0)
		db->tx = TX_WANTED;
	return r;
}

bool ad_db_in_transaction(const struct ad_db *db)
{
	return db->tx != TX_NONE;
}

/* Nothing is committed before it is known that all has affected what it should. */
static int flush_checked(struct ad_db *db, struct ad_err *err)
{
	for (size_t i = 0; i < db->later_count; i++)
		if (db->later[i].conflict)
			return ad_db_flush(db, err);
	return 0;
}

/* The locks go with COMMIT, the answer comes when the disk has all (docs/adr/0012). */
static int send_commit(struct ad_db *db, struct ad_err *err)
{
	int e = flush_checked(db, err);
	if (e < 0) {
		ad_db_rollback(db);
		return e;
	}
	PGresult *result = NULL;
	struct db_step steps[DB_WAITING_STEPS + 1 + DB_QUERY_STEPS];
	size_t before = db_add_waiting(db, steps, 0);
	steps[before] = (struct db_step){ .text = "commit", .ret = &result };
	size_t count = db_add_settle(db, steps, before + 1);
	int r = db_run(db, steps, count, err);
	bool done = db->steps_done > before; /* but perhaps not on disk */
	r = db_took_waiting(db, r, err);
	/* What waited was not taken, so COMMIT was skipped. */
	if (r < 0 && (db->conn || db->steps_refused) && db->steps_done < before) {
		ad_err_prefix(err, "%s: ", db_failed_step(db, steps, count));
		ad_db_rollback(db);
		return r;
	}
	if (r < 0 && (!db->conn || done)) {
		ad_err_prefix(err, "the outcome of COMMIT is unknown: ");
		if (err) {
			err->code = AD_EAMBIGUOUS;
			err->class = ad_err_class(AD_EAMBIGUOUS);
		}
		return AD_EAMBIGUOUS;
	}
	if (r == 0 && strcmp(PQcmdStatus(result), "COMMIT") != 0)
		r = AD_FAIL(
			err, AD_EBUG, "commit of a transaction in which a statement had failed");
	PQclear(result);
	return r;
}

int ad_db_commit(struct ad_db *db, struct ad_err *err)
{
	enum tx_state tx = db->tx;
	AD_ASSERT(tx != TX_NONE);
	if (tx == TX_OPEN && AD_FAULT("db.commit.before")) {
		ad_db_rollback(db);
		return AD_FAIL(err, AD_EUNAVAIL, "fault point db.commit.before");
	}
	int r = 0;
	bool has_work = tx == TX_OPEN || (tx == TX_WANTED && db->later_count > 0);
	if (tx == TX_LOST)
		r = AD_FAIL(err, AD_EUNAVAIL, "the connection was lost inside the transaction");
	else if (has_work)
		r = send_commit(db, err);
	if (r == 0 && has_work && AD_FAULT("db.commit.after")) {
		db_drop(db);
		r = AD_FAIL(err, AD_EAMBIGUOUS, "fault point db.commit.after");
	}
	db->later_count = 0;
	db->tx = TX_NONE;
	return r;
}

void ad_db_rollback(struct ad_db *db)
{
	db->later_count = 0;
	if (db->tx == TX_OPEN) {
		char constraint[sizeof db->constraint]; /* of the failure that is rolled back */
		memcpy(constraint, db->constraint, sizeof constraint);
		if (db_run(db, &(struct db_step){ .text = "rollback" }, 1, NULL) < 0 && db->conn)
			db_drop(db); /* a closed connection is rolled back for certain */
		memcpy(db->constraint, constraint, sizeof constraint);
	}
	db->tx = TX_NONE;
}

static int try_once(struct ad_db *db, ad_db_work *work, void *ctx, struct ad_err *err)
{
	int r = ad_db_begin(db, err);
	if (r < 0)
		return r;
	r = work(db, ctx, err);
	if (r < 0)
		ad_db_rollback(db);
	else
		r = ad_db_commit(db, err);
	return r;
}

int ad_db_transaction(struct ad_db *db, ad_db_work *work, void *ctx, struct ad_err *err)
{
	struct ad_err own = { 0 };
	if (!err)
		err = &own;
	for (int attempt = 1;; attempt++) {
		int r = try_once(db, work, ctx, err);
		bool again = r == AD_ECONFLICT && err->class == AD_CLASS_TRANSIENT;
		if (!again || attempt == AD_DB_TRIES)
			return r;
		(void)poll(
			NULL, 0, (int)ad_clock_backoff_ms(attempt, REPEAT_FIRST_MS, REPEAT_MAX_MS));
	}
}

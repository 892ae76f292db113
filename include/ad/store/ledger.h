/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger: notices that did not (certainly) arrive, what was done about each, and whom Teams
 * does not reach. Inside the caller's transaction. One thread per connection.
 *
 * fallback of a row: "" nothing was tried, "waiting" a job of kind AD_JOB_NOTICE looks into it,
 * "install" the app was installed for the person and the notice sent again, "mail", "none" nothing
 * worked, "digest" the person is back and was told in one message.
 */
#ifndef AD_STORE_LEDGER_H
#define AD_STORE_LEDGER_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_db;

struct ad_ledger_entry {
	int64_t id; /* of the outbox row: the number that people see */
	const char *tenant_id;
	const char *recipient_oid;
	const char *name;    /* "" when the directory was not asked yet */
	const char *mail;    /* "" when there is none */
	const char *channel; /* "teams", "mail" */
	const char *fact;
	const char *state; /* "pending", "sent", "ambiguous", "dead" */
	const char *last_error;
	int attempts;
	int64_t request_id; /* 0: none */
	int64_t job_id;     /* 0: none */
	const char *card;   /* role of the card, "" */
	const char *fallback;
	const char *created_at; /* RFC 3339, UTC */
	const char
		*reference_state; /* of the person's newest conversation; "" when there is none */
	const char *reference_error;
	const char *mail_state; /* of the mail sent in its place; "" when there is none */
	const char *mail_error;
	bool has_activity; /* there is something to send again */
};

/* Whether a job of kind AD_JOB_NOTICE has something to do: nothing was done yet, or a mail was sent
 * and did not arrive. */
bool ad_ledger_is_waiting(const struct ad_ledger_entry *entry);

struct ad_ledger_counts {
	int64_t dead; /* not told in a digest meanwhile */
	int64_t ambiguous;
	int64_t waiting; /* of the dead: a job looks into it */
};
AD_MUST int ad_store_ledger_count(
	struct ad_db *db, struct ad_arena *arena, struct ad_ledger_counts *ret, struct ad_err *err);

/* Undelivered notices, newest first, older than before_id (0: from the newest). */
AD_MUST int ad_store_ledger_list(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t before_id, int limit, struct ad_ledger_entry **ret, size_t *ret_count,
	struct ad_err *err);

/* One notice of any state. AD_ENOTFOUND. */
AD_MUST int ad_store_ledger_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_ledger_entry *ret, struct ad_err *err);

/* The same, locked until the transaction ends. AD_ENOTFOUND. */
AD_MUST int ad_store_ledger_lock(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_ledger_entry *ret, struct ad_err *err);

/* What was done about it; note (may be "") is added to its last_error. */
AD_MUST int ad_store_ledger_settle(struct ad_db *db, struct ad_arena *arena, int64_t id,
	const char *fallback, const char *note, struct ad_err *err);

struct ad_ledger_resend {
	int64_t id;
	const char *node_id; /* the row is leased to its sender */
	const char *app_id;  /* whose reference gets another chance */
	const char *fallback;
	const char *activity; /* new content; "": as it is */
	int version;          /* of what the new content shows; 0: none */
};

/* Another attempt of the same row; a blocked or removed reference is tried again. False when the
 * row is on its way or done. After the commit give the id to ad_outbox_kick. */
AD_MUST int ad_store_ledger_resend(struct ad_db *db, struct ad_arena *arena,
	const struct ad_ledger_resend *resend, bool *ret_changed, struct ad_err *err);

/* A job does what an admin wishes ("install") about the notice. */
AD_MUST int ad_store_ledger_ask(
	struct ad_db *db, struct ad_arena *arena, int64_t id, const char *wish, struct ad_err *err);

struct ad_ledger_oids {
	const char *const *items;
	size_t count;
};

struct ad_ledger_reach {
	const char *tenant_id;
	const char *app_id; /* whose references count */
	bool with_mail;     /* who has an address is reached */
	struct ad_ledger_oids oids;
};

/* Those of the oids who are not reached, as far as we know. */
AD_MUST int ad_store_ledger_unreachable(struct ad_db *db, struct ad_arena *arena,
	const struct ad_ledger_reach *reach, struct ad_ledger_oids *ret, struct ad_err *err);

/* Somebody who was asked to decide and did not hear of it in Teams. */
struct ad_ledger_unasked {
	const char *name;
	bool was_mailed;
};
AD_MUST int ad_store_ledger_unasked(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t request_id, int stage, struct ad_ledger_unasked **ret, size_t *ret_count,
	struct ad_err *err);

/* Up to max people on the slate to whom no question has gone yet. */
struct ad_ledger_alternate {
	const char *oid;
	const char *name;
};
AD_MUST int ad_store_ledger_alternates(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, int64_t request_id, int stage, int max,
	struct ad_ledger_alternate **ret, size_t *ret_count, struct ad_err *err);

#define AD_LEDGER_DIGEST_DAYS 7 /* what is older is not told again */
#define AD_LEDGER_DIGEST_MAX 50

/* Numbers of what the person missed and is still owed, oldest first. */
AD_MUST int ad_store_ledger_missed(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, int64_t **ret_ids, size_t *ret_count, struct ad_err *err);

#endif

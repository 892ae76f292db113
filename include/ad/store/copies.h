/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Card copies: the cards out there that show a request or a job. ad_store_outbox_add registers
 * them; here they are found and changed. Inside the caller's transaction.
 */
#ifndef AD_STORE_COPIES_H
#define AD_STORE_COPIES_H

#include "ad/arena.h"
#include "ad/err.h"
#include "ad/store/later.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_db;

struct ad_card_copy {
	int64_t outbox_id; /* names the copy */
	const char *tenant_id;
	const char *recipient_oid;
	const char *card;            /* 'receipt', 'approval', 'job', 'view' */
	int64_t request_id;          /* 0: none */
	int64_t job_id;              /* 0: none */
	const char *conversation_id; /* these two: "" until it is delivered */
	const char *activity_id;
	int shown_version;
	const char *locale; /* the recipient's; of ad_store_copy_list alone, else "" */
};

/* All copies of a request, or of a job (the other id is 0), in the order of their sending. */
AD_MUST int ad_store_copy_list(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int64_t job_id, struct ad_card_copy **ret, size_t *ret_count, struct ad_err *err);

/* The copy that is this activity. AD_ENOTFOUND. */
AD_MUST int ad_store_copy_find(struct ad_db *db, struct ad_arena *arena,
	const char *conversation_id, const char *activity_id, struct ad_card_copy *ret,
	struct ad_err *err);

/* A press told the activity id (replyToId) of a copy whose sending ended without an answer:
 * outbox_id, service_url, conversation_id and activity_id are written if the copy has none yet. */
struct ad_card_copy_place {
	int64_t outbox_id;
	const char *service_url;
	const char *conversation_id;
	const char *activity_id;
};
AD_MUST int ad_store_copy_learn(struct ad_db *db, struct ad_arena *arena,
	const struct ad_card_copy_place *place, struct ad_err *err);

/* The press came from a card that is no copy of ours: of the copy place->outbox_id a second one was
 * sent, because the answer to the first sending was lost. It becomes a copy of its own, one for
 * each copy at most. AD_ENOTFOUND when that one has its twin. */
AD_MUST int ad_store_copy_adopt(struct ad_db *db, struct ad_arena *arena,
	const struct ad_card_copy_place *place, int64_t *ret_outbox_id, struct ad_err *err);

/* The copy that was a 'view' (a list, a form) shows a request or a job from now on: outbox_id,
 * card, request_id and job_id are used. A copy of another role stays what it is. */
AD_MUST int ad_store_copy_become(struct ad_db *db, struct ad_arena *arena,
	const struct ad_card_copy *copy, struct ad_err *err);

struct ad_card_change {
	const int64_t *copies; /* outbox ids of the copies that get this content */
	size_t count;
	const char *activity; /* JSON text by ad_activity_print */
	int version; /* of the request or job; copies that show a newer one are left alone */
	bool urgent; /* as in ad_outbox_new */
};

struct ad_card_changes {
	const char *node_id;
	const struct ad_card_change *items; /* no copy in two of them */
	size_t count;
};

/* Enqueues one update row per copy, in one statement; an update of the same copy that still waits
 * is replaced, so the newest content wins. *ret_ids are the rows, for ad_outbox_kick after the
 * commit. */
AD_MUST int ad_store_copy_change(struct ad_db *db, struct ad_arena *arena,
	const struct ad_card_changes *changes, int64_t **ret_ids, size_t *ret_count,
	struct ad_err *err);

/* The same, with the next statement; the rows are told by ad_store_outbox_came. */
AD_MUST int ad_store_copy_change_later(struct ad_db *db, struct ad_arena *arena,
	const struct ad_card_changes *changes, struct ad_store_later *later, struct ad_err *err);

/* The copies of a job keep what they show: they are no copies of it any more. */
AD_MUST int ad_store_copy_part(
	struct ad_db *db, struct ad_arena *arena, int64_t job_id, struct ad_err *err);

#endif

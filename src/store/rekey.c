/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing again, batch by batch; see store/rekey.h. */
#include "ad/store/rekey.h"

#include "ad/db.h"
#include "ad/store/convs.h"
#include "outbox_mail.h"

#include "ad_queries.h"

/* One batch. It may run more than once, so it changes the pass only through moved. */
struct batch {
	const struct ad_store_conv_key *key;
	const char **old; /* ids of the older keys, and '' */
	size_t old_count;
	int limit;
	struct ad_arena *arena;
	const struct ad_rekey_pass *from;
	struct ad_rekey_pass moved; /* where the pass is after it; texts in the arena */
	size_t rows;
};

static const char **old_ids(
	struct ad_arena *arena, const struct ad_store_conv_key *key, size_t *ret_count)
{
	size_t count = 0;
	const char **ids = ad_store_key_ids(arena, key->next, &count);
	const char **all = ad_alloc_array(arena, count + 1, sizeof *all);
	for (size_t i = 0; i < count; i++)
		all[i] = ids[i];
	all[count] = "";
	/* What names no key is none's but the first one's while there is no other. */
	*ret_count = count > 0 ? count + 1 : 0;
	return all;
}

int ad_store_rekey_count(struct ad_db *db, struct ad_arena *arena,
	const struct ad_store_conv_key *key, struct ad_rekey_left *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	size_t old_count;
	size_t ours_count;
	const char **old = old_ids(arena, key, &old_count);
	const char **ours = ad_store_key_ids(arena, key, &ours_count);
	int rc = ad_db_exec_one(db, arena, AD_Q_REKEY_COUNT,
		AD_DB_PARAMS(AD_DB_TEXTS(old, old_count), AD_DB_TEXTS(ours, ours_count)), &row,
		err);
	if (rc == 0)
		*ret = (struct ad_rekey_left){
			.old = ad_db_int(row, 0, 0),
			.unknown = ad_db_int(row, 0, 1),
		};
	return rc;
}

/* ---- the three kinds ---- */

static int seal_reference(struct ad_db *db, struct batch *batch, const struct ad_db_result *rows,
	size_t i, struct ad_err *err)
{
	const struct ad_store_conv who = {
		.tenant_id = ad_db_text(rows, i, 0),
		.oid = ad_db_text(rows, i, 1),
		.app_id = ad_db_text(rows, i, 2),
	};
	struct ad_bytes context = ad_store_conv_context(batch->arena, &who);
	struct ad_bytes plain;
	batch->moved.after[0] = who.tenant_id;
	batch->moved.after[1] = who.oid;
	batch->moved.after[2] = who.app_id;
	if (ad_store_unseal(batch->arena, batch->key->next, ad_db_bytes(rows, i, 3), context,
		    &plain, NULL) != 0) {
		batch->moved.broken++;
		return 0;
	}
	struct ad_bytes sealed = ad_crypto_seal(batch->arena, batch->key->key, plain, context);
	batch->moved.sealed++;
	return ad_db_exec(db, batch->arena, AD_Q_REKEY_REFERENCE_PUT,
		AD_DB_PARAMS(AD_DB_TEXT(who.tenant_id), AD_DB_TEXT(who.oid), AD_DB_TEXT(who.app_id),
			AD_DB_BYTES(sealed.data, sealed.len), AD_DB_TEXT(batch->key->id)),
		NULL, err);
}

static int seal_references(struct ad_db *db, struct batch *batch, struct ad_err *err)
{
	const char *const *after = batch->from->after;
	struct ad_db_result *rows;
	int rc = ad_db_exec(db, batch->arena, AD_Q_REKEY_REFERENCES,
		AD_DB_PARAMS(AD_DB_TEXT(after[0] ? after[0] : ""),
			AD_DB_TEXT(after[1] ? after[1] : ""), AD_DB_TEXT(after[2] ? after[2] : ""),
			AD_DB_TEXTS(batch->old, batch->old_count), AD_DB_INT(batch->limit)),
		&rows, err);
	batch->rows = rc == 0 ? ad_db_rows(rows) : 0;
	for (size_t i = 0; rc == 0 && i < batch->rows; i++)
		rc = seal_reference(db, batch, rows, i, err);
	return rc;
}

/* For the two kinds that are text and have a number. */
static int seal_text(struct ad_db *db, struct batch *batch, int put, const char *text,
	struct ad_bytes context, struct ad_err *err)
{
	struct ad_bytes plain;
	if (ad_store_unseal_text(batch->arena, batch->key, text, context, &plain, NULL) != 0) {
		batch->moved.broken++;
		return 0;
	}
	const char *sealed = ad_store_seal_text(batch->arena, batch->key, plain, context);
	batch->moved.sealed++;
	return ad_db_exec(db, batch->arena, put,
		AD_DB_PARAMS(AD_DB_INT(batch->moved.after_id), AD_DB_TEXT(sealed)), NULL, err);
}

static int load_numbered(struct ad_db *db, struct batch *batch, int query,
	struct ad_db_result **ret, struct ad_err *err)
{
	int rc = ad_db_exec(db, batch->arena, query,
		AD_DB_PARAMS(AD_DB_INT(batch->from->after_id),
			AD_DB_TEXTS(batch->old, batch->old_count), AD_DB_INT(batch->limit)),
		ret, err);
	batch->rows = rc == 0 ? ad_db_rows(*ret) : 0;
	return rc;
}

static int seal_mails(struct ad_db *db, struct batch *batch, struct ad_err *err)
{
	struct ad_db_result *rows = NULL;
	int rc = load_numbered(db, batch, AD_Q_REKEY_MAILS, &rows, err);
	for (size_t i = 0; rc == 0 && i < batch->rows; i++) {
		batch->moved.after_id = ad_db_int(rows, i, 0);
		rc = seal_text(db, batch, AD_Q_REKEY_MAIL_PUT, ad_db_text(rows, i, 4),
			ad_outbox_mail_context(batch->arena, ad_db_text(rows, i, 1),
				ad_db_text(rows, i, 2), ad_db_text(rows, i, 3)),
			err);
	}
	return rc;
}

static int seal_packages(struct ad_db *db, struct batch *batch, struct ad_err *err)
{
	struct ad_db_result *rows = NULL;
	int rc = load_numbered(db, batch, AD_Q_REKEY_PACKAGES, &rows, err);
	for (size_t i = 0; rc == 0 && i < batch->rows; i++) {
		int64_t job_id = ad_db_int(rows, i, 0);
		batch->moved.after_id = job_id;
		rc = seal_text(db, batch, AD_Q_REKEY_PACKAGE_PUT, ad_db_text(rows, i, 1),
			ad_store_package_context(batch->arena, job_id), err);
	}
	return rc;
}

/* ---- a pass ---- */

static int (*const kinds[])(struct ad_db *db, struct batch *batch,
	struct ad_err *err) = { seal_references, seal_mails, seal_packages };
#define KINDS ((int)(sizeof kinds / sizeof kinds[0]))

static int work(struct ad_db *db, void *ctx, struct ad_err *err)
{
	struct batch *batch = ctx;
	batch->moved = *batch->from;
	return kinds[batch->from->kind](db, batch, err);
}

static void move_on(struct ad_rekey_pass *pass, const struct batch *batch)
{
	struct ad_arena *old = pass->place;
	*pass = batch->moved;
	pass->place = ad_arena_new();
	for (int i = 0; i < 3; i++)
		pass->after[i] = ad_strdup(pass->place, pass->after[i]);
	ad_arena_free(old);
	if (batch->rows == (size_t)batch->limit)
		return;
	pass->kind++;
	pass->over = pass->kind == KINDS;
	pass->after_id = 0;
}

int ad_store_rekey_step(struct ad_db *db, const struct ad_store_conv_key *key, int limit,
	struct ad_rekey_pass *pass, struct ad_err *err)
{
	AD_ASSERT(!pass->over && limit > 0);
	struct batch batch = { .key = key, .limit = limit, .arena = ad_arena_new(), .from = pass };
	batch.old = old_ids(batch.arena, key, &batch.old_count);
	int rc = ad_db_transaction(db, work, &batch, err);
	if (rc == 0)
		move_on(pass, &batch);
	ad_arena_free(batch.arena);
	return rc;
}

void ad_store_rekey_pass_release(struct ad_rekey_pass *pass)
{
	ad_arena_free(pass->place);
	*pass = (struct ad_rekey_pass){ 0 };
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Notices that did not arrive, and what is done about them. */
#include "ad/store/ledger.h"

#include "ad/db.h"
#include "ad/store/outbox.h"
#include "ad/text.h"

#include "ad_queries.h"

bool ad_ledger_is_waiting(const struct ad_ledger_entry *entry)
{
	bool bounced = ad_text_eq(entry->fallback, "mail") && ad_text_eq(entry->mail_state, "dead");
	return ad_text_eq(entry->state, "dead") &&
	       (bounced || ad_text_eq(entry->fallback, "waiting"));
}

static struct ad_ledger_entry read_entry(const struct ad_db_result *rows, size_t i)
{
	return (struct ad_ledger_entry){
		.id = ad_db_int(rows, i, 0),
		.tenant_id = ad_db_text(rows, i, 1),
		.recipient_oid = ad_db_text(rows, i, 2),
		.name = ad_db_text(rows, i, 3),
		.mail = ad_db_text(rows, i, 4),
		.channel = ad_db_text(rows, i, 5),
		.fact = ad_db_text(rows, i, 6),
		.state = ad_db_text(rows, i, 7),
		.last_error = ad_db_text(rows, i, 8),
		.attempts = (int)ad_db_int(rows, i, 9),
		.request_id = ad_db_int(rows, i, 10),
		.card = ad_db_text(rows, i, 11),
		.fallback = ad_db_text(rows, i, 12),
		.created_at = ad_db_text(rows, i, 13),
		.reference_state = ad_db_text(rows, i, 14),
		.mail_state = ad_db_text(rows, i, 15),
		.mail_error = ad_db_text(rows, i, 16),
		.has_activity = ad_db_bool(rows, i, 17),
		.job_id = ad_db_int(rows, i, 18),
		.reference_error = ad_db_text(rows, i, 19),
	};
}

int ad_store_ledger_count(
	struct ad_db *db, struct ad_arena *arena, struct ad_ledger_counts *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int rc = ad_db_exec_one(db, arena, AD_Q_LEDGER_COUNT, AD_DB_NO_PARAMS, &row, err);
	if (rc == 0)
		*ret = (struct ad_ledger_counts){
			.dead = ad_db_int(row, 0, 0),
			.ambiguous = ad_db_int(row, 0, 1),
			.waiting = ad_db_int(row, 0, 2),
		};
	return rc;
}

int ad_store_ledger_list(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t before_id, int limit, struct ad_ledger_entry **ret, size_t *ret_count,
	struct ad_err *err)
{
	struct ad_db_result *rows;
	int rc = ad_db_exec(db, arena, AD_Q_LEDGER_LIST,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(before_id), AD_DB_INT(limit)), &rows,
		err);
	if (rc != 0)
		return rc;
	*ret_count = ad_db_rows(rows);
	*ret = ad_alloc_array(arena, *ret_count, sizeof **ret);
	for (size_t i = 0; i < *ret_count; i++)
		(*ret)[i] = read_entry(rows, i);
	return 0;
}

int ad_store_ledger_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id, int64_t id,
	struct ad_ledger_entry *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int rc = ad_db_exec_one(db, arena, AD_Q_LEDGER_GET,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(id)), &row, err);
	if (rc == 0)
		*ret = read_entry(row, 0);
	return rc;
}

int ad_store_ledger_lock(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_ledger_entry *ret, struct ad_err *err)
{
	int rc = ad_db_exec(db, arena, AD_Q_LEDGER_LOCK,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(id)), NULL, err);
	return rc == 0 ? ad_store_ledger_get(db, arena, tenant_id, id, ret, err) : rc;
}

int ad_store_ledger_settle(struct ad_db *db, struct ad_arena *arena, int64_t id,
	const char *fallback, const char *note, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_LEDGER_SETTLE,
		AD_DB_PARAMS(AD_DB_INT(id), AD_DB_TEXT(fallback), AD_DB_TEXT(note)), NULL, err);
}

int ad_store_ledger_resend(struct ad_db *db, struct ad_arena *arena,
	const struct ad_ledger_resend *resend, bool *ret_changed, struct ad_err *err)
{
	struct ad_db_result *row;
	*ret_changed = false;
	int rc = ad_db_exec_one(db, arena, AD_Q_LEDGER_RESEND,
		AD_DB_PARAMS(AD_DB_INT(resend->id), AD_DB_TEXT(resend->fallback),
			AD_DB_TEXT(resend->node_id), AD_DB_TEXT(resend->activity),
			AD_DB_INT(AD_OUTBOX_LEASE_S)),
		&row, err);
	if (rc == AD_ENOTFOUND)
		return 0;
	if (rc == 0 && resend->version > 0)
		rc = ad_db_exec(db, arena, AD_Q_LEDGER_COPY_SHOWS,
			AD_DB_PARAMS(AD_DB_INT(resend->id), AD_DB_INT(resend->version)), NULL, err);
	if (rc == 0)
		rc = ad_db_exec(db, arena, AD_Q_LEDGER_TRY_REFERENCE,
			AD_DB_PARAMS(AD_DB_TEXT(ad_db_text(row, 0, 0)),
				AD_DB_TEXT(ad_db_text(row, 0, 1)), AD_DB_TEXT(resend->app_id)),
			NULL, err);
	*ret_changed = rc == 0;
	return rc;
}

int ad_store_ledger_ask(
	struct ad_db *db, struct ad_arena *arena, int64_t id, const char *wish, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_LEDGER_ASK, AD_DB_PARAMS(AD_DB_INT(id), AD_DB_TEXT(wish)),
		NULL, err);
}

int ad_store_ledger_unreachable(struct ad_db *db, struct ad_arena *arena,
	const struct ad_ledger_reach *reach, struct ad_ledger_oids *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int rc = ad_db_exec(db, arena, AD_Q_LEDGER_UNREACHABLE,
		AD_DB_PARAMS(AD_DB_TEXT(reach->tenant_id),
			AD_DB_TEXTS(reach->oids.items, reach->oids.count),
			AD_DB_TEXT(reach->app_id), AD_DB_BOOL(reach->with_mail)),
		&rows, err);
	if (rc != 0)
		return rc;
	const char **items = ad_alloc_array(arena, ad_db_rows(rows), sizeof *items);
	for (size_t i = 0; i < ad_db_rows(rows); i++)
		items[i] = ad_db_text(rows, i, 0);
	*ret = (struct ad_ledger_oids){ .items = items, .count = ad_db_rows(rows) };
	return 0;
}

int ad_store_ledger_unasked(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t request_id, int stage, struct ad_ledger_unasked **ret, size_t *ret_count,
	struct ad_err *err)
{
	struct ad_db_result *rows;
	int rc = ad_db_exec(db, arena, AD_Q_LEDGER_UNASKED,
		AD_DB_PARAMS(AD_DB_INT(request_id), AD_DB_TEXT(tenant_id), AD_DB_INT(stage)), &rows,
		err);
	if (rc != 0)
		return rc;
	*ret_count = ad_db_rows(rows);
	*ret = ad_alloc_array(arena, *ret_count, sizeof **ret);
	for (size_t i = 0; i < *ret_count; i++)
		(*ret)[i] = (struct ad_ledger_unasked){
			.name = ad_db_text(rows, i, 0),
			.was_mailed = ad_text_eq(ad_db_text(rows, i, 1), "mail"),
		};
	return 0;
}

int ad_store_ledger_missed(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, int64_t **ret_ids, size_t *ret_count, struct ad_err *err)
{
	struct ad_db_result *rows;
	int rc = ad_db_exec(db, arena, AD_Q_LEDGER_MISSED,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid),
			AD_DB_INT(AD_LEDGER_DIGEST_DAYS), AD_DB_INT(AD_LEDGER_DIGEST_MAX)),
		&rows, err);
	if (rc != 0)
		return rc;
	*ret_count = ad_db_rows(rows);
	*ret_ids = ad_alloc_array(arena, *ret_count, sizeof **ret_ids);
	for (size_t i = 0; i < *ret_count; i++)
		(*ret_ids)[i] = ad_db_int(rows, i, 0);
	return 0;
}

int ad_store_ledger_alternates(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t request_id, int stage, int max, struct ad_ledger_alternate **ret, size_t *ret_count,
	struct ad_err *err)
{
	struct ad_db_result *rows;
	int rc = ad_db_exec(db, arena, AD_Q_LEDGER_ALTERNATES,
		AD_DB_PARAMS(AD_DB_INT(request_id), AD_DB_TEXT(tenant_id), AD_DB_INT(stage),
			AD_DB_INT(max)),
		&rows, err);
	if (rc != 0)
		return rc;
	*ret_count = ad_db_rows(rows);
	*ret = ad_alloc_array(arena, *ret_count, sizeof **ret);
	for (size_t i = 0; i < *ret_count; i++)
		(*ret)[i] = (struct ad_ledger_alternate){
			.oid = ad_db_text(rows, i, 0),
			.name = ad_db_text(rows, i, 1),
		};
	return 0;
}

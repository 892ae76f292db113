/* SPDX-License-Identifier: Apache-2.0 */
/* Changes that wait for a second admin. */
#include "ad/store/proposals.h"
#include "ad/db.h"

#include "ad_queries.h"

/* The id that a query finds. AD_ENOTFOUND. */
static int find(struct ad_db *db, struct ad_arena *arena, int query, struct ad_db_params params,
	int64_t *ret_id, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, query, params, &row, err);
	if (e == 0)
		*ret_id = ad_db_int(row, 0, 0);
	return e;
}

int ad_store_proposal_same(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_proposal *like, int64_t *ret_id, struct ad_err *err)
{
	return find(db, arena, AD_Q_PROPOSALS_SAME,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(like->kind),
			AD_DB_TEXT(like->subject), AD_DB_TEXT(like->content)),
		ret_id, err);
}

int ad_store_proposal_insert(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_proposal *proposal, int64_t *ret_id, struct ad_err *err)
{
	return find(db, arena, AD_Q_PROPOSALS_INSERT,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(proposal->kind),
			AD_DB_TEXT(proposal->subject), AD_DB_TEXT(proposal->content),
			AD_DB_TEXT(proposal->weakens), AD_DB_TEXT(proposal->proposed_by),
			AD_DB_INT(AD_PROPOSAL_DAYS)),
		ret_id, err);
}

int ad_store_proposal_told_by(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, int64_t job_id, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_PROPOSALS_TOLD_BY,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(id), AD_DB_INT(job_id)), NULL, err);
}

/* Locked by a statement of its own and read by the next one: a locked read that waited would show
 * it as it was before. */
int ad_store_proposal_lock(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_proposal *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(db));
	int64_t locked;
	int e = find(db, arena, AD_Q_PROPOSALS_LOCK,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(id)), &locked, err);
	return e == 0 ? ad_store_proposal_get(db, arena, tenant_id, id, ret, err) : e;
}

int ad_store_proposal_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_proposal *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_PROPOSALS_GET,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(id)), &row, err);
	if (e != 0)
		return e;
	*ret = (struct ad_proposal){
		.id = ad_db_int(row, 0, 0),
		.kind = ad_db_text(row, 0, 1),
		.subject = ad_db_text(row, 0, 2),
		.content = ad_db_text(row, 0, 3),
		.weakens = ad_db_text(row, 0, 4),
		.proposed_by = ad_db_text(row, 0, 5),
		.proposed_by_name = ad_db_text(row, 0, 6),
		.state = ad_db_text(row, 0, 7),
		.expires_at = ad_db_text(row, 0, 8),
		.job_id = ad_db_int(row, 0, 9),
		.created_at = ad_db_text(row, 0, 10),
		.decided_by = ad_db_text(row, 0, 11),
		.decided_by_name = ad_db_text(row, 0, 12),
		.decided_at = ad_db_text(row, 0, 13),
		.reason = ad_db_text(row, 0, 14),
		.left_s = ad_db_int(row, 0, 15),
	};
	return 0;
}

int ad_store_proposal_of_job(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t job_id, int64_t *ret_id, struct ad_err *err)
{
	return find(db, arena, AD_Q_PROPOSALS_OF_JOB,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(job_id)), ret_id, err);
}

int ad_store_proposals_open(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int limit, int64_t **ret, size_t *ret_count, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, AD_Q_PROPOSALS_OPEN,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(limit)), &rows, err);
	if (e != 0)
		return e;
	*ret_count = ad_db_rows(rows);
	*ret = ad_alloc_array(arena, *ret_count, sizeof **ret);
	for (size_t i = 0; i < *ret_count; i++)
		(*ret)[i] = ad_db_int(rows, i, 0);
	return 0;
}

int ad_store_proposal_close(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_proposal *proposal, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_PROPOSALS_CLOSE,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(proposal->id),
			AD_DB_TEXT(proposal->state), AD_DB_TEXT(proposal->decided_by),
			AD_DB_TEXT(proposal->reason)),
		NULL, err);
}

int ad_store_tenant_in_use(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	bool *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(
		db, arena, AD_Q_PROPOSALS_IN_USE, AD_DB_PARAMS(AD_DB_TEXT(tenant_id)), &row, err);
	if (e == 0)
		*ret = ad_db_bool(row, 0, 0);
	return e;
}

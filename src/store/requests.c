/* SPDX-License-Identifier: Apache-2.0 */
/* Requests, answers, stages and slates. */
#include "ad/store/requests.h"
#include "ad/db.h"
#include "ad/text.h"

#include "ad_queries.h"

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

static enum ad_request_state read_state(const char *name)
{
	enum ad_request_state state = AD_REQUEST_PENDING;
	int e = ad_request_state_parse(name, &state);
	AD_ASSERT(e == 0); /* the column's check allows no other text */
	return state;
}

static enum ad_stage_state read_stage(const char *name)
{
	enum ad_stage_state state = AD_STAGE_OPEN;
	int e = ad_stage_state_parse(name, &state);
	AD_ASSERT(e == 0);
	return state;
}

static enum ad_asked_kind read_kind(const char *name)
{
	enum ad_asked_kind kind = AD_ASKED_GROUP;
	int e = ad_asked_kind_parse(name, &kind);
	AD_ASSERT(e == 0);
	return kind;
}

/* The columns of the view request_details. */
static void read_request(const struct ad_db_result *rows, size_t row, struct ad_request *ret)
{
	*ret = (struct ad_request){
		.id = ad_db_int(rows, row, 0),
		.tenant_id = ad_db_text(rows, row, 1),
		.requester_oid = ad_db_text(rows, row, 2),
		.requester_name = ad_db_text(rows, row, 3),
		.requester_mail = ad_db_text(rows, row, 4),
		.app_id = ad_db_int(rows, row, 5),
		.app_name = ad_db_text(rows, row, 6),
		.app_publisher = ad_db_text(rows, row, 7),
		.state = read_state(ad_db_text(rows, row, 8)),
		.version = (int)ad_db_int(rows, row, 9),
		.stage = (int)ad_db_int(rows, row, 10),
		.justification = ad_db_text(rows, row, 11),
		.reason = ad_db_text(rows, row, 12),
		.job_id = ad_db_int(rows, row, 13),
		.created_at = ad_db_text(rows, row, 14),
		.changed_at = ad_db_text(rows, row, 15),
		.closed_at = ad_db_text(rows, row, 16),
		.stage_state = read_stage(ad_db_text(rows, row, 17)),
		.stage_group_id = ad_db_text(rows, row, 18),
		.decided_by_oid = ad_db_text(rows, row, 19),
		.decided_by_name = ad_db_text(rows, row, 20),
		.decided_at = ad_db_text(rows, row, 21),
		.decision_reason = ad_db_text(rows, row, 22),
		.beneficiary_oid = ad_db_text(rows, row, 23),
		.policy_name = ad_db_text(rows, row, 24),
		.policy_version = (int)ad_db_int(rows, row, 25),
		.round = (int)ad_db_int(rows, row, 26),
		.wanted_days = (int)ad_db_int(rows, row, 27),
		.granted_days = (int)ad_db_int(rows, row, 28),
		.app_version = ad_db_text(rows, row, 29),
		.extends_grant = ad_db_int(rows, row, 30),
		.pauses = (int)ad_db_int(rows, row, 31),
		.approved_at = ad_db_text(rows, row, 32),
		.stage_kind = read_kind(ad_db_text(rows, row, 33)),
		.stage_person_oid = ad_db_text(rows, row, 34),
		.stage_step = (int)ad_db_int(rows, row, 35),
		.stage_steps = (int)ad_db_int(rows, row, 36),
		.stage_need = (int)ad_db_int(rows, row, 37),
		.stage_level = (int)ad_db_int(rows, row, 38),
		.deadline_at = ad_db_text(rows, row, 39),
		.app_owner_oid = ad_db_text(rows, row, 40),
		.app_classification = ad_db_text(rows, row, 41),
		.is_review = ad_db_bool(rows, row, 42),
		.bundle_id = ad_db_int(rows, row, 43),
		.beneficiary_name = ad_db_text(rows, row, 44),
		.device_id = ad_db_text(rows, row, 45),
		.device_name = ad_db_text(rows, row, 46),
		.device_compliance = ad_db_text(rows, row, 47),
		.device_at = ad_db_text(rows, row, 48),
	};
}

static int read_list(struct ad_db *db, struct ad_arena *arena, int query,
	struct ad_db_params params, struct ad_request_list *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, query, params, &rows, err);
	if (e != 0)
		return e;
	size_t count = ad_db_rows(rows);
	struct ad_request *items = ad_alloc_array(arena, count, sizeof *items);
	for (size_t i = 0; i < count; i++)
		read_request(rows, i, &items[i]);
	*ret = (struct ad_request_list){ .items = items, .count = count };
	return 0;
}

int ad_store_requests_of_bundle(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t bundle_id, struct ad_request_list *ret, struct ad_err *err)
{
	return read_list(db, arena, AD_Q_BUNDLES_REQUESTS,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(bundle_id)), ret, err);
}

int ad_store_request_insert(struct ad_db *db, struct ad_arena *arena,
	const struct ad_request *request, int64_t *ret_id, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, AD_Q_REQUESTS_INSERT,
		AD_DB_PARAMS(AD_DB_TEXT(request->tenant_id), AD_DB_TEXT(request->requester_oid),
			AD_DB_INT(request->app_id), AD_DB_TEXT(request->justification),
			AD_DB_TEXT(text_or_empty(request->policy_name)),
			AD_DB_INT(request->policy_version), AD_DB_INT(request->wanted_days),
			AD_DB_INT(request->extends_grant), AD_DB_BOOL(request->is_review),
			AD_DB_TEXT(text_or_empty(request->beneficiary_oid)),
			AD_DB_TEXT(text_or_empty(request->device_id)),
			AD_DB_TEXT(text_or_empty(request->device_name)),
			AD_DB_TEXT(text_or_empty(request->device_compliance))),
		&rows, err);
	if (e != 0)
		return e;
	*ret_id = ad_db_rows(rows) == 0 ? 0 : ad_db_int(rows, 0, 0);
	return 0;
}

int ad_store_request_device(
	struct ad_db *db, struct ad_arena *arena, struct ad_request *device, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, AD_Q_REQUESTS_DEVICE,
		AD_DB_PARAMS(AD_DB_INT(device->id), AD_DB_TEXT(device->device_id),
			AD_DB_TEXT(device->device_name), AD_DB_TEXT(device->device_compliance)),
		&rows, err);
	if (e == 0 && ad_db_rows(rows) > 0)
		device->device_at = ad_db_text(rows, 0, 0);
	return e;
}

int ad_store_answer_insert(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	const struct ad_answer *answer, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_REQUESTS_ANSWER_INSERT,
		AD_DB_PARAMS(AD_DB_INT(request_id), AD_DB_INT(answer->ordinal),
			AD_DB_TEXT(answer->label), AD_DB_TEXT(answer->answer)),
		NULL, err);
}

int ad_store_request_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_request *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_REQUESTS_GET,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(id)), &row, err);
	if (e == 0)
		read_request(row, 0, ret);
	return e;
}

int ad_store_request_lock(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_request *ret, struct ad_err *err)
{
	/* The lock first, then a statement of its own with a new snapshot: it sees what the
	 * transaction that was waited for has written. */
	AD_ASSERT(ad_db_in_transaction(db));
	int e = ad_db_exec_later(db, arena, AD_Q_REQUESTS_LOCK,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(id)), NULL, err);
	return e == 0 ? ad_store_request_get(db, arena, tenant_id, id, ret, err) : e;
}

int ad_store_request_standing(struct ad_db *db, struct ad_arena *arena,
	const struct ad_request *key, struct ad_request *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_REQUESTS_STANDING,
		AD_DB_PARAMS(AD_DB_TEXT(key->tenant_id), AD_DB_TEXT(key->beneficiary_oid),
			AD_DB_INT(key->app_id)),
		&row, err);
	if (e == 0)
		read_request(row, 0, ret);
	return e;
}

int ad_store_request_answers(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	struct ad_answers *ret, struct ad_err *err)
{
	struct ad_store_later *later = ad_alloc(arena, sizeof *later);
	int e = ad_store_request_answers_later(db, arena, request_id, later, err);
	if (e == 0)
		e = ad_db_flush(db, err);
	if (e == 0)
		ad_store_request_answers_came(arena, later, ret);
	return e;
}

int ad_store_request_answers_later(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	struct ad_store_later *later, struct ad_err *err)
{
	return ad_db_exec_later(db, arena, AD_Q_REQUESTS_ANSWERS,
		AD_DB_PARAMS(AD_DB_INT(request_id)), &later->rows, err);
}

void ad_store_request_answers_came(
	struct ad_arena *arena, const struct ad_store_later *later, struct ad_answers *ret)
{
	const struct ad_db_result *rows = later->rows;
	size_t count = ad_db_rows(rows);
	struct ad_answer *items = ad_alloc_array(arena, count, sizeof *items);
	for (size_t i = 0; i < count; i++)
		items[i] = (struct ad_answer){
			.ordinal = (int)ad_db_int(rows, i, 0),
			.label = ad_db_text(rows, i, 1),
			.answer = ad_db_text(rows, i, 2),
		};
	*ret = (struct ad_answers){ .items = items, .count = count };
}

int ad_store_requests_of(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, int limit, struct ad_request_list *ret, struct ad_err *err)
{
	return read_list(db, arena, AD_Q_REQUESTS_OF,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid), AD_DB_INT(limit)), ret, err);
}

int ad_store_requests_open_count(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, int64_t *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_REQUESTS_OPEN_COUNT,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid)), &row, err);
	if (e == 0)
		*ret = ad_db_int(row, 0, 0);
	return e;
}

int ad_store_requests_automatic_count(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, const char *oid, int days, int64_t *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_REQUESTS_AUTOMATIC_COUNT,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid), AD_DB_INT(days)), &row, err);
	if (e == 0)
		*ret = ad_db_int(row, 0, 0);
	return e;
}

int ad_store_requests_pending(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, const char *group_id, int limit, struct ad_request_list *ret,
	struct ad_err *err)
{
	return read_list(db, arena, AD_Q_REQUESTS_PENDING,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid), AD_DB_TEXT(group_id),
			AD_DB_INT(limit)),
		ret, err);
}

int ad_store_requests_waiting(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t app_id, struct ad_request_list *ret, struct ad_err *err)
{
	return read_list(db, arena, AD_Q_REQUESTS_WAITING,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(app_id)), ret, err);
}

int ad_store_requests_waiting_lock(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t app_id, struct ad_request_list *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(db));
	int e = ad_db_exec_later(db, arena, AD_Q_REQUESTS_WAITING_LOCK,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(app_id)), NULL, err);
	return e == 0 ? ad_store_requests_waiting(db, arena, tenant_id, app_id, ret, err) : e;
}

int ad_store_request_was_asked(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	const char *oid, bool *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_REQUESTS_WAS_ASKED,
		AD_DB_PARAMS(AD_DB_INT(request_id), AD_DB_TEXT(oid)), &row, err);
	if (e == 0)
		*ret = ad_db_bool(row, 0, 0);
	return e;
}

int ad_store_stage_approvers(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int ordinal, const struct ad_stage_approver **ret, size_t *ret_count, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, AD_Q_REQUESTS_APPROVERS,
		AD_DB_PARAMS(AD_DB_INT(request_id), AD_DB_INT(ordinal)), &rows, err);
	if (e != 0)
		return e;
	size_t count = ad_db_rows(rows);
	struct ad_stage_approver *items = ad_alloc_array(arena, count, sizeof *items);
	for (size_t i = 0; i < count; i++)
		items[i] = (struct ad_stage_approver){
			.oid = ad_db_text(rows, i, 0),
			.name = ad_db_text(rows, i, 1),
		};
	*ret = items;
	*ret_count = count;
	return 0;
}

int ad_store_request_change(struct ad_db *db, struct ad_arena *arena,
	const struct ad_request_change *change, struct ad_err *err)
{
	return ad_db_change_later(db, arena, AD_Q_REQUESTS_CHANGE,
		AD_DB_PARAMS(AD_DB_INT(change->id), AD_DB_INT(change->version),
			AD_DB_TEXT(ad_request_state_name(change->state)),
			AD_DB_TEXT(change->reason), AD_DB_INT(change->job_id),
			AD_DB_INT(change->stage), AD_DB_INT(change->granted_days),
			AD_DB_BOOL(change->approved)),
		ad_printf(arena, "request %lld changed meanwhile", (long long)change->id), err);
}

int ad_store_request_stage(
	struct ad_db *db, struct ad_arena *arena, int64_t id, int stage, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_REQUESTS_STAGE,
		AD_DB_PARAMS(AD_DB_INT(id), AD_DB_INT(stage)), NULL, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody has left: their own requests end, what they are asked about goes to others, what they
 * hold is taken back, and nobody stands for them or they for anybody. Freezing does not stop it:
 * it is no decision, and access that should be gone must not stay because of it.
 */
#include "delegate.h"
#include "grants.h"
#include "others.h"
#include "stages.h"
#include "ad/store/directory.h"
#include "ad/text.h"

#define REASON "leaver"

/* ---- own requests ---- */

/* A package job goes on only when somebody else waits for the app (product E6). */
static int give_up_job(struct ad_desk *desk, const struct ad_request *request, struct ad_err *err)
{
	bool given_up = false;
	if (request->job_id == 0)
		return 0;
	int e = ad_store_directory_give_up_job(
		desk->db, desk->arena, request->job_id, request->app_id, &given_up, err);
	if (e != 0 || !given_up)
		return e;
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "reason", REASON);
	ad_json_set_int(desk->arena, details, "request_id", request->id);
	return ad_trail_later(desk, &(struct ad_event){ .action = "job.cancelled",
					    .entity_type = "job",
					    .entity_id = request->job_id,
					    .details = details });
}

static int end_request(struct ad_desk *desk, const struct ad_directory_person *person,
	int64_t number, struct ad_err *err)
{
	struct ad_request request;
	int e = ad_store_request_lock(
		desk->db, desk->arena, desk->tenant_id, number, &request, err);
	if (e != 0 || !ad_request_open(request.state))
		return e;
	bool own = ad_text_eq(request.requester_oid, person->oid);
	/* Who has left hears nothing; the other one does, where there is one. */
	const struct ad_telling told = { .what = "leaver",
		.key = own ? "leaver.requester" : "leaver.beneficiary",
		.to = own ? request.beneficiary_oid : request.requester_oid };
	e = ad_request_close(desk, &request,
		&(struct ad_closing){ .state = AD_REQUEST_CANCELLED,
			.action = "request.cancelled",
			.reason = REASON,
			.telling = ad_request_for_other(&request) ? &told : NULL },
		err);
	return e == 0 ? give_up_job(desk, &request, err) : e;
}

/* ---- what others ask of them ---- */

static int leave_stage(struct ad_desk *desk, const struct ad_directory_person *person,
	int64_t number, struct ad_err *err)
{
	struct ad_request request;
	bool changed;
	int e = ad_store_request_lock(
		desk->db, desk->arena, desk->tenant_id, number, &request, err);
	if (e == 0)
		e = ad_stage_recheck(desk, &request, &changed, err);
	if (e == 0 && !changed) /* was voted, or decided meanwhile */
		e = ad_store_asked_mark(desk->db, desk->arena, number, request.stage, person->oid,
			AD_ASKED_LEFT, err);
	return e;
}

/* ---- what they hold ---- */

static int end_grant(struct ad_desk *desk, int64_t id, struct ad_err *err)
{
	struct ad_grant grant;
	int e = ad_grant_hold(desk, id, &grant, err);
	if (e != 0 || grant.state != AD_GRANT_ACTIVE)
		return e;
	return ad_grant_finish(desk, &grant,
		&(struct ad_grant_ending){
			.state = AD_GRANT_REVOKED, .reason = REASON, .quiet = true },
		err);
}

/* ---- who stands for whom ---- */

/* What the leaver did for somebody goes back to them; who stood for the leaver does so no more, and
 * the watch finds their seats. */
static int end_delegation(struct ad_desk *desk, const struct ad_directory_person *person,
	int64_t id, struct ad_err *err)
{
	struct ad_delegation_row row;
	struct ad_json *details = ad_json_new_object(desk->arena);
	int e = ad_store_delegation_get(desk->db, desk->arena, desk->tenant_id, id, &row, err);
	if (e == 0)
		e = ad_store_directory_end_delegation(desk->db, desk->arena, id, err);
	if (e == 0 && ad_text_eq(row.to_oid, person->oid))
		e = ad_delegate_hand_back(desk, &row, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, details, "from", row.from_oid);
	ad_json_set_str(desk->arena, details, "to", row.to_oid);
	ad_json_set_str(desk->arena, details, "reason", REASON);
	return ad_trail_later(desk, &(struct ad_event){ .action = "delegation.ended",
					    .entity_type = "delegation",
					    .entity_id = id,
					    .details = details });
}

/* Delegations first: what was on the leaver's seat for others is theirs again before the stages are
 * looked at. */
int ad_leaver_step(struct ad_desk *desk, const struct ad_directory_person *person, bool *ret_more,
	struct ad_err *err)
{
	struct ad_grant_list grants;
	int64_t number;
	int e = ad_store_directory_delegation_of(
		desk->db, desk->arena, desk->tenant_id, person->oid, &number, err);
	*ret_more = true;
	if (e != 0 || number != 0)
		return e == 0 ? end_delegation(desk, person, number, err) : e;
	e = ad_store_directory_request_of(
		desk->db, desk->arena, desk->tenant_id, person->oid, &number, err);
	if (e != 0 || number != 0)
		return e == 0 ? end_request(desk, person, number, err) : e;
	e = ad_store_directory_asked_of(
		desk->db, desk->arena, desk->tenant_id, person->oid, 0, &number, err);
	if (e != 0 || number != 0)
		return e == 0 ? leave_stage(desk, person, number, err) : e;
	e = ad_store_grants_of_person(
		desk->db, desk->arena, desk->tenant_id, person->oid, 1, &grants, err);
	if (e != 0 || grants.count > 0)
		return e == 0 ? end_grant(desk, grants.items[0].id, err) : e;
	*ret_more = false;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A change that waits: opened, and told to the admins. */
#include "proposal.h"
#include "parts.h"
#include "ad/desk/facts.h"
#include "ad/desk/proposals.h"
#include "ad/store/jobs.h"
#include "ad/text.h"

void ad_change_note(struct ad_arena *arena, const struct ad_change_by *by, struct ad_json *details)
{
	if (by->proposal == 0)
		return;
	ad_json_set_int(arena, details, "proposal", by->proposal);
	ad_json_set_str(arena, details, "proposed_by", by->proposed_by);
}

/* ---- opening ---- */

/* From outside a turn nobody asks the directory who is admin: a job does. */
static int add_job(struct ad_desk *desk, int64_t id, struct ad_err *err)
{
	int64_t job;
	int e = ad_store_jobs_add(desk->db, desk->arena,
		&(struct ad_job_new){ .tenant_id = desk->tenant_id,
			.kind = AD_JOB_PROPOSAL,
			.key = ad_printf(desk->arena, "proposal:%lld", (long long)id),
			.payload = ad_printf(desk->arena, "{\"proposal\":%lld}", (long long)id) },
		&job, err);
	if (e != 0)
		return e;
	return ad_store_proposal_told_by(desk->db, desk->arena, desk->tenant_id, id, job, err);
}

static int trail_opened(
	struct ad_desk *desk, const struct ad_proposal_draft *draft, int64_t id, struct ad_err *err)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "kind", draft->kind);
	ad_json_set_str(desk->arena, details, "subject", draft->subject);
	ad_json_set(desk->arena, details, "weakens", ad_json_copy(desk->arena, draft->weakens));
	ad_json_set_int(desk->arena, details, "days", AD_PROPOSAL_DAYS);
	return ad_trail(desk,
		&(struct ad_event){ .who = draft->who,
			.action = "proposal.opened",
			.entity_type = "proposal",
			.entity_id = id,
			.details = details },
		err);
}

int ad_proposal_open(struct ad_desk *desk, const struct ad_proposal_draft *draft, int64_t *ret_id,
	struct ad_err *err)
{
	const struct ad_proposal row = {
		.kind = draft->kind,
		.subject = draft->subject,
		.content = ad_json_print(desk->arena, draft->content),
		.weakens = ad_json_print(desk->arena, draft->weakens),
		.proposed_by = draft->who->oid,
	};
	int e = ad_store_proposal_same(desk->db, desk->arena, desk->tenant_id, &row, ret_id, err);
	if (e != AD_ENOTFOUND)
		return e;
	e = ad_store_proposal_insert(desk->db, desk->arena, desk->tenant_id, &row, ret_id, err);
	if (e == 0)
		e = add_job(desk, *ret_id, err);
	return e == 0 ? trail_opened(desk, draft, *ret_id, err) : e;
}

/* ---- telling, and time ---- */

static int tell_all(struct ad_desk *desk, const struct ad_proposal *proposal, struct ad_err *err)
{
	struct ad_people admins;
	int e = ad_fact_members(desk, desk->settings.admin_group_id, &admins, err);
	for (size_t i = 0; e == 0 && i < admins.count && i < AD_DESK_CARDS_MAX; i++)
		e = ad_proposal_send(desk, proposal, &admins.items[i], err);
	return e;
}

static int expire(struct ad_desk *desk, struct ad_proposal *proposal, struct ad_err *err)
{
	proposal->decided_by = "system";
	proposal->reason = "";
	int e = ad_store_proposal_close(desk->db, desk->arena, desk->tenant_id, proposal, err);
	if (e == 0)
		e = ad_proposal_refresh(desk, proposal, err);
	if (e != 0)
		return e;
	return ad_trail(desk,
		&(struct ad_event){ .action = "proposal.expired",
			.entity_type = "proposal",
			.entity_id = proposal->id },
		err);
}

int ad_desk_proposal_tick(
	struct ad_desk *desk, int64_t number, int64_t *ret_left_s, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_proposal proposal;
	*ret_left_s = 0;
	int e = ad_desk_settings_load(desk->db, desk->arena, desk->tenant_id, &desk->settings, err);
	if (e == 0)
		e = ad_store_proposal_lock(
			desk->db, desk->arena, desk->tenant_id, number, &proposal, err);
	if (e != 0)
		return e;
	if (proposal.decided_at)
		return 0;
	if (ad_text_eq(proposal.state, AD_PROPOSAL_EXPIRED))
		return expire(desk, &proposal, err);
	*ret_left_s = proposal.left_s;
	return tell_all(desk, &proposal, err);
}

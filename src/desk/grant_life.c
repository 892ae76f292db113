/* SPDX-License-Identifier: Apache-2.0 */
/* How a grant begins and ends, and what its job finds due about it. */
#include "grants.h"
#include "frozen.h"
#include "owner.h"
#include "seats.h"
#include "ad/desk/jobs.h"
#include "ad/text.h"

#define FROZEN_LOOK_MS ((int64_t)60 * 60 * 1000) /* the end of a freeze looks at once */

/* ---- begun ---- */

/* The grant's job: due at once, or when `delay_s` is over. Never pushed back. */
static int add_job(struct ad_desk *desk, int64_t grant_id, int64_t delay_s, struct ad_err *err)
{
	struct ad_json *payload = ad_json_new_object(desk->arena);
	int64_t job_id;
	ad_json_set_int(desk->arena, payload, "grant", grant_id);
	return ad_store_jobs_add(desk->db, desk->arena,
		&(struct ad_job_new){ .tenant_id = desk->tenant_id,
			.kind = AD_JOB_GRANT,
			.key = ad_printf(desk->arena, "grant:%lld", (long long)grant_id),
			.payload = ad_json_print(desk->arena, payload),
			.delay_s = delay_s,
			.sooner = true,
			.priority = AD_JOB_PRIORITY_FIRST },
		&job_id, err);
}

int ad_grant_begin(struct ad_desk *desk, const struct ad_request *request, const struct ad_app *app,
	struct ad_err *err)
{
	int days = request->granted_days > 0 ? request->granted_days : request->wanted_days;
	int64_t id;
	struct ad_grant grant;
	int e = ad_store_grant_put(desk->db, desk->arena,
		&(struct ad_grant){ .tenant_id = desk->tenant_id,
			.request_id = request->id,
			.oid = request->beneficiary_oid,
			.app_id = app->id,
			.group_id = app->group_id },
		days, &id, err);
	if (e != 0 || id == 0 || days == 0)
		return e;
	e = ad_store_grant_get(desk->db, desk->arena, desk->tenant_id, id, &grant, err);
	return e == 0 ? add_job(desk, id, ad_grant_due(&grant.clock).later_s, err) : e;
}

int ad_grant_hold(struct ad_desk *desk, int64_t id, struct ad_grant *ret, struct ad_err *err)
{
	int e = add_job(desk, id, 0, err);
	return e == 0 ? ad_store_grant_lock(desk->db, desk->arena, desk->tenant_id, id, ret, err)
		      : e;
}

/* ---- ended ---- */

static int trail_ended(
	struct ad_desk *desk, const struct ad_grant *grant, const struct ad_grant_ending *ending)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, details, "request_id", grant->request_id);
	ad_json_set_int(desk->arena, details, "app_id", grant->app_id);
	ad_json_set_str(desk->arena, details, "person", grant->oid);
	ad_json_set_str(desk->arena, details, "started_at", grant->started_at);
	if (grant->expires_at)
		ad_json_set_str(desk->arena, details, "expires_at", grant->expires_at);
	if (!ad_text_empty(ending->reason))
		ad_json_set_str(desk->arena, details, "reason", ending->reason);
	return ad_trail_later(desk, &(struct ad_event){ .who = ending->who,
					    .action = ad_printf(desk->arena, "grant.%s",
						    ad_grant_state_name(ending->state)),
					    .entity_type = "grant",
					    .entity_id = grant->id,
					    .details = details });
}

/* The receipts of the request say that it is over. */
static int refresh_receipts(struct ad_desk *desk, const struct ad_grant *grant, struct ad_err *err)
{
	struct ad_request request;
	int e = ad_store_request_get(
		desk->db, desk->arena, desk->tenant_id, grant->request_id, &request, err);
	return e == 0 ? ad_request_refresh_receipts(desk, &request, err) : e;
}

static int grant_data(struct ad_desk *desk, const void *about, const char *locale,
	struct ad_json **ret, struct ad_err *err)
{
	return ad_grant_data(desk, about, locale, ret, err);
}

/* The app's owner, where a person ended it. */
static int tell_owner(struct ad_desk *desk, const struct ad_grant *grant,
	const struct ad_grant_ending *ending, struct ad_err *err)
{
	if (!ending->who)
		return 0;
	bool returned = ending->state == AD_GRANT_RETURNED;
	return ad_digest_owner(desk, grant->app_id, ending->who->oid,
		&(struct ad_digest){
			.fact = ad_printf(desk->arena, "grant.%lld.ended", (long long)grant->id),
			.key = returned ? "digest.returned" : "digest.revoked",
			.data = grant_data,
			.about = grant },
		err);
}

int ad_grant_finish(struct ad_desk *desk, struct ad_grant *grant,
	const struct ad_grant_ending *ending, struct ad_err *err)
{
	static const char *const told[] = {
		[AD_GRANT_REVOKED] = "grant.revoked",
		[AD_GRANT_EXPIRED] = "grant.expired",
	};
	AD_ASSERT(grant->state == AD_GRANT_ACTIVE && ending->state != AD_GRANT_ACTIVE);
	bool changed;
	int e = ad_store_grant_end(desk->db, desk->arena,
		&(struct ad_grant_end){ .id = grant->id,
			.state = ending->state,
			.by = ending->who ? ending->who->oid : "system",
			.reason = ending->reason ? ending->reason : "" },
		&changed, err);
	if (e == 0)
		e = ad_store_grant_get(
			desk->db, desk->arena, desk->tenant_id, grant->id, grant, err);
	/* Who gives it back sees it done. */
	if (e == 0 && ending->state != AD_GRANT_RETURNED && !ending->quiet)
		e = ad_grant_tell(desk, grant, AD_GRANT_PLAIN, told[ending->state],
			ad_grant_state_name(ending->state), err);
	if (e == 0)
		e = tell_owner(desk, grant, ending, err);
	if (e == 0)
		e = ad_seats_freed(desk, grant->app_id, err);
	if (e == 0)
		e = refresh_receipts(desk, grant, err);
	return e == 0 ? trail_ended(desk, grant, ending) : e;
}

/* ---- what its job finds ---- */

static int warn(struct ad_desk *desk, const struct ad_grant *grant, int days, struct ad_err *err)
{
	/* The end is part of the fact: an extended grant is warned of its new end. */
	int e = ad_grant_tell(desk, grant, AD_GRANT_OFFER, "grant.ending",
		ad_printf(desk->arena, "ending.%d.%.10s", days, grant->expires_at), err);
	return e == 0 ? ad_store_grant_warned(desk->db, desk->arena, grant->id, days, err) : e;
}

int ad_desk_grant_look(
	struct ad_desk *desk, int64_t id, struct ad_desk_grant_news *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_grant grant;
	bool frozen;
	*ret = (struct ad_desk_grant_news){ 0 };
	int e = ad_store_grant_lock(desk->db, desk->arena, desk->tenant_id, id, &grant, err);
	if (e == 0)
		e = ad_frozen_now(desk, &frozen, err);
	if (e != 0)
		return e;
	struct ad_grant_due due = ad_grant_due(&grant.clock);
	if (grant.state == AD_GRANT_ACTIVE && grant.expires_at && frozen) {
		ret->later_ms = FROZEN_LOOK_MS;
		return 0;
	}
	if (grant.state == AD_GRANT_ACTIVE && due.end)
		e = ad_grant_finish(
			desk, &grant, &(struct ad_grant_ending){ .state = AD_GRANT_EXPIRED }, err);
	else if (grant.state == AD_GRANT_ACTIVE && due.warn_days > 0)
		e = warn(desk, &grant, due.warn_days, err);
	ret->ended = grant.state != AD_GRANT_ACTIVE;
	ret->later_ms = ret->ended ? 0 : due.later_s * 1000;
	return e == 0 ? ad_trail_flush(desk, err) : e;
}

int ad_desk_grant_membership(
	struct ad_desk *desk, int64_t id, struct ad_desk_grant_membership *ret, struct ad_err *err)
{
	struct ad_grant grant;
	struct ad_grant_reasons reasons;
	int e = ad_store_grant_get(desk->db, desk->arena, desk->tenant_id, id, &grant, err);
	if (e == 0)
		e = ad_store_grant_reasons(desk->db, desk->arena, id, &reasons, err);
	if (e != 0)
		return e;
	*ret = (struct ad_desk_grant_membership){ .group_id = grant.group_id, .oid = grant.oid };
	if (grant.removed)
		ret->wanted = AD_DESK_MEMBERSHIP_DONE;
	else if (reasons.other_grant)
		ret->wanted = AD_DESK_MEMBERSHIP_STAYS;
	else if (reasons.on_its_way)
		ret->wanted = AD_DESK_MEMBERSHIP_WAITS;
	else
		ret->wanted = AD_DESK_MEMBERSHIP_GOES;
	return 0;
}

int ad_desk_grant_removed(struct ad_desk *desk, int64_t id, int64_t job_id, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	int e = ad_store_grant_removed(desk->db, desk->arena, id, err);
	return e == 0 ? ad_desk_job_recovered(desk, job_id, err) : e;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Whether somebody who has another place in the organisation keeps an app (product 1.3). */
#include "review.h"
#include "grants.h"
#include "ad/store/directory.h"
#include "ad/text.h"

#define GRACE_DAYS AD_GRANT_WARN_EARLY /* the notice of such an end is the early one */

/* ---- asking ---- */

/* What the review is about. */
struct review {
	const struct ad_directory_person *person;
	struct ad_grant grant;
	struct ad_app app;
	const struct ad_policy *before; /* that gave it */
	const struct ad_policy *now;
};

static int read_review(
	struct ad_desk *desk, struct review *r, struct ad_request *origin, struct ad_err *err)
{
	const struct ad_person who = {
		.oid = r->person->oid, .name = r->person->name, .locale = ""
	};
	int e = ad_store_request_get(
		desk->db, desk->arena, desk->tenant_id, r->grant.request_id, origin, err);
	if (e == 0)
		e = ad_policy_of(desk, origin, &r->before, NULL, err);
	if (e == 0)
		e = ad_store_app_get(
			desk->db, desk->arena, desk->tenant_id, r->grant.app_id, &r->app, err);
	return e == 0 ? ad_policy_for(desk, &who, &r->app, &r->now, err) : e;
}

/* Under the same policy, or one that needs nobody, it would be given again as it was. */
static bool is_settled(const struct review *r)
{
	if (r->now->refusal)
		return false;
	return ad_text_eq(r->before->name, r->now->name) ||
	       ad_policy_is_automatic(r->now, r->app.classification, 0) ||
	       ad_policy_is_birthright(r->now, r->app.classification);
}

/* What has changed, as the reason that is shown. */
static int justification_of(struct ad_desk *desk, const struct ad_directory_person *person,
	const char **ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	bool department = !ad_text_eq(person->department, person->acted_department);
	bool title = !ad_text_eq(person->job_title, person->acted_title);
	const char *key = "review.manager";
	if (department || title)
		key = department ? "review.department" : "review.job_title";
	ad_json_set_str(desk->arena, data, "before",
		department ? person->acted_department : person->acted_title);
	ad_json_set_str(
		desk->arena, data, "now", department ? person->department : person->job_title);
	return ad_words(desk, "", key, data, ret, err);
}

static void trail_created(
	struct ad_desk *desk, const struct review *r, const struct ad_request *request)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, details, "app_id", request->app_id);
	ad_json_set_str(desk->arena, details, "app", request->app_name);
	ad_json_set_str(desk->arena, details, "policy", request->policy_name);
	ad_json_set_int(desk->arena, details, "policy_version", request->policy_version);
	ad_json_set_str(desk->arena, details, "policy_before", r->before->name);
	ad_json_set_int(desk->arena, details, "reviews", r->grant.request_id);
	(void)ad_trail_later(desk, &(struct ad_event){ .action = "request.created",
					   .entity_type = "request",
					   .entity_id = request->id,
					   .details = details });
}

/* Not while the person has something open about the app: that is decided as things are now. */
static int ask(struct ad_desk *desk, const struct review *r, struct ad_err *err)
{
	struct ad_request request;
	const char *justification;
	int64_t id = 0;
	int e = justification_of(desk, r->person, &justification, err);
	if (e == 0)
		e = ad_store_request_insert(desk->db, desk->arena,
			&(struct ad_request){ .tenant_id = desk->tenant_id,
				.requester_oid = r->grant.oid,
				.app_id = r->app.id,
				.justification = justification,
				.policy_name = r->now->name,
				.policy_version = r->now->version,
				.extends_grant = r->grant.id,
				.is_review = true },
			&id, err);
	if (e != 0 || id == 0)
		return e;
	e = ad_store_request_get(desk->db, desk->arena, desk->tenant_id, id, &request, err);
	if (e != 0)
		return e;
	trail_created(desk, r, &request);
	e = ad_stage_begin(desk, &request, r->now, err);
	return e == 0 ? ad_request_tell(desk, &request,
				&(struct ad_telling){ .what = "review", .key = "review.asked" },
				err)
		      : e;
}

int ad_review_step(struct ad_desk *desk, const struct ad_directory_person *person, int64_t *after,
	bool *ret_more, struct ad_err *err)
{
	struct review r = { .person = person };
	struct ad_request origin;
	int e = ad_store_grant_given(
		desk->db, desk->arena, desk->tenant_id, person->oid, *after, &r.grant, err);
	*ret_more = e == 0;
	if (e != 0)
		return e == AD_ENOTFOUND ? 0 : e;
	e = read_review(desk, &r, &origin, err);
	if (e == 0 && !is_settled(&r))
		e = ask(desk, &r, err);
	if (e == 0)
		*after = r.grant.id;
	return e;
}

/* ---- answered ---- */

static int close_kept(struct ad_desk *desk, struct ad_request *request, const struct ad_person *who,
	const struct ad_grant *grant, struct ad_err *err)
{
	struct ad_json *more;
	const char *locale;
	const char *key = grant->expires_at ? "review.kept_until" : "review.kept";
	bool active = grant->state == AD_GRANT_ACTIVE;
	int e = ad_notice_locale(desk, request->requester_oid, &locale, err);
	if (e == 0)
		e = ad_grant_data(desk, grant, locale, &more, err);
	if (e != 0)
		return e;
	ad_json_set_int(desk->arena, more, "rid", request->id);
	return ad_request_close(desk, request,
		&(struct ad_closing){ .state = active ? AD_REQUEST_DELIVERED : AD_REQUEST_FAILED,
			.who = who,
			.telling = &(struct ad_telling){ .what = active ? "kept" : "over",
				.key = active ? key : "review.over",
				.more = more } },
		err);
}

static void trail_grant(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_person *who, const char *action, const struct ad_grant *grant)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, details, "request_id", request->id);
	ad_json_set_int(desk->arena, details, "app_id", grant->app_id);
	ad_json_set_str(desk->arena, details, "person", grant->oid);
	if (grant->expires_at)
		ad_json_set_str(desk->arena, details, "expires_at", grant->expires_at);
	(void)ad_trail_later(desk, &(struct ad_event){ .who = who,
					   .action = action,
					   .entity_type = "grant",
					   .entity_id = grant->id,
					   .details = details });
}

/* Ends after so many days at the latest; read again. */
static int limit(struct ad_desk *desk, struct ad_grant *grant, int days, struct ad_err *err)
{
	bool changed;
	int e = ad_store_grant_limit(desk->db, desk->arena, grant->id, days, &changed, err);
	return e == 0 ? ad_store_grant_get(
				desk->db, desk->arena, desk->tenant_id, grant->id, grant, err)
		      : e;
}

int ad_review_keep(struct ad_desk *desk, struct ad_request *request, const struct ad_person *who,
	struct ad_err *err)
{
	struct ad_grant grant;
	int e = ad_grant_hold(desk, request->extends_grant, &grant, err);
	if (e == 0 && grant.state == AD_GRANT_ACTIVE && request->granted_days > 0)
		e = limit(desk, &grant, request->granted_days, err);
	if (e != 0)
		return e;
	if (grant.state == AD_GRANT_ACTIVE)
		trail_grant(desk, request, who, "grant.kept", &grant);
	return close_kept(desk, request, who, &grant, err);
}

int ad_review_remove(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_person *who, const char *reason, struct ad_err *err)
{
	struct ad_grant grant;
	int e = ad_grant_hold(desk, request->extends_grant, &grant, err);
	if (e != 0 || grant.state != AD_GRANT_ACTIVE)
		return e;
	return ad_grant_finish(desk, &grant,
		&(struct ad_grant_ending){
			.state = AD_GRANT_REVOKED, .who = who, .reason = reason },
		err);
}

int ad_review_unanswered(struct ad_desk *desk, const struct ad_request *request, struct ad_err *err)
{
	struct ad_grant grant;
	int e = ad_grant_hold(desk, request->extends_grant, &grant, err);
	if (e == 0 && grant.state == AD_GRANT_ACTIVE)
		e = limit(desk, &grant, GRACE_DAYS, err);
	if (e != 0 || grant.state != AD_GRANT_ACTIVE)
		return e;
	trail_grant(desk, request, NULL, "grant.unconfirmed", &grant);
	e = ad_grant_tell(desk, &grant, AD_GRANT_OFFER, "review.unanswered",
		ad_printf(desk->arena, "unanswered.%lld", (long long)request->id), err);
	return e == 0 ? ad_store_grant_warned(
				desk->db, desk->arena, grant.id, AD_GRANT_WARN_EARLY, err)
		      : e;
}

int ad_review_is_over(
	struct ad_desk *desk, struct ad_request *request, bool *ret, struct ad_err *err)
{
	struct ad_grant grant;
	*ret = false;
	if (!request->is_review)
		return 0;
	int e = ad_store_grant_get(
		desk->db, desk->arena, desk->tenant_id, request->extends_grant, &grant, err);
	*ret = e == 0 && grant.state != AD_GRANT_ACTIVE;
	return *ret ? ad_request_close(desk, request,
			      &(struct ad_closing){ .state = AD_REQUEST_CANCELLED,
				      .action = "request.cancelled",
				      .reason = "grant_over" },
			      err)
		    : e;
}

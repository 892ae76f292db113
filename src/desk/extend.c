/* SPDX-License-Identifier: Apache-2.0 */
/* More time for a grant (product F18): a request of its own, decided by the policy's stages or by
 * the app's owner alone, within the policy's longest time. Nothing is packaged for it. */
#include "form.h"
#include "frozen.h"
#include "grants.h"
#include "ad/text.h"

#define DAY_S ((int64_t)24 * 60 * 60)

/* What one press or line brings together. */
struct extending {
	const struct ad_person *who;
	const struct ad_desk_press *press;
	struct ad_grant grant;
	struct ad_app app;
	struct ad_request origin; /* that brought the grant */
	const struct ad_policy *policy;
	bool automatic;
	int days;
};

/* ---- refusals ---- */

static int trail_refused(
	struct ad_desk *desk, const struct extending *x, const char *reason, struct ad_err *err)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, details, "request_id", x->grant.request_id);
	ad_json_set_int(desk->arena, details, "app_id", x->grant.app_id);
	ad_json_set_str(desk->arena, details, "reason", reason);
	return ad_trail(desk,
		&(struct ad_event){ .who = x->who,
			.action = "request.refused",
			.entity_type = "grant",
			.entity_id = x->grant.id,
			.details = details },
		err);
}

/* The person's own grant that ends; *ret_done: *ret is the answer. */
static int begin(struct ad_desk *desk, struct extending *x, struct ad_desk_reply *ret,
	bool *ret_done, struct ad_err *err)
{
	struct ad_token token = { .request_id = x->press->number };
	int e = ad_settings_hold(desk, err);
	if (e == 0)
		e = ad_frozen(desk, x->who, ret, ret_done, err);
	if (e == 0 && !*ret_done && !ad_text_empty(x->press->token))
		e = ad_reply_token(desk, x->who, x->press, "grant", &token, ret, ret_done, err);
	if (e != 0 || *ret_done)
		return e;
	*ret_done = true;
	if (!x->who->is_user)
		return ad_reply_words(desk, x->who, "user.denied", NULL, "no_access", ret, err);
	e = ad_grant_find_own(desk, x->who, token.request_id, NULL, &x->grant, err);
	if (e == AD_ENOTFOUND)
		return ad_grant_unknown(desk, x->who, token.request_id, ret, err);
	if (e != 0)
		return e;
	const struct ad_grant_view view = { .grant = &x->grant,
		.who = x->who,
		.key = x->grant.expires_at ? "grant.over" : "grant.no_end" };
	if (x->grant.state != AD_GRANT_ACTIVE || !x->grant.expires_at)
		return ad_grant_show(desk, &view, "over", ret, err);
	*ret_done = false;
	e = ad_store_app_get(desk->db, desk->arena, desk->tenant_id, x->grant.app_id, &x->app, err);
	return e == 0 ? ad_store_request_get(desk->db, desk->arena, desk->tenant_id,
				x->grant.request_id, &x->origin, err)
		      : e;
}

static int days_wanted(const struct extending *x)
{
	int64_t days = 0;
	const char *input = ad_json_text(ad_json_get(x->press->inputs, AD_DESK_INPUT_DAYS));
	if (!input || ad_text_i64(input, 1, AD_DAYS_MAX, &days) != 0)
		days = x->press->days;
	return days > 0 ? (int)days : AD_GRANT_MORE_DAYS;
}

static int say_refused(struct ad_desk *desk, const struct extending *x, const char *key,
	const char *reason, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data;
	int e = ad_grant_data(desk, &x->grant, x->who->locale, &data, err);
	if (e != 0)
		return e;
	ad_json_set_int(desk->arena, data, "max", x->policy->grant_max_days);
	e = ad_reply_words(desk, x->who, key, data, reason, ret, err);
	return e == 0 ? trail_refused(desk, x, reason, err) : e;
}

/* What the rules say to it; *ret_done: *ret tells why it is refused. */
static int judge(struct ad_desk *desk, struct extending *x, struct ad_desk_reply *ret,
	bool *ret_done, struct ad_err *err)
{
	int64_t open;
	int used = (int)((x->grant.clock.lasts_s + DAY_S - 1) / DAY_S);
	*ret_done = true;
	int e = ad_policy_for(desk, x->who, &x->app, &x->policy, err);
	if (e == 0 && !x->policy->ask_owner)
		e = ad_policy_automatic(desk, x->who->oid, &x->app, x->policy, &x->automatic, err);
	if (e == 0)
		e = ad_store_requests_open_count(
			desk->db, desk->arena, desk->tenant_id, x->who->oid, &open, err);
	if (e != 0)
		return e;
	if (x->policy->refusal) {
		*ret = (struct ad_desk_reply){
			.text = x->policy->refusal, .outcome = "refused", .role = ""
		};
		return trail_refused(desk, x, "policy", err);
	}
	if (open >= AD_REQUESTS_OPEN_MAX)
		return ad_reply_words(desk, x->who, "submit.too_many", NULL, "too_many", ret, err);
	x->days = ad_policy_days(x->policy, days_wanted(x), used);
	if (x->days == AD_DAYS_USED_UP)
		return say_refused(desk, x, "extend.used_up", "used_up", ret, err);
	*ret_done = false;
	return 0;
}

/* ---- asked ---- */

static int trail_created(
	struct ad_desk *desk, const struct extending *x, const struct ad_request *request)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, details, "app_id", request->app_id);
	ad_json_set_str(desk->arena, details, "app", request->app_name);
	ad_json_set_str(desk->arena, details, "policy", request->policy_name);
	ad_json_set_int(desk->arena, details, "policy_version", request->policy_version);
	ad_json_set_int(desk->arena, details, "wanted_days", x->days);
	ad_json_set_int(desk->arena, details, "extends", x->grant.request_id);
	int e = ad_trail_later(desk, &(struct ad_event){ .who = x->who,
					     .action = "request.created",
					     .entity_type = "request",
					     .entity_id = request->id,
					     .details = details });
	if (e != 0 || !x->automatic)
		return e;
	return ad_trail_later(desk, &(struct ad_event){ .action = "decision.automatic",
					    .entity_type = "request",
					    .entity_id = request->id,
					    .details = details });
}

static int show_receipt(struct ad_desk *desk, const struct extending *x,
	const struct ad_request *request, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data;
	int e = ad_request_show_to(desk, x->who, request, ret, err);
	if (e == 0)
		e = ad_request_data(desk, request, x->who->locale, &data, err);
	if (e == 0)
		e = ad_words(desk, x->who->locale, "submit.done", data, &ret->text, err);
	ret->in_place = !ad_text_empty(x->press->token);
	ret->outcome = "submitted";
	return e;
}

static int create(struct ad_desk *desk, const struct extending *x, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	int64_t id;
	struct ad_request request;
	int e = ad_store_request_insert(desk->db, desk->arena,
		&(struct ad_request){ .tenant_id = desk->tenant_id,
			.requester_oid = x->who->oid,
			.app_id = x->app.id,
			.justification = x->origin.justification,
			.policy_name = x->policy->name,
			.policy_version = x->policy->version,
			.wanted_days = x->days,
			.extends_grant = x->grant.id },
		&id, err);
	if (e == 0 && id == 0) /* it is asked for already */
		return say_refused(desk, x, "extend.asked", "standing", ret, err);
	if (e == 0)
		e = ad_store_request_get(desk->db, desk->arena, desk->tenant_id, id, &request, err);
	if (e == 0)
		e = trail_created(desk, x, &request);
	if (e == 0)
		e = x->automatic ? ad_request_fulfil(desk, &request, NULL, err)
				 : ad_stage_begin(desk, &request, x->policy, err);
	if (e == 0)
		e = show_receipt(desk, x, &request, ret, err);
	if (e == 0 && !ad_text_empty(x->press->token))
		e = ad_reply_remember(desk, x->press->token, ret, err);
	return e == 0 ? ad_trail_flush(desk, err) : e;
}

int ad_desk_extend(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct extending x = { .who = who, .press = press };
	bool done = false;
	int e = begin(desk, &x, ret, &done, err);
	if (e == 0 && !done)
		e = judge(desk, &x, ret, &done, err);
	return e == 0 && !done ? create(desk, &x, ret, err) : e;
}

/* ---- agreed ---- */

static int trail_extended(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_person *who, const struct ad_grant *grant, int days)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, details, "request_id", request->id);
	ad_json_set_int(desk->arena, details, "app_id", grant->app_id);
	ad_json_set_str(desk->arena, details, "person", grant->oid);
	ad_json_set_int(desk->arena, details, "days", days);
	ad_json_set_str(desk->arena, details, "expires_at", grant->expires_at);
	return ad_trail_later(desk, &(struct ad_event){ .who = who,
					    .action = "grant.extended",
					    .entity_type = "grant",
					    .entity_id = grant->id,
					    .details = details });
}

int ad_extension_fulfil(struct ad_desk *desk, struct ad_request *request,
	const struct ad_person *who, struct ad_err *err)
{
	struct ad_grant grant;
	struct ad_json *more;
	const char *locale;
	bool extended = false;
	int days = request->granted_days > 0 ? request->granted_days : request->wanted_days;
	int e = ad_grant_hold(desk, request->extends_grant, &grant, err);
	if (e == 0)
		e = ad_store_grant_extend(desk->db, desk->arena, grant.id, days, &extended, err);
	if (e == 0)
		e = ad_store_grant_get(
			desk->db, desk->arena, desk->tenant_id, grant.id, &grant, err);
	if (e == 0)
		e = ad_notice_locale(desk, request->requester_oid, &locale, err);
	if (e == 0)
		e = ad_grant_data(desk, &grant, locale, &more, err);
	if (e != 0)
		return e;
	ad_json_set_int(desk->arena, more, "rid", request->id);
	if (extended)
		e = trail_extended(desk, request, who, &grant, days);
	if (e != 0)
		return e;
	return ad_request_close(desk, request,
		&(struct ad_closing){ .state = extended ? AD_REQUEST_DELIVERED : AD_REQUEST_FAILED,
			.who = who,
			.telling = &(struct ad_telling){ .what = extended ? "extended" : "failed",
				.key = extended ? "extend.done" : "extend.too_late",
				.more = more } },
		err);
}

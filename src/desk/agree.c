/* SPDX-License-Identifier: Apache-2.0 */
/* The person whom somebody else has asked for agrees, or says that it is not for them. Until then
 * the request is a draft, and nobody else is asked. */
#include "device.h"
#include "frozen.h"
#include "others.h"
#include "stages.h"
#include "ad/text.h"

/* ---- on cards ---- */

int ad_others_say(struct ad_desk *desk, const struct ad_request *request, const char *locale,
	struct ad_json *data, struct ad_err *err)
{
	bool other = ad_request_for_other(request);
	ad_json_set_bool(desk->arena, data, "for_other", other);
	ad_json_set_str(desk->arena, data, "asker", request->requester_name);
	ad_json_set_str(desk->arena, data, "beneficiary",
		other ? request->beneficiary_name : request->requester_name);
	ad_json_set_str(desk->arena, data, "for_line", "");
	int e = other ? ad_words_into(desk, locale, "for.line", data, "for_line", err) : 0;
	return e == 0 && other ? ad_words_into(desk, locale, "for.who", data, "requester", err) : e;
}

int ad_others_ways(struct ad_desk *desk, const struct ad_request_view *view, struct ad_json *data,
	struct ad_err *err)
{
	static const char *const none[] = { "can_edit", "can_nudge", "has_question" };
	bool draft = view->request->state == AD_REQUEST_DRAFT;
	bool pressable = view->token != NULL;
	const char *twins = "receipt.look";
	if (pressable && view->is_theirs)
		twins = "for.twins";
	else if (pressable)
		twins = draft ? "for.asker_twins" : "receipt.twins";
	for (size_t i = 0; view->is_theirs && i < sizeof none / sizeof none[0]; i++)
		ad_json_set_bool(desk->arena, data, none[i], false);
	ad_json_set_bool(desk->arena, data, "can_agree", pressable && view->is_theirs);
	ad_json_set_bool(desk->arena, data, "can_cancel",
		pressable && !view->is_theirs && !view->request->is_review);
	int e = ad_words_into(desk, view->locale, twins, data, "twins", err);
	return e == 0 ? ad_words_into(desk, view->locale,
				view->is_theirs ? "fact.reason" : "receipt.why", data, "why_label",
				err)
		      : e;
}

/* ---- asked ---- */

int ad_others_ask(struct ad_desk *desk, const struct ad_request *request, struct ad_err *err)
{
	struct ad_person person = { .oid = request->beneficiary_oid };
	struct ad_desk_reply card;
	struct ad_json *data;
	int e = ad_notice_locale(desk, person.oid, &person.locale, err);
	if (e == 0)
		e = ad_request_data(desk, request, person.locale, &data, err);
	if (e == 0)
		e = ad_request_show_to(desk, &person, request, &card, err);
	if (e == 0)
		e = ad_words(desk, person.locale, "for.asked", data, &card.text, err);
	if (e != 0)
		return e;
	return ad_notice_send(desk,
		&(struct ad_notice){ .oid = person.oid,
			.fact = ad_printf(
				desk->arena, "request.%lld.agree", (long long)request->id),
			.card = card.card,
			.text = card.text,
			.role = card.role,
			.request_id = request->id,
			.version = request->version,
			.urgent = true },
		err);
}

/* ---- both answers ---- */

/* The request that was asked for this person, locked; *ret_done: *ret is the answer. */
static int begin(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_request *ret_request,
	struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err)
{
	struct ad_token token = { .request_id = press->number };
	*ret_done = false;
	int e = ad_settings_hold(desk, err);
	if (e == 0)
		e = ad_frozen(desk, who, ret, ret_done, err);
	if (e == 0 && !*ret_done && !ad_text_empty(press->token))
		e = ad_reply_token(desk, who, press, "agree", &token, ret, ret_done, err);
	if (e != 0 || *ret_done)
		return e;
	e = ad_store_request_lock(
		desk->db, desk->arena, desk->tenant_id, token.request_id, ret_request, err);
	bool theirs = e == 0 && ad_request_for_other(ret_request) &&
		      ad_text_eq(ret_request->beneficiary_oid, who->oid);
	*ret_done = e == AD_ENOTFOUND || (e == 0 && !theirs);
	return *ret_done ? ad_request_unknown(desk, who, token.request_id, ret, err) : e;
}

/* The request as it is now, with the sentence "for.<outcome>"; a second press gets it again. */
static int finish(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, const struct ad_request *request, const char *outcome,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data;
	const char *note;
	const char *key = ad_printf(desk->arena, "for.%s", outcome);
	int e = ad_request_data(desk, request, who->locale, &data, err);
	if (e == 0)
		e = ad_words(desk, who->locale, key, data, &note, err);
	if (e == 0)
		e = ad_request_show_noted(desk, who, request, note, ret, err);
	if (e != 0)
		return e;
	ret->text = note;
	ret->outcome = outcome;
	return ad_reply_finish(desk, press, ret, err);
}

/* ---- agreed ---- */

static int trail(struct ad_desk *desk, const struct ad_person *who, const char *action,
	const struct ad_request *request)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, details, "app_id", request->app_id);
	ad_json_set_str(desk->arena, details, "policy", request->policy_name);
	ad_json_set_int(desk->arena, details, "policy_version", request->policy_version);
	ad_device_note(desk->arena, request, details);
	return ad_trail_later(desk, &(struct ad_event){ .who = who,
					    .action = action,
					    .entity_type = "request",
					    .entity_id = request->id,
					    .details = details });
}

static int approve_by_rule(struct ad_desk *desk, struct ad_request *request, struct ad_err *err)
{
	int e = trail(desk, NULL, "decision.automatic", request);
	if (e == 0)
		e = ad_request_fulfil(desk, request, NULL, err);
	return e == 0 ? ad_request_tell(desk, request,
				&(struct ad_telling){
					.what = "approved", .key = "approved.automatic" },
				err)
		      : e;
}

/* From here on it goes the way of any request, by the policy that it was made under. */
static int set_off(struct ad_desk *desk, const struct ad_person *who, struct ad_request *request,
	struct ad_err *err)
{
	const struct ad_policy *policy;
	struct ad_app app;
	bool automatic = false;
	int e = ad_policy_of(desk, request, &policy, NULL, err);
	if (e == 0)
		e = ad_store_app_get(
			desk->db, desk->arena, desk->tenant_id, request->app_id, &app, err);
	if (e == 0)
		e = ad_policy_automatic(desk, who->oid, &app, policy, &automatic, err);
	if (e == 0)
		e = trail(desk, who, "request.accepted", request);
	if (e == 0)
		e = ad_request_agreed(desk, request, err);
	if (e == 0)
		e = automatic ? approve_by_rule(desk, request, err)
			      : ad_stage_begin(desk, request, policy, err);
	if (e == 0)
		e = ad_request_tell(desk, request,
			&(struct ad_telling){ .what = "accepted",
				.key = "for.accepted_told",
				.to = request->requester_oid },
			err);
	return e == 0 ? ad_request_refresh(desk, request, err) : e;
}

static int refuse_conflict(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_request *request, const struct ad_app *other, const char *rule,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, data, "app", request->app_name);
	ad_json_set_str(desk->arena, data, "other", other->name);
	ad_json_set_str(desk->arena, data, "rule", rule);
	return ad_reply_words(desk, who, "submit.conflict", data, "conflict", ret, err);
}

/* Who asked does not choose among somebody's devices, and whoever agrees is not asked: theirs that
 * reported last is taken. *ret_done: *ret tells them why the policy refuses. */
static int take_device(struct ad_desk *desk, const struct ad_person *who,
	struct ad_request *request, struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err)
{
	const struct ad_policy *policy;
	const struct ad_devices *devices = NULL;
	int e = ad_policy_of(desk, request, &policy, NULL, err);
	*ret_done = false;
	if (e == 0)
		e = ad_devices_for(desk, who, policy, &devices, err);
	if (e != 0 || !devices)
		return e;
	const struct ad_device *device = ad_device_taken(devices, policy);
	enum ad_device_verdict verdict = ad_device_verdict_of(policy, devices, device);
	const struct ad_app app = { .name = request->app_name };
	*ret_done = verdict != AD_DEVICE_GOOD;
	if (*ret_done)
		return ad_device_refuse(desk, who, &app, policy, device, verdict, ret, err);
	ad_device_keep(request, device);
	return device ? ad_store_request_device(desk->db, desk->arena, request, err) : 0;
}

int ad_desk_accept(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_request request;
	const struct ad_app *other;
	const char *rule;
	bool done;
	int e = begin(desk, who, press, &request, ret, &done, err);
	if (e != 0 || done)
		return e;
	if (request.state != AD_REQUEST_DRAFT)
		return finish(desk, who, press, &request, "late", ret, err);
	e = ad_conflict_with(desk, who->oid, request.app_id, &other, &rule, err);
	if (e == 0 && other)
		return refuse_conflict(desk, who, &request, other, rule, ret, err);
	if (e == 0)
		e = take_device(desk, who, &request, ret, &done, err);
	if (e == 0 && done)
		return 0;
	if (e == 0)
		e = set_off(desk, who, &request, err);
	return e == 0 ? finish(desk, who, press, &request, "accepted", ret, err) : e;
}

/* ---- not for them ---- */

int ad_desk_decline(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_request request;
	bool done;
	int e = begin(desk, who, press, &request, ret, &done, err);
	if (e != 0 || done)
		return e;
	if (request.state != AD_REQUEST_DRAFT && !ad_request_undecided(request.state))
		return finish(desk, who, press, &request, "late", ret, err);
	e = ad_request_close(desk, &request,
		&(struct ad_closing){ .state = AD_REQUEST_CANCELLED,
			.who = who,
			.action = "request.declined",
			.telling = &(struct ad_telling){ .what = "declined",
				.key = "for.declined",
				.to = request.requester_oid } },
		err);
	return e == 0 ? finish(desk, who, press, &request, "not_me", ret, err) : e;
}

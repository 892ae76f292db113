/* SPDX-License-Identifier: Apache-2.0 */
/* The form: why, and what the app's owner wants to know. */
#include "form.h"
#include "aside.h"
#include "device.h"
#include "matches.h"
#include "others.h"
#include "outlook.h"
#include "seats.h"
#include "grants.h"
#include "ad/store/birthrights.h"
#include "ad/text.h"

/* Who would be asked first; *ret_count 0: nobody can be, or nobody needs to be. */
int ad_form_slate(struct ad_desk *desk, const struct ad_person *who, const struct ad_app *app,
	const struct ad_policy *policy, struct ad_asked_people *ret, struct ad_err *err)
{
	struct ad_slated slated;
	*ret = (struct ad_asked_people){ 0 };
	if (policy->stage_count == 0)
		return 0;
	const struct ad_slate_query query = { .rule = &policy->stages[0],
		.parties = { who->oid, ad_holder(who)->oid },
		.app_owner_oid = app->owner_oid };
	int e = ad_slate_for(desk, &query, 0, &slated, err);
	if (e == 0)
		*ret = slated.asked;
	return e;
}

/* For how long, where the policy says something about it. */
static int add_days(struct ad_desk *desk, const struct ad_form *form,
	const struct ad_policy *policy, struct ad_json *data, struct ad_err *err)
{
	bool limited = policy->grant_days > 0 || policy->grant_max_days > 0;
	int days = form->days < 0 ? policy->grant_days : form->days;
	ad_json_set_bool(desk->arena, data, "has_spans", limited);
	return ad_talk_offer(desk, form->locale,
		&(struct ad_talk_span){
			.most = policy->grant_max_days, .chosen = ad_policy_days(policy, days, 0) },
		data, err);
}

static int add_line(struct ad_desk *desk, const struct ad_form *form, const char *key,
	const struct ad_json *data, struct ad_json *lines, struct ad_err *err)
{
	const char *text;
	int e = ad_words(desk, form->locale, key, data, &text, err);
	if (e == 0)
		ad_json_append(desk->arena, lines, ad_json_new_string(desk->arena, text));
	return e;
}

static int add_stage_lines(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_form *form, const struct ad_policy *policy, struct ad_json *lines,
	struct ad_err *err)
{
	const struct ad_slate_query about = { .parties = { who->oid, ad_holder(who)->oid },
		.app_owner_oid = form->app->owner_oid };
	struct ad_json *stages = NULL;
	int e = ad_outlook_stages(desk, form->locale, policy, &about, &stages, err);
	for (struct ad_json *stage = ad_json_first(stages); e == 0 && stage;
		stage = ad_json_next(stage))
		e = add_line(desk, form, "form.ahead", stage, lines, err);
	return e;
}

static int add_usual(
	struct ad_desk *desk, const struct ad_form *form, struct ad_json *lines, struct ad_err *err)
{
	const char *usual;
	int e = ad_matches_usual(desk, form->locale, form->app, &usual, err);
	if (e == 0 && *usual)
		ad_json_append(desk->arena, lines, ad_json_new_string(desk->arena, usual));
	return e;
}

int ad_form_ahead(struct ad_desk *desk, const struct ad_person *who, const struct ad_form *form,
	struct ad_json **ret, struct ad_err *err)
{
	bool automatic = false;
	struct ad_json *lines = *ret = ad_json_new_array(desk->arena);
	int e = ad_policy_automatic(
		desk, ad_holder(who)->oid, form->app, form->policy, &automatic, err);
	if (e == 0 && automatic)
		return add_line(desk, form, "form.automatic", NULL, lines, err);
	if (e == 0)
		e = add_stage_lines(desk, who, form, form->policy, lines, err);
	return e == 0 ? add_usual(desk, form, lines, err) : e;
}

/* Who will decide, and by when, before it is asked for (product G14). */
static int add_preview(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_form *form, struct ad_json *data, struct ad_err *err)
{
	struct ad_json *lines;
	int e = add_days(desk, form, form->policy, data, err);
	if (e == 0)
		e = ad_form_ahead(desk, who, form, &lines, err);
	if (e == 0)
		ad_json_set(desk->arena, data, "ahead", lines);
	return e;
}

static struct ad_json *choices_of(struct ad_arena *arena, const struct ad_app_question *question)
{
	struct ad_json *choices = ad_json_new_array(arena);
	for (size_t i = 0; i < question->choice_count; i++) {
		struct ad_json *choice = ad_json_new_object(arena);
		ad_json_set_str(arena, choice, "label", question->choices[i]);
		ad_json_append(arena, choices, choice);
	}
	return choices;
}

static int add_questions(const struct ad_desk *desk, const struct ad_form *form,
	struct ad_json *data, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *list = ad_json_new_array(arena);
	ad_json_set(arena, data, "questions", list);
	for (size_t i = 0; i < form->questions->count; i++) {
		const struct ad_app_question *question = &form->questions->items[i];
		const char *answer = form->answers ? form->answers[i] : "";
		const char *missing;
		struct ad_json *item = ad_json_new_object(arena);
		ad_json_set_str(arena, item, "id",
			ad_printf(arena, AD_DESK_INPUT_ANSWER, question->ordinal));
		ad_json_set_str(arena, item, "label", question->label);
		int e = ad_words(desk, form->locale, "form.answer_missing", item, &missing, err);
		if (e != 0)
			return e;
		ad_json_set_str(arena, item, "missing", missing);
		ad_json_set_bool(arena, item, "is_text",
			question->kind == AD_QUESTION_TEXT || question->kind == AD_QUESTION_LONG);
		ad_json_set_bool(arena, item, "is_long", question->kind == AD_QUESTION_LONG);
		ad_json_set_bool(arena, item, "is_date", question->kind == AD_QUESTION_DATE);
		ad_json_set_bool(arena, item, "is_choice", question->kind == AD_QUESTION_CHOICE);
		ad_json_set(arena, item, "choices", choices_of(arena, question));
		ad_json_set_bool(arena, item, "required", question->required);
		ad_json_set_str(arena, item, "value", answer ? answer : "");
		ad_json_set_int(arena, item, "max", AD_ANSWER_MAX);
		ad_json_append(arena, list, item);
	}
	return 0;
}

/* For whom it is; chosen once and for all when the request is there. */
static int add_people(struct ad_desk *desk, const struct ad_person *who, const struct ad_form *form,
	struct ad_json *data, struct ad_err *err)
{
	int e = ad_others_offer(desk, who, data, err);
	if (form->edits)
		ad_json_set_bool(desk->arena, data, "has_people", false);
	ad_json_set_bool(desk->arena, data, "for_other", who->asks_for != NULL);
	ad_json_set_str(desk->arena, data, "person", ad_holder(who)->name);
	return e;
}

/* Its title, what sending it does, and the button. */
static int add_purpose(
	struct ad_desk *desk, const struct ad_form *form, struct ad_json *data, struct ad_err *err)
{
	const bool edits = form->edits != NULL;
	ad_json_set_int(desk->arena, data, "rid", edits ? form->edits->id : 0);
	ad_json_set_str(desk->arena, data, "verb", edits ? "edit_send" : "submit");
	ad_json_set_str(desk->arena, data, "note", "");
	ad_json_set_bool(desk->arena, data, "has_note", edits);
	int e = ad_words_into(
		desk, form->locale, edits ? "edit.title" : "form.title", data, "title", err);
	if (e == 0)
		e = ad_words_into(desk, form->locale, edits ? "action.edit_send" : "action.submit",
			data, "send", err);
	if (e == 0 && edits)
		e = ad_words_into(desk, form->locale, "edit.restart", data, "note", err);
	return e;
}

int ad_form_show(struct ad_desk *desk, const struct ad_person *who, const struct ad_form *form,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *data = ad_json_new_object(arena);
	const struct ad_devices *devices;
	int e = ad_devices_for(desk, who, form->policy, &devices, err);
	int ahead = add_preview(desk, who, form, data, e == 0 ? err : NULL);
	if (e == 0)
		e = ahead; /* both have asked for their facts */
	if (e != 0)
		return e;
	ad_matches_app(desk, form->app, data);
	ad_json_set_str(arena, data, "t", form->token);
	ad_json_set_str(arena, data, "p", ad_form_stamp(arena, form->policy));
	ad_json_set_str(arena, data, "justification", form->justification);
	ad_json_set_int(arena, data, "max", AD_JUSTIFICATION_MAX);
	ad_json_set(arena, data, "faults", form->faults);
	ad_json_set_bool(arena, data, "has_faults", ad_json_count(form->faults) > 0);
	e = add_purpose(desk, form, data, err);
	if (e == 0)
		e = add_people(desk, who, form, data, err);
	if (e == 0)
		e = ad_device_offer(desk, form, devices, data, err);
	if (e == 0)
		e = ad_seats_data(desk, form->locale, form->app, data, err);
	if (e == 0)
		e = add_questions(desk, form, data, err);
	if (e == 0)
		e = ad_reply_card(desk, who, "form", form->edits ? "edit.short" : "form.short",
			data, "form", ret, err);
	if (e == 0)
		ret->in_place = true;
	return e;
}

/* "You already have this until ...". */
static int say_until(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_request *request, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_grant grant;
	struct ad_json *data;
	int e = ad_store_grant_of_request(
		desk->db, desk->arena, desk->tenant_id, request->id, &grant, err);
	if (e == 0)
		e = ad_grant_data(desk, &grant, who->locale, &data, err);
	if (e != 0)
		return e;
	return ad_words(desk, who->locale,
		grant.expires_at ? "standing.until" : "standing.delivered", data, &ret->text, err);
}

/* The request that the person has for the app already, said as such. */
static int show_standing(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_request *request, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data;
	const char *text;
	bool by_right;
	bool has_it = request->state == AD_REQUEST_DELIVERED;
	int e = ad_store_birthright_is(desk->db, desk->arena, request->id, &by_right, err);
	if (e == 0)
		e = ad_request_data(desk, request, who->locale, &data, err);
	if (e == 0)
		e = ad_words(desk, who->locale, by_right ? "standing.birthright" : "standing.open",
			data, &text, err);
	if (e == 0)
		e = ad_request_show_noted(desk, who, request, by_right ? text : NULL, ret, err);
	if (e != 0)
		return e;
	ret->outcome = "standing";
	ret->text = text;
	return has_it && !by_right ? say_until(desk, who, request, ret, err) : 0;
}

/* The same to somebody who asks for another person, whose request is not theirs to see. */
static int say_standing(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_request *request, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data;
	bool has_it = request->state == AD_REQUEST_DELIVERED;
	int e = ad_request_data(desk, request, who->locale, &data, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, data, "person", who->asks_for->name);
	return ad_reply_words(
		desk, who, has_it ? "for.has_it" : "for.standing", data, "standing", ret, err);
}

/* What the holder has or has asked for already. */
static int find_standing(struct ad_desk *desk, const struct ad_person *who, int64_t app_id,
	struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err)
{
	struct ad_request standing;
	int e = ad_store_request_standing(desk->db, desk->arena,
		&(struct ad_request){ .tenant_id = desk->tenant_id,
			.beneficiary_oid = ad_holder(who)->oid,
			.app_id = app_id },
		&standing, err);
	*ret_done = e == 0;
	if (e != 0)
		return e == AD_ENOTFOUND ? 0 : e;
	return who->asks_for ? say_standing(desk, who, &standing, ret, err)
			     : show_standing(desk, who, &standing, ret, err);
}

int ad_form_app(struct ad_desk *desk, const struct ad_person *who, int64_t app_id,
	struct ad_app *ret_app, struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err)
{
	*ret_done = true;
	if (!who->is_user)
		return ad_reply_words(desk, who, "user.denied", NULL, "no_access", ret, err);
	int e = ad_store_app_get(desk->db, desk->arena, desk->tenant_id, app_id, ret_app, err);
	bool is_open = false;
	if (e == 0)
		e = ad_app_is_open(desk, ad_holder(who), ret_app, &is_open, err);
	if (e == AD_ENOTFOUND || (e == 0 && !is_open))
		return ad_reply_words(desk, who, "app.unknown", NULL, "no_app", ret, err);
	*ret_done = false;
	return e;
}

int ad_form_obstacle(struct ad_desk *desk, const struct ad_person *who, int64_t app_id,
	struct ad_app *ret_app, struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err)
{
	int e = ad_form_app(desk, who, app_id, ret_app, ret, ret_done, err);
	return e == 0 && !*ret_done ? find_standing(desk, who, app_id, ret, ret_done, err) : e;
}

int ad_form_new(struct ad_desk *desk, const struct ad_person *who, const struct ad_app *app,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	const struct ad_policy *policy;
	struct ad_app_questions questions;
	const char *token;
	int e = ad_policy_for(desk, ad_holder(who), app, &policy, err);
	if (e == 0 && policy->refusal)
		return ad_form_refuse(desk, who, app, policy, ret, err);
	if (e == 0)
		e = ad_form_questions(desk, app, policy, &questions, err);
	if (e == 0)
		e = ad_store_token_new(desk->db, desk->arena,
			&(struct ad_token){ .tenant_id = desk->tenant_id,
				.oid = who->oid,
				.purpose = "submit",
				.app_id = app->id },
			&token, err);
	if (e != 0)
		return e;
	return ad_form_show(desk, who,
		&(struct ad_form){ .app = app,
			.policy = policy,
			.questions = &questions,
			.locale = who->locale,
			.token = token,
			.justification = "",
			.days = -1,
			.faults = ad_json_new_array(desk->arena) },
		ret, err);
}

int ad_desk_form(struct ad_desk *desk, const struct ad_person *who, int64_t app_id,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_app app;
	bool done = false;
	int e = ad_form_obstacle(desk, who, app_id, &app, ret, &done, err);
	if (e != 0 || done)
		return e;
	return ad_form_new(desk, who, &app, ret, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The requester changes an undecided request (product R9): the form again, filled with what it
 * says, and what is sent begins the stages anew. What was written before is kept. */
#include "aside.h"
#include "filled.h"
#include "others.h"
#include "ad/store/rounds.h"
#include "ad/text.h"

#define OWN_CHANGES 3 /* at most, besides answers to questions */

struct editing {
	struct ad_aside aside;
	struct ad_filled filled;
	struct ad_revision *changes;
	size_t count;
};

/* The person's own request, locked, while it can be changed. */
static int find(struct ad_desk *desk, struct ad_aside *aside, const char *purpose,
	struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err)
{
	int e = ad_aside_begin(desk, aside, purpose, ret, ret_done, err);
	if (e == 0 && !*ret_done)
		e = ad_aside_own(desk, aside, ret, ret_done, err);
	if (e != 0 || *ret_done)
		return e;
	*ret_done =
		!ad_request_undecided(aside->request.state) || aside->request.extends_grant != 0;
	if (*ret_done)
		return ad_aside_show(desk, aside,
			&(struct ad_aside_words){ .key = "edit.late", .outcome = "closed" }, ret,
			err);
	return 0;
}

/* What was answered to that question; "" when it is a new one. */
static const char *answer_to(
	const struct ad_answers *answers, const struct ad_app_question *question)
{
	for (size_t i = 0; i < answers->count; i++)
		if (answers->items[i].ordinal == question->ordinal &&
			ad_text_eq(answers->items[i].label, question->label))
			return answers->items[i].answer;
	return "";
}

/* ---- the form ---- */

static int show_form(struct ad_desk *desk, const struct ad_aside *aside, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	const struct ad_request *request = &aside->request;
	struct ad_app app;
	const struct ad_policy *policy;
	struct ad_app_questions questions;
	struct ad_answers before;
	const char *token;
	const struct ad_person asker = ad_others_of(desk, aside->who, request);
	int e = ad_store_app_get(
		desk->db, desk->arena, desk->tenant_id, request->app_id, &app, err);
	if (e == 0)
		e = ad_policy_for(desk, ad_holder(&asker), &app, &policy, err);
	if (e == 0 && policy->refusal)
		return ad_form_refuse(desk, aside->who, &app, policy, ret, err);
	if (e == 0)
		e = ad_form_questions(desk, &app, policy, &questions, err);
	if (e == 0)
		e = ad_store_request_answers(desk->db, desk->arena, request->id, &before, err);
	if (e == 0)
		e = ad_store_token_new(desk->db, desk->arena,
			&(struct ad_token){ .tenant_id = desk->tenant_id,
				.oid = aside->who->oid,
				.purpose = "edit",
				.request_id = request->id,
				.version = request->version },
			&token, err);
	if (e != 0)
		return e;
	const char **answers = ad_alloc_array(desk->arena, questions.count, sizeof *answers);
	for (size_t i = 0; i < questions.count; i++)
		answers[i] = answer_to(&before, &questions.items[i]);
	e = ad_form_show(desk, &asker,
		&(struct ad_form){ .app = &app,
			.policy = policy,
			.questions = &questions,
			.locale = aside->who->locale,
			.token = token,
			.justification = request->justification,
			.answers = answers,
			.faults = ad_json_new_array(desk->arena),
			.days = request->wanted_days,
			.device = request->device_id,
			.edits = request },
		ret, err);
	/* A form of its own: the receipt stays where it is. */
	ret->in_place = false;
	return e;
}

int ad_desk_edit(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_aside aside = { .who = who, .press = press, .wanted = "edit" };
	bool done;
	int e = find(desk, &aside, NULL, ret, &done, err);
	return e != 0 || done ? e : show_form(desk, &aside, ret, err);
}

/* ---- what has changed ---- */

static void note(struct editing *ed, const char *what, const char *label, const char *before,
	const char *after)
{
	if (!ad_text_eq(before, after))
		ed->changes[ed->count++] = (struct ad_revision){ what, label, before, after };
}

static int compare(struct ad_desk *desk, struct editing *ed, struct ad_err *err)
{
	const struct ad_request *request = &ed->aside.request;
	const struct ad_filled *filled = &ed->filled;
	struct ad_answers before;
	const char *had;
	const char *wants;
	/* The requester's language, whoever reads it: the audit trail keeps the figures. */
	int e = ad_talk_days(desk, ed->aside.who->locale, request->wanted_days, &had, err);
	if (e == 0)
		e = ad_talk_days(desk, ed->aside.who->locale, filled->days, &wants, err);
	if (e == 0)
		e = ad_store_request_answers(desk->db, desk->arena, request->id, &before, err);
	if (e != 0)
		return e;
	ed->changes = ad_alloc_array(
		desk->arena, filled->questions.count + OWN_CHANGES, sizeof *ed->changes);
	note(ed, "justification", "", request->justification, filled->justification);
	note(ed, "days", "", had, wants);
	if (filled->devices) /* not looked at: it stays */
		note(ed, "device", "", request->device_name,
			filled->device ? filled->device->name : "");
	for (size_t i = 0; i < filled->questions.count; i++)
		note(ed, "answer", filled->questions.items[i].label,
			answer_to(&before, &filled->questions.items[i]), filled->answers[i]);
	return 0;
}

/* ---- storing ---- */

static int store_round(struct ad_desk *desk, const struct editing *ed, struct ad_err *err)
{
	const struct ad_request *request = &ed->aside.request;
	const struct ad_filled *filled = &ed->filled;
	int e = 0;
	for (size_t i = 0; e == 0 && i < filled->questions.count; i++)
		e = ad_store_round_answer(desk->db, desk->arena, request->id, request->round,
			&(struct ad_answer){ .ordinal = filled->questions.items[i].ordinal,
				.label = filled->questions.items[i].label,
				.answer = filled->answers[i] },
			err);
	for (size_t i = 0; e == 0 && i < ed->count; i++)
		e = ad_store_round_revise(
			desk->db, desk->arena, request->id, request->round, &ed->changes[i], err);
	return e;
}

static int store(struct ad_desk *desk, struct editing *ed, struct ad_err *err)
{
	struct ad_request *request = &ed->aside.request;
	const struct ad_filled *filled = &ed->filled;
	int e = ad_store_stages_close(desk->db, desk->arena, request->id, err);
	if (e == 0)
		e = ad_store_round_edit(desk->db, desk->arena,
			&(struct ad_round_edit){ .id = request->id,
				.version = request->version,
				.justification = filled->justification,
				.wanted_days = filled->days,
				.policy_name = filled->policy->name,
				.policy_version = filled->policy->version },
			err);
	if (e == 0 && filled->devices) {
		ad_device_keep(request, filled->device);
		e = ad_store_request_device(desk->db, desk->arena, request, err);
	}
	if (e == 0 && filled->automatic)
		e = ad_store_request_stage(desk->db, desk->arena, request->id, 0, err);
	if (e == 0)
		e = ad_store_request_get(
			desk->db, desk->arena, desk->tenant_id, request->id, request, err);
	return e == 0 ? store_round(desk, ed, err) : e;
}

static int trail_edited(struct ad_desk *desk, const struct editing *ed, int days_before)
{
	const struct ad_request *request = &ed->aside.request;
	struct ad_json *details = ad_json_new_object(desk->arena);
	struct ad_json *changes = ad_json_new_array(desk->arena);
	for (size_t i = 0; i < ed->count; i++) {
		struct ad_json *item = ad_json_new_object(desk->arena);
		ad_json_set_str(desk->arena, item, "what", ed->changes[i].what);
		ad_json_set_str(desk->arena, item, "label", ed->changes[i].label);
		ad_json_set_str(desk->arena, item, "before", ed->changes[i].before);
		ad_json_set_str(desk->arena, item, "after", ed->changes[i].after);
		ad_json_append(desk->arena, changes, item);
	}
	ad_json_set_int(desk->arena, details, "round", request->round);
	ad_json_set_str(desk->arena, details, "policy", request->policy_name);
	ad_json_set_int(desk->arena, details, "policy_version", request->policy_version);
	ad_json_set_int(desk->arena, details, "wanted_days_before", days_before);
	ad_json_set_int(desk->arena, details, "wanted_days", request->wanted_days);
	ad_json_set(desk->arena, details, "changes", changes);
	return ad_trail_later(desk, &(struct ad_event){ .who = ed->aside.who,
					    .action = "request.edited",
					    .entity_type = "request",
					    .entity_id = request->id,
					    .details = details });
}

static int change(
	struct ad_desk *desk, struct editing *ed, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_request *request = &ed->aside.request;
	int days_before = request->wanted_days;
	int e = store(desk, ed, err);
	if (e == 0)
		e = trail_edited(desk, ed, days_before);
	if (e == 0)
		e = ad_filled_set_off(desk, request, &ed->filled, err);
	if (e == 0)
		e = ad_request_refresh(desk, request, err);
	if (e == 0)
		e = ad_aside_show(desk, &ed->aside,
			&(struct ad_aside_words){ .key = "edit.done", .outcome = "edited" }, ret,
			err);
	if (e == 0)
		e = ad_reply_remember(desk, ed->aside.press->token, ret, err);
	return e == 0 ? ad_trail_flush(desk, err) : e;
}

/* ---- the use case ---- */

static int fill_and_change(
	struct ad_desk *desk, struct editing *ed, struct ad_desk_reply *ret, struct ad_err *err)
{
	const struct ad_person asker = ad_others_of(desk, ed->aside.who, &ed->aside.request);
	const struct ad_person *who = &asker;
	const struct ad_desk_press *press = ed->aside.press;
	bool done;
	int e = ad_store_app_get(desk->db, desk->arena, desk->tenant_id, ed->aside.request.app_id,
		&ed->filled.app, err);
	if (e == 0)
		e = ad_filled_read(desk, who, press, &ed->filled, err);
	if (e != 0)
		return e;
	if (ad_json_count(ed->filled.faults) > 0)
		return ad_filled_again(desk, who, press, &ed->filled, ret, err);
	e = ad_filled_judge(desk, who, press, &ed->filled, ret, &done, err);
	if (e == 0 && !done)
		e = compare(desk, ed, err);
	if (e == 0 && done)
		return ad_trail_flush(desk, err);
	if (e != 0)
		return e;
	if (ed->count == 0)
		return ad_aside_show(desk, &ed->aside,
			&(struct ad_aside_words){ .key = "edit.same", .outcome = "unchanged" }, ret,
			err);
	return change(desk, ed, ret, err);
}

int ad_desk_edit_send(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct editing ed = { .aside = { .who = who, .press = press, .wanted = "edit" } };
	bool done;
	if (ad_text_empty(press->token)) /* only the form of `edit` sends it */
		return ad_reply_words(desk, who, "token.foreign", NULL, "foreign_token", ret, err);
	int e = find(desk, &ed.aside, "edit", ret, &done, err);
	if (e != 0 || done)
		return e;
	if (!who->is_user)
		return ad_reply_words(desk, who, "user.denied", NULL, "no_access", ret, err);
	ed.filled.edits = &ed.aside.request;
	return fill_and_change(desk, &ed, ret, err);
}

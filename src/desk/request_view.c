/* SPDX-License-Identifier: Apache-2.0 */
/* A request on a card: the requester's receipt with its timeline, the approver's card with the
 * buttons, and the card without buttons that everybody sees afterwards. */
#include "bundle.h"
#include "aside.h"
#include "background.h"
#include "channel.h"
#include "device.h"
#include "others.h"
#include "request_memo.h"
#include "timeline.h"
#include "ad/store/users.h"
#include "ad/text.h"

/* ---- data ---- */

struct look {
	const char *mark;  /* says it without colour */
	const char *color; /* of the card language */
	const char *style; /* of the status line */
};

static const struct look looks[AD_REQUEST_STATES] = {
	[AD_REQUEST_PENDING] = { "●", "accent", "accent" },
	[AD_REQUEST_NEEDS_INFO] = { "●", "warning", "warning" },
	[AD_REQUEST_APPROVED] = { "●", "accent", "accent" },
	[AD_REQUEST_FULFILLING] = { "●", "accent", "accent" },
	[AD_REQUEST_DELIVERED] = { "✔", "good", "good" },
	[AD_REQUEST_REJECTED] = { "✖", "attention", "attention" },
	[AD_REQUEST_CANCELLED] = { "✖", "default", "emphasis" },
	[AD_REQUEST_EXPIRED] = { "✖", "warning", "warning" },
	[AD_REQUEST_FAILED] = { "✖", "attention", "attention" },
	[AD_REQUEST_DRAFT] = { "●", "accent", "accent" },
};

static void add_answers(struct ad_arena *arena, struct ad_json *data, const struct ad_answers *list)
{
	struct ad_json *answers = ad_json_new_array(arena);
	for (size_t i = 0; i < list->count; i++) {
		if (ad_text_empty(list->items[i].answer))
			continue;
		struct ad_json *answer = ad_json_new_object(arena);
		ad_json_set_str(arena, answer, "label", list->items[i].label);
		ad_json_set_str(arena, answer, "answer", list->items[i].answer);
		ad_json_append(arena, answers, answer);
	}
	ad_json_set(arena, data, "answers", answers);
	ad_json_set_bool(arena, data, "has_answers", ad_json_count(answers) > 0);
}

int ad_request_data(struct ad_desk *desk, const struct ad_request *request, const char *locale,
	struct ad_json **ret, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	const struct look *look = &looks[request->state];
	const char *state = ad_request_state_name(request->state);
	struct ad_json *data = ad_json_new_object(arena);
	ad_json_set_int(arena, data, "rid", request->id);
	ad_json_set_int(arena, data, "v", request->version);
	ad_json_set_int(arena, data, "app_id", request->app_id);
	ad_json_set_str(arena, data, "app", request->app_name);
	ad_json_set_str(arena, data, "publisher", request->app_publisher);
	ad_json_set_bool(arena, data, "has_publisher", !ad_text_empty(request->app_publisher));
	ad_json_set_str(arena, data, "requester", request->requester_name);
	ad_json_set_str(arena, data, "justification", request->justification);
	ad_json_set_str(arena, data, "reason", request->reason);
	ad_json_set_bool(arena, data, "has_reason", !ad_text_empty(request->reason));
	ad_json_set_bool(
		arena, data, "is_extension", request->extends_grant != 0 && !request->is_review);
	ad_json_set_bool(arena, data, "is_review", request->is_review);
	ad_json_set_int(arena, data, "more_days",
		request->granted_days > 0 ? request->granted_days : request->wanted_days);
	ad_json_set_str(arena, data, "created_at", request->created_at);
	ad_json_set_bool(arena, data, "has_deadline", request->deadline_at != NULL);
	ad_json_set_str(arena, data, "deadline", request->deadline_at ? request->deadline_at : "");
	ad_json_set_str(arena, data, "changed_at", request->changed_at);
	ad_json_set_str(arena, data, "policy_name", request->policy_name);
	ad_json_set_str(arena, data, "state", state);
	ad_json_set_str(arena, data, "mark", look->mark);
	ad_json_set_str(arena, data, "color", look->color);
	ad_json_set_str(arena, data, "style", look->style);
	ad_json_set_bool(arena, data, "is_decided", request->decided_by_oid != NULL);
	ad_json_set_str(
		arena, data, "decided_by", request->decided_by_oid ? request->decided_by_name : "");
	ad_json_set_str(arena, data, "decided_at", request->decided_at ? request->decided_at : "");
	*ret = data;
	int e = ad_talk_spans(desk, request, locale, data, err);
	if (e == 0)
		e = ad_words_into(desk, locale,
			ad_printf(arena, "class.%s", request->app_classification), data, "risk",
			err);
	if (e == 0)
		e = ad_others_say(desk, request, locale, data, err);
	if (e == 0)
		e = ad_device_say(desk, request, locale, data, err);
	if (e != 0)
		return e;
	return ad_words_into(
		desk, locale, ad_printf(arena, "state.%s", state), data, "state_label", err);
}

const char *ad_request_question(const struct ad_request *request)
{
	return request->is_review ? "review.title" : "approval.title";
}

/* ---- the stage ---- */

/* What the votes of the open stage come to so far: "1 of 2 approved, by Kim". */
static int add_progress(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_asked_people *people, const char *locale, struct ad_json *data,
	struct ad_err *err)
{
	struct ad_voices voices = ad_stage_voices(people);
	int64_t asked = (int64_t)voices.asked;
	bool all = request->stage_need == 0 || request->stage_need > asked;
	ad_json_set_int(desk->arena, data, "approved", (int64_t)voices.approved);
	ad_json_set_int(desk->arena, data, "need", all ? asked : request->stage_need);
	ad_json_set_bool(desk->arena, data, "has_progress",
		ad_request_undecided(request->state) && request->stage_need != 1);
	int e = ad_words_approved(desk, locale, people, data, err);
	return e == 0 ? ad_words_into(desk, locale, "stage.progress", data, "progress", err) : e;
}

int ad_request_stage_data(struct ad_desk *desk, const struct ad_request *request,
	const char *locale, struct ad_json *data, struct ad_err *err)
{
	struct ad_asked_people people = { 0 };
	const char *names;
	int e = 0;
	ad_json_set_int(desk->arena, data, "step", request->stage_step);
	ad_json_set_int(desk->arena, data, "steps", request->stage_steps);
	ad_json_set_bool(desk->arena, data, "has_stages", request->stage_steps > 1);
	if (ad_request_undecided(request->state))
		e = ad_request_asked(desk, request, &people, err);
	if (e == 0)
		e = ad_words_asked(desk, locale, &people, &names, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, data, "approvers", names);
	return add_progress(desk, request, &people, locale, data, err);
}

/* ---- the receipt ---- */

/* Who waits learns whom the question did not reach, and whether a mail went out instead. */
static int add_unasked(struct ad_desk *desk, const struct ad_request_view *view,
	struct ad_json *data, struct ad_err *err)
{
	static const char *const keys[] = { "unreached.lost", "unreached.mailed" };
	const struct ad_request *request = view->request;
	struct ad_ledger_unasked *people = NULL;
	size_t count = 0;
	struct ad_json *lines = ad_json_new_array(desk->arena);
	int e = 0;
	if (ad_request_undecided(request->state))
		e = ad_store_ledger_unasked(desk->db, desk->arena, desk->tenant_id, request->id,
			request->stage, &people, &count, err);
	for (int mailed = 0; e == 0 && mailed <= 1; mailed++) {
		const char *names[AD_NAMES_MAX];
		size_t n = 0;
		for (size_t i = 0; i < count; i++)
			if (people[i].was_mailed == (mailed == 1) && n++ < AD_NAMES_MAX)
				names[n - 1] = people[i].name;
		const char *line;
		if (n == 0)
			continue;
		e = ad_words_list(desk, view->locale, keys[mailed],
			&(struct ad_words_names){ .items = names, .count = n }, &line, err);
		if (e == 0)
			ad_json_append(desk->arena, lines, ad_json_new_string(desk->arena, line));
	}
	ad_json_set(desk->arena, data, "unreached", lines);
	ad_json_set_bool(desk->arena, data, "has_unreached", ad_json_count(lines) > 0);
	return e;
}

static int add_timeline(struct ad_desk *desk, const struct ad_request_view *view,
	struct ad_json *data, struct ad_err *err)
{
	struct ad_json *lines;
	int e = add_unasked(desk, view, data, err);
	if (e == 0)
		e = ad_others_ways(desk, view, data, err);
	if (e == 0)
		e = ad_timeline(desk, view->locale, view->request, data, &lines, err);
	if (e == 0)
		ad_json_set(desk->arena, data, "steps_shown", lines);
	return e;
}

/* ---- cards ---- */

static const char *template_of(const struct ad_request_view *view)
{
	if (view->receipt)
		return "receipt";
	return view->token ? "approval" : "decided";
}

static const char *short_form_of(const struct ad_request_view *view)
{
	if (view->receipt)
		return "receipt.short";
	if (view->token)
		return view->request->is_review ? "review.short" : "approval.short";
	return "decided.short";
}

/* What the approver is asked. */
static int add_title(struct ad_desk *desk, const struct ad_request_view *view, struct ad_json *data,
	struct ad_err *err)
{
	int e = ad_words_into(desk, view->locale, short_form_of(view), data, "short", err);
	return e == 0 ? ad_words_into(desk, view->locale, ad_request_question(view->request), data,
				"title", err)
		      : e;
}

/* The card asks its reader to decide. */
static bool is_question(const struct ad_request_view *view)
{
	return !view->receipt && view->token;
}

/* What is asked, and what its reader wants to know besides. */
static int add_question(struct ad_desk *desk, const struct ad_request_view *view,
	struct ad_json *data, struct ad_err *err)
{
	int e = add_title(desk, view, data, err);
	return e == 0 ? ad_background_say(desk, view->request, view->locale, data, err) : e;
}

/* A decision's sentence: "Approved by Kim", or what else became of the request. */
static int add_outcome(struct ad_desk *desk, const struct ad_request_view *view,
	struct ad_json *data, struct ad_err *err)
{
	const struct ad_request *request = view->request;
	const struct look *look = &looks[request->state];
	bool undecided = ad_request_undecided(request->state);
	const char *key = undecided ? "decided.open" : "decided.closed";
	if (request->decided_by_oid) {
		bool approved = request->stage_state == AD_STAGE_APPROVED;
		look = &looks[approved ? AD_REQUEST_DELIVERED : AD_REQUEST_REJECTED];
		key = approved ? "decided.approved" : "decided.rejected";
	}
	ad_json_set_str(desk->arena, data, "outcome_mark", look->mark);
	ad_json_set_str(desk->arena, data, "outcome_style", look->style);
	int e = ad_words_into(desk, view->locale, key, data, "outcome", err);
	return e == 0 && is_question(view) ? add_question(desk, view, data, err) : e;
}

int ad_request_show(struct ad_desk *desk, const struct ad_request_view *view,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	const struct ad_request *request = view->request;
	struct ad_json *data;
	struct ad_answers answers;
	int e = is_question(view) ? ad_request_background_ahead(desk, request, err) : 0;
	if (e == 0)
		e = ad_request_data(desk, request, view->locale, &data, err);
	if (e == 0)
		e = ad_request_stage_data(desk, request, view->locale, data, err);
	if (e == 0)
		e = ad_talk_data(desk, request, view->locale, data, err);
	if (e == 0)
		e = ad_request_answers(desk, request, &answers, err);
	if (e == 0)
		e = view->receipt ? add_timeline(desk, view, data, err)
				  : add_outcome(desk, view, data, err);
	if (e != 0)
		return e;
	add_answers(arena, data, &answers);
	ad_json_set_str(arena, data, "t", view->token ? view->token : "");
	ad_json_set_bool(arena, data, "has_token", view->token != NULL);
	ad_json_set_str(arena, data, "fault", view->fault ? view->fault : "");
	ad_json_set_bool(arena, data, "has_fault", view->fault != NULL);
	ad_json_set_str(arena, data, "note", view->note ? view->note : "");
	ad_json_set_bool(arena, data, "has_note", view->note != NULL);
	ad_json_set_str(arena, data, "behalf", view->behalf ? view->behalf : "");
	ad_json_set_bool(arena, data, "has_behalf", !ad_text_empty(view->behalf));
	ad_json_set_bool(arena, data, "has_tip", view->is_new);
	ad_json_set_bool(arena, data, "can_undo", view->may_undo);
	ad_json_set_bool(arena, data, "has_device", ad_device_shown(view));
	const struct ad_person viewer = { .locale = view->locale };
	e = ad_reply_card(
		desk, &viewer, template_of(view), short_form_of(view), data, "shown", ret, err);
	if (e != 0)
		return e;
	ret->role = view->receipt ? "receipt" : "approval";
	ret->request_id = request->id;
	ret->version = request->version;
	return 0;
}

/* How the person came to be asked, where that is not by the rule itself: in whose place, and after
 * or before others. Whoever never was before gets a tip (product A15). */
static int add_seat(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_request *request, struct ad_request_view *view, struct ad_err *err)
{
	struct ad_asked_people people;
	struct ad_user user;
	int e = ad_store_asked_one(
		desk->db, desk->arena, request->id, request->stage, who->oid, &people, err);
	if (e != 0 || people.count == 0)
		return e;
	const struct ad_asked_person *seat = &people.items[0];
	view->is_new = seat->is_new;
	if (request->stage_level > 0)
		e = ad_words(desk, who->locale,
			seat->level < request->stage_level ? "approval.escalated"
							   : "approval.alternate",
			NULL, &view->note, err);
	if (e != 0 || ad_text_empty(seat->on_behalf_of))
		return e;
	e = ad_store_user_get(
		desk->db, desk->arena, desk->tenant_id, seat->on_behalf_of, &user, err);
	if (e == 0)
		view->behalf = user.name;
	return e == AD_ENOTFOUND ? 0 : e;
}

int ad_request_show_noted(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_request *request, const char *note, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	bool own = ad_text_eq(who->oid, request->requester_oid);
	bool theirs = !own && ad_text_eq(who->oid, request->beneficiary_oid);
	bool draft = request->state == AD_REQUEST_DRAFT;
	bool pressable = own ? ad_request_undecided(request->state) || draft : theirs && draft;
	struct ad_request_view view = { .request = request,
		.locale = who->locale,
		.note = note,
		.receipt = own || theirs,
		.is_theirs = theirs };
	int e = view.receipt ? 0 : ad_stage_awaits(desk, request, who, &pressable, err);
	if (e == 0 && pressable && !view.receipt)
		e = add_seat(desk, who, request, &view, err);
	if (e == 0 && pressable)
		e = ad_store_token_new(desk->db, desk->arena,
			&(struct ad_token){ .tenant_id = desk->tenant_id,
				.oid = who->oid,
				.purpose = own      ? "cancel"
					   : theirs ? "agree"
						    : "decide",
				.request_id = request->id,
				.version = request->version },
			&view.token, err);
	return e == 0 ? ad_request_show(desk, &view, ret, err) : e;
}

int ad_request_show_to(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_request *request, struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_request_show_noted(desk, who, request, NULL, ret, err);
}

/* ---- every copy ---- */

struct copies {
	const struct ad_card_copy *items;
	size_t count;
	struct ad_asked_people people; /* of the open stage; none when nothing is open */
	bool *is_done;                 /* has its content, or keeps the one it has */
	struct ad_card_change *changes;
	size_t changes_count;
};

/* The card has buttons of its person's own: it still waits for them, or they may withdraw it. */
static bool is_personal(const struct copies *copies, size_t i, const struct ad_request *request)
{
	bool draft = request->state == AD_REQUEST_DRAFT;
	if (!ad_request_undecided(request->state) && !draft)
		return false;
	if (ad_text_eq(copies->items[i].card, "receipt"))
		return true;
	for (size_t k = 0; k < copies->people.count; k++) {
		const struct ad_asked_person *one = &copies->people.items[k];
		if (ad_text_eq(one->oid, copies->items[i].recipient_oid))
			return one->state == AD_ASKED_NOW && !one->voted;
	}
	return false;
}

/* The next of the contents: for count copies. */
static int add_content(struct ad_desk *desk, struct copies *copies, const int64_t *ids,
	size_t count, const struct ad_desk_reply *content, bool urgent, struct ad_err *err)
{
	struct ad_card_change *change = &copies->changes[copies->changes_count++];
	*change = (struct ad_card_change){
		.copies = ids, .count = count, .version = content->version, .urgent = urgent
	};
	return ad_notice_content(desk, content, change, err);
}

static int change_personal(struct ad_desk *desk, const struct ad_request *request,
	struct copies *copies, size_t i, struct ad_err *err)
{
	/* Who is asked was just seen to be: no need for live facts to show buttons. */
	const struct ad_person person = { .oid = copies->items[i].recipient_oid,
		.locale = copies->items[i].locale,
		.is_approver = true };
	struct ad_desk_reply reply;
	const struct ad_card_copy *copy = &copies->items[i];
	if (copy->shown_version >= request->version && ad_text_empty(copy->activity_id))
		return 0; /* it was sent in this very transaction */
	int e = ad_request_show_to(desk, &person, request, &reply, err);
	return e == 0 ? add_content(desk, copies, &copy->outbox_id, 1, &reply, true, err) : e;
}

static bool is_alike(const struct copies *copies, size_t i, size_t j)
{
	return ad_text_eq(copies->items[i].card, copies->items[j].card) &&
	       ad_text_eq(copies->items[i].locale, copies->items[j].locale);
}

/* This copy and all later ones that are alike get the same content. */
static int change_alike(struct ad_desk *desk, const struct ad_request *request,
	struct copies *copies, size_t first, struct ad_err *err)
{
	int64_t *ids = ad_alloc_array(desk->arena, copies->count - first, sizeof *ids);
	size_t count = 0;
	for (size_t i = first; i < copies->count; i++) {
		if (copies->is_done[i] || !is_alike(copies, first, i) ||
			is_personal(copies, i, request))
			continue;
		ids[count++] = copies->items[i].outbox_id;
		copies->is_done[i] = true;
	}
	struct ad_desk_reply reply;
	const struct ad_request_view view = { .request = request,
		.locale = copies->items[first].locale,
		.receipt = ad_text_eq(copies->items[first].card, "receipt") };
	int e = ad_text_eq(copies->items[first].card, AD_CHANNEL_ROLE)
			? ad_channel_show(desk, request, &reply, err)
			: ad_request_show(desk, &view, &reply, err);
	/* One end of a job may close a thousand requests: their receipts are news. */
	bool is_news =
		request->state == AD_REQUEST_DELIVERED || request->state == AD_REQUEST_FAILED;
	bool urgent = !is_news || ad_text_eq(copies->items[first].card, "approval");
	return e == 0 ? add_content(desk, copies, ids, count, &reply, urgent, err) : e;
}

static int list_copies(struct ad_desk *desk, const struct ad_request *request, struct copies *ret,
	struct ad_err *err)
{
	struct ad_card_copy *items;
	*ret = (struct copies){ 0 };
	int e = ad_request_read_ahead(desk, request, err);
	if (e == 0)
		e = ad_store_copy_list(
			desk->db, desk->arena, request->id, 0, &items, &ret->count, err);
	if (e != 0 || ret->count == 0)
		return e;
	ret->items = items;
	ret->is_done = ad_alloc_array(desk->arena, ret->count, sizeof *ret->is_done);
	ret->changes = ad_alloc_array(desk->arena, ret->count, sizeof *ret->changes);
	ad_gathered_copies(desk, items, ret->count);
	/* A notice is said once; what does not follow the request is done. */
	for (size_t i = 0; i < ret->count; i++)
		ret->is_done[i] = !ad_text_eq(items[i].card, "receipt") &&
				  !ad_text_eq(items[i].card, "approval") &&
				  !ad_text_eq(items[i].card, AD_CHANNEL_ROLE);
	return ad_request_undecided(request->state)
		       ? ad_request_asked(desk, request, &ret->people, err)
		       : 0;
}

int ad_request_refresh(struct ad_desk *desk, const struct ad_request *request, struct ad_err *err)
{
	struct copies copies;
	int e = list_copies(desk, request, &copies, err);
	for (size_t i = 0; e == 0 && i < copies.count; i++) {
		if (copies.is_done[i])
			continue;
		e = is_personal(&copies, i, request)
			    ? change_personal(desk, request, &copies, i, err)
			    : change_alike(desk, request, &copies, i, err);
	}
	if (e == 0 && copies.changes_count > 0)
		e = ad_notice_change(desk, copies.changes, copies.changes_count, err);
	return e == 0 ? ad_bundle_refresh(desk, request, err) : e;
}

int ad_request_refresh_receipts(
	struct ad_desk *desk, const struct ad_request *request, struct ad_err *err)
{
	struct ad_card_copy *copies;
	size_t count;
	int e = ad_store_copy_list(desk->db, desk->arena, request->id, 0, &copies, &count, err);
	for (size_t i = 0; e == 0 && i < count; i++) {
		struct ad_person reader = { .oid = copies[i].recipient_oid };
		struct ad_desk_reply reply;
		if (!ad_text_eq(copies[i].card, "receipt"))
			continue;
		e = ad_notice_locale(desk, reader.oid, &reader.locale, err);
		if (e == 0)
			e = ad_request_show_to(desk, &reader, request, &reply, err);
		if (e == 0)
			e = ad_notice_show(desk,
				&(struct ad_card_change){ .copies = &copies[i].outbox_id,
					.count = 1,
					.version = request->version },
				&reply, err);
	}
	return e;
}

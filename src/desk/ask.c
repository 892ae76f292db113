/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody who decides asks the requester, and the requester answers. In between the request waits
 * for its requester, and the stage's clock rests (product F14). */
#include "aside.h"
#include "stage_timer.h"
#include "ad/store/inquiries.h"
#include "ad/text.h"

/* The text as it may be stored; *ret_key names the sentence about its fault, NULL: none. */
static const char *read_text(const struct ad_desk *desk, const struct ad_aside *aside,
	const char *id, const char *what, const char **ret_key)
{
	static const struct ad_input_rule rule = { .required = true, .max_chars = AD_QUESTION_MAX };
	const char *text = ad_aside_text(desk, aside, id);
	enum ad_input_fault fault = ad_input_check(&rule, text);
	*ret_key = fault == AD_INPUT_OK
			   ? NULL
			   : ad_printf(desk->arena, "%s.%s", what, ad_input_fault_name(fault));
	return text;
}

/* The question that is open; NULL: none. */
static int find_open(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_inquiry **ret, struct ad_err *err)
{
	struct ad_inquiries list;
	*ret = NULL;
	if (request->state != AD_REQUEST_NEEDS_INFO)
		return 0;
	int e = ad_store_inquiries_of(desk->db, desk->arena, request->id, &list, err);
	for (size_t i = 0; e == 0 && i < list.count; i++)
		if (list.items[i].ordinal == request->stage && !list.items[i].answered_at)
			*ret = &list.items[i];
	return e;
}

static int read_again(struct ad_desk *desk, struct ad_request *request, struct ad_err *err)
{
	int e = ad_store_request_get(
		desk->db, desk->arena, desk->tenant_id, request->id, request, err);
	return e == 0 ? ad_request_refresh(desk, request, err) : e;
}

/* ---- asking ---- */

/* The requester's receipt once more, at the end of their chat: it holds the question. */
static int send_question(struct ad_desk *desk, const struct ad_aside *aside,
	const struct ad_inquiry *inquiry, struct ad_err *err)
{
	struct ad_json *more = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, more, "asked_by", aside->who->name);
	ad_json_set_str(desk->arena, more, "question", inquiry->question);
	return ad_aside_send(desk, &aside->request,
		&(struct ad_aside_card){ .oid = aside->request.requester_oid,
			.name = aside->request.requester_name,
			.key = "question.short",
			.more = more,
			.what = ad_printf(desk->arena, "%lld.question", (long long)inquiry->id) },
		err);
}

static struct ad_event event_of(struct ad_desk *desk, const struct ad_aside *aside,
	const char *action, const struct ad_inquiry *inquiry)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, details, "stage", aside->request.stage);
	ad_json_set_int(desk->arena, details, "question_id", inquiry->id);
	ad_json_set_str(desk->arena, details, "question", inquiry->question);
	ad_json_set_str(desk->arena, details, "asked_by", inquiry->asked_by);
	if (inquiry->answer)
		ad_json_set_str(desk->arena, details, "answer", inquiry->answer);
	return (struct ad_event){ .who = aside->who,
		.action = action,
		.entity_type = "request",
		.entity_id = aside->request.id,
		.details = details };
}

static int put_question(struct ad_desk *desk, struct ad_aside *aside, const char *question,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_request *request = &aside->request;
	struct ad_inquiry inquiry = {
		.ordinal = request->stage, .asked_by = aside->who->oid, .question = question
	};
	int e = ad_store_inquiry_insert(
		desk->db, desk->arena, request->id, &inquiry, &inquiry.id, err);
	if (e == 0)
		e = ad_store_request_pause(desk->db, desk->arena, request, err);
	if (e == 0)
		e = read_again(desk, request, err);
	if (e == 0)
		e = send_question(desk, aside, &inquiry, err);
	if (e == 0)
		e = ad_aside_show(desk, aside,
			&(struct ad_aside_words){ .key = "ask.done", .outcome = "asked" }, ret,
			err);
	if (e != 0)
		return e;
	const struct ad_event event = event_of(desk, aside, "inquiry.asked", &inquiry);
	return ad_aside_end(desk, aside, &event, ret, err);
}

int ad_desk_ask(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_aside aside = { .who = who, .press = press, .wanted = "ask" };
	struct ad_seat seat;
	const char *fault;
	bool done;
	int e = ad_aside_begin(desk, &aside, "decide", ret, &done, err);
	if (e == 0 && !done)
		e = ad_aside_seat(desk, &aside, &seat, ret, &done, err);
	if (e != 0 || done)
		return e;
	if (aside.request.state == AD_REQUEST_NEEDS_INFO)
		return ad_aside_show(desk, &aside,
			&(struct ad_aside_words){ .key = "ask.open", .outcome = "asked_before" },
			ret, err);
	if (aside.request.pauses >= AD_PAUSES_MAX)
		return ad_aside_refuse(desk, &aside,
			&(struct ad_aside_words){ .key = "ask.too_often", .outcome = "too_often" },
			ret, err);
	const char *question = read_text(desk, &aside, AD_DESK_INPUT_QUESTION, "ask", &fault);
	if (fault)
		return ad_aside_say(desk, &aside,
			&(struct ad_aside_words){ .key = fault, .outcome = "invalid" }, ret, err);
	return put_question(desk, &aside, question, ret, err);
}

/* ---- answering ---- */

/* Who asked gets a card at the end of their chat; everybody else's is changed in place. */
static int send_answer(struct ad_desk *desk, const struct ad_aside *aside,
	const struct ad_inquiry *inquiry, struct ad_err *err)
{
	struct ad_json *more = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, more, "answer", inquiry->answer);
	return ad_aside_send(desk, &aside->request,
		&(struct ad_aside_card){ .oid = inquiry->asked_by,
			.name = inquiry->asked_by_name,
			.key = "answer.short",
			.more = more,
			.what = ad_printf(desk->arena, "%lld.reply", (long long)inquiry->id) },
		err);
}

static int put_answer(struct ad_desk *desk, struct ad_aside *aside, struct ad_inquiry *inquiry,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_request *request = &aside->request;
	int e = ad_store_inquiry_answer(desk->db, desk->arena, inquiry->id, inquiry->answer, err);
	if (e == 0)
		e = ad_store_request_resume(desk->db, desk->arena, request, err);
	if (e == 0)
		e = ad_stage_timer_arm(desk, request, err);
	if (e == 0)
		e = read_again(desk, request, err);
	if (e == 0)
		e = send_answer(desk, aside, inquiry, err);
	if (e == 0)
		e = ad_aside_show(desk, aside,
			&(struct ad_aside_words){ .key = "answer.done", .outcome = "answered" },
			ret, err);
	if (e != 0)
		return e;
	const struct ad_event event = event_of(desk, aside, "inquiry.answered", inquiry);
	return ad_aside_end(desk, aside, &event, ret, err);
}

int ad_desk_answer(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_aside aside = { .who = who, .press = press, .wanted = "answer" };
	const struct ad_inquiry *open = NULL;
	const char *fault;
	bool done;
	int e = ad_aside_begin(desk, &aside, NULL, ret, &done, err);
	if (e == 0 && !done)
		e = ad_aside_own(desk, &aside, ret, &done, err);
	if (e == 0 && !done)
		e = find_open(desk, &aside.request, &open, err);
	if (e != 0 || done)
		return e;
	if (!open)
		return ad_aside_show(desk, &aside,
			&(struct ad_aside_words){ .key = "answer.none", .outcome = "no_question" },
			ret, err);
	/* The card of an earlier question must not answer a later one. */
	if (press->inputs && ad_json_int(press->inputs, "q", 0) != open->id)
		return ad_aside_show(desk, &aside,
			&(struct ad_aside_words){ .key = "answer.stale", .outcome = "stale" }, ret,
			err);
	struct ad_inquiry inquiry = *open;
	inquiry.answer = read_text(desk, &aside, AD_DESK_INPUT_REPLY, "answer", &fault);
	if (fault)
		return ad_aside_say(desk, &aside,
			&(struct ad_aside_words){ .key = fault, .outcome = "invalid" }, ret, err);
	return put_answer(desk, &aside, &inquiry, ret, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What was said about a request, for its cards: questions with their answers, and what an edit or a
 * decision that was taken back has changed. */
#include "aside.h"
#include "ad/store/inquiries.h"
#include "ad/store/rounds.h"
#include "ad/text.h"

#include <limits.h>

int ad_talk_days(
	struct ad_desk *desk, const char *locale, int days, const char **ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, data, "days", days);
	return ad_words(desk, locale, days == 0 ? "span.good" : "span.days", data, ret, err);
}

/* ---- questions ---- */

static bool is_open(const struct ad_request *request, const struct ad_inquiry *inquiry)
{
	return request->state == AD_REQUEST_NEEDS_INFO && inquiry->ordinal == request->stage &&
	       !inquiry->answered_at;
}

static int add_inquiries(struct ad_desk *desk, const struct ad_request *request,
	struct ad_json *data, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_inquiries list = { 0 };
	const struct ad_inquiry *open = NULL;
	struct ad_json *items = ad_json_new_array(arena);
	int e = 0;
	if (request->pauses > 0) /* each question is a pause */
		e = ad_store_inquiries_of(desk->db, arena, request->id, &list, err);
	if (e != 0)
		return e;
	for (size_t i = 0; i < list.count; i++) {
		const struct ad_inquiry *inquiry = &list.items[i];
		struct ad_json *item = ad_json_new_object(arena);
		if (is_open(request, inquiry))
			open = inquiry;
		ad_json_set_str(arena, item, "asked_by", inquiry->asked_by_name);
		ad_json_set_str(arena, item, "question", inquiry->question);
		ad_json_set_str(arena, item, "answer", inquiry->answer);
		ad_json_set_bool(arena, item, "has_answer", inquiry->answered_at != NULL);
		if (!is_open(request, inquiry))
			ad_json_append(arena, items, item);
	}
	ad_json_set(arena, data, "inquiries", items);
	ad_json_set_bool(arena, data, "has_inquiries", ad_json_count(items) > 0);
	ad_json_set_bool(arena, data, "has_question", open != NULL);
	ad_json_set_str(arena, data, "question", open ? open->question : "");
	ad_json_set_str(arena, data, "asked_by", open ? open->asked_by_name : "");
	ad_json_set_int(arena, data, "q", open ? open->id : 0);
	return 0;
}

/* ---- changes ---- */

static int add_change(struct ad_desk *desk, const char *locale, const struct ad_revision *revision,
	struct ad_json *items, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *item = ad_json_new_object(arena);
	int e = 0;
	ad_json_set_str(arena, item, "before", ad_words_cut(desk, revision->before, AD_SHOWN_MAX));
	ad_json_set_str(arena, item, "after", ad_words_cut(desk, revision->after, AD_SHOWN_MAX));
	if (ad_text_eq(revision->what, "answer"))
		ad_json_set_str(arena, item, "label", revision->label);
	else
		e = ad_words_into(desk, locale, ad_printf(arena, "changed.%s", revision->what),
			item, "label", err);
	if (e == 0)
		e = ad_words_into(desk, locale,
			ad_text_eq(revision->what, "undone") ? "changed.why" : "changed.line", item,
			"text", err);
	if (e == 0)
		ad_json_append(arena, items, item);
	return e;
}

static int add_changes(struct ad_desk *desk, const struct ad_request *request, const char *locale,
	struct ad_json *data, struct ad_err *err)
{
	struct ad_revisions list = { 0 };
	struct ad_json *items = ad_json_new_array(desk->arena);
	int e = 0;
	if (request->round > 1 && ad_request_undecided(request->state))
		e = ad_store_round_revisions(
			desk->db, desk->arena, request->id, request->round, &list, err);
	for (size_t i = 0; e == 0 && i < list.count; i++)
		e = add_change(desk, locale, &list.items[i], items, err);
	if (e != 0)
		return e;
	bool undone = list.count > 0 && ad_text_eq(list.items[0].what, "undone");
	ad_json_set(desk->arena, data, "changes", items);
	ad_json_set_bool(desk->arena, data, "has_changes", list.count > 0);
	return ad_words_into(desk, locale, undone ? "changed.title_undone" : "changed.title", data,
		"changes_title", err);
}

/* ---- what may be done ---- */

enum { SPANS = 6, OFFERS_MAX = SPANS + 2 };

/* The usual spans that are shorter than `most` (0: no limit), the chosen one, and the longest, from
 * the shortest on; for good comes last. Returns how many. */
static size_t list_offers(const struct ad_talk_span *span, int *ret)
{
	static const int usual[SPANS] = { 7, 14, 30, 90, 180, 365 };
	const int longest = span->most == 0 ? INT_MAX : span->most;
	const int chosen = span->chosen == 0 ? INT_MAX : span->chosen;
	size_t count = 0;
	bool placed = chosen >= longest;
	for (size_t i = 0; i < SPANS; i++) {
		if (!placed && chosen <= usual[i]) {
			placed = true;
			if (chosen < usual[i])
				ret[count++] = chosen;
		}
		if (usual[i] < longest)
			ret[count++] = usual[i];
	}
	if (!placed)
		ret[count++] = chosen;
	ret[count++] = span->most;
	return count;
}

int ad_talk_offer(struct ad_desk *desk, const char *locale, const struct ad_talk_span *span,
	struct ad_json *data, struct ad_err *err)
{
	int offers[OFFERS_MAX];
	size_t count = list_offers(span, offers);
	struct ad_json *choices = ad_json_new_array(desk->arena);
	int e = 0;
	for (size_t i = 0; e == 0 && i < count; i++) {
		struct ad_json *choice = ad_json_new_object(desk->arena);
		const char *title = "";
		e = ad_talk_days(desk, locale, offers[i], &title, err);
		ad_json_set_str(desk->arena, choice, "title", title);
		ad_json_set_str(
			desk->arena, choice, "value", ad_printf(desk->arena, "%d", offers[i]));
		ad_json_append(desk->arena, choices, choice);
	}
	ad_json_set(desk->arena, data, "spans", choices);
	ad_json_set_str(desk->arena, data, "span", ad_printf(desk->arena, "%d", span->chosen));
	return e;
}

/* What an approver may give: not more than is wanted, or than an earlier stage has left of it
 * (product A5). */
static int add_offer(struct ad_desk *desk, const struct ad_request *request, const char *locale,
	struct ad_json *data, struct ad_err *err)
{
	int most = request->granted_days > 0 ? request->granted_days : request->wanted_days;
	return ad_talk_offer(
		desk, locale, &(struct ad_talk_span){ .most = most, .chosen = most }, data, err);
}

int ad_talk_spans(struct ad_desk *desk, const struct ad_request *request, const char *locale,
	struct ad_json *data, struct ad_err *err)
{
	const char *wanted;
	const char *granted = "";
	bool narrowed = request->granted_days > 0 && request->granted_days != request->wanted_days;
	int e = ad_talk_days(desk, locale, request->wanted_days, &wanted, err);
	if (e == 0 && narrowed)
		e = ad_talk_days(desk, locale, request->granted_days, &granted, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, data, "wanted_span", wanted);
	ad_json_set_str(desk->arena, data, "granted_span", granted);
	ad_json_set_bool(desk->arena, data, "is_narrowed", narrowed);
	ad_json_set_bool(desk->arena, data, "has_span", request->wanted_days > 0 || narrowed);
	return 0;
}

int ad_talk_data(struct ad_desk *desk, const struct ad_request *request, const char *locale,
	struct ad_json *data, struct ad_err *err)
{
	bool pending = request->state == AD_REQUEST_PENDING;
	ad_json_set_bool(desk->arena, data, "can_ask", pending && request->pauses < AD_PAUSES_MAX);
	ad_json_set_bool(desk->arena, data, "can_nudge", pending);
	ad_json_set_bool(desk->arena, data, "can_edit",
		ad_request_undecided(request->state) && request->extends_grant == 0);
	int e = add_inquiries(desk, request, data, err);
	if (e == 0)
		e = add_changes(desk, request, locale, data, err);
	return e == 0 ? add_offer(desk, request, locale, data, err) : e;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A delivered app on its person's card, and on those of the admins who hear that it does not work.
 */
#include "verdict.h"
#include "ad/text.h"

enum ad_verdict_state ad_verdict_state_of(const struct ad_verdict *verdict)
{
	if (!verdict)
		return AD_VERDICT_NONE;
	if (verdict->works)
		return AD_VERDICT_WORKS;
	return ad_text_empty(verdict->answered_by) ? AD_VERDICT_BROKEN : AD_VERDICT_ANSWERED;
}

/* Words of one card in one state: title, text, and a line that stands out. */
struct look {
	const char *title;
	const char *text;
	const char *short_form;
	const char *status;
	const char *style;
};

static int add_look(struct ad_desk *desk, const char *locale, const struct look *look,
	struct ad_json *data, struct ad_err *err)
{
	const char *const keys[][2] = { { "title", look->title }, { "text", look->text },
		{ "short", look->short_form }, { "status", look->status } };
	int e = 0;
	for (size_t i = 0; e == 0 && i < sizeof keys / sizeof keys[0]; i++)
		e = ad_words_into(desk, locale, keys[i][1], data, keys[i][0], err);
	ad_json_set_str(desk->arena, data, "style", look->style);
	return e;
}

/* What cards of both kinds show. */
static int make_data(struct ad_desk *desk, const char *locale, const struct ad_verdict_view *view,
	const struct look *look, struct ad_json **ret, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	const struct ad_verdict *verdict = view->verdict;
	int e = ad_request_data(desk, view->request, locale, ret, err);
	if (e != 0)
		return e;
	struct ad_json *data = *ret;
	const char *words = verdict ? ad_words_cut(desk, verdict->words, AD_REASON_MAX) : "";
	const char *answer = verdict ? ad_words_cut(desk, verdict->answer, AD_REASON_MAX) : "";
	ad_json_set_str(arena, data, "person", verdict ? verdict->person : "");
	ad_json_set_str(arena, data, "words", words);
	ad_json_set_bool(arena, data, "has_words", *words != '\0');
	ad_json_set_str(arena, data, "by", verdict ? verdict->answered_by_name : "");
	ad_json_set_str(arena, data, "answer", answer);
	ad_json_set_bool(arena, data, "has_answer", *answer != '\0');
	ad_json_set_str(arena, data, "since", verdict ? verdict->said_at : "");
	ad_json_set_int(arena, data, "max", AD_REASON_MAX);
	ad_json_set_str(arena, data, "note", view->note ? view->note : "");
	ad_json_set_bool(arena, data, "has_note", view->note != NULL);
	return add_look(desk, locale, look, data, err);
}

static int new_token(struct ad_desk *desk, const struct ad_person *who, const char *purpose,
	const struct ad_request *request, struct ad_json *data, struct ad_err *err)
{
	const char *token;
	int e = ad_store_token_new(desk->db, desk->arena,
		&(struct ad_token){ .tenant_id = desk->tenant_id,
			.oid = who->oid,
			.purpose = purpose,
			.request_id = request->id },
		&token, err);
	if (e == 0)
		ad_json_set_str(desk->arena, data, "t", token);
	return e;
}

/* ---- its person's ---- */

int ad_verdict_show(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_verdict_view *view, struct ad_desk_reply *ret, struct ad_err *err)
{
	static const struct look looks[] = {
		[AD_VERDICT_NONE] = { "ready.title", "ready.text", "ready.short", "ready.status",
			"good" },
		[AD_VERDICT_WORKS] = { "verdict.works_title", "verdict.works_text",
			"verdict.works_text", "verdict.works_status", "good" },
		[AD_VERDICT_BROKEN] = { "verdict.broken_title", "verdict.broken_text",
			"verdict.broken_text", "verdict.broken_status", "warning" },
		[AD_VERDICT_ANSWERED] = { "verdict.answered_title", "verdict.answered_text",
			"verdict.answered_short", "verdict.broken_status", "accent" },
	};
	struct ad_json *data;
	enum ad_verdict_state said = ad_verdict_state_of(view->verdict);
	int e = make_data(desk, who->locale, view, &looks[said], &data, err);
	if (e == 0)
		e = new_token(desk, who, "verdict", view->request, data, err);
	if (e != 0)
		return e;
	ad_json_set_bool(desk->arena, data, "can_work", ad_verdict_is_news(said, true));
	ad_json_set_bool(desk->arena, data, "can_fail", ad_verdict_is_news(said, false));
	return ad_reply_card(desk, who, "ready", looks[said].short_form, data, "verdict", ret, err);
}

int ad_verdict_tell(struct ad_desk *desk, const char *oid, const struct ad_verdict_view *view,
	const char *what, struct ad_err *err)
{
	struct ad_person person = { .oid = oid };
	struct ad_desk_reply card;
	int e = ad_notice_locale(desk, oid, &person.locale, err);
	if (e == 0)
		e = ad_verdict_show(desk, &person, view, &card, err);
	if (e != 0)
		return e;
	return ad_notice_send(desk,
		&(struct ad_notice){ .oid = oid,
			.fact = ad_printf(
				desk->arena, "request.%lld.%s", (long long)view->request->id, what),
			.card = card.card,
			.text = card.text,
			.request_id = view->request->id,
			.version = view->request->version },
		err);
}

/* ---- the admins' ---- */

int ad_trouble_show(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_verdict_view *view, struct ad_desk_reply *ret, struct ad_err *err)
{
	static const struct look looks[] = {
		[AD_VERDICT_WORKS] = { "trouble.title_over", "trouble.twin_over",
			"trouble.short_over", "trouble.status_works", "good" },
		[AD_VERDICT_BROKEN] = { "trouble.title", "trouble.twin", "trouble.short",
			"trouble.status_open", "attention" },
		[AD_VERDICT_ANSWERED] = { "trouble.title", "trouble.twin_over", "trouble.short",
			"trouble.status_answered", "accent" },
	};
	struct ad_json *data;
	enum ad_verdict_state said = ad_verdict_state_of(view->verdict);
	bool open = said == AD_VERDICT_BROKEN;
	int e = make_data(desk, who->locale, view, &looks[said], &data, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, data, "t", "");
	ad_json_set_bool(desk->arena, data, "can_answer", open);
	if (open)
		e = new_token(desk, who, "trouble", view->request, data, err);
	if (e == 0)
		e = ad_reply_card(
			desk, who, "trouble", looks[said].short_form, data, "trouble", ret, err);
	if (e != 0)
		return e;
	ret->role = AD_VERDICT_ROLE;
	ret->request_id = view->request->id;
	ret->version = view->verdict->version;
	return 0;
}

int ad_trouble_show_now(struct ad_desk *desk, const struct ad_person *who, int64_t request_id,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_request request;
	struct ad_verdict verdict;
	int e = ad_store_request_get(
		desk->db, desk->arena, desk->tenant_id, request_id, &request, err);
	if (e == 0)
		e = ad_store_verdict_get(
			desk->db, desk->arena, desk->tenant_id, request_id, &verdict, err);
	return e == 0 ? ad_trouble_show(desk, who,
				&(struct ad_verdict_view){
					.request = &request, .verdict = &verdict },
				ret, err)
		      : e;
}

static int show_thing(struct ad_desk *desk, const struct ad_person *who, const void *thing,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_trouble_show(desk, who, thing, ret, err);
}

int ad_trouble_send(struct ad_desk *desk, const struct ad_verdict_view *view, struct ad_err *err)
{
	int e = 0;
	const char *fact = ad_printf(desk->arena, "request.%lld.verdict.%d",
		(long long)view->request->id, view->verdict->version);
	for (size_t i = 0; e == 0 && i < desk->admins.count && i < AD_DESK_CARDS_MAX; i++)
		e = ad_admin_card_send(desk, &desk->admins.items[i], fact,
			&(struct ad_admin_card){ view, show_thing }, err);
	return e;
}

int ad_trouble_refresh(struct ad_desk *desk, const struct ad_verdict_view *view, struct ad_err *err)
{
	return ad_admin_card_refresh(desk,
		&(struct ad_admin_copies){
			.request_id = view->request->id, .role = AD_VERDICT_ROLE },
		&(struct ad_admin_card){ view, show_thing }, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Several decisions at once: one confirmation, and then each by itself. */
#include "ad/desk/bulk.h"
#include "ad/crypto.h"
#include "ad/text.h"
#include "parts.h"
#include "stepup.h"

/* "12:3 14:1": the numbers, and the versions that the person has seen. */
static const char *print_picks(struct ad_arena *arena, const struct ad_desk_press *press)
{
	const char *ret = "";
	for (size_t i = 0; i < press->pick_count; i++)
		ret = ad_printf(arena, "%s%s%lld:%d", ret, i > 0 ? " " : "",
			(long long)press->picks[i].number, press->picks[i].seen);
	return ret;
}

/* What the button's token was made for: these picks, this decision, these words. A button that
 * carries anything else was not made here. */
static const char *purpose(
	struct ad_arena *arena, const struct ad_desk_press *press, enum ad_decision decision)
{
	uint8_t hash[AD_SHA256_LEN];
	const char *all = ad_printf(arena, "%s %d %s %s", print_picks(arena, press), press->days,
		ad_decision_name(decision), press->reason ? press->reason : "");
	ad_sha256(all, strlen(all), hash);
	return ad_printf(arena, "bulk %s", ad_hex(arena, hash, sizeof hash));
}

/* ---- asking ---- */

static struct ad_json *add_line(
	struct ad_arena *arena, struct ad_json *rows, int64_t number, const char *app)
{
	struct ad_json *row = ad_json_new_object(arena);
	ad_json_set_int(arena, row, "rid", number);
	ad_json_set_str(arena, row, "app", app);
	ad_json_set_bool(arena, row, "separator", ad_json_count(rows) > 0);
	ad_json_append(arena, rows, row);
	return row;
}

/* One of the list; *ret_pick.number is 0 when there is nothing to be decided about it. */
static int add_pick(struct ad_desk *desk, const struct ad_person *who, struct ad_json *rows,
	const struct ad_desk_pick *pick, struct ad_desk_pick *ret_pick, struct ad_err *err)
{
	struct ad_request request;
	struct ad_json *data;
	struct ad_json *row;
	*ret_pick = (struct ad_desk_pick){ 0 };
	int e = ad_request_find_visible(desk, who, pick->number, &request, err);
	if (e == AD_ENOTFOUND) {
		row = add_line(desk->arena, rows, pick->number, "");
		return ad_words_into(desk, who->locale, "request.unknown", row, "text", err);
	}
	if (e == 0)
		e = ad_request_data(desk, &request, who->locale, &data, err);
	if (e != 0)
		return e;
	row = add_line(desk->arena, rows, pick->number, request.app_name);
	bool waits = ad_request_undecided(request.state);
	const char *text = ad_json_str(data, "requester");
	if (!waits)
		e = ad_words(desk, who->locale, "decide.closed", data, &text, err);
	ad_json_set_str(desk->arena, row, "text", text);
	if (waits)
		*ret_pick = (struct ad_desk_pick){ .number = pick->number,
			.seen = pick->seen ? pick->seen : request.version };
	return e;
}

static int add_button(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, enum ad_decision decision, struct ad_json *data,
	struct ad_err *err)
{
	const char *token = "";
	int e = 0;
	bool approves = decision == AD_DECISION_APPROVED;
	const char *numbers = "";
	for (size_t i = 0; i < press->pick_count; i++)
		numbers = ad_printf(desk->arena, "%s%s%lld", numbers, i > 0 ? ", " : "",
			(long long)press->picks[i].number);
	if (press->pick_count > 0)
		e = ad_store_token_new(desk->db, desk->arena,
			&(struct ad_token){ .tenant_id = desk->tenant_id,
				.oid = who->oid,
				.purpose = purpose(desk->arena, press, decision) },
			&token, err);
	ad_json_set_str(desk->arena, data, "t", token);
	ad_json_set_bool(desk->arena, data, "has_picks", press->pick_count > 0);
	ad_json_set_int(desk->arena, data, "count", (int64_t)press->pick_count);
	ad_json_set_str(desk->arena, data, "picks", print_picks(desk->arena, press));
	ad_json_set_str(desk->arena, data, "numbers", numbers);
	ad_json_set_int(desk->arena, data, "days", press->days);
	ad_json_set_str(desk->arena, data, "reason", press->reason ? press->reason : "");
	ad_json_set_bool(desk->arena, data, "has_reason", !ad_text_empty(press->reason));
	ad_json_set_bool(desk->arena, data, "approves", approves);
	ad_json_set_str(
		desk->arena, data, "verb", approves ? "bulk_approve_yes" : "bulk_reject_yes");
	if (e == 0)
		e = ad_words_into(desk, who->locale,
			approves ? "bulk.title_approve" : "bulk.title_reject", data, "title", err);
	if (e == 0)
		e = ad_words_into(desk, who->locale,
			approves ? "bulk.twin_approve" : "bulk.twin_reject", data, "twin", err);
	return e;
}

/* What cannot be asked for at all. */
static const char *fault(const struct ad_desk_press *press, enum ad_decision decision)
{
	static const struct ad_input_rule limit = { .max_chars = AD_REASON_MAX };
	const char *reason = press->reason ? press->reason : "";
	if (press->pick_count == 0)
		return "bulk.nothing";
	if (press->pick_count > AD_BULK_MAX)
		return "bulk.many";
	if (ad_input_check(&limit, reason) == AD_INPUT_TOO_LONG)
		return "decide.long_reason";
	return decision == AD_DECISION_REJECTED && !*reason ? "bulk.needs_reason" : NULL;
}

static int ask(struct ad_desk *desk, const struct ad_person *who, struct ad_desk_press *press,
	enum ad_decision decision, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	struct ad_json *rows = ad_json_new_array(desk->arena);
	struct ad_desk_pick *waiting =
		ad_alloc_array(desk->arena, press->pick_count, sizeof *waiting);
	size_t count = 0;
	int e = 0;
	for (size_t i = 0; e == 0 && i < press->pick_count; i++) {
		e = add_pick(desk, who, rows, &press->picks[i], &waiting[count], err);
		if (e == 0 && waiting[count].number != 0)
			count++;
	}
	press->picks = waiting;
	press->pick_count = count;
	ad_json_set(desk->arena, data, "rows", rows);
	if (e == 0)
		e = add_button(desk, who, press, decision, data, err);
	return e == 0 ? ad_reply_card(desk, who, "bulk", "bulk.short", data, "bulk", ret, err) : e;
}

int ad_desk_bulk(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, enum ad_decision decision, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_desk_press clean = *press;
	if (press->reason)
		clean.reason =
			ad_text_trim(desk->arena, ad_utf8_clean(desk->arena, press->reason, true));
	const char *key = fault(&clean, decision);
	if (key) {
		struct ad_json *data = ad_json_new_object(desk->arena);
		ad_json_set_int(desk->arena, data, "max", AD_BULK_MAX);
		return ad_reply_words(desk, who, key, data, "bulk_faulty", ret, err);
	}
	int e = ask(desk, who, &clean, decision, ret, err);
	if (e == 0)
		ret->in_place = press->inputs != NULL;
	return e;
}

int ad_desk_bulk_meant(struct ad_desk *desk, const struct ad_person *who, int64_t number, bool *ret,
	struct ad_err *err)
{
	struct ad_request request;
	*ret = false;
	int e = ad_store_request_get(desk->db, desk->arena, desk->tenant_id, number, &request, err);
	if (e == 0 && ad_request_undecided(request.state))
		e = ad_store_request_was_asked(desk->db, desk->arena, number, who->oid, ret, err);
	return e == AD_ENOTFOUND ? 0 : e;
}

/* ---- deciding ---- */

static bool is_pressed(const struct ad_desk_press *press)
{
	return !ad_text_empty(press->token);
}

/* Whether one of those that wait, and that the person may see, wants a sign-in. */
static int wants_sign_in(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, enum ad_decision decision, bool *ret, struct ad_err *err)
{
	struct ad_request request;
	*ret = false;
	if (!ad_stepup_wanted(desk, AD_CLASSIFICATION_CRITICAL, decision))
		return 0;
	for (size_t i = 0; !*ret && i < press->pick_count; i++) {
		int e = ad_request_find_visible(desk, who, press->picks[i].number, &request, err);
		if (e != 0 && e != AD_ENOTFOUND)
			return e;
		*ret = e == 0 && ad_request_undecided(request.state) &&
		       ad_stepup_wanted(desk, request.app_classification, decision);
	}
	return 0;
}

/* One sign-in serves for all of the list. *ret_done: it is asked for, or what came does not do. */
static int sign_in(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, enum ad_decision decision, struct ad_desk_reply *ret,
	bool *ret_done, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	if (desk->stepup && desk->stepup->held)
		return ad_stepup_check(desk, who, ret, ret_done, err);
	int e = wants_sign_in(desk, who, press, decision, ret_done, err);
	if (e != 0 || !*ret_done)
		return e;
	ad_json_set_int(desk->arena, data, "count", (int64_t)press->pick_count);
	return ad_stepup_ask(desk, who,
		&(struct ad_stepup_wish){ .use = AD_DESK_BULK_DECIDE,
			.decision = decision,
			.picks = press->picks,
			.pick_count = press->pick_count,
			.reason = press->reason,
			.days = press->days,
			.token = press->token,
			.key = "stepup.ask_several",
			.data = data },
		ret, err);
}

int ad_desk_bulk_begin(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, enum ad_decision decision, struct ad_desk_reply *ret,
	bool *ret_done, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_token token;
	const char *key = fault(press, decision);
	*ret_done = key != NULL;
	if (key) {
		struct ad_json *data = ad_json_new_object(desk->arena);
		ad_json_set_int(desk->arena, data, "max", AD_BULK_MAX);
		return ad_reply_words(desk, who, key, data, "bulk_faulty", ret, err);
	}
	int e = is_pressed(press)
			? ad_reply_token(desk, who, press, purpose(desk->arena, press, decision),
				  &token, ret, ret_done, err)
			: 0;
	return e == 0 && !*ret_done ? sign_in(desk, who, press, decision, ret, ret_done, err) : e;
}

int ad_desk_bulk_decide(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, enum ad_decision decision, size_t index,
	struct ad_bulk_item *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	const struct ad_desk_pick *pick = &press->picks[index];
	/* As if it were typed, but what was seen counts. */
	const struct ad_desk_press one = { .number = pick->number,
		.seen = pick->seen,
		.reason = press->reason,
		.days = press->days };
	struct ad_request request = { .app_name = "" };
	struct ad_desk_reply reply;
	int e = ad_request_find_visible(desk, who, pick->number, &request, err);
	if (e != 0 && e != AD_ENOTFOUND)
		return e;
	const char *app = e == 0 ? request.app_name : "";
	e = ad_desk_decide(desk, who, &one, decision, &reply, err);
	if (e != 0)
		return e;
	*ret = (struct ad_bulk_item){
		.number = pick->number,
		.app = app,
		.text = reply.text,
		.decided = ad_text_eq(reply.outcome, ad_decide_outcome_name(AD_DECIDE_DECIDED)),
	};
	return 0;
}

int ad_desk_bulk_end(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, const struct ad_bulk_item *items,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_json *data = ad_json_new_object(desk->arena);
	struct ad_json *rows = ad_json_new_array(desk->arena);
	int64_t decided = 0;
	int e = 0;
	for (size_t i = 0; e == 0 && i < press->pick_count; i++) {
		const char *text = items[i].text;
		struct ad_json *row = add_line(desk->arena, rows, press->picks[i].number,
			items[i].app ? items[i].app : "");
		if (!text)
			e = ad_words(desk, who->locale, "bulk.not_stored", NULL, &text, err);
		ad_json_set_str(desk->arena, row, "text", text ? text : "");
		ad_json_set_bool(desk->arena, row, "decided", items[i].decided);
		decided += items[i].decided;
	}
	ad_json_set(desk->arena, data, "rows", rows);
	ad_json_set_int(desk->arena, data, "count", (int64_t)press->pick_count);
	ad_json_set_int(desk->arena, data, "decided", decided);
	if (e == 0)
		e = ad_reply_card(desk, who, "bulk_done", "bulk.done", data, "bulk_done", ret, err);
	if (e == 0 && desk->stepup && desk->stepup->held)
		e = ad_stepup_spend(desk, err);
	if (e != 0 || !is_pressed(press))
		return e;
	ret->in_place = true;
	return ad_reply_remember(desk, press->token, ret, err);
}

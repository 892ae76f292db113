/* SPDX-License-Identifier: Apache-2.0 */
/* The person of a delivered app says whether it works, and an admin answers who says that it does
 * not. Freezing does not stop either: nothing is decided, and no access changes. */
#include "verdict.h"
#include "grants.h"
#include "ad/text.h"

static const char *clean(const struct ad_desk *desk, const char *text)
{
	const char *plain = ad_utf8_clean(desk->arena, text ? text : "", true);
	return ad_words_cut(desk, ad_text_trim(desk->arena, plain), AD_REASON_MAX);
}

/* Behind the grant, so that the request's history shows it; its own last row is that it closed. */
static int trail(struct ad_desk *desk, const struct ad_person *who, const char *action,
	const struct ad_grant *grant, const char *text)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, details, "request_id", grant->request_id);
	ad_json_set_int(desk->arena, details, "app_id", grant->app_id);
	ad_json_set_str(desk->arena, details, "person", grant->oid);
	if (!ad_text_empty(text))
		ad_json_set_str(desk->arena, details, "text", text);
	return ad_trail_later(desk, &(struct ad_event){ .who = who,
					    .action = action,
					    .entity_type = "grant",
					    .entity_id = grant->id,
					    .details = details });
}

/* What is said of the grant's app so far, with the request held against others who say something at
 * the same time; ret->verdict is NULL when it is nothing. */
struct state {
	struct ad_request request;
	struct ad_verdict verdict;
	struct ad_verdict_view view;
};
static int hold(struct ad_desk *desk, int64_t request_id, struct state *ret, struct ad_err *err)
{
	int e = ad_store_request_lock(
		desk->db, desk->arena, desk->tenant_id, request_id, &ret->request, err);
	if (e != 0)
		return e;
	e = ad_store_verdict_get(
		desk->db, desk->arena, desk->tenant_id, request_id, &ret->verdict, err);
	ret->view = (struct ad_verdict_view){ .request = &ret->request,
		.verdict = e == 0 ? &ret->verdict : NULL };
	return e == AD_ENOTFOUND ? 0 : e;
}

static int read_again(struct ad_desk *desk, struct state *state, struct ad_err *err)
{
	state->view.verdict = &state->verdict;
	return ad_store_verdict_get(
		desk->db, desk->arena, desk->tenant_id, state->request.id, &state->verdict, err);
}

/* ---- its person ---- */

/* The person's own app behind a press or words; *ret_done: *ret is the answer. */
static int begin(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_grant *ret_grant, struct ad_desk_reply *ret,
	bool *ret_done, struct ad_err *err)
{
	struct ad_token token = { .request_id = press->number };
	int e = 0;
	*ret_done = false;
	if (!ad_text_empty(press->token))
		e = ad_reply_token(desk, who, press, "verdict", &token, ret, ret_done, err);
	if (e != 0 || *ret_done)
		return e;
	e = ad_grant_find_own(desk, who, token.request_id, NULL, ret_grant, err);
	if (e == 0 && ret_grant->state == AD_GRANT_ACTIVE)
		return 0;
	*ret_done = true;
	if (e == AD_ENOTFOUND)
		return ad_grant_unknown(desk, who, token.request_id, ret, err);
	if (e == 0)
		e = ad_grant_show(desk,
			&(struct ad_grant_view){
				.grant = ret_grant, .who = who, .key = "grant.over" },
			"over", ret, err);
	return e == 0 ? ad_reply_finish(desk, press, ret, err) : e;
}

static int put(struct ad_desk *desk, const struct ad_person *who, const struct ad_grant *grant,
	struct state *state, const struct ad_verdict *said, struct ad_err *err)
{
	bool was_told = ad_verdict_state_of(state->view.verdict) >= AD_VERDICT_BROKEN;
	int e = ad_store_verdict_put(desk->db, desk->arena, desk->tenant_id, said, err);
	if (e == 0)
		e = read_again(desk, state, err);
	if (e == 0 && (was_told || !said->works))
		e = ad_trouble_refresh(desk, &state->view, err);
	if (e == 0 && !said->works)
		e = ad_trouble_send(desk, &state->view, err);
	return e == 0 ? trail(desk, who, said->works ? "verdict.works" : "verdict.broken", grant,
				said->words)
		      : e;
}

int ad_desk_verdict(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, bool works, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_grant grant;
	struct state state;
	bool done;
	int e = ad_settings_hold(desk, err);
	if (e == 0)
		e = begin(desk, who, press, &grant, ret, &done, err);
	if (e != 0 || done)
		return e;
	e = hold(desk, grant.request_id, &state, err);
	if (e == 0 && ad_verdict_is_news(ad_verdict_state_of(state.view.verdict), works))
		e = put(desk, who, &grant, &state,
			&(struct ad_verdict){ .request_id = grant.request_id,
				.oid = who->oid,
				.works = works,
				.words = works ? "" : clean(desk, press->reason) },
			err);
	if (e == 0)
		e = ad_verdict_show(desk, who, &state.view, ret, err);
	return e == 0 ? ad_reply_finish(desk, press, ret, err) : e;
}

/* ---- admins ---- */

/* The state for the admin, with a sentence about what became of the answer. */
static int show_noted(struct ad_desk *desk, const struct ad_person *who, struct state *state,
	const char *key, const char *outcome, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, data, "by", state->verdict.answered_by_name);
	ad_json_set_str(desk->arena, data, "person", state->verdict.person);
	int e = ad_words(desk, who->locale, key, data, &state->view.note, err);
	if (e == 0)
		e = ad_trouble_show(desk, who, &state->view, ret, err);
	ret->text = state->view.note;
	ret->outcome = outcome;
	return e;
}

static int answer(struct ad_desk *desk, const struct ad_person *who, struct state *state,
	const char *text, struct ad_err *err)
{
	struct ad_grant grant;
	int64_t id = state->request.id;
	int e = ad_store_grant_of_request(desk->db, desk->arena, desk->tenant_id, id, &grant, err);
	if (e == 0)
		e = ad_store_verdict_answer(desk->db, desk->arena, desk->tenant_id,
			&(struct ad_verdict){
				.request_id = id, .answered_by = who->oid, .answer = text },
			err);
	if (e == 0)
		e = read_again(desk, state, err);
	if (e == 0)
		e = ad_verdict_tell(desk, state->verdict.oid, &state->view,
			ad_printf(desk->arena, "verdict.%d", state->verdict.version), err);
	if (e == 0)
		e = ad_trouble_refresh(desk, &state->view, err);
	return e == 0 ? trail(desk, who, "verdict.answered", &grant, text) : e;
}

/* What the admin has written; "": nothing. */
static const char *written(const struct ad_desk *desk, const struct ad_desk_press *press)
{
	const char *input = ad_json_text(ad_json_get(press->inputs, AD_DESK_INPUT_REPLY));
	return clean(desk, press->inputs ? input : press->reason);
}

static int say(struct ad_desk *desk, const struct ad_person *who, int64_t number, const char *key,
	const char *outcome, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, data, "rid", number);
	return ad_reply_words(desk, who, key, data, outcome, ret, err);
}

/* What is said so far of the request behind a press or words; *ret_done: *ret is the answer. */
static int begin_answer(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct state *ret_state, struct ad_desk_reply *ret,
	bool *ret_done, struct ad_err *err)
{
	struct ad_token token = { .request_id = press->number };
	int e = ad_settings_hold(desk, err);
	*ret_done = e == 0 && !who->is_admin;
	if (*ret_done)
		return ad_reply_not_admin(desk, who, ret, err);
	if (e == 0 && !ad_text_empty(press->token))
		e = ad_reply_token(desk, who, press, "trouble", &token, ret, ret_done, err);
	if (e != 0 || *ret_done)
		return e;
	e = hold(desk, token.request_id, ret_state, err);
	*ret_done = e == AD_ENOTFOUND || (e == 0 && !ret_state->view.verdict);
	return *ret_done
		       ? say(desk, who, token.request_id, "trouble.unknown", "no_trouble", ret, err)
		       : e;
}

int ad_desk_verdict_answer(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct state state;
	const char *text = written(desk, press);
	const char *key = "trouble.late";
	bool done;
	int e = begin_answer(desk, who, press, &state, ret, &done, err);
	if (e != 0 || done)
		return e;
	enum ad_verdict_state said = ad_verdict_state_of(state.view.verdict);
	bool wanted = said == AD_VERDICT_BROKEN;
	if (wanted && !*text)
		return say(desk, who, state.request.id, "trouble.needs_text", "invalid", ret, err);
	if (wanted) {
		key = "trouble.done";
		e = answer(desk, who, &state, text, err);
	} else if (said == AD_VERDICT_WORKS) {
		key = "trouble.works";
	}
	if (e == 0)
		e = show_noted(desk, who, &state, key, wanted ? "answered" : "late", ret, err);
	return e == 0 ? ad_reply_finish(desk, press, ret, err) : e;
}

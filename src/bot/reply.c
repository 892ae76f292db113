/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a reply goes. Words are answered by a message of the outbox. A press from Action.Execute is
 * answered in the HTTP body: the card that takes the pressed one's place (and, through the outbox,
 * everybody's copy of it), or a line beside it. Where others read along the answer itself is
 * private and only a pointer is left there (product E17).
 */
#include "turn.h"
#include "ad/clock.h"
#include "ad/teams/extension.h"
#include "ad/text.h"

const char *ad_turn_message(struct ad_turn *turn, const char *key)
{
	struct ad_arena *arena = turn->worker->arena;
	const char *text = NULL;
	struct ad_err ignored = { 0 };
	if (ad_cards_text(turn->desk.cards, arena, key, turn->who.locale, NULL, &text, &ignored) !=
		0)
		text = "Please try again in a minute.";
	bool browses = turn->intent.kind == AD_INTENT_BROWSE;
	return ad_json_print(arena,
		browses ? ad_extension_message(arena, text) : ad_invoke_message(arena, text));
}

static bool is_installation(const struct ad_turn *turn)
{
	return turn->intent.use == AD_DESK_WELCOME && turn->activity.type != AD_ACTIVITY_MESSAGE;
}

/* One welcome a day and conversation: Teams tells of an installation in two activities at once, and
 * who installs the app again another day is welcome again. */
static const char *welcome_fact(const struct ad_turn *turn)
{
	struct ad_arena *arena = turn->worker->arena;
	const char *now = ad_clock_iso(arena, ad_clock_unix_ms() / 1000);
	return ad_printf(arena, "welcome.%.10s.%s", now, turn->activity.conversation_base_id);
}

/* Post the reply to the person: in the conversation of the activity when that is theirs alone. */
static int post(struct ad_turn *turn, const struct ad_desk_reply *reply, struct ad_err *err)
{
	const struct ad_activity *a = &turn->activity;
	bool here = a->is_personal;
	const char *fact = is_installation(turn)
				   ? welcome_fact(turn)
				   : ad_printf(turn->worker->arena, "reply.%s", a->id);
	bool on_card = turn->intent.pressed && here && !ad_extension_is_press(a);
	const struct ad_desk_place place = {
		.service_url = here ? a->service_url : "",
		.conversation_id = here ? a->conversation_id : "",
		.activity_id = on_card ? a->reply_to_id : "",
		.shown = turn->intent.is_invoke && reply->in_place,
		.fact = fact,
	};
	return ad_desk_post(&turn->desk, &turn->who, reply, &place, err);
}

/* "I have written to you privately", without a word of what it was about. */
static int point_to_private(struct ad_turn *turn, struct ad_err *err)
{
	const struct ad_activity *a = &turn->activity;
	struct ad_desk_reply pointer = { 0 };
	const struct ad_desk_place place = {
		.service_url = a->service_url,
		.conversation_id = a->conversation_id,
		.activity_id = "",
		.fact = ad_printf(turn->worker->arena, "pointer.%s", a->id),
	};
	int r = ad_desk_say(&turn->desk, &turn->who, "bot.private", NULL, &pointer, err);
	return r == 0 ? ad_desk_post(&turn->desk, &turn->who, &pointer, &place, err) : r;
}

/* Whether the person's own chat can be written to, as the word that is said beside the pressed
 * card.
 */
static int find_chat(
	struct ad_turn *turn, const char **ret_word, bool *ret_open, struct ad_err *err)
{
	struct ad_bot_worker *w = turn->worker;
	const struct ad_store_conv who = { .tenant_id = turn->desk.tenant_id,
		.oid = turn->who.oid,
		.app_id = w->bot->options.app_id };
	struct ad_store_conv conv;
	int r = ad_store_conv_get(w->db, w->arena, &w->bot->options.key, &who, &conv, err);
	if (r != 0 && r != AD_ENOTFOUND)
		return r;
	*ret_open =
		r == AD_ENOTFOUND || conv.state == AD_CONV_ACTIVE || conv.state == AD_CONV_STALE;
	*ret_word = r == AD_ENOTFOUND ? "bot.private_first"
		    : *ret_open       ? "bot.private"
				      : "bot.no_chat";
	return 0;
}

/* A card that others see as well was pressed: whatever comes of it is the presser's alone. */
static int answer_apart(struct ad_turn *turn, const struct ad_desk_reply *reply,
	struct ad_answer *ret, struct ad_err *err)
{
	const char *word;
	bool open;
	int r = find_chat(turn, &word, &open, err);
	if (r == 0 && open)
		r = post(turn, reply, err);
	if (r == 0)
		ret->body =
			ad_extension_is_press(&turn->activity) ? "{}" : ad_turn_message(turn, word);
	return r;
}

static int answer_invoke(struct ad_turn *turn, const struct ad_desk_reply *reply,
	struct ad_answer *ret, struct ad_err *err)
{
	struct ad_arena *arena = turn->worker->arena;
	bool shown_here = reply->card && reply->in_place;
	int r = 0;
	if (ad_extension_is_press(&turn->activity) || (reply->card && !turn->activity.is_personal))
		return answer_apart(turn, reply, ret, err);
	/* A line beside the card needs no message of its own; a card does. */
	if (reply->card)
		r = post(turn, reply, err);
	if (r != 0)
		return r;
	const char *line = ad_text_empty(reply->text) ? reply->outcome : reply->text;
	if (reply->signin_failed && turn->signin_again) {
		ret->body = ad_json_print(arena, ad_invoke_login_again(arena, line));
		return 0;
	}
	ret->body = ad_json_print(arena,
		shown_here ? ad_invoke_card(arena, reply->card) : ad_invoke_message(arena, line));
	return 0;
}

/* What came of a sign-in is told in a message; the client hears whether it has to show the sign-in
 * page after all. */
static int answer_signin(struct ad_turn *turn, const struct ad_desk_reply *reply,
	struct ad_answer *ret, struct ad_err *err)
{
	struct ad_arena *arena = turn->worker->arena;
	const struct ad_signin_answer *answer = &turn->intent.signin;
	bool exchange = answer->way == AD_SIGNIN_BY_EXCHANGE;
	bool failed = exchange && reply->signin_failed;
	ret->status = failed ? 412 : 200;
	ret->body = "{}";
	if (exchange)
		ret->body = ad_json_print(
			arena, ad_signin_exchange_body(arena, answer, failed ? reply->text : NULL));
	return failed ? 0 : post(turn, reply, err);
}

int ad_turn_reply(struct ad_turn *turn, const struct ad_desk_reply *reply, struct ad_answer *ret,
	struct ad_err *err)
{
	*ret = (struct ad_answer){ .status = 200, .body = "", .end = AD_BOT_ANSWERED };
	if (ad_turn_is_signin(turn))
		return answer_signin(turn, reply, ret, err);
	if (reply->signin && turn->desk.stepup->by_press) {
		ret->body = ad_json_print(
			turn->worker->arena, ad_invoke_login(turn->worker->arena, reply->signin));
		return 0;
	}
	if (turn->intent.is_invoke)
		return answer_invoke(turn, reply, ret, err);
	int r = post(turn, reply, err);
	if (r == 0 && !turn->activity.is_personal && turn->activity.type == AD_ACTIVITY_MESSAGE)
		r = point_to_private(turn, err);
	return r;
}

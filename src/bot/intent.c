/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intent: two tables, one of typed commands and one of card verbs, because every button has a typed
 * twin. What is no command is a search. Called by a turn before its transaction, because the use
 * case decides which facts it needs.
 */
#include "intent.h"
#include "ad/cards.h"
#include "ad/text.h"

#define NO_TOKEN "-" /* no button was ever made with it */
#define KEY_MAX 40
#define TAG_MAX 8            /* "zh-hant" */
#define NUMBER_MAX INT32_MAX /* of a request or job */

enum argument {
	ARG_NONE,   /* the word alone */
	ARG_NUMBER, /* a number follows */
	ARG_MAYBE,  /* a number may follow, then it is about that one (use_one) */
	ARG_REASON, /* a number, then free text */
	ARG_SPAN,   /* a number, then perhaps "30 days", then free text */
	ARG_TEXT,   /* free text may follow */
	ARG_WHICH,  /* a number alone, or free text, may follow */
	ARG_WISH,   /* the word alone, which is what is wished */
	ARG_HOURS,  /* two times of the day follow */
	ARG_NAME,   /* the name of a language follows */
	ARG_LIST,   /* two numbers or more, then perhaps "30 days", then free text */
	ARG_PICKS   /* the same, but one number is enough */
};

/* Typed commands. How they are said is in the languages' words: the key is "command." and the name
 * with "_" for spaces. Longer ones first where one begins another. */
static const struct command {
	const char *name;
	enum argument argument;
	enum ad_desk_use use;
	enum ad_desk_use use_one; /* ARG_MAYBE with a number */
	enum ad_decision decision;
} commands[] = {
	{ "help", ARG_NONE, AD_DESK_HELP, 0, 0 },
	{ "hello", ARG_NONE, AD_DESK_WELCOME, 0, 0 },
	{ "requests", ARG_NONE, AD_DESK_STATUS, 0, 0 },
	{ "status", ARG_MAYBE, AD_DESK_STATUS, AD_DESK_VIEW, 0 },
	{ "request", ARG_NUMBER, AD_DESK_VIEW, 0, 0 },
	{ "history", ARG_REASON, AD_DESK_HISTORY, 0, 0 },
	{ "why", ARG_NUMBER, AD_DESK_WHY, 0, 0 },
	{ "simulate", ARG_TEXT, AD_DESK_SIMULATE, 0, 0 },
	{ "alternatives", ARG_NUMBER, AD_DESK_ALTERNATIVES, 0, 0 },
	{ "details", ARG_TEXT, AD_DESK_DETAILS, 0, 0 },
	{ "cancel", ARG_NUMBER, AD_DESK_CANCEL, 0, 0 },
	{ "edit", ARG_NUMBER, AD_DESK_EDIT, 0, 0 },
	{ "nudge", ARG_NUMBER, AD_DESK_NUDGE, 0, 0 },
	{ "ask", ARG_REASON, AD_DESK_ASK, 0, 0 },
	{ "answer", ARG_REASON, AD_DESK_ANSWER, 0, 0 },
	{ "hand over", ARG_REASON, AD_DESK_HAND_OVER, 0, 0 },
	{ "undo", ARG_REASON, AD_DESK_UNDO, 0, 0 },
	{ "pending", ARG_NONE, AD_DESK_PENDING, 0, 0 },
	{ "pending low risk", ARG_NONE, AD_DESK_PENDING_LOW, 0, 0 },
	{ "several", ARG_TEXT, AD_DESK_SEVERAL, 0, 0 },
	{ "approve", ARG_LIST, AD_DESK_BULK, 0, AD_DECISION_APPROVED },
	{ "reject", ARG_LIST, AD_DESK_BULK, 0, AD_DECISION_REJECTED },
	{ "confirm approve", ARG_PICKS, AD_DESK_BULK_DECIDE, 0, AD_DECISION_APPROVED },
	{ "confirm reject", ARG_PICKS, AD_DESK_BULK_DECIDE, 0, AD_DECISION_REJECTED },
	{ "approve", ARG_SPAN, AD_DESK_DECIDE, 0, AD_DECISION_APPROVED },
	{ "reject", ARG_REASON, AD_DESK_DECIDE, 0, AD_DECISION_REJECTED },
	{ "jobs", ARG_NONE, AD_DESK_JOBS, 0, 0 },
	{ "job", ARG_NUMBER, AD_DESK_JOB, 0, 0 },
	{ "retry", ARG_NUMBER, AD_DESK_RETRY, 0, 0 },
	{ "give up", ARG_REASON, AD_DESK_GIVE_UP, 0, 0 },
	{ "keep out", ARG_REASON, AD_DESK_GIVE_UP, 0, 0 },
	{ "accept installer", ARG_NUMBER, AD_DESK_ACCEPT_INSTALLER, 0, 0 },
	{ "take job", ARG_NUMBER, AD_DESK_TAKE_JOB, 0, 0 },
	{ "grants", ARG_NONE, AD_DESK_GRANTS, 0, 0 },
	{ "grant", ARG_NUMBER, AD_DESK_GRANT, 0, 0 },
	{ "return", ARG_WHICH, AD_DESK_RETURN, 0, 0 },
	{ "confirm return", ARG_NUMBER, AD_DESK_RETURN_CONFIRM, 0, 0 },
	{ "let it end", ARG_NUMBER, AD_DESK_LET_END, 0, 0 },
	{ "extend", ARG_SPAN, AD_DESK_EXTEND, 0, 0 },
	{ "revoke", ARG_REASON, AD_DESK_REVOKE, 0, 0 },
	{ "seats", ARG_TEXT, AD_DESK_SEATS, 0, 0 },
	{ "preferences", ARG_NONE, AD_DESK_PREFERENCES, 0, 0 },
	{ "mute", ARG_WISH, AD_DESK_PREFER, 0, 0 },
	{ "unmute", ARG_WISH, AD_DESK_PREFER, 0, 0 },
	{ "digest daily", ARG_WISH, AD_DESK_PREFER, 0, 0 },
	{ "digest off", ARG_WISH, AD_DESK_PREFER, 0, 0 },
	{ "quiet off", ARG_WISH, AD_DESK_PREFER, 0, 0 },
	{ "quiet", ARG_HOURS, AD_DESK_PREFER, 0, 0 },
	{ "language", ARG_NAME, AD_DESK_PREFER, 0, 0 },
	{ "delegate off", ARG_NONE, AD_DESK_DELEGATE_OFF, 0, 0 },
	{ "delegate", ARG_TEXT, AD_DESK_DELEGATE, 0, 0 },
	{ "delegations", ARG_NONE, AD_DESK_DELEGATIONS, 0, 0 },
	{ "freeze", ARG_TEXT, AD_DESK_FREEZE, 0, 0 },
	{ "confirm freeze", ARG_TEXT, AD_DESK_FREEZE_CONFIRM, 0, 0 },
	{ "unfreeze", ARG_NONE, AD_DESK_UNFREEZE, 0, 0 },
	{ "confirm unfreeze", ARG_NONE, AD_DESK_UNFREEZE_CONFIRM, 0, 0 },
	{ "policies", ARG_NONE, AD_DESK_POLICIES, 0, 0 },
	{ "proposals", ARG_NONE, AD_DESK_PROPOSALS, 0, 0 },
	{ "change", ARG_NUMBER, AD_DESK_PROPOSAL, 0, 0 },
	{ "accept change", ARG_NUMBER, AD_DESK_PROPOSAL_ACCEPT, 0, 0 },
	{ "refuse change", ARG_REASON, AD_DESK_PROPOSAL_REFUSE, 0, 0 },
	{ "drift", ARG_NONE, AD_DESK_DRIFT, 0, 0 },
	{ "adopt drift", ARG_NUMBER, AD_DESK_DRIFT_ADOPTED, 0, 0 },
	{ "remove drift", ARG_NUMBER, AD_DESK_DRIFT_REMOVED, 0, 0 },
	{ "ignore drift", ARG_NUMBER, AD_DESK_DRIFT_IGNORED, 0, 0 },
	{ "directory", ARG_NONE, AD_DESK_BRAKE, 0, 0 },
	{ "resume directory", ARG_NUMBER, AD_DESK_BRAKE_RELEASE, 0, 0 },
	{ "winget", ARG_TEXT, AD_DESK_WINGET, 0, 0 },
	{ "suggest", ARG_TEXT, AD_DESK_SUGGEST, 0, 0 },
	{ "suggestions", ARG_NONE, AD_DESK_SUGGESTIONS, 0, 0 },
	{ "suggestion", ARG_NUMBER, AD_DESK_SUGGESTION, 0, 0 },
	{ "publish suggestion", ARG_REASON, AD_DESK_SUGGESTION_PUBLISH, 0, 0 },
	{ "hide suggestion", ARG_REASON, AD_DESK_SUGGESTION_HIDE, 0, 0 },
	{ "reject suggestion", ARG_REASON, AD_DESK_SUGGESTION_REJECT, 0, 0 },
	{ "accept", ARG_NUMBER, AD_DESK_ACCEPT, 0, 0 },
	{ "not me", ARG_NUMBER, AD_DESK_DECLINE, 0, 0 },
	{ "works", ARG_NUMBER, AD_DESK_WORKS, 0, 0 },
	{ "does not work", ARG_REASON, AD_DESK_WORKS_NOT, 0, 0 },
	{ "reply", ARG_REASON, AD_DESK_VERDICT_ANSWER, 0, 0 },
	{ "doctor", ARG_NONE, AD_DESK_DOCTOR, 0, 0 },
	{ "delete my data", ARG_NONE, AD_DESK_FORGET, 0, 0 },
	{ "privacy done", ARG_REASON, AD_DESK_PRIVACY_DONE, 0, 0 },
	{ "privacy", ARG_NUMBER, AD_DESK_PRIVACY, 0, 0 },
	{ "requests here", ARG_NONE, AD_DESK_CHANNEL_HERE, 0, 0 },
	{ "no requests here", ARG_NONE, AD_DESK_CHANNEL_OFF, 0, 0 },
	{ "undelivered", ARG_MAYBE, AD_DESK_UNDELIVERED, AD_DESK_UNDELIVERED, 0 },
	{ "notice", ARG_NUMBER, AD_DESK_NOTICE, 0, 0 },
	{ "retry notice", ARG_NUMBER, AD_DESK_NOTICE_RETRY, 0, 0 },
	{ "mail notice", ARG_NUMBER, AD_DESK_NOTICE_MAIL, 0, 0 },
	{ "install notice", ARG_NUMBER, AD_DESK_NOTICE_INSTALL, 0, 0 },
};

/* Verbs of card actions. */
static const struct verb {
	const char *name;
	enum ad_desk_use use;
	enum ad_decision decision;
} verbs[] = {
	{ "details", AD_DESK_DETAILS, 0 },
	{ "form", AD_DESK_FORM, 0 },
	{ "submit", AD_DESK_SUBMIT, 0 },
	{ "approve", AD_DESK_DECIDE, AD_DECISION_APPROVED },
	{ "reject", AD_DESK_DECIDE, AD_DECISION_REJECTED },
	{ "cart_send", AD_DESK_CART_SEND, 0 },
	{ "bulk_approve", AD_DESK_BULK, AD_DECISION_APPROVED },
	{ "bulk_reject", AD_DESK_BULK, AD_DECISION_REJECTED },
	{ "bulk_approve_yes", AD_DESK_BULK_DECIDE, AD_DECISION_APPROVED },
	{ "bulk_reject_yes", AD_DESK_BULK_DECIDE, AD_DECISION_REJECTED },
	{ "cancel", AD_DESK_CANCEL, 0 },
	{ "edit", AD_DESK_EDIT, 0 },
	{ "edit_send", AD_DESK_EDIT_SEND, 0 },
	{ "nudge", AD_DESK_NUDGE, 0 },
	{ "ask", AD_DESK_ASK, 0 },
	{ "answer", AD_DESK_ANSWER, 0 },
	{ "hand_over", AD_DESK_HAND_OVER, 0 },
	{ "undo", AD_DESK_UNDO, 0 },
	{ "view", AD_DESK_VIEW, 0 },
	{ "winget", AD_DESK_WINGET, 0 },
	{ "alternatives", AD_DESK_ALTERNATIVES, 0 },
	{ "history", AD_DESK_HISTORY, 0 },
	{ "status", AD_DESK_STATUS, 0 },
	{ "pending", AD_DESK_PENDING, 0 },
	{ "pending_low", AD_DESK_PENDING_LOW, 0 },
	{ "help", AD_DESK_HELP, 0 },
	{ "jobs", AD_DESK_JOBS, 0 },
	{ "job", AD_DESK_JOB, 0 },
	{ "retry", AD_DESK_RETRY, 0 },
	{ "give_up", AD_DESK_GIVE_UP, 0 },
	{ "keep_out", AD_DESK_GIVE_UP, 0 },
	{ "accept_installer", AD_DESK_ACCEPT_INSTALLER, 0 },
	{ "take_job", AD_DESK_TAKE_JOB, 0 },
	{ "grants", AD_DESK_GRANTS, 0 },
	{ "grant", AD_DESK_GRANT, 0 },
	{ "grant_return", AD_DESK_RETURN, 0 },
	{ "grant_return_yes", AD_DESK_RETURN_CONFIRM, 0 },
	{ "seats", AD_DESK_SEATS, 0 },
	{ "grant_let_end", AD_DESK_LET_END, 0 },
	{ "grant_extend", AD_DESK_EXTEND, 0 },
	{ "preferences", AD_DESK_PREFERENCES, 0 },
	{ "prefer", AD_DESK_PREFER, 0 },
	{ "delegate_off", AD_DESK_DELEGATE_OFF, 0 },
	{ "delegations", AD_DESK_DELEGATIONS, 0 },
	{ "freeze", AD_DESK_FREEZE_CONFIRM, 0 },
	{ "unfreeze", AD_DESK_UNFREEZE_CONFIRM, 0 },
	{ "proposals", AD_DESK_PROPOSALS, 0 },
	{ "proposal", AD_DESK_PROPOSAL, 0 },
	{ "proposal_accept", AD_DESK_PROPOSAL_ACCEPT, 0 },
	{ "proposal_refuse", AD_DESK_PROPOSAL_REFUSE, 0 },
	{ "drift_adopt", AD_DESK_DRIFT_ADOPTED, 0 },
	{ "drift_remove", AD_DESK_DRIFT_REMOVED, 0 },
	{ "drift_ignore", AD_DESK_DRIFT_IGNORED, 0 },
	{ "directory_resume", AD_DESK_BRAKE_RELEASE, 0 },
	{ "suggest", AD_DESK_SUGGEST, 0 },
	{ "suggestions", AD_DESK_SUGGESTIONS, 0 },
	{ "suggestion", AD_DESK_SUGGESTION, 0 },
	{ "suggestion_publish", AD_DESK_SUGGESTION_PUBLISH, 0 },
	{ "suggestion_hide", AD_DESK_SUGGESTION_HIDE, 0 },
	{ "suggestion_reject", AD_DESK_SUGGESTION_REJECT, 0 },
	{ "accept", AD_DESK_ACCEPT, 0 },
	{ "not_me", AD_DESK_DECLINE, 0 },
	{ "works", AD_DESK_WORKS, 0 },
	{ "works_not", AD_DESK_WORKS_NOT, 0 },
	{ "reply", AD_DESK_VERDICT_ANSWER, 0 },
	{ "doctor", AD_DESK_DOCTOR, 0 },
	{ "privacy_done", AD_DESK_PRIVACY_DONE, 0 },
	{ "undelivered", AD_DESK_UNDELIVERED, 0 },
	{ "notice", AD_DESK_NOTICE, 0 },
	{ "notice_retry", AD_DESK_NOTICE_RETRY, 0 },
	{ "notice_mail", AD_DESK_NOTICE_MAIL, 0 },
	{ "notice_install", AD_DESK_NOTICE_INSTALL, 0 },
};

/* "12", "#12": the number and what follows it; false when there is none. */
static bool take_number(const char *text, int64_t *ret, const char **ret_rest)
{
	const char *rest;
	int64_t number = ad_cards_number(text + (*text == '#'), &rest);
	if (number < 1 || number > NUMBER_MAX)
		return false;
	*ret = number;
	*ret_rest = rest + strspn(rest, " ");
	return true;
}

/* The same, where the number is a word by itself. */
static bool take_whole_number(const char *text, int64_t *ret, const char **ret_rest)
{
	return take_number(text, ret, ret_rest) && (!**ret_rest || (*ret_rest)[-1] == ' ');
}

/* "30 days for the audit": the days, and what follows them; 0 when there are none. */
static int take_days(const struct ad_listener *listener, const char **text)
{
	int64_t days;
	const char *after;
	if (!take_number(*text, &days, &after) || days > AD_DAYS_MAX)
		return 0;
	const char *rest = ad_cards_said(listener->cards, "said.days", listener->locale, after);
	*text = rest ? rest : *text;
	return rest ? (int)days : 0;
}

/* A language of ours, "auto", or what at least looks like the tag of one ("language pack" is an
 * app). */
static bool is_language(const struct ad_listener *listener, const char *text)
{
	const char *rest = ad_cards_said(listener->cards, "said.automatic", listener->locale, text);
	size_t len = strcspn(text, "-_");
	return (rest && !*rest) || ((len == 2 || len == 3) && strlen(text) <= TAG_MAX) ||
	       ad_cards_is_language(listener->cards, text);
}

/* Words that carry a wish and no number. */
static bool fits_wish(const struct ad_listener *listener, const struct command *command,
	const char *rest, struct ad_intent *intent)
{
	const char *ignored;
	bool alone = command->argument == ARG_WISH;
	bool fits = alone                            ? *rest == '\0'
		    : command->argument == ARG_HOURS ? ad_cards_number(rest, &ignored) >= 0
						     : is_language(listener, rest);
	if (!fits)
		return false;
	intent->use = command->use;
	intent->text = command->name;
	intent->press.reason = alone ? NULL : rest;
	return true;
}

/* Whether a number is where the command wants one, and nothing where it wants nothing. */
static bool has_form(enum argument argument, const char *rest, bool has_number)
{
	if (argument == ARG_NONE)
		return *rest == '\0';
	return has_number || (argument == ARG_MAYBE && *rest == '\0');
}

/* Free text; where a number may stand in its place, a number alone is that. */
static bool fits_text(const struct command *command, const char *rest, struct ad_intent *intent)
{
	int64_t number = 0;
	const char *after = rest;
	bool by_number = command->argument == ARG_WHICH &&
			 take_whole_number(rest, &number, &after) && !*after;
	intent->use = command->use;
	intent->press.number = by_number ? number : 0;
	intent->press.reason = by_number || !*rest ? NULL : rest;
	return true;
}

/* A number, or none, and what may follow it. */
static bool fits_number(const struct ad_listener *listener, const struct command *command,
	const char *rest, struct ad_intent *intent)
{
	int64_t number = 0;
	const char *after = rest;
	bool has_number = take_whole_number(rest, &number, &after);
	bool takes_text = command->argument == ARG_REASON || command->argument == ARG_SPAN;
	if (!has_form(command->argument, rest, has_number) || (!takes_text && *after))
		return false;
	if (command->argument == ARG_SPAN)
		intent->press.days = take_days(listener, &after);
	intent->use =
		has_number && command->argument == ARG_MAYBE ? command->use_one : command->use;
	intent->decision = command->decision;
	intent->press.number = number;
	intent->press.reason = takes_text && *after ? after : NULL;
	return true;
}

/* Several numbers, and what may follow them. */
static bool fits_list(const struct ad_listener *listener, const struct command *command,
	const char *rest, struct ad_intent *intent)
{
	const char *after;
	struct ad_picks picks = ad_picks_read(listener, rest, true, &after);
	if (picks.count < (command->argument == ARG_LIST ? 2 : 1))
		return false;
	intent->use = command->use;
	intent->decision = command->decision;
	intent->press.picks = picks.items;
	intent->press.pick_count = picks.count;
	if (command->decision == AD_DECISION_APPROVED)
		intent->press.days = take_days(listener, &after);
	intent->press.reason = *after ? after : NULL;
	return true;
}

/* False when the text does not have the form of this command: then it is a search. */
static bool fits(const struct ad_listener *listener, const struct command *command,
	const char *rest, struct ad_intent *intent)
{
	switch (command->argument) {
	case ARG_WISH:
	case ARG_HOURS:
	case ARG_NAME:
		return fits_wish(listener, command, rest, intent);
	case ARG_WHICH:
	case ARG_TEXT:
		return fits_text(command, rest, intent);
	case ARG_LIST:
	case ARG_PICKS:
		return fits_list(listener, command, rest, intent);
	case ARG_NONE:
	case ARG_NUMBER:
	case ARG_MAYBE:
	case ARG_REASON:
	case ARG_SPAN:
	default:
		return fits_number(listener, command, rest, intent);
	}
}

/* The word of the languages that lists how the command is said. */
static const char *key_of(const struct command *command, char key[KEY_MAX])
{
	(void)snprintf(key, KEY_MAX, AD_CARDS_COMMAND "%s", command->name);
	for (char *p = key; *p; p++)
		*p = *p == ' ' ? '_' : *p;
	return key;
}

static void of_words(const struct ad_listener *listener, const char *text, struct ad_intent *intent)
{
	char key[KEY_MAX];
	intent->kind = AD_INTENT_USE;
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		const char *rest = ad_cards_said(
			listener->cards, key_of(&commands[i], key), listener->locale, text);
		if (rest && fits(listener, &commands[i], rest, intent))
			return;
	}
	/* No text: a picture, a sticker, a file. */
	intent->use = *text ? AD_DESK_SEARCH : AD_DESK_UNCLEAR;
	intent->text = text;
}

/* Buttons that count by their token alone: without one they are no typed command either. */
static bool is_signed(enum ad_desk_use use)
{
	static const enum ad_desk_use uses[] = { AD_DESK_BULK_DECIDE, AD_DESK_SUBMIT,
		AD_DESK_DECIDE, AD_DESK_CANCEL, AD_DESK_ASK, AD_DESK_EDIT_SEND, AD_DESK_CART_SEND,
		AD_DESK_RETRY, AD_DESK_GIVE_UP, AD_DESK_ACCEPT_INSTALLER, AD_DESK_TAKE_JOB,
		AD_DESK_RETURN_CONFIRM, AD_DESK_LET_END, AD_DESK_EXTEND, AD_DESK_SUGGESTION_PUBLISH,
		AD_DESK_SUGGESTION_HIDE, AD_DESK_SUGGESTION_REJECT, AD_DESK_WORKS,
		AD_DESK_WORKS_NOT, AD_DESK_VERDICT_ANSWER, AD_DESK_ACCEPT, AD_DESK_DECLINE,
		AD_DESK_PRIVACY_DONE };
	for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++)
		if (uses[i] == use)
			return true;
	return false;
}

static void take_picks(
	const struct ad_listener *listener, const struct ad_json *inputs, struct ad_intent *intent)
{
	struct ad_picks picks = ad_picks_of(listener, inputs);
	intent->press.picks = picks.items;
	intent->press.pick_count = picks.count;
	intent->press.days = (int)ad_json_int(inputs, AD_DESK_INPUT_DAYS, 0);
}

/* What was chosen, and what was written. */
static const char *reason_of(const struct ad_listener *listener, const struct ad_json *inputs)
{
	const char *common = ad_json_str(inputs, AD_DESK_INPUT_COMMON);
	const char *own = ad_json_str(inputs, AD_DESK_INPUT_REASON);
	if (ad_text_empty(common))
		return own;
	return ad_text_empty(own) ? common : ad_printf(listener->arena, "%s\n%s", common, own);
}

static int of_action(const struct ad_listener *listener, const struct ad_card_action *action,
	struct ad_intent *intent, struct ad_err *err)
{
	intent->is_invoke = action->is_invoke;
	intent->pressed = true;
	if (action->automatic) {
		intent->kind = AD_INTENT_REFRESH;
		return 0;
	}
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
		if (!ad_text_eq(verbs[i].name, action->verb))
			continue;
		intent->kind = AD_INTENT_USE;
		intent->use = verbs[i].use;
		intent->decision = verbs[i].decision;
		intent->press.token = ad_json_str(action->data, "t");
		if (is_signed(intent->use) && ad_text_empty(intent->press.token))
			intent->press.token = NO_TOKEN;
		intent->press.number = ad_json_int(action->data, "rid", 0);
		intent->press.reason = reason_of(listener, action->data);
		intent->press.inputs = action->data;
		if (intent->use == AD_DESK_BULK || intent->use == AD_DESK_BULK_DECIDE)
			take_picks(listener, action->data, intent);
		intent->text = ad_json_str(action->data, "wish");
		return 0;
	}
	return AD_FAIL(err, AD_EINVAL, "value.action.verb '%.40s' is none of ours", action->verb);
}

int ad_intent_of(struct ad_arena *arena, const struct ad_cards *cards,
	const struct ad_activity *activity, struct ad_intent *ret, struct ad_err *err)
{
	const struct ad_listener listener = { arena, cards, activity->locale };
	struct ad_card_action action;
	*ret = (struct ad_intent){ .kind = AD_INTENT_NONE };
	ret->is_invoke = activity->type == AD_ACTIVITY_INVOKE;
	ret->has_signin = ad_signin_answer_of(activity, &ret->signin);
	int r = ad_activity_card_action(arena, activity, &action, err);
	if (r == 0)
		return of_action(&listener, &action, ret, err);
	if (r != AD_ENOTFOUND)
		return r;
	switch (activity->type) {
	case AD_ACTIVITY_MESSAGE:
		ret->press.mentions = activity->mentions;
		ret->press.mention_count = activity->mention_count;
		if (*activity->text || !activity->has_card) /* a shared card speaks for itself */
			of_words(&listener, activity->text, ret);
		break;
	case AD_ACTIVITY_INVOKE:
		ret->use = AD_DESK_BROWSE;
		ret->kind = ad_extension_query_of(arena, activity, &ret->query) ? AD_INTENT_BROWSE
										: AD_INTENT_UNKNOWN;
		break;
	case AD_ACTIVITY_INSTALLATION_UPDATE:
		if (ad_text_starts(activity->action, "remove"))
			ret->kind = AD_INTENT_REMOVED;
		else
			*ret = (struct ad_intent){ .kind = AD_INTENT_USE, .use = AD_DESK_WELCOME };
		break;
	case AD_ACTIVITY_CONVERSATION_UPDATE:
		if (activity->bot_added)
			*ret = (struct ad_intent){ .kind = AD_INTENT_USE, .use = AD_DESK_WELCOME };
		else if (activity->bot_removed)
			ret->kind = AD_INTENT_REMOVED;
		break;
	case AD_ACTIVITY_OTHER:
	default:
		break;
	}
	return 0;
}

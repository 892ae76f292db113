/* SPDX-License-Identifier: Apache-2.0 */
/* Words and buttons become the use case that a person means. */
#include "intent.h"
#include "ad/cards.h"
#include "ad/text.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

#define PHRASES_MAX 10

static struct ad_cards *cards;

static int setup(void **state)
{
	struct ad_err err = { 0 };
	struct ad_arena *arena = ad_arena_new();
	const char *folder = ad_printf(arena, "%s/cards", getenv("AD_SOURCE_DIR"));
	int r = ad_cards_load(folder, NULL, &cards, &err);
	assert_string_equal(err.text, "");
	*state = arena;
	return r;
}

static int teardown(void **state)
{
	ad_cards_free(cards);
	ad_arena_free(*state);
	return 0;
}

static struct ad_intent said_in(struct ad_arena *arena, const char *locale, const char *text)
{
	struct ad_intent intent;
	struct ad_err err = { 0 };
	const struct ad_activity activity = { .type = AD_ACTIVITY_MESSAGE,
		.id = "1",
		.text = text,
		.name = "",
		.action = "",
		.locale = locale };
	assert_int_equal(ad_intent_of(arena, cards, &activity, &intent, &err), 0);
	assert_int_equal(intent.kind, AD_INTENT_USE);
	return intent;
}

static struct ad_intent said(struct ad_arena *arena, const char *text)
{
	return said_in(arena, "en-US", text);
}

static void test_commands_are_understood_in_any_case_with_numbers_and_reasons(void **state)
{
	static const struct {
		const char *text;
		enum ad_desk_use use;
		int64_t number;
		const char *reason;
	} cases[] = {
		{ "help", AD_DESK_HELP, 0, NULL },
		{ "Status", AD_DESK_STATUS, 0, NULL },
		{ "status #12", AD_DESK_VIEW, 12, NULL },
		{ "My requests", AD_DESK_STATUS, 0, NULL },
		{ "history 12", AD_DESK_HISTORY, 12, NULL },
		{ "History #12 before 340", AD_DESK_HISTORY, 12, "before 340" },
		{ "why 12", AD_DESK_WHY, 12, NULL },
		{ "Who decides #12", AD_DESK_WHY, 12, NULL },
		{ "why me", AD_DESK_SEARCH, 0, NULL },
		{ "simulate Alex Wilber 7-Zip", AD_DESK_SIMULATE, 0, "Alex Wilber 7-Zip" },
		{ "cancel 3", AD_DESK_CANCEL, 3, NULL },
		{ "APPROVE 12", AD_DESK_DECIDE, 12, NULL },
		{ "reject 12 too expensive", AD_DESK_DECIDE, 12, "too expensive" },
		{ "edit 12", AD_DESK_EDIT, 12, NULL },
		{ "Nudge #12", AD_DESK_NUDGE, 12, NULL },
		{ "ask 12 for how long?", AD_DESK_ASK, 12, "for how long?" },
		{ "ask 12", AD_DESK_ASK, 12, NULL },
		{ "answer 12 two weeks", AD_DESK_ANSWER, 12, "two weeks" },
		{ "hand over 12 to Lee Gu", AD_DESK_HAND_OVER, 12, "to Lee Gu" },
		{ "hand over 12", AD_DESK_HAND_OVER, 12, NULL },
		{ "undo 12", AD_DESK_UNDO, 12, NULL },
		{ "undo 12 wrong one", AD_DESK_UNDO, 12, "wrong one" },
		{ "approve 12 30 seats are left", AD_DESK_DECIDE, 12, "30 seats are left" },
		{ "give up 5 vendor is gone", AD_DESK_GIVE_UP, 5, "vendor is gone" },
		{ "retry 5", AD_DESK_RETRY, 5, NULL },
		{ "job 5", AD_DESK_JOB, 5, NULL },
		{ "jobs", AD_DESK_JOBS, 0, NULL },
		{ "pending", AD_DESK_PENDING, 0, NULL },
		{ "pending low risk", AD_DESK_PENDING_LOW, 0, NULL },
		{ "delegate to <at>Ana</at> until friday", AD_DESK_DELEGATE, 0,
			"to <at>Ana</at> until friday" },
		{ "delegate off", AD_DESK_DELEGATE_OFF, 0, NULL },
		{ "delegations", AD_DESK_DELEGATIONS, 0, NULL },
		{ "freeze we move", AD_DESK_FREEZE, 0, "we move" },
		{ "Freeze", AD_DESK_FREEZE, 0, NULL },
		{ "confirm freeze we move", AD_DESK_FREEZE_CONFIRM, 0, "we move" },
		{ "unfreeze", AD_DESK_UNFREEZE, 0, NULL },
		{ "confirm unfreeze", AD_DESK_UNFREEZE_CONFIRM, 0, NULL },
		{ "policies", AD_DESK_POLICIES, 0, NULL },
		{ "Proposals", AD_DESK_PROPOSALS, 0, NULL },
		{ "change 3", AD_DESK_PROPOSAL, 3, NULL },
		{ "accept change #3", AD_DESK_PROPOSAL_ACCEPT, 3, NULL },
		{ "refuse change 3 not now", AD_DESK_PROPOSAL_REFUSE, 3, "not now" },
		{ "drift", AD_DESK_DRIFT, 0, NULL },
		{ "Adopt drift 3", AD_DESK_DRIFT_ADOPTED, 3, NULL },
		{ "remove drift #3", AD_DESK_DRIFT_REMOVED, 3, NULL },
		{ "ignore drift 3", AD_DESK_DRIFT_IGNORED, 3, NULL },
		{ "Suggest 7zip.7zip", AD_DESK_SUGGEST, 0, "7zip.7zip" },
		{ "suggest", AD_DESK_SUGGEST, 0, NULL },
		{ "WinGet pdf editor", AD_DESK_WINGET, 0, "pdf editor" },
		{ "suggestions", AD_DESK_SUGGESTIONS, 0, NULL },
		{ "suggestion #3", AD_DESK_SUGGESTION, 3, NULL },
		{ "publish suggestion 3 high 25", AD_DESK_SUGGESTION_PUBLISH, 3, "high 25" },
		{ "hide suggestion 3", AD_DESK_SUGGESTION_HIDE, 3, NULL },
		{ "reject suggestion 3 not now", AD_DESK_SUGGESTION_REJECT, 3, "not now" },
		{ "directory", AD_DESK_BRAKE, 0, NULL },
		{ "resume directory 3", AD_DESK_BRAKE_RELEASE, 3, NULL },
		{ "undelivered", AD_DESK_UNDELIVERED, 0, NULL },
		{ "undelivered 40", AD_DESK_UNDELIVERED, 40, NULL },
		{ "notice #12", AD_DESK_NOTICE, 12, NULL },
		{ "Retry notice 12", AD_DESK_NOTICE_RETRY, 12, NULL },
		{ "mail notice 12", AD_DESK_NOTICE_MAIL, 12, NULL },
		{ "install notice 12", AD_DESK_NOTICE_INSTALL, 12, NULL },
		{ "preferences", AD_DESK_PREFERENCES, 0, NULL },
		{ "Digest daily", AD_DESK_PREFER, 0, NULL },
		{ "quiet off", AD_DESK_PREFER, 0, NULL },
		{ "quiet 20:00-07:00 Europe/Berlin", AD_DESK_PREFER, 0,
			"20:00-07:00 Europe/Berlin" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_intent intent = said(*state, cases[i].text);
		assert_int_equal(intent.use, cases[i].use);
		assert_int_equal(intent.press.number, cases[i].number);
		if (cases[i].reason)
			assert_string_equal(intent.press.reason, cases[i].reason);
		else
			assert_null(intent.press.reason);
	}
	assert_int_equal(said(*state, "approve 1").decision, AD_DECISION_APPROVED);
	assert_int_equal(said(*state, "reject 1 x").decision, AD_DECISION_REJECTED);
	struct ad_intent narrowed = said(*state, "approve 12 30 days for the audit");
	assert_int_equal(narrowed.press.days, 30);
	assert_string_equal(narrowed.press.reason, "for the audit");
	assert_int_equal(said(*state, "approve 12 1 day").press.days, 1);
	assert_int_equal(said(*state, "approve 12 99999 days").press.days, 0);
	assert_int_equal(said(*state, "reject 12 30 days are too long").press.days, 0);
	assert_string_equal(said(*state, "MUTE").text, "mute");
	assert_string_equal(said(*state, "digest OFF").text, "digest off");
}

static void test_several_numbers_are_one_decision_about_each(void **state)
{
	static const struct {
		const char *text;
		enum ad_desk_use use;
		enum ad_decision decision;
		size_t count;
		int64_t last;
		int days;
		const char *reason;
	} cases[] = {
		{ "approve 12, 14, 15", AD_DESK_BULK, AD_DECISION_APPROVED, 3, 15, 0, NULL },
		{ "Approve #12 14 and 15", AD_DESK_BULK, AD_DECISION_APPROVED, 3, 15, 0, NULL },
		{ "approve 12,14,12", AD_DESK_BULK, AD_DECISION_APPROVED, 2, 14, 0, NULL },
		{ "approve 12, 14 30 days for the audit", AD_DESK_BULK, AD_DECISION_APPROVED, 2, 14,
			30, "for the audit" },
		{ "reject 12; 14 too expensive", AD_DESK_BULK, AD_DECISION_REJECTED, 2, 14, 0,
			"too expensive" },
		{ "confirm approve 12", AD_DESK_BULK_DECIDE, AD_DECISION_APPROVED, 1, 12, 0, NULL },
		{ "confirm reject 12, 14 no", AD_DESK_BULK_DECIDE, AD_DECISION_REJECTED, 2, 14, 0,
			"no" },
		/* With blanks alone a number may begin the reason. */
		{ "reject 12 14 too expensive", AD_DESK_DECIDE, AD_DECISION_REJECTED, 0, 0, 0,
			"14 too expensive" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_intent intent = said(*state, cases[i].text);
		const struct ad_desk_press *press = &intent.press;
		assert_int_equal(intent.use, cases[i].use);
		assert_int_equal(intent.decision, cases[i].decision);
		assert_int_equal(press->pick_count, cases[i].count);
		if (cases[i].count > 0)
			assert_int_equal(press->picks[cases[i].count - 1].number, cases[i].last);
		assert_int_equal(press->days, cases[i].days);
		if (cases[i].reason)
			assert_string_equal(press->reason, cases[i].reason);
		else
			assert_null(press->reason);
	}
}

/* "12と14", "١٢، ١٤" */
static void test_several_numbers_may_stand_in_any_script(void **state)
{
	static const char *const cases[][2] = {
		{ "de", "genehmigen 12, 14 und 15" },
		{ "ja", "\xE6\x89\xBF\xE8\xAA\x8D"
			"12\xE3\x80\x81"
			"14\xE3\x81\xA8"
			"15" },
		{ "ja", "approve \xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x8C 14; 15" },
		{ "ar", "\xD9\x85\xD9\x88\xD8\xA7\xD9\x81\xD9\x82\xD8\xA9 "
			"\xD9\xA1\xD9\xA2\xD8\x8C \xD9\xA1\xD9\xA4 \xD9\x88 \xD9\xA1\xD9\xA5" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_intent intent = said_in(*state, cases[i][0], cases[i][1]);
		assert_int_equal(intent.use, AD_DESK_BULK);
		assert_int_equal(intent.press.pick_count, 3);
		for (size_t n = 0; n < 3; n++)
			assert_int_equal(intent.press.picks[n].number, n == 0 ? 12 : 13 + n);
		assert_null(intent.press.reason);
	}
}

static void test_everything_else_is_a_search_and_what_has_no_words_is_unclear(void **state)
{
	static const char *const searches[] = { "I need 7zip", "statusbar tool", "approve",
		"cancel my visio", "jobs portal client", "reject twelve",
		"show 99999999999999999999", "help desk app", "mute the microphone",
		"quiet keyboard", "digest weekly", "retry notice", "install notice pad",
		"language pack", "edit photos", "ask me anything app", "undo send",
		"hand over tool" };
	for (size_t i = 0; i < sizeof searches / sizeof searches[0]; i++) {
		struct ad_intent intent = said(*state, searches[i]);
		assert_int_equal(intent.use, AD_DESK_SEARCH);
		assert_string_equal(intent.text, searches[i]);
	}
	assert_int_equal(said(*state, "").use, AD_DESK_UNCLEAR);
}

/* What a footer names, as a list: behind the colon, between middle dots. */
static size_t phrases_of(char *text, char *ret[PHRASES_MAX])
{
	static const char *const colons[] = { ": ", "\xEF\xBC\x9A" };
	size_t count = 0;
	char *from = NULL;
	for (size_t i = 0; !from && i < 2; i++) {
		from = strstr(text, colons[i]);
		from = from ? from + strlen(colons[i]) : NULL;
	}
	while (from && count < PHRASES_MAX) {
		char *end = strstr(from, " \xC2\xB7 ");
		ret[count++] = from;
		if (end)
			*end = '\0';
		from = end ? end + strlen(" \xC2\xB7 ") : NULL;
	}
	return count;
}

/* As a message comes in. */
static char *without_isolates(char *text)
{
	static const char *const marks[] = { "\xE2\x81\xA8", "\xE2\x81\xA9" };
	for (size_t i = 0; i < 2; i++)
		for (char *p = strstr(text, marks[i]); p; p = strstr(p, marks[i]))
			memmove(p, p + 3, strlen(p + 3) + 1);
	return text;
}

static char *word(struct ad_arena *arena, const char *locale, const char *key)
{
	static const char data[] =
		"{\"rid\":12,\"n\":12,\"job\":12,\"app\":\"Krita\",\"days\":3,"
		"\"has_question\":true,\"package\":\"a.b\",\"count\":2,"
		"\"rows\":[{\"rid\":12,\"n\":12},{\"rid\":14}],\"asked\":\"Krita\","
		"\"has_candidates\":false,\"candidates\":[],\"reason\":\"no\","
		"\"numbers\":\"12, 14\"}";
	struct ad_json *values = NULL;
	struct ad_err err = { 0 };
	const char *text = NULL;
	assert_int_equal(ad_json_parse(arena, data, strlen(data), &values, &err), 0);
	assert_int_equal(ad_cards_text(cards, arena, key, locale, values, &text, &err), 0);
	return without_isolates(ad_utf8_cut(arena, text, 2000));
}

static void is_the_same(
	struct ad_arena *arena, const char *locale, const char *english, const char *own)
{
	struct ad_intent a = said(arena, english);
	struct ad_intent b = said_in(arena, locale, own);
	if (a.use != b.use || a.press.number != b.press.number || a.press.days != b.press.days ||
		a.press.pick_count != b.press.pick_count)
		fail_msg("%s: \"%s\" is not \"%s\"", locale, own, english);
}

/* Buttons have typed twins: what cards and help tell people to type is understood as it is in
 * English. */
static void test_what_footers_and_help_name_is_understood_in_every_language(void **state)
{
	static const char *const locales[] = { "de", "fr", "es", "ja", "ar" };
	static const char *const footers[] = { "receipt.twins", "approval.twins", "brake.twins",
		"handover.twins", "undo.twins", "grant.offer_twins", "grant.end_twin",
		"grant.confirm_twins", "no_seat.twins", "job.twins", "job.twin", "delegation.twin",
		"frozen.twin", "freeze.twin", "proposal.twins", "preferences.twins", "ready.twin",
		"drift.twins", "notice.twins", "not_found.twin", "unclear.twins", "rejected.twins",
		"privacy.twins", "suggestion.twins", "suggestions.hint", "pending.hint",
		"pending.low_hint", "bulk.twin_approve", "bulk.twin_reject" };
	static const char *const help[] = { "help.example", "help.status", "help.request",
		"help.history", "help.why", "help.cancel", "help.change", "help.grants",
		"help.preferences", "help.language", "help.pending", "help.approve", "help.reject",
		"help.ask", "help.jobs", "help.retry", "help.give_up", "help.take", "help.revoke",
		"help.seats", "help.undelivered", "help.notice", "help.delegate", "help.policies",
		"help.proposals", "help.freeze", "help.suggest", "help.suggestions", "help.several",
		"help.several_decide", "help.doctor", "help.forget" };
	for (size_t l = 0; l < sizeof locales / sizeof locales[0]; l++) {
		if (!ad_text_eq(ad_cards_language(cards, locales[l]), locales[l]))
			continue;
		for (size_t i = 0; i < sizeof footers / sizeof footers[0]; i++) {
			char *english[PHRASES_MAX], *own[PHRASES_MAX];
			size_t count = phrases_of(word(*state, "en", footers[i]), english);
			assert_int_equal(
				phrases_of(word(*state, locales[l], footers[i]), own), count);
			for (size_t p = 0; p < count; p++)
				is_the_same(*state, locales[l], english[p], own[p]);
		}
		for (size_t i = 0; i < sizeof help / sizeof help[0]; i++)
			is_the_same(*state, locales[l], word(*state, "en", help[i]),
				word(*state, locales[l], help[i]));
	}
}

static void test_a_card_without_words_asks_for_nothing(void **state)
{
	struct ad_intent intent;
	struct ad_activity activity = { .type = AD_ACTIVITY_MESSAGE,
		.id = "1",
		.text = "",
		.name = "",
		.action = "",
		.has_card = true };
	assert_int_equal(ad_intent_of(*state, cards, &activity, &intent, NULL), 0);
	assert_int_equal(intent.kind, AD_INTENT_NONE);
	activity.text = "status";
	assert_int_equal(ad_intent_of(*state, cards, &activity, &intent, NULL), 0);
	assert_int_equal(intent.use, AD_DESK_STATUS);
}

static struct ad_intent invoked(struct ad_arena *arena, const char *name, const char *value)
{
	struct ad_json *json = NULL;
	struct ad_intent intent;
	struct ad_err err = { 0 };
	assert_int_equal(ad_json_parse(arena, value, strlen(value), &json, &err), 0);
	const struct ad_activity activity = { .type = AD_ACTIVITY_INVOKE,
		.id = "1",
		.name = name,
		.text = "",
		.action = "",
		.value = json };
	assert_int_equal(ad_intent_of(arena, cards, &activity, &intent, &err), 0);
	assert_true(intent.is_invoke);
	return intent;
}

static void test_the_extension_looks_and_its_cards_are_pressed(void **state)
{
	struct ad_intent look = invoked(*state, "composeExtension/query",
		"{\"commandId\":\"search\",\"parameters\":[{\"name\":\"query\",\"value\":"
		"\"approve 12\"}]}");
	assert_int_equal(look.kind, AD_INTENT_BROWSE);
	assert_string_equal(look.query.text, "approve 12");
	assert_int_equal(
		invoked(*state, "composeExtension/fetchTask", "{\"commandId\":\"search\"}").kind,
		AD_INTENT_UNKNOWN);
	struct ad_intent press = invoked(
		*state, "composeExtension/onCardButtonClicked", "{\"verb\":\"form\",\"app\":3}");
	assert_int_equal(press.kind, AD_INTENT_USE);
	assert_int_equal(press.use, AD_DESK_FORM);
	assert_true(press.pressed);
	assert_int_equal(ad_json_int(press.press.inputs, "app", 0), 3);
}

static struct ad_intent pressed(struct ad_arena *arena, const char *value, int expected)
{
	struct ad_json *json = NULL;
	struct ad_intent intent = { 0 };
	struct ad_err err = { 0 };
	assert_int_equal(ad_json_parse(arena, value, strlen(value), &json, &err), 0);
	const struct ad_activity activity = { .type = AD_ACTIVITY_INVOKE,
		.id = "1",
		.name = "adaptiveCard/action",
		.text = "",
		.action = "",
		.value = json };
	assert_int_equal(ad_intent_of(arena, cards, &activity, &intent, &err), expected);
	return intent;
}

static void test_a_button_carries_its_token_and_inputs(void **state)
{
	struct ad_intent intent = pressed(*state,
		"{\"action\":{\"type\":\"Action.Execute\",\"verb\":\"reject\",\"data\":{\"t\":"
		"\"tok\",\"rid\":12,"
		"\"reason\":\"no seat\"}},\"trigger\":\"manual\"}",
		0);
	assert_int_equal(intent.use, AD_DESK_DECIDE);
	assert_int_equal(intent.decision, AD_DECISION_REJECTED);
	assert_string_equal(intent.press.token, "tok");
	assert_string_equal(intent.press.reason, "no seat");
	assert_int_equal(intent.press.number, 12);
	assert_true(intent.is_invoke && intent.pressed);
}

/* Nobody decides with a button that carries a number and no token. */
static void test_a_button_without_its_token_is_no_typed_command(void **state)
{
	static const char *const verbs[] = { "approve", "reject", "cancel", "submit", "retry",
		"give_up", "bulk_approve_yes", "bulk_reject_yes", "suggestion_publish",
		"privacy_done" };
	static const char *const tokens[] = { "", "\"t\":\"\",", "\"t\":[\"tok\"]," };
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		for (size_t j = 0; j < sizeof tokens / sizeof tokens[0]; j++) {
			struct ad_intent intent = pressed(*state,
				ad_printf(*state,
					"{\"action\":{\"type\":\"Action.Execute\",\"verb\":\"%s\","
					"\"data\":{%s\"rid\":12}},\"trigger\":\"manual\"}",
					verbs[i], tokens[j]),
				0);
			assert_int_equal(intent.press.number, 12);
			assert_string_equal(intent.press.token, "-");
		}
}

static void test_an_automatic_refresh_is_never_a_use_case(void **state)
{
	struct ad_intent intent = pressed(*state,
		"{\"action\":{\"type\":\"Action.Execute\",\"verb\":\"approve\",\"data\":{\"t\":"
		"\"tok\"}},"
		"\"trigger\":\"automatic\"}",
		0);
	assert_int_equal(intent.kind, AD_INTENT_REFRESH);
}

static void test_a_verb_that_is_none_of_ours_is_refused(void **state)
{
	(void)pressed(*state,
		"{\"action\":{\"type\":\"Action.Execute\",\"verb\":\"format_disk\",\"data\":{}}}",
		AD_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands_are_understood_in_any_case_with_numbers_and_reasons),
		cmocka_unit_test(test_several_numbers_are_one_decision_about_each),
		cmocka_unit_test(test_several_numbers_may_stand_in_any_script),
		cmocka_unit_test(test_everything_else_is_a_search_and_what_has_no_words_is_unclear),
		cmocka_unit_test(test_what_footers_and_help_name_is_understood_in_every_language),
		cmocka_unit_test(test_a_card_without_words_asks_for_nothing),
		cmocka_unit_test(test_the_extension_looks_and_its_cards_are_pressed),
		cmocka_unit_test(test_a_button_carries_its_token_and_inputs),
		cmocka_unit_test(test_a_button_without_its_token_is_no_typed_command),
		cmocka_unit_test(test_an_automatic_refresh_is_never_a_use_case),
		cmocka_unit_test(test_a_verb_that_is_none_of_ours_is_refused),
	};
	return cmocka_run_group_tests_name("bot_intent", tests, setup, teardown);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Activities in and out: what is read, what is refused, what is built (protocol.md 3, 6). */
#include "ad/teams/activity.h"
#include "ad/teams/reference.h"
#include "ad/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define TENANT "aaaaaaaa-0000-4000-8000-000000000001"
#define OID "bbbbbbbb-0000-4000-8000-000000000002"

static struct ad_arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = ad_arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ad_arena_free(arena);
	return 0;
}

static struct ad_json *json(const char *text)
{
	struct ad_json *value = NULL;
	struct ad_err err = { 0 };
	if (ad_json_parse(arena, text, strlen(text), &value, &err) != 0)
		fail_msg("%s in %s", err.text, text);
	return value;
}

/* A complete personal message, with path set to value (JSON text), or removed when value is NULL.
 */
static struct ad_json *message_with(const char *path, const char *value)
{
	struct ad_json *body = json(
		"{\"type\":\"message\",\"id\":\"1\",\"channelId\":\"msteams\","
		"\"serviceUrl\":\"https://smba.trafficmanager.net/emea/" TENANT "/\","
		"\"from\":{\"id\":\"29:ann\",\"name\":\"Ann\",\"aadObjectId\":\"" OID "\"},"
		"\"recipient\":{\"id\":\"28:app\",\"name\":\"AppDesk\"},"
		"\"conversation\":{\"id\":\"a:1\",\"conversationType\":\"personal\",\"tenantId\":"
		"\"" TENANT "\"},"
		"\"channelData\":{\"tenant\":{\"id\":\"" TENANT "\"}},\"text\":\"hello\"}");
	if (!path)
		return body;
	struct ad_json *object = body;
	const char *name = path;
	for (const char *dot = strchr(name, '.'); dot; dot = strchr(name, '.')) {
		object = ad_json_get(object, ad_strndup(arena, name, (size_t)(dot - name)));
		name = dot + 1;
	}
	if (value)
		ad_json_set(arena, object, name, json(value));
	else
		ad_json_remove(object, name);
	return body;
}

static struct ad_activity parsed(const struct ad_json *body)
{
	struct ad_activity activity;
	struct ad_err err = { 0 };
	if (ad_activity_parse(arena, body, &activity, &err) != 0)
		fail_msg("%s", err.text);
	return activity;
}

static void a_personal_message_is_read_whole(void **state)
{
	(void)state;
	struct ad_activity a = parsed(message_with(NULL, NULL));
	assert_int_equal(a.type, AD_ACTIVITY_MESSAGE);
	assert_string_equal(a.id, "1");
	assert_string_equal(a.channel_id, "msteams");
	assert_string_equal(a.service_url, "https://smba.trafficmanager.net/emea/" TENANT "/");
	assert_string_equal(a.conversation_id, "a:1");
	assert_true(a.is_personal);
	assert_string_equal(a.tenant_id, TENANT);
	assert_string_equal(a.from_id, "29:ann");
	assert_string_equal(a.from_oid, OID);
	assert_string_equal(a.from_name, "Ann");
	assert_string_equal(a.recipient_id, "28:app");
	assert_string_equal(a.text, "hello");
	assert_string_equal(a.reply_to_id, "");
	assert_null(a.value);
	assert_false(a.bot_added);
}

static void the_chat_of_two_people_is_not_personal(void **state)
{
	(void)state;
	static const struct {
		const char *conversation;
		bool is_personal;
	} cases[] = {
		{ "{\"id\":\"a:1\",\"conversationType\":\"personal\"}", true },
		{ "{\"id\":\"a:1\"}", true },
		{ "{\"id\":\"19:x_y@unq.gbl.spaces\",\"conversationType\":\"personal\"}", false },
		{ "{\"id\":\"19:x@thread.v2\"}", false },
		{ "{\"id\":\"a:1\",\"conversationType\":\"personal\",\"isGroup\":true}", false },
		{ "{\"id\":\"a:1\",\"conversationType\":\"channel\"}", false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(
			parsed(message_with("conversation", cases[i].conversation)).is_personal,
			cases[i].is_personal);
}

static void a_shared_card_is_no_text(void **state)
{
	(void)state;
	static const char mark[] = "<span class=\\\"inline-compose-card\\\" itemid=\\\"0\\\">\\n "
				   "<span itemprop=\\\"cardId\\\"></span>\\n</span>";
	static const struct {
		const char *before, *after, *attachments, *text;
		bool has_card;
	} cases[] = {
		{ "", "\\n", "[{\"contentType\":\"" AD_ACTIVITY_CARD_TYPE "\"}]", "", true },
		{ "I need ", " now", "[7,{\"contentType\":\"" AD_ACTIVITY_CARD_TYPE "\"}]",
			"I need now", true },
		{ "", "", "[{\"contentType\":\"text/html\"}]", NULL, false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_json *body = message_with("text",
			ad_printf(arena, "\"%s%s%s\"", cases[i].before, mark, cases[i].after));
		ad_json_set(arena, body, "attachments", json(cases[i].attachments));
		struct ad_activity a = parsed(body);
		assert_int_equal(a.has_card, cases[i].has_card);
		if (cases[i].text)
			assert_string_equal(a.text, cases[i].text);
		else
			assert_non_null(strstr(a.text, "inline-compose-card"));
	}
}

static void what_is_missing_or_wrong_is_named(void **state)
{
	(void)state;
	char *too_long = ad_alloc(arena, AD_ACTIVITY_ID_MAX + 10);
	memset(too_long, 'x', AD_ACTIVITY_ID_MAX + 5);
	static const struct {
		const char *path;
		const char *value;
		int code;
		const char *says;
	} cases[] = {
		{ "type", NULL, AD_EINVAL, "type is missing" },
		{ "type", "7", AD_EINVAL, "type is not a string" },
		{ "id", NULL, AD_EINVAL, "id is missing" },
		{ "id", "{}", AD_EINVAL, "id is not a string" },
		{ "id", "\"a\\nb\"", AD_EINVAL, "id has control characters" },
		{ "serviceUrl", NULL, AD_EINVAL, "serviceUrl is missing" },
		{ "serviceUrl", "[]", AD_EINVAL, "serviceUrl is not a string" },
		{ "conversation", NULL, AD_EINVAL, "conversation.id is missing" },
		{ "conversation", "\"a:1\"", AD_EINVAL, "conversation.id is missing" },
		{ "conversation.id", "\"\"", AD_EINVAL, "conversation.id is missing" },
		{ "from", NULL, AD_EINVAL, "from.id is missing" },
		{ "from.aadObjectId", "\"../x\"", AD_EINVAL, "from.aadObjectId is not an id" },
		{ "from.aadObjectId", "true", AD_EINVAL, "from.aadObjectId is not a string" },
		{ "recipient.id", NULL, AD_EINVAL, "recipient.id is missing" },
		{ "text", "{}", AD_EINVAL, "text is not a string" },
		{ "deliveryMode", "\"expectReplies\"", AD_EINVAL, "deliveryMode" },
		{ "channelData.tenant.id", "\"other\"", AD_EINVAL, "differ" },
		{ "locale", "\"123456789012345678901234567890123\"", AD_ETOOBIG, "locale" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_activity activity;
		struct ad_err err = { 0 };
		struct ad_json *body = message_with(cases[i].path, cases[i].value);
		assert_int_equal(ad_activity_parse(arena, body, &activity, &err), cases[i].code);
		if (!strstr(err.text, cases[i].says))
			fail_msg("'%s' does not say '%s'", err.text, cases[i].says);
	}
	struct ad_activity activity;
	struct ad_json *body = message_with(NULL, NULL);
	ad_json_set_str(arena, body, "replyToId", too_long);
	assert_int_equal(ad_activity_parse(arena, body, &activity, NULL), AD_ETOOBIG);
	assert_int_equal(ad_activity_parse(arena, json("[]"), &activity, NULL), AD_EINVAL);
	assert_int_equal(ad_activity_parse(arena, NULL, &activity, NULL), AD_EINVAL);
}

static void unknown_fields_types_and_nulls_are_fine(void **state)
{
	(void)state;
	static const char *const paths[][2] = {
		{ "somethingNew", "{\"deep\":[1,2,{\"a\":null}]}" },
		{ "channelData", "\"text\"" },
		{ "channelData", NULL },
		{ "text", NULL },
		{ "text", "null" },
		{ "from.aadObjectId", "null" },
		{ "entities", "{}" },
		{ "entities", "[1,null,\"x\",{\"type\":\"mention\"}]" },
		{ "value", "\"a messageBack text\"" },
		{ "deliveryMode", "\"normal\"" },
	};
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		(void)parsed(message_with(paths[i][0], paths[i][1]));
	struct ad_activity a = parsed(message_with("type", "\"suggestion2030\""));
	assert_int_equal(a.type, AD_ACTIVITY_OTHER);
	assert_string_equal(a.type_name, "suggestion2030");
}

static void tenant_comes_from_channel_data_or_conversation_in_lower_case(void **state)
{
	(void)state;
	struct ad_activity a = parsed(message_with("channelData", NULL));
	assert_string_equal(a.tenant_id, TENANT);
	a = parsed(
		message_with("conversation.tenantId", "\"AAAAAAAA-0000-4000-8000-000000000001\""));
	assert_string_equal(a.tenant_id, TENANT);
}

static void a_thread_id_is_kept_and_its_base_given(void **state)
{
	(void)state;
	static const struct {
		const char *id;
		const char *base;
	} cases[] = {
		{ "19:x@thread.tacv2;messageid=17", "19:x@thread.tacv2" },
		{ "a:1%2f:/;x", "a:1%2f:/;x" },
		{ ";messageid=1", "" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_activity a = parsed(
			message_with("conversation.id", ad_printf(arena, "\"%s\"", cases[i].id)));
		assert_string_equal(a.conversation_id, cases[i].id);
		assert_string_equal(a.conversation_base_id, cases[i].base);
	}
}

static void mentions_of_others_and_the_clients_zone_are_read(void **state)
{
	(void)state;
	struct ad_json *body = message_with("localTimezone", "\"America/Argentina/Buenos_Aires\"");
	ad_json_set(arena, body, "entities",
		json("[{\"type\":\"mention\",\"mentioned\":{\"id\":\"28:app\",\"name\":\"Desk\"},"
		     "\"text\":\"<at>Desk</at>\"},{\"type\":\"clientInfo\"},"
		     "{\"type\":\"mention\",\"mentioned\":{\"id\":\"29:bob\",\"name\":\"Bob  B\"},"
		     "\"text\":\"<at>Bob&nbsp;B</"
		     "at>\"},{\"type\":\"mention\",\"mentioned\":{\"id\":"
		     "\"29:a\",\"aadObjectId\":\"AAAAAAAA-0000-4000-8000-000000000001\"},"
		     "\"text\":\"<at>A</at>\"}]"));
	struct ad_activity a = parsed(body);
	assert_string_equal(a.time_zone, "America/Argentina/Buenos_Aires");
	assert_int_equal(a.mention_count, 2);
	assert_string_equal(a.mentions[0].mark, "<at>Bob B</at>");
	assert_string_equal(a.mentions[0].name, "Bob B");
	assert_string_equal(a.mentions[0].oid, "");
	assert_string_equal(a.mentions[1].name, "");
	assert_string_equal(a.mentions[1].oid, "aaaaaaaa-0000-4000-8000-000000000001");
	static const char *const none[] = { "\"Europe Berlin\"", "\"'; drop\"", "7", "null",
		"\"A23456789012345678901234567890123456789012345678901234567890123456\"" };
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		assert_string_equal(parsed(message_with("localTimezone", none[i])).time_zone, "");
}

static void only_the_bots_own_mention_is_taken_away(void **state)
{
	(void)state;
	static const char me[] = "[{\"type\":\"mention\",\"mentioned\":{\"id\":\"28:app\"},"
				 "\"text\":\"<at>Desk</at>\"},"
				 "{\"type\":\"mention\",\"mentioned\":{\"id\":\"29:bob\"},\"text\":"
				 "\"<at>Bob</at>\"}]";
	static const char only_bob[] = "[{\"type\":\"mention\",\"mentioned\":{\"id\":\"29:bob\"},"
				       "\"text\":\"<at>Bob</at>\"}]";
	static const struct {
		const char *text;
		const char *entities;
		const char *read;
	} cases[] = {
		{ "<at>Desk</at> approve 12", me, "approve 12" },
		{ "<at>Desk</at>&nbsp;approve&nbsp;12", me, "approve 12" },
		{ "hey <at>Desk</at> and <at>Desk</at> help", me, "hey and help" },
		{ "<at>Desk</at> delegate <at>Bob</at>", me, "delegate <at>Bob</at>" },
		{ "<at>Bob</at> <at>Desk</at>", me, "<at>Bob</at>" },
		{ "<at>Desk</at> help", "[]", "help" },
		{ "  <at id=\\\"0\\\">Desk</at> help", "[]", "help" },
		{ "help <at>Desk</at>", "[]", "help <at>Desk</at>" },
		{ "<at>Bob</at> help", only_bob, "<at>Bob</at> help" },
		{ "<at>broken", "[]", "<at>broken" },
		{ "<attention> help", "[]", "<attention> help" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_json *body =
			message_with("text", ad_printf(arena, "\"%s\"", cases[i].text));
		ad_json_set(arena, body, "entities", json(cases[i].entities));
		assert_string_equal(parsed(body).text, cases[i].read);
	}
}

static void white_space_reads_the_same_from_every_client(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *read;
	} cases[] = {
		{ "  approve \\t\\r\\n 12  ", "approve 12" },
		{ "approve\\u00a0\\u00a012", "approve 12" },
		{ "\\u200bapp\\u200drove\\ufeff 12\\u2060", "approve 12" },
		{ "approve\\u300012", "approve 12" },
		{ "\\u200b\\u00a0", "" },
		{ "Gr\\u00fc\\u00dfe", "Gr\xc3\xbc\xc3\x9f"
				       "e" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_json *body =
			message_with("text", ad_printf(arena, "\"%s\"", cases[i].text));
		assert_string_equal(parsed(body).text, cases[i].read);
	}
	char *novel = ad_alloc(arena, 20000);
	memset(novel, 'n', 19999);
	struct ad_json *body = message_with(NULL, NULL);
	ad_json_set_str(arena, body, "text", novel);
	assert_true(ad_utf16_units(parsed(body).text) <= AD_ACTIVITY_TEXT_MAX);
}

static void the_bot_sees_that_it_was_added(void **state)
{
	(void)state;
	struct ad_json *body = message_with("type", "\"conversationUpdate\"");
	ad_json_set(arena, body, "membersAdded", json("[{\"id\":\"29:x\"},{\"id\":\"28:app\"}]"));
	struct ad_activity a = parsed(body);
	assert_int_equal(a.type, AD_ACTIVITY_CONVERSATION_UPDATE);
	assert_true(a.bot_added);
	assert_false(a.bot_removed);
	ad_json_set(arena, body, "membersAdded", json("[{\"id\":\"29:x\"}]"));
	assert_false(parsed(body).bot_added);
}

static void a_press_is_read_from_invoke_and_from_message(void **state)
{
	(void)state;
	static const struct {
		const char *type;
		const char *name;
		const char *value;
		int rc;
		const char *verb;
		const char *t;
		bool automatic;
	} cases[] = {
		{ "invoke", "adaptiveCard/action",
			"{\"action\":{\"type\":\"Action.Execute\",\"verb\":\"approve\",\"data\":{"
			"\"t\":"
			"\"x\"}},\"trigger\":\"manual\"}",
			0, "approve", "x", false },
		{ "invoke", "adaptiveCard/action",
			"{\"action\":{\"type\":\"Action.Execute\",\"verb\":\"view\"},\"trigger\":"
			"\"automatic\"}",
			0, "view", NULL, true },
		{ "invoke", "adaptiveCard/action",
			"{\"action\":{\"type\":\"Action.Submit\",\"data\":{\"verb\":\"approve\"}}}",
			0, "approve", NULL, false },
		{ "message", "", "{\"verb\":\"reject\",\"t\":\"y\"}", 0, "reject", "y", false },
		{ "message", "", "{\"t\":\"y\"}", 0, "", "y", false },
		{ "invoke", "adaptiveCard/action", "{\"action\":{\"type\":\"Action.OpenUrl\"}}",
			AD_EINVAL, NULL, NULL, false },
		{ "invoke", "adaptiveCard/action",
			"{\"action\":{\"type\":\"Action.Execute\",\"data\":\"text\"}}", AD_EINVAL,
			NULL, NULL, false },
		{ "invoke", "adaptiveCard/action", "{}", AD_EINVAL, NULL, NULL, false },
		{ "invoke", "adaptiveCard/action", "7", AD_EINVAL, NULL, NULL, false },
		{ "invoke", "task/fetch", "{}", AD_ENOTFOUND, NULL, NULL, false },
		{ "message", "", "null", AD_ENOTFOUND, NULL, NULL, false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_json *body =
			message_with("type", ad_printf(arena, "\"%s\"", cases[i].type));
		ad_json_set_str(arena, body, "name", cases[i].name);
		ad_json_set(arena, body, "value", json(cases[i].value));
		struct ad_activity activity = parsed(body);
		struct ad_card_action action;
		struct ad_err err = { 0 };
		int rc = ad_activity_card_action(arena, &activity, &action, &err);
		assert_int_equal(rc, cases[i].rc);
		if (rc != 0)
			continue;
		assert_string_equal(action.verb, cases[i].verb);
		assert_int_equal(action.automatic, cases[i].automatic);
		assert_int_equal(action.is_invoke, ad_text_eq(cases[i].type, "invoke"));
		assert_true(ad_text_eq(ad_json_str(action.data, "t"), cases[i].t));
	}
}

static void invoke_answers_have_the_shape_that_teams_takes(void **state)
{
	(void)state;
	assert_string_equal(ad_json_print(arena, ad_invoke_card(arena, json("{\"a\":1}"))),
		"{\"statusCode\":200,\"type\":\"application/vnd.microsoft.card.adaptive\","
		"\"value\":{\"a\":1}}");
	assert_string_equal(ad_json_print(arena, ad_invoke_message(arena, "busy")),
		"{\"statusCode\":200,\"type\":\"application/vnd.microsoft.activity.message\","
		"\"value\":\"busy\"}");
	assert_string_equal(ad_json_print(arena, ad_invoke_error(arena, 400, "Bad", "no")),
		"{\"statusCode\":400,\"type\":\"application/vnd.microsoft.error\","
		"\"value\":{\"code\":\"Bad\",\"message\":\"no\"}}");
}

static void a_card_travels_without_text_and_text_without_markup(void **state)
{
	(void)state;
	struct ad_json *card = ad_activity_card(arena, json("{\"type\":\"AdaptiveCard\"}"), "News");
	assert_null(ad_json_get(card, "text"));
	struct ad_activity_address address = { "28:app", "a:1;messageid=2", "", "77" };
	ad_activity_address(arena, card, &address);
	assert_string_equal(ad_json_print(arena, card),
		"{\"type\":\"message\",\"attachments\":[{\"contentType\":"
		"\"application/vnd.microsoft.card.adaptive\",\"content\":{\"type\":"
		"\"AdaptiveCard\"}}],\"summary\":\"News\",\"from\":{\"id\":\"28:app\"},"
		"\"conversation\":{\"id\":\"a:1;messageid=2\"},\"replyToId\":\"77\"}");
	assert_string_equal(ad_json_print(arena, ad_activity_text(arena, "*hi*")),
		"{\"type\":\"message\",\"textFormat\":\"plain\",\"text\":\"*hi*\"}");
}

static void size_is_counted_in_utf16_units(void **state)
{
	(void)state;
	/* 4 bytes and 2 units each: about 27 990 units pass, about 28 010 do not. */
	const char *text = NULL;
	char *emoji = ad_alloc(arena, 4 * 14001);
	for (size_t i = 0; i < 13970; i++)
		memcpy(emoji + 4 * i, "\xf0\x9f\x98\x80", 5);
	assert_int_equal(ad_activity_print(arena, ad_activity_text(arena, emoji), &text, NULL), 0);
	for (size_t i = 13970; i < 13985; i++)
		memcpy(emoji + 4 * i, "\xf0\x9f\x98\x80", 5);
	assert_int_equal(
		ad_activity_print(arena, ad_activity_text(arena, emoji), &text, NULL), AD_ETOOBIG);
}

static void a_refused_card_falls_back_to_its_text(void **state)
{
	(void)state;
	struct ad_json *card =
		json("{\"type\":\"AdaptiveCard\",\"fallbackText\":\"Approve #12?\"}");
	struct ad_json *reduced = ad_activity_reduced(arena, ad_activity_card(arena, card, "s"));
	assert_string_equal(ad_json_str(reduced, "text"), "Approve #12?");
	reduced = ad_activity_reduced(arena, ad_activity_card(arena, json("{}"), "s"));
	assert_string_equal(ad_json_str(reduced, "text"), "s");
	assert_null(ad_activity_reduced(arena, ad_activity_card(arena, json("{}"), NULL)));
	assert_null(ad_activity_reduced(arena, ad_activity_text(arena, "long")));
}

static void a_short_card_keeps_what_can_be_done_with_it(void **state)
{
	(void)state;
	char text[400];
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	struct ad_json *card = json(ad_printf(arena,
		"{\"type\":\"AdaptiveCard\",\"version\":\"1.5\",\"fallbackText\":\"f\",\"body\":["
		"{\"type\":\"TextBlock\",\"text\":\"%s\"},{\"type\":\"Image\",\"url\":\"u\"},"
		"{\"type\":\"FactSet\",\"facts\":[{\"title\":\"1\",\"value\":\"%s\"},"
		"{\"title\":\"2\",\"value\":\"b\"},{\"title\":\"3\",\"value\":\"c\"},"
		"{\"title\":\"4\",\"value\":\"d\"}]},"
		"{\"type\":\"Input.Text\",\"id\":\"i\",\"value\":\"%s\"},"
		"{\"type\":\"Input.ChoiceSet\",\"id\":\"c\",\"choices\":["
		"{\"title\":\"1\",\"value\":\"%s\"},{\"title\":\"2\",\"value\":\"b\"},"
		"{\"title\":\"3\",\"value\":\"c\"},{\"title\":\"4\",\"value\":\"d\"}]}],"
		"\"actions\":[{\"type\":\"Action.Execute\",\"verb\":\"approve\","
		"\"data\":{\"t\":\"%s\",\"text\":\"%s\"}}]}",
		text, text, text, text, text, text));
	struct ad_json *reduced = ad_activity_short(arena, ad_activity_card(arena, card, "s"));
	assert_string_equal(ad_json_str(reduced, "summary"), "s");
	struct ad_json *body =
		ad_json_path(ad_json_first(ad_json_get(reduced, "attachments")), "content.body");
	assert_int_equal(ad_json_count(body), 4); /* no picture */
	assert_true(strlen(ad_json_str(ad_json_at(body, 0), "text")) < 200);
	struct ad_json *facts = ad_json_get(ad_json_at(body, 1), "facts");
	assert_int_equal(ad_json_count(facts), 3);
	assert_true(strlen(ad_json_str(ad_json_first(facts), "value")) < 200);
	assert_string_equal(ad_json_str(ad_json_at(body, 2), "value"), text);
	struct ad_json *choices = ad_json_get(ad_json_at(body, 3), "choices");
	assert_int_equal(ad_json_count(choices), 4);
	assert_string_equal(ad_json_str(ad_json_first(choices), "value"), text);
	struct ad_json *action = ad_json_first(ad_json_path(
		ad_json_first(ad_json_get(reduced, "attachments")), "content.actions"));
	assert_string_equal(ad_json_str(action, "data.t"), text);
	assert_string_equal(ad_json_str(action, "data.text"), text);
	assert_null(ad_activity_short(arena, ad_activity_text(arena, text)));
}

static void a_reference_survives_its_text_and_belongs_to_one_person(void **state)
{
	(void)state;
	struct ad_activity a = parsed(message_with("conversation.id", "\"a:1;messageid=5\""));
	struct ad_reference reference;
	struct ad_reference read;
	assert_true(ad_reference_from_activity(&a, &reference));
	const char *text = ad_reference_print(arena, &reference);
	assert_int_equal(ad_reference_parse(arena, text, &read, NULL), 0);
	assert_string_equal(read.tenant_id, TENANT);
	assert_string_equal(read.oid, OID);
	assert_string_equal(read.user_id, "29:ann");
	assert_string_equal(read.bot_id, "28:app");
	assert_string_equal(read.conversation_id, "a:1");
	assert_string_equal(read.service_url, a.service_url);
	assert_int_equal(ad_reference_parse(arena, "{}", &read, NULL), AD_EINVAL);
	assert_int_equal(ad_reference_parse(arena, "nonsense", &read, NULL), AD_EINVAL);
}

static void only_a_personal_conversation_gives_a_reference(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "conversation.conversationType", "\"groupChat\"" },
		{ "conversation.isGroup", "true" },
		{ "from.aadObjectId", NULL },
		{ "from.id", "\"a:1\"" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_activity a = parsed(message_with(cases[i][0], cases[i][1]));
		struct ad_reference reference;
		assert_false(ad_reference_from_activity(&a, &reference));
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_personal_message_is_read_whole),
		T(the_chat_of_two_people_is_not_personal),
		T(a_shared_card_is_no_text),
		T(what_is_missing_or_wrong_is_named),
		T(unknown_fields_types_and_nulls_are_fine),
		T(tenant_comes_from_channel_data_or_conversation_in_lower_case),
		T(a_thread_id_is_kept_and_its_base_given),
		T(mentions_of_others_and_the_clients_zone_are_read),
		T(only_the_bots_own_mention_is_taken_away),
		T(white_space_reads_the_same_from_every_client),
		T(the_bot_sees_that_it_was_added),
		T(a_press_is_read_from_invoke_and_from_message),
		T(invoke_answers_have_the_shape_that_teams_takes),
		T(a_card_travels_without_text_and_text_without_markup),
		T(size_is_counted_in_utf16_units),
		T(a_refused_card_falls_back_to_its_text),
		T(a_short_card_keeps_what_can_be_done_with_it),
		T(a_reference_survives_its_text_and_belongs_to_one_person),
		T(only_a_personal_conversation_gives_a_reference),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

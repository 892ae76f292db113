/* SPDX-License-Identifier: Apache-2.0 */
/* Connector calls: where they go, and what the answers of protocol.md 4.3 mean. */
#include "ad/teams/connector.h"
#include "ad/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

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

static void urls_keep_the_service_path_and_encode_every_id(void **state)
{
	(void)state;
	static const struct {
		struct ad_connector_call call;
		const char *url;
	} cases[] = {
		{ { .op = AD_CONNECTOR_SEND,
			  .service_url = "https://smba.trafficmanager.net/emea/5b6c-tenant/",
			  .conversation_id = "a:1_x" },
			"https://smba.trafficmanager.net/emea/5b6c-tenant/v3/conversations/"
			"a%3A1_x/activities" },
		{ { .op = AD_CONNECTOR_SEND,
			  .service_url = "https://smba.trafficmanager.net/teams",
			  .conversation_id = "19:x@thread.tacv2;messageid=17" },
			"https://smba.trafficmanager.net/teams/v3/conversations/"
			"19%3Ax%40thread.tacv2%3Bmessageid%3D17/activities" },
		{ { .op = AD_CONNECTOR_REPLY,
			  .service_url = "https://h//",
			  .conversation_id = "c/../d",
			  .activity_id = "1%2f2" },
			"https://h/v3/conversations/c%2F..%2Fd/activities/1%252f2" },
		{ { .op = AD_CONNECTOR_UPDATE,
			  .service_url = "https://h/",
			  .conversation_id = "c",
			  .activity_id = "1:a" },
			"https://h/v3/conversations/c/activities/1%3Aa" },
		{ { .op = AD_CONNECTOR_DELETE,
			  .service_url = "https://h",
			  .conversation_id = "c",
			  .activity_id = "1?x#y" },
			"https://h/v3/conversations/c/activities/1%3Fx%23y" },
		{ { .op = AD_CONNECTOR_CREATE, .service_url = "https://h/amer/" },
			"https://h/amer/v3/conversations" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(ad_connector_url(arena, &cases[i].call), cases[i].url);
}

static void a_request_carries_method_body_and_token(void **state)
{
	(void)state;
	struct ad_connector_call call = {
		.op = AD_CONNECTOR_UPDATE,
		.service_url = "https://h/",
		.conversation_id = "c",
		.activity_id = "1",
		.body = "{}",
		.token = "tok",
	};
	struct ad_net_request request;
	assert_int_equal(ad_connector_request(arena, &call, &request, NULL), 0);
	assert_string_equal(request.method, "PUT");
	assert_true(request.idempotent);
	assert_string_equal(request.headers[0].name, "Authorization");
	assert_string_equal(request.headers[0].value, "Bearer tok");
	assert_int_equal(request.body_len, 2);
	assert_null(request.redirect);
	call.op = AD_CONNECTOR_SEND;
	assert_int_equal(ad_connector_request(arena, &call, &request, NULL), 0);
	assert_string_equal(request.method, "POST");
	assert_false(request.idempotent);
	call.token = "";
	assert_int_equal(ad_connector_request(arena, &call, &request, NULL), AD_EINVAL);
	call.token = "tok";
	call.conversation_id = "";
	assert_int_equal(ad_connector_request(arena, &call, &request, NULL), AD_EINVAL);
}

static void a_personal_conversation_has_one_member_and_its_tenant(void **state)
{
	(void)state;
	assert_string_equal(ad_connector_create_body(arena, "28:app", "oid-1", "t-1"),
		"{\"bot\":{\"id\":\"28:app\"},\"members\":[{\"id\":\"oid-1\"}],\"tenantId\":"
		"\"t-1\",\"channelData\":{\"tenant\":{\"id\":\"t-1\"}}}");
}

static struct ad_connector_outcome judged(
	enum ad_connector_op op, int status, const char *body, int retry_after_s)
{
	struct ad_net_response response = {
		.status = status,
		.sent_anything = true,
		.retry_after_s = retry_after_s,
		.body = ad_strdup(arena, body),
		.body_len = strlen(body),
	};
	struct ad_connector_outcome outcome;
	ad_connector_judge(arena, op, 0, &response, NULL, &outcome);
	return outcome;
}

#define CODE(c) "{\"error\":{\"code\":\"" c "\",\"message\":\"m\"}}"
#define OLD(c)                                                     \
	"{\"errorCode\":209,\"message\":\"{\\\"subCode\\\":\\\"" c \
	"\\\",\\\"details\\\":\\\"d\\\"}\"}"

static void every_row_of_the_error_table_is_judged(void **state)
{
	(void)state;
	enum {
		DONE = AD_CONNECTOR_DONE,
		RETRY = AD_CONNECTOR_RETRY,
		TOKEN = AD_CONNECTOR_TOKEN,
		UNKNOWN = AD_CONNECTOR_UNKNOWN,
		HOST = AD_CONNECTOR_WRONG_HOST,
		BIG = AD_CONNECTOR_TOO_BIG,
		GONE = AD_CONNECTOR_NO_ACTIVITY,
		ANEW = AD_CONNECTOR_NO_CONVERSATION,
		TENANT = AD_CONNECTOR_TENANT_BLOCKED,
		REFUSED = AD_CONNECTOR_REFUSED,
		DEAD = AD_CONNECTOR_DEAD,
	};
	static const struct {
		int status;
		const char *body;
		int send;   /* verdict for POST of a message */
		int update; /* verdict for PUT */
		enum ad_reference_change reference;
	} cases[] = {
		{ 200, "{\"id\":\"1\"}", DONE, DONE, AD_REFERENCE_KEEP },
		{ 201, "{\"id\":\"1\"}", DONE, DONE, AD_REFERENCE_KEEP },
		{ 202, "", DONE, DONE, AD_REFERENCE_KEEP },
		{ 400, CODE("BadArgument"), REFUSED, REFUSED, AD_REFERENCE_KEEP },
		{ 400, CODE("BadSyntax"), REFUSED, REFUSED, AD_REFERENCE_KEEP },
		{ 401, CODE("BotNotRegistered"), TOKEN, TOKEN, AD_REFERENCE_KEEP },
		{ 401, "", TOKEN, TOKEN, AD_REFERENCE_KEEP },
		{ 403, CODE("BotDisabledByAdmin"), TENANT, TENANT, AD_REFERENCE_KEEP },
		{ 403, CODE("BotNotInConversationRoster"), DEAD, DEAD, AD_REFERENCE_REMOVED },
		{ 403, CODE("ConversationBlockedByUser"), DEAD, DEAD, AD_REFERENCE_BLOCKED },
		{ 403, OLD("ConversationBlockedByUser"), DEAD, DEAD, AD_REFERENCE_BLOCKED },
		{ 403, CODE("ForbiddenOperationException"), DEAD, DEAD, AD_REFERENCE_REMOVED },
		{ 403, CODE("MessageWritesBlocked"), DEAD, DEAD, AD_REFERENCE_BLOCKED },
		{ 403, OLD("MessageWritesBlocked"), DEAD, DEAD, AD_REFERENCE_BLOCKED },
		{ 403, CODE("NotEnoughPermissions"), REFUSED, REFUSED, AD_REFERENCE_KEEP },
		{ 403, CODE("InvalidBotApiHost"), HOST, HOST, AD_REFERENCE_KEEP },
		{ 403, "<html>no</html>", DEAD, DEAD, AD_REFERENCE_KEEP },
		{ 403, "{\"error\":\"text\"}", DEAD, DEAD, AD_REFERENCE_KEEP },
		{ 403, "{\"error\":{\"code\":7}}", DEAD, DEAD, AD_REFERENCE_KEEP },
		{ 403, "[]", DEAD, DEAD, AD_REFERENCE_KEEP },
		{ 404, CODE("BotNotInConversationRoster"), DEAD, DEAD, AD_REFERENCE_REMOVED },
		{ 404, CODE("ConversationNotFound"), ANEW, ANEW, AD_REFERENCE_STALE },
		{ 404, CODE("MemberNotFoundInConversation"), ANEW, ANEW, AD_REFERENCE_STALE },
		{ 404, CODE("ActivityNotFoundInConversation"), DEAD, GONE, AD_REFERENCE_KEEP },
		{ 404, "", ANEW, GONE, AD_REFERENCE_STALE },
		{ 408, "", UNKNOWN, RETRY, AD_REFERENCE_KEEP },
		{ 410, "", ANEW, ANEW, AD_REFERENCE_STALE },
		{ 412, CODE("PreconditionFailed"), RETRY, RETRY, AD_REFERENCE_KEEP },
		{ 413, CODE("MessageSizeTooBig"), BIG, BIG, AD_REFERENCE_KEEP },
		{ 429, CODE("Throttled"), RETRY, RETRY, AD_REFERENCE_KEEP },
		{ 500, CODE("ServiceError"), UNKNOWN, RETRY, AD_REFERENCE_KEEP },
		{ 502, "", UNKNOWN, RETRY, AD_REFERENCE_KEEP },
		{ 503, "", RETRY, RETRY, AD_REFERENCE_KEEP },
		{ 504, "", UNKNOWN, RETRY, AD_REFERENCE_KEEP },
		{ 302, "", DEAD, DEAD, AD_REFERENCE_KEEP },
		{ 418, "", DEAD, DEAD, AD_REFERENCE_KEEP },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int status = cases[i].status;
		struct ad_connector_outcome outcome =
			judged(AD_CONNECTOR_SEND, status, cases[i].body, 0);
		if ((int)outcome.verdict != cases[i].send)
			fail_msg("send %d %s: %s", status, cases[i].body,
				ad_connector_verdict_name(outcome.verdict));
		assert_int_equal(outcome.reference, cases[i].reference);
		assert_int_equal(outcome.status, status);
		outcome = judged(AD_CONNECTOR_UPDATE, status, cases[i].body, 0);
		if ((int)outcome.verdict != cases[i].update)
			fail_msg("update %d %s: %s", status, cases[i].body,
				ad_connector_verdict_name(outcome.verdict));
	}
}

static void ids_come_from_the_answer_and_may_be_missing(void **state)
{
	(void)state;
	struct ad_connector_outcome outcome = judged(
		AD_CONNECTOR_CREATE, 201, "{\"id\":\"a:9\",\"serviceUrl\":\"https://h/\"}", 0);
	assert_string_equal(outcome.id, "a:9");
	assert_string_equal(outcome.service_url, "https://h/");
	assert_string_equal(judged(AD_CONNECTOR_SEND, 200, "garbage", 0).id, "");
	assert_string_equal(judged(AD_CONNECTOR_SEND, 200, "{\"id\":5}", 0).id, "");
}

static void the_peers_retry_after_is_told_and_bounded(void **state)
{
	(void)state;
	assert_int_equal(judged(AD_CONNECTOR_SEND, 429, "", 3).retry_after_s, 3);
	assert_int_equal(judged(AD_CONNECTOR_SEND, 429, "", 86400).retry_after_s,
		AD_CONNECTOR_RETRY_AFTER_MAX_S);
}

static void creating_and_deleting_may_be_repeated(void **state)
{
	(void)state;
	assert_int_equal(judged(AD_CONNECTOR_CREATE, 502, "", 0).verdict, AD_CONNECTOR_RETRY);
	assert_int_equal(judged(AD_CONNECTOR_DELETE, 504, "", 0).verdict, AD_CONNECTOR_RETRY);
	assert_int_equal(judged(AD_CONNECTOR_REPLY, 502, "", 0).verdict, AD_CONNECTOR_UNKNOWN);
	assert_int_equal(
		judged(AD_CONNECTOR_DELETE, 404, CODE("ActivityNotFoundInConversation"), 0).verdict,
		AD_CONNECTOR_DONE);
	assert_int_equal(judged(AD_CONNECTOR_DELETE, 404, CODE("ConversationNotFound"), 0).verdict,
		AD_CONNECTOR_DONE);
	assert_int_equal(
		judged(AD_CONNECTOR_CREATE, 404, CODE("MemberNotFoundInConversation"), 0).verdict,
		AD_CONNECTOR_DEAD);
}

static void silence_is_judged_by_what_was_sent(void **state)
{
	(void)state;
	static const struct {
		int rc;
		enum ad_connector_verdict send;
		enum ad_connector_verdict update;
	} cases[] = {
		{ AD_EUNAVAIL, AD_CONNECTOR_RETRY, AD_CONNECTOR_RETRY },
		{ AD_ETIMEOUT, AD_CONNECTOR_RETRY, AD_CONNECTOR_RETRY },
		{ AD_EAMBIGUOUS, AD_CONNECTOR_UNKNOWN, AD_CONNECTOR_RETRY },
		{ AD_ETOOBIG, AD_CONNECTOR_UNKNOWN, AD_CONNECTOR_RETRY },
		{ AD_EINVAL, AD_CONNECTOR_DEAD, AD_CONNECTOR_DEAD },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_net_response nothing = { .body = ad_strdup(arena, "") };
		struct ad_connector_outcome outcome;
		ad_connector_judge(arena, AD_CONNECTOR_SEND, cases[i].rc, &nothing, NULL, &outcome);
		assert_int_equal(outcome.verdict, cases[i].send);
		ad_connector_judge(
			arena, AD_CONNECTOR_UPDATE, cases[i].rc, &nothing, NULL, &outcome);
		assert_int_equal(outcome.verdict, cases[i].update);
	}
}

static void an_errors_text_is_one_clean_line(void **state)
{
	(void)state;
	struct ad_connector_outcome outcome = judged(AD_CONNECTOR_SEND, 400,
		"{\"error\":{\"code\":\"BadArgument\",\"message\":\"two\\nlines\"}}", 0);
	assert_string_equal(outcome.code, "BadArgument");
	assert_string_equal(outcome.text, "HTTP 400 BadArgument: two lines");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(urls_keep_the_service_path_and_encode_every_id),
		T(a_request_carries_method_body_and_token),
		T(a_personal_conversation_has_one_member_and_its_tenant),
		T(every_row_of_the_error_table_is_judged),
		T(ids_come_from_the_answer_and_may_be_missing),
		T(the_peers_retry_after_is_told_and_bounded),
		T(creating_and_deleting_may_be_repeated),
		T(silence_is_judged_by_what_was_sent),
		T(an_errors_text_is_one_clean_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

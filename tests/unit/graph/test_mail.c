/* SPDX-License-Identifier: Apache-2.0 */
/* Mail by Graph: what is asked for, and what each answer means. */
#include "ad/graph/mail.h"
#include "ad/json.h"
#include "ad/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static struct ad_arena *arena;

static const struct ad_graph_mail mail = {
	.base_url = "https://graph.example.com",
	.from = "00000000-0000-4000-8000-000000000042",
	.token = "canary-token",
	.to = "ann@example.com",
	.subject = "#12: \"Reader\"\t<b>",
	.text = "text",
	.html = "<p>html</p>",
};

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

static struct ad_json *body_of(const struct ad_graph_mail *from, struct ad_net_request *ret)
{
	struct ad_err err = { 0 };
	struct ad_json *body = NULL;
	assert_int_equal(ad_graph_mail_request(arena, from, ret, &err), 0);
	assert_int_equal(ad_json_parse(arena, ret->body, ret->body_len, &body, &err), 0);
	return body;
}

static void a_request_names_mailbox_recipient_and_text(void **state)
{
	struct ad_net_request request;
	(void)state;
	struct ad_json *body = body_of(&mail, &request);
	assert_string_equal(request.method, "POST");
	assert_string_equal(request.url,
		"https://graph.example.com/v1.0/users/00000000-0000-4000-8000-000000000042/"
		"sendMail");
	assert_string_equal(request.headers[0].value, "Bearer canary-token");
	assert_false(request.idempotent);
	assert_null(request.redirect);
	const struct ad_json *message = ad_json_get(body, "message");
	assert_string_equal(ad_json_str(message, "subject"), mail.subject);
	assert_string_equal(ad_json_str(message, "body.contentType"), "HTML");
	assert_string_equal(ad_json_str(message, "body.content"), mail.html);
	const struct ad_json *to = ad_json_get(message, "toRecipients");
	assert_int_equal(ad_json_count(to), 1);
	assert_string_equal(ad_json_str(ad_json_first(to), "emailAddress.address"), mail.to);
	assert_false(ad_json_bool(body, "saveToSentItems", true));
}

static void a_mail_without_html_is_plain_text(void **state)
{
	struct ad_net_request request;
	struct ad_graph_mail plain = mail;
	(void)state;
	plain.html = "";
	struct ad_json *body = body_of(&plain, &request);
	assert_string_equal(ad_json_str(body, "message.body.contentType"), "Text");
	assert_string_equal(ad_json_str(body, "message.body.content"), "text");
}

static void a_mailbox_cannot_lead_to_another_address(void **state)
{
	struct ad_net_request request;
	struct ad_graph_mail odd = mail;
	(void)state;
	odd.from = "../../v1.0/users/eve@example.com/sendMail?x=#";
	(void)body_of(&odd, &request);
	assert_string_equal(request.url,
		"https://graph.example.com/v1.0/users/"
		"..%2F..%2Fv1.0%2Fusers%2Feve%40example.com%2FsendMail%3Fx%3D%23/sendMail");
}

static void a_recipient_that_is_no_plain_address_gets_nothing(void **state)
{
	static const char *const bad[] = { "", "ann", "ann@example.com\r\nBcc: eve@example.com",
		"ann@example.com, eve@example.com", "Ann <ann@example.com>" };
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct ad_net_request request;
		struct ad_err err = { 0 };
		struct ad_graph_mail wrong = mail;
		wrong.to = bad[i];
		assert_int_equal(ad_graph_mail_request(arena, &wrong, &request, &err), AD_EINVAL);
		assert_null(strstr(err.text, "canary"));
	}
}

static struct ad_graph_mail_outcome judge(int status, int retry_after_s, const char *body)
{
	struct ad_graph_mail_outcome outcome;
	struct ad_net_response response = {
		.status = status,
		.retry_after_s = retry_after_s,
		.body = ad_strdup(arena, body),
		.body_len = strlen(body),
	};
	ad_graph_mail_judge(arena, 0, &response, NULL, &outcome);
	return outcome;
}

static void each_answer_has_its_meaning(void **state)
{
	static const struct {
		int status;
		int retry_after_s;
		enum ad_graph_mail_verdict verdict;
	} cases[] = {
		{ 202, 0, AD_GRAPH_MAIL_DONE },
		{ 200, 0, AD_GRAPH_MAIL_DONE },
		{ 302, 0, AD_GRAPH_MAIL_DEAD },
		{ 400, 0, AD_GRAPH_MAIL_DEAD },
		{ 401, 0, AD_GRAPH_MAIL_TOKEN },
		{ 403, 0, AD_GRAPH_MAIL_REFUSED },
		{ 404, 0, AD_GRAPH_MAIL_REFUSED },
		{ 408, 0, AD_GRAPH_MAIL_UNKNOWN },
		{ 413, 0, AD_GRAPH_MAIL_DEAD },
		{ 429, 0, AD_GRAPH_MAIL_RETRY },
		{ 429, 30, AD_GRAPH_MAIL_RETRY },
		{ 500, 0, AD_GRAPH_MAIL_UNKNOWN },
		{ 502, 0, AD_GRAPH_MAIL_UNKNOWN },
		{ 503, 0, AD_GRAPH_MAIL_RETRY },
		{ 504, 0, AD_GRAPH_MAIL_UNKNOWN },
		{ 504, 5, AD_GRAPH_MAIL_RETRY },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_graph_mail_outcome outcome =
			judge(cases[i].status, cases[i].retry_after_s, "");
		assert_int_equal(outcome.verdict, cases[i].verdict);
		assert_int_equal(outcome.status, cases[i].status);
		assert_int_equal(outcome.retry_after_s, cases[i].retry_after_s);
	}
	assert_int_equal(judge(429, 999999, "").retry_after_s, AD_GRAPH_MAIL_RETRY_AFTER_MAX_S);
}

static void a_refusal_says_what_to_do(void **state)
{
	(void)state;
	const char *text = judge(403, 0,
		"{\"error\":{\"code\":\"ErrorAccessDenied\",\"message\":\"Access is\\ndenied.\"}}")
				   .text;
	assert_non_null(strstr(text, "ErrorAccessDenied"));
	assert_non_null(strstr(text, "Mail.Send"));
	assert_null(strchr(text, '\n'));
	assert_non_null(strstr(
		judge(404, 0, "{\"error\":{\"code\":\"ErrorInvalidUser\"}}").text, "mail.from"));
	assert_int_equal(
		judge(400, 0, "{\"error\":{\"code\":\"MailboxNotEnabledForRESTAPI\"}}").verdict,
		AD_GRAPH_MAIL_REFUSED);
}

static void any_body_is_borne(void **state)
{
	static const char *const bodies[] = { "", "x", "{", "[]", "null", "{\"error\":1}",
		"{\"error\":{\"code\":[],\"message\":{}}}", "{\"error\":{\"code\":\"\\u0000\"}}" };
	(void)state;
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
		assert_int_equal(judge(403, 0, bodies[i]).verdict, AD_GRAPH_MAIL_REFUSED);
	const char *text =
		judge(400, 0, ad_printf(arena, "{\"error\":{\"message\":\"%04096d\"}}", 1)).text;
	assert_true(strlen(text) < AD_ERR_TEXT_MAX * 4);
}

static void without_an_answer_only_what_was_not_sent_comes_again(void **state)
{
	static const struct {
		int rc;
		enum ad_graph_mail_verdict verdict;
	} cases[] = {
		{ AD_EUNAVAIL, AD_GRAPH_MAIL_RETRY },
		{ AD_ETIMEOUT, AD_GRAPH_MAIL_RETRY },
		{ AD_EAUTH, AD_GRAPH_MAIL_RETRY },
		{ AD_EAMBIGUOUS, AD_GRAPH_MAIL_UNKNOWN },
		{ AD_ETOOBIG, AD_GRAPH_MAIL_UNKNOWN },
		{ AD_EINVAL, AD_GRAPH_MAIL_DEAD },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_graph_mail_outcome outcome;
		struct ad_net_response response = { .body = ad_strdup(arena, "") };
		ad_graph_mail_judge(arena, cases[i].rc, &response, NULL, &outcome);
		assert_int_equal(outcome.verdict, cases[i].verdict);
		assert_int_equal(outcome.status, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_names_mailbox_recipient_and_text),
		cmocka_unit_test(a_mail_without_html_is_plain_text),
		cmocka_unit_test(a_mailbox_cannot_lead_to_another_address),
		cmocka_unit_test(a_recipient_that_is_no_plain_address_gets_nothing),
		cmocka_unit_test(each_answer_has_its_meaning),
		cmocka_unit_test(a_refusal_says_what_to_do),
		cmocka_unit_test(any_body_is_borne),
		cmocka_unit_test(without_an_answer_only_what_was_not_sent_comes_again),
	};
	return cmocka_run_group_tests_name("graph_mail", tests, setup, teardown);
}

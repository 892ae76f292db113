/* SPDX-License-Identifier: Apache-2.0 */
/* Pages and mails: what people wrote stays text, nothing is fetched, nothing runs. */
#include "html.h"
#include "mail.h"
#include "page.h"

#include "ad/arena.h"
#include "ad/store/outbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define EVIL "<script>alert('x')</script>\" onload=\"y\" & <b>"
#define EVIL_SAFE                                                                           \
	"&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot; onload=&quot;y&quot; &amp; " \
	"&lt;b&gt;"

static struct ad_arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = ad_arena_new();
	return 0;
}

static int end(void **state)
{
	(void)state;
	ad_arena_free(arena);
	return 0;
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;
	for (const char *p = strstr(text, what); p; p = strstr(p + 1, what))
		n++;
	return n;
}

static void hidden_characters_do_not_reach_a_page(void **state)
{
	(void)state;
	struct ad_buf out;
	ad_buf_init(&out, AD_HTML_MAX);
	ad_html_lines(&out, arena,
		"a\xE2\x80\xAE"
		"b\x01\nc\r\n");
	const char *text = ad_html_end(&out, arena);
	assert_string_equal(text, "a\xEF\xBF\xBD"
				  "b\xEF\xBF\xBD<br>c <br>");
}

static void every_text_of_a_page_is_escaped(void **state)
{
	(void)state;
	const struct ad_page_form form = { .button = EVIL,
		.reason_label = EVIL,
		.reason_hint = EVIL,
		.reason = EVIL "\n</textarea>",
		.fault = EVIL };
	const struct ad_page page = {
		.lang = "en\"><script>",
		.title = EVIL,
		.text = EVIL,
		.status = EVIL,
		.status_class = "bad",
		.facts = { { EVIL, EVIL }, { "left out", "" } },
		.quote_label = EVIL,
		.quote = EVIL,
		.form = &form,
		.link_url = "https://teams.example/\"x",
		.link_label = EVIL,
		.notes = { EVIL, NULL, EVIL },
	};
	const char *html = ad_page_print(arena, &page);
	assert_non_null(html);
	assert_null(strstr(html, "<script"));
	assert_null(strstr(html, "\" onload"));
	assert_null(strstr(html, "left out"));
	assert_int_equal(count(html, EVIL_SAFE), 16);
	assert_int_equal(count(html, "</textarea>"), 1);
	assert_non_null(strstr(html, "\n&lt;/textarea&gt;</textarea>"));
	assert_non_null(strstr(html, "href=\"https://teams.example/&quot;x\""));
	assert_int_equal(count(html, "<form method=\"post\">"), 1);
}

static void a_page_that_is_too_big_is_none(void **state)
{
	(void)state;
	char *text = ad_alloc(arena, AD_HTML_MAX + 1);
	memset(text, 'x', AD_HTML_MAX);
	const struct ad_page page = { .lang = "en", .title = "t", .text = text };
	assert_null(ad_page_print(arena, &page));
}

static const struct ad_mail_content mail = {
	.lang = "en",
	.subject = "Ana asks\r\nBcc: all@corp for 7-Zip",
	.title = EVIL,
	.text = EVIL,
	.facts = { { "Person", "Ana" }, { "Which \"one\"?", EVIL } },
	.quote_label = "Reason given",
	.quote = "first\nsecond " EVIL,
	.buttons = { { "Approve", "https://desk.example/act/AAA", false },
		{ "Reject", "https://desk.example/act/BBB", true } },
	.link_url = "https://teams.example/l/chat",
	.link_label = "Open in Teams",
	.notes = { "works once", "why", NULL },
};

static void a_mail_is_plain_text_and_html_that_say_the_same(void **state)
{
	(void)state;
	struct ad_mail_parts parts;
	struct ad_err err = { 0 };
	assert_int_equal(ad_mail_print(arena, &mail, &parts, &err), 0);
	static const char *const both[] = { "Ana", "https://desk.example/act/AAA",
		"https://desk.example/act/BBB", "https://teams.example/l/chat", "works once", "why",
		"Reason given" };
	for (size_t i = 0; i < sizeof both / sizeof both[0]; i++) {
		assert_int_equal(count(parts.text, both[i]), 1);
		assert_non_null(strstr(parts.html, both[i]));
	}
	assert_non_null(strstr(parts.text, "Which \"one\"?: " EVIL "\n"));
	assert_non_null(strstr(parts.html, "first<br>second " EVIL_SAFE));
	assert_null(strstr(parts.html, "<script"));
	assert_null(strstr(parts.html, "<img"));
	assert_null(strstr(parts.html, "src="));
	assert_null(strstr(parts.html, "url("));
	assert_non_null(strstr(parts.html, "content=\"light dark\""));
}

static void a_subject_is_one_short_line(void **state)
{
	(void)state;
	struct ad_mail_parts parts;
	struct ad_err err = { 0 };
	struct ad_mail_content longer = mail;
	assert_int_equal(ad_mail_print(arena, &mail, &parts, &err), 0);
	assert_string_equal(parts.subject, "Ana asks  Bcc: all@corp for 7-Zip");
	char *text = ad_alloc(arena, 1001);
	memset(text, 'x', 1000);
	longer.subject = text;
	assert_int_equal(ad_mail_print(arena, &longer, &parts, &err), 0);
	assert_true(
		strlen(parts.subject) <= AD_MAIL_SUBJECT_MAX + 2); /* one of them is an ellipsis */
}

static void a_mail_that_is_too_big_is_refused(void **state)
{
	(void)state;
	struct ad_mail_parts parts;
	struct ad_err err = { 0 };
	struct ad_mail_content longer = mail;
	char *text = ad_alloc(arena, AD_MAIL_BODY_MAX / 2 + 1);
	memset(text, 'x', AD_MAIL_BODY_MAX / 2);
	longer.text = text;
	assert_int_equal(ad_mail_print(arena, &longer, &parts, &err), AD_ETOOBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(hidden_characters_do_not_reach_a_page, begin, end),
		cmocka_unit_test_setup_teardown(every_text_of_a_page_is_escaped, begin, end),
		cmocka_unit_test_setup_teardown(a_page_that_is_too_big_is_none, begin, end),
		cmocka_unit_test_setup_teardown(
			a_mail_is_plain_text_and_html_that_say_the_same, begin, end),
		cmocka_unit_test_setup_teardown(a_subject_is_one_short_line, begin, end),
		cmocka_unit_test_setup_teardown(a_mail_that_is_too_big_is_refused, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

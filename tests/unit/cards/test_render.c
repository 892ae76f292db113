/* SPDX-License-Identifier: Apache-2.0 */
/* Rendering: words of the person's language, and what people wrote never becomes markup. */
#include "ad/cards.h"
#include "ad/file.h"
#include "ad/text.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

static char folder[] = "/tmp/appdesk-cards-XXXXXX";
static struct ad_arena *arena;

static void put(const char *name, const char *text)
{
	struct ad_err err = { 0 };
	const char *path = ad_printf(arena, "%s/%s", folder, name);
	assert_int_equal(ad_file_write(path, text, strlen(text), 0600, &err), 0);
}

static int setup(void **state)
{
	struct ad_err err = { 0 };
	(void)state;
	arena = ad_arena_new();
	assert_non_null(mkdtemp(folder));
	assert_int_equal(ad_file_mkdirs(ad_printf(arena, "%s/text", folder), &err), 0);
	put("text/en.json", "{\"hello\":\"Hello **${name}**\",\"plain\":\"Only a word\"}");
	put("text/de.json", "{\"hello\":\"Hallo **${name}**\",\"plain\":\"Nur ein Wort\"}");
	put("greeting.json", "{\"type\":\"AdaptiveCard\",\"version\":\"1.5\",\"fallbackText\":\"${"
			     "text.plain}\",\"body\":["
			     "{\"type\":\"TextBlock\",\"text\":\"${text.hello}\"},{\"type\":"
			     "\"FactSet\",\"facts\":["
			     "{\"title\":\"t\",\"value\":\"${name}\"}]},{\"type\":\"Input.Text\","
			     "\"id\":\"i\",\"value\":\"${name}\"}]}");
	return 0;
}

static int teardown(void **state)
{
	struct ad_err err = { 0 };
	(void)state;
	int r = ad_file_remove_tree(folder, &err);
	ad_arena_free(arena);
	return r;
}

static struct ad_cards *load(void)
{
	struct ad_cards *cards = NULL;
	struct ad_err err = { 0 };
	int r = ad_cards_load(folder, NULL, &cards, &err);
	assert_string_equal(err.text, "");
	assert_int_equal(r, 0);
	return cards;
}

static const char *render(const struct ad_cards *cards, const char *locale, const char *name)
{
	struct ad_json *data = ad_json_new_object(arena);
	struct ad_json *card = NULL;
	struct ad_err err = { 0 };
	ad_json_set_str(arena, data, "name", name);
	int r = ad_cards_render(cards, arena, "greeting", locale, data, &card, &err);
	assert_string_equal(err.text, "");
	assert_int_equal(r, 0);
	return ad_json_print(arena, card);
}

static void test_a_card_speaks_the_language_of_the_person(void **state)
{
	(void)state;
	struct ad_cards *cards = load();
	assert_non_null(strstr(render(cards, "de-AT", "Ana"), "Hallo **Ana**"));
	assert_non_null(strstr(render(cards, "en-GB", "Ana"), "Hello **Ana**"));
	assert_non_null(strstr(render(cards, "xx", "Ana"), "Hello **Ana**"));
	assert_non_null(strstr(render(cards, NULL, "Ana"), "Hello **Ana**"));
	ad_cards_free(cards);
}

/* Clients replace {{DATE(...)}} and {{TIME(...)}} before they read markdown; ours are in templates.
 */
static void test_a_date_that_people_wrote_is_no_date(void **state)
{
	(void)state;
	struct ad_cards *cards = load();
	const char *card = render(cards, "en", "{{DATE(2020-01-01T00:00:00Z,SHORT)}}");
	assert_null(strstr(card, "**{{DATE("));
	assert_non_null(strstr(card, "**{\\\\{DATE("));
	ad_cards_free(cards);
}

static void test_a_line_that_people_wrote_makes_no_heading(void **state)
{
	(void)state;
	struct ad_cards *cards = load();
	assert_non_null(strstr(render(cards, "en", "Approved\n==="), "Approved\\n\\\\==="));
	ad_cards_free(cards);
}

static void test_what_people_wrote_is_escaped_where_markdown_is_rendered(void **state)
{
	(void)state;
	struct ad_cards *cards = load();
	const char *card = render(cards, "en", "[x](http://e) *b* <at>All</at>\n- i\n1. n");
	assert_non_null(strstr(
		card, "Hello **\\\\[x\\\\](http://e) \\\\*b\\\\* \\\\<at\\\\>All\\\\</at\\\\>"));
	assert_non_null(strstr(card, "\\n\\\\- i\\n1\\\\. n**"));
	/* An input shows text as it is: escaping would be seen there. */
	assert_non_null(strstr(card, "\"value\":\"[x](http://e) *b* <at>All</at>"));
	ad_cards_free(cards);
}

static void test_hidden_characters_do_not_survive_anywhere(void **state)
{
	(void)state;
	struct ad_cards *cards = load();
	assert_null(strstr(render(cards, "en",
				   "a\xE2\x80\xAE"
				   "b"),
		"\xE2\x80\xAE"));
	ad_cards_free(cards);
}

static void test_a_value_that_is_missing_is_our_own_fault(void **state)
{
	(void)state;
	struct ad_cards *cards = load();
	struct ad_json *card = NULL;
	struct ad_err err = { 0 };
	struct ad_json *data = ad_json_new_object(arena);
	assert_int_equal(
		ad_cards_render(cards, arena, "greeting", "en", data, &card, &err), AD_EBUG);
	assert_non_null(strstr(err.text, "name"));
	assert_int_equal(
		ad_cards_render(cards, arena, "nope", "en", data, &card, &err), AD_ENOTFOUND);
	ad_cards_free(cards);
}

static void refuses(const char *file, const char *text, const char *said)
{
	struct ad_cards *cards = NULL;
	struct ad_err err = { 0 };
	put(file, text);
	assert_true(ad_cards_load(folder, NULL, &cards, &err) < 0);
	assert_non_null(strstr(err.text, said));
	assert_int_equal(unlink(ad_printf(arena, "%s/%s", folder, file)), 0);
}

static void test_loading_refuses_a_faulty_set_and_says_where(void **state)
{
	(void)state;
	refuses("bad.json", "{", "bad.json");
	refuses("bad.json",
		"{\"type\":\"AdaptiveCard\",\"version\":\"1.6\",\"fallbackText\":\"x\"}", "1.5");
	refuses("bad.json", "{\"type\":\"AdaptiveCard\",\"version\":\"1.5\"}", "fallbackText");
	refuses("bad.json",
		"{\"type\":\"AdaptiveCard\",\"version\":\"1.5\",\"fallbackText\":\"${text.unknown}"
		"\"}",
		"no word 'unknown'");
	refuses("text/fr.json", "{\"hello\":\"${name}\"}", "fr.json: plain is missing");
}

static void test_a_card_longer_than_teams_takes_is_refused(void **state)
{
	(void)state;
	struct ad_cards *cards = load();
	struct ad_json *data = ad_json_new_object(arena);
	struct ad_json *card = NULL;
	struct ad_err err = { 0 };
	char *name = ad_alloc(arena, AD_CARDS_UNITS_MAX + 1);
	memset(name, 'x', AD_CARDS_UNITS_MAX);
	ad_json_set_str(arena, data, "name", name);
	assert_int_equal(
		ad_cards_render(cards, arena, "greeting", "en", data, &card, &err), AD_ETOOBIG);
	ad_cards_free(cards);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_card_speaks_the_language_of_the_person),
		cmocka_unit_test(test_a_date_that_people_wrote_is_no_date),
		cmocka_unit_test(test_a_line_that_people_wrote_makes_no_heading),
		cmocka_unit_test(test_what_people_wrote_is_escaped_where_markdown_is_rendered),
		cmocka_unit_test(test_hidden_characters_do_not_survive_anywhere),
		cmocka_unit_test(test_a_value_that_is_missing_is_our_own_fault),
		cmocka_unit_test(test_loading_refuses_a_faulty_set_and_says_where),
		cmocka_unit_test(test_a_card_longer_than_teams_takes_is_refused),
	};
	return cmocka_run_group_tests_name("cards_render", tests, setup, teardown);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Languages: which one counts for whom, how each counts, joins and dates, and that none says less
 * or more than English. */
#include "ad/cards.h"
#include "ad/file.h"
#include "ad/text.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

#define FSI "\xE2\x81\xA8"
#define PDI "\xE2\x81\xA9"

static char folder[] = "/tmp/appdesk-words-XXXXXX";
static struct ad_arena *arena;

static void put(const char *name, const char *text)
{
	struct ad_err err = { 0 };
	const char *path = ad_printf(arena, "%s/%s", folder, name);
	assert_int_equal(ad_file_write(path, text, strlen(text), 0600, &err), 0);
}

#define ENGLISH                                                                       \
	"{\"apps\":\"{count, plural, =0 {No app} one {${count} app} other {${count} " \
	"apps}} for ${name}\",\"command.stop\":\"stop\",\"command.go\":\"go on, go\"}"
#define GERMAN                                                                           \
	"{\"apps\":\"{count, plural, =0 {Keine App} one {${count} App} other {${count} " \
	"Apps}} f\xC3\xBCr ${name}\",\"command.stop\":\"halt\",\"command.go\":\"weiter, los\"}"
#define ARABIC                                                                                  \
	"{\"apps\":\"{count, plural, zero {z} one {o} two {t} few {f ${count}} many {m} "       \
	"other {x}} \xD9\x84\xD9\x80 ${name}\",\"command.stop\":\"\xD8\xA3\xD9\x88\xD9\x82\xD9" \
	"\x81\",\"command.go\":\"\xD8\xAA\xD8\xA7\xD8\xA8\xD8\xB9\"}"
#define JAPANESE                                                                                  \
	"{\"apps\":\"${count} ${name}\",\"command.stop\":\"\xE5\x81\x9C\xE6\xAD\xA2\",\"command." \
	"go\":\"\xE7\xB6\x9A\xE8\xA1\x8C\"}"

static int setup(void **state)
{
	struct ad_err err = { 0 };
	(void)state;
	arena = ad_arena_new();
	assert_non_null(mkdtemp(folder));
	assert_int_equal(ad_file_mkdirs(ad_printf(arena, "%s/text", folder), &err), 0);
	assert_int_equal(ad_file_mkdirs(ad_printf(arena, "%s/own", folder), &err), 0);
	put("text/en.json", ENGLISH);
	put("text/de.json", GERMAN);
	put("text/ar.json", ARABIC);
	put("text/ja.json", JAPANESE);
	put("card.json",
		"{\"type\":\"AdaptiveCard\",\"version\":\"1.5\",\"fallbackText\":\"${text.apps}\","
		"\"body\":[{\"type\":\"TextBlock\",\"text\":\"${text.apps}\"},{\"type\":\"TextBlock"
		"\",\"text\":\"${name}\"}],\"selectAction\":{\"type\":\"Action.OpenUrl\",\"url\":"
		"\"https://x/${name}\"}}");
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

static struct ad_json *data_of(int count, const char *name)
{
	struct ad_json *data = ad_json_new_object(arena);
	ad_json_set_int(arena, data, "count", count);
	ad_json_set_str(arena, data, "name", name);
	return data;
}

static const char *apps(const struct ad_cards *cards, const char *locale, int count)
{
	const char *text = NULL;
	struct ad_err err = { 0 };
	int r = ad_cards_text(cards, arena, "apps", locale, data_of(count, "Ana"), &text, &err);
	assert_string_equal(err.text, "");
	assert_int_equal(r, 0);
	return text;
}

static void test_a_count_takes_the_form_that_its_language_has_for_it(void **state)
{
	static const struct {
		int count;
		const char *form;
	} arabic[] = { { 0, "z " }, { 1, "o " }, { 2, "t " }, { 3, "f 3" }, { 10, "f 10" },
		{ 11, "m " }, { 99, "m " }, { 100, "x " }, { 103, "f 103" } };
	(void)state;
	struct ad_cards *cards = load();
	assert_string_equal(apps(cards, "en", 0), "No app for Ana");
	assert_string_equal(apps(cards, "en", 1), "1 app for Ana");
	assert_string_equal(apps(cards, "de", 1), "1 App f\xC3\xBCr Ana");
	assert_string_equal(apps(cards, "de", 5), "5 Apps f\xC3\xBCr Ana");
	assert_string_equal(apps(cards, "ja", 1), "1 Ana");
	for (size_t i = 0; i < sizeof arabic / sizeof arabic[0]; i++)
		assert_true(ad_text_starts(apps(cards, "ar-EG", arabic[i].count), arabic[i].form));
	ad_cards_free(cards);
}

static void test_a_language_is_found_by_what_stands_above_it_and_otherwise_it_is_english(
	void **state)
{
	static const char *const cases[][2] = { { "de-AT", "de" }, { "DE_ch", "de" },
		{ "de-Latn-DE-1996", "de" }, { "ar-EG@timezone=Africa/Cairo", "ar" },
		{ "ja", "ja" }, { "xx-YY", "en" }, { "", "en" }, { "@timezone=UTC", "en" },
		{ "en-GB", "en" }, { "../etc", "en" } };
	(void)state;
	struct ad_cards *cards = load();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(ad_cards_language(cards, cases[i][0]), cases[i][1]);
	assert_string_equal(ad_cards_language(cards, NULL), "en");
	assert_string_equal(ad_cards_accept(cards, arena, "sv, de-CH;q=0.8, en;q=0.5"), "de");
	assert_string_equal(ad_cards_accept(cards, arena, "sv"), "");
	assert_string_equal(ad_cards_language_named(cards, arena, "Deutsch"), "de");
	assert_string_equal(ad_cards_language_named(cards, arena, "german"), "de");
	assert_string_equal(ad_cards_language_named(cards, arena, "de-AT"), "de");
	assert_null(ad_cards_language_named(cards, arena, "klingon"));
	ad_cards_free(cards);
}

/* What stands in the sentence is isolated; what is an address is not. */
static void test_a_card_in_arabic_is_read_from_the_right_with_latin_names_isolated(void **state)
{
	struct ad_json *card = NULL;
	struct ad_err err = { 0 };
	(void)state;
	struct ad_cards *cards = load();
	assert_int_equal(
		ad_cards_render(cards, arena, "card", "ar", data_of(3, "Ana"), &card, &err), 0);
	const char *text = ad_json_print(arena, card);
	assert_non_null(strstr(text, "\"rtl\":true"));
	assert_non_null(strstr(text, FSI "Ana" PDI "\""));
	assert_non_null(strstr(text, "\"text\":\"" FSI "Ana" PDI "\""));
	assert_non_null(strstr(text, "https://x/Ana"));
	assert_int_equal(
		ad_cards_render(cards, arena, "card", "de", data_of(3, "Ana"), &card, &err), 0);
	text = ad_json_print(arena, card);
	assert_null(strstr(text, "rtl"));
	assert_null(strstr(text, FSI));
	/* A sentence of ours in a sentence of ours keeps its isolates; a lone one goes. */
	assert_string_equal(ad_utf8_clean_words(arena, FSI "Ana" PDI, true), FSI "Ana" PDI);
	assert_null(strstr(ad_utf8_clean_words(arena, "Ana" PDI, true), PDI));
	ad_cards_free(cards);
}

static void refuses(const char *file, const char *text, const char *said)
{
	struct ad_cards *cards = NULL;
	struct ad_err err = { 0 };
	const char *own = ad_printf(arena, "%s/own", folder);
	put(file, text);
	assert_true(ad_cards_load(folder, own, &cards, &err) < 0);
	if (!strstr(err.text, said))
		fail_msg("\"%s\" does not say \"%s\"", err.text, said);
	assert_int_equal(unlink(ad_printf(arena, "%s/%s", folder, file)), 0);
}

static void test_a_language_that_says_less_or_more_than_english_is_refused(void **state)
{
	(void)state;
#define STOP "\"command.stop\":\"s\",\"command.go\":\"g\""
	refuses("text/fr.json", "{" STOP "}", "fr.json: apps is missing");
	refuses("text/fr.json", "{\"apps\":\"${name}\"," STOP "}", "apps lacks {count}");
	refuses("text/fr.json", "{\"apps\":\"${count} ${name}\"," STOP "}",
		"apps lacks {count, plural}");
	refuses("text/fr.json", "{\"apps\":\"{count, plural, other {${count}}} ${name}\"," STOP "}",
		"apps lacks {count, plural}");
	refuses("text/fr.json",
		"{\"apps\":\"{count, plural, one {a} other {b}} ${name} ${size}\"," STOP "}",
		"has {size}");
	refuses("text/fr.json",
		"{\"apps\":\"{count, plural, one {a} two {c} other {b}} ${name}\"," STOP "}",
		"no form 'two'");
	refuses("text/fr.json", "{\"apps\":\"{count, plural, one {a} other {b} ${name}\"," STOP "}",
		"cannot read");
	refuses("text/ru.json",
		"{\"apps\":\"{count, plural, one {a} other {b}} ${name}\"," STOP "}",
		"lacks the form 'many'");
	refuses("text/fr.json",
		"{\"apps\":\"{count, plural, one {a} other {b}} ${name}\",\"more\":\"x\"," STOP "}",
		"more is no key of English");
	refuses("text/fr.json",
		"{\"apps\":\"{count, plural, one {a} other {b}} ${name}\",\"command.stop\":\"go\","
		"\"command.go\":\"g\"}",
		"is said as");
}

static void test_an_organisation_says_it_in_its_own_words(void **state)
{
	struct ad_cards *cards = NULL;
	struct ad_err err = { 0 };
	const char *own = ad_printf(arena, "%s/own", folder);
	(void)state;
	put("own/de.json", "{\"apps\":\"{count, plural, one {ein Programm} other {${count} "
			   "Programme}} an ${name}\"}");
	assert_int_equal(ad_cards_load(folder, own, &cards, &err), 0);
	assert_string_equal(apps(cards, "de", 1), "ein Programm an Ana");
	assert_string_equal(apps(cards, "en", 1), "1 app for Ana");
	ad_cards_free(cards);
	assert_int_equal(unlink(ad_printf(arena, "%s/own/de.json", folder)), 0);
	refuses("own/de.json", "{\"aps\":\"x\"}", "aps is no key of English");
	refuses("own/de.json", "{\"apps\":\"${name}\"}", "apps lacks {count}");
	refuses("own/it.json", "{\"apps\":\"${name}\"}", "it.json: apps lacks {count}");
}

static void test_commands_are_heard_in_every_language_whatever_the_case_and_the_width(void **state)
{
	(void)state;
	struct ad_cards *cards = load();
	const char *rest;
	assert_string_equal(ad_cards_said(cards, "command.go", "en", "Go on 12"), "12");
	assert_string_equal(ad_cards_said(cards, "command.go", "en", "WEITER  12"), "12");
	assert_string_equal(ad_cards_said(cards, "command.stop", "en",
				    "\xE5\x81\x9C\xE6\xAD\xA2"
				    "12"),
		"12");
	/* Without the hamza. */
	assert_string_equal(ad_cards_said(cards, "command.stop", "en",
				    "\xD8\xA7\xD9\x88\xD9\x82\xD9\x81 \xD9\xA1\xD9\xA2"),
		"\xD9\xA1\xD9\xA2");
	assert_int_equal(ad_cards_number("\xD9\xA1\xD9\xA2 x", &rest), 12);
	assert_string_equal(rest, " x");
	assert_int_equal(ad_cards_number("\xEF\xBC\x91\xEF\xBC\x92", &rest), 12);
	assert_int_equal(ad_cards_number("x", &rest), -1);
	assert_null(ad_cards_said(cards, "command.go", "en", "going"));
	assert_null(ad_cards_said(cards, "command.stop", "en", "stop12"));
	ad_cards_free(cards);
}

static const char *list(const struct ad_cards *cards, const char *locale, size_t count, bool any)
{
	static const char *const names[] = { "Kim", "Lee", "Ana" };
	const char *text = NULL;
	struct ad_err err = { 0 };
	assert_int_equal(ad_cards_list(cards, arena, locale,
				 &(struct ad_cards_items){ names, count, any }, &text, &err),
		0);
	return text;
}

static void test_lists_and_dates_are_written_as_the_language_writes_them(void **state)
{
	static const char at[] = "2026-11-22T17:54:32Z";
	(void)state;
	struct ad_cards *cards = load();
	assert_string_equal(list(cards, "en-US", 3, true), "Kim, Lee or Ana");
	assert_string_equal(list(cards, "de", 3, false), "Kim, Lee und Ana");
	assert_string_equal(list(cards, "de", 1, true), "Kim");
	assert_string_equal(list(cards, "en", 0, true), "");
	assert_string_equal(
		ad_cards_time(cards, arena, "en", at, AD_CARDS_MINUTE), "22 Nov 2026, 17:54 UTC");
	assert_string_equal(
		ad_cards_time(cards, arena, "de-DE@timezone=Europe/Berlin", at, AD_CARDS_MINUTE),
		"22.11.2026, 18:54");
	assert_string_equal(
		ad_cards_time(cards, arena, "de-DE@timezone=Asia/Tokyo", at, AD_CARDS_DAY),
		"23.11.2026");
	/* Arabic numbers with strokes between them would need marks of direction. */
	assert_string_equal(ad_cards_time(cards, arena, "ar", at, AD_CARDS_DAY), "٢٢ نوفمبر ٢٠٢٦");
	assert_string_equal(ad_cards_time(cards, arena, "de", "soon", AD_CARDS_DAY), "");
	assert_string_equal(ad_cards_time(cards, arena, "de", NULL, AD_CARDS_DAY), "");
	ad_cards_free(cards);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_count_takes_the_form_that_its_language_has_for_it),
		cmocka_unit_test(
			test_a_language_is_found_by_what_stands_above_it_and_otherwise_it_is_english),
		cmocka_unit_test(
			test_a_card_in_arabic_is_read_from_the_right_with_latin_names_isolated),
		cmocka_unit_test(test_a_language_that_says_less_or_more_than_english_is_refused),
		cmocka_unit_test(test_an_organisation_says_it_in_its_own_words),
		cmocka_unit_test(
			test_commands_are_heard_in_every_language_whatever_the_case_and_the_width),
		cmocka_unit_test(test_lists_and_dates_are_written_as_the_language_writes_them),
	};
	return cmocka_run_group_tests_name("cards_languages", tests, setup, teardown);
}

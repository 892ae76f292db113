/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader says is not believed when it has another shape than the answer to the question. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <setjmp.h>
#include <cmocka.h>

#include "ask.h"
#include "said.h"

#include "ad/text.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ROW(id, hash) "{\"id\": \"" id "\", \"name\": \"7-Zip\", \"hash\": \"" hash "\"}"
#define VERSION(version, path, hash) \
	"{\"version\": \"" version "\", \"path\": \"" path "\", \"sha256\": \"" hash "\"}"
#define PACKAGE_AT(version, digests)                                                    \
	"{\"name\": \"Source\", \"publisher\": \"CN=x\", \"version\": \"" version "\"," \
	" \"entries\": 7, \"blocks\": 9, \"signature\": {\"signer\": \"CN=x\","         \
	" \"signed_at\": \"2026-11-22T17:54:32Z\", \"chain\": [\"CN=x\", \"CN=root\"]," \
	" \"root_sha256\": \"" HASH "\", \"digests\": {" digests "}}}"
#define DIGESTS                                                             \
	"\"AXPC\": \"" HASH "\", \"AXCD\": \"" HASH "\", \"AXCT\": \"" HASH \
	"\", \"AXBM\": \"" HASH "\""

static const char *reply;

static struct ad_json *parsed(struct ad_arena *arena, const char *text)
{
	struct ad_json *json = NULL;
	struct ad_err err;
	if (ad_json_parse(arena, text, strlen(text), &json, &err) != 0)
		fail_msg("%s: %s", text, err.text);
	return json;
}

static int say_reply(struct ad_arena *arena, void **state, const struct ad_json *question,
	struct ad_bytes bytes, struct ad_json **ret, struct ad_err *err)
{
	(void)state;
	(void)question;
	(void)bytes;
	(void)err;
	*ret = parsed(arena, reply);
	return 0;
}

static struct ad_reader *reader_that_says(struct ad_arena *arena, const char *text)
{
	static const struct ad_reader_kind kind = { .name = "liar", .answer = say_reply };
	struct ad_reader *reader = NULL;
	assert_int_equal(ad_reader_start(arena, &kind, NULL, &reader, NULL), 0);
	reply = text;
	return reader;
}

static int ask_row(struct ad_arena *arena, const char *says)
{
	struct ad_winget_row row;
	return ad_winget_ask_row(arena, reader_that_says(arena, says), "7zip.7zip", &row, NULL);
}

static int ask_rows(struct ad_arena *arena, const char *says)
{
	struct ad_winget_row *rows;
	size_t count;
	return ad_winget_ask_rows(
		arena, reader_that_says(arena, says), "zip", 1, &rows, &count, NULL);
}

static int ask_version(struct ad_arena *arena, const char *says)
{
	struct ad_winget_version_row row;
	const struct ad_bytes packed = { 0 };
	return ad_winget_ask_version(
		arena, reader_that_says(arena, says), packed, "24.09", &row, NULL);
}

static int ask_manifest(struct ad_arena *arena, const char *says)
{
	struct ad_winget_manifest manifest;
	const struct ad_bytes yaml = { 0 };
	return ad_winget_ask_manifest(arena, reader_that_says(arena, says), yaml, &manifest, NULL);
}

static void a_row_is_of_the_package_that_was_asked_for_and_has_a_hash(void **state)
{
	assert_int_equal(ask_row(*state, ROW("7Zip.7zip", HASH)), 0);
	assert_int_equal(ask_row(*state, ROW("Evil.App", HASH)), AD_EINVAL);
	assert_int_equal(ask_row(*state, ROW("7zip.7zip", "00")), AD_EINVAL);
	assert_int_equal(ask_row(*state, "{}"), AD_EINVAL);
	assert_int_equal(ask_row(*state, "[7]"), AD_EINVAL);
}

static void no_more_rows_than_were_asked_for_come_back(void **state)
{
	assert_int_equal(ask_rows(*state, "[]"), 0);
	assert_int_equal(ask_rows(*state, "[" ROW("a.b", HASH) "]"), 0);
	assert_int_equal(
		ask_rows(*state, "[" ROW("a.b", HASH) ", " ROW("a.c", HASH) "]"), AD_EINVAL);
	assert_int_equal(ask_rows(*state, "[null]"), AD_EINVAL);
}

static void a_version_is_the_one_that_was_asked_for_and_its_path_stays_below(void **state)
{
	assert_int_equal(ask_version(*state, VERSION("24.9", "manifests/7/a.yaml", HASH)), 0);
	assert_int_equal(
		ask_version(*state, VERSION("24.8", "manifests/7/a.yaml", HASH)), AD_EINVAL);
	assert_int_equal(
		ask_version(*state, VERSION("24.9", "manifests/../a.yaml", HASH)), AD_EINVAL);
	assert_int_equal(ask_version(*state, VERSION("24.9", "manifests/7/a.yaml", "")), AD_EINVAL);
	assert_int_equal(ask_version(*state, "{}"), AD_EINVAL);
}

static void a_manifest_is_a_tree_of_texts(void **state)
{
	assert_int_equal(ask_manifest(*state, "\"text\""), AD_EINVAL);
	assert_int_equal(ask_manifest(*state, "{\"PackageIdentifier\": 7}"), AD_EINVAL);
	assert_int_equal(ask_manifest(*state, "{\"\": \"no line\"}"), AD_EINVAL);
	assert_int_equal(ask_manifest(*state, "[{\"a\": [true]}]"), AD_EINVAL);
}

static bool believed(void **state, const char *text)
{
	struct ad_winget_package package = { 0 };
	return ad_winget_package_heard(parsed(*state, text), &package);
}

static void a_package_has_a_time_and_every_digest(void **state)
{
	assert_true(believed(state, PACKAGE_AT("2022.110.1704.949", DIGESTS)));
	assert_false(believed(state, PACKAGE_AT("1.0", DIGESTS)));
	assert_false(believed(state, PACKAGE_AT("2022.110.1704.949", "")));
	assert_false(believed(state, PACKAGE_AT("2022.110.1704.949", DIGESTS ", \"AXCI\": \"\"")));
	assert_false(believed(state, "{}"));
}

/* Kind, keys in their order, texts, and the line of a mapping, for messages. */
static void assert_same(const struct ad_yaml *a, const struct ad_yaml *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->count, b->count);
	assert_true(ad_text_eq(a->key, b->key) || (!a->key && !b->key));
	if (a->kind == AD_YAML_SCALAR)
		assert_string_equal(a->text, b->text);
	if (a->kind == AD_YAML_MAPPING)
		assert_int_equal(a->line, b->line);
	for (a = a->first, b = b->first; a && b; a = a->next, b = b->next)
		assert_same(a, b);
}

static void a_tree_comes_over_as_it_was(void **state)
{
	struct ad_arena *arena = *state;
	struct ad_yaml *root;
	struct ad_yaml *copy;
	static const char text[] = "a: 1.10\nb:\n- x: ~\n  'q\"': \"\\u00e9\\n\"\n- []\n- {}\n"
				   "- ''\nc: {d: [yes, [no]]}\n";
	const struct ad_bytes yaml = { (const uint8_t *)text, sizeof text - 1 };
	assert_int_equal(ad_yaml_parse(arena, yaml, &root, NULL), 0);
	const char *said = ad_json_print(arena, ad_yaml_said(arena, root));
	assert_true(ad_yaml_heard(arena, parsed(arena, said), &copy));
	assert_same(root, copy);
}

static int make_arena(void **state)
{
	*state = ad_arena_new();
	return 0;
}

static int free_arena(void **state)
{
	ad_arena_free(*state);
	return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_arena, free_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_row_is_of_the_package_that_was_asked_for_and_has_a_hash),
		TEST(no_more_rows_than_were_asked_for_come_back),
		TEST(a_version_is_the_one_that_was_asked_for_and_its_path_stays_below),
		TEST(a_manifest_is_a_tree_of_texts),
		TEST(a_package_has_a_time_and_every_digest),
		TEST(a_tree_comes_over_as_it_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

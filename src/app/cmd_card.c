/* SPDX-License-Identifier: Apache-2.0 */
/* appdesk card render, card check: the template engine by itself, and our own cards and words. */
#include "ad/buf.h"
#include "ad/cards.h"
#include "ad/cards/template.h"
#include "ad/clock.h"
#include "ad/file.h"
#include "command.h"

#define FILE_MAX ((size_t)4 << 20) /* bytes of a template or of its data */

static int read_json(
	struct ad_arena *arena, const char *path, struct ad_json **ret, struct ad_err *err)
{
	char *text;
	size_t len;
	int r = ad_file_read(arena, path, FILE_MAX, &text, &len, err);
	if (r == 0)
		r = ad_json_parse(arena, text, len, ret, err);
	if (r != 0)
		ad_err_prefix(err, "%s: ", path);
	return r;
}

static int expand(struct ad_arena *arena, const struct ad_words *words,
	struct ad_json *const file[3], struct ad_buf *out, struct ad_err *err)
{
	struct ad_template_context context = {
		.root = file[1],
		.host = file[2],
		.now_ms = ad_clock_unix_ms(),
		.seed = (uint64_t)ad_clock_unix_ms(),
	};
	struct ad_template *template;
	int r = ad_template_compile(arena, file[0], NULL, &template, err);
	if (r != 0)
		ad_err_prefix(err, "%s%s", words->word[0], err->text[0] == '.' ? " at " : " ");
	else if ((r = ad_template_expand(template, &context, arena, out, NULL, err)) != 0)
		ad_err_prefix(err, "%s with %s: ", words->word[0], words->word[1]);
	return r;
}

static int render(struct ad_arena *arena, const struct ad_words *words, struct ad_err *err)
{
	struct ad_json *file[3] = { NULL, NULL, NULL };
	for (size_t i = 0; i < words->count; i++) {
		int r = read_json(arena, words->word[i], &file[i], err);
		if (r != 0)
			return r;
	}
	struct ad_buf out;
	ad_buf_init(&out, AD_TEMPLATE_OUTPUT_MAX);
	int r = expand(arena, words, file, &out, err);
	if (r == 0)
		(void)printf("%s\n", ad_buf_str(&out));
	ad_buf_release(&out);
	return r;
}

static int run_card_render(const struct ad_command *self, int argc, char **argv)
{
	struct ad_words words;
	struct ad_err err = { 0 };
	if (!ad_words_parse(&words, self, argc, argv, NULL))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	if (words.count < 2 || words.count > 3)
		return ad_app_usage(self);
	struct ad_arena *arena = ad_arena_new();
	int r = render(arena, &words, &err);
	ad_arena_free(arena);
	return r == 0 ? AD_EXIT_DONE : ad_app_fail(&err);
}

const struct ad_command ad_command_card_render = {
	"card render",
	"TEMPLATE.json DATA.json [HOST.json]",
	"expand an Adaptive Card template and print the card",
	run_card_render,
};

static int run_card_check(const struct ad_command *self, int argc, char **argv)
{
	struct ad_words words;
	struct ad_err err = { 0 };
	struct ad_cards *cards = NULL;
	if (!ad_words_parse(&words, self, argc, argv, NULL))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	if (words.count < 1 || words.count > 2)
		return ad_app_usage(self);
	const char *own = words.count == 2 ? words.word[1] : NULL;
	if (ad_cards_load(words.word[0], own, &cards, &err) != 0)
		return ad_app_fail(&err);
	ad_cards_free(cards);
	return AD_EXIT_DONE;
}

const struct ad_command ad_command_card_check = {
	"card check",
	"FOLDER [WORDS]",
	"check card templates and words, and what WORDS says in their place",
	run_card_check,
};

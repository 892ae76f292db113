/* SPDX-License-Identifier: Apache-2.0 */
/* appdesk card render: the template engine by itself. */
#include "ad/cards.h"
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

static int render(struct ad_arena *arena, const struct ad_words *words, struct ad_err *err)
{
	struct ad_json *file[3] = { NULL, NULL, NULL };
	struct ad_json *card = NULL;
	for (size_t i = 0; i < words->count; i++) {
		int r = read_json(arena, words->word[i], &file[i], err);
		if (r != 0)
			return r;
	}
	int r = ad_cards_expand(arena, file[0], file[1], file[2], &card, err);
	if (r == 0)
		(void)printf("%s\n", card ? ad_json_print(arena, card) : "null");
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

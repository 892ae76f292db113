/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our template engine: bench_cards TEMPLATE DATA SECONDS CARDS_FOLDER. Prints the CPU seconds of
 * one expansion to text, of what AppDesk does for one card, and the document.
 */
#include "ad/cards.h"
#include "ad/cards/template.h"
#include "ad/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define FILE_MAX ((size_t)1 << 20)
#define BATCH 64 /* expansions between two looks at the clock */

struct bench {
	struct ad_arena *arena; /* of one expansion */
	const struct ad_template *template;
	const struct ad_cards *cards;
	const struct ad_json *data;
	struct ad_buf out;
};

static void check(int code, const struct ad_err *err)
{
	if (code == 0)
		return;
	(void)fprintf(stderr, "bench_cards: %s\n", err->text);
	exit(1);
}

static void expand(struct bench *b)
{
	struct ad_err err = { 0 };
	const struct ad_template_context context = { .root = b->data };
	ad_buf_clear(&b->out);
	check(ad_template_expand(b->template, &context, b->arena, &b->out, NULL, &err), &err);
}

static void render(struct bench *b)
{
	struct ad_err err = { 0 };
	struct ad_json *card;
	check(ad_cards_render(b->cards, b->arena, "approval", "en", b->data, &card, &err), &err);
}

static double cpu_seconds(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

/* CPU seconds of one call. */
static double measure(struct bench *b, void (*work)(struct bench *), double seconds)
{
	double begin = cpu_seconds();
	double now = begin;
	long count = 0;
	for (; now < begin + seconds; now = cpu_seconds()) {
		for (int i = 0; i < BATCH; i++) {
			work(b);
			ad_arena_reset(b->arena);
		}
		count += BATCH;
	}
	return (now - begin) / (double)count;
}

static struct ad_json *read_json(struct ad_arena *arena, const char *path)
{
	struct ad_err err = { 0 };
	struct ad_json *json = NULL;
	char *text;
	size_t len;
	int r = ad_file_read(arena, path, FILE_MAX, &text, &len, &err);
	check(r == 0 ? ad_json_parse(arena, text, len, &json, &err) : r, &err);
	return json;
}

int main(int argc, char **argv)
{
	if (argc != 5)
		return 2;
	struct ad_err err = { 0 };
	struct ad_arena *arena = ad_arena_new();
	struct ad_template *template;
	struct ad_cards *cards;
	check(ad_template_compile(arena, read_json(arena, argv[1]), NULL, &template, &err), &err);
	check(ad_cards_load(argv[4], NULL, &cards, &err), &err);
	struct bench b = { ad_arena_new(), template, cards, read_json(arena, argv[2]), { 0 } };
	double seconds = strtod(argv[3], NULL);
	ad_buf_init(&b.out, AD_TEMPLATE_OUTPUT_MAX);
	double text = measure(&b, expand, seconds);
	double card = measure(&b, render, seconds);
	expand(&b);
	(void)printf(
		"{\"ours, expand and print\":%.9f,\"ours, with escaping and reading back\":%.9f,"
		"\"document\":%s}\n",
		text, card, ad_buf_str(&b.out));
	ad_buf_release(&b.out);
	ad_cards_free(cards);
	ad_arena_free(b.arena);
	ad_arena_free(arena);
	return 0;
}

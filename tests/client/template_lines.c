/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The template engine as a filter, for templates.mjs: each line {"template", "data", "host"} is
 * answered by a line {"value"} or {"error"}.
 */
#include "ad/cards/template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int answer(struct ad_arena *arena, const char *line, size_t len, struct ad_buf *out,
	struct ad_err *err)
{
	struct ad_json *input;
	struct ad_template *template;
	int r = ad_json_parse(arena, line, len, &input, err);
	if (r != 0)
		return r;
	struct ad_template_context context = {
		.root = ad_json_get(input, "data"),
		.host = ad_json_get(input, "host"),
		.now_ms = (int64_t)time(NULL) * 1000,
	};
	r = ad_template_compile(arena, ad_json_get(input, "template"), NULL, &template, err);
	return r == 0 ? ad_template_expand(template, &context, arena, out, NULL, err) : r;
}

int main(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	while ((len = getline(&line, &room, stdin)) > 0) {
		struct ad_arena *arena = ad_arena_new();
		struct ad_err err = { 0 };
		struct ad_buf out;
		ad_buf_init(&out, AD_TEMPLATE_OUTPUT_MAX);
		if (answer(arena, line, (size_t)len, &out, &err) == 0)
			(void)printf("{\"value\":%s}\n", ad_buf_str(&out));
		else
			(void)printf("{\"error\":%s}\n",
				ad_json_print(arena, ad_json_new_string(arena, err.text)));
		(void)fflush(stdout);
		ad_buf_release(&out);
		ad_arena_free(arena);
	}
	free(line);
	return 0;
}

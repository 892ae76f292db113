/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Promises of the template engine, about any template: an error says something; a document is JSON;
 * expanding again gives the same; the data is as it was; nothing takes long. An input that begins
 * with a bracket is a template and, behind the first line break, its data; any other is one text.
 */
#include "fuzz.h"

#include "ad/cards/template.h"
#include "ad/text.h"

static const char data_text[] =
	"{\"name\":\"7-Zip\",\"size\":12,\"ok\":true,\"none\":null,\"tags\":[\"a\",\"\xC3\xA9\"],"
	"\"list\":[{\"id\":1,\"n\":\"x\"},{\"id\":2.5,\"n\":\"\xF0\x9F\x98\x80\"}],\"when\":\"2026-"
	"03-05T14:07:09.123Z\"}";

/* Only a lone surrogate, or more depth or values than others take, may make it no JSON for us. */
static void check_document(struct ad_arena *arena, const struct ad_buf *out)
{
	struct ad_json *read;
	struct ad_err err = { 0 };
	int rc = ad_json_parse(arena, ad_buf_str(out), out->len, &read, &err);
	AD_ASSERT(rc == 0 || rc == AD_ETOOBIG || strstr(ad_buf_str(out), "\\ud"));
}

static void check_expansion(
	struct ad_arena *arena, const struct ad_template *template, const struct ad_json *data)
{
	const struct ad_template_context context = { data, data, 1772719629123, 42 };
	const char *before = data ? ad_json_print(arena, data) : "";
	struct ad_buf out[2];
	int rc[2];
	for (int i = 0; i < 2; i++) {
		struct ad_err err = { 0 };
		ad_buf_init(&out[i], AD_TEMPLATE_OUTPUT_MAX);
		rc[i] = ad_template_expand(template, &context, arena, &out[i], NULL, &err);
		AD_ASSERT(rc[i] == 0 || (err.code == rc[i] && err.text[0]));
	}
	AD_ASSERT(rc[0] == rc[1]);
	AD_ASSERT(rc[0] != 0 || ad_text_eq(ad_buf_str(&out[0]), ad_buf_str(&out[1])));
	if (rc[0] == 0)
		check_document(arena, &out[0]);
	AD_ASSERT(!data || ad_text_eq(before, ad_json_print(arena, data)));
	ad_buf_release(&out[0]);
	ad_buf_release(&out[1]);
}

/* The template and its data, or NULL for bytes that are neither. */
static struct ad_json *read_input(
	struct ad_arena *arena, const char *text, size_t len, struct ad_json **data)
{
	struct ad_json *template = NULL;
	if (len > 0 && (text[0] == '{' || text[0] == '[')) {
		const char *end = memchr(text, '\n', len);
		size_t first = end ? (size_t)(end - text) : len;
		if (ad_json_parse(arena, text, first, &template, NULL) != 0)
			return NULL;
		if (end && ad_json_parse(arena, end + 1, len - first - 1, data, NULL) != 0)
			*data = NULL;
		return template;
	}
	if (memchr(text, '\0', len) || !ad_utf8_valid(text, len))
		return NULL;
	AD_ASSERT(ad_json_parse(arena, data_text, strlen(data_text), data, NULL) == 0);
	return ad_json_new_string(arena, ad_strndup(arena, text, len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *values = NULL;
	struct ad_json *source = read_input(arena, (const char *)data, len, &values);
	struct ad_template *template;
	struct ad_err err = { 0 };
	if (source) {
		int rc = ad_template_compile(arena, source, NULL, &template, &err);
		AD_ASSERT(rc == 0 || (err.code == rc && err.text[0]));
		if (rc == 0)
			check_expansion(arena, template, values);
	}
	ad_arena_free(arena);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Escaping for HTML. */
#include "html.h"
#include "ad/text.h"

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\n':
		return "<br>";
	default:
		return NULL;
	}
}

static void escape(struct ad_buf *out, const char *clean)
{
	for (const char *p = clean; *p; p++) {
		const char *instead = entity(*p);
		(void)(instead ? ad_buf_adds(out, instead) : ad_buf_addc(out, *p));
	}
}

void ad_html_text(struct ad_buf *out, struct ad_arena *arena, const char *text)
{
	escape(out, ad_utf8_clean_words(arena, text ? text : "", false));
}

void ad_html_lines(struct ad_buf *out, struct ad_arena *arena, const char *text)
{
	escape(out, ad_utf8_clean_words(arena, text ? text : "", true));
}

void ad_html_part(struct ad_buf *out, struct ad_arena *arena, const char *open, const char *text,
	const char *close)
{
	if (ad_text_empty(text))
		return;
	(void)ad_buf_adds(out, open);
	ad_html_lines(out, arena, text);
	(void)ad_buf_adds(out, close);
}

const char *ad_html_end(struct ad_buf *out, struct ad_arena *arena)
{
	const char *text = out->overflow ? NULL : ad_strndup(arena, ad_buf_str(out), out->len);
	ad_buf_release(out);
	return text;
}

void ad_html_begin(struct ad_buf *out, struct ad_arena *arena, const char *lang, bool is_rtl)
{
	(void)ad_buf_adds(out, "<!doctype html>\n<html lang=\"");
	ad_html_text(out, arena, lang);
	(void)ad_buf_adds(out, is_rtl ? "\" dir=\"rtl\">\n" : "\">\n");
}

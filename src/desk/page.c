/* SPDX-License-Identifier: Apache-2.0 */
/* Prints a page. Its style sheet stands in it, so that nothing is fetched from anywhere. */
#include "page.h"
#include "html.h"
#include "ad/crypto.h"
#include "ad/desk.h"
#include "ad/domain.h"
#include "ad/text.h"

static const char style[] =
	":root{color-scheme:light dark;--back:#f5f5f5;--card:#fff;--ink:#242424;--soft:#5c5c5c;"
	"--line:#d1d1d1;--main:#4f52b2;--on:#fff;--bad:#b10e1c;--good:#0e700e}"
	"@media(prefers-color-scheme:dark){:root{--back:#141414;--card:#1f1f1f;--ink:#f5f5f5;"
	"--soft:#b8b8b8;--line:#525252;--main:#a5a8ff;--on:#14143a;--bad:#ff9ca6;--good:#7cd67c}}"
	"*{box-sizing:border-box}"
	"body{margin:0;padding:16px;background:var(--back);color:var(--ink);"
	"font:16px/1.5 \"Segoe UI\",system-ui,-apple-system,sans-serif;overflow-wrap:anywhere}"
	"main{max-width:36rem;margin:4vh auto;padding:24px;background:var(--card);"
	"border:1px solid var(--line);border-radius:12px}"
	"h1{margin:0 0 12px;font-size:1.375rem;line-height:1.3}"
	"p{margin:0 0 16px}"
	".brand{margin:0 0 16px;color:var(--soft);font-size:.875rem}"
	".status{padding:10px 12px;border:1px solid var(--line);border-left:4px solid var(--soft);"
	"border-radius:6px;font-weight:600}"
	".good{border-left-color:var(--good)}.bad{border-left-color:var(--bad)}"
	"dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:0 0 16px}"
	"dt,.label,.note{color:var(--soft);font-size:.875rem}dt{line-height:1.7}"
	"dd{margin:0}"
	".label{margin:0 0 4px}"
	"blockquote{margin:0 0 20px;padding:4px 0 4px 12px;border-left:4px solid var(--line)}"
	"form{margin:0 0 20px}"
	"label{display:block;margin:0 0 6px;font-weight:600}"
	"textarea{display:block;width:100%;margin:0 0 12px;padding:10px 12px;border:1px solid "
	"var(--soft);border-radius:6px;background:var(--card);color:var(--ink);font:inherit;"
	"resize:vertical}"
	".fault{margin:0 0 8px;color:var(--bad);font-weight:600}"
	"button{min-height:44px;padding:8px 24px;border:1px solid transparent;border-radius:6px;"
	"background:var(--main);color:var(--on);font:inherit;font-weight:600;cursor:pointer}"
	"button.danger{background:var(--bad)}"
	"a{color:var(--main)}"
	":focus-visible{outline:3px solid var(--main);outline-offset:2px}"
	".note{margin:0 0 8px}main>:last-child{margin-bottom:0}"
	"::placeholder{color:var(--soft);opacity:1}"
	"@media(max-width:30rem){body{padding:8px}main{margin:0;padding:16px}"
	"dl{grid-template-columns:1fr;gap:0}dd{margin:0 0 8px}button{width:100%}}";

const char *ad_page_style(void)
{
	return style;
}

const char *ad_desk_page_policy(struct ad_arena *arena)
{
	uint8_t hash[AD_SHA256_LEN];
	ad_sha256(style, sizeof style - 1, hash);
	return ad_printf(arena,
		"default-src 'none'; style-src 'sha256-%s'; form-action 'self'; base-uri 'none'; "
		"frame-ancestors 'none'",
		ad_base64(arena, hash, sizeof hash));
}

static void print_head(struct ad_buf *out, struct ad_arena *arena, const struct ad_page *page)
{
	ad_html_begin(out, arena, page->lang, page->is_rtl);
	(void)ad_buf_adds(out,
		"<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"robots\" content=\"noindex\">\n<title>");
	ad_html_text(out, arena, page->title);
	(void)ad_buf_adds(out, "</title>\n<style>");
	(void)ad_buf_adds(out, style);
	(void)ad_buf_adds(
		out, "</style>\n</head>\n<body>\n<main>\n<p class=\"brand\">AppDesk</p>\n");
	ad_html_part(out, arena, "<h1>", page->title, "</h1>\n");
	ad_html_part(out, arena, "<p>", page->text, "</p>\n");
}

static void print_facts(struct ad_buf *out, struct ad_arena *arena, const struct ad_page *page)
{
	if (!ad_text_empty(page->status)) {
		(void)ad_buf_addf(out, "<p class=\"status %s\">",
			page->status_class ? page->status_class : "");
		ad_html_part(out, arena, "", page->status, "</p>\n");
	}
	bool any = false;
	for (size_t i = 0; i < AD_FACTS_MAX; i++) {
		if (ad_text_empty(page->facts[i].value))
			continue;
		(void)ad_buf_adds(out, any ? "" : "<dl>\n");
		any = true;
		ad_html_part(out, arena, "<dt>", page->facts[i].name, "</dt>");
		ad_html_part(out, arena, "<dd>", page->facts[i].value, "</dd>\n");
	}
	(void)ad_buf_adds(out, any ? "</dl>\n" : "");
	if (ad_text_empty(page->quote))
		return;
	ad_html_part(out, arena, "<p class=\"label\">", page->quote_label, "</p>\n");
	ad_html_part(out, arena, "<blockquote>", page->quote, "</blockquote>\n");
}

/* A line break right behind the tag is not part of a textarea's value: one stands there, so that a
 * reason which begins with one keeps it. */
static void print_reason(
	struct ad_buf *out, struct ad_arena *arena, const struct ad_page_form *form)
{
	bool faulty = !ad_text_empty(form->fault);
	ad_html_part(out, arena, "<label for=\"reason\">", form->reason_label, "</label>\n");
	ad_html_part(out, arena, "<p class=\"fault\" id=\"fault\" role=\"alert\">", form->fault,
		"</p>\n");
	(void)ad_buf_addf(out,
		"<textarea id=\"reason\" name=\"reason\" rows=\"4\" maxlength=\"%d\" required%s "
		"placeholder=\"",
		AD_REASON_MAX, faulty ? " aria-invalid=\"true\" aria-describedby=\"fault\"" : "");
	ad_html_text(out, arena, form->reason_hint);
	(void)ad_buf_adds(out, "\">\n");
	for (const char *line = form->reason ? form->reason : ""; *line;) {
		size_t len = strcspn(line, "\n");
		ad_html_text(out, arena, ad_strndup(arena, line, len));
		line += len;
		if (*line) {
			(void)ad_buf_addc(out, '\n');
			line++;
		}
	}
	(void)ad_buf_adds(out, "</textarea>\n");
}

static void print_form(struct ad_buf *out, struct ad_arena *arena, const struct ad_page_form *form)
{
	(void)ad_buf_adds(out, "<form method=\"post\">\n");
	if (form->reason_label)
		print_reason(out, arena, form);
	(void)ad_buf_addf(
		out, "<button type=\"submit\"%s>", form->is_danger ? " class=\"danger\"" : "");
	ad_html_text(out, arena, form->button);
	(void)ad_buf_adds(out, "</button>\n</form>\n");
}

const char *ad_page_print(struct ad_arena *arena, const struct ad_page *page)
{
	struct ad_buf out;
	ad_buf_init(&out, AD_HTML_MAX);
	print_head(&out, arena, page);
	print_facts(&out, arena, page);
	if (page->form)
		print_form(&out, arena, page->form);
	if (!ad_text_empty(page->link_url)) {
		(void)ad_buf_adds(&out, "<p><a href=\"");
		ad_html_text(&out, arena, page->link_url);
		(void)ad_buf_adds(&out, "\">");
		ad_html_text(&out, arena, page->link_label);
		(void)ad_buf_adds(&out, "</a></p>\n");
	}
	for (size_t i = 0; i < AD_PAGE_NOTES_MAX; i++)
		ad_html_part(&out, arena, "<p class=\"note\">", page->notes[i], "</p>\n");
	(void)ad_buf_adds(&out, "</main>\n</body>\n</html>\n");
	return ad_html_end(&out, arena);
}

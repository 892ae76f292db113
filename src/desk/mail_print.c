/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints a mail. The HTML sets no colour where a reader's own does (a dark mail program turns white
 * paper and black ink round by itself), says in its head that it can be both, and fetches nothing.
 */
#include "html.h"
#include "mail.h"
#include "ad/store/outbox.h"
#include "ad/text.h"

#define BUTTON                                                                                    \
	"display:inline-block;padding:10px 20px;border-radius:6px;color:#ffffff;font-weight:600;" \
	"text-decoration:none;background-color:"
#define COLOR "#4f52b2"
#define COLOR_DANGER "#b10e1c"

/* ---- plain text ---- */

static void line(struct ad_buf *out, struct ad_arena *arena, const char *text, const char *end)
{
	if (ad_text_empty(text))
		return;
	(void)ad_buf_adds(out, ad_utf8_clean(arena, text, true));
	(void)ad_buf_adds(out, end);
}

static void labelled(struct ad_buf *out, struct ad_arena *arena, const char *label,
	const char *between, const char *text)
{
	if (ad_text_empty(text))
		return;
	line(out, arena, label, between);
	line(out, arena, text, "\n");
}

static const char *print_text(struct ad_arena *arena, const struct ad_mail_content *content)
{
	struct ad_buf out;
	ad_buf_init(&out, AD_HTML_MAX);
	line(&out, arena, content->title, "\n\n");
	line(&out, arena, content->text, "\n\n");
	for (size_t i = 0; i < AD_FACTS_MAX; i++)
		labelled(&out, arena, content->facts[i].name, ": ", content->facts[i].value);
	labelled(&out, arena, content->quote_label, ":\n", content->quote);
	(void)ad_buf_adds(&out, "\n");
	for (size_t i = 0; i < AD_MAIL_LINKS_MAX; i++)
		labelled(&out, arena, content->buttons[i].label, ":\n", content->buttons[i].url);
	labelled(&out, arena, content->link_label, ":\n", content->link_url);
	(void)ad_buf_adds(&out, "\n-- \n");
	for (size_t i = 0; i < AD_MAIL_NOTES_MAX; i++)
		line(&out, arena, content->notes[i], "\n");
	return ad_html_end(&out, arena);
}

/* ---- HTML ---- */

static void print_facts(
	struct ad_buf *out, struct ad_arena *arena, const struct ad_mail_content *content)
{
	(void)ad_buf_adds(out, "<table style=\"border-collapse:collapse;margin:0 0 16px\">\n");
	for (size_t i = 0; i < AD_FACTS_MAX; i++) {
		if (ad_text_empty(content->facts[i].value))
			continue;
		(void)ad_buf_adds(out,
			"<tr><th scope=\"row\" style=\"padding:2px 16px 2px 0;text-align:left;"
			"vertical-align:top;font-weight:normal\">");
		ad_html_lines(out, arena, content->facts[i].name);
		(void)ad_buf_adds(
			out, "</th><td style=\"padding:2px 0;vertical-align:top\"><strong>");
		ad_html_lines(out, arena, content->facts[i].value);
		(void)ad_buf_adds(out, "</strong></td></tr>\n");
	}
	(void)ad_buf_adds(out, "</table>\n");
	if (ad_text_empty(content->quote))
		return;
	ad_html_part(out, arena, "<p style=\"margin:0 0 4px\">", content->quote_label, "</p>\n");
	ad_html_part(out, arena,
		"<blockquote style=\"margin:0 0 20px;padding:4px 0 4px 12px;border-left:4px solid "
		"#8a8a8a\">",
		content->quote, "</blockquote>\n");
}

static void print_link(struct ad_buf *out, struct ad_arena *arena, const char *url,
	const char *label, const char *css)
{
	(void)ad_buf_adds(out, "<a href=\"");
	ad_html_text(out, arena, url);
	(void)ad_buf_addf(
		out, "\"%s%s%s>", css ? " style=\"" : "", css ? css : "", css ? "\"" : "");
	ad_html_text(out, arena, label);
	(void)ad_buf_adds(out, "</a>");
}

static void print_buttons(
	struct ad_buf *out, struct ad_arena *arena, const struct ad_mail_content *content)
{
	for (size_t i = 0; i < AD_MAIL_LINKS_MAX; i++) {
		const struct ad_mail_button *button = &content->buttons[i];
		if (ad_text_empty(button->url))
			continue;
		(void)ad_buf_adds(out, "<p style=\"margin:0 0 16px\">");
		print_link(out, arena, button->url, button->label,
			button->is_danger ? BUTTON COLOR_DANGER : BUTTON COLOR);
		(void)ad_buf_adds(out, "</p>\n");
	}
	if (ad_text_empty(content->link_url))
		return;
	(void)ad_buf_adds(out, "<p style=\"margin:0 0 20px\">");
	print_link(out, arena, content->link_url, content->link_label, NULL);
	(void)ad_buf_adds(out, "</p>\n");
}

static const char *print_html(struct ad_arena *arena, const struct ad_mail_content *content)
{
	struct ad_buf out;
	ad_buf_init(&out, AD_HTML_MAX);
	ad_html_begin(&out, arena, content->lang, content->is_rtl);
	(void)ad_buf_adds(&out,
		"<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n"
		"<meta name=\"supported-color-schemes\" content=\"light dark\">\n<title>");
	ad_html_text(&out, arena, content->subject);
	(void)ad_buf_adds(&out,
		"</title>\n<style>:root{color-scheme:light dark}</style>\n</head>\n"
		"<body style=\"margin:0;padding:16px;font:16px/1.5 'Segoe UI',Arial,sans-serif\">\n"
		"<div style=\"max-width:36em\">\n");
	ad_html_part(&out, arena, "<h1 style=\"margin:0 0 12px;font-size:22px;line-height:1.3\">",
		content->title, "</h1>\n");
	ad_html_part(&out, arena, "<p style=\"margin:0 0 16px\">", content->text, "</p>\n");
	print_facts(&out, arena, content);
	print_buttons(&out, arena, content);
	for (size_t i = 0; i < AD_MAIL_NOTES_MAX; i++)
		ad_html_part(&out, arena, "<p style=\"margin:0 0 8px;font-size:14px\">",
			content->notes[i], "</p>\n");
	(void)ad_buf_adds(&out, "</div>\n</body>\n</html>\n");
	return ad_html_end(&out, arena);
}

int ad_mail_print(struct ad_arena *arena, const struct ad_mail_content *content,
	struct ad_mail_parts *ret, struct ad_err *err)
{
	const char *text = print_text(arena, content);
	const char *html = print_html(arena, content);
	if (!text || !html || strlen(text) + strlen(html) > AD_MAIL_BODY_MAX)
		return AD_FAIL(err, AD_ETOOBIG, "a mail of more than %u bytes", AD_MAIL_BODY_MAX);
	*ret = (struct ad_mail_parts){
		.subject = ad_utf8_cut(
			arena, ad_utf8_clean(arena, content->subject, false), AD_MAIL_SUBJECT_MAX),
		.text = text,
		.html = html,
	};
	return 0;
}

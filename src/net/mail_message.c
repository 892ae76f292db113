/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building a message. Everything that comes from people stands in the subject, encoded when it is
 * not plain, or in the body, which libcurl encodes and whose dots it doubles. Addresses are plain
 * ones or refused, so that no header and no command can be slipped in. Pure but for libcurl's
 * handles.
 */
#include "mail_message.h"

#include "ad/buf.h"
#include "ad/text.h"

#include <time.h>

#define WORD_BYTES \
	39           /* of text in one encoded word: 52 of base64, 64 in all, 73 with "Subject: " */
#define PLAIN_MAX 60 /* of a subject that needs no encoding and no folding */
#define MESSAGE_ID_MAX 250
#define SUBJECT_MAX 1000 /* bytes */

/* ---- checks ---- */

static bool is_one_line(const char *text)
{
	size_t len = strlen(text);
	uint32_t code_point = 0;
	for (size_t at = 0, step; at < len; at += step) {
		step = ad_utf8_next(text + at, len - at, &code_point);
		if (step == 0 || ad_utf8_is_hidden(code_point))
			return false;
	}
	return true;
}

int ad_mail_message_check(const struct ad_net_mail *mail, struct ad_err *err)
{
	if (!ad_text_is_mail_address(mail->from) || !ad_text_is_mail_address(mail->to))
		return AD_FAIL(err, AD_EINVAL, "mail: an address that is not a plain one");
	if (ad_text_empty(mail->subject) || strlen(mail->subject) > SUBJECT_MAX ||
		!is_one_line(mail->subject))
		return AD_FAIL(err, AD_EINVAL, "mail: the subject is not one line of text");
	if (!ad_text_is_mail_address(mail->message_id) || strlen(mail->message_id) > MESSAGE_ID_MAX)
		return AD_FAIL(err, AD_EINVAL, "mail: the message id is not a plain one");
	const char *html = mail->html ? mail->html : "";
	if (ad_text_empty(mail->text) || !ad_utf8_valid(mail->text, strlen(mail->text)) ||
		!ad_utf8_valid(html, strlen(html)))
		return AD_FAIL(err, AD_EINVAL, "mail: no text, or not UTF-8");
	return 0;
}

/* ---- headers ---- */

static bool is_plain(const char *text)
{
	size_t len = strlen(text);
	if (len > PLAIN_MAX || strstr(text, "=?") || text[0] == ' ' ||
		(len && text[len - 1] == ' '))
		return false;
	for (const char *c = text; *c; c++)
		if (*c < ' ' || *c > '~')
			return false;
	return true;
}

char *ad_mail_encode_words(struct ad_arena *arena, const char *text)
{
	if (is_plain(text))
		return ad_strdup(arena, text);
	struct ad_buf out;
	ad_buf_init(&out, 8 * SUBJECT_MAX);
	size_t len = strlen(text);
	for (size_t at = 0; at < len;) {
		size_t take = len - at < WORD_BYTES ? len - at : WORD_BYTES;
		while (at + take < len && ((unsigned char)text[at + take] & 0xc0) == 0x80)
			take--; /* words end between characters */
		(void)ad_buf_addf(&out, "%s=?UTF-8?B?%s?=", at > 0 ? "\r\n " : "",
			ad_base64(arena, text + at, take));
		at += take;
	}
	AD_ASSERT(!out.overflow);
	char *words = ad_strdup(arena, ad_buf_str(&out));
	ad_buf_release(&out);
	return words;
}

char *ad_mail_date(struct ad_arena *arena, int64_t unix_s)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t at = (time_t)unix_s;
	struct tm tm;
	AD_ASSERT(gmtime_r(&at, &tm) != NULL);
	return ad_printf(arena, "%.3s, %d %.3s %d %02d:%02d:%02d +0000", days + 3 * tm.tm_wday,
		tm.tm_mday, months + 3 * tm.tm_mon, tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
		tm.tm_sec);
}

static void add(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);
	AD_ASSERT(longer != NULL);
	*list = longer;
}

struct curl_slist *ad_mail_message_headers(struct ad_arena *arena, const struct ad_net_mail *mail)
{
	struct curl_slist *list = NULL;
	add(&list, ad_printf(arena, "Date: %s", ad_mail_date(arena, mail->date_s)));
	add(&list, ad_printf(arena, "From: <%s>", mail->from));
	add(&list, ad_printf(arena, "To: <%s>", mail->to));
	add(&list, ad_printf(arena, "Subject: %s", ad_mail_encode_words(arena, mail->subject)));
	add(&list, ad_printf(arena, "Message-ID: <%s>", mail->message_id));
	/* Nobody's out-of-office answer should come back to us (RFC 3834; Exchange's own). */
	add(&list, "Auto-Submitted: auto-generated");
	add(&list, "X-Auto-Response-Suppress: All");
	return list;
}

/* ---- body ---- */

/* Lines end with CR LF: anything else would be encoded, or be a bare one that servers refuse. */
static char *with_crlf(struct ad_arena *arena, const char *text)
{
	char *copy = ad_alloc(arena, 2 * strlen(text) + 3);
	char *out = copy;
	for (; *text; text++) {
		if (*text == '\r')
			continue;
		if (*text == '\n')
			*out++ = '\r';
		*out++ = *text;
	}
	if (out == copy || out[-1] != '\n') {
		*out++ = '\r';
		*out++ = '\n';
	}
	*out = '\0';
	return copy;
}

static void add_part(struct ad_arena *arena, curl_mime *to, const char *type, const char *text)
{
	curl_mimepart *part = curl_mime_addpart(to);
	AD_ASSERT(part != NULL);
	AD_ASSERT(curl_mime_data(part, with_crlf(arena, text), CURL_ZERO_TERMINATED) == CURLE_OK);
	AD_ASSERT(curl_mime_type(part, type) == CURLE_OK);
	AD_ASSERT(curl_mime_encoder(part, "quoted-printable") == CURLE_OK);
}

static void add_bodies(struct ad_arena *arena, curl_mime *to, const struct ad_net_mail *mail)
{
	add_part(arena, to, "text/plain; charset=utf-8", mail->text);
	if (!ad_text_empty(mail->html)) /* the last alternative is the best one */
		add_part(arena, to, "text/html; charset=utf-8", mail->html);
}

curl_mime *ad_mail_message_body(struct ad_arena *arena, CURL *easy, const struct ad_net_mail *mail)
{
	curl_mime *whole = curl_mime_init(easy);
	curl_mime *bodies = curl_mime_init(easy);
	AD_ASSERT(whole && bodies);
	add_bodies(arena, bodies, mail);
	curl_mimepart *part = curl_mime_addpart(whole);
	AD_ASSERT(part != NULL);
	AD_ASSERT(curl_mime_subparts(part, bodies) == CURLE_OK);
	AD_ASSERT(curl_mime_type(part, "multipart/alternative") == CURLE_OK);
	/* A part of a form would get "Content-Disposition: form-data". */
	struct curl_slist *inline_part = curl_slist_append(NULL, "Content-Disposition: inline");
	AD_ASSERT(inline_part != NULL);
	AD_ASSERT(curl_mime_headers(part, inline_part, 1) == CURLE_OK);
	return whole;
}

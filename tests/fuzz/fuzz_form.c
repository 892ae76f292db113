/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Promises of ad_form_field and of the page that shows a reason again, about any body: what is
 * taken is text, survives being sent once more, and adds nothing to a page but text.
 */
#include "fuzz.h"

#include "ad/buf.h"
#include "ad/text.h"
#include "link.h"
#include "page.h"

#define BODY_MAX ((size_t)16 << 20)

static size_t count(const char *text, char c)
{
	size_t n = 0;
	for (; *text; text++)
		n += *text == c;
	return n;
}

/* As a browser would send the value: everything percent-encoded, line breaks as CR LF. */
static const char *encode(struct ad_arena *arena, const char *value)
{
	struct ad_buf body;
	ad_buf_init(&body, BODY_MAX);
	(void)ad_buf_adds(&body, "reason=");
	for (const char *p = value; *p; p++)
		(void)(*p == '\n' ? ad_buf_adds(&body, "%0D%0A")
				  : ad_buf_addf(&body, "%%%02x", (unsigned)(unsigned char)*p));
	AD_ASSERT(!body.overflow);
	const char *text = ad_strdup(arena, ad_buf_str(&body));
	ad_buf_release(&body);
	return text;
}

static void check_again(struct ad_arena *arena, const char *value)
{
	const char *again = NULL;
	const char *body = encode(arena, value);
	AD_ASSERT(ad_form_field(arena, body, strlen(body), "reason", &again, NULL) == 0);
	AD_ASSERT(ad_text_eq(again, value));
}

static const char *page_with(struct ad_arena *arena, const char *reason)
{
	const struct ad_page_form form = {
		.button = "b", .reason_label = "l", .fault = "f", .reason = reason
	};
	const struct ad_page page = { .lang = "en", .title = "t", .form = &form };
	return ad_page_print(arena, &page);
}

static void check_page(struct ad_arena *arena, const char *value)
{
	const char *empty = page_with(arena, NULL);
	const char *page = page_with(arena, value);
	if (!page)
		return; /* larger than any form that is taken */
	AD_ASSERT(ad_utf8_valid(page, strlen(page)));
	AD_ASSERT(count(page, '<') == count(empty, '<'));
	AD_ASSERT(count(page, '>') == count(empty, '>'));
	AD_ASSERT(count(page, '"') == count(empty, '"'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ad_arena *arena = ad_arena_new();
	const char *value = NULL;
	struct ad_err err = { 0 };
	int rc = ad_form_field(arena, (const char *)data, len, "reason", &value, &err);
	AD_ASSERT(rc == 0 || (rc == AD_EINVAL && err.code == rc && err.text[0] && !value));
	if (rc == 0 && value) {
		AD_ASSERT(strlen(value) <= len && ad_utf8_valid(value, strlen(value)));
		AD_ASSERT(!strchr(value, '\r'));
		check_again(arena, value);
		check_page(arena, value);
	}
	ad_arena_free(arena);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* HTML for pages and mails. What a person wrote is text, whatever it looks like. Private to desk.
 */
#ifndef AD_DESK_HTML_H
#define AD_DESK_HTML_H

#include "ad/arena.h"
#include "ad/buf.h"

#define AD_HTML_MAX ((size_t)256 << 10) /* bytes of one page or mail */

/* Appends text with everything escaped that means something in HTML, also within a quoted
 * attribute; hidden and bidirectional characters are replaced, but for isolates that are
 * closed; a line break is a space. */
void ad_html_text(struct ad_buf *out, struct ad_arena *arena, const char *text);
/* The same; line breaks are <br>. */
void ad_html_lines(struct ad_buf *out, struct ad_arena *arena, const char *text);
/* open, the escaped text, close; nothing at all for NULL or "". */
void ad_html_part(struct ad_buf *out, struct ad_arena *arena, const char *open, const char *text,
	const char *close);

/* The buffer's text in the arena; the buffer is released. NULL when it did not fit. */
const char *ad_html_end(struct ad_buf *out, struct ad_arena *arena);

/* The beginning of a document, up to its head. */
void ad_html_begin(struct ad_buf *out, struct ad_arena *arena, const char *lang, bool is_rtl);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Text: encodings, UTF-8, and the small comparisons that the C library leaves out. Any thread. */
#ifndef AD_TEXT_H
#define AD_TEXT_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ASCII only; NULL equals only NULL. */
bool ad_text_eq(const char *a, const char *b);
bool ad_text_eq_nocase(const char *a, const char *b);
bool ad_text_starts(const char *text, const char *prefix);
bool ad_text_ends(const char *text, const char *suffix);
bool ad_text_empty(const char *text); /* NULL or "" */

/* ASCII lower case copy. */
char *ad_text_lower(struct ad_arena *arena, const char *text);

/* Copy without leading and trailing ASCII space. */
char *ad_text_trim(struct ad_arena *arena, const char *text);

/* Whole text is a decimal number that fits and lies in [min, max]. */
AD_MUST int ad_text_i64(const char *text, int64_t min, int64_t max, int64_t *ret);

/* 8-4-4-4-12 hex digits. */
bool ad_text_is_guid(const char *text);

/* The name of a host: letters, digits and hyphens with dots between them (RFC 1123 2.1). Whether it
 * is an IPv4 address is not looked at. NULL is none. */
bool ad_text_is_host_name(const char *text);

#define AD_MAIL_ADDRESS_MAX 254 /* bytes of an address (RFC 5321 4.5.3.1) */

/* A plain mail address: ASCII, dot-atom local part, host name (RFC 5321 4.1.2 without quoted parts
 * and address literals). Nothing that passes can end a header line or an SMTP command. */
bool ad_text_is_mail_address(const char *text);

/* Strict UTF-8 (no overlong forms, no surrogates, at most U+10FFFF). */
bool ad_utf8_valid(const char *data, size_t len);
/* The code point at the start of data and its length in bytes; 0 when there is none, or none that
 * is strict UTF-8. */
size_t ad_utf8_next(const char *data, size_t len, uint32_t *ret);
/* Control and line-separating characters, and those that change the direction of a text. */
bool ad_utf8_is_hidden(uint32_t code_point);
/* Length in UTF-16 code units, as Teams counts. The text must be valid UTF-8. */
size_t ad_utf16_units(const char *text);
/* Copy cut to at most max_chars code points, with "…" in place of what was cut. */
char *ad_utf8_cut(struct ad_arena *arena, const char *text, size_t max_chars);
/* Copy in which hidden characters (ad_utf8_is_hidden) are U+FFFD; line breaks become spaces
 * unless keep_lines. For what people wrote, before it is shown (reliability threat 13). */
char *ad_utf8_clean(struct ad_arena *arena, const char *text, bool keep_lines);
/* The same for sentences that we have made: the isolates around names in them (U+2068 and U+2069)
 * stay when each has its end, for then nothing outside of them turns round. */
char *ad_utf8_clean_words(struct ad_arena *arena, const char *text, bool keep_lines);

/* In place: "***" for what looks like a secret in a text that a peer has a part in (tokens, values
 * of "client_secret" and the like, signatures and passwords in URLs); what names it stays. The text
 * never grows. */
void ad_text_mask(char *text);

/* Lower-case hex; ret must hold 2 * len + 1. */
void ad_hex_encode(const void *data, size_t len, char *ret);
char *ad_hex(struct ad_arena *arena, const void *data, size_t len);
/* Exactly len bytes from 2 * len hex digits of either case, nothing after. */
AD_MUST int ad_hex_decode(const char *text, void *ret, size_t len);

/* Base64 (RFC 4648 section 4, padded) and base64url (section 5, unpadded). Decoding is strict: no
 * space, no foreign characters, canonical last bits, and padding exactly as the variant has it. */
char *ad_base64(struct ad_arena *arena, const void *data, size_t len);
char *ad_base64url(struct ad_arena *arena, const void *data, size_t len);
AD_MUST int ad_base64_decode(
	struct ad_arena *arena, const char *text, size_t len, uint8_t **ret_data, size_t *ret_len);
AD_MUST int ad_base64url_decode(
	struct ad_arena *arena, const char *text, size_t len, uint8_t **ret_data, size_t *ret_len);

/* Percent-encodes everything but RFC 3986 unreserved characters: one path segment or query value.
 */
char *ad_url_segment(struct ad_arena *arena, const char *text);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts of addresses: names, IPv4 and IPv6 (url.spec.whatwg.org, 3.5). */
#include "uri.h"
#include "ad/buf.h"
#include "ad/text.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uidna.h>

#define NAME_MAX 2000              /* bytes of a name of a host in ASCII */
#define FORBIDDEN " #/:<>?@[\\]^|" /* in any host */
#define GROUPS 8                   /* of an IPv6 address */

/* Without control characters too, as far as they stand in set. */
static bool has_any(const char *text, const char *set, bool control)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (strchr(set, c) || (control && (c < 0x20 || c == 0x7F)))
			return true;
	}
	return false;
}

const char *ad_uri_escape(struct ad_arena *arena, const char *text, const char *set)
{
	struct ad_buf out;
	ad_buf_init(&out, 3 * strlen(text) + 1);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c < 0x20 || c > 0x7E || strchr(set, c))
			(void)ad_buf_addf(&out, "%%%02X", c);
		else
			(void)ad_buf_addc(&out, (char)c);
	}
	const char *escaped = ad_strdup(arena, ad_buf_str(&out));
	ad_buf_release(&out);
	return escaped;
}

/* "%41" -> "A"; what is no escape stays. NULL: a zero byte. */
static const char *unescape(struct ad_arena *arena, const char *text)
{
	char *out = ad_strdup(arena, text), *to = out;
	for (const char *p = text; *p; p++) {
		char digits[3] = { 0 };
		uint8_t byte;
		if (*p == '%' && p[1] && p[2])
			memcpy(digits, p + 1, 2);
		if (digits[0] && ad_hex_decode(digits, &byte, 1) == 0) {
			*to++ = (char)byte;
			p += 2;
			if (byte == 0)
				return NULL;
		} else {
			*to++ = *p;
		}
	}
	*to = '\0';
	return out;
}

/* UTS 46 without its rules on lengths and hyphens; NULL: that is no name. */
static const char *to_ascii(struct ad_arena *arena, const char *name)
{
	static const uint32_t tolerated = UIDNA_ERROR_EMPTY_LABEL | UIDNA_ERROR_LABEL_TOO_LONG |
					  UIDNA_ERROR_DOMAIN_NAME_TOO_LONG |
					  UIDNA_ERROR_LEADING_HYPHEN | UIDNA_ERROR_TRAILING_HYPHEN |
					  UIDNA_ERROR_HYPHEN_3_4;
	UErrorCode status = U_ZERO_ERROR;
	UIDNAInfo info = UIDNA_INFO_INITIALIZER;
	char made[NAME_MAX];
	UIDNA *idna = uidna_openUTS46(
		UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII, &status);
	int32_t len = uidna_nameToASCII_UTF8(
		idna, name, (int32_t)strlen(name), made, (int32_t)sizeof made, &info, &status);
	uidna_close(idna);
	bool is_good = U_SUCCESS(status) && !(info.errors & ~tolerated) && len > 0 &&
		       len < (int32_t)sizeof made;
	return is_good ? ad_strndup(arena, made, (size_t)len) : NULL;
}

/* A part of an IPv4 address: decimal, or with 0x or 0 in front. false: it is no number. */
static bool read_number(const char *text, size_t len, uint64_t *ret)
{
	uint64_t base = 10;
	if (len >= 2 && text[0] == '0' && (text[1] | 0x20) == 'x') {
		base = 16;
		text += 2;
		len -= 2;
	} else if (len >= 2 && text[0] == '0') {
		base = 8;
	}
	*ret = 0;
	for (size_t i = 0; i < len; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *at = strchr(digits, text[i] | (text[i] >= 'A' ? 0x20 : 0));
		if (!at || (uint64_t)(at - digits) >= base)
			return false;
		if (*ret < UINT32_MAX)
			*ret = *ret * base + (uint64_t)(at - digits);
	}
	return true;
}

/* The last part decides; a dot at the end does not count. */
static bool ends_in_number(const char *name)
{
	size_t len = strlen(name);
	if (len > 0 && name[len - 1] == '.')
		len--;
	size_t start = len;
	while (start > 0 && name[start - 1] != '.')
		start--;
	uint64_t ignored;
	size_t digits = strspn(name + start, "0123456789");
	bool is_hex = len - start >= 2 && name[start] == '0' && (name[start + 1] | 0x20) == 'x';
	return (len > start && digits >= len - start) ||
	       (is_hex && read_number(name + start, len - start, &ignored));
}

static const char *to_ipv4(struct ad_arena *arena, const char *name)
{
	uint64_t part[4], address = 0;
	size_t parts = 0;
	do {
		size_t len = strcspn(name, ".");
		if (parts == 4 || len == 0 || !read_number(name, len, &part[parts]))
			return NULL;
		parts++;
		name += len;
		name += *name == '.';
	} while (*name);
	for (size_t i = 0; i + 1 < parts; i++) {
		if (part[i] > 255)
			return NULL;
		address |= part[i] << (24 - 8 * i);
	}
	if (part[parts - 1] >> (8 * (5 - parts)))
		return NULL;
	address |= part[parts - 1];
	return ad_printf(arena, "%" PRIu64 ".%" PRIu64 ".%" PRIu64 ".%" PRIu64, address >> 24,
		address >> 16 & 255, address >> 8 & 255, address & 255);
}

/* "[...]", the longest run of zero groups left out. */
static const char *to_ipv6(struct ad_arena *arena, const char *text)
{
	uint8_t byte[2 * GROUPS];
	size_t len = strlen(text);
	char *inner = ad_strndup(arena, text + 1, len - 2);
	if (text[len - 1] != ']' || inet_pton(AF_INET6, inner, byte) != 1)
		return NULL;
	size_t start = 0, longest = 1; /* one group alone is written */
	for (size_t i = 0, run = 0; i < GROUPS; i++) {
		run = byte[2 * i] || byte[2 * i + 1] ? 0 : run + 1;
		if (run > longest) {
			longest = run;
			start = i + 1 - run;
		}
	}
	struct ad_buf out;
	ad_buf_init(&out, 100);
	(void)ad_buf_addc(&out, '[');
	for (size_t i = 0; i < GROUPS; i++) {
		if (longest > 1 && i == start) {
			(void)ad_buf_adds(&out, i == 0 ? "::" : ":");
			i += longest - 1;
			continue;
		}
		(void)ad_buf_addf(&out, "%x%s", (unsigned)(byte[2 * i] << 8 | byte[2 * i + 1]),
			i + 1 < GROUPS ? ":" : "");
	}
	(void)ad_buf_addc(&out, ']');
	const char *made = ad_strdup(arena, ad_buf_str(&out));
	ad_buf_release(&out);
	return made;
}

const char *ad_uri_host(struct ad_arena *arena, const char *text)
{
	if (*text == '[')
		return strlen(text) > 2 ? to_ipv6(arena, text) : NULL;
	const char *name = unescape(arena, text);
	name = name ? to_ascii(arena, name) : NULL;
	if (!name || has_any(name, FORBIDDEN "%", true))
		return NULL;
	return ends_in_number(name) ? to_ipv4(arena, name) : name;
}

const char *ad_uri_opaque_host(struct ad_arena *arena, const char *text)
{
	if (*text == '[')
		return strlen(text) > 2 ? to_ipv6(arena, text) : NULL;
	return has_any(text, FORBIDDEN, false) ? NULL : ad_uri_escape(arena, text, "");
}

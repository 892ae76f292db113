/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Base64 and base64url, RFC 4648. Decoding accepts one spelling only: two spellings of one token
 * would be two keys of a cache and two rows of a replay check.
 */
#include "ad/text.h"

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static char *encode(struct ad_arena *arena, const uint8_t *in, size_t len, const char *alphabet)
{
	bool pad = alphabet == standard;
	char *text = ad_alloc(arena, (len + 2) / 3 * 4 + 1);
	char *out = text;
	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t v = (uint32_t)in[i] << 16 | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) |
			     (left > 2 ? in[i + 2] : 0u);
		*out++ = alphabet[v >> 18];
		*out++ = alphabet[v >> 12 & 63];
		if (left > 1 || pad)
			*out++ = left > 1 ? alphabet[v >> 6 & 63] : '=';
		if (left > 2 || pad)
			*out++ = left > 2 ? alphabet[v & 63] : '=';
	}
	*out = '\0';
	return text;
}

char *ad_base64(struct ad_arena *arena, const void *data, size_t len)
{
	return encode(arena, data, len, standard);
}

char *ad_base64url(struct ad_arena *arena, const void *data, size_t len)
{
	return encode(arena, data, len, url_safe);
}

/* Value of a character in the alphabet, or -1. NUL is no member. */
static int value_of(const char *alphabet, char c)
{
	const char *at = c ? strchr(alphabet, c) : NULL;
	return at ? (int)(at - alphabet) : -1;
}

/* Decodes len characters without padding; out has room for len * 3 / 4 bytes. */
static int decode(const char *text, size_t len, const char *alphabet, uint8_t *out)
{
	uint32_t bits = 0;
	int count = 0;
	if (len % 4 == 1)
		return AD_EINVAL;
	for (size_t i = 0; i < len; i++) {
		int value = value_of(alphabet, text[i]);
		if (value < 0)
			return AD_EINVAL;
		bits = bits << 6 | (uint32_t)value;
		count += 6;
		if (count >= 8) {
			count -= 8;
			*out++ = (uint8_t)(bits >> count);
		}
	}
	return (bits & ((1u << count) - 1)) == 0 ? 0 : AD_EINVAL;
}

static int decode_into(struct ad_arena *arena, const char *text, size_t len, const char *alphabet,
	uint8_t **ret_data)
{
	uint8_t *data = ad_alloc(arena, len * 3 / 4 + 1);
	int r = decode(text, len, alphabet, data);
	if (r == 0)
		*ret_data = data;
	return r;
}

int ad_base64url_decode(
	struct ad_arena *arena, const char *text, size_t len, uint8_t **ret_data, size_t *ret_len)
{
	int r = decode_into(arena, text, len, url_safe, ret_data);
	if (r == 0)
		*ret_len = len * 3 / 4;
	return r;
}

int ad_base64_decode(
	struct ad_arena *arena, const char *text, size_t len, uint8_t **ret_data, size_t *ret_len)
{
	if (len % 4 != 0)
		return AD_EINVAL;
	size_t pad = 0;
	while (pad < 2 && pad < len && text[len - 1 - pad] == '=')
		pad++;
	int r = decode_into(arena, text, len - pad, standard, ret_data);
	if (r == 0)
		*ret_len = (len - pad) * 3 / 4;
	return r;
}

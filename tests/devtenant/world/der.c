/* SPDX-License-Identifier: Apache-2.0 */
/* DER writer of the world generator; see der.h. */
#include "der.h"

#include <stdlib.h>
#include <string.h>

#define DER_HEADER_MAX 10 /* tag, length of length, eight length octets */

static size_t put_header(uint8_t *out, uint8_t tag, size_t len)
{
	size_t octets = 0, used = 0;

	out[used++] = tag;
	if (len < 0x80) {
		out[used++] = (uint8_t)len;
		return used;
	}
	for (size_t rest = len; rest; rest >>= 8)
		octets++;
	out[used++] = (uint8_t)(0x80 | octets);
	while (octets)
		out[used++] = (uint8_t)(len >> (8 * --octets));
	return used;
}

struct ad_bytes dt_bytes_cat(struct ad_arena *arena, const struct ad_bytes *parts, size_t count)
{
	size_t len = 0, used = 0;
	uint8_t *data;

	for (size_t i = 0; i < count; i++)
		len += parts[i].len;
	data = ad_alloc(arena, len + 1);
	for (size_t i = 0; i < count; i++) {
		if (parts[i].len)
			memcpy(data + used, parts[i].data, parts[i].len);
		used += parts[i].len;
	}
	return (struct ad_bytes){ data, len };
}

struct ad_bytes dt_der(struct ad_arena *arena, uint8_t tag, struct ad_bytes content)
{
	uint8_t header[DER_HEADER_MAX];
	size_t len = put_header(header, tag, content.len);

	return dt_bytes_cat(arena, DT_BYTES_LIST({ header, len }, content));
}

struct ad_bytes dt_der_join(
	struct ad_arena *arena, uint8_t tag, const struct ad_bytes *parts, size_t count)
{
	return dt_der(arena, tag, dt_bytes_cat(arena, parts, count));
}

static int by_encoding(const void *left, const void *right)
{
	const struct ad_bytes *a = left, *b = right;
	int order = memcmp(a->data, b->data, a->len < b->len ? a->len : b->len);

	if (order)
		return order;
	return (a->len > b->len) - (a->len < b->len);
}

struct ad_bytes dt_der_set_of(
	struct ad_arena *arena, uint8_t tag, const struct ad_bytes *parts, size_t count)
{
	struct ad_bytes *sorted = ad_memdup(arena, parts, count * sizeof(*parts));

	qsort(sorted, count, sizeof(*sorted), by_encoding);
	return dt_der_join(arena, tag, sorted, count);
}

static size_t put_base128(uint8_t *out, uint64_t value)
{
	size_t groups = 1;

	for (uint64_t rest = value >> 7; rest; rest >>= 7)
		groups++;
	for (size_t i = 0; i < groups; i++) {
		uint8_t group = (uint8_t)((value >> (7 * (groups - 1 - i))) & 0x7f);
		out[i] = i + 1 < groups ? group | 0x80 : group;
	}
	return groups;
}

struct ad_bytes dt_der_oid(struct ad_arena *arena, const char *dotted)
{
	uint8_t *content = ad_alloc(arena, strlen(dotted) * 2 + DER_HEADER_MAX);
	char *rest;
	uint64_t first = strtoull(dotted, &rest, 10);
	uint64_t second = strtoull(rest + 1, &rest, 10);
	size_t used = put_base128(content, first * 40 + second);

	while (*rest == '.')
		used += put_base128(content + used, strtoull(rest + 1, &rest, 10));
	return dt_der(arena, 0x06, (struct ad_bytes){ content, used });
}

struct ad_bytes dt_der_uint(struct ad_arena *arena, uint64_t value)
{
	uint8_t content[9] = { 0 }; /* a leading zero keeps the number positive */
	size_t start = 0;

	for (size_t i = 0; i < 8; i++)
		content[1 + i] = (uint8_t)(value >> (8 * (7 - i)));
	while (start < 8 && content[start] == 0 && !(content[start + 1] & 0x80))
		start++;
	return dt_der(arena, DT_DER_INTEGER, (struct ad_bytes){ content + start, 9 - start });
}

struct ad_bytes dt_der_null(struct ad_arena *arena)
{
	return dt_der(arena, 0x05, (struct ad_bytes){ NULL, 0 });
}

struct ad_bytes dt_der_algorithm(struct ad_arena *arena, const char *dotted)
{
	return DT_SEQUENCE(arena, dt_der_oid(arena, dotted), dt_der_null(arena));
}

struct ad_bytes dt_der_attribute(struct ad_arena *arena, const char *dotted, struct ad_bytes value)
{
	return DT_SEQUENCE(arena, dt_der_oid(arena, dotted), dt_der(arena, DT_DER_SET, value));
}

struct ad_bytes dt_bytes_of_text(const char *text)
{
	return (struct ad_bytes){ (const uint8_t *)text, strlen(text) };
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A strict reader of DER elements. */
#include "der.h"

#define LENGTH_BYTES_MAX 4u

/* Reads the length octets behind the tag; false for indefinite or padded lengths. */
static bool take_length(struct ad_bytes *rest, size_t *ret)
{
	if (rest->len < 1)
		return false;
	size_t first = rest->data[0];
	size_t count = first & 0x7f;
	size_t len = 0;
	if (first < 0x80) {
		*ret = first;
		rest->data++;
		rest->len--;
		return true;
	}
	if (count == 0 || count > LENGTH_BYTES_MAX || rest->len < 1 + count)
		return false;
	for (size_t i = 1; i <= count; i++)
		len = len << 8 | rest->data[i];
	if (len < 0x80 || rest->data[1] == 0)
		return false;
	*ret = len;
	rest->data += 1 + count;
	rest->len -= 1 + count;
	return true;
}

bool ad_der_take(struct ad_bytes *rest, enum ad_der_tag tag, struct ad_bytes *ret)
{
	struct ad_bytes at = *rest;
	size_t len = 0;
	if (at.len < 1 || at.data[0] != (uint8_t)tag)
		return false;
	at.data++;
	at.len--;
	if (!take_length(&at, &len) || len > at.len)
		return false;
	*ret = (struct ad_bytes){ .data = at.data, .len = len };
	*rest = (struct ad_bytes){ .data = at.data + len, .len = at.len - len };
	return true;
}

bool ad_der_take_exact(struct ad_bytes *rest, enum ad_der_tag tag, const void *content, size_t len)
{
	struct ad_bytes at = *rest;
	struct ad_bytes found;
	if (!ad_der_take(&at, tag, &found) || found.len != len ||
		memcmp(found.data, content, len) != 0)
		return false;
	*rest = at;
	return true;
}

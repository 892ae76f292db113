/* SPDX-License-Identifier: Apache-2.0 */
/* WinGet's order of versions, rule by rule as packaging.md 2.6 has it, and the index version. */
#include "ad/winget/version.h"

#include "ad/text.h"

#include <string.h>
#include <strings.h>
#include <time.h>

/* A slice of the version text. */
struct slice {
	const char *start;
	size_t len;
};

struct part {
	uint64_t number;
	struct slice other; /* what follows the number */
};

struct version {
	struct slice rest; /* parts that were not taken yet */
	int rank;          /* "Latest" 1, "Unknown" -1 */
	int approximate;   /* "> " 1, "< " -1 */
};

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static struct slice trim(struct slice text)
{
	while (text.len > 0 && is_space(text.start[0])) {
		text.start++;
		text.len--;
	}
	while (text.len > 0 && is_space(text.start[text.len - 1]))
		text.len--;
	return text;
}

static bool slice_is(struct slice text, const char *word)
{
	return text.len == strlen(word) && strncasecmp(text.start, word, text.len) == 0;
}

/* "v1.2" and "Version 1.2" are "1.2": what stands before a first digit goes, unless that digit
 * comes after a dot. */
static struct slice cut_prefix(struct slice text)
{
	size_t digit = 0;
	while (digit < text.len && !is_digit(text.start[digit]) && text.start[digit] != '.')
		digit++;
	if (digit < text.len && is_digit(text.start[digit])) {
		text.start += digit;
		text.len -= digit;
	}
	return text;
}

static struct version read_version(const char *text)
{
	struct slice rest = trim((struct slice){ .start = text, .len = strlen(text) });
	struct version version = { 0 };
	if (rest.len >= 2 && (rest.start[0] == '<' || rest.start[0] == '>') &&
		rest.start[1] == ' ') {
		version.approximate = rest.start[0] == '<' ? -1 : 1;
		rest.start += 2;
		rest.len -= 2;
	}
	version.rank = slice_is(rest, "Latest") - slice_is(rest, "Unknown");
	version.rest = cut_prefix(rest);
	return version;
}

/* What the C library's strtoull makes of the front of text: a sign is eaten, and a minus wraps. A
 * number that does not fit makes the whole part text. */
static struct part read_part(struct slice text)
{
	struct part part = { .other = text };
	size_t at = text.len > 0 && (text.start[0] == '+' || text.start[0] == '-');
	size_t first = at;
	uint64_t number = 0;
	for (; at < text.len && is_digit(text.start[at]); at++) {
		uint64_t digit = (uint64_t)(text.start[at] - '0');
		if (number > (UINT64_MAX - digit) / 10)
			return part;
		number = number * 10 + digit;
	}
	if (at == first)
		return part;
	part.number = text.start[0] == '-' ? 0 - number : number;
	part.other = (struct slice){ .start = text.start + at, .len = text.len - at };
	return part;
}

/* Missing parts are (0, ""), which makes "1.0" and "1" the same. */
static struct part take_part(struct version *version)
{
	struct slice *rest = &version->rest;
	const char *dot = rest->len > 0 ? memchr(rest->start, '.', rest->len) : NULL;
	size_t len = dot ? (size_t)(dot - rest->start) : rest->len;
	struct part part = read_part(trim((struct slice){ .start = rest->start, .len = len }));
	size_t used = dot ? len + 1 : len;
	rest->start += used;
	rest->len -= used;
	return part;
}

static int fold(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

/* Text behind a number marks something before the release: "1.0-rc" is older than "1.0". */
static int compare_other(struct slice a, struct slice b)
{
	if (a.len == 0 || b.len == 0)
		return (a.len == 0) - (b.len == 0);
	for (size_t i = 0; i < a.len && i < b.len; i++) {
		int order = fold(a.start[i]) - fold(b.start[i]);
		if (order != 0)
			return order;
	}
	return (a.len > b.len) - (a.len < b.len);
}

int ad_winget_version_compare(const char *a, const char *b)
{
	struct version left = read_version(a);
	struct version right = read_version(b);
	if (left.rank != right.rank)
		return left.rank - right.rank;
	while (left.rest.len > 0 || right.rest.len > 0) {
		struct part p = take_part(&left);
		struct part q = take_part(&right);
		if (p.number != q.number)
			return p.number < q.number ? -1 : 1;
		int order = compare_other(p.other, q.other);
		if (order != 0)
			return order;
	}
	return left.approximate - right.approximate;
}

bool ad_winget_version_is_unknown(const char *version)
{
	return read_version(version).rank < 0;
}

/* Four numbers without sign, space or leading text. */
static bool read_index_version(const char *version, int64_t ret[4])
{
	const char *at = version;
	for (int i = 0; i < 4; i++) {
		size_t len = strspn(at, "0123456789");
		if (len == 0 || len > 5)
			return false;
		ret[i] = 0;
		for (size_t j = 0; j < len; j++)
			ret[i] = ret[i] * 10 + (at[j] - '0');
		at += len;
		if (*at != (i < 3 ? '.' : '\0'))
			return false;
		at++;
	}
	return true;
}

int ad_winget_index_time(const char *version, int64_t *ret_unix_s)
{
	int64_t n[4];
	if (!read_index_version(version, n))
		return AD_EINVAL;
	struct tm date = {
		.tm_year = (int)n[0] - 1900,
		.tm_mon = (int)(n[1] / 100) - 1,
		.tm_mday = (int)(n[1] % 100),
		.tm_hour = (int)(n[2] / 100) - 1,
		.tm_min = (int)(n[2] % 100),
	};
	struct tm same = date;
	time_t time = timegm(&same);
	/* timegm carries over what is out of range: 31 February would become a day in March. */
	if (n[0] < 2000 || n[0] > 9999 || n[3] > 999 || same.tm_mon != date.tm_mon ||
		same.tm_mday != date.tm_mday || same.tm_hour != date.tm_hour ||
		same.tm_min != date.tm_min)
		return AD_EINVAL;
	*ret_unix_s = (int64_t)time;
	return 0;
}

int ad_winget_index_compare(const char *a, const char *b)
{
	int64_t left[4] = { 0 };
	int64_t right[4] = { 0 };
	if (!read_index_version(a, left) || !read_index_version(b, right))
		return 0;
	for (int i = 0; i < 4; i++) {
		if (left[i] != right[i])
			return left[i] < right[i] ? -1 : 1;
	}
	return 0;
}

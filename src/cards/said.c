/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people say, compared without regard to case, accents, hamza and width: on a phone "hilfe",
 * "Hilfe" and "annuler" are as good as "Hilfe" and "annulér", and "１２" is 12.
 */
#include "language.h"
#include "ad/cards.h"
#include "ad/text.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>

#define WAYS_MAX 40
#define DIGITS_MAX 10
#define TATWEEL 0x0640
#define FULL_WIDTH_FIRST 0xFF01
#define FULL_WIDTH_LAST 0xFF5E
#define FULL_WIDTH_OFFSET 0xFEE0
#define WIDE_SPACE 0x3000
#define WIDE_COMMA 0x3001
#define ARABIC_COMMA 0x060C
#define ARABIC_SEMICOLON 0x061B

/* The letter that a character counts as; 0 when it does not count. */
static uint32_t folded(uint32_t c)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar parts[8];
	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
	if (c == WIDE_SPACE)
		return ' ';
	if (c >= FULL_WIDTH_FIRST && c <= FULL_WIDTH_LAST)
		return folded(c - FULL_WIDTH_OFFSET);
	int32_t digit = u_charDigitValue((UChar32)c);
	if (digit >= 0)
		return '0' + (uint32_t)digit;
	if (c == TATWEEL || u_charType((UChar32)c) == U_NON_SPACING_MARK)
		return 0;
	const UNormalizer2 *nfd = unorm2_getNFDInstance(&status);
	int32_t len = unorm2_getRawDecomposition(nfd, (UChar32)c, parts, 8, &status);
	if (U_SUCCESS(status) && len > 0 && !U16_IS_SURROGATE(parts[0]))
		return folded(parts[0]);
	return (uint32_t)u_foldCase((UChar32)c, U_FOLD_CASE_DEFAULT);
}

static const uint32_t *fold(struct ad_arena *arena, const char *text, size_t len)
{
	uint32_t *made = ad_alloc_array(arena, len + 1, sizeof *made);
	size_t count = 0;
	uint32_t c;
	for (size_t i = 0, n; i < len && (n = ad_utf8_next(text + i, len - i, &c)) > 0; i += n) {
		made[count] = folded(c);
		count += made[count] != 0;
	}
	made[count] = 0;
	return made;
}

void ad_said_read(struct ad_arena *arena, const char *ways, struct ad_said *ret)
{
	ret->ways = ad_alloc_array(arena, WAYS_MAX, sizeof *ret->ways);
	ret->count = 0;
	while (*ways && ret->count < WAYS_MAX) {
		ways += strspn(ways, ", ");
		size_t len = strcspn(ways, ",");
		if (len > 0)
			ret->ways[ret->count++] = fold(arena, ways, len);
		ways += len;
	}
}

/* Behind the way; NULL when text does not begin with it as whole words. */
static const char *behind(const uint32_t *way, const char *text)
{
	size_t len = strlen(text);
	uint32_t c = 0;
	uint32_t last = 0;
	size_t n;
	while ((n = ad_utf8_next(text, len, &c)) > 0) {
		uint32_t letter = folded(c);
		if (letter != 0 && !*way)
			break;
		if (letter != 0 && letter != *way)
			return NULL;
		if (letter != 0)
			last = *way++;
		text += n;
		len -= n;
	}
	if (*way)
		return NULL;
	/* Scripts without spaces: a number may follow at once. */
	uint32_t next = len > 0 ? folded(c) : ' ';
	bool ends = next == ' ' || (last >= 0x80 && next >= '0' && next <= '9');
	return ends ? text + strspn(text, " ") : NULL;
}

const char *ad_said_behind(const struct ad_said *said, const char *text)
{
	const char *longest = NULL;
	for (size_t i = 0; i < said->count; i++) {
		const char *rest = behind(said->ways[i], text);
		if (rest && (!longest || rest > longest))
			longest = rest;
	}
	return longest;
}

static bool is_same(const uint32_t *a, const uint32_t *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

bool ad_said_clash(const struct ad_said *a, const struct ad_said *b)
{
	for (size_t i = 0; i < a->count; i++)
		for (size_t j = 0; j < b->count; j++)
			if (is_same(a->ways[i], b->ways[j]))
				return true;
	return false;
}

int64_t ad_cards_number(const char *text, const char **ret_rest)
{
	int64_t number = 0;
	size_t len = strlen(text);
	uint32_t c;
	int digits = 0;
	for (size_t n; (n = ad_utf8_next(text, len, &c)) > 0; text += n, len -= n, digits++) {
		int32_t digit = c < 0x80 ? (int32_t)c - '0' : u_charDigitValue((UChar32)c);
		if (digit < 0 || digit > 9)
			break;
		number = digits < DIGITS_MAX ? number * 10 + digit : number;
	}
	*ret_rest = text;
	return digits > 0 && digits <= DIGITS_MAX ? number : -1;
}

const char *ad_cards_comma(const char *text)
{
	uint32_t c;
	size_t n = ad_utf8_next(text, strlen(text), &c);
	c = n > 0 ? folded(c) : 0;
	bool is_comma = c == ',' || c == ';' || c == WIDE_COMMA || c == ARABIC_COMMA ||
			c == ARABIC_SEMICOLON;
	return is_comma ? text + n : NULL;
}

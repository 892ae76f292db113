/* SPDX-License-Identifier: Apache-2.0 */
/* Searching by ICU. It works in code points, JavaScript in units: so half of a surrogate pair is
 * shown to ICU as a code point of its own, from U+100000 on, where nobody writes anything. */
#include "regex.h"

#define HALVES 0x100000          /* U+D800 + n -> HALVES + n */
#define HALVES_HIGH_FIRST 0xDBC0 /* their own surrogates */
#define HALVES_HIGH_LAST 0xDBC1

static bool is_half(uint16_t unit)
{
	return (unit & 0xF800) == 0xD800;
}

static struct ad_units set_apart(struct ad_arena *arena, struct ad_units text)
{
	struct ad_units made = { .unit = ad_alloc_array(
					 arena, 2 * text.count + 1, sizeof(uint16_t)) };
	for (size_t i = 0; i < text.count; i++) {
		uint16_t unit = text.unit[i];
		if (is_half(unit)) {
			made.unit[made.count++] =
				(uint16_t)(HALVES_HIGH_FIRST + ((unit & 0x7FF) >> 10));
			unit = (uint16_t)(0xDC00 | (unit & 0x3FF));
		}
		made.unit[made.count++] = unit;
	}
	return made;
}

struct ad_units ad_regex_part(
	struct ad_arena *arena, const struct ad_regex *regex, int32_t from, int32_t to)
{
	struct ad_units part = { .unit = ad_alloc_array(
					 arena, (size_t)(to - from) + 1, sizeof(uint16_t)) };
	for (int32_t i = from; i < to; i++) {
		uint16_t unit = regex->text.unit[i];
		if (unit >= HALVES_HIGH_FIRST && unit <= HALVES_HIGH_LAST && i + 1 < to)
			unit = (uint16_t)(0xD800 + ((unit - HALVES_HIGH_FIRST) << 10 |
							   (regex->text.unit[++i] & 0x3FF)));
		part.unit[part.count++] = unit;
	}
	return part;
}

int ad_regex_open(struct ad_arena *arena, struct ad_units pattern, unsigned flags,
	struct ad_units text, struct ad_regex *ret)
{
	struct ad_units translated;
	*ret = (struct ad_regex){ .text = set_apart(arena, text) };
	int e = ad_regex_translate(arena, pattern, flags, &translated, &ret->names);
	if (e != 0)
		return e;
	UErrorCode status = U_ZERO_ERROR;
	/* ICU refuses an empty pattern, which matches everywhere. */
	static const UChar empty[] = { '(', '?', ':', ')' };
	ret->icu = uregex_open(translated.count ? translated.unit : empty,
		translated.count ? (int32_t)translated.count : 4, 0, NULL, &status);
	uregex_setTimeLimit(ret->icu, AD_REGEX_TIME_MAX, &status);
	uregex_setStackLimit(ret->icu, AD_REGEX_STACK_MAX, &status);
	uregex_setText(ret->icu, ret->text.unit, (int32_t)ret->text.count, &status);
	if (U_SUCCESS(status))
		return 0;
	ad_regex_close(ret);
	return AD_EINVAL;
}

void ad_regex_close(struct ad_regex *regex)
{
	if (regex->icu)
		uregex_close(regex->icu);
	regex->icu = NULL;
}

int ad_regex_find(struct ad_regex *regex, bool *ret)
{
	UErrorCode status = U_ZERO_ERROR;
	*ret = uregex_findNext(regex->icu, &status);
	return U_SUCCESS(status) ? 0 : AD_ETOOBIG;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What people may write into a form: present, short enough, one of the choices. */
#include "ad/domain.h"
#include "ad/domain/until.h"
#include "ad/text.h"

#include <stdio.h>

#define DAY_LEN 10 /* bytes of "2026-11-29" */

static const char *const faults[] = {
	[AD_INPUT_OK] = "ok",
	[AD_INPUT_EMPTY] = "empty",
	[AD_INPUT_TOO_LONG] = "too_long",
	[AD_INPUT_NOT_LISTED] = "not_listed",
	[AD_INPUT_NOT_A_DATE] = "not_a_date",
};

const char *ad_input_fault_name(enum ad_input_fault fault)
{
	return faults[fault];
}

/* ASCII space, and the wider spaces of Unicode that a person may type to get past "required":
 * U+00A0, U+2000 to U+200B, U+3000. Returns the bytes of one space at text, 0 for anything else. */
static size_t space_len(const unsigned char *text)
{
	if (*text == ' ' || (*text >= '\t' && *text <= '\r'))
		return 1;
	if (text[0] == 0xc2 && text[1] == 0xa0)
		return 2;
	if (text[0] == 0xe2 && text[1] == 0x80 && text[2] >= 0x80 && text[2] <= 0x8b)
		return 3;
	if (text[0] == 0xe3 && text[1] == 0x80 && text[2] == 0x80)
		return 3;
	return 0;
}

static bool is_blank(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t len;
	while ((len = space_len(p)) > 0)
		p += len;
	return *p == '\0';
}

static size_t code_points(const char *text)
{
	size_t count = 0;
	for (; *text; text++)
		if (((unsigned char)*text & 0xc0) != 0x80)
			count++;
	return count;
}

static bool is_listed(const struct ad_input_rule *rule, const char *text)
{
	for (size_t i = 0; i < rule->choice_count; i++)
		if (ad_text_eq(rule->choices[i], text))
			return true;
	return false;
}

/* "2026-11-29", and nothing around it. */
static bool is_day(const char *text)
{
	struct ad_date date;
	int64_t day;
	return strlen(text) == DAY_LEN && strspn(text, "0123456789-") == DAY_LEN &&
	       sscanf(text, "%4d-%2d-%2d", &date.year, &date.month, &date.day) == 3 &&
	       ad_date_day(&date, &day) == 0;
}

enum ad_input_fault ad_input_check(const struct ad_input_rule *rule, const char *text)
{
	if (ad_text_empty(text) || is_blank(text))
		return rule->required ? AD_INPUT_EMPTY : AD_INPUT_OK;
	if (code_points(text) > rule->max_chars)
		return AD_INPUT_TOO_LONG;
	if (rule->choices && !is_listed(rule, text))
		return AD_INPUT_NOT_LISTED;
	if (rule->is_date && !is_day(text))
		return AD_INPUT_NOT_A_DATE;
	return AD_INPUT_OK;
}

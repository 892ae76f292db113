/* SPDX-License-Identifier: Apache-2.0 */
/* The official engine knows 56 languages by their exact tag. */
#include "number_format.h"
#include "ad/text.h"
#include "value.h"

#include <math.h>
#include <string.h>

#define NBSP "\u00A0"
#define MINUS "\u2212"
#define DIGITS_MAX 20

struct style {
	const char *decimal, *group;
	bool arabic; /* digits U+0660 to U+0669 */
	bool indian; /* 12,34,567 */
};

static const struct style english = { ".", ",", false, false };

/* " tag tag " -> style; English needs no row. */
static const struct {
	const char *tags;
	struct style style;
} styles[] = {
	{ " ar-BH ar-PS ar-EG ar-IQ ar-AE ar-MR ar-TD ar-SY ar-JO ar-ER ar-LB ar-YE ar-SS ar-SO "
	  "ar-DJ ar-SD ar-001 ar-SA ar-KW ar-QA ar-IL ar-OM ar-KM ",
		{ "\u066B", "\u066C", true, false } },
	{ " ar-MA it-IT ca-ES es-ES ar-DZ nl-NL es-BO ar-TN pt-BR ar-LY pl-PL mk-MK de-DE ",
		{ ",", ".", false, false } },
	{ " en-IN ", { ".", ",", false, true } },
	{ " de-CH ", { ",", "'", false, false } },
	{ " uk-UA sv-SE fi-FI cs-CZ fr-CA ru-RU hu-HU fr-FR ", { ",", NBSP, false, false } },
};

static const struct style *style_of(const char *locale)
{
	char key[16];
	if (!*locale || strlen(locale) > 10 || strchr(locale, ' '))
		return &english;
	(void)snprintf(key, sizeof key, " %s ", locale);
	for (size_t i = 0; i < sizeof styles / sizeof styles[0]; i++) {
		if (strstr(styles[i].tags, key))
			return &styles[i].style;
	}
	return &english;
}

static void add_digit(struct ad_buf *out, const struct style *style, char digit)
{
	if (style->arabic && digit >= '0' && digit <= '9')
		(void)ad_buf_addf(out, "\xD9%c", 0xA0 + (digit - '0'));
	else
		(void)ad_buf_addc(out, digit);
}

void ad_number_format(struct ad_buf *out, double number, int digits, const char *locale)
{
	const struct style *style = style_of(locale);
	struct ad_buf plain;
	ad_buf_init(&plain, 100);
	ad_number_add_fixed(&plain, fabs(number), digits < DIGITS_MAX ? digits : DIGITS_MAX);
	const char *text = ad_buf_str(&plain);
	if (number < 0 && strspn(text, "0.") != strlen(text))
		(void)ad_buf_adds(out, MINUS);
	size_t whole = strspn(text, "0123456789");
	for (size_t i = 0; i < whole; i++) {
		size_t left = whole - i;
		size_t every = style->indian && left > 3 ? 2 : 3;
		bool groups =
			style->indian && left > 3 ? (left - 3) % every == 0 : left % every == 0;
		if (i > 0 && groups)
			(void)ad_buf_adds(out, style->group);
		add_digit(out, style, text[i]);
	}
	for (size_t i = whole; text[i]; i++) {
		if (text[i] == '.')
			(void)ad_buf_adds(out, style->decimal);
		else
			add_digit(out, style, text[i]);
	}
	ad_buf_release(&plain);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Counts in texts, written as in ICU's messages: "{count, plural, =0 {none} one {one app} other
 * {${count} apps}}". Reading alone; what the categories of a language are is not known here.
 * Private to cards. */
#ifndef AD_CARDS_PLURAL_H
#define AD_CARDS_PLURAL_H

#include "ad/arena.h"

#include <stdbool.h>
#include <stddef.h>

/* One block of a text. All point into the text. */
struct ad_plural {
	const char *start; /* its "{" */
	const char *argument;
	size_t argument_len;
	const char *forms; /* behind the second comma */
	const char *end;   /* behind its "}"; NULL: there is none */
};

/* One form of a block. */
struct ad_plural_form {
	const char *selector; /* "one", "=0" */
	size_t selector_len;
	const char *text;
	size_t text_len;
};

/* The first block of text; false when there is none. */
bool ad_plural_find(const char *text, struct ad_plural *ret);
/* The form that begins at *at, which moves behind it. 1: there is one, 0: the block is at its end,
 * -1: neither. */
int ad_plural_next(const struct ad_plural *block, const char **at, struct ad_plural_form *ret);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions of JavaScript (without its flag u), run by ICU: a pattern is translated so
 * that each UTF-16 unit is a character of its own and letters equal each other as JavaScript has
 * it. Private to cards.
 */
#ifndef AD_CARDS_REGEX_H
#define AD_CARDS_REGEX_H

#include "ad/err.h"
#include "units.h"

#include <unicode/uregex.h>

#define AD_REGEX_UNITS_MAX 4096   /* of a pattern */
#define AD_REGEX_DEPTH_MAX 100    /* of its groups */
#define AD_REGEX_GROUPS_MAX 500   /* of its groups that capture */
#define AD_REGEX_TIME_MAX 10      /* ICU's ticks of one search: about a millisecond each */
#define AD_REGEX_STACK_MAX 500000 /* bytes that one search may remember for going back */

enum ad_regex_flag {
	AD_REGEX_NOCASE = 1,    /* i */
	AD_REGEX_MULTILINE = 2, /* m */
	AD_REGEX_DOTALL = 4,    /* s */
};

/* A named group. */
struct ad_regex_name {
	struct ad_units name;
	int32_t group;
	struct ad_regex_name *next;
};

struct ad_regex {
	URegularExpression *icu;
	struct ad_regex_name *names;
	struct ad_units text; /* what is searched, as ICU sees it; lives in the arena */
};

/* Whether the official engine's own grammar (CommonRegex.g4) takes the pattern; JavaScript may
 * still refuse it. False also for one that is nested too deep. */
bool ad_regex_is_common(struct ad_units pattern);

/* What the translation makes of a pattern: text for ICU and the names of its groups. AD_EINVAL:
 * JavaScript refuses it too; AD_ETOOBIG: a limit. All in the arena. */
AD_MUST int ad_regex_translate(struct ad_arena *arena, struct ad_units pattern, unsigned flags,
	struct ad_units *ret, struct ad_regex_name **ret_names);

/* Compiles a pattern for searching text. AD_EINVAL, AD_ETOOBIG as above; also when ICU cannot run
 * what JavaScript could (a look behind without an end). The caller closes it. */
AD_MUST int ad_regex_open(struct ad_arena *arena, struct ad_units pattern, unsigned flags,
	struct ad_units text, struct ad_regex *ret);
void ad_regex_close(struct ad_regex *regex);

/* The next place; false: none. AD_ETOOBIG when the search takes too long. */
AD_MUST int ad_regex_find(struct ad_regex *regex, bool *ret);

/* What lies between two places of the searched text, as units of the caller's text again. */
struct ad_units ad_regex_part(
	struct ad_arena *arena, const struct ad_regex *regex, int32_t from, int32_t to);

#endif

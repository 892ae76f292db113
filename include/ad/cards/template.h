/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Adaptive Cards Templating language: a template is compiled once and then expanded with data,
 * straight to the text of a JSON document. What it means is what the official engine does with it
 * (npm adaptivecards-templating 2.3 with adaptive-expressions 4.23): see docs/internals/cards.md.
 * A compiled template is immutable and shared by threads. It knows nothing of languages or of the
 * cards of this program.
 */
#ifndef AD_CARDS_TEMPLATE_H
#define AD_CARDS_TEMPLATE_H

#include "ad/arena.h"
#include "ad/buf.h"
#include "ad/err.h"
#include "ad/json.h"

/* One expansion ends with AD_ETOOBIG when it passes one of these. */
#define AD_TEMPLATE_STEPS_MAX 1000000        /* expressions evaluated and values visited */
#define AD_TEMPLATE_MEMORY_MAX (16u << 20)   /* bytes of texts and lists that expressions make */
#define AD_TEMPLATE_OUTPUT_MAX (1u << 20)    /* bytes of the expanded document */
#define AD_TEMPLATE_EXPRESSION_DEPTH_MAX 100 /* nesting of one expression */

struct ad_template;

/* Where a binding stands: in the member name of object (both NULL inside an array). */
struct ad_template_place {
	const struct ad_json *object;
	const char *name;
	const char *expression; /* "${expression}" */
};

/*
 * What the caller wants done with strings that bindings put in (numbers, truths and whole objects
 * are never touched), and how its language counts. All functions are pure and get ctx, which
 * outlives the template; NULL functions leave everything as it is.
 */
struct ad_template_filter {
	const void *ctx;
	/* While compiling: which treatment the binding has there. 0: none. */
	int (*choose)(const void *ctx, const struct ad_template_place *place);
	/* While expanding: text as it is to be written, in the arena. treatment is never 0. */
	const char *(*apply)(
		const void *ctx, struct ad_arena *arena, int treatment, const char *text);
	/* While expanding: which of the forms of "{count, plural, one {...} other {...}}" a number
	 * takes. Without this function such a text is a text like any other. */
	const char *(*category)(const void *ctx, double number);
};

/* What one expansion works with. All belongs to the caller and is not changed. */
struct ad_template_context {
	const struct ad_json *root; /* "$root", and "$data" at the start; NULL is undefined */
	const struct ad_json *host; /* "$host"; NULL is undefined */
	int64_t now_ms;             /* what utcNow() and its like call now, in Unix milliseconds */
	uint64_t seed;              /* what rand() and newGuid() start from */
};

/*
 * Compiles a template into the arena, with copies of all that it needs; it dies with the arena.
 * filter may be NULL; it is copied. AD_EINVAL names the place and the fault of an expression,
 * AD_ETOOBIG a limit.
 */
AD_MUST int ad_template_compile(struct ad_arena *arena, const struct ad_json *source,
	const struct ad_template_filter *filter, struct ad_template **ret, struct ad_err *err);

/*
 * Appends the expanded document to out. ret_missing (may be NULL) gets the first path for which the
 * data had no value and whose binding therefore stands in the document, in the arena, or NULL.
 * AD_EINVAL: an expression that fails, as the official engine does. AD_ETOOBIG: a limit of the
 * expansion or of out. After an error the content of out is unspecified.
 */
AD_MUST int ad_template_expand(const struct ad_template *template,
	const struct ad_template_context *context, struct ad_arena *arena, struct ad_buf *out,
	const char **ret_missing, struct ad_err *err);

#endif

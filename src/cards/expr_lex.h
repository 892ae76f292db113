/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of an expression. Private to cards. */
#ifndef AD_CARDS_EXPR_LEX_H
#define AD_CARDS_EXPR_LEX_H

#include "ad/err.h"

#include <stddef.h>

enum ad_token_kind {
	AD_TOKEN_END = 0,
	AD_TOKEN_SIGN, /* operators and brackets: compare the text */
	AD_TOKEN_NUMBER,
	AD_TOKEN_STRING,
	AD_TOKEN_NAME,
	AD_TOKEN_TICK,     /* ` at either end of a text with bindings */
	AD_TOKEN_TEXT,     /* literal part of it */
	AD_TOKEN_ESCAPE,   /* \` or \$ in it */
	AD_TOKEN_TEMPLATE, /* ${...} in it */
	AD_TOKEN_BAD,
};

struct ad_token {
	enum ad_token_kind kind;
	const char *text; /* in the source, not terminated */
	size_t len;
};

/* All tokens of the text, the last one is AD_TOKEN_END; the caller frees them. AD_ETOOBIG: strings
 * that are too tangled. */
AD_MUST int ad_expr_lex(const char *text, size_t len, struct ad_token **ret, struct ad_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The form for several apps, as showing and sending it share it. Private to desk. */
#ifndef AD_DESK_CART_PRIVATE_H
#define AD_DESK_CART_PRIVATE_H

#include "filled.h"
#include "ad/desk/cart.h"
#include "ad/desk/facts.h"

#define AD_CART_PURPOSE "cart" /* of its token */

struct ad_cart_item {
	struct ad_app app;
	const struct ad_policy *policy;
	const char *obstacle; /* a sentence: it cannot be asked for here; NULL: it can */
	bool left_out;        /* its tick was taken away */
	bool has_days;        /* somebody has chosen */
	int days;
};

struct ad_cart {
	struct ad_cart_item items[AD_CART_MAX];
	size_t count;
	const char *missing[AD_CART_MAX]; /* words that name no app */
	size_t missing_count;
	const char *token;         /* NULL: a new one */
	const char *justification; /* as typed so far; NULL: nothing */
	const char *fault;         /* a sentence; NULL: none */
};

AD_MUST int ad_cart_show(struct ad_desk *desk, const struct ad_person *who, struct ad_cart *cart,
	struct ad_desk_reply *ret, struct ad_err *err);
/* item->obstacle: the app asks questions that must be answered, which one form for several does not
 * have. Wants app and policy. */
AD_MUST int ad_cart_asks(struct ad_desk *desk, const struct ad_person *who,
	struct ad_cart_item *item, struct ad_err *err);

#endif

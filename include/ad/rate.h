/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rate limits: a token bucket for each key (an address, a person), in a table of fixed size. When a
 * table is full, the key that was seen longest ago is forgotten, which can only be in its favour.
 */
#ifndef AD_RATE_H
#define AD_RATE_H

#include <stddef.h>
#include <stdint.h>

#define AD_RATE_KEY_MAX 80 /* bytes of a key with its NUL; more is cut */

struct ad_rate;

struct ad_rate_config {
	int takes;     /* > 0: so many ... */
	int period_ms; /* ... in this time */
	int burst;     /* > 0: at once, after a pause */
	size_t keys;   /* remembered at most; rounded up to a multiple of four */
};

enum ad_rate_answer {
	AD_RATE_TAKEN = 0,
	AD_RATE_FIRST, /* too many, and the first time since half of the burst was there */
	AD_RATE_OVER   /* too many, again */
};

struct ad_rate *ad_rate_new(const struct ad_rate_config *config);
void ad_rate_free(struct ad_rate *rate); /* NULL is allowed */

/* Takes one for key at now_ms (monotonic). ret_wait_s: whole seconds until the next one is there (0
 * when it was taken). Any thread; waits for nothing. */
enum ad_rate_answer ad_rate_take(
	struct ad_rate *rate, const char *key, int64_t now_ms, int *ret_wait_s);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The brake: how many people may leave or move at once before an admin is asked whether that is
 * true. A wrong filter upstream looks as if everybody had left. Pure. Any thread.
 */
#ifndef AD_DOMAIN_BRAKE_H
#define AD_DOMAIN_BRAKE_H

#include <stdbool.h>
#include <stdint.h>

/* Fewer are never too many, whatever their share of a small organisation. */
#define AD_BRAKE_LEAST 5

struct ad_brake_limits {
	int64_t people;  /* more are too many */
	int64_t percent; /* of all who are known; a larger share is too many */
};

/* Whether so many at once wait for an admin. */
bool ad_brake_holds(const struct ad_brake_limits *limits, int64_t people, int64_t known);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What a file of policies changes, and doing it. Private to desk. */
#ifndef AD_DESK_POLICY_CHANGE_H
#define AD_DESK_POLICY_CHANGE_H

#include "ad/desk/policy.h"
#include "policy_json.h"

struct ad_incompatibility;

/* A step with what is needed to take it. */
struct ad_policy_work {
	enum ad_policy_step_kind kind;
	const struct ad_policy *before; /* NULL: none */
	const struct ad_policy *after;
	const struct ad_incompatibility *pair; /* of pairs; ids are those of the catalogue */
	const char *old_reason;                /* of a pair; NULL: there was none */
};

struct ad_policy_change {
	struct ad_policy_file before; /* what counts now */
	struct ad_policy_file after;
	struct ad_policy_work *steps;
	size_t count;
};

/* Compares a file with the database, under ad_store_policies_lock where it is to be carried out. */
AD_MUST int ad_policy_compare(struct ad_desk *desk, const struct ad_policy_file *file,
	struct ad_policy_change *ret, struct ad_err *err);
struct ad_change_by;

/* Writes it; its audit rows come with ad_trail_flush. */
AD_MUST int ad_policy_carry_out(struct ad_desk *desk, const struct ad_change_by *by,
	const struct ad_policy_change *change, struct ad_policy_plan *ret, struct ad_err *err);
/* The same on paper. */
void ad_policy_plan_of(
	struct ad_arena *arena, const struct ad_policy_change *change, struct ad_policy_plan *ret);

#endif

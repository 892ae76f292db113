/* SPDX-License-Identifier: Apache-2.0 */
/* Birthrights inside desk: what a policy names as a query, and how many people it means. */
#ifndef AD_DESK_BIRTHRIGHT_PARTS_H
#define AD_DESK_BIRTHRIGHT_PARTS_H

#include "ad/store/birthrights.h"
#include "policy_json.h"

/* ---- birthright.c ---- */

/* People by department and title; groups are the caller's. */
struct ad_birthright_query ad_birthright_query_of(
	const struct ad_desk *desk, const struct ad_policy *policy, int64_t app_id);

/* ---- birthright_check.c ---- */

/* Grants by right whose person the policies do not name any more begin to end, and those that they
 * name again do not. *ret_more: others wait. */
AD_MUST int ad_birthrights_check(struct ad_desk *desk, bool *ret_more, struct ad_err *err);
/* Member `people` of the rows about birthrights: how many do not have the apps of the policy. */
AD_MUST int ad_birthrights_count(struct ad_desk *desk, const struct ad_policy_file *file,
	struct ad_json *weakens, struct ad_err *err);

#endif

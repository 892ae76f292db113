/* SPDX-License-Identifier: Apache-2.0 */
/* Who may decide a request, and what becomes of a click. */
#include "ad/domain.h"
#include "ad/text.h"

static const char *const decisions[] = {
	[AD_DECISION_APPROVED] = "approved",
	[AD_DECISION_REJECTED] = "rejected",
};

static const char *const outcomes[] = {
	[AD_DECIDE_DECIDED] = "decided",
	[AD_DECIDE_SELF] = "self",
	[AD_DECIDE_NOT_APPROVER] = "not_approver",
	[AD_DECIDE_ALREADY] = "already",
	[AD_DECIDE_CLOSED] = "closed",
	[AD_DECIDE_STALE] = "stale",
	[AD_DECIDE_NEEDS_REASON] = "needs_reason",
};

const char *ad_decision_name(enum ad_decision decision)
{
	return decisions[decision];
}

int ad_decision_parse(const char *name, enum ad_decision *ret)
{
	for (int i = AD_DECISION_APPROVED; i <= AD_DECISION_REJECTED; i++) {
		if (ad_text_eq(decisions[i], name)) {
			*ret = (enum ad_decision)i;
			return 0;
		}
	}
	return AD_EINVAL;
}

const char *ad_decide_outcome_name(enum ad_decide_outcome outcome)
{
	return outcomes[outcome];
}

static bool is_party(const struct ad_decide_facts *facts)
{
	return ad_text_eq(facts->actor_oid, facts->requester_oid) ||
	       ad_text_eq(facts->actor_oid, facts->beneficiary_oid);
}

static bool waits(const struct ad_decide_facts *facts)
{
	return facts->request == AD_REQUEST_PENDING && facts->stage == AD_STAGE_OPEN;
}

enum ad_decide_outcome ad_decide(const struct ad_decide_facts *facts)
{
	if (ad_text_empty(facts->actor_oid))
		return AD_DECIDE_NOT_APPROVER;
	if (is_party(facts))
		return AD_DECIDE_SELF;
	if (!facts->actor_in_group)
		return AD_DECIDE_NOT_APPROVER;
	if (facts->decided)
		return AD_DECIDE_ALREADY;
	if (!waits(facts))
		return AD_DECIDE_CLOSED;
	if (facts->seen != 0 && facts->seen != facts->version)
		return AD_DECIDE_STALE;
	if (facts->decision == AD_DECISION_REJECTED && !facts->has_reason)
		return AD_DECIDE_NEEDS_REASON;
	return AD_DECIDE_DECIDED;
}

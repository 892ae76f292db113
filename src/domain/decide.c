/* SPDX-License-Identifier: Apache-2.0 */
/* Who may decide a request, and what becomes of a click. */
#include "ad/domain.h"
#include "ad/domain/stage.h"
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
	[AD_DECIDE_VOTED] = "voted",
	[AD_DECIDE_CLOSED] = "closed",
	[AD_DECIDE_STALE] = "stale",
	[AD_DECIDE_FROZEN] = "frozen",
	[AD_DECIDE_CONFLICT] = "conflict",
	[AD_DECIDE_WIDER] = "wider",
	[AD_DECIDE_DEVICE] = "device",
	[AD_DECIDE_NEEDS_REASON] = "needs_reason",
	[AD_DECIDE_SIGN_IN] = "sign_in",
};

/* From the lowest to the highest. */
static const char *const risks[] = { "low", "medium", "high", "critical" };
#define RISKS (sizeof risks / sizeof risks[0])

/* RISKS for one that is not known. */
static size_t rank(const char *risk)
{
	size_t i = 0;
	while (i < RISKS && !ad_text_eq(risks[i], risk))
		i++;
	return i;
}

bool ad_risk_reaches(const char *risk, const char *from)
{
	return rank(risk) >= rank(from);
}

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
	const struct ad_parties parties = { facts->requester_oid, facts->beneficiary_oid };
	return ad_is_party(&parties, facts->actor_oid) ||
	       ad_is_party(&parties, facts->on_behalf_of);
}

static bool waits(const struct ad_decide_facts *facts)
{
	return ad_request_undecided(facts->request) && facts->stage == AD_STAGE_OPEN;
}

static bool is_wider(const struct ad_decide_facts *facts)
{
	return facts->given_days != 0 && facts->wanted_days != 0 &&
	       facts->given_days > facts->wanted_days;
}

/* What an approval must not do, and what a rejection must say. */
static enum ad_decide_outcome judge_content(const struct ad_decide_facts *facts)
{
	if (facts->decision == AD_DECISION_REJECTED)
		return facts->has_reason ? AD_DECIDE_DECIDED : AD_DECIDE_NEEDS_REASON;
	if (facts->conflict)
		return AD_DECIDE_CONFLICT;
	if (is_wider(facts))
		return AD_DECIDE_WIDER;
	if (facts->bad_device)
		return AD_DECIDE_DEVICE;
	return facts->unproven ? AD_DECIDE_SIGN_IN : AD_DECIDE_DECIDED;
}

enum ad_decide_outcome ad_decide(const struct ad_decide_facts *facts)
{
	if (ad_text_empty(facts->actor_oid))
		return AD_DECIDE_NOT_APPROVER;
	if (is_party(facts))
		return AD_DECIDE_SELF;
	if (!facts->has_right)
		return AD_DECIDE_NOT_APPROVER;
	if (facts->decided)
		return AD_DECIDE_ALREADY;
	if (!waits(facts))
		return AD_DECIDE_CLOSED;
	if (facts->voted)
		return AD_DECIDE_VOTED;
	if (facts->frozen)
		return AD_DECIDE_FROZEN;
	if (facts->seen != 0 && facts->seen != facts->version)
		return AD_DECIDE_STALE;
	return judge_content(facts);
}

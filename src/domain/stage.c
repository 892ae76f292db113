/* SPDX-License-Identifier: Apache-2.0 */
/* A stage: its slate with who stands for whom, and what its votes come to. */
#include "ad/domain/stage.h"
#include "ad/text.h"

/* ---- votes ---- */

const char *ad_vote_voice(const struct ad_vote *vote)
{
	return ad_text_empty(vote->on_behalf_of) ? vote->oid : vote->on_behalf_of;
}

/* Whether an earlier vote was for the same seat. */
static bool is_repeated(const struct ad_vote *votes, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (ad_text_eq(ad_vote_voice(&votes[j]), ad_vote_voice(&votes[i])))
			return true;
	return false;
}

enum ad_stage_state ad_stage_judge(
	int need, bool reject_ends, size_t asked, const struct ad_vote *votes, size_t count)
{
	size_t wanted = need <= 0 || (size_t)need > asked ? asked : (size_t)need;
	size_t approved = 0;
	size_t rejected = 0;
	for (size_t i = 0; i < count; i++) {
		if (is_repeated(votes, i))
			continue;
		if (votes[i].decision == AD_DECISION_APPROVED)
			approved++;
		else
			rejected++;
	}
	if (rejected > 0 && (reject_ends || asked < wanted + rejected))
		return AD_STAGE_REJECTED;
	return approved > 0 && approved >= wanted ? AD_STAGE_APPROVED : AD_STAGE_OPEN;
}

/* ---- delegation ---- */

bool ad_is_party(const struct ad_parties *parties, const char *oid)
{
	return !ad_text_empty(oid) &&
	       (ad_text_eq(oid, parties->requester) || ad_text_eq(oid, parties->beneficiary));
}

static const char *next_of(const struct ad_delegation *delegations, size_t count, const char *oid)
{
	for (size_t i = 0; i < count; i++)
		if (ad_text_eq(delegations[i].from, oid))
			return delegations[i].to;
	return NULL;
}

const char *ad_delegate_of(const struct ad_delegation *delegations, size_t count,
	const struct ad_parties *parties, const char *oid)
{
	const char *end = oid;
	for (int depth = 0; depth <= AD_DELEGATION_DEPTH; depth++) {
		const char *next = next_of(delegations, count, end);
		if (!next)
			return ad_is_party(parties, end) ? oid : end;
		if (ad_text_eq(next, oid))
			return oid;
		end = next;
	}
	return oid;
}

/* ---- the slate ---- */

static bool is_seated(const struct ad_seat *seats, size_t count, const char *oid)
{
	for (size_t i = 0; i < count; i++)
		if (ad_text_eq(seats[i].oid, oid))
			return true;
	return false;
}

/* Own seats first, then those of who stands for somebody: nobody is asked twice. */
size_t ad_slate(const char *const *candidates, size_t count, const struct ad_parties *parties,
	const struct ad_delegation *delegations, size_t delegation_count, struct ad_seat *seats)
{
	size_t taken = 0;
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < count; i++) {
			const char *oid = candidates[i];
			if (ad_text_empty(oid) || ad_is_party(parties, oid))
				continue;
			const char *end =
				ad_delegate_of(delegations, delegation_count, parties, oid);
			bool own = ad_text_eq(end, oid);
			if (own != (round == 0) || is_seated(seats, taken, end))
				continue;
			seats[taken++] = (struct ad_seat){ end, own ? "" : oid };
		}
	}
	return taken;
}

/* ---- separation of duties ---- */

long long ad_incompatible_with(const struct ad_incompatible *pairs, size_t count,
	const long long *held, size_t held_count, long long app)
{
	for (size_t i = 0; i < count; i++) {
		long long other = pairs[i].app_a == app   ? pairs[i].app_b
				  : pairs[i].app_b == app ? pairs[i].app_a
							  : 0;
		for (size_t j = 0; other != 0 && j < held_count; j++)
			if (held[j] == other)
				return other;
	}
	return 0;
}

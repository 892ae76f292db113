/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stage: who is asked in whose place, who may decide, and what votes come to. Pure. Any thread.
 */
#ifndef AD_DOMAIN_STAGE_H
#define AD_DOMAIN_STAGE_H

#include "ad/domain.h"

#include <stdbool.h>
#include <stddef.h>

/* ---- votes ---- */

struct ad_vote {
	const char *oid;
	const char *on_behalf_of; /* "" for oneself */
	enum ad_decision decision;
};
/* Whose voice it is: that of who is stood for, else their own. */
const char *ad_vote_voice(const struct ad_vote *vote);

/* What the votes come to. asked: how many seats the stage has, for need 0 and for "out of reach".
 * A seat counts once: that of who is stood for. AD_STAGE_OPEN, AD_STAGE_APPROVED or
 * AD_STAGE_REJECTED. With need greater than the seats, all seats are needed. */
enum ad_stage_state ad_stage_judge(
	int need, bool reject_ends, size_t asked, const struct ad_vote *votes, size_t count);

/* ---- delegation ---- */

#define AD_DELEGATION_DEPTH 3 /* product E2: longer chains and loops end here */

struct ad_delegation {
	const char *from;
	const char *to;
};

/* People who must never decide: requester and beneficiary. */
struct ad_parties {
	const char *requester;
	const char *beneficiary;
};
bool ad_is_party(const struct ad_parties *parties, const char *oid);

/* Who decides in the place of oid: the end of the chain of those delegations that count now, oid
 * when there is none. A chain that loops, is too deep, or ends at a party counts as none. */
const char *ad_delegate_of(const struct ad_delegation *delegations, size_t count,
	const struct ad_parties *parties, const char *oid);

/* ---- the slate ---- */

struct ad_seat {
	const char *oid;          /* who is asked */
	const char *on_behalf_of; /* "" when it is their own seat */
};

/* The candidates without parties and empty ids, each with whoever decides in their place, nobody
 * twice (an own seat wins). seats has room for `count`. Returns how many. */
size_t ad_slate(const char *const *candidates, size_t count, const struct ad_parties *parties,
	const struct ad_delegation *delegations, size_t delegation_count, struct ad_seat *seats);

/* ---- separation of duties ---- */

struct ad_incompatible {
	long long app_a;
	long long app_b;
};
/* The first of the apps that may not be had beside `app`, whichever way the pair was written;
 * 0: none. */
long long ad_incompatible_with(const struct ad_incompatible *pairs, size_t count,
	const long long *held, size_t held_count, long long app);

#endif

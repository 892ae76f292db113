/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts of the directory on demand. A use case asks for a fact inside its transaction. What was
 * not fetched yet is noted as wanted, and the question ends with AD_ECONFLICT (class TRANSIENT):
 * the caller rolls back, lets ad_desk_gather ask the directory over HTTP, and starts over. So no
 * transaction waits for HTTP, and whatever a use case needs it finds in the end. A use case that
 * needs several facts asks for all of them before it gives up: each costs a round.
 *
 * The answers live in the turn's or job's arena and count for its length. A worker thread.
 */
#ifndef AD_DESK_FACTS_H
#define AD_DESK_FACTS_H

#include "ad/arena.h"
#include "ad/domain/device.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>

struct ad_desk;
struct ad_graph;
struct ad_people;
struct ad_person;

/* Rounds in which a use case may ask for more; a chain of stages and alternates needs a few. */
#define AD_FACTS_ROUNDS_MAX 10
/* People of a group that are looked at; all of them may decide nevertheless (product E22). */
#define AD_FACTS_MEMBERS_MAX 2000

struct ad_desk_fact;

/* Zeroed: nothing is known. */
struct ad_desk_facts {
	struct ad_desk_fact *items; /* private */
	size_t count;
	size_t cap;
};

/* Whether the person is in the group now, directly or through other groups. An empty group has no
 * members; neither has one that is gone. */
AD_MUST int ad_fact_member(
	struct ad_desk *desk, const char *oid, const char *group_id, bool *ret, struct ad_err *err);
/* The group's people whose accounts are open, at most AD_FACTS_MEMBERS_MAX. */
AD_MUST int ad_fact_members(
	struct ad_desk *desk, const char *group_id, struct ad_people *ret, struct ad_err *err);
/* *ret is NULL when the person has no manager, or one whose account is closed. */
AD_MUST int ad_fact_manager(
	struct ad_desk *desk, const char *oid, const struct ad_person **ret, struct ad_err *err);
/* *ret is NULL when there is no such person, or the account is closed. */
AD_MUST int ad_fact_person(
	struct ad_desk *desk, const char *oid, const struct ad_person **ret, struct ad_err *err);

struct ad_device {
	const char *id;
	const char *name;
	enum ad_compliance compliance;
};

/* What Intune says about somebody's devices. */
struct ad_devices {
	const struct ad_device *items; /* who reported last first */
	size_t count;
	bool answered; /* false: it is away, or the permission is missing; then there are none */
};
/* The person's managed Windows devices, live. That they cannot be looked at is an answer, too: most
 * of what they are wanted for does without. */
AD_MUST int ad_fact_devices(
	struct ad_desk *desk, const char *oid, const struct ad_devices **ret, struct ad_err *err);

/* What the caller has found out anyway. */
void ad_fact_put_member(
	struct ad_desk *desk, const char *oid, const char *group_id, bool is_member);
void ad_fact_put_members(
	struct ad_desk *desk, const char *group_id, const struct ad_people *people);

/* A group of which it is wanted whether this person is in it; NULL: none. For callers that know it
 * from somewhere else. */
const char *ad_desk_fact_wanted(const struct ad_desk *desk, const char *oid);

/* Whether something is wanted that was not asked yet. */
bool ad_desk_facts_wanted(const struct ad_desk_facts *facts);

/* Asks the directory for all that is wanted, outside a transaction. An error, mostly transient:
 * the directory did not answer. */
AD_MUST int ad_desk_gather(struct ad_desk *desk, const struct ad_graph *graph, struct ad_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the directory last said about who is in which group, with the age of each answer. The cache
 * decides what is shown; a decision asks the directory again. Runs on the caller's connection, in
 * its transaction when one is open; results live in the arena. A worker thread of its own
 * connection.
 */
#ifndef AD_STORE_GROUPS_H
#define AD_STORE_GROUPS_H

#include "ad/arena.h"
#include "ad/err.h"
#include "ad/store/later.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_db;

#define AD_GROUP_CACHE_AGE_S 300 /* an older answer is asked for again */

/* One person and the groups in question. */
struct ad_membership_key {
	const char *tenant_id;
	const char *oid;
	const char *const *group_ids;
	size_t count;
};

struct ad_membership {
	const char *group_id;
	bool is_member;
	int64_t age_s;
};

struct ad_membership_list {
	const struct ad_membership *items;
	size_t count;
};

/* The cached answers of any age; a group that was never asked about is missing. */
AD_MUST int ad_store_memberships_get(struct ad_db *db, struct ad_arena *arena,
	const struct ad_membership_key *key, struct ad_membership_list *ret, struct ad_err *err);

/* The same of the groups that the tenant's settings name, read with the next statement. */
AD_MUST int ad_store_memberships_later(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, const char *oid, struct ad_store_later *later, struct ad_err *err);
void ad_store_memberships_came(
	struct ad_arena *arena, const struct ad_store_later *later, struct ad_membership_list *ret);

/* Of the groups in key, the person is a member of those in key->group_ids that are in member_of,
 * and of no other: as the directory answers "check member groups". Not in a transaction: the commit
 * does not wait for the disk, because it can be asked again. */
AD_MUST int ad_store_memberships_put(struct ad_db *db, struct ad_arena *arena,
	const struct ad_membership_key *key, const char *const *member_of, size_t member_count,
	struct ad_err *err);

struct ad_user;
/* Active people who were members of the group when the directory said so last: whom to tell while
 * it does not answer, never who may decide. By object id, at most limit; oid, name and mail are
 * set. */
AD_MUST int ad_store_members_known(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *group_id, size_t limit, struct ad_user **ret, size_t *ret_count,
	struct ad_err *err);

#endif

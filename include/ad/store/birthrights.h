/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Apps that people get without asking: who is named by a policy, who was skipped, and whose grant
 * rests on one. On the caller's connection and transaction; results live in the arena.
 */
#ifndef AD_STORE_BIRTHRIGHTS_H
#define AD_STORE_BIRTHRIGHTS_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_db;

/* For whom: an empty list asks for nothing. */
struct ad_birthright_query {
	const char *tenant_id;
	int64_t app_id;
	const char *const *departments;
	size_t department_count;
	const char *const *titles;
	size_t title_count;
	bool by_people; /* only these, who are in the policy's groups */
	const char *const *oids;
	size_t oid_count;
	const char *policy_name; /* who was skipped under it lately is left out */
	int policy_version;
	int limit;
};
struct ad_birthright_person {
	const char *oid;
	const char *name;
};
AD_MUST int ad_store_birthrights_due(struct ad_db *db, struct ad_arena *arena,
	const struct ad_birthright_query *query, struct ad_birthright_person **ret,
	size_t *ret_count, struct ad_err *err);
/* How many people of the departments and titles do not have the app; groups are not looked at. */
AD_MUST int ad_store_birthrights_count(struct ad_db *db, struct ad_arena *arena,
	const struct ad_birthright_query *query, int64_t *ret, struct ad_err *err);
/* Approved requests for the app that will take a seat each. */
AD_MUST int ad_store_birthrights_on_their_way(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, int64_t app_id, int64_t *ret, struct ad_err *err);

/* A request of the counter itself; *ret_id 0: the person has one. */
struct ad_birthright_request {
	const char *oid;
	const char *justification;
	const char *reason; /* of a skip: column birthright_skips.reason */
};
AD_MUST int ad_store_birthright_ask(struct ad_db *db, struct ad_arena *arena,
	const struct ad_birthright_query *rule, const struct ad_birthright_request *request,
	int64_t *ret_id, struct ad_err *err);
/* Not for this person. *ret_new: it was not so for this reason before. */
AD_MUST int ad_store_birthright_skip(struct ad_db *db, struct ad_arena *arena,
	const struct ad_birthright_query *rule, const struct ad_birthright_request *request,
	bool *ret_new, struct ad_err *err);
/* Whether the counter itself has asked. AD_ENOTFOUND. */
AD_MUST int ad_store_birthright_is(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	bool *ret, struct ad_err *err);

/* The person's own request is one of the counter itself, for whom the policy names gets it anyway.
 */
AD_MUST int ad_store_birthright_mark(
	struct ad_db *db, struct ad_arena *arena, int64_t request_id, struct ad_err *err);
/* Whether the person had it so and gave it back, or somebody took it from them. */
AD_MUST int ad_store_birthright_refused(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, const char *oid, int64_t app_id, bool *ret, struct ad_err *err);

/* An active grant that was not held against the policies for a day. */
struct ad_birthright_grant {
	int64_t id;
	bool lapsed;
	const char *policy_name; /* that brought it */
	int policy_version;
};
AD_MUST int ad_store_birthrights_unchecked(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, int limit, struct ad_birthright_grant **ret, size_t *ret_count,
	struct ad_err *err);
AD_MUST int ad_store_birthright_checked(
	struct ad_db *db, struct ad_arena *arena, int64_t grant_id, struct ad_err *err);
/* The person's are looked at at once; oid "": everybody's. */
AD_MUST int ad_store_birthrights_check_anew(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, const char *oid, struct ad_err *err);
/* It ends after so many days, and does not after all. */
AD_MUST int ad_store_birthright_lapse(
	struct ad_db *db, struct ad_arena *arena, int64_t grant_id, int days, struct ad_err *err);
AD_MUST int ad_store_birthright_restore(
	struct ad_db *db, struct ad_arena *arena, int64_t grant_id, struct ad_err *err);

#endif

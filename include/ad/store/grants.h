/* SPDX-License-Identifier: Apache-2.0 */
/* Grants: who has which app, because of which request, and until when. On the caller's connection
 * and transaction; results live in the arena. Nothing here judges (ad/domain/grant.h). */
#ifndef AD_STORE_GRANTS_H
#define AD_STORE_GRANTS_H

#include "ad/arena.h"
#include "ad/domain/grant.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_db;

struct ad_grant {
	int64_t id;
	const char *tenant_id;
	int64_t request_id; /* that brought it: the number by which people call it */
	const char *oid;
	const char *person_name;
	int64_t app_id;
	const char *app_name;
	const char *group_id;
	enum ad_grant_state state;
	const char *started_at; /* RFC 3339, UTC */
	const char *expires_at; /* NULL: for good */
	struct ad_grant_clock clock;
	const char *ended_at; /* NULL while active */
	const char *ended_by; /* object id or "system"; "" while active */
	const char *ended_by_name;
	const char *end_reason;
	bool removed; /* the membership is gone, or stands for another reason */
};

struct ad_grant_list {
	const struct ad_grant *items;
	size_t count;
};

/* A new one of days (0: for good); one per request: *ret_id is 0 when the request has one. */
AD_MUST int ad_store_grant_put(struct ad_db *db, struct ad_arena *arena,
	const struct ad_grant *grant, int days, int64_t *ret_id, struct ad_err *err);

/* AD_ENOTFOUND. lock: FOR UPDATE first. */
AD_MUST int ad_store_grant_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_grant *ret, struct ad_err *err);
AD_MUST int ad_store_grant_lock(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_grant *ret, struct ad_err *err);
/* By the request that brought it, or by one for more time of it. AD_ENOTFOUND. */
AD_MUST int ad_store_grant_of_request(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, int64_t request_id, struct ad_grant *ret, struct ad_err *err);

/* What a person has, those that end first before the others. At most limit. */
AD_MUST int ad_store_grants_of_person(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, const char *oid, int limit, struct ad_grant_list *ret,
	struct ad_err *err);
/* Who has an app, longest first. At most limit. */
AD_MUST int ad_store_grants_of_app(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t app_id, int limit, struct ad_grant_list *ret, struct ad_err *err);
/* How many have it: its seats that are taken. */
AD_MUST int ad_store_grants_count(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t app_id, int64_t *ret, struct ad_err *err);

struct ad_grant_end {
	int64_t id;
	enum ad_grant_state state;
	const char *by;     /* object id or "system" */
	const char *reason; /* "" */
};
/* *ret_changed false: it had ended before. */
AD_MUST int ad_store_grant_end(struct ad_db *db, struct ad_arena *arena,
	const struct ad_grant_end *end, bool *ret_changed, struct ad_err *err);
/* The notice of its end that was sent last (ad_grant_clock.warned_days). */
AD_MUST int ad_store_grant_warned(
	struct ad_db *db, struct ad_arena *arena, int64_t id, int days, struct ad_err *err);
/* More time from its present end on; notices begin anew. *ret_changed false: it has ended, or is
 * for good. */
AD_MUST int ad_store_grant_extend(struct ad_db *db, struct ad_arena *arena, int64_t id, int days,
	bool *ret_changed, struct ad_err *err);
/* An end at most so many days from now on; notices begin anew. *ret_changed false: it has ended. */
AD_MUST int ad_store_grant_limit(struct ad_db *db, struct ad_arena *arena, int64_t id, int days,
	bool *ret_changed, struct ad_err *err);
/* The person's next active grant after that id, of those that somebody gave them. AD_ENOTFOUND. */
AD_MUST int ad_store_grant_given(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, int64_t after, struct ad_grant *ret, struct ad_err *err);
/* The membership is gone, or stands for another reason. */
AD_MUST int ad_store_grant_removed(
	struct ad_db *db, struct ad_arena *arena, int64_t id, struct ad_err *err);

/* Why the person is to be in the grant's group whatever became of this grant. */
struct ad_grant_reasons {
	bool other_grant; /* an active one, this one included */
	bool on_its_way;  /* an approved request */
};
AD_MUST int ad_store_grant_reasons(struct ad_db *db, struct ad_arena *arena, int64_t id,
	struct ad_grant_reasons *ret, struct ad_err *err);

/* A request that failed because no seat was free, of a person who has not asked again since. */
struct ad_seat_wait {
	int64_t request_id;
	const char *oid;
};
/* By request number, at most limit; reason: what such requests say. */
AD_MUST int ad_store_seat_queue(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t app_id, const char *reason, int limit, struct ad_seat_wait **ret, size_t *ret_count,
	struct ad_err *err);

#endif

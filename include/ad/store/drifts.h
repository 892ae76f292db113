/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members of an app's group that no grant explains, and grants whose member is gone (table drifts).
 * On the caller's connection, in its transaction when one is open; results live in the arena. A
 * worker thread of its own connection.
 */
#ifndef AD_STORE_DRIFTS_H
#define AD_STORE_DRIFTS_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_db;

struct ad_drift {
	int64_t id;
	const char *oid;
	const char *name;
	const char *group_id; /* of ad_store_drift_removals alone */
};
struct ad_drift_list {
	const struct ad_drift *items;
	size_t count;
};

/* An app whose group was not looked at for age_s seconds; *ret_app 0: none. */
AD_MUST int ad_store_drift_next(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int age_s, int64_t *ret_app, const char **ret_group, struct ad_err *err);

/* An app's group as the directory has it. */
struct ad_drift_group {
	const char *tenant_id;
	int64_t app_id;
	const char *group_id;
	const char *const *oids;
	const char *const *names; /* as many */
	size_t count;
};

/* Object ids of people with an active grant who are not in the group; young grants are left out. */
AD_MUST int ad_store_drift_missing(struct ad_db *db, struct ad_arena *arena,
	const struct ad_drift_group *group, const char *const **ret, size_t *ret_count,
	struct ad_err *err);
/* Writes down whom no grant explains, drops what is explained by now, and when it was looked at.
 * *ret_found: how many are new. */
AD_MUST int ad_store_drift_note(struct ad_db *db, struct ad_arena *arena,
	const struct ad_drift_group *group, size_t *ret_found, struct ad_err *err);

/* Open findings of an app up to a number (0: all), by name. */
AD_MUST int ad_store_drift_open(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t app_id, int64_t up_to, struct ad_drift_list *ret, struct ad_err *err);

struct ad_drift_app {
	int64_t app_id;
	const char *name;
	int64_t count;
	int64_t up_to; /* highest number */
};
/* Apps with open findings, by name, at most limit. */
AD_MUST int ad_store_drift_apps(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	size_t limit, struct ad_drift_app **ret, size_t *ret_count, struct ad_err *err);

struct ad_drift_decision {
	const char *tenant_id;
	int64_t app_id;
	int64_t up_to;
	const char *state; /* "adopted", "removed", "ignored" */
	const char *by;    /* object id */
	int days;          /* of ignored */
};
/* Decides the open ones; *ret are those. */
AD_MUST int ad_store_drift_decide(struct ad_db *db, struct ad_arena *arena,
	const struct ad_drift_decision *decision, struct ad_drift_list *ret, struct ad_err *err);
/* A delivered request of the person for the app, from which a grant can begin; 0: the person is not
 * known. */
AD_MUST int ad_store_drift_adopt(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, int64_t app_id, const char *justification, int64_t *ret_request,
	struct ad_err *err);

/* Memberships that are to go; and that they are gone. */
AD_MUST int ad_store_drift_removals(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	struct ad_drift_list *ret, struct ad_err *err);
AD_MUST int ad_store_drift_removed(struct ad_db *db, struct ad_arena *arena, const int64_t *ids,
	size_t count, struct ad_err *err);

#endif

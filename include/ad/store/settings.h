/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings of a tenant: AdminGroupId, ApproverGroupId, UserAccessGroupId, AuditorGroupId, and so
 * on. The store knows no key by name. Runs on the caller's connection, in its transaction when one
 * is open; results live in the arena. A worker thread of its own connection.
 */
#ifndef AD_STORE_SETTINGS_H
#define AD_STORE_SETTINGS_H

#include "ad/arena.h"
#include "ad/err.h"
#include "ad/store/later.h"

#include <stddef.h>

struct ad_db;

struct ad_setting {
	const char *key;
	const char *value;
	const char *changed_by; /* object id, or 'cli' */
	const char *changed_at; /* RFC 3339, UTC */
	const char *expires_at; /* read only: until when it counts; NULL: for good */
	int days;               /* written only: how long it counts; 0: for good */
};

struct ad_setting_list {
	const struct ad_setting *items;
	size_t count;
};

/* "" when it was never set, or its time is over. */
AD_MUST int ad_store_setting_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *key, const char **ret_value, struct ad_err *err);

/* All that were ever set, by key. */
AD_MUST int ad_store_settings_list(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	struct ad_setting_list *ret, struct ad_err *err);

/* The same, read with the next statement. */
AD_MUST int ad_store_settings_later(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	struct ad_store_later *later, struct ad_err *err);
void ad_store_settings_came(
	struct ad_arena *arena, const struct ad_store_later *later, struct ad_setting_list *ret);

/* Sets key to value in the open transaction, and tells what it was before ("" when never set), for
 * the audit row that the caller writes. changed_at of setting is not looked at. */
AD_MUST int ad_store_setting_set(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_setting *setting, const char **ret_before, struct ad_err *err);

#endif

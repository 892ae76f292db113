/* SPDX-License-Identifier: Apache-2.0 */
/* What people wish to be told, and news that waits until they do. On the caller's connection and
 * transaction; one thread per connection. */
#ifndef AD_STORE_PREFERENCES_H
#define AD_STORE_PREFERENCES_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_db;

struct ad_preferences {
	const char *tenant_id;
	const char *oid;
	bool daily;              /* news come once a day */
	bool muted;              /* news do not come at all */
	const char *quiet_from;  /* "20:00" by the person's clock; "": no quiet hours */
	const char *quiet_until; /* "07:00" */
	const char *time_zone;   /* an IANA name */
	const char *language;    /* "de"; "": the one of their Teams */
	int64_t due_s;           /* read only: until news may be told; 0: now */
	int64_t digest_s;        /* read only: until the next daily digest, wished or not */
};

/* The defaults when nothing was ever wished. who: tenant_id and oid. */
AD_MUST int ad_store_preferences_get(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, const char *oid, struct ad_preferences *ret, struct ad_err *err);

/* What waits is told when the new wish says. AD_EINVAL of the database for no time. */
AD_MUST int ad_store_preferences_put(struct ad_db *db, struct ad_arena *arena,
	const struct ad_preferences *preferences, struct ad_err *err);

/* The IANA name that is meant, whatever its case. AD_ENOTFOUND. Takes some tens of milliseconds. */
AD_MUST int ad_store_preferences_zone(struct ad_db *db, struct ad_arena *arena, const char *name,
	const char **ret, struct ad_err *err);

/* News for a person who has preferences: waits, and a job of kind AD_JOB_NEWS will tell it.
 * Nothing happens when the person was told this fact before. */
struct ad_news {
	const char *fact;
	const char *text;
	const char *held_at; /* read only: RFC 3339, UTC */
};
AD_MUST int ad_store_news_hold(struct ad_db *db, struct ad_arena *arena,
	const struct ad_preferences *whose, const struct ad_news *news, struct ad_err *err);

/* All that waits for the person, oldest first; it counts as told from now on. */
AD_MUST int ad_store_news_take(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, struct ad_news **ret, size_t *ret_count, struct ad_err *err);

#endif

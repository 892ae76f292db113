/* SPDX-License-Identifier: Apache-2.0 */
/*
 * People, as activities and the directory tell of them. Runs on the caller's connection, in its
 * transaction when one is open; results live in the arena. A worker thread of its own connection.
 */
#ifndef AD_STORE_USERS_H
#define AD_STORE_USERS_H

#include "ad/arena.h"
#include "ad/err.h"
#include "ad/store/later.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_db;

/* NULL text is stored as "". */
struct ad_user {
	const char *tenant_id;
	const char *oid;
	const char *name; /* for display, never for a decision */
	const char *mail;
	const char *upn;
	const char *locale;     /* "de-DE" */
	const char *time_zone;  /* "Europe/Berlin", as the client says it; not written by synced */
	const char *state;      /* "active", "disabled", "deleted" */
	const char *department; /* read only; "" not known */
	const char *job_title;  /* read only; "" not known */
	bool guest;             /* read only */
	const char *seen_at;    /* RFC 3339, UTC; set by ad_store_user_get alone */
	const char *synced_at;  /* the same, NULL: the directory has not been asked yet */
};

/*
 * This person was just heard of in an activity: makes the row, or takes name, locale and time zone
 * over where they are not empty. Mail, upn and state of the argument are not looked at. Cheap when
 * nothing has changed. In a transaction; it leaves with the next statement.
 */
AD_MUST int ad_store_user_seen(
	struct ad_db *db, struct ad_arena *arena, const struct ad_user *user, struct ad_err *err);

/* What a person does is done one thing after the other: another transaction that holds them waits
 * until this one ends. Who was never heard of is held by ad_store_user_seen. In a transaction; it
 * leaves with the next statement. */
AD_MUST int ad_store_user_hold(
	struct ad_db *db, struct ad_arena *arena, const struct ad_user *user, struct ad_err *err);

/* How this person reads (ad/cards.h), by their own choice, else as the activity says, else as they
 * were last heard of. user: tenant_id, oid, locale and time_zone of the activity. */
AD_MUST int ad_store_user_locale(struct ad_db *db, struct ad_arena *arena,
	const struct ad_user *user, const char **ret, struct ad_err *err);
/* The same, read with the next statement. */
AD_MUST int ad_store_user_locale_later(struct ad_db *db, struct ad_arena *arena,
	const struct ad_user *user, struct ad_store_later *later, struct ad_err *err);
const char *ad_store_user_locale_came(const struct ad_store_later *later);
/* With it: how many messages in a row were not understood, as ad_store_user_unclear has left it. */
int64_t ad_store_user_unclear_came(const struct ad_store_later *later);

/* One more message of this person that was not understood; *ret counts those in a row, the last
 * day's alone. */
AD_MUST int ad_store_user_unclear(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, int64_t *ret, struct ad_err *err);
/* One was: the row of them is over. */
AD_MUST int ad_store_user_clear(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, struct ad_err *err);

/*
 * The directory's answer: makes the row, or overwrites name, mail, upn and state ("active" when
 * NULL) and sets synced_at. The locale is kept. Not in a transaction: the commit does not wait for
 * the disk, because it can be asked again.
 */
AD_MUST int ad_store_user_synced(
	struct ad_db *db, struct ad_arena *arena, const struct ad_user *user, struct ad_err *err);

/* AD_ENOTFOUND when this person was never heard of. */
AD_MUST int ad_store_user_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, struct ad_user *ret, struct ad_err *err);

/* The same, read with the next statement: tenant_id and oid are not set. False: never heard of. */
AD_MUST int ad_store_user_later(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, struct ad_store_later *later, struct ad_err *err);
bool ad_store_user_came(const struct ad_store_later *later, struct ad_user *ret);

/* Makes the row with name and mail when there is none. */
AD_MUST int ad_store_user_known(
	struct ad_db *db, struct ad_arena *arena, const struct ad_user *user, struct ad_err *err);

/* Active people whose whole name, mail address or user principal name is the text (lower case);
 * where there is none, those whose first name it is. By name, at most limit. Only oid, name, mail
 * and upn are set. */
AD_MUST int ad_store_users_find(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *text, size_t limit, struct ad_user **ret, size_t *ret_count,
	struct ad_err *err);

/* Whose manager this person is, as far as the directory has told, by name; oid, name, mail, upn. */
AD_MUST int ad_store_users_reports(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, size_t limit, struct ad_user **ret, size_t *ret_count, struct ad_err *err);

/* The day by the person's own clock (their client's, else the one of their preferences, else UTC):
 * days since 1970-01-01. */
AD_MUST int ad_store_user_today(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, int64_t *ret, struct ad_err *err);

#endif

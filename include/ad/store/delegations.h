/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delegations: who decides in whose place, until when. Time decides whether one counts. On the
 * caller's connection and transaction; results live in the arena. A worker thread of its own
 * connection.
 */
#ifndef AD_STORE_DELEGATIONS_H
#define AD_STORE_DELEGATIONS_H

#include "ad/arena.h"
#include "ad/domain/stage.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_db;

struct ad_delegations {
	const struct ad_delegation *items;
	size_t count;
};

/* Those that count now and begin at one of the people, or at the end of another one of them, as
 * deep as ad_delegate_of looks. Of several of one person the newest. */
AD_MUST int ad_store_delegations_from(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, const char *const *oids, size_t count, struct ad_delegations *ret,
	struct ad_err *err);

/* ---- as people make and end them ---- */

#define AD_DELEGATION_DAYS_MAX 90

struct ad_delegation_row {
	int64_t id;
	const char *from_oid;
	const char *from_name;
	const char *to_oid;
	const char *to_name;
	const char *starts_at; /* RFC 3339, UTC */
	const char *ends_at;   /* the same: the last second of its last day */
	int64_t left_s;        /* until then; 0 or less: it is over */
	bool ended;            /* taken back before */
};

struct ad_delegation_rows {
	const struct ad_delegation_row *items;
	size_t count;
};

/* From now until the end of the day (days since 1970-01-01) by the giver's clock, in place of what
 * the giver had. */
AD_MUST int ad_store_delegation_put(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_delegation *delegation, int64_t until_day, int64_t *ret_id,
	struct ad_err *err);
/* Takes back what the person has given; *ret->id is 0 when that was nothing. */
AD_MUST int ad_store_delegation_end(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *from_oid, struct ad_delegation_row *ret, struct ad_err *err);
/* AD_ENOTFOUND. */
AD_MUST int ad_store_delegation_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_delegation_row *ret, struct ad_err *err);
/* Those that count now, given by the person first, then those given to them, by name. */
AD_MUST int ad_store_delegations_of(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, struct ad_delegation_rows *ret, struct ad_err *err);

/* ---- what is open ---- */

/* A request whose open stage has asked somebody and not heard them yet. */
struct ad_open_seat {
	int64_t request_id;
	int ordinal;
	int level;
};
struct ad_open_seats {
	const struct ad_open_seat *items;
	size_t count;
};
/* Where the person holds a seat of their own, or (for_oid not NULL) sits there for somebody; by
 * number. */
AD_MUST int ad_store_open_seats(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, const char *for_oid, struct ad_open_seats *ret, struct ad_err *err);

#endif

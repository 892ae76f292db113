/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What whoever decides about a request wants to know besides what it says itself. On the caller's
 * connection and transaction; results live in the arena. A worker thread of its own connection.
 */
#ifndef AD_STORE_BACKGROUND_H
#define AD_STORE_BACKGROUND_H

#include "ad/arena.h"
#include "ad/err.h"
#include "ad/store/later.h"

#include <stddef.h>
#include <stdint.h>

struct ad_db;

struct ad_background_names {
	const char *const *items;
	size_t count;
};

/* Instants are RFC 3339, UTC. */
struct ad_background {
	int64_t had;                     /* how often its person had the app, and has not now */
	const char *had_until;           /* the last end of it; "" without one */
	const char *before_state;        /* how their last request that brought nothing ended; "" */
	const char *before_at;           /* when; "" */
	size_t barred;                   /* how many apps may not stand beside this one */
	struct ad_background_names held; /* those of them that the person has or will get */
	struct ad_background_names again; /* who is asked and has decided an earlier stage */
	const char *looked_at; /* when held and again were true; "" with nothing to say */
};

/* Of a request, with the next statement; what it brought is read by _came. */
AD_MUST int ad_store_background_later(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	struct ad_store_later *later, struct ad_err *err);
void ad_store_background_came(
	struct ad_arena *arena, const struct ad_store_later *later, struct ad_background *ret);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What the rows say about how the counter is. Looks among what is open, whatever the history.
 * Inside the caller's transaction if one is open. A worker thread of its own connection. */
#ifndef AD_STORE_DOCTOR_H
#define AD_STORE_DOCTOR_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdint.h>

struct ad_db;

/* Times are RFC 3339, UTC; "" and an age of -1 where there is none. */
struct ad_checkup {
	int64_t schema;            /* number of the last migration */
	const char *synced_at;     /* when the directory last told its news */
	int64_t synced_age_s;      /* since then */
	int64_t waiting;           /* notices that wait for more than AD_CHECKUP_SLOW_S, at most
				    * AD_CHECKUP_MAX */
	const char *waiting_since; /* the oldest of these */
	int64_t waiting_age_s;
	int64_t stuck;         /* jobs that have failed or wait for another try */
	const char *due_since; /* the job that is due longest, when for more than that */
	int64_t due_age_s;
	const char *index_version; /* the newest index of the WinGet source that was accepted */
	const char *index_at;      /* when that was */
	int64_t index_age_s;
};
#define AD_CHECKUP_SLOW_S 120
#define AD_CHECKUP_MAX 1000

AD_MUST int ad_store_checkup(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *index_url, struct ad_checkup *ret, struct ad_err *err);

#endif

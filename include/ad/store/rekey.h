/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changing the key: what older keys have sealed is sealed again with the first one, a small batch
 * at a time, while everybody works. References, mails that wait, keys of packages that are not
 * done. Several nodes may do it at once.
 */
#ifndef AD_STORE_REKEY_H
#define AD_STORE_REKEY_H

#include "ad/store/seal.h"

#include <stdbool.h>

struct ad_db;

struct ad_rekey_left {
	int64_t old;     /* rows of our older keys */
	int64_t unknown; /* rows that none of our keys opens */
};

/* Reads all rows that are sealed. */
AD_MUST int ad_store_rekey_count(struct ad_db *db, struct ad_arena *arena,
	const struct ad_store_conv_key *key, struct ad_rekey_left *ret, struct ad_err *err);

/* How far a pass through all rows has come. All zeros at its beginning. */
struct ad_rekey_pass {
	int kind;
	struct ad_arena *place; /* of the three below; NULL: at the kind's beginning */
	const char *after[3];
	int64_t after_id;
	int64_t sealed; /* rows that were sealed again */
	int64_t broken; /* rows that do not open with the key that they name: left as they are */
	bool over;
};

/* One batch of at most limit rows, in a transaction of its own; sets pass->over behind the last
 * one. On an error the pass stays where it was. Not inside a transaction. */
AD_MUST int ad_store_rekey_step(struct ad_db *db, const struct ad_store_conv_key *key, int limit,
	struct ad_rekey_pass *pass, struct ad_err *err);
void ad_store_rekey_pass_release(struct ad_rekey_pass *pass);

#endif

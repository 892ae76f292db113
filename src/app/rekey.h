/* SPDX-License-Identifier: Apache-2.0 */
/* The keys that seal what rests in the database, and the thread that seals again what older ones
 * have sealed. Private to app. */
#ifndef AD_APP_REKEY_H
#define AD_APP_REKEY_H

#include "ad/config.h"
#include "ad/db.h"
#include "ad/store/rekey.h"

#include <pthread.h>
#include <stdatomic.h>

/* From security.reference_key and security.reference_keys_old; texts and older keys in the arena.
 */
AD_MUST int ad_rekey_keys(struct ad_arena *arena, const struct ad_config *config,
	struct ad_store_conv_key *ret, struct ad_err *err);

struct ad_rekey {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake; /* with lock: stopping has changed */
	bool stopping;       /* under lock */
	bool running;
	struct ad_db_url *database;
	const struct ad_store_conv_key *key;
	_Atomic bool counted; /* the two below are known */
	_Atomic int64_t old;
	_Atomic int64_t unknown;
	int64_t unknown_told; /* as it was logged; of the thread alone */
	int64_t broken_told;
	bool done_told;
};

/* The key must outlive the thread. */
AD_MUST int ad_rekey_start(struct ad_rekey *rekey, struct ad_db_url *database,
	const struct ad_store_conv_key *key, struct ad_err *err);
void ad_rekey_stop(struct ad_rekey *rekey);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps one fetched thing fresh: a thread of its own fetches it in time, again with back-off after
 * a failure, and at once when somebody asks. However many ask at a time, there is one fetch
 * (single flight). Used for the keys of the issuer and for our own access tokens.
 */
#ifndef AD_IDENTITY_REFRESHER_H
#define AD_IDENTITY_REFRESHER_H

#include "ad/err.h"
#include "ad/net.h"

#include <stdbool.h>
#include <stdint.h>

#define AD_REFRESH_BACKOFF_MS 1000 /* after the first failure; then twice as long each time */
#define AD_REFRESH_BACKOFF_MAX_MS 60000

struct ad_refresher;

struct ad_refresher_config {
	const char *thread_name;
	/* One fetch, on the refresher's thread and without its lock; publishes what it got by
	 * itself. ret_next_ms: when to fetch again without being asked. */
	int (*fetch)(
		void *ctx, struct ad_net_client *client, int64_t *ret_next_ms, struct ad_err *err);
	void *ctx;
	int64_t gap_ms; /* a fetch that is asked for starts no sooner after the last good one */
	bool patient;   /* who asks within the gap waits for its end, instead of AD_EBUSY */
	bool at_once;   /* the first fetch waits for nobody to ask */
};

AD_MUST int ad_refresher_new(
	const struct ad_refresher_config *config, struct ad_refresher **ret, struct ad_err *err);
/* Waits for a fetch that is under way. Nobody may be inside ad_refresher_ask. NULL is allowed. */
void ad_refresher_free(struct ad_refresher *refresher);

/* Asks for a fetch and waits up to wait_ms until one has ended that was under way or began since.
 * Its result; AD_ETIMEOUT when it takes longer. When none may begin yet: at once the last failure,
 * or AD_EBUSY when the last one was good. */
AD_MUST int ad_refresher_ask(struct ad_refresher *refresher, int wait_ms, struct ad_err *err);

/* For a fetch that waits before another try: false when the refresher has to end. On its thread. */
bool ad_refresher_pause(struct ad_refresher *refresher, int64_t ms);

/* Number of fetches begun, and the error of the last one (code 0 when it was good). */
unsigned ad_refresher_status(struct ad_refresher *refresher, struct ad_err *ret_last);

#endif

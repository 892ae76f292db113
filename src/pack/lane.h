/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A second thread for one stream: pieces that the caller fills are worked off there, in their
 * order, while the caller makes the next ones. Few pieces exist, so memory stays small and neither
 * side runs away from the other.
 */
#ifndef AD_PACK_LANE_H
#define AD_PACK_LANE_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stddef.h>
#include <stdint.h>

/* Works one piece off, on the lane's thread. After a failure it is not called again. */
typedef int (*ad_lane_work)(void *ctx, const uint8_t *data, size_t len, struct ad_err *err);

struct ad_lane;

struct ad_lane_piece {
	uint8_t *room; /* of piece_max bytes */
	size_t len;    /* how many of them the caller has filled */
};

/* Starts the thread; ctx is the thread's until ad_lane_end. AD_EUNAVAIL. */
AD_MUST int ad_lane_start(
	size_t piece_max, ad_lane_work work, void *ctx, struct ad_lane **ret, struct ad_err *err);

/* Waits for an empty piece; NULL once the work has failed. */
struct ad_lane_piece *ad_lane_next(struct ad_lane *lane);

/* Gives a piece away that ad_lane_next gave. */
void ad_lane_send(struct ad_lane *lane, struct ad_lane_piece *piece);

/* Waits until all that was sent is worked off and frees the lane. The work's failure; 0 for NULL.
 */
AD_MUST int ad_lane_end(struct ad_lane *lane, struct ad_err *err);

#endif

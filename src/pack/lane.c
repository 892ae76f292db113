/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces go round: from the empty ones to the caller, to the full ones, to the thread, and back. */
#include "lane.h"

#include "ad/work.h"

#include <stdatomic.h>
#include <stdlib.h>

#define PIECES 4u

struct ad_lane {
	struct ad_queue *empty;
	struct ad_queue *full;
	struct ad_lane_piece pieces[PIECES];
	pthread_t thread;
	ad_lane_work work;
	void *ctx;
	atomic_bool failed;
	/* The thread's, until it was joined. */
	int rc;
	struct ad_err err;
};

/* Each queue has room for all pieces. */
static void put(struct ad_queue *queue, struct ad_lane_piece *piece)
{
	AD_ASSERT(ad_queue_push(queue, piece) == 0);
}

static void *run(void *arg)
{
	struct ad_lane *lane = arg;
	void *item;
	while (ad_queue_pop(lane->full, &item)) {
		struct ad_lane_piece *piece = item;
		if (lane->rc == 0)
			lane->rc = lane->work(lane->ctx, piece->room, piece->len, &lane->err);
		if (lane->rc < 0)
			atomic_store(&lane->failed, true);
		put(lane->empty, piece);
	}
	return NULL;
}

static void lane_free(struct ad_lane *lane)
{
	void *item;
	while (ad_queue_try_pop(lane->empty, &item)) {
	}
	ad_queue_free(lane->empty);
	ad_queue_free(lane->full);
	for (size_t i = 0; i < PIECES; i++)
		free(lane->pieces[i].room);
	free(lane);
}

int ad_lane_start(
	size_t piece_max, ad_lane_work work, void *ctx, struct ad_lane **ret, struct ad_err *err)
{
	struct ad_lane *lane = ad_xalloc(sizeof(*lane));
	lane->empty = ad_queue_new(PIECES);
	lane->full = ad_queue_new(PIECES);
	lane->work = work;
	lane->ctx = ctx;
	for (size_t i = 0; i < PIECES; i++) {
		lane->pieces[i].room = ad_xalloc(piece_max);
		put(lane->empty, &lane->pieces[i]);
	}
	int r = ad_thread_start(&lane->thread, "pack", run, lane, err);
	if (r < 0)
		lane_free(lane);
	else
		*ret = lane;
	return r;
}

struct ad_lane_piece *ad_lane_next(struct ad_lane *lane)
{
	void *item;
	AD_ASSERT(ad_queue_pop(lane->empty, &item));
	if (!atomic_load(&lane->failed))
		return item;
	put(lane->empty, item);
	return NULL;
}

void ad_lane_send(struct ad_lane *lane, struct ad_lane_piece *piece)
{
	put(lane->full, piece);
}

int ad_lane_end(struct ad_lane *lane, struct ad_err *err)
{
	if (!lane)
		return 0;
	ad_queue_close(lane->full);
	AD_ASSERT(pthread_join(lane->thread, NULL) == 0);
	int rc = lane->rc;
	if (rc < 0 && err)
		*err = lane->err;
	lane_free(lane);
	return rc;
}

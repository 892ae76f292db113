/* SPDX-License-Identifier: Apache-2.0 */
/* Faults on order: which calls go wrong, and how. */
#ifndef DT_FAULTS_H
#define DT_FAULTS_H

#include "http.h"

enum dt_cut { DT_CUT_NO, DT_CUT_BEFORE, DT_CUT_BODY };

/* A place in an answer's body; negative: from its end. */
struct dt_offset {
	bool given;
	int64_t at;
};

/* What happens to one call; lives in its request's arena. */
struct dt_fault_plan {
	int status; /* 0: the handler's own */
	int retry_after_s;
	int64_t delay_ms;
	bool hang;
	bool after; /* carry it out first, then spoil the answer */
	enum dt_cut cut;
	struct dt_offset cut_at; /* with DT_CUT_BODY; not given: the middle */
	struct dt_offset flip;   /* one bit of that byte */
	struct dt_offset stall;  /* nothing more from there on */
	int64_t rate;            /* bytes a second; 0: as fast as it goes */
	const struct ad_json *body;
};

struct dt_faults *dt_faults_new(struct event_base *loop);
/* Ends as dt_faults_clear does. */
void dt_faults_free(struct dt_faults *faults);

/* Adds one described as in the guide; AD_EINVAL with a sentence. */
AD_MUST int dt_faults_add(
	struct dt_faults *faults, const struct ad_json *fault, struct ad_err *err);
/* Forgets all, closes the connections that hang, and carries out at once what was delayed. */
void dt_faults_clear(struct dt_faults *faults);
struct ad_json *dt_faults_list(const struct dt_faults *faults, struct ad_arena *arena);

/* The plan for this call, or NULL; counts the hit. */
const struct dt_fault_plan *dt_faults_take(struct dt_faults *faults, struct dt_request *req);
/* Keeps a request that is never answered. */
void dt_faults_hang(struct dt_faults *faults, struct dt_request *req);
/* Calls resume(req) after the delay. */
void dt_faults_delay(struct dt_faults *faults, struct dt_request *req, int64_t delay_ms,
	void (*resume)(struct dt_request *req));

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that wait until somebody is shown something. */
#ifndef DT_WAITERS_H
#define DT_WAITERS_H

#include "http.h"

struct dt_waiters *dt_waiters_new(void);
/* Answers all of them that nothing came. */
void dt_waiters_free(struct dt_waiters *waiters);

struct dt_wait {
	const struct ad_json *person; /* in the request's arena, as words */
	const char *words;            /* NULL: anything from the bot */
	int64_t after;
	bool only_new; /* a change of what was there is not waited for */
};

/* Answers at once when it is shown already, else when it comes or when the time is over. */
void dt_waiters_add(struct dt_request *req, const struct dt_wait *what, int64_t timeout_ms);

/* A message changed: answers those that waited for it. */
void dt_waiters_wake(struct dt_tenant *tenant, const struct dt_doc *message);

#endif

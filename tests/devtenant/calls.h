/* SPDX-License-Identifier: Apache-2.0 */
/* The log of all calls that AppDesk made, and of what it did against the rules of the wire. */
#ifndef DT_CALLS_H
#define DT_CALLS_H

#include "http.h"

struct dt_calls *dt_calls_new(void);
void dt_calls_free(struct dt_calls *calls);
void dt_calls_clear(struct dt_calls *calls);

/* Status 0: no answer was given. */
void dt_calls_add(struct dt_calls *calls, const struct dt_request *req, int status);
/* Filtered by the request's query as in the guide. */
struct ad_json *dt_calls_list(const struct dt_calls *calls, const struct dt_request *req);

/* Something the real service would break on or hide. */
void dt_complain(struct dt_tenant *tenant, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
struct ad_json *dt_complaints(const struct dt_calls *calls, struct ad_arena *arena);

#endif

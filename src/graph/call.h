/* SPDX-License-Identifier: Apache-2.0 */
/* One request to Graph with its token, its repetitions and its errors; lists over pages; polling.
 */
#ifndef AD_GRAPH_CALL_H
#define AD_GRAPH_CALL_H

#include "ad/graph.h"

#define AD_GRAPH_INTUNE_MS 30000 /* Intune takes its time */

struct ad_graph_call {
	const char *what;           /* for errors: "create group" */
	const char *method;         /* NULL: GET */
	const char *path;           /* "/v1.0/..." below the base URL, or a whole nextLink */
	const struct ad_json *body; /* NULL: none */
	bool idempotent;            /* this POST does no harm when it is done twice */
	int total_ms;               /* 0: the client's own */
};

/* Sends; ret (may be NULL) is the answer's object, or NULL when there is no body. */
AD_MUST int ad_graph_send(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_graph_call *call, struct ad_json **ret, struct ad_err *err);

/* Calls each for every item of "value", over all pages, until it returns false. */
AD_MUST int ad_graph_each(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_graph_call *call, bool (*each)(void *ctx, const struct ad_json *item),
	void *ctx, struct ad_err *err);

/* A token goes along with every call, so an address that an answer or a row names has to be below
 * the base URL: AD_EINVAL without a status. */
AD_MUST int ad_graph_same_host(
	const struct ad_graph *graph, const char *url, const char *what, struct ad_err *err);

/* Waits; AD_EBUSY when the work is to end. 0 ms only asks. */
AD_MUST int ad_graph_wait(const struct ad_graph *graph, int64_t ms, struct ad_err *err);

/* Waits between two polls: a little longer each time. AD_ETIMEOUT after AD_GRAPH_POLL_MAX_MS. */
struct ad_graph_poll {
	int64_t delay_ms;
	int64_t waited_ms;
};
AD_MUST int ad_graph_poll_wait(const struct ad_graph *graph, struct ad_graph_poll *poll,
	const char *what, struct ad_err *err);

/* "name eq 'it''s'" needs its quotes doubled; then the whole filter is percent-encoded. */
char *ad_graph_quote(struct ad_arena *arena, const char *text);

/* "" for NULL. */
const char *ad_graph_str(const struct ad_json *object, const char *path);

#endif

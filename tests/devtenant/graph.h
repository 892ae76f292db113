/* SPDX-License-Identifier: Apache-2.0 */
/* What all Graph collections share: $select, $filter, pages, and bodies. */
#ifndef DT_GRAPH_H
#define DT_GRAPH_H

#include "http.h"

/* The object with only the members of $select, or of otherwise ("a,b,c") when there is none;
 * annotations ("@odata...") stay. otherwise NULL: everything. */
struct ad_json *dt_graph_select(
	struct dt_request *req, const struct ad_json *object, const char *otherwise);

/* Whether the object passes $filter: eq, contains(), startsWith(), isof(), joined by "and".
 * AD_EINVAL for anything else. */
AD_MUST int dt_graph_filter(
	struct dt_request *req, const struct ad_json *object, bool *ret_passes, struct ad_err *err);

/* Answers 200 with {"@odata.context","value":[a page]} of what passes $filter; 400 for a bad one.
 * page_size: without $top. */
void dt_graph_reply_list(struct dt_request *req, const struct ad_json *all,
	const char *otherwise_select, int64_t page_size);

/* Answers with one object, selected. */
void dt_graph_reply(struct dt_request *req, int status, const struct ad_json *object,
	const char *otherwise_select);

/* The body of a call; NULL after a 400: no JSON, or "@odata.type" behind other members. */
struct ad_json *dt_graph_body(struct dt_request *req);

/* The person of "users/{id}", the second argument, or NULL after a 404. In directory.c. */
struct ad_json *dt_graph_user(struct dt_request *req);

void dt_graph_not_found(struct dt_request *req, const char *id);
void dt_graph_bad(struct dt_request *req, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

bool dt_graph_is_beta(const struct dt_request *req);

#endif

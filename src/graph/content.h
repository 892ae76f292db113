/* SPDX-License-Identifier: Apache-2.0 */
/* State of a content file, and the storage address that comes with it. */
#ifndef AD_GRAPH_CONTENT_PRIVATE_H
#define AD_GRAPH_CONTENT_PRIVATE_H

#include "ad/graph/content.h"

/* Where blocks go. The URL is a secret. */
struct ad_graph_address {
	const char *url;
	int64_t expires_at; /* Unix seconds; 0: unknown */
	int64_t mono_ms;    /* when we got it */
};

/* Path of the file, and what follows. */
const char *ad_graph_file_path(
	struct ad_arena *arena, const struct ad_graph_content *content, const char *rest);

/* The present address as soon as there is one; with renew a new one is asked for first. */
AD_MUST int ad_graph_address_get(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_graph_content *content, bool renew, struct ad_graph_address *ret,
	struct ad_err *err);

#endif

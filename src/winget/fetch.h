/* SPDX-License-Identifier: Apache-2.0 */
/* Small files of the CDN, whole in memory. */
#ifndef AD_SRC_WINGET_FETCH_H
#define AD_SRC_WINGET_FETCH_H

#include "ad/winget.h"

struct ad_winget_fetch {
	const char *url;
	const char *what; /* for messages: "manifest" */
	const char *etag; /* or NULL: only if it has another one */
	size_t max;
};

struct ad_winget_fetched {
	bool unchanged; /* the ETag was still right; nothing else is set */
	struct ad_bytes bytes;
	const char *etag; /* or NULL */
};

/* AD_EUPSTREAM when the CDN does not have it, else as ad_net_send and ad_net_check. */
AD_MUST int ad_winget_fetch(struct ad_arena *arena, const struct ad_winget_options *options,
	const struct ad_winget_fetch *fetch, struct ad_winget_fetched *ret, struct ad_err *err);

/* Compares the SHA-256 of bytes with expected (lower-case hex). AD_EINTEGRITY, with the words that
 * people search for. */
AD_MUST int ad_winget_compare(struct ad_bytes bytes, const char *expected, const char *id,
	const char *what, struct ad_err *err);

#endif

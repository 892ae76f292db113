/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses as JavaScript's URL takes them apart (url.spec.whatwg.org). Private to cards. */
#ifndef AD_CARDS_URI_H
#define AD_CARDS_URI_H

#include "ad/arena.h"

#include <stdbool.h>

struct ad_uri {
	const char *scheme; /* lower case, without its colon */
	const char *host;   /* in ASCII; "" when there is none */
	const char *path;   /* escaped; without "." and ".." unless it is opaque */
	const char *query;  /* escaped, with its "?"; "" when there is none */
	double port;        /* NAN: none, or the scheme's own */
};

/* An absolute address; false: it is none. Everything lives in the arena. */
bool ad_uri_parse(struct ad_arena *arena, const char *text, struct ad_uri *ret);

/* The host of an address with one of the schemes that the standard knows ("https"): escapes are
 * undone, names go through IDNA, numbers become IPv4 addresses. NULL: that is no host. */
const char *ad_uri_host(struct ad_arena *arena, const char *text);
/* The host of any other address. */
const char *ad_uri_opaque_host(struct ad_arena *arena, const char *text);

/* A copy with the bytes of set, control characters and all beyond ASCII as %XX. */
const char *ad_uri_escape(struct ad_arena *arena, const char *text, const char *set);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Merged manifests, as the CDN serves them: keys in order, long lines folded, CRLF. */
#ifndef DT_WORLD_MANIFEST_H
#define DT_WORLD_MANIFEST_H

#include "catalog.h"
#include "der.h"

/* An installer as it is offered: where, and the SHA-256 of its bytes in hex. */
struct dt_offer {
	const struct dt_installer *installer;
	const char *url;
	const char *sha256;
};

struct dt_manifest {
	const struct dt_package *package;
	const char *version, *release_date;
	const struct dt_offer *offers;
	size_t offer_count;
	const char *icon_url, *icon_sha256;
};

struct ad_bytes dt_manifest_write(struct ad_arena *arena, const struct dt_manifest *manifest);

#endif

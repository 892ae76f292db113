/* SPDX-License-Identifier: Apache-2.0 */
/* Trust rules of apps, as admins set them from the command line. In the caller's transaction; a
 * worker thread of its own connection. */
#ifndef AD_DESK_DOOR_TRUST_H
#define AD_DESK_DOOR_TRUST_H

#include "ad/desk.h"
#include "ad/domain/trust.h"

struct ad_desk_trust_wish {
	const char *package;      /* whatever its case */
	const char *const *hosts; /* NULL: as they are; none: learnt anew */
	size_t host_count;
	const char *signer; /* NULL: as it is; "": learnt anew, and so is the issuer */
	const char *issuer; /* the same */
};

/* The rule of an app as it is. AD_ENOTFOUND: no such app. */
AD_MUST int ad_desk_trust_get(
	struct ad_desk *desk, const char *package, struct ad_trust *ret, struct ad_err *err);
/* Changes it; *ret is what it is then. Audit row trust.changed. AD_EINVAL for what is no host,
 * signer or digest. */
AD_MUST int ad_desk_trust_set(struct ad_desk *desk, const char *actor,
	const struct ad_desk_trust_wish *wish, struct ad_trust *ret, struct ad_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Client assertions: the JWT by which a certificate's owner asks for a token (protocol.md 2.2).
 * Private to identity. */
#ifndef AD_IDENTITY_ASSERTION_H
#define AD_IDENTITY_ASSERTION_H

#include "ad/crypto/signer.h"

#define AD_ASSERTION_LIFE_S 600 /* the longest that is taken everywhere */

/* A new one each time, never the same twice: the endpoint takes each jti once. In the arena. Any
 * thread. */
char *ad_assertion_new(struct ad_arena *arena, const struct ad_signer *signer,
	const char *client_id, const char *audience, int64_t now_s);

#endif

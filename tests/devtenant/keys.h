/* SPDX-License-Identifier: Apache-2.0 */
/* The channel's signing keys, and the tokens that it (or a forger) sends to the bot. */
#ifndef DT_KEYS_H
#define DT_KEYS_H

#include "dt.h"

/* Loads or makes the keys. */
struct dt_keys *dt_keys_open(struct dt_tenant *tenant);
void dt_keys_free(struct dt_keys *keys);

/* New signing key; the old one stays published when keep_old. Returns the new key id. */
const char *dt_keys_rotate(struct dt_tenant *tenant, bool keep_old);

/*
 * The whole Authorization header of a kind from the guide, in the arena; NULL for "none". An
 * unknown kind is AD_EINVAL. service_url goes into the claim.
 */
AD_MUST int dt_channel_token(struct dt_tenant *tenant, struct ad_arena *arena, const char *kind,
	const char *service_url, const char **ret_header);

/* The published keys (JWKS). */
struct ad_json *dt_keys_list(struct dt_tenant *tenant, struct ad_arena *arena);
/* A token with these claims; forged: signed by a key that nobody publishes. */
const char *dt_keys_sign(struct dt_tenant *tenant, struct ad_arena *arena,
	const struct ad_json *claims, bool forged);

#endif

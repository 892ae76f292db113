/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rests sealed in the database: AES-256-GCM, bound to its row. There may be several keys while
 * an operator changes them: the first one seals, each one opens, and the rows of the others are
 * sealed again by and by (ad/store/rekey.h).
 */
#ifndef AD_STORE_SEAL_H
#define AD_STORE_SEAL_H

#include "ad/arena.h"
#include "ad/bytes.h"
#include "ad/crypto.h"
#include "ad/err.h"

#include <stddef.h>
#include <stdint.h>

struct ad_store_conv_key {
	const char *id; /* that rows name: without colon */
	uint8_t key[AD_AES256_KEY_LEN];
	const struct ad_store_conv_key
		*next; /* opens too, but seals nothing more; NULL: no other */
};

/* The ids of this key and of all behind it, in the arena: for "= any($1)". */
const char **ad_store_key_ids(
	struct ad_arena *arena, const struct ad_store_conv_key *first, size_t *ret_count);

/* Opens what one of the keys has sealed. AD_EINTEGRITY: none has, or the row is another one. */
AD_MUST int ad_store_unseal(struct ad_arena *arena, const struct ad_store_conv_key *key,
	struct ad_bytes sealed, struct ad_bytes context, struct ad_bytes *ret_plain,
	struct ad_err *err);

/* The same for columns of text: "<key id>:<base64>". AD_ENOTFOUND: the key that it names is none of
 * ours. Without an id, as it once was written, each key is tried. */
char *ad_store_seal_text(struct ad_arena *arena, const struct ad_store_conv_key *key,
	struct ad_bytes plain, struct ad_bytes context);
AD_MUST int ad_store_unseal_text(struct ad_arena *arena, const struct ad_store_conv_key *key,
	const char *text, struct ad_bytes context, struct ad_bytes *ret_plain, struct ad_err *err);

/* What the keys of a job's package are bound to. */
struct ad_bytes ad_store_package_context(struct ad_arena *arena, int64_t job_id);

#endif

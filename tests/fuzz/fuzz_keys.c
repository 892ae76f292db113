/* SPDX-License-Identifier: Apache-2.0 */
/* Key documents: a set that comes out has at least one key, each of them strong, named once, and
 * endorsing nothing but names. */
#include "fuzz.h"

#include "ad/identity.h"
#include "key_set.h"

#define NOW_S 1800000000

static void check(const struct ad_key_set *set)
{
	AD_ASSERT(set->count > 0 && set->count <= AD_KEYS_MAX);
	for (size_t i = 0; i < set->count; i++) {
		const struct ad_key *key = &set->keys[i];
		AD_ASSERT(key->kid[0] && strlen(key->kid) <= AD_IDENTITY_KID_MAX);
		AD_ASSERT(strncmp(key->pem, "-----BEGIN PUBLIC KEY-----", 26) == 0);
		AD_ASSERT(ad_key_set_find(set, key->kid, NOW_S) == key);
		AD_ASSERT(key->endorsements_count <= AD_ENDORSEMENTS_MAX);
		for (size_t e = 0; e < key->endorsements_count; e++)
			AD_ASSERT(key->endorsements[e] && key->endorsements[e][0]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ad_key_set *set = NULL;
	struct ad_err err = { 0 };
	if (ad_key_set_parse((const char *)data, size, NOW_S, &set, &err) == 0) {
		check(set);
		ad_key_set_unref(set);
	} else {
		AD_ASSERT(err.text[0]);
	}
	return 0;
}

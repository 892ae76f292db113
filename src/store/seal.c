/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing with the first key and opening with each; see store/seal.h. */
#include "ad/store/seal.h"

#include "ad/text.h"

#include <inttypes.h>

const char **ad_store_key_ids(
	struct ad_arena *arena, const struct ad_store_conv_key *first, size_t *ret_count)
{
	size_t count = 0;
	for (const struct ad_store_conv_key *key = first; key; key = key->next)
		count++;
	const char **ids = ad_alloc_array(arena, count, sizeof *ids);
	size_t at = 0;
	for (const struct ad_store_conv_key *key = first; key; key = key->next)
		ids[at++] = key->id;
	*ret_count = count;
	return ids;
}

int ad_store_unseal(struct ad_arena *arena, const struct ad_store_conv_key *key,
	struct ad_bytes sealed, struct ad_bytes context, struct ad_bytes *ret_plain,
	struct ad_err *err)
{
	int rc = AD_EINTEGRITY;
	for (; key && rc != 0; key = key->next)
		rc = ad_crypto_open(arena, key->key, sealed, context, ret_plain, err);
	return rc;
}

char *ad_store_seal_text(struct ad_arena *arena, const struct ad_store_conv_key *key,
	struct ad_bytes plain, struct ad_bytes context)
{
	struct ad_bytes sealed = ad_crypto_seal(arena, key->key, plain, context);
	return ad_printf(arena, "%s:%s", key->id, ad_base64(arena, sealed.data, sealed.len));
}

static const struct ad_store_conv_key *find_key(
	const struct ad_store_conv_key *key, const char *id, size_t len)
{
	while (key && (strlen(key->id) != len || strncmp(key->id, id, len) != 0))
		key = key->next;
	return key;
}

int ad_store_unseal_text(struct ad_arena *arena, const struct ad_store_conv_key *key,
	const char *text, struct ad_bytes context, struct ad_bytes *ret_plain, struct ad_err *err)
{
	size_t id_len = strcspn(text, ":");
	bool named = text[id_len] == ':';
	const char *base64 = named ? text + id_len + 1 : text;
	uint8_t *data;
	size_t len;
	if (ad_base64_decode(arena, base64, strlen(base64), &data, &len) != 0)
		return AD_FAIL(err, AD_EINTEGRITY, "sealed text is not base64");
	const struct ad_bytes sealed = { .data = data, .len = len };
	if (!named)
		return ad_store_unseal(arena, key, sealed, context, ret_plain, err);
	const struct ad_store_conv_key *its = find_key(key, text, id_len);
	if (!its)
		return AD_FAIL(err, AD_ENOTFOUND, "sealed with a key that is not configured");
	return ad_crypto_open(arena, its->key, sealed, context, ret_plain, err);
}

struct ad_bytes ad_store_package_context(struct ad_arena *arena, int64_t job_id)
{
	const char *text = ad_printf(arena, "job:%" PRId64 ":wrap", job_id);
	return (struct ad_bytes){ (const uint8_t *)text, strlen(text) };
}

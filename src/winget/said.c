/* SPDX-License-Identifier: Apache-2.0 */
/* Questions and answers of a source's reader as JSON; see said.h. */
#include "said.h"

#include "versions.h"

#include "ad/clock.h"
#include "ad/text.h"

#define LINE "" /* the name of a mapping's line */

/* ---- the trust profile ---- */

static struct ad_json *certificates_said(
	struct ad_arena *arena, const struct ad_bytes *certificates, size_t count)
{
	struct ad_json *list = ad_json_new_array(arena);
	for (size_t i = 0; i < count; i++)
		ad_json_append(arena, list,
			ad_json_new_string(arena,
				ad_base64(arena, certificates[i].data, certificates[i].len)));
	return list;
}

struct ad_json *ad_winget_profile_said(
	struct ad_arena *arena, const struct ad_winget_profile *profile)
{
	const struct ad_msix_trust *trust = &profile->trust;
	struct ad_json *said = ad_json_new_object(arena);
	struct ad_json *usages = ad_json_new_array(arena);
	for (size_t i = 0; i < trust->signer_eku_count; i++)
		ad_json_append(arena, usages, ad_json_new_string(arena, trust->signer_eku[i]));
	ad_json_set_str(arena, said, "name", profile->name);
	ad_json_set(
		arena, said, "roots", certificates_said(arena, trust->roots, trust->root_count));
	ad_json_set(arena, said, "timestamp_roots",
		certificates_said(arena, trust->timestamp_roots, trust->timestamp_root_count));
	ad_json_set_str(arena, said, "signer_subject", trust->signer_subject);
	ad_json_set(arena, said, "signer_eku", usages);
	ad_json_set_str(arena, said, "package_name", profile->package_name);
	ad_json_set_str(arena, said, "package_publisher", profile->package_publisher);
	return said;
}

static bool certificates_heard(struct ad_arena *arena, const struct ad_json *list,
	const struct ad_bytes **ret, size_t *ret_count)
{
	struct ad_bytes *made = ad_alloc_array(arena, ad_json_count(list), sizeof *made);
	size_t count = 0;
	AD_JSON_EACH(item, list)
	{
		const char *text = ad_json_text(item);
		uint8_t *data = NULL;
		size_t len = 0;
		if (!text || ad_base64_decode(arena, text, strlen(text), &data, &len) != 0)
			return false;
		made[count++] = (struct ad_bytes){ .data = data, .len = len };
	}
	*ret = made;
	*ret_count = count;
	return true;
}

bool ad_winget_profile_heard(
	struct ad_arena *arena, const struct ad_json *said, struct ad_winget_profile *ret)
{
	const struct ad_json *list = ad_json_get(said, "signer_eku");
	const char **usages = ad_alloc_array(arena, ad_json_count(list), sizeof *usages);
	size_t count = 0;
	AD_JSON_EACH(item, list)
	{
		usages[count++] = ad_json_text(item);
	}
	*ret = (struct ad_winget_profile){ .name = ad_json_str(said, "name"),
		.trust = { .signer_subject = ad_json_str(said, "signer_subject"),
			.signer_eku = usages,
			.signer_eku_count = count },
		.package_name = ad_json_str(said, "package_name"),
		.package_publisher = ad_json_str(said, "package_publisher") };
	return certificates_heard(arena, ad_json_get(said, "roots"), &ret->trust.roots,
		       &ret->trust.root_count) &&
	       certificates_heard(arena, ad_json_get(said, "timestamp_roots"),
		       &ret->trust.timestamp_roots, &ret->trust.timestamp_root_count);
}

/* ---- the package ---- */

static bool digest_heard(const struct ad_json *said, const char *path, uint8_t ret[AD_SHA256_LEN])
{
	const char *hex = ad_json_str(said, path);
	return hex && ad_hex_decode(hex, ret, AD_SHA256_LEN) == 0;
}

static bool digests_heard(const struct ad_json *said, struct ad_msix_digests *ret)
{
	ret->has_axci = ad_json_get(said, "AXCI") != NULL;
	return digest_heard(said, "AXPC", ret->axpc) && digest_heard(said, "AXCD", ret->axcd) &&
	       digest_heard(said, "AXCT", ret->axct) && digest_heard(said, "AXBM", ret->axbm) &&
	       (!ret->has_axci || digest_heard(said, "AXCI", ret->axci));
}

static bool signature_heard(const struct ad_json *said, struct ad_msix_signature *ret)
{
	const char *signed_at = ad_json_str(said, "signed_at");
	AD_JSON_EACH(subject, ad_json_get(said, "chain"))
	{
		if (ret->chain_count == AD_MSIX_CHAIN_MAX)
			return false;
		ret->chain[ret->chain_count++] = ad_json_text(subject);
	}
	ret->signer_subject = ad_json_str(said, "signer");
	ret->signer_serial = ad_json_str(said, "serial");
	ret->timestamp_subject = ad_json_str(said, "time_stamp_signer");
	return ret->signer_subject && signed_at &&
	       ad_clock_parse_iso(signed_at, &ret->signed_at) == 0 &&
	       digest_heard(said, "root_sha256", ret->root_sha256) &&
	       digests_heard(ad_json_get(said, "digests"), &ret->digests);
}

bool ad_winget_package_heard(const struct ad_json *said, struct ad_winget_package *ret)
{
	ret->identity_name = ad_json_str(said, "name");
	ret->identity_publisher = ad_json_str(said, "publisher");
	ret->version = ad_json_str(said, "version");
	ret->entry_count = (size_t)ad_json_int(said, "entries", 0);
	ret->block_count = (size_t)ad_json_int(said, "blocks", 0);
	ret->index = (struct ad_bytes){ 0 };
	ret->signature = (struct ad_msix_signature){ 0 };
	return ret->identity_name && ret->identity_publisher && ret->version &&
	       ad_winget_index_time(ret->version, &ret->published_at) == 0 &&
	       signature_heard(ad_json_get(said, "signature"), &ret->signature);
}

/* ---- rows ---- */

struct ad_json *ad_winget_row_said(struct ad_arena *arena, const struct ad_winget_row *row)
{
	struct ad_json *said = ad_json_new_object(arena);
	ad_json_set_str(arena, said, "id", row->id);
	ad_json_set_str(arena, said, "name", row->name);
	ad_json_set_str(arena, said, "moniker", row->moniker);
	ad_json_set_str(arena, said, "latest_version", row->latest_version);
	ad_json_set_str(arena, said, "hash", ad_hex(arena, row->hash, sizeof row->hash));
	return said;
}

bool ad_winget_row_heard(const struct ad_json *said, struct ad_winget_row *ret)
{
	*ret = (struct ad_winget_row){ .id = ad_json_str(said, "id"),
		.name = ad_json_str(said, "name"),
		.moniker = ad_json_str(said, "moniker"),
		.latest_version = ad_json_str(said, "latest_version") };
	return ret->id && digest_heard(said, "hash", ret->hash);
}

struct ad_json *ad_winget_version_said(
	struct ad_arena *arena, const struct ad_winget_version_row *row)
{
	struct ad_json *said = ad_json_new_object(arena);
	ad_json_set_str(arena, said, "version", row->version);
	ad_json_set_str(arena, said, "path", row->path);
	ad_json_set_str(arena, said, "sha256", row->sha256);
	return said;
}

bool ad_winget_version_heard(const struct ad_json *said, struct ad_winget_version_row *ret)
{
	*ret = (struct ad_winget_version_row){ .version = ad_json_str(said, "version"),
		.path = ad_json_str(said, "path"),
		.sha256 = ad_json_str(said, "sha256") };
	return ad_winget_version_row_check(ret, NULL) == 0;
}

/* ---- YAML ---- */

struct ad_json *ad_yaml_said(struct ad_arena *arena, const struct ad_yaml *node)
{
	if (node->kind == AD_YAML_SCALAR)
		return ad_json_new_string(arena, node->text);
	bool is_mapping = node->kind == AD_YAML_MAPPING;
	struct ad_json *said = is_mapping ? ad_json_new_object(arena) : ad_json_new_array(arena);
	if (is_mapping)
		ad_json_set_int(arena, said, LINE, (int64_t)node->line);
	AD_YAML_EACH(child, node)
	{
		struct ad_json *inner = ad_yaml_said(arena, child);
		if (is_mapping)
			ad_json_set(arena, said, child->key, inner);
		else
			ad_json_append(arena, said, inner);
	}
	return said;
}

/* JSON that came from outside has a limit of depth and of values. */
bool ad_yaml_heard(struct ad_arena *arena, const struct ad_json *said, struct ad_yaml **ret)
{
	struct ad_yaml *node = ad_alloc(arena, sizeof *node);
	struct ad_yaml **tail = &node->first;
	enum ad_json_kind kind = ad_json_kind(said);
	bool is_mapping = kind == AD_JSON_OBJECT;
	*ret = node;
	*node = (struct ad_yaml){ .kind = is_mapping ? AD_YAML_MAPPING : AD_YAML_SEQUENCE,
		.line = (size_t)ad_json_int(said, LINE, 0) };
	if (kind == AD_JSON_STRING)
		*node = (struct ad_yaml){ .kind = AD_YAML_SCALAR, .text = ad_json_text(said) };
	else if (!is_mapping && kind != AD_JSON_ARRAY)
		return false;
	AD_JSON_EACH(item, said)
	{
		if (is_mapping && strcmp(ad_json_name(item), LINE) == 0)
			continue;
		if (!ad_yaml_heard(arena, item, tail))
			return false;
		(*tail)->key = ad_json_name(item);
		tail = &(*tail)->next;
		node->count++;
	}
	return true;
}

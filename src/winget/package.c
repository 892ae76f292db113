/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification of a source package. The order matters: the signature says which digests are right,
 * the digests protect the archive, the block map and the list of content types, and the block map
 * protects each file as it inflates. A genuine signature on a rebuilt archive passes the first step
 * only (packaging.md 9, trap 5).
 */
#include "ad/winget/package.h"

#include "block_map.h"
#include "xml.h"

#include "ad/clock.h"
#include "ad/text.h"
#include "ad/winget/version.h"

#define SMALL_FILE_MAX (8u << 20)
#define CONTENT_TYPES "[Content_Types].xml"
#define BLOCK_MAP "AppxBlockMap.xml"
#define CODE_INTEGRITY "AppxMetadata/CodeIntegrity.cat"
#define APP_MANIFEST "AppxManifest.xml"
/* The identity says when the package was made and the time stamp when it was signed. */
#define SIGNING_DELAY_MAX_S (72 * 3600)

static int compare_digest(
	const char *tag, const uint8_t *expected, struct ad_bytes data, struct ad_err *err)
{
	uint8_t found[AD_SHA256_LEN];
	char expected_hex[AD_SHA256_HEX_LEN + 1];
	char found_hex[AD_SHA256_HEX_LEN + 1];
	ad_sha256(data.data, data.len, found);
	if (ad_crypto_equal(expected, found, sizeof found))
		return 0;
	ad_hex_encode(expected, AD_SHA256_LEN, expected_hex);
	ad_hex_encode(found, AD_SHA256_LEN, found_hex);
	return AD_FAIL(err, AD_EINTEGRITY, "digest %s: expected %s, found %s", tag, expected_hex,
		found_hex);
}

static int read_file(struct ad_arena *arena, struct ad_zip *zip, const char *name,
	struct ad_bytes *ret, struct ad_err *err)
{
	const struct ad_zip_entry *entry = ad_zip_find(zip, name);
	if (!entry)
		return AD_FAIL(err, AD_EINTEGRITY, "package has no %s", name);
	return ad_zip_read(arena, zip, entry, SMALL_FILE_MAX, ret, err);
}

static int compare_file(struct ad_arena *arena, struct ad_zip *zip, const char *name,
	const char *tag, const uint8_t *expected, struct ad_err *err)
{
	struct ad_bytes content;
	int rc = read_file(arena, zip, name, &content, err);
	return rc ? rc : compare_digest(tag, expected, content, err);
}

static int check_digests(struct ad_arena *arena, const struct ad_msix_layout *layout,
	const struct ad_msix_digests *digests, struct ad_err *err)
{
	int rc = compare_digest("AXPC", digests->axpc, layout->content, err);
	if (!rc)
		rc = compare_digest("AXCD", digests->axcd, layout->directory, err);
	if (!rc)
		rc = compare_file(arena, layout->zip, CONTENT_TYPES, "AXCT", digests->axct, err);
	if (!rc)
		rc = compare_file(arena, layout->zip, BLOCK_MAP, "AXBM", digests->axbm, err);
	if (rc)
		return rc;
	if (digests->has_axci)
		return compare_file(arena, layout->zip, CODE_INTEGRITY, "AXCI", digests->axci, err);
	if (ad_zip_find(layout->zip, CODE_INTEGRITY))
		return AD_FAIL(err, AD_EINTEGRITY, "digest AXCI: not signed, but %s is there",
			CODE_INTEGRITY);
	return 0;
}

static int check_blocks(struct ad_arena *arena, struct ad_zip *zip,
	struct ad_winget_package *package, struct ad_err *err)
{
	struct ad_bytes xml;
	struct ad_block_map *map = ad_alloc(arena, sizeof *map);
	int rc = read_file(arena, zip, BLOCK_MAP, &xml, err);
	if (!rc)
		rc = ad_block_map_parse(arena, xml, map, err);
	if (!rc)
		rc = ad_block_map_check(
			arena, map, zip, AD_WINGET_INDEX_NAME, &package->index, err);
	package->block_count = map->block_count;
	return rc;
}

struct identity {
	struct ad_arena *arena;
	size_t namespace_len; /* of the root, with its bar */
	char *root;
	const char *name;
	const char *publisher;
	const char *version;
};

static int on_element(void *context, unsigned depth, const char *name,
	const char *const *attributes, struct ad_err *err)
{
	struct identity *identity = context;
	const char *bar = strrchr(name, '|');
	size_t namespace_len = bar ? (size_t)(bar - name) + 1 : 0;
	if (depth == 1) {
		identity->root = ad_strdup(identity->arena, name);
		identity->namespace_len = namespace_len;
		return strcmp(name + namespace_len, "Package") == 0
			       ? 0
			       : AD_FAIL(err, AD_EINVAL, "not a package manifest");
	}
	if (depth != 2 || namespace_len != identity->namespace_len ||
		strncmp(name, identity->root, namespace_len) != 0 ||
		strcmp(name + namespace_len, "Identity") != 0)
		return 0;
	if (identity->name)
		return AD_FAIL(err, AD_EINVAL, "two identities");
	identity->name = ad_strdup(identity->arena, ad_xml_attribute(attributes, "Name"));
	identity->publisher = ad_strdup(identity->arena, ad_xml_attribute(attributes, "Publisher"));
	identity->version = ad_strdup(identity->arena, ad_xml_attribute(attributes, "Version"));
	return 0;
}

static int check_identity(struct ad_arena *arena, struct ad_zip *zip,
	const struct ad_winget_profile *profile, struct ad_winget_package *package,
	struct ad_err *err)
{
	struct ad_bytes xml;
	struct identity identity = { .arena = arena };
	int rc = read_file(arena, zip, APP_MANIFEST, &xml, err);
	if (!rc)
		rc = ad_xml_parse(xml, on_element, &identity, err);
	if (rc)
		return rc;
	if (!identity.name || !ad_text_eq(identity.name, profile->package_name))
		return AD_FAIL(err, AD_EINTEGRITY, "identity: package name is %.100s, expected %s",
			identity.name ? identity.name : "absent", profile->package_name);
	if (!ad_text_eq(identity.publisher, profile->package_publisher))
		return AD_FAIL(err, AD_EINTEGRITY, "identity: publisher is %.160s, expected %.160s",
			identity.publisher ? identity.publisher : "absent",
			profile->package_publisher);
	if (!identity.version ||
		ad_winget_index_time(identity.version, &package->published_at) != 0)
		return AD_FAIL(err, AD_EINTEGRITY, "identity: version %.40s is no publish time",
			identity.version ? identity.version : "absent");
	package->identity_name = identity.name;
	package->identity_publisher = identity.publisher;
	package->version = identity.version;
	return 0;
}

static int check_signing_time(const struct ad_winget_package *package, struct ad_err *err)
{
	int64_t delay = package->signature.signed_at - package->published_at;
	if (delay > SIGNING_DELAY_MAX_S || delay < -SIGNING_DELAY_MAX_S)
		return AD_FAIL(err, AD_EINTEGRITY,
			"identity: version %s does not fit the signing time", package->version);
	return 0;
}

static int verify(struct ad_arena *arena, struct ad_bytes bytes,
	const struct ad_winget_profile *profile, int64_t now, struct ad_winget_package *package,
	struct ad_err *err)
{
	static const struct ad_zip_limits limits = { .entries = AD_WINGET_PACKAGE_ENTRIES_MAX,
		.entry_bytes = AD_WINGET_INDEX_MAX,
		.total_bytes = AD_WINGET_INDEX_MAX + AD_WINGET_PACKAGE_MAX };
	struct ad_msix_layout layout;
	if (bytes.len > AD_WINGET_PACKAGE_MAX)
		return AD_FAIL(
			err, AD_ETOOBIG, "package is larger than %u bytes", AD_WINGET_PACKAGE_MAX);
	int rc = ad_msix_open(arena, bytes, &limits, &layout, err);
	if (!rc)
		rc = ad_crypto_msix_signature_verify(
			arena, layout.signature, &profile->trust, now, &package->signature, err);
	if (!rc)
		rc = check_digests(arena, &layout, &package->signature.digests, err);
	if (!rc)
		rc = check_blocks(arena, layout.zip, package, err);
	if (!rc)
		rc = check_identity(arena, layout.zip, profile, package, err);
	if (!rc)
		rc = check_signing_time(package, err);
	if (!rc)
		package->entry_count = ad_zip_count(layout.zip);
	return rc;
}

int ad_winget_package_verify(struct ad_arena *arena, struct ad_bytes bytes,
	const struct ad_winget_profile *profile, int64_t now, struct ad_winget_package *ret,
	struct ad_err *err)
{
	struct ad_winget_package package = { .profile = profile->name, .size = bytes.len };
	int rc = verify(arena, bytes, profile, now, &package, err);
	if (rc == AD_EINVAL && err) {
		/* Malformed is as bad as changed: this file is signed. */
		err->code = AD_EINTEGRITY;
		err->class = ad_err_class(AD_EINTEGRITY);
	}
	if (rc)
		return rc == AD_EINVAL ? AD_EINTEGRITY : rc;
	package.sha256 = ad_sha256_hex(arena, bytes.data, bytes.len);
	*ret = package;
	return 0;
}

static void set_digest(struct ad_arena *arena, struct ad_json *object, const char *name,
	const uint8_t digest[AD_SHA256_LEN])
{
	ad_json_set_str(arena, object, name, ad_hex(arena, digest, AD_SHA256_LEN));
}

static struct ad_json *signature_json(
	struct ad_arena *arena, const struct ad_msix_signature *signature)
{
	struct ad_json *json = ad_json_new_object(arena);
	struct ad_json *chain = ad_json_new_array(arena);
	struct ad_json *digests = ad_json_new_object(arena);
	ad_json_set_str(arena, json, "signer", signature->signer_subject);
	ad_json_set_str(arena, json, "serial", signature->signer_serial);
	ad_json_set_str(arena, json, "signed_at", ad_clock_iso(arena, signature->signed_at));
	ad_json_set_str(arena, json, "time_stamp_signer", signature->timestamp_subject);
	for (size_t i = 0; i < signature->chain_count; i++)
		ad_json_append(arena, chain, ad_json_new_string(arena, signature->chain[i]));
	ad_json_set(arena, json, "chain", chain);
	set_digest(arena, json, "root_sha256", signature->root_sha256);
	set_digest(arena, digests, "AXPC", signature->digests.axpc);
	set_digest(arena, digests, "AXCD", signature->digests.axcd);
	set_digest(arena, digests, "AXCT", signature->digests.axct);
	set_digest(arena, digests, "AXBM", signature->digests.axbm);
	if (signature->digests.has_axci)
		set_digest(arena, digests, "AXCI", signature->digests.axci);
	ad_json_set(arena, json, "digests", digests);
	return json;
}

struct ad_json *ad_winget_package_json(
	struct ad_arena *arena, const struct ad_winget_package *package)
{
	struct ad_json *json = ad_json_new_object(arena);
	ad_json_set_str(arena, json, "trust_profile", package->profile);
	ad_json_set_str(arena, json, "sha256", package->sha256);
	ad_json_set_int(arena, json, "size", (int64_t)package->size);
	ad_json_set_str(arena, json, "name", package->identity_name);
	ad_json_set_str(arena, json, "publisher", package->identity_publisher);
	ad_json_set_str(arena, json, "version", package->version);
	ad_json_set_str(arena, json, "published_at", ad_clock_iso(arena, package->published_at));
	ad_json_set_int(arena, json, "entries", (int64_t)package->entry_count);
	ad_json_set_int(arena, json, "blocks", (int64_t)package->block_count);
	ad_json_set(arena, json, "signature", signature_json(arena, &package->signature));
	return json;
}

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

/* What lives while one package is verified. */
struct check {
	struct ad_arena *arena;
	const struct ad_winget_package_query *query;
	struct ad_trail *trail; /* of the query */
	struct ad_msix_layout layout;
	struct ad_winget_package package;
};

static int compare_digest(struct check *check, const char *step, const uint8_t *expected,
	struct ad_bytes data, struct ad_err *err)
{
	uint8_t found[AD_SHA256_LEN];
	char expected_hex[AD_SHA256_HEX_LEN + 1];
	char found_hex[AD_SHA256_HEX_LEN + 1];
	ad_sha256(data.data, data.len, found);
	ad_hex_encode(expected, AD_SHA256_LEN, expected_hex);
	ad_hex_encode(found, AD_SHA256_LEN, found_hex);
	if (!ad_crypto_equal(expected, found, sizeof found))
		return AD_FAIL(err, AD_EINTEGRITY, "%s: expected %s, found %s", step, expected_hex,
			found_hex);
	ad_trail_saw(check->trail, "%s", found_hex);
	return 0;
}

static int read_file(struct ad_arena *arena, struct ad_zip *zip, const char *name,
	struct ad_bytes *ret, struct ad_err *err)
{
	const struct ad_zip_entry *entry = ad_zip_find(zip, name);
	if (!entry)
		return AD_FAIL(err, AD_EINTEGRITY, "package has no %s", name);
	return ad_zip_read(arena, zip, entry, SMALL_FILE_MAX, ret, err);
}

static int compare_range(struct check *check, const char *step, const uint8_t *expected,
	struct ad_bytes data, struct ad_err *err)
{
	ad_trail_begin(check->trail, step);
	return compare_digest(check, step, expected, data, err);
}

static int compare_file(struct check *check, const char *step, const uint8_t *expected,
	const char *name, struct ad_err *err)
{
	struct ad_bytes content;
	ad_trail_begin(check->trail, step);
	int rc = read_file(check->arena, check->layout.zip, name, &content, err);
	return rc ? rc : compare_digest(check, step, expected, content, err);
}

/* Present exactly when it is signed. */
static int check_code_integrity(struct check *check, struct ad_err *err)
{
	static const char step[] = "digest AXCI";
	const struct ad_msix_digests *digests = &check->package.signature.digests;
	if (digests->has_axci)
		return compare_file(check, step, digests->axci, CODE_INTEGRITY, err);
	ad_trail_begin(check->trail, step);
	if (ad_zip_find(check->layout.zip, CODE_INTEGRITY))
		return AD_FAIL(err, AD_EINTEGRITY, "%s: not signed, but %s is there", step,
			CODE_INTEGRITY);
	ad_trail_saw(check->trail, "none is signed and none is there");
	return 0;
}

static int check_digests(struct check *check, struct ad_err *err)
{
	const struct ad_msix_layout *layout = &check->layout;
	const struct ad_msix_digests *digests = &check->package.signature.digests;
	int rc = compare_range(check, "digest AXPC", digests->axpc, layout->content, err);
	if (!rc)
		rc = compare_range(check, "digest AXCD", digests->axcd, layout->directory, err);
	if (!rc)
		rc = compare_file(check, "digest AXCT", digests->axct, CONTENT_TYPES, err);
	if (!rc)
		rc = compare_file(check, "digest AXBM", digests->axbm, BLOCK_MAP, err);
	return rc ? rc : check_code_integrity(check, err);
}

static int check_blocks(struct check *check, struct ad_err *err)
{
	struct ad_bytes xml;
	struct ad_zip *zip = check->layout.zip;
	struct ad_winget_package *package = &check->package;
	struct ad_block_map *map = ad_alloc(check->arena, sizeof *map);
	ad_trail_begin(check->trail, "block map");
	int rc = read_file(check->arena, zip, BLOCK_MAP, &xml, err);
	if (!rc)
		rc = ad_block_map_parse(check->arena, xml, map, err);
	if (!rc)
		rc = ad_block_map_check(
			check->arena, map, zip, AD_WINGET_INDEX_NAME, &package->index, err);
	package->block_count = map->block_count;
	if (!rc)
		ad_trail_saw(
			check->trail, "%zu blocks of %zu files", map->block_count, map->file_count);
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

static int check_identity(struct check *check, struct ad_err *err)
{
	struct ad_bytes xml;
	const struct ad_winget_profile *profile = check->query->profile;
	struct ad_winget_package *package = &check->package;
	struct identity identity = { .arena = check->arena };
	ad_trail_begin(check->trail, "identity");
	int rc = read_file(check->arena, check->layout.zip, APP_MANIFEST, &xml, err);
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
	ad_trail_saw(check->trail, "%s of %s", identity.name, identity.publisher);
	return 0;
}

static int check_signing_time(struct check *check, struct ad_err *err)
{
	const struct ad_winget_package *package = &check->package;
	ad_trail_begin(check->trail, "version");
	int64_t delay = package->signature.signed_at - package->published_at;
	if (delay > SIGNING_DELAY_MAX_S || delay < -SIGNING_DELAY_MAX_S)
		return AD_FAIL(err, AD_EINTEGRITY,
			"identity: version %s does not fit the signing time %s", package->version,
			ad_clock_iso(check->arena, package->signature.signed_at));
	ad_trail_saw(check->trail, "%s: published at %s, which fits the time stamp",
		package->version, ad_clock_iso(check->arena, package->published_at));
	return 0;
}

static int open_container(struct check *check, struct ad_err *err)
{
	static const struct ad_zip_limits limits = { .entries = AD_WINGET_PACKAGE_ENTRIES_MAX,
		.entry_bytes = AD_WINGET_INDEX_MAX,
		.total_bytes = AD_WINGET_INDEX_MAX + AD_WINGET_PACKAGE_MAX };
	struct ad_bytes bytes = check->query->bytes;
	ad_trail_begin(check->trail, "container");
	if (bytes.len > AD_WINGET_PACKAGE_MAX)
		return AD_FAIL(
			err, AD_ETOOBIG, "package is larger than %u bytes", AD_WINGET_PACKAGE_MAX);
	int rc = ad_msix_open(check->arena, bytes, &limits, &check->layout, err);
	if (rc)
		return rc;
	check->package.entry_count = ad_zip_count(check->layout.zip);
	ad_trail_saw(check->trail, "%zu entries in %zu bytes, the signature is the last",
		check->package.entry_count, bytes.len);
	return 0;
}

static int verify(struct check *check, struct ad_err *err)
{
	int rc = open_container(check, err);
	if (rc)
		return rc;
	const struct ad_msix_query signature = { .p7x = check->layout.signature,
		.trust = &check->query->profile->trust,
		.now = check->query->now,
		.trail = check->trail };
	rc = ad_crypto_msix_signature_verify(
		check->arena, &signature, &check->package.signature, err);
	if (!rc)
		rc = check_digests(check, err);
	if (!rc)
		rc = check_blocks(check, err);
	if (!rc)
		rc = check_identity(check, err);
	return rc ? rc : check_signing_time(check, err);
}

int ad_winget_package_examine(struct ad_arena *arena, const struct ad_winget_package_query *query,
	struct ad_winget_package *ret, struct ad_err *err)
{
	struct check check = { .arena = arena,
		.query = query,
		.trail = query->trail,
		.package = { .profile = query->profile->name, .size = query->bytes.len } };
	int rc = verify(&check, err);
	if (rc == AD_EINVAL && err) {
		/* Malformed is as bad as changed: this file is signed. */
		err->code = AD_EINTEGRITY;
		err->class = ad_err_class(AD_EINTEGRITY);
	}
	if (rc)
		return rc == AD_EINVAL ? AD_EINTEGRITY : rc;
	check.package.sha256 = ad_sha256_hex(arena, query->bytes.data, query->bytes.len);
	*ret = check.package;
	return 0;
}

int ad_winget_package_verify(struct ad_arena *arena, struct ad_bytes bytes,
	const struct ad_winget_profile *profile, int64_t now, struct ad_winget_package *ret,
	struct ad_err *err)
{
	const struct ad_winget_package_query query = {
		.bytes = bytes, .profile = profile, .now = now
	};
	return ad_winget_package_examine(arena, &query, ret, err);
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

/* SPDX-License-Identifier: Apache-2.0 */
/* The block map: reading it, and holding the package's files against it while they inflate. */
#include "block_map.h"

#include "xml.h"

#include "ad/archive/msix.h"
#include "ad/text.h"

#include <strings.h>

#define NAMESPACE "http://schemas.microsoft.com/appx/2010/blockmap|"
#define HASH_METHOD "http://www.w3.org/2001/04/xmlenc#sha256"

static const char *const footprint[] = { "[Content_Types].xml", "AppxBlockMap.xml",
	AD_MSIX_SIGNATURE_NAME, "AppxMetadata/CodeIntegrity.cat" };

struct parse {
	struct ad_arena *arena;
	struct ad_block_map *map;
	struct ad_block_file *file; /* being read, or NULL */
	struct ad_block **tail;
};

static int refuse(struct ad_err *err, const char *why)
{
	return AD_FAIL(err, AD_EINTEGRITY, "block map: %s", why);
}

static struct ad_block_file *find_file(struct ad_block_map *map, const char *name)
{
	for (size_t i = 0; i < map->file_count; i++) {
		if (strcasecmp(map->files[i].name, name) == 0)
			return &map->files[i];
	}
	return NULL;
}

static char *with_slashes(struct ad_arena *arena, const char *name)
{
	char *copy = ad_strdup(arena, name);
	for (char *c = strchr(copy, '\\'); c; c = strchr(c, '\\'))
		*c = '/';
	return copy;
}

static int start_file(struct parse *parse, const char *const *attributes, struct ad_err *err)
{
	struct ad_block_map *map = parse->map;
	const char *name = ad_xml_attribute(attributes, "Name");
	const char *size = ad_xml_attribute(attributes, "Size");
	const char *header = ad_xml_attribute(attributes, "LfhSize");
	int64_t size_number = 0;
	int64_t header_number = 0;
	if (!name || !size || !header || ad_text_i64(size, 0, INT64_MAX, &size_number) != 0 ||
		ad_text_i64(header, 0, INT64_MAX, &header_number) != 0)
		return refuse(err, "file without name or size");
	if (map->file_count == AD_BLOCK_MAP_FILES_MAX)
		return refuse(err, "too many files");
	char *path = with_slashes(parse->arena, name);
	if (find_file(map, path))
		return refuse(err, "file is listed twice");
	parse->file = &map->files[map->file_count++];
	*parse->file = (struct ad_block_file){ .name = path,
		.size = (uint64_t)size_number,
		.local_header_len = (uint64_t)header_number };
	parse->tail = &parse->file->blocks;
	return 0;
}

static int start_block(struct parse *parse, const char *const *attributes, struct ad_err *err)
{
	const char *hash = ad_xml_attribute(attributes, "Hash");
	uint8_t *digest = NULL;
	size_t len = 0;
	if (!parse->file || !hash ||
		ad_base64_decode(parse->arena, hash, strlen(hash), &digest, &len) != 0 ||
		len != AD_SHA256_LEN)
		return refuse(err, "block without a SHA-256");
	if (parse->map->block_count++ == AD_BLOCK_MAP_BLOCKS_MAX)
		return refuse(err, "too many blocks");
	struct ad_block *block = ad_alloc(parse->arena, sizeof *block);
	memcpy(block->sha256, digest, AD_SHA256_LEN);
	*parse->tail = block;
	parse->tail = &block->next;
	parse->file->block_count++;
	return 0;
}

static int on_start(void *context, unsigned depth, const char *name, const char *const *attributes,
	struct ad_err *err)
{
	struct parse *parse = context;
	if (depth == 1) {
		const char *method = ad_xml_attribute(attributes, "HashMethod");
		if (strcmp(name, NAMESPACE "BlockMap") != 0)
			return refuse(err, "not a block map");
		return ad_text_eq(method, HASH_METHOD) ? 0 : refuse(err, "hash is not SHA-256");
	}
	if (depth == 2) {
		parse->file = NULL;
		if (strcmp(name, NAMESPACE "File") != 0)
			return refuse(err, "unknown element");
		return start_file(parse, attributes, err);
	}
	/* Newer packages also list a hash of the whole file, in a namespace of its own. */
	if (depth == 3 && strcmp(name, NAMESPACE "Block") == 0)
		return start_block(parse, attributes, err);
	return 0;
}

int ad_block_map_parse(
	struct ad_arena *arena, struct ad_bytes xml, struct ad_block_map *ret, struct ad_err *err)
{
	struct parse parse = { .arena = arena, .map = ret };
	*ret = (struct ad_block_map){ 0 };
	int rc = ad_xml_parse(xml, on_start, &parse, err);
	if (rc && rc != AD_EINTEGRITY) {
		ad_err_prefix(err, "block map: ");
		if (err) {
			err->code = AD_EINTEGRITY;
			err->class = ad_err_class(AD_EINTEGRITY);
		}
		rc = AD_EINTEGRITY;
	}
	return rc;
}

bool ad_block_map_footprint(const char *entry_name)
{
	for (size_t i = 0; i < sizeof footprint / sizeof footprint[0]; i++) {
		if (strcmp(entry_name, footprint[i]) == 0)
			return true;
	}
	return false;
}

/* One entry while it inflates. */
struct comparison {
	const struct ad_block_file *file;
	const struct ad_block *next;
	struct ad_sha256 *sha;
	size_t in_block; /* bytes that sha has seen */
	size_t number;
	uint8_t *kept; /* NULL: not wanted */
	size_t kept_len;
};

static int end_block(struct comparison *comparison, struct ad_err *err)
{
	uint8_t digest[AD_SHA256_LEN];
	const struct ad_block *expected = comparison->next;
	ad_sha256_final(comparison->sha, digest);
	ad_sha256_free(comparison->sha);
	comparison->sha = NULL;
	comparison->in_block = 0;
	if (!expected || !ad_crypto_equal(digest, expected->sha256, sizeof digest))
		return AD_FAIL(err, AD_EINTEGRITY, "block map: %.100s: block %zu does not match",
			comparison->file->name, comparison->number);
	comparison->next = expected->next;
	comparison->number++;
	return 0;
}

static int on_data(void *context, const void *data, size_t len, struct ad_err *err)
{
	struct comparison *comparison = context;
	const uint8_t *bytes = data;
	if (comparison->kept) {
		memcpy(comparison->kept + comparison->kept_len, bytes, len);
		comparison->kept_len += len;
	}
	while (len > 0) {
		size_t room = AD_BLOCK_LEN - comparison->in_block;
		size_t part = len < room ? len : room;
		if (!comparison->sha)
			comparison->sha = ad_sha256_new();
		ad_sha256_update(comparison->sha, bytes, part);
		comparison->in_block += part;
		bytes += part;
		len -= part;
		if (comparison->in_block == AD_BLOCK_LEN) {
			int rc = end_block(comparison, err);
			if (rc)
				return rc;
		}
	}
	return 0;
}

static int check_entry(struct ad_zip *zip, const struct ad_zip_entry *entry,
	const struct ad_block_file *file, uint8_t *kept, struct ad_err *err)
{
	struct comparison comparison = { .file = file, .next = file->blocks, .kept = kept };
	if (entry->size != file->size ||
		ad_msix_local_header_len(zip, entry) != file->local_header_len)
		return AD_FAIL(
			err, AD_EINTEGRITY, "block map: %.100s: size does not match", file->name);
	int rc = ad_zip_stream(zip, entry, on_data, &comparison, err);
	if (!rc && comparison.in_block > 0)
		rc = end_block(&comparison, err);
	ad_sha256_free(comparison.sha);
	if (!rc && comparison.next)
		rc = AD_FAIL(
			err, AD_EINTEGRITY, "block map: %.100s: blocks are missing", file->name);
	return rc;
}

static int hex_value(char c)
{
	uint8_t value = 0;
	char pair[] = { '0', c, '\0' };
	return ad_hex_decode(pair, &value, 1) == 0 ? value : -1;
}

/* Archive names are percent-encoded, names in the map are not. */
static char *decoded(struct ad_arena *arena, const char *name)
{
	char *copy = ad_strdup(arena, name);
	char *to = copy;
	for (const char *from = name; *from; from++) {
		int high = from[0] == '%' && from[1] ? hex_value(from[1]) : -1;
		int low = high >= 0 && from[2] ? hex_value(from[2]) : -1;
		if (low >= 0) {
			*to++ = (char)(high << 4 | low);
			from += 2;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
	return copy;
}

int ad_block_map_check(struct ad_arena *arena, struct ad_block_map *map, struct ad_zip *zip,
	const char *keep, struct ad_bytes *ret_kept, struct ad_err *err)
{
	size_t seen = 0;
	for (size_t i = 0; i < ad_zip_count(zip); i++) {
		const struct ad_zip_entry *entry = ad_zip_at(zip, i);
		if (ad_block_map_footprint(entry->name))
			continue;
		struct ad_block_file *file = find_file(map, decoded(arena, entry->name));
		if (!file || file->seen)
			return AD_FAIL(err, AD_EINTEGRITY,
				"block map: %.200s is in the package but not in the map",
				entry->name);
		bool kept = strcmp(entry->name, keep) == 0;
		uint8_t *content = kept ? ad_alloc(arena, (size_t)entry->size + 1) : NULL;
		int rc = check_entry(zip, entry, file, content, err);
		if (rc)
			return rc;
		if (kept)
			*ret_kept =
				(struct ad_bytes){ .data = content, .len = (size_t)entry->size };
		file->seen = true;
		seen++;
	}
	return seen == map->file_count ? 0 : refuse(err, "lists a file that the package lacks");
}

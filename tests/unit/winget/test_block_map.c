/* SPDX-License-Identifier: Apache-2.0 */
/* The two XML files of a package: what a block map may say, and what no XML may contain. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <setjmp.h>
#include <cmocka.h>

#include "block_map.h"
#include "xml.h"

#include "ad/archive/zip_store.h"
#include "ad/buf.h"
#include "ad/text.h"

#define MAP(content)                                                                              \
	"<?xml version=\"1.0\"?><BlockMap HashMethod=\"http://www.w3.org/2001/04/xmlenc#sha256\"" \
	" xmlns=\"http://schemas.microsoft.com/appx/2010/blockmap\">" content "</BlockMap>"
#define HASH "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define FILE_OF(name) \
	"<File Name=\"" name "\" Size=\"10\" LfhSize=\"40\"><Block Hash=\"" HASH "\"/></File>"

static int setup(void **state)
{
	*state = ad_arena_new();
	return 0;
}

static int teardown(void **state)
{
	ad_arena_free(*state);
	return 0;
}

static int parse(struct ad_arena *arena, const char *xml, struct ad_block_map *map)
{
	struct ad_err err = { 0 };
	return ad_block_map_parse(arena,
		(struct ad_bytes){ .data = (const uint8_t *)xml, .len = strlen(xml) }, map, &err);
}

static void files_and_blocks_are_read(void **state)
{
	struct ad_block_map map;
	assert_int_equal(parse(*state,
				 MAP(FILE_OF("Public\\index.db") "<File Name=\"empty\" Size=\"0\" "
								 "LfhSize=\"35\"/>"),
				 &map),
		0);
	assert_int_equal(map.file_count, 2);
	assert_string_equal(map.files[0].name, "Public/index.db");
	assert_int_equal(map.files[0].block_count, 1);
	assert_int_equal(map.files[0].blocks->sha256[31], 0x1f);
	assert_int_equal(map.files[1].block_count, 0);
}

static void other_maps_are_refused(void **state)
{
	static const char *const bad[] = { "", "<BlockMap/>", "<a/>", MAP("<Other/>"),
		MAP("<File/>"), MAP("<File Name=\"a\" Size=\"-1\" LfhSize=\"1\"/>"),
		MAP("<File Name=\"a\" Size=\"x\" LfhSize=\"1\"/>"),
		MAP("<File Name=\"a\" Size=\"1\"/>"), MAP(FILE_OF("a") FILE_OF("A")),
		MAP("<File Name=\"a\" Size=\"1\" LfhSize=\"1\"><Block/></File>"),
		MAP("<File Name=\"a\" Size=\"1\" LfhSize=\"1\"><Block Hash=\"AAEC\"/></File>"),
		MAP("<File Name=\"a\" Size=\"1\" LfhSize=\"1\">"),
		"<BlockMap xmlns=\"http://schemas.microsoft.com/appx/2010/blockmap\"/>",
		("<BlockMap HashMethod=\"http://www.w3.org/2001/04/xmlenc#sha512\""
		 " xmlns=\"http://schemas.microsoft.com/appx/2010/blockmap\"/>") };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct ad_block_map map;
		if (parse(*state, bad[i], &map) != AD_EINTEGRITY)
			fail_msg("accepted: %s", bad[i]);
	}
}

#define LONG_LEN (2 * AD_BLOCK_LEN + 5)

static int to_buf(void *context, const void *data, size_t len, struct ad_err *err)
{
	(void)err;
	return ad_buf_add(context, data, len) ? 0 : AD_ETOOBIG;
}

/* A package with a footprint file, a long file "a b" and a short one. */
static struct ad_zip *package(struct ad_arena *arena, const uint8_t *content)
{
	static const struct ad_zip_limits limits = { 10, 1u << 20, 1u << 20 };
	const struct ad_zip_store_file files[] = { { .name = "AppxBlockMap.xml", .size = 1 },
		{ .name = "a%20b", .size = LONG_LEN }, { .name = "short", .size = 1 } };
	struct ad_zip_store *store = NULL;
	struct ad_zip *zip = NULL;
	struct ad_buf out;
	ad_buf_init(&out, 1u << 20);
	assert_int_equal(ad_zip_store_new(arena, files, 3, &store, NULL), 0);
	ad_zip_store_set_sink(store, to_buf, &out);
	assert_int_equal(ad_zip_store_next(store, NULL), 0);
	assert_int_equal(ad_zip_store_write(store, "x", 1, NULL), 0);
	assert_int_equal(ad_zip_store_next(store, NULL), 0);
	assert_int_equal(ad_zip_store_write(store, content, LONG_LEN, NULL), 0);
	assert_int_equal(ad_zip_store_next(store, NULL), 0);
	assert_int_equal(ad_zip_store_write(store, "x", 1, NULL), 0);
	assert_int_equal(ad_zip_store_finish(store, NULL), 0);
	struct ad_bytes bytes = { .data = ad_memdup(arena, out.data, out.len), .len = out.len };
	ad_buf_release(&out);
	assert_int_equal(ad_zip_open_bytes(arena, bytes, &limits, &zip, NULL), 0);
	return zip;
}

static const char *block_of(struct ad_arena *arena, const uint8_t *data, size_t len)
{
	uint8_t digest[AD_SHA256_LEN];
	ad_sha256(data, len, digest);
	return ad_printf(arena, "<Block Hash=\"%s\"/>", ad_base64(arena, digest, sizeof digest));
}

/* What the right map says, with room for what a wrong one says. */
struct claims {
	const char *name;
	size_t size;
	size_t header;
	size_t blocks;
	const char *more; /* files besides */
};

static int check(struct ad_arena *arena, struct claims claims, const uint8_t *content,
	struct ad_bytes *kept, struct ad_err *err)
{
	struct ad_block_map map;
	const char *xml = ad_printf(arena, MAP("<File Name=\"%s\" Size=\"%zu\" LfhSize=\"%zu\">"),
		claims.name, claims.size, claims.header);
	xml = ad_strndup(arena, xml, strlen(xml) - strlen("</BlockMap>"));
	for (size_t i = 0; i < claims.blocks; i++) {
		size_t at = i * AD_BLOCK_LEN < LONG_LEN ? i * AD_BLOCK_LEN : 0;
		size_t len = LONG_LEN - at < AD_BLOCK_LEN ? LONG_LEN - at : AD_BLOCK_LEN;
		xml = ad_printf(arena, "%s%s", xml, block_of(arena, content + at, len));
	}
	xml = ad_printf(arena,
		"%s</File><File Name=\"short\" Size=\"1\" LfhSize=\"35\">%s</File>%s</BlockMap>",
		xml, block_of(arena, (const uint8_t *)"x", 1), claims.more ? claims.more : "");
	*err = (struct ad_err){ 0 };
	assert_int_equal(parse(arena, xml, &map), 0);
	return ad_block_map_check(arena, &map, package(arena, content), "a%20b", kept, err);
}

static void every_block_of_every_file_is_compared(void **state)
{
	static const struct claims right = { "a b", LONG_LEN, 35, 3, NULL };
	static const struct {
		struct claims claims;
		const char *words;
	} wrong[] = {
		{ { "a b", LONG_LEN, 35, 2, NULL }, "block 2 does not match" },
		{ { "a b", LONG_LEN, 35, 4, NULL }, "blocks are missing" },
		{ { "a b", LONG_LEN - 1, 35, 3, NULL }, "size does not match" },
		{ { "a b", LONG_LEN, 36, 3, NULL }, "size does not match" },
		{ { "a%20b", LONG_LEN, 35, 3, NULL }, "not in the map" },
		{ { "a b", LONG_LEN, 35, 3, FILE_OF("ghost") }, "package lacks" },
		{ { "a b", LONG_LEN, 35, 3, FILE_OF("AppxBlockMap.xml") }, "package lacks" },
	};
	struct ad_arena *arena = *state;
	struct ad_bytes kept = { 0 };
	struct ad_err err;
	uint8_t *content = ad_alloc(arena, LONG_LEN);
	for (size_t i = 0; i < LONG_LEN; i++)
		content[i] = (uint8_t)(i / 251);
	if (check(arena, right, content, &kept, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(kept.len, LONG_LEN);
	assert_memory_equal(kept.data, content, LONG_LEN);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		int rc = check(arena, wrong[i].claims, content, &kept, &err);
		if (rc != AD_EINTEGRITY || !strstr(err.text, wrong[i].words))
			fail_msg("\"%s\" where \"%s\" was expected", err.text, wrong[i].words);
	}
}

static void a_changed_block_is_named(void **state)
{
	static const struct claims right = { "a b", LONG_LEN, 35, 3, NULL };
	struct ad_arena *arena = *state;
	uint8_t *content = ad_alloc(arena, LONG_LEN);
	uint8_t *changed = ad_alloc(arena, LONG_LEN);
	struct ad_block_map map;
	struct ad_bytes kept;
	struct ad_err err = { 0 };
	changed[AD_BLOCK_LEN] = 1;
	assert_int_equal(check(arena, right, content, &kept, &err), 0);
	const char *xml = ad_printf(arena,
		MAP("<File Name=\"a b\" Size=\"%u\" LfhSize=\"35\">%s%s%s</File>"
		    "<File Name=\"short\" Size=\"1\" LfhSize=\"35\">%s</File>"),
		LONG_LEN, block_of(arena, content, AD_BLOCK_LEN),
		block_of(arena, content, AD_BLOCK_LEN), block_of(arena, content, 5),
		block_of(arena, (const uint8_t *)"x", 1));
	assert_int_equal(parse(arena, xml, &map), 0);
	assert_int_equal(ad_block_map_check(arena, &map, package(arena, changed), "", &kept, &err),
		AD_EINTEGRITY);
	assert_non_null(strstr(err.text, "a b: block 1 does not match"));
}

static int ignore(void *context, unsigned depth, const char *name, const char *const *attributes,
	struct ad_err *err)
{
	(void)context;
	(void)depth;
	(void)name;
	(void)attributes;
	(void)err;
	return 0;
}

static int parse_xml(const char *xml)
{
	struct ad_err err = { 0 };
	return ad_xml_parse((struct ad_bytes){ .data = (const uint8_t *)xml, .len = strlen(xml) },
		ignore, NULL, &err);
}

static void document_types_and_entities_are_refused(void **state)
{
	(void)state;
	assert_int_equal(parse_xml("<a/>"), 0);
	assert_int_equal(parse_xml("<!DOCTYPE a><a/>"), AD_EINVAL);
	assert_int_equal(parse_xml("<!DOCTYPE a [<!ENTITY x \"y\">]><a b=\"&x;\"/>"), AD_EINVAL);
	assert_int_equal(parse_xml("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>"), AD_EINVAL);
	assert_int_equal(parse_xml("<a>&x;</a>"), AD_EINVAL);
	assert_int_equal(parse_xml("<a/><b/>"), AD_EINVAL);
	assert_int_equal(parse_xml("<a b='1' b='2'/>"), AD_EINVAL);
}

static void depth_is_limited(void **state)
{
	struct ad_arena *arena = *state;
	char *xml = ad_strdup(arena, "<a>");
	for (unsigned i = 1; i < AD_XML_DEPTH_MAX; i++)
		xml = ad_printf(arena, "%s<a>", xml);
	assert_int_equal(parse_xml(xml), AD_EINVAL); /* only cut off */
	assert_int_equal(parse_xml(ad_printf(arena, "%s<a>", xml)), AD_ETOOBIG);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(files_and_blocks_are_read),
		TEST(other_maps_are_refused),
		TEST(every_block_of_every_file_is_compared),
		TEST(a_changed_block_is_named),
		TEST(document_types_and_entities_are_refused),
		TEST(depth_is_limited),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

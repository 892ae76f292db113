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
		TEST(document_types_and_entities_are_refused),
		TEST(depth_is_limited),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

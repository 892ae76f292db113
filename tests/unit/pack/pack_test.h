/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of pack share: a folder of their own, files, and other programs as oracles. */
#ifndef AD_TESTS_PACK_TEST_H
#define AD_TESTS_PACK_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ad/file.h"
#include "ad/pack.h"
#include "ad/text.h"

#include "../programs.h"

static struct ad_arena *arena;
static char folder[] = "/tmp/ad-pack-test-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	arena = ad_arena_new();
	return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	struct ad_err err;
	(void)state;
	ad_arena_free(arena);
	return ad_file_remove_tree(folder, &err);
}

static inline const char *in_folder(const char *name)
{
	return ad_printf(arena, "%s/%s", folder, name);
}

/* A file of this size whose bytes are all different from their neighbours. */
static inline const char *make_file(const char *name, size_t size)
{
	struct ad_err err;
	uint8_t *data = ad_alloc(arena, size + 1);
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)(i * 31 + i / 251);
	assert_int_equal(ad_file_write(in_folder(name), data, size, 0600, &err), 0);
	return in_folder(name);
}

static inline const char *source_path(const char *name)
{
	return ad_printf(arena, "%s/%s", getenv("AD_SOURCE_DIR"), name);
}

#endif

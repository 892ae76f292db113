/* SPDX-License-Identifier: Apache-2.0 */
/* Trails of checks: what passed, and where it stopped. */
#include "ad/trail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static void the_step_that_saw_nothing_is_the_one_that_failed(void **state)
{
	(void)state;
	struct ad_arena *arena = ad_arena_new();
	struct ad_trail trail = { .arena = arena };
	struct ad_err err = { .text = "digest: expected a, found b" };
	assert_null(ad_trail_failed(&trail));
	ad_trail_begin(&trail, "form");
	assert_string_equal(ad_trail_failed(&trail), "form");
	ad_trail_saw(&trail, "%d bytes", 7);
	assert_null(ad_trail_failed(&trail));
	ad_trail_begin(&trail, "digest");
	assert_string_equal(ad_trail_failed(&trail), "digest");
	assert_string_equal(ad_trail_why(&trail, &err), "expected a, found b");
	assert_string_equal(ad_json_print(arena, ad_trail_json(arena, &trail, &err)),
		"[{\"step\":\"form\",\"ok\":true,\"saw\":\"7 bytes\"},"
		"{\"step\":\"digest\",\"ok\":false,\"error\":\"expected a, found b\"}]");
	ad_arena_free(arena);
}

static void nobody_has_to_watch(void **state)
{
	(void)state;
	ad_trail_begin(NULL, "form");
	ad_trail_saw(NULL, "%d bytes", 7);
	assert_null(ad_trail_failed(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_step_that_saw_nothing_is_the_one_that_failed),
		cmocka_unit_test(nobody_has_to_watch),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Arenas free at once and in order; buffers never pass their maximum. */
#include "ad/arena.h"
#include "ad/buf.h"
#include "ad/err.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static int order[3];
static int calls;

static void note(void *number)
{
	order[calls++] = *(int *)number;
}

static void test_an_arena_runs_what_was_deferred_newest_first(void **state)
{
	static int one = 1;
	static int two = 2;
	(void)state;
	struct ad_arena *arena = ad_arena_new();
	calls = 0;
	ad_arena_defer(arena, note, &one);
	ad_arena_defer(arena, note, &two);
	ad_arena_reset(arena);
	assert_int_equal(calls, 2);
	assert_int_equal(order[0], 2);
	assert_int_equal(order[1], 1);
	assert_int_equal(ad_arena_used(arena), 0);
	ad_arena_free(arena);
	assert_int_equal(calls, 2);
}

static void test_arena_memory_is_zeroed_and_aligned_even_after_a_reset(void **state)
{
	(void)state;
	struct ad_arena *arena = ad_arena_new();
	for (int round = 0; round < 3; round++) {
		for (size_t size = 1; size < 100000; size *= 3) {
			unsigned char *memory = ad_alloc(arena, size);
			assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
			for (size_t i = 0; i < size; i++)
				assert_int_equal(memory[i], 0);
			memset(memory, 0xAA, size);
		}
		ad_arena_reset(arena);
	}
	assert_string_equal(ad_printf(arena, "%s-%d", "a", 7), "a-7");
	assert_string_equal(ad_strndup(arena, "abcdef", 3), "abc");
	assert_string_equal(
		ad_strndup(arena, "ab", 100), "ab"); /* and nothing behind its end is read */
	assert_null(ad_strdup(arena, NULL));
	ad_arena_free(arena);
}

static void test_a_buffer_refuses_what_passes_its_maximum_and_remembers_it(void **state)
{
	struct ad_buf buf;
	(void)state;
	ad_buf_init(&buf, 8);
	assert_string_equal(ad_buf_str(&buf), "");
	assert_true(ad_buf_addf(&buf, "%d", 1234));
	assert_true(ad_buf_adds(&buf, "5678"));
	assert_false(ad_buf_addc(&buf, 'x'));
	assert_true(buf.overflow);
	assert_string_equal(ad_buf_str(&buf), "12345678");
	ad_buf_clear(&buf);
	assert_true(ad_buf_add(&buf, "a\0b", 3));
	assert_int_equal(buf.len, 3);
	char *taken = ad_buf_detach(&buf);
	assert_memory_equal(taken, "a\0b", 4);
	free(taken);
	assert_int_equal(buf.len, 0);
	ad_buf_release(&buf);
}

static void test_an_error_keeps_the_class_that_decides_about_retry(void **state)
{
	struct ad_err err = { 0 };
	(void)state;
	assert_int_equal(AD_FAIL(&err, AD_ETIMEOUT, "after %d s", 5), AD_ETIMEOUT);
	assert_int_equal(err.class, AD_CLASS_TRANSIENT);
	assert_string_equal(err.text, "after 5 s");
	ad_err_prefix(&err, "step %s: ", "fetch");
	assert_string_equal(err.text, "step fetch: after 5 s");
	assert_int_equal(AD_FAIL(NULL, AD_EINTEGRITY, "x"), AD_EINTEGRITY);
	assert_int_equal(ad_err_class(AD_EINTEGRITY), AD_CLASS_PERMANENT);
	assert_int_equal(ad_err_class(-999), AD_CLASS_BUG);
	assert_string_equal(ad_err_code_name(AD_EUPSTREAM), "upstream");
	char longest[2 * AD_ERR_TEXT_MAX];
	memset(longest, 'y', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	(void)AD_FAIL(&err, AD_EBUG, "%s", longest);
	ad_err_prefix(&err, "%s", longest);
	assert_int_equal(strlen(err.text), AD_ERR_TEXT_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_arena_runs_what_was_deferred_newest_first),
		cmocka_unit_test(test_arena_memory_is_zeroed_and_aligned_even_after_a_reset),
		cmocka_unit_test(test_a_buffer_refuses_what_passes_its_maximum_and_remembers_it),
		cmocka_unit_test(test_an_error_keeps_the_class_that_decides_about_retry),
	};
	return cmocka_run_group_tests_name("base_memory", tests, NULL, NULL);
}

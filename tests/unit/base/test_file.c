/* SPDX-License-Identifier: Apache-2.0 */
/* Files are read with a limit, written at once or not at all, and removed without following links;
 * log lines cannot be forged. */
#include "ad/file.h"
#include "ad/json.h"
#include "ad/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <setjmp.h>
#include <sys/stat.h>
#include <cmocka.h>

static char folder[] = "/tmp/appdesk-file-XXXXXX";
static struct ad_arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = ad_arena_new();
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	struct ad_err err = { 0 };
	(void)state;
	int r = ad_file_remove_tree(folder, &err);
	ad_arena_free(arena);
	return r;
}

static const char *path_of(const char *name)
{
	return ad_printf(arena, "%s/%s", folder, name);
}

static void test_a_write_replaces_the_file_whole_with_its_mode(void **state)
{
	struct ad_err err = { 0 };
	char *data;
	size_t len;
	struct stat st;
	(void)state;
	assert_int_equal(ad_file_write(path_of("a"), "one", 3, 0600, &err), 0);
	assert_int_equal(ad_file_write(path_of("a"), "second", 6, 0600, &err), 0);
	assert_int_equal(ad_file_read(arena, path_of("a"), 100, &data, &len, &err), 0);
	assert_int_equal(len, 6);
	assert_string_equal(data, "second");
	assert_int_equal(stat(path_of("a"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void test_a_file_above_the_limit_is_not_read(void **state)
{
	struct ad_err err = { 0 };
	char *data;
	size_t len;
	(void)state;
	assert_int_equal(ad_file_write(path_of("big"), "12345", 5, 0600, &err), 0);
	assert_int_equal(ad_file_read(arena, path_of("big"), 4, &data, &len, &err), AD_ETOOBIG);
	assert_int_equal(ad_file_read(arena, path_of("big"), 5, &data, &len, &err), 0);
	assert_int_equal(ad_file_read(arena, path_of("none"), 5, &data, &len, &err), AD_ENOTFOUND);
	assert_non_null(strstr(err.text, "none"));
}

static void test_removing_a_folder_does_not_follow_links(void **state)
{
	struct ad_err err = { 0 };
	(void)state;
	assert_int_equal(ad_file_mkdirs(path_of("tree/deep/er"), &err), 0);
	assert_int_equal(ad_file_mkdirs(path_of("kept"), &err), 0);
	assert_int_equal(ad_file_write(path_of("kept/file"), "x", 1, 0600, &err), 0);
	assert_int_equal(ad_file_write(path_of("tree/deep/er/file"), "x", 1, 0600, &err), 0);
	assert_int_equal(symlink(path_of("kept"), path_of("tree/link")), 0);
	assert_int_equal(ad_file_remove_tree(path_of("tree"), &err), 0);
	assert_false(ad_file_exists(path_of("tree")));
	assert_true(ad_file_exists(path_of("kept/file")));
	assert_int_equal(ad_file_remove_tree(path_of("tree"), &err), 0);
}

static void test_a_log_line_is_one_json_object_whatever_the_values(void **state)
{
	char *line;
	size_t len;
	struct ad_json *json = NULL;
	struct ad_err err = {
		.code = AD_EINVAL, .class = AD_CLASS_CALLER, .where = "here", .text = "why\n\"x\""
	};
	(void)state;
	int out = open(path_of("log"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int kept = dup(STDERR_FILENO);
	assert_true(out >= 0 && kept >= 0 && dup2(out, STDERR_FILENO) >= 0);
	ad_log_context("activity", "1\r\n{\"level\":\"error\"}");
	ad_log_err(AD_LOG_WARN, "test", "forged?", &err, "name",
		"a\xE2\x80\xA8"
		"b\x80\x1B[31m\xC2\x85\xE2\x80\xA9\xE2\x80\xAE J\xC3\xBCrgen",
		"none", NULL, NULL);
	ad_log(AD_LOG_DEBUG, "test", "below the level", NULL);
	ad_log_context_clear();
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	(void)close(kept);
	(void)close(out);
	assert_int_equal(ad_file_read(arena, path_of("log"), 10000, &line, &len, &err), 0);
	assert_ptr_equal(strchr(line, '\n'), line + len - 1);
	assert_null(strchr(line, '\r'));
	assert_null(strchr(line, '\x1B'));
	static const char *const breaks[] = { "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAE",
		"\xC2\x85" };
	for (size_t i = 0; i < sizeof breaks / sizeof breaks[0]; i++)
		assert_null(strstr(line, breaks[i]));
	assert_non_null(strstr(line, "J\xC3\xBCrgen"));
	assert_int_equal(ad_json_parse(arena, line, len, &json, &err), 0);
	assert_string_equal(ad_json_str(json, "level"), "warn");
	assert_string_equal(ad_json_str(json, "err"), "why\n\"x\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_write_replaces_the_file_whole_with_its_mode),
		cmocka_unit_test(test_a_file_above_the_limit_is_not_read),
		cmocka_unit_test(test_removing_a_folder_does_not_follow_links),
		cmocka_unit_test(test_a_log_line_is_one_json_object_whatever_the_values),
	};
	return cmocka_run_group_tests_name("base_file", tests, setup, teardown);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A zip gives way to its installer: by which name, and what is remembered of it. */
#include "../pack/pack_test.h"

#include "ad/archive/zip_store.h"
#include "ad/jobs/packaging.h"

#include <fcntl.h>

static int to_file(void *context, const void *data, size_t len, struct ad_err *err)
{
	const int *fd = context;
	return ad_file_write_all(*fd, data, len, err);
}

/* A zip whose files have their names as content. */
static const char *make_zip(const char *const *names, size_t count)
{
	const char *path = in_folder("some.zip");
	struct ad_zip_store_file files[4] = { 0 };
	struct ad_zip_store *store = NULL;
	AD_AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	for (size_t i = 0; i < count; i++)
		files[i] = (struct ad_zip_store_file){ .name = names[i], .size = strlen(names[i]) };
	assert_int_equal(ad_zip_store_new(arena, files, count, &store, NULL), 0);
	ad_zip_store_set_sink(store, to_file, &fd);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(ad_zip_store_next(store, NULL), 0);
		assert_int_equal(ad_zip_store_write(store, names[i], strlen(names[i]), NULL), 0);
	}
	assert_int_equal(ad_zip_store_finish(store, NULL), 0);
	return path;
}

/* The first one is the installer, an Inno Setup. */
static struct ad_winget_file unpack(
	const char *const *names, size_t count, struct ad_pack_nested *ret)
{
	const struct ad_winget_nested_file nested = { .path = names[0] };
	struct ad_winget_installer installer = { .type = AD_WINGET_TYPE_ZIP,
		.nested_type = AD_WINGET_TYPE_INNO,
		.arch = AD_WINGET_ARCH_X64,
		.nested_files = &nested,
		.nested_file_count = 1 };
	struct ad_winget_resolution resolution = {
		.row.id = "Contoso.Viewer", .version.version = "1.0", .choice.installer = &installer
	};
	struct ad_winget_file file = { .path = make_zip(names, count), .name = "some.zip" };
	struct ad_err err = { 0 };
	if (ad_packaging_unpack(arena, &resolution, folder, &file, ret, &err) < 0)
		fail_msg("%s", err.text);
	return file;
}

static void expect_content(const char *path, const char *content)
{
	char *data;
	size_t len;
	assert_int_equal(ad_file_read(arena, path, 1000, &data, &len, NULL), 0);
	assert_string_equal(data, content);
}

static void an_installer_keeps_a_safe_name_where_files_are_beside_it(void **state)
{
	static const struct {
		const char *names[2];
		size_t count;
		const char *expected;
	} cases[] = {
		{ { "a/Setup-2.EXE", "a/Setup-2-1.bin" }, 2, "unpacked/Setup-2.EXE" },
		{ { "setup.exe", "data.bin" }, 2, "unpacked/setup.exe" },
		{ { "a/setup.exe", "b/data.bin" }, 2, "setup-Contoso.Viewer-1.0-x64.exe" },
		{ { "a/setup.exe" }, 1, "setup-Contoso.Viewer-1.0-x64.exe" },
		{ { "a/set up.exe", "a/x" }, 2, "setup-Contoso.Viewer-1.0-x64.exe" },
		{ { "a/-setup.exe", "a/x" }, 2, "setup-Contoso.Viewer-1.0-x64.exe" },
		{ { "a/setup.bat", "a/x" }, 2, "setup-Contoso.Viewer-1.0-x64.exe" },
		{ { "a/setup", "a/x" }, 2, "setup-Contoso.Viewer-1.0-x64.exe" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_pack_nested nested;
		struct ad_winget_file file = unpack(cases[i].names, cases[i].count, &nested);
		assert_string_equal(file.name, cases[i].expected);
		assert_string_equal(file.path, in_folder(file.name));
		expect_content(file.path, cases[i].names[0]);
	}
}

static void what_is_remembered_of_it_is_the_same_afterwards(void **state)
{
	static const char *const names[] = { "a/setup.exe", "a/data.bin", "b/other",
		"a/c/more.bin" };
	struct ad_pack_nested nested, again;
	uint8_t sha256[AD_SHA256_LEN];
	(void)state;
	(void)unpack(names, 4, &nested);
	expect_content(in_folder(AD_PACKAGING_BESIDE), "a/data.bina/c/more.bin");
	const struct ad_winget_nested_file path = { .path = names[0] };
	struct ad_winget_installer installer = { .nested_files = &path };
	const struct ad_winget_resolution resolution = { .choice.installer = &installer };
	const struct ad_json *json = ad_packaging_nested_json(arena, &resolution, &nested);
	assert_int_equal(ad_packaging_nested_read(arena, json, &again, NULL), 0);
	assert_int_equal(again.size, strlen(names[0]));
	assert_memory_equal(again.sha256, nested.sha256, AD_SHA256_LEN);
	assert_int_equal(again.beside_count, 2);
	assert_string_equal(again.beside[0].name, "data.bin");
	assert_string_equal(again.beside[1].name, "c/more.bin");
	assert_int_equal(again.beside[1].offset, strlen("a/data.bin"));
	assert_int_equal(again.beside[1].size, strlen("a/c/more.bin"));
	ad_sha256("a/c/more.bin", strlen("a/c/more.bin"), sha256);
	assert_memory_equal(again.beside[1].sha256, sha256, AD_SHA256_LEN);
	assert_int_equal(ad_pack_beside_size(&again), strlen("a/data.bina/c/more.bin"));
	/* Of an app that was in no zip, and of one that something else has changed. */
	assert_int_equal(ad_packaging_nested_read(arena, NULL, &again, NULL), 0);
	assert_int_equal(again.size, 0);
	assert_int_equal(
		ad_packaging_nested_read(arena, ad_json_new_object(arena), &again, NULL), AD_EBUG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_installer_keeps_a_safe_name_where_files_are_beside_it),
		cmocka_unit_test(what_is_remembered_of_it_is_the_same_afterwards),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}

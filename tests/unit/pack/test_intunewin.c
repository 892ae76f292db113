/* SPDX-License-Identifier: Apache-2.0 */
/* .intunewin: what we write others can open, what others wrote we can open, and what was touched
 * nobody can. */
#include "pack_test.h"

#include "ad/archive/zip.h"
#include "ad/crypto.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

static struct ad_intunewin_info encrypt(const struct ad_intunewin_file *files, size_t count)
{
	struct ad_intunewin_info info;
	struct ad_err err = { 0 };
	const struct ad_intunewin_wish wish = { .files = files,
		.files_count = count,
		.setup_file = files[0].name,
		.name = "A & B <Example>",
		.out = in_folder("package.bin") };
	int r = ad_intunewin_encrypt(arena, &wish, &info, &err);
	if (r < 0)
		fail_msg("%s", err.text);
	return info;
}

static const char *wrap(const struct ad_intunewin_info *info)
{
	struct ad_err err = { 0 };
	const char *out = in_folder("package.intunewin");
	int r = ad_intunewin_wrap(arena, in_folder("package.bin"), info, NULL, out, &err);
	if (r < 0)
		fail_msg("%s", err.text);
	return out;
}

/* The same in one pass, with keys of its own. */
static const char *contain(const struct ad_intunewin_file *files, size_t count)
{
	struct ad_err err = { 0 };
	const struct ad_intunewin_wish wish = { .files = files,
		.files_count = count,
		.setup_file = files[0].name,
		.name = "A & B <Example>",
		.out = in_folder("package.intunewin") };
	if (ad_intunewin_create(arena, &wish, NULL, &err) < 0)
		fail_msg("%s", err.text);
	return wish.out;
}

/* Zip overhead is constant, so sixteen sizes in a row meet every length modulo 16. */
static void every_length_is_opened_by_other_programs(void **state)
{
	(void)state;
	unsigned seen = 0;
	for (size_t size = 1000; size < 1016; size++) {
		const char *path = make_file("setup.exe", size);
		const struct ad_intunewin_file files[] = {
			{ .name = "setup.exe", .path = path },
		};
		struct ad_intunewin_info info = encrypt(files, 1);
		int64_t on_disk;
		struct ad_err err;
		assert_int_equal(ad_file_size(in_folder("package.bin"), &on_disk, &err), 0);
		assert_int_equal(on_disk, info.size_encrypted);
		assert_int_equal(info.size_encrypted, 48 + (info.size / 16 + 1) * 16);
		seen |= 1u << (info.size % 16);
		for (int at_once = 0; at_once < 2; at_once++) {
			const char *const check[] = { "python3",
				source_path("tests/unit/pack/check_intunewin.py"),
				at_once ? contain(files, 1) : wrap(&info),
				ad_printf(arena, "setup.exe=%s", path), NULL };
			assert_int_equal(run_program(check), 0);
		}
	}
	assert_int_equal(seen, 0xffff);
}

static void several_files_and_large_ones_come_back(void **state)
{
	(void)state;
	const char *path = make_file("setup.exe", (5u << 20) + 3);
	const char *script = make_file("script.ps1", 77);
	char *data;
	size_t len;
	struct ad_err err;
	assert_int_equal(ad_file_read(arena, script, 1000, &data, &len, &err), 0);
	const struct ad_intunewin_file files[] = {
		{ .name = "setup.exe", .path = path },
		{ .name = "script.ps1", .data = data, .len = len },
	};
	const char *const check[] = { "python3", source_path("tests/unit/pack/check_intunewin.py"),
		contain(files, 2), ad_printf(arena, "setup.exe=%s", path),
		ad_printf(arena, "script.ps1=%s", script), NULL };
	assert_int_equal(run_program(check), 0);

	struct ad_intunewin_info found;
	const char *out = in_folder("out");
	assert_int_equal(
		ad_intunewin_extract(arena, in_folder("package.intunewin"), out, &found, &err), 0);
	assert_string_equal(found.name, "A & B <Example>");
	const char *const compare[] = { "cmp", path, ad_printf(arena, "%s/setup.exe", out), NULL };
	assert_int_equal(run_program(compare), 0);
	assert_false(ad_file_exists(ad_printf(arena, "%s/.plain.tmp", out)));
	/* A second time would write over what is there. */
	assert_int_equal(
		ad_intunewin_extract(arena, in_folder("package.intunewin"), out, &found, &err),
		AD_ECONFLICT);
}

/* Many files of a zip lie in one of ours, one after the other. */
static void parts_of_a_file_are_files_of_the_package(void **state)
{
	(void)state;
	struct ad_intunewin_info info;
	struct ad_err err = { 0 };
	char *data;
	size_t len;
	uint8_t sha256[AD_SHA256_LEN];
	const char *all = make_file("all.bin", 700000);
	assert_int_equal(ad_file_read(arena, all, 700001, &data, &len, &err), 0);
	const char *middle = in_folder("middle");
	assert_int_equal(ad_file_write(middle, data + 10, 600000, 0600, &err), 0);
	ad_sha256(data + 10, 600000, sha256);
	struct ad_intunewin_file files[] = {
		{ .name = "setup.exe", .path = all },
		{ .name = "data/middle",
			.path = all,
			.sha256 = sha256,
			.is_part = true,
			.part_at = 10,
			.part_len = 600000 },
		{ .name = "data/none", .path = all, .is_part = true, .part_at = 700000 },
	};
	const char *const check[] = { "python3", source_path("tests/unit/pack/check_intunewin.py"),
		contain(files, 3), ad_printf(arena, "setup.exe=%s", all),
		ad_printf(arena, "data/middle=%s", middle),
		ad_printf(arena, "data/none=%s", make_file("none", 0)), NULL };
	assert_int_equal(run_program(check), 0);
	const struct ad_intunewin_wish wish = { .files = files,
		.files_count = 3,
		.setup_file = "setup.exe",
		.name = "Example",
		.out = in_folder("parts.bin") };
	/* Another part, and one that the file is too short for by now. */
	static const uint64_t places[] = { 11, 200000 };
	for (size_t i = 0; i < 2; i++) {
		files[1].part_at = places[i];
		assert_int_equal(ad_intunewin_encrypt(arena, &wish, &info, &err), AD_EINTEGRITY);
		assert_false(ad_file_exists(wish.out));
	}
}

/* An installer lies on the disk between its verification and its use. */
static void threat_10_a_file_that_is_not_the_verified_one_is_refused(void **state)
{
	(void)state;
	struct ad_intunewin_info info;
	struct ad_err err = { 0 };
	char *data;
	size_t len;
	const char *path = make_file("setup.exe", 3000000);
	uint8_t sha256[AD_SHA256_LEN];
	assert_int_equal(ad_file_read(arena, path, 3000001, &data, &len, &err), 0);
	ad_sha256(data, len, sha256);
	const struct ad_intunewin_file files[] = {
		{ .name = "setup.exe", .path = path, .sha256 = sha256 },
	};
	const struct ad_intunewin_wish wish = { .files = files,
		.files_count = 1,
		.setup_file = "setup.exe",
		.name = "Example",
		.out = in_folder("verified.bin") };
	assert_int_equal(ad_intunewin_encrypt(arena, &wish, &info, &err), 0);
	assert_int_equal(unlink(wish.out), 0);
	static const size_t places[] = { 0, 1500000, 2999999 };
	for (size_t i = 0; i < 3; i++) {
		data[places[i]] ^= 1;
		assert_int_equal(ad_file_write(path, data, len, 0600, &err), 0);
		assert_int_equal(ad_intunewin_encrypt(arena, &wish, &info, &err), AD_EINTEGRITY);
		assert_false(ad_file_exists(wish.out));
		assert_false(ad_file_exists(in_folder("verified.bin.part")));
		data[places[i]] ^= 1;
	}
}

/* Files may not become larger than this: the thread that writes fails, and the others hear of it.
 */
static void a_failing_write_ends_all_threads(void **state)
{
	(void)state;
	struct ad_intunewin_info info;
	struct ad_err err = { 0 };
	const struct ad_intunewin_file files[] = {
		{ .name = "setup.exe", .path = make_file("setup.exe", 9u << 20) },
	};
	const struct rlimit small = { .rlim_cur = 1u << 20, .rlim_max = RLIM_INFINITY };
	struct rlimit before;
	const struct ad_intunewin_wish wish = { .files = files,
		.files_count = 1,
		.setup_file = "setup.exe",
		.name = "Example",
		.out = in_folder("large.bin") };
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	int r = ad_intunewin_encrypt(arena, &wish, &info, &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(r, AD_EIO);
	assert_non_null(strstr(err.text, "File too large"));
	assert_false(ad_file_exists(in_folder("large.bin.part")));
}

static void no_two_packages_share_a_key(void **state)
{
	(void)state;
	const struct ad_intunewin_file files[] = {
		{ .name = "setup.exe", .path = make_file("setup.exe", 100) },
	};
	struct ad_intunewin_info a = encrypt(files, 1);
	struct ad_intunewin_info b = encrypt(files, 1);
	assert_memory_equal(a.digest, b.digest, sizeof(a.digest));
	assert_memory_not_equal(a.encryption_key, b.encryption_key, sizeof(a.encryption_key));
	assert_memory_not_equal(a.mac_key, b.mac_key, sizeof(a.mac_key));
	assert_memory_not_equal(a.iv, b.iv, sizeof(a.iv));
}

static void a_touched_byte_is_noticed_before_anything_is_decrypted(void **state)
{
	(void)state;
	const struct ad_intunewin_file files[] = {
		{ .name = "setup.exe", .path = make_file("setup.exe", 3000) },
	};
	struct ad_intunewin_info info = encrypt(files, 1);
	const char *path = in_folder("package.bin");
	for (size_t at = 0; at < info.size_encrypted; at += 97) {
		struct ad_err err;
		uint8_t byte;
		int fd = open(path, O_RDWR | O_CLOEXEC);
		assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
		byte ^= 1;
		assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
		assert_int_equal(
			ad_intunewin_decrypt(path, &info, in_folder("plain"), &err), AD_EINTEGRITY);
		assert_false(ad_file_exists(in_folder("plain")));
		assert_false(ad_file_exists(in_folder("plain.part")));
		byte ^= 1;
		assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
		assert_int_equal(close(fd), 0);
	}
	struct ad_err err;
	assert_int_equal(ad_intunewin_decrypt(path, &info, in_folder("plain"), &err), 0);
}

static bool stop_at_once(void *ctx, uint64_t done, uint64_t total)
{
	(void)ctx;
	assert_true(done <= total);
	return false;
}

static void a_stopped_encryption_leaves_nothing(void **state)
{
	(void)state;
	struct ad_intunewin_info info;
	struct ad_err err;
	const struct ad_intunewin_file files[] = {
		{ .name = "setup.exe", .path = make_file("setup.exe", 3000) },
	};
	const struct ad_intunewin_wish wish = { .files = files,
		.files_count = 1,
		.setup_file = "setup.exe",
		.name = "Example",
		.out = in_folder("stopped.bin"),
		.keep_going = stop_at_once };
	assert_int_equal(ad_intunewin_encrypt(arena, &wish, &info, &err), AD_EBUSY);
	assert_false(ad_file_exists(in_folder("stopped.bin")));
	assert_false(ad_file_exists(in_folder("stopped.bin.part")));
}

static void a_detection_file_that_lies_is_refused(void **state)
{
	(void)state;
	const struct ad_intunewin_file files[] = {
		{ .name = "setup.exe", .path = make_file("setup.exe", 100) },
	};
	struct ad_intunewin_info info = encrypt(files, 1);
	struct ad_intunewin_info found;
	struct ad_err err;
	const char *xml = ad_intunewin_detection_xml(arena, &info, NULL);
	assert_int_equal(ad_intunewin_detection_parse(arena, xml, strlen(xml), &found, &err), 0);
	assert_memory_equal(found.mac_key, info.mac_key, sizeof(info.mac_key));
	static const char *const lies[][2] = { { "<SetupFile>", "<Setup>" },
		{ "ProfileVersion1", "ProfileVersion2" }, { "SHA256", "MD5" },
		{ "</Mac>", "A</Mac>" }, { "<Name>", "<Name>x</Name><Name>" },
		{ "<UnencryptedContentSize>", "<UnencryptedContentSize>-" } };
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		const char *at = strstr(xml, lies[i][0]);
		assert_non_null(at);
		const char *lie = ad_printf(arena, "%.*s%s%s", (int)(at - xml), xml, lies[i][1],
			at + strlen(lies[i][0]));
		assert_int_equal(
			ad_intunewin_detection_parse(arena, lie, strlen(lie), &found, &err),
			AD_EINVAL);
	}
}

/* The encrypted content of a container, in a file of its own. */
static const char *take_content(const char *container)
{
	static const struct ad_zip_limits limits = { 16, 1u << 30, 1u << 30 };
	struct ad_zip *zip;
	const char *out = in_folder("content");
	assert_int_equal(ad_zip_open(arena, container, &limits, &zip, NULL), 0);
	const struct ad_zip_entry *entry =
		ad_zip_find(zip, "IntuneWinPackage/Contents/IntunePackage.intunewin");
	assert_non_null(entry);
	assert_int_equal(ad_zip_extract(zip, entry, out, NULL), 0);
	return out;
}

/* Made by Microsoft's own tool; not part of the repository. */
static void a_genuine_package_opens_byte_for_byte(void **state)
{
	(void)state;
	const char *sample = source_path("../shared/data/winget/intunewin/sample.intunewin");
	const char *plain = source_path("../shared/data/winget/intunewin/sample.zip");
	struct ad_intunewin_info info;
	struct ad_err err = { 0 };
	if (!ad_file_exists(sample))
		skip();
	if (ad_intunewin_inspect(arena, sample, &info, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(info.setup_file, "file.txt");
	const char *decrypted = in_folder("decrypted");
	assert_int_equal(ad_intunewin_decrypt(take_content(sample), &info, decrypted, &err), 0);
	const char *const compare[] = { "cmp", plain, decrypted, NULL };
	assert_int_equal(run_program(compare), 0);
	const char *out = in_folder("genuine");
	int64_t size;
	if (ad_intunewin_extract(arena, sample, out, &info, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(ad_file_size(ad_printf(arena, "%s/file.txt", out), &size, &err), 0);
	assert_int_equal(size, 9374);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_is_opened_by_other_programs),
		cmocka_unit_test(several_files_and_large_ones_come_back),
		cmocka_unit_test(parts_of_a_file_are_files_of_the_package),
		cmocka_unit_test(threat_10_a_file_that_is_not_the_verified_one_is_refused),
		cmocka_unit_test(a_failing_write_ends_all_threads),
		cmocka_unit_test(no_two_packages_share_a_key),
		cmocka_unit_test(a_touched_byte_is_noticed_before_anything_is_decrypted),
		cmocka_unit_test(a_stopped_encryption_leaves_nothing),
		cmocka_unit_test(a_detection_file_that_lies_is_refused),
		cmocka_unit_test(a_genuine_package_opens_byte_for_byte),
	};
	(void)signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}

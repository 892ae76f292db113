/* SPDX-License-Identifier: Apache-2.0 */
/* Facts of MSIs that wixl builds here. */
#include "pack_test.h"

#include "ad/buf.h"

#define STRING_PAIRS 33000
#define TABLE_MAX ((size_t)1 << 20)

/* Replaces the only occurrence of a word. */
static const char *put(const char *text, const char *word, const char *with)
{
	const char *at = strstr(text, word);
	assert_non_null(at);
	return ad_printf(arena, "%.*s%s%s", (int)(at - text), text, with, at + strlen(word));
}

/* Path of a new MSI, or NULL when wixl is not installed. */
static const char *build(const char *arch, const char *all_users)
{
	char *text;
	size_t len;
	struct ad_err err;
	const char *out = in_folder("sample.msi");
	assert_int_equal(ad_file_read(arena, source_path("tests/unit/pack/sample.wxs.in"), 10000,
				 &text, &len, &err),
		0);
	const char *wxs = put(text, "ALLUSERS",
		*all_users ? ad_printf(arena, "<Property Id=\"ALLUSERS\" Value=\"%s\"/>", all_users)
			   : "");
	(void)make_file("readme.txt", 100);
	assert_int_equal(ad_file_write(in_folder("sample.wxs"), wxs, strlen(wxs), 0600, &err), 0);
	const char *const wixl[] = { "wixl", "-a", arch, "-o", out, in_folder("sample.wxs"), NULL };
	int code = run_program(wixl);
	if (code != -1 && code != 127)
		assert_int_equal(code, 0);
	return code == 0 ? out : NULL;
}

static void an_msi_tells_its_names_codes_and_architecture(void **state)
{
	(void)state;
	struct ad_msi msi;
	struct ad_err err = { 0 };
	const char *path = build("x64", "1");
	if (!path)
		skip();
	if (ad_pack_msi_read(arena, path, &msi, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(msi.product_code, "{01234567-89AB-CDEF-0123-456789ABCDEF}");
	assert_string_equal(msi.product_version, "2.10.3");
	assert_string_equal(msi.product_name, "Caf\xc3\xa9 Tools");
	assert_string_equal(msi.manufacturer, "Example & S\xc3\xb6hne");
	assert_string_equal(msi.upgrade_code, "{11111111-2222-3333-4444-555555555555}");
	assert_int_equal(strlen(msi.package_code), 38);
	assert_string_equal(msi.arch, "x64");
	assert_int_equal(msi.scope, AD_MSI_PER_MACHINE);
	assert_false(msi.includes_services);
	assert_false(msi.requires_reboot);
}

static void allusers_decides_for_whom_it_installs(void **state)
{
	(void)state;
	static const struct {
		const char *all_users;
		enum ad_msi_scope scope;
	} rows[] = { { "", AD_MSI_PER_USER }, { "2", AD_MSI_DUAL }, { "1", AD_MSI_PER_MACHINE } };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ad_msi msi;
		struct ad_err err;
		const char *path = build("x86", rows[i].all_users);
		if (!path)
			skip();
		assert_int_equal(ad_pack_msi_read(arena, path, &msi, &err), 0);
		assert_int_equal(msi.scope, rows[i].scope);
		assert_string_equal(msi.arch, "x86");
	}
}

/* References into a pool of more than 65,535 strings have three bytes, and rows lie in the order of
 * the pool. */
static void an_msi_of_very_many_strings_is_read_like_any_other(void **state)
{
	(void)state;
	struct ad_msi msi;
	struct ad_err err = { 0 };
	if (!build("x64", "1"))
		skip();
	struct ad_buf table;
	ad_buf_init(&table, TABLE_MAX);
	(void)ad_buf_adds(&table, "Property\tValue\ns72\tl0\nProperty\tProperty\n");
	for (int i = 0; i < STRING_PAIRS; i++)
		(void)ad_buf_addf(&table, "P%d\tV%d\n", i, i);
	(void)ad_buf_adds(&table,
		"ProductCode\t{01234567-89AB-CDEF-0123-456789ABCDEF}\nProductVersion\t7.1\n");
	assert_false(table.overflow);
	const char *idt = in_folder("Property.idt");
	assert_int_equal(ad_file_write(idt, ad_buf_str(&table), table.len, 0600, &err), 0);
	ad_buf_release(&table);
	const char *path = in_folder("many.msi"); /* a new one: its pool has these strings only */
	const char *const msibuild[] = { "msibuild", path, "-i", idt, NULL };
	assert_int_equal(run_program(msibuild), 0);
	if (ad_pack_msi_read(arena, path, &msi, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(msi.product_code, "{01234567-89AB-CDEF-0123-456789ABCDEF}");
	assert_string_equal(msi.product_version, "7.1");
}

static void what_is_no_msi_is_refused(void **state)
{
	(void)state;
	struct ad_msi msi;
	struct ad_err err;
	static const size_t sizes[] = { 0, 10, 5000 };
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		assert_int_equal(ad_pack_msi_read(arena, make_file("x.msi", sizes[i]), &msi, &err),
			AD_EINVAL);
	/* Compound files of other programs, and broken ones, begin like an MSI. */
	uint8_t head[600] = { 0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1 };
	assert_int_equal(ad_file_write(in_folder("y.msi"), head, sizeof(head), 0600, &err), 0);
	assert_int_equal(ad_pack_msi_read(arena, in_folder("y.msi"), &msi, &err), AD_EINVAL);
	assert_int_equal(ad_pack_msi_read(arena, in_folder("missing"), &msi, &err), AD_EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_msi_tells_its_names_codes_and_architecture),
		cmocka_unit_test(allusers_decides_for_whom_it_installs),
		cmocka_unit_test(an_msi_of_very_many_strings_is_read_like_any_other),
		cmocka_unit_test(what_is_no_msi_is_refused),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}

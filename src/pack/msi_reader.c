/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSIs are read by a reader: libmsi follows what a file says about itself, and there are files that
 * end it. The question is the path, the answer the facts; they are judged here, for a reader that a
 * file has taken over says what it likes, and the product code becomes part of a command line.
 */
#include "msi_reader.h"

#include "ad/text.h"

#include <iconv.h>
#include <stdio.h>

#define CODE_LEN 38u /* "{8-4-4-4-12}" */

/* The C library reads its tables of a code page from files, which cannot be done later: Windows's
 * own code pages, as libmsi asks for them. They stay loaded while they are open. */
static void load_code_pages(void)
{
	static const unsigned pages[] = { 437, 850, 874, 932, 936, 949, 950, 1250, 1251, 1252, 1253,
		1254, 1255, 1256, 1257, 1258 };
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		char name[16];
		(void)snprintf(name, sizeof(name), "CP%u", pages[i]);
		(void)iconv_open("UTF-8", name);
	}
}

static int answer(struct ad_arena *arena, void **state, const struct ad_json *question,
	struct ad_bytes bytes, struct ad_json **ret, struct ad_err *err)
{
	struct ad_msi msi;
	(void)state;
	(void)bytes;
	int r = pack_msi_parse(arena, ad_json_str(question, "path"), &msi, err);
	if (r == 0)
		*ret = ad_pack_msi_json(arena, &msi);
	return r;
}

const struct ad_reader_kind ad_pack_msi_reader = {
	.name = "msi",
	.refusal = "installer is no MSI that can be read",
	.memory_max = (size_t)512 << 20,
	.cpu_s = 10,
	.answer_ms = 20000,
	.prepare = load_code_pages,
	.answer = answer,
};

struct ad_json *ad_pack_msi_json(struct ad_arena *arena, const struct ad_msi *msi)
{
	struct ad_json *facts = ad_json_new_object(arena);
	ad_json_set_str(arena, facts, "product_code", msi->product_code);
	ad_json_set_str(arena, facts, "product_version", msi->product_version);
	ad_json_set_str(arena, facts, "product_name", msi->product_name);
	ad_json_set_str(arena, facts, "manufacturer", msi->manufacturer);
	ad_json_set_str(arena, facts, "upgrade_code", msi->upgrade_code);
	ad_json_set_str(arena, facts, "package_code", msi->package_code);
	ad_json_set_str(arena, facts, "arch", msi->arch);
	ad_json_set_int(arena, facts, "scope", msi->scope);
	ad_json_set_bool(arena, facts, "includes_services", msi->includes_services);
	ad_json_set_bool(arena, facts, "includes_odbc", msi->includes_odbc);
	ad_json_set_bool(arena, facts, "requires_reboot", msi->requires_reboot);
	return facts;
}

/* "" for what is missing or too long. */
static const char *text_of(struct ad_arena *arena, const struct ad_json *facts, const char *name)
{
	const char *text = ad_json_str(facts, name);
	return text && strlen(text) <= PACK_MSI_TEXT_MAX ? ad_utf8_clean(arena, text, false) : "";
}

/* "" for what is none. */
static const char *code_of(struct ad_arena *arena, const struct ad_json *facts, const char *name)
{
	const char *text = text_of(arena, facts, name);
	bool in_braces = strlen(text) == CODE_LEN && text[0] == '{' && text[CODE_LEN - 1] == '}';
	bool is_code = in_braces && ad_text_is_guid(ad_strndup(arena, text + 1, CODE_LEN - 2));
	return is_code ? text : "";
}

static const char *arch_of(const struct ad_json *facts)
{
	static const char *const archs[] = { "x86", "x64", "arm64" };
	for (size_t i = 0; i < sizeof(archs) / sizeof(archs[0]); i++)
		if (ad_text_eq(ad_json_str(facts, "arch"), archs[i]))
			return archs[i];
	return "";
}

static enum ad_msi_scope scope_of(const struct ad_json *facts)
{
	int64_t scope = ad_json_int(facts, "scope", AD_MSI_PER_USER);
	return scope == AD_MSI_PER_MACHINE || scope == AD_MSI_DUAL ? (enum ad_msi_scope)scope
								   : AD_MSI_PER_USER;
}

static int judge(
	struct ad_arena *arena, const struct ad_json *facts, struct ad_msi *ret, struct ad_err *err)
{
	*ret = (struct ad_msi){
		.product_code = code_of(arena, facts, "product_code"),
		.product_version = text_of(arena, facts, "product_version"),
		.product_name = text_of(arena, facts, "product_name"),
		.manufacturer = text_of(arena, facts, "manufacturer"),
		.upgrade_code = code_of(arena, facts, "upgrade_code"),
		.package_code = code_of(arena, facts, "package_code"),
		.arch = arch_of(facts),
		.scope = scope_of(facts),
		.includes_services = ad_json_bool(facts, "includes_services", false),
		.includes_odbc = ad_json_bool(facts, "includes_odbc", false),
		.requires_reboot = ad_json_bool(facts, "requires_reboot", false),
	};
	if (!*ret->product_code)
		return AD_FAIL(err, AD_EINVAL, "MSI has no ProductCode");
	if (!*ret->product_version)
		return AD_FAIL(err, AD_EINVAL, "MSI has no ProductVersion");
	return 0;
}

int ad_pack_msi_read(
	struct ad_arena *arena, const char *path, struct ad_msi *ret, struct ad_err *err)
{
	struct ad_json *facts;
	int r = ad_reader_once(
		arena, &ad_pack_msi_reader, path, ad_json_new_object(arena), -1, &facts, err);
	return r == 0 ? judge(arena, facts, ret, err) : r;
}

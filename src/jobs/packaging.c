/* SPDX-License-Identifier: Apache-2.0 */
/* From a chosen installer to the plan of its deployment and its encrypted file: what a manifest
 * says in the words of ad_pack_source. */
#include "ad/jobs/packaging.h"

#include "ad/crypto.h"
#include "ad/file.h"
#include "ad/text.h"

static int pack_type(enum ad_winget_type type, enum ad_pack_type *ret, struct ad_err *err)
{
	static const struct {
		enum ad_winget_type from;
		enum ad_pack_type to;
	} types[] = {
		{ AD_WINGET_TYPE_MSI, AD_PACK_MSI },
		{ AD_WINGET_TYPE_WIX, AD_PACK_MSI },
		{ AD_WINGET_TYPE_BURN, AD_PACK_BURN },
		{ AD_WINGET_TYPE_INNO, AD_PACK_INNO },
		{ AD_WINGET_TYPE_NULLSOFT, AD_PACK_NULLSOFT },
		{ AD_WINGET_TYPE_EXE, AD_PACK_EXE },
	};
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (types[i].from == type) {
			*ret = types[i].to;
			return 0;
		}
	}
	return AD_FAIL(err, AD_EINVAL, "installers of type %s cannot be packaged",
		ad_winget_type_name(type));
}

static int pack_arch(enum ad_winget_arch arch, enum ad_pack_arch *ret, struct ad_err *err)
{
	static const struct {
		enum ad_winget_arch from;
		enum ad_pack_arch to;
	} archs[] = {
		{ AD_WINGET_ARCH_X86, AD_PACK_X86 },
		{ AD_WINGET_ARCH_X64, AD_PACK_X64 },
		{ AD_WINGET_ARCH_ARM64, AD_PACK_ARM64 },
		{ AD_WINGET_ARCH_NEUTRAL, AD_PACK_NEUTRAL },
	};
	for (size_t i = 0; i < sizeof(archs) / sizeof(archs[0]); i++) {
		if (archs[i].from == arch) {
			*ret = archs[i].to;
			return 0;
		}
	}
	return AD_FAIL(
		err, AD_EINVAL, "installers for %s cannot be packaged", ad_winget_arch_name(arch));
}

/* What the installer writes into programs and features, where the manifest says so. */
static void read_registration(
	const struct ad_winget_installer *installer, struct ad_pack_source *source)
{
	for (size_t i = 0; i < installer->arp_entry_count; i++) {
		const struct ad_winget_arp_entry *entry = &installer->arp_entries[i];
		if (entry->display_name)
			source->name = entry->display_name;
		/* "< 12.0" is a bound, and no device ever registers it. */
		if (entry->display_version && !strchr("<>", entry->display_version[0]))
			source->display_version = entry->display_version;
		if (entry->product_code && !source->product_code)
			source->product_code = entry->product_code;
		if (entry->display_name || entry->product_code)
			return; /* the first that names itself is the app, others are its parts */
	}
}

static void copy_responses(struct ad_arena *arena, const struct ad_winget_installer *installer,
	struct ad_pack_source *source)
{
	struct ad_pack_response *responses =
		ad_alloc_array(arena, installer->return_code_count, sizeof(*responses));
	for (size_t i = 0; i < installer->return_code_count; i++)
		responses[i] = (struct ad_pack_response){ .code = installer->return_codes[i].code,
			.word = installer->return_codes[i].response };
	source->responses = responses;
	source->responses_count = installer->return_code_count;
}

/* The file alone decides; without it the manifest is all there is. */
static const struct ad_msi *msi_by_manifest(
	struct ad_arena *arena, const struct ad_winget_resolution *resolution)
{
	const struct ad_winget_installer *installer = resolution->choice.installer;
	struct ad_msi *msi = ad_alloc(arena, sizeof(*msi));
	*msi = (struct ad_msi){ .product_code = ad_text_empty(installer->product_code)
							? "{product code of the MSI}"
							: installer->product_code,
		.product_version = "",
		.product_name = "",
		.manufacturer = "",
		.upgrade_code = "",
		.package_code = "",
		.arch = "",
		.scope = resolution->choice.scope_user ? AD_MSI_PER_USER : AD_MSI_PER_MACHINE };
	return msi;
}

static int read_msi(struct ad_arena *arena, const struct ad_winget_resolution *resolution,
	const char *path, const struct ad_msi **ret, struct ad_err *err)
{
	if (!path) {
		*ret = msi_by_manifest(arena, resolution);
		return 0;
	}
	struct ad_msi *msi = ad_alloc(arena, sizeof(*msi));
	*ret = msi;
	return ad_pack_msi_read(arena, path, msi, err);
}

static int make_source(struct ad_arena *arena, const struct ad_winget_resolution *resolution,
	const char *path, struct ad_pack_source *ret, struct ad_err *err)
{
	const struct ad_winget_installer *installer = resolution->choice.installer;
	struct ad_pack_source source = { .package_id = resolution->manifest.id,
		.version = resolution->manifest.version,
		.name = resolution->manifest.locale.package_name,
		.setup_file = path ? ad_file_name(path) : ad_winget_file_name(arena, resolution),
		.user_scope = resolution->choice.scope_user,
		.silent = installer->switches.silent,
		.custom = installer->switches.custom,
		.product_code = installer->product_code,
		.minimum_os = installer->minimum_os_version,
		.success_codes = installer->success_codes,
		.success_codes_count = installer->success_code_count };
	int r = pack_type(ad_winget_effective_type(installer), &source.type, err);
	if (r == 0)
		r = pack_arch(installer->arch, &source.arch, err);
	if (r < 0)
		return r;
	read_registration(installer, &source);
	copy_responses(arena, installer, &source);
	if (source.type == AD_PACK_MSI)
		r = read_msi(arena, resolution, path, &source.msi, err);
	*ret = source;
	return r;
}

/* ---- what admins should know ---- */

static void remark(struct ad_arena *arena, struct ad_pack_plan *plan, const char *text)
{
	plan->remark = plan->remark ? ad_printf(arena, "%s; %s", plan->remark, text) : text;
}

static void add_need(struct ad_arena *arena, const char **needs, const char *what)
{
	*needs = *needs ? ad_printf(arena, "%s, %s", *needs, what) : what;
}

static void add_needs(struct ad_arena *arena, const char **needs, const struct ad_winget_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		add_need(arena, needs, list->items[i]);
}

/* Intune installs this app alone. */
static void remark_needs(struct ad_arena *arena, const struct ad_winget_installer *installer,
	struct ad_pack_plan *plan)
{
	const char *needs = NULL;
	for (size_t i = 0; i < installer->dependency_count; i++)
		add_need(arena, &needs, installer->dependencies[i].id);
	add_needs(arena, &needs, &installer->windows_features);
	add_needs(arena, &needs, &installer->windows_libraries);
	add_needs(arena, &needs, &installer->external_dependencies);
	if (needs)
		remark(arena, plan,
			ad_printf(arena, "what it needs is not installed with it: %s", needs));
	if (installer->download_prohibited)
		remark(arena, plan,
			"its manifest forbids the download for an installation offline: look into "
			"its licence");
}

int ad_packaging_plan(struct ad_arena *arena, const struct ad_winget_resolution *resolution,
	const char *path, struct ad_pack_plan *ret, struct ad_err *err)
{
	struct ad_pack_source source;
	int r = make_source(arena, resolution, path, &source, err);
	if (r == 0)
		r = ad_pack_plan_make(arena, &source, ret, err);
	if (r == 0 && !path && source.msi)
		remark(arena, ret,
			"product code and version of the MSI are read from the file itself when "
			"it is packaged");
	if (r == 0)
		remark_needs(arena, resolution->choice.installer, ret);
	return r;
}

int ad_packaging_encrypt(struct ad_arena *arena, const struct ad_packaging_input *input,
	struct ad_intunewin_wish wish, struct ad_intunewin_info *ret, struct ad_err *err)
{
	uint8_t sha256[AD_SHA256_LEN];
	size_t count = 0;
	const struct ad_pack_plan *plan = input->plan;
	const struct ad_pack_nested *nested = input->nested;
	const char *expected = input->resolution->choice.installer->sha256;
	struct ad_intunewin_file *files = ad_alloc_array(
		arena, 1 + nested->beside_count + plan->scripts_count, sizeof *files);
	if (nested->size > 0)
		memcpy(sha256, nested->sha256, sizeof sha256);
	else if (ad_hex_decode(expected, sha256, sizeof sha256) < 0)
		return AD_FAIL(err, AD_EINTEGRITY, "the manifest names no SHA-256");
	files[count++] = (struct ad_intunewin_file){
		.name = plan->setup_file, .path = input->path, .sha256 = sha256
	};
	for (size_t i = 0; i < nested->beside_count; i++)
		files[count++] = (struct ad_intunewin_file){ .name = nested->beside[i].name,
			.path = input->beside,
			.sha256 = nested->beside[i].sha256,
			.is_part = true,
			.part_at = nested->beside[i].offset,
			.part_len = nested->beside[i].size };
	for (size_t i = 0; i < plan->scripts_count; i++)
		files[count++] = plan->scripts[i];
	wish.files = files;
	wish.files_count = count;
	wish.setup_file = plan->setup_file;
	return ad_intunewin_encrypt(arena, &wish, ret, err);
}

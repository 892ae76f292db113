/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wrap: the verified installer becomes the encrypted file that Intune takes. All that later steps
 * need is in the result, so that the installer can go; the keys are sealed.
 */
#include "package.h"

#include "ad/file.h"
#include "ad/text.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/* ---- manifest -> source of the plan ---- */

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
		if (entry->display_version)
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

static int make_source(
	struct ad_job_run *run, const char *file, struct ad_pack_source *ret, struct ad_err *err)
{
	const struct ad_winget_resolution *resolution = ad_package_of(run)->resolution;
	const struct ad_winget_installer *installer = resolution->choice.installer;
	struct ad_pack_source source = { .package_id = resolution->manifest.id,
		.version = resolution->manifest.version,
		.name = resolution->manifest.locale.package_name,
		.setup_file = file,
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
	if (r == 0 && installer->type == AD_WINGET_TYPE_ZIP)
		r = AD_FAIL(err, AD_EINVAL, "installers inside a zip cannot be packaged");
	if (r < 0)
		return r;
	read_registration(installer, &source);
	copy_responses(run->arena, installer, &source);
	if (source.type == AD_PACK_MSI) {
		struct ad_msi *msi = ad_alloc(run->arena, sizeof(*msi));
		r = ad_pack_msi_read(run->arena, ad_package_path(run, file), msi, err);
		source.msi = msi;
	}
	*ret = source;
	return r;
}

/* ---- the file ---- */

static bool keep_encrypting(void *ctx, uint64_t done, uint64_t total)
{
	(void)done;
	(void)total;
	return ad_job_keep_going(ctx);
}

static int encrypt(struct ad_job_run *run, const char *file, const struct ad_pack_plan *plan,
	struct ad_intunewin_info *ret, struct ad_err *err)
{
	struct ad_intunewin_file files[1 + AD_PACK_SCRIPTS_MAX];
	size_t count = 0;
	files[count++] =
		(struct ad_intunewin_file){ .name = file, .path = ad_package_path(run, file) };
	for (size_t i = 0; i < plan->scripts_count; i++)
		files[count++] = plan->scripts[i];
	const struct ad_intunewin_wish wish = { .files = files,
		.files_count = count,
		.setup_file = file,
		.name = ad_package_of(run)->app.name,
		.out = ad_package_path(run, AD_PACKAGE_ENCRYPTED),
		.keep_going = keep_encrypting,
		.keep_going_ctx = run };
	/* Blocks of an earlier file are worth nothing. */
	(void)unlink(ad_package_path(run, AD_PACKAGE_PROGRESS));
	return ad_intunewin_encrypt(run->arena, &wish, ret, err);
}

/* The file in the folder begins with the MAC that the result names: it is the one whose keys were
 * sealed there. */
bool ad_package_is_wrapped(const struct ad_job_run *run)
{
	const struct ad_json *wrapped = ad_job_result(run, "wrap");
	const char *mac = ad_json_str(wrapped, "mac");
	uint8_t expected[AD_INTUNEWIN_MAC_LEN];
	uint8_t head[AD_INTUNEWIN_MAC_LEN];
	struct stat st;

	if (ad_package_stands(run) || ad_job_result(run, "upload"))
		return wrapped != NULL;
	if (!mac || ad_hex_decode(mac, expected, sizeof(expected)) < 0)
		return false;
	AD_AUTO_FD int fd = open(ad_package_path(run, AD_PACKAGE_ENCRYPTED), O_RDONLY | O_CLOEXEC);
	return fd >= 0 && fstat(fd, &st) == 0 &&
	       st.st_size == ad_json_int(wrapped, "size_encrypted", -1) &&
	       read(fd, head, sizeof(head)) == (ssize_t)sizeof(head) &&
	       memcmp(head, expected, sizeof(head)) == 0;
}

static void report(struct ad_job_run *run, const struct ad_pack_plan *plan,
	const struct ad_intunewin_info *info, struct ad_json *result)
{
	const struct ad_package *package = ad_package_of(run);
	const struct ad_winget_manifest *manifest = &package->resolution->manifest;
	const char *marker =
		ad_package_marker(run->arena, run->job.id, manifest->id, manifest->version);
	const struct ad_json *body =
		ad_package_body(run->arena, package->resolution, &package->app, plan, marker);
	ad_json_set_int(run->arena, result, "size", (int64_t)info->size);
	ad_json_set_int(run->arena, result, "size_encrypted", (int64_t)info->size_encrypted);
	ad_json_set_str(
		run->arena, result, "mac", ad_hex(run->arena, info->mac, sizeof(info->mac)));
	ad_json_set_str(run->arena, result, "digest",
		ad_hex(run->arena, info->digest, sizeof(info->digest)));
	ad_json_set_str(run->arena, result, "sealed", ad_package_seal(run, info));
	ad_json_set_str(run->arena, result, "marker", marker);
	/* As text: the order of members matters to Graph, and a jsonb column does not keep it. */
	ad_json_set_str(run->arena, result, "body", ad_json_print(run->arena, body));
	ad_json_set(run->arena, result, "plan", ad_pack_plan_json(run->arena, plan));
}

int ad_package_wrap(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	struct ad_pack_source source;
	struct ad_pack_plan plan;
	struct ad_intunewin_info info;
	if (ad_package_stands(run))
		return 0;
	const char *file = ad_json_str(ad_job_result(run, "fetch"), "file");
	int r = ad_package_need_resolution(run, err);
	if (r == 0)
		r = make_source(run, file, &source, err);
	if (r == 0)
		r = ad_pack_plan_make(run->arena, &source, &plan, err);
	if (r == 0)
		r = encrypt(run, file, &plan, &info, err);
	if (r < 0)
		return r;
	report(run, &plan, &info, result);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wrap: the verified installer becomes the encrypted file that Intune takes. All that later steps
 * need is in the result, so that the installer can go; the keys are sealed.
 */
#include "package.h"

#include "ad/file.h"
#include "ad/jobs/packaging.h"
#include "ad/text.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/* ---- the file ---- */

static bool keep_encrypting(void *ctx, uint64_t done, uint64_t total)
{
	(void)done;
	(void)total;
	return ad_job_keep_going(ctx);
}

/* Between fetch and wrap the file has lain on the disk: it goes, and the next claim fetches it. */
static int fetch_again(const char *path, struct ad_err *err)
{
	(void)unlink(path);
	if (err)
		err->class = AD_CLASS_TRANSIENT;
	return AD_EINTEGRITY;
}

static int encrypt(struct ad_job_run *run, const char *path, const struct ad_pack_plan *plan,
	struct ad_intunewin_info *ret, struct ad_err *err)
{
	const struct ad_package *package = ad_package_of(run);
	const struct ad_intunewin_wish wish = { .name = package->app.name,
		.out = ad_package_path(run, AD_PACKAGE_ENCRYPTED),
		.keep_going = keep_encrypting,
		.keep_going_ctx = run };
	struct ad_pack_nested nested;
	const struct ad_packaging_input input = { package->resolution, plan, path,
		ad_package_path(run, AD_PACKAGING_BESIDE), &nested };
	int r = ad_packaging_nested_read(
		run->arena, ad_json_get(ad_job_result(run, "fetch"), "nested"), &nested, err);
	if (r < 0)
		return r;
	/* Blocks of an earlier file are worth nothing. */
	(void)unlink(ad_package_path(run, AD_PACKAGE_PROGRESS));
	r = ad_packaging_encrypt(run->arena, &input, wish, ret, err);
	return r == AD_EINTEGRITY ? fetch_again(path, err) : r;
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
	struct ad_pack_plan plan;
	struct ad_intunewin_info info;
	if (ad_package_stands(run))
		return 0;
	const char *path = ad_package_path(run, ad_json_str(ad_job_result(run, "fetch"), "file"));
	int r = ad_package_need_resolution(run, err);
	if (r == 0)
		r = ad_packaging_plan(run->arena, ad_package_of(run)->resolution, path, &plan, err);
	if (r == 0)
		r = encrypt(run, path, &plan, &info, err);
	if (r < 0)
		return r;
	report(run, &plan, &info, result);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* appdesk package --manifest: the plan of a manifest on disk. Nothing is fetched and nothing is
 * proven: the file is believed, but read in the sandbox. */
#include "cmd_package.h"

#include "ad/file.h"
#include "ad/jobs/packaging.h"
#include "ad/sandbox/reader.h"
#include "ad/text.h"
#include "ad/winget.h"
#include "package_report.h"
#include "report.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#define REPORT_MAX ((uint64_t)1 << 20) /* bytes, where it goes into a file */

static int read_part(
	struct ad_arena *arena, const char *path, struct ad_bytes *ret, struct ad_err *err)
{
	char *data;
	size_t len;
	int r = ad_file_read(arena, path, AD_WINGET_MANIFEST_MAX, &data, &len, err);
	if (r == 0)
		*ret = (struct ad_bytes){ .data = (const uint8_t *)data, .len = len };
	return r;
}

static int read_folder(struct ad_arena *arena, const char *path, struct ad_winget_manifest *ret,
	struct ad_err *err)
{
	struct ad_bytes *parts = ad_alloc_array(arena, AD_WINGET_PARTS_MAX, sizeof *parts);
	size_t count = 0;
	int r = 0;
	DIR *folder = opendir(path);
	if (!folder)
		return AD_FAIL(err, AD_EIO, "%s: %s", path, strerrordesc_np(errno));
	const struct dirent *entry;
	while (r == 0 && (entry = readdir(folder)) != NULL) {
		if (!ad_text_ends(entry->d_name, ".yaml"))
			continue;
		if (count == AD_WINGET_PARTS_MAX)
			r = AD_FAIL(err, AD_ETOOBIG, "%s: more than %u files", path,
				AD_WINGET_PARTS_MAX);
		else
			r = read_part(arena, ad_printf(arena, "%s/%s", path, entry->d_name),
				&parts[count++], err);
	}
	(void)closedir(folder);
	if (r == 0)
		r = ad_reader_become(&ad_winget_reader, NULL, REPORT_MAX, err);
	return r ? r : ad_winget_manifest_parse_parts(arena, parts, count, ret, err);
}

static int read_manifest(struct ad_arena *arena, const char *path, struct ad_winget_manifest *ret,
	struct ad_err *err)
{
	struct ad_bytes whole;
	struct stat st;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return read_folder(arena, path, ret, err);
	int r = read_part(arena, path, &whole, err);
	if (r == 0)
		r = ad_reader_become(&ad_winget_reader, NULL, REPORT_MAX, err);
	return r ? r : ad_winget_manifest_parse(arena, whole, ret, err);
}

static int make_plan(struct ad_arena *arena, const char *path, const struct ad_winget_rules *rules,
	struct ad_winget_resolution *resolution, struct ad_pack_plan *plan, struct ad_err *err)
{
	int r = read_manifest(arena, path, &resolution->manifest, err);
	if (r != 0)
		return r;
	resolution->row.id = resolution->manifest.id;
	resolution->version.version = resolution->manifest.version;
	r = ad_winget_choose(&resolution->manifest, rules, &resolution->choice, err);
	return r ? r : ad_packaging_plan(arena, resolution, NULL, plan, err);
}

int ad_package_preview(struct ad_arena *arena, const struct ad_words *words,
	const struct ad_winget_rules *rules, struct ad_err *err)
{
	const char *path = ad_words_option(words, "--manifest", "");
	struct ad_winget_resolution resolution = { 0 };
	struct ad_pack_plan plan;
	int r = make_plan(arena, path, rules, &resolution, &plan, err);
	struct ad_json *report = ad_package_report(arena, &resolution, r == 0 ? &plan : NULL);
	if (words->json) {
		ad_json_set_bool(arena, report, "ok", r == 0);
		if (r != 0)
			ad_json_set_str(arena, report, "error", err->text);
		(void)printf("%s\n", ad_json_print(arena, report));
	} else if (r == 0) {
		ad_app_print_facts(arena, report);
	}
	if (r != 0 && !strstr(err->text, path))
		ad_err_prefix(err, "%s: ", path);
	return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A zip gives way to the installer inside it: where it lands, and what is remembered of it between
 * the steps of a job, and for good as evidence. */
#include "ad/jobs/packaging.h"

#include "ad/file.h"
#include "ad/text.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define UNPACKED "unpacked" /* folder of an installer that keeps its name */

/* For a command line, and of the kind that Windows runs such a file by. */
static bool may_keep(const char *name, const char *ours)
{
	const char *end = strrchr(name, '.');
	return ad_pack_is_plain_name(name) && end && strcasecmp(end, strrchr(ours, '.')) == 0;
}

/* In a folder of its own, where it meets no file of ours. */
static int keep_name(struct ad_arena *arena, const struct ad_pack_nested_wish *wish,
	const char *folder, struct ad_winget_file *file, struct ad_err *err)
{
	const char *name = ad_file_name(wish->name);
	const char *own = ad_printf(arena, "%s/" UNPACKED, folder);
	if (!may_keep(name, file->name))
		return 0;
	int r = ad_file_mkdirs(own, err);
	file->name = ad_printf(arena, UNPACKED "/%s", name);
	file->path = ad_printf(arena, "%s/%s", folder, file->name);
	if (r == 0 && rename(wish->out, file->path) != 0)
		r = AD_FAIL(err, AD_EIO, "%s: %s", file->path, strerrordesc_np(errno));
	return r;
}

int ad_packaging_unpack(struct ad_arena *arena, const struct ad_winget_resolution *resolution,
	const char *folder, struct ad_winget_file *file, struct ad_pack_nested *ret,
	struct ad_err *err)
{
	const struct ad_winget_installer *installer = resolution->choice.installer;
	const char *name = ad_winget_file_name(arena, resolution);
	*ret = (struct ad_pack_nested){ 0 };
	if (installer->type != AD_WINGET_TYPE_ZIP)
		return 0;
	const struct ad_pack_nested_wish wish = { .zip = file->path,
		.name = installer->nested_files[0].path,
		.out = ad_printf(arena, "%s/%s", folder, name),
		.beside = ad_printf(arena, "%s/" AD_PACKAGING_BESIDE, folder) };
	int r = ad_pack_nested_extract(arena, &wish, ret, err);
	(void)unlink(file->path);
	if (r < 0)
		return r;
	*file = (struct ad_winget_file){ .path = wish.out, .name = name, .size = ret->size };
	return ret->beside_count > 0 ? keep_name(arena, &wish, folder, file, err) : 0;
}

static bool read_part(
	const struct ad_json *json, uint64_t *ret_size, uint8_t ret_sha256[AD_SHA256_LEN])
{
	const char *sha256 = ad_json_str(json, "sha256");
	*ret_size = (uint64_t)ad_json_int(json, "size", 0);
	return sha256 && ad_hex_decode(sha256, ret_sha256, AD_SHA256_LEN) >= 0;
}

struct ad_json *ad_packaging_nested_json(struct ad_arena *arena,
	const struct ad_winget_resolution *resolution, const struct ad_pack_nested *nested)
{
	struct ad_json *json = ad_json_new_object(arena);
	ad_json_set_str(arena, json, "path", resolution->choice.installer->nested_files[0].path);
	ad_json_set_int(arena, json, "size", (int64_t)nested->size);
	ad_json_set_str(
		arena, json, "sha256", ad_hex(arena, nested->sha256, sizeof nested->sha256));
	struct ad_json *list = ad_json_new_array(arena);
	for (size_t i = 0; i < nested->beside_count; i++) {
		const struct ad_pack_beside *one = &nested->beside[i];
		struct ad_json *file = ad_json_new_object(arena);
		ad_json_set_str(arena, file, "name", one->name);
		ad_json_set_int(arena, file, "size", (int64_t)one->size);
		ad_json_set_str(
			arena, file, "sha256", ad_hex(arena, one->sha256, sizeof one->sha256));
		ad_json_append(arena, list, file);
	}
	if (nested->beside_count > 0)
		ad_json_set(arena, json, "beside", list);
	return json;
}

int ad_packaging_nested_read(struct ad_arena *arena, const struct ad_json *json,
	struct ad_pack_nested *ret, struct ad_err *err)
{
	const struct ad_json *list = ad_json_get(json, "beside");
	size_t count = ad_json_count(list);
	struct ad_pack_beside *files = ad_alloc_array(arena, count, sizeof *files);
	const struct ad_json *file = ad_json_first(list);
	uint64_t offset = 0;
	*ret = (struct ad_pack_nested){ .beside = files, .beside_count = count };
	if (!json)
		return 0;
	bool is_whole = read_part(json, &ret->size, ret->sha256) && ret->size > 0;
	for (size_t i = 0; is_whole && i < count; i++, file = ad_json_next(file)) {
		files[i].name = ad_json_str(file, "name");
		files[i].offset = offset;
		is_whole = files[i].name && read_part(file, &files[i].size, files[i].sha256);
		offset += files[i].size;
	}
	return is_whole ? 0 : AD_FAIL(err, AD_EBUG, "what came out of a zip is not known any more");
}

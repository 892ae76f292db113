/* SPDX-License-Identifier: Apache-2.0 */
/* Files and the index of a world; see publish.h. */
#include "publish.h"

#include "ad/file.h"
#include "ad/text.h"

#include <string.h>

int dt_publish_file(struct ad_arena *arena, const char *out_dir, const char *path,
	struct ad_bytes bytes, struct ad_err *err)
{
	char *full = ad_printf(arena, "%s/%s", out_dir, path);
	char *name = strrchr(full, '/');
	int code;

	*name = '\0';
	code = ad_file_mkdirs(full, err);
	*name = '/';
	return code ? code : ad_file_write(full, bytes.data, bytes.len, 0644, err);
}

static int make_index(struct ad_arena *arena, const struct dt_plan *plan,
	const struct dt_index_flaw *flaw, unsigned filler, struct ad_bytes *ret_bytes,
	struct ad_err *err)
{
	struct dt_index_row *rows = dt_plan_rows(arena, plan);
	struct dt_index index = {
		.rows = rows,
		.row_count = plan->package_count,
		.filler = filler,
		.major_version = flaw->major_version ? flaw->major_version : DT_SCHEMA_MAJOR,
		.publish_time = plan->options->publish_time - flaw->age_s,
	};

	for (size_t i = 0; flaw->null_hash_of && i < plan->package_count; i++)
		if (ad_text_eq_nocase(rows[i].package->id, flaw->null_hash_of))
			rows[i].hash = (struct ad_bytes){ NULL, 0 };
	return dt_index_write(arena, &index, ret_bytes, err);
}

/* Another archive that carries the good one's signature and block map. */
static int replace_index(struct ad_arena *arena, const struct dt_plan *plan, unsigned filler,
	struct dt_msix *msix, struct dt_msix_file *file, struct ad_err *err)
{
	const struct dt_index_flaw none = { 0 };
	int code = make_index(arena, plan, &none, filler - 1, &msix->index, err);

	if (code)
		return code;
	msix->borrowed_signature = file->signature;
	msix->borrowed_block_map = file->block_map;
	return dt_msix_build(arena, msix, file, err);
}

static int pack_index(struct ad_arena *arena, const struct dt_plan *plan,
	const struct dt_index_flaw *flaw, struct dt_msix *msix, struct ad_bytes *ret_bytes,
	struct ad_err *err)
{
	unsigned asked = plan->options->filler_packages;
	unsigned filler = asked > DT_WORLD_MIN_FILLER ? asked : DT_WORLD_MIN_FILLER;
	struct dt_msix_file file;
	int code = make_index(arena, plan, flaw, filler, &msix->index, err);

	if (!code)
		code = dt_msix_build(arena, msix, &file, err);
	if (!code && flaw->replaced)
		code = replace_index(arena, plan, filler, msix, &file, err);
	if (code)
		return code;
	if (flaw->flip_bit) {
		uint8_t *bytes = ad_memdup(arena, file.bytes.data, file.bytes.len);

		bytes[file.index_offset + msix->index.len / 16] ^= 0x10;
		file.bytes.data = bytes;
	}
	*ret_bytes = file.bytes;
	return 0;
}

int dt_publish_index(struct ad_arena *arena, const struct dt_plan *plan,
	const struct dt_index_flaw *flaw, struct ad_err *err)
{
	int64_t time = plan->options->publish_time - flaw->age_s;
	struct dt_trust trust;
	struct dt_msix msix = { .publish_time = time, .no_timestamp = flaw->no_timestamp };
	struct ad_bytes bytes;
	int code = dt_trust_open(arena, plan->out_dir, time, flaw->leaf, &trust, err);

	if (code)
		return code;
	if (!flaw->no_signature)
		msix.trust = &trust;
	code = pack_index(arena, plan, flaw, &msix, &bytes, err);
	if (!code)
		code = dt_trust_write(arena, plan->out_dir, &trust, err);
	if (!code)
		code = dt_publish_file(arena, plan->out_dir, DT_INDEX_PATH, bytes, err);
	return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All bytes of a world but the signed index, computed from the options without touching out_dir.
 * Building writes the plan; spoiling writes parts of it wrongly.
 */
#ifndef DT_WORLD_PLAN_H
#define DT_WORLD_PLAN_H

#include "index.h"
#include "manifest.h"
#include "world.h"

#define DT_SCHEMA_MAJOR 2

/* One installer, with its bytes. Paths are relative to out_dir. */
struct dt_planned_installer {
	const char *path;
	struct ad_bytes bytes;
};

struct dt_planned_version {
	const char *version, *release_date;
	struct dt_offer *offers;
	struct dt_planned_installer *installers; /* one for each offer */
	size_t offer_count;
	const char *relative_path; /* "rP": below cache */
	const char *manifest_path;
	struct ad_bytes manifest;
	const char *manifest_sha256;
};

struct dt_planned_package {
	const struct dt_package *package;
	struct dt_planned_version *versions; /* newest first, at least one */
	size_t version_count;
	const char *icon_path;
	struct ad_bytes icon;
	const char *version_data_path;
	struct ad_bytes version_data, version_data_hash;
};

struct dt_plan {
	const struct dt_world_options *options; /* borrowed */
	const char *out_dir;                    /* absolute */
	struct dt_planned_package *packages;
	size_t package_count;
};

AD_MUST int dt_plan_make(struct ad_arena *arena, const struct dt_world_options *options,
	const char *out_dir, struct dt_plan *ret_plan, struct ad_err *err);

/* NULL when the plan has no such package. */
const struct dt_planned_package *dt_plan_find(const struct dt_plan *plan, const char *package_id);

/* Row of the index for each package of the plan. */
struct dt_index_row *dt_plan_rows(struct ad_arena *arena, const struct dt_plan *plan);

#endif

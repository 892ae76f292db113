/* SPDX-License-Identifier: Apache-2.0 */
/* The evidence record as JSON: what was compared, link by link. */
#include "ad/winget.h"

#include "ad/clock.h"

static struct ad_json *link_json(
	struct ad_arena *arena, const char *url, const char *sha256, uint64_t size)
{
	struct ad_json *json = ad_json_new_object(arena);
	ad_json_set_str(arena, json, "url", url);
	ad_json_set_str(arena, json, "sha256", sha256);
	ad_json_set_int(arena, json, "size", (int64_t)size);
	return json;
}

static struct ad_json *index_json(struct ad_arena *arena, const struct ad_winget_evidence *evidence)
{
	struct ad_json *json = evidence->index ? ad_winget_package_json(arena, evidence->index)
					       : ad_json_new_object(arena);
	ad_json_set_str(arena, json, "url", evidence->index_url);
	return json;
}

struct ad_json *ad_winget_evidence_json(
	struct ad_arena *arena, const struct ad_winget_evidence *evidence)
{
	struct ad_json *json = ad_json_new_object(arena);
	ad_json_set_str(arena, json, "package", evidence->id);
	ad_json_set_str(arena, json, "version", evidence->version);
	ad_json_set_str(arena, json, "resolved_at", ad_clock_iso(arena, evidence->resolved_at));
	ad_json_set(arena, json, "index", index_json(arena, evidence));
	ad_json_set(arena, json, "version_data",
		link_json(arena, evidence->version_data_url, evidence->version_data_sha256,
			evidence->version_data_size));
	ad_json_set(arena, json, "manifest",
		link_json(arena, evidence->manifest_url, evidence->manifest_sha256,
			evidence->manifest_size));
	struct ad_json *installer = link_json(arena, evidence->installer_url,
		evidence->installer_sha256, evidence->installer_size);
	ad_json_set_str(arena, installer, "final_url", evidence->installer_final_url);
	if (evidence->downloaded_at)
		ad_json_set_str(arena, installer, "downloaded_at",
			ad_clock_iso(arena, evidence->downloaded_at));
	ad_json_set(arena, json, "installer", installer);
	return json;
}

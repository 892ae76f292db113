/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Promises of ad_winget_manifest_parse and ad_winget_versions_parse, about any YAML: an error says
 * something; a manifest that is taken names its package, version and publisher, has installers with
 * an https address and a hash, and a choice among them is one of them.
 */
#include "fuzz.h"

#include "ad/text.h"
#include "ad/winget.h"
#include "ad/winget/manifest.h"

static void check_choice(const struct ad_winget_manifest *manifest)
{
	static const struct ad_winget_rules strict;
	struct ad_winget_choice choice;
	struct ad_err err = { 0 };
	int rc = ad_winget_choose(manifest, &strict, &choice, &err);
	AD_ASSERT(rc == 0 || (err.code == rc && err.text[0]));
	if (rc != 0)
		return;
	AD_ASSERT(choice.installer >= manifest->installers &&
		  choice.installer < manifest->installers + manifest->installer_count);
}

static void check_manifest(struct ad_arena *arena, struct ad_bytes yaml)
{
	static const struct ad_winget_list nothing;
	struct ad_winget_manifest manifest;
	struct ad_err err = { 0 };
	int rc = ad_winget_manifest_parse(arena, yaml, &manifest, &err);
	AD_ASSERT(rc == 0 || (err.code == rc && err.text[0]));
	if (rc != 0)
		return;
	AD_ASSERT(!ad_text_empty(manifest.id) && !ad_text_empty(manifest.version));
	AD_ASSERT(manifest.installer_count > 0);
	AD_ASSERT(ad_winget_manifest_locale(&manifest, &nothing) != NULL);
	check_choice(&manifest);
}

static void check_versions(struct ad_arena *arena, struct ad_bytes yaml)
{
	struct ad_winget_versions versions;
	struct ad_err err = { 0 };
	int rc = ad_winget_versions_parse(arena, yaml, &versions, &err);
	AD_ASSERT(rc == 0 || (err.code == rc && err.text[0]));
	for (size_t i = 0; rc == 0 && i < versions.count; i++)
		AD_ASSERT(!ad_text_empty(versions.rows[i].version));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ad_arena *arena = ad_arena_new();
	const struct ad_bytes yaml = { data, len };
	check_manifest(arena, yaml);
	check_versions(arena, yaml);
	ad_arena_free(arena);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an id to a chosen installer. Every link is compared with the hash that the link before it
 * gave, before anything reads it; each comparison leaves its trace in the evidence.
 */
#include "ask.h"
#include "fetch.h"
#include "resolve.h"
#include "source.h"
#include "versions.h"

#include "ad/clock.h"
#include "ad/text.h"

/* One walk along the chain. */
struct walk {
	struct ad_arena *arena;
	const struct ad_winget_options *options;
	const struct ad_winget_wish *wish;
	struct ad_winget_resolution *resolution;
	struct ad_winget_evidence *evidence;
	struct ad_winget_source *source; /* NULL until the index is open */
	struct ad_err *err;
};

static int open_index(struct walk *walk, bool forced)
{
	struct ad_winget_evidence *evidence = walk->evidence;
	*evidence = (struct ad_winget_evidence){ .id = walk->wish->id,
		.resolved_at = walk->options->now,
		.index_url = ad_printf(walk->arena, "%s/source2.msix", walk->options->base_url) };
	ad_trail_begin(walk->options->trail, "index");
	int rc =
		ad_winget_source_open(walk->arena, walk->options, forced, &walk->source, walk->err);
	if (rc == AD_EINTEGRITY)
		ad_err_prefix(walk->err,
			"Manifest integrity check failed: package %.140s, index: ", walk->wish->id);
	if (rc)
		return rc;
	evidence->index = ad_winget_source_package(walk->source);
	ad_trail_saw(walk->options->trail, "version %s, %s, signed at %s by %s",
		evidence->index->version, evidence->index->sha256,
		ad_clock_iso(walk->arena, evidence->index->signature.signed_at),
		evidence->index->signature.signer_subject);
	ad_trail_begin(walk->options->trail, "index row");
	rc = ad_winget_source_find(
		walk->arena, walk->source, walk->wish->id, &walk->resolution->row, walk->err);
	if (rc)
		return rc;
	evidence->id = walk->resolution->row.id;
	ad_trail_saw(walk->options->trail, "%s, %s, newest version %s", evidence->id,
		walk->resolution->row.name, walk->resolution->row.latest_version);
	return 0;
}

static int walk_versions(struct walk *walk)
{
	const struct ad_winget_row *row = &walk->resolution->row;
	struct ad_winget_evidence *evidence = walk->evidence;
	struct ad_winget_version_row *version = &walk->resolution->version;
	struct ad_winget_fetched fetched;
	struct ad_winget_fetch fetch = {
		.url = ad_winget_version_data_url(walk->arena, walk->options->base_url, row),
		.what = "version data",
		.max = AD_WINGET_VERSION_DATA_MAX,
	};
	evidence->version_data_url = fetch.url;
	ad_trail_begin(walk->options->trail, "version data");
	int rc = ad_winget_fetch(walk->arena, walk->options, &fetch, &fetched, walk->err);
	if (!rc)
		rc = ad_winget_compare(fetched.bytes,
			ad_hex(walk->arena, row->hash, sizeof row->hash), row->id, fetch.what,
			walk->err);
	if (rc)
		return rc;
	evidence->version_data_sha256 = ad_hex(walk->arena, row->hash, sizeof row->hash);
	evidence->version_data_size = fetched.bytes.len;
	ad_trail_saw(walk->options->trail, "%s, %zu bytes", evidence->version_data_sha256,
		fetched.bytes.len);
	ad_trail_begin(walk->options->trail, "version");
	rc = ad_winget_ask_version(walk->arena, ad_winget_source_reader(walk->source),
		fetched.bytes, walk->wish->version, version, walk->err);
	if (rc) {
		ad_err_prefix(walk->err, "package %.140s: ", row->id);
		return rc;
	}
	evidence->version = version->version;
	ad_trail_saw(walk->options->trail, "%s%s", evidence->version,
		walk->wish->version ? ", as asked" : ", the newest");
	return 0;
}

static char *manifest_url(struct walk *walk)
{
	char *url = ad_strdup(walk->arena, walk->options->base_url);
	for (const char *part = walk->resolution->version.path; part;) {
		size_t len = strcspn(part, "/");
		char *segment = ad_strndup(walk->arena, part, len);
		url = ad_printf(walk->arena, "%s/%s", url, ad_url_segment(walk->arena, segment));
		part = part[len] == '/' ? part + len + 1 : NULL;
	}
	return url;
}

int ad_winget_manifest_check(const struct ad_winget_manifest *manifest, const char *id,
	const char *version, struct ad_err *err)
{
	if (ad_text_eq_nocase(manifest->id, id) && strcmp(manifest->version, version) == 0)
		return 0;
	return AD_FAIL(err, AD_EINTEGRITY,
		"Manifest integrity check failed: package %.100s, manifest: expected %.100s, found "
		"%.100s %.100s",
		id, version, manifest->id, manifest->version);
}

static int walk_manifest(struct walk *walk)
{
	struct ad_winget_resolution *resolution = walk->resolution;
	struct ad_winget_fetched fetched;
	struct ad_winget_fetch fetch = {
		.url = manifest_url(walk), .what = "manifest", .max = AD_WINGET_MANIFEST_MAX
	};
	walk->evidence->manifest_url = fetch.url;
	ad_trail_begin(walk->options->trail, "manifest");
	int rc = ad_winget_fetch(walk->arena, walk->options, &fetch, &fetched, walk->err);
	if (!rc)
		rc = ad_winget_compare(fetched.bytes, resolution->version.sha256,
			resolution->row.id, "manifest", walk->err);
	if (rc)
		return rc;
	walk->evidence->manifest_sha256 = resolution->version.sha256;
	walk->evidence->manifest_size = fetched.bytes.len;
	rc = ad_winget_ask_manifest(walk->arena, ad_winget_source_reader(walk->source),
		fetched.bytes, &resolution->manifest, walk->err);
	if (!rc)
		rc = ad_winget_manifest_check(&resolution->manifest, resolution->row.id,
			resolution->version.version, walk->err);
	if (!rc)
		ad_trail_saw(walk->options->trail, "%s, %zu installers", resolution->version.sha256,
			resolution->manifest.installer_count);
	return rc;
}

static int walk_installer(struct walk *walk)
{
	struct ad_winget_rules rules = walk->wish->rules;
	struct ad_winget_resolution *resolution = walk->resolution;
	rules.allow_http = rules.allow_http || walk->options->allow_loopback_http;
	ad_trail_begin(walk->options->trail, "choice");
	int rc = ad_winget_choose(&resolution->manifest, &rules, &resolution->choice, walk->err);
	if (rc)
		return rc;
	const struct ad_winget_installer *installer = resolution->choice.installer;
	walk->evidence->installer_url = installer->url;
	ad_trail_saw(walk->options->trail, "%s for %s, scope %s",
		ad_winget_type_name(installer->type), ad_winget_arch_name(installer->arch),
		ad_winget_scope_name(installer->scope));
	return 0;
}

static int walk_links(struct walk *walk, bool whole, bool forced)
{
	int rc = open_index(walk, forced);
	if (!rc)
		rc = walk_versions(walk);
	if (rc || !whole)
		return rc;
	rc = walk_manifest(walk);
	if (rc) /* nobody is to see one that is not what it should be */
		walk->resolution->manifest = (struct ad_winget_manifest){ 0 };
	return rc ? rc : walk_installer(walk);
}

static int walk_chain(struct walk *walk, bool whole, bool forced)
{
	int rc = walk_links(walk, whole, forced);
	ad_winget_source_close(walk->source);
	walk->source = NULL;
	return rc;
}

static int resolve(struct walk *walk, bool whole)
{
	struct ad_err own = { 0 };
	if (strlen(walk->wish->id) > 4 * AD_WINGET_ID_MAX)
		return AD_FAIL(walk->err, AD_EINVAL, "package id is too long");
	if (!walk->err)
		walk->err = &own;
	struct ad_trail *trail = walk->options->trail;
	const size_t before = trail ? trail->count : 0;
	int rc = walk_chain(walk, whole, false);
	/* The index may have moved on since it was cached, and what it named be gone; or a package
	 * may have come. */
	if ((rc == AD_EUPSTREAM && walk->evidence->index) || rc == AD_ENOTFOUND) {
		if (trail)
			trail->count = before; /* what counts is the second walk */
		rc = walk_chain(walk, whole, true);
	}
	/* What is published is wrong: nobody who asked can change that. */
	if (rc && walk->err->class == AD_CLASS_CALLER)
		walk->err->class = AD_CLASS_PERMANENT;
	return rc;
}

int ad_winget_resolve_version(struct ad_arena *arena, const struct ad_winget_options *options,
	const struct ad_winget_wish *wish, struct ad_winget_version_row *ret,
	struct ad_winget_evidence *evidence, struct ad_err *err)
{
	struct ad_winget_resolution resolution = { 0 };
	struct walk walk = { .arena = arena,
		.options = options,
		.wish = wish,
		.resolution = &resolution,
		.evidence = evidence,
		.err = err };
	int rc = resolve(&walk, false);
	if (!rc)
		*ret = resolution.version;
	return rc;
}

int ad_winget_resolve(struct ad_arena *arena, const struct ad_winget_options *options,
	const struct ad_winget_wish *wish, struct ad_winget_resolution *ret,
	struct ad_winget_evidence *evidence, struct ad_err *err)
{
	struct ad_winget_resolution resolution = { 0 };
	struct walk walk = { .arena = arena,
		.options = options,
		.wish = wish,
		.resolution = &resolution,
		.evidence = evidence,
		.err = err };
	int rc = resolve(&walk, true);
	*ret = resolution;
	return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kind `suggestion`: what somebody suggests is looked for in WinGet, down to its verified
 * manifest, and the admins get a card. They get it also when WinGet cannot be asked; then the job
 * comes back, and their cards learn what is found later.
 */
#include "kit.h"

#include "ad/db.h"
#include "ad/desk/suggestions.h"
#include "ad/store/suggestions.h"
#include "ad/text.h"
#include "ad/winget.h"

#define AGAIN_MS (INT64_C(15) * 60 * 1000)
#define HOSTS_MAX 10

extern const struct ad_job_kind ad_job_kind_suggestion;

/* ---- what the manifest says ---- */

static void set(struct ad_job_run *run, struct ad_json *facts, const char *member, const char *text)
{
	if (!ad_text_empty(text))
		ad_json_set_str(run->arena, facts, member, text);
}

static const char *host_of(struct ad_arena *arena, const char *url)
{
	const char *at = strstr(url, "://");
	at = at ? at + 3 : url;
	return ad_text_lower(arena, ad_strndup(arena, at, strcspn(at, "/?#")));
}

static bool is_in(const struct ad_json *list, const char *text)
{
	AD_JSON_EACH(item, list)
	if (ad_text_eq(ad_json_text(item), text))
		return true;
	return false;
}

/* Where its installers come from, each host once. */
static struct ad_json *hosts_of(struct ad_job_run *run, const struct ad_winget_manifest *manifest)
{
	struct ad_json *hosts = ad_json_new_array(run->arena);
	for (size_t i = 0; i < manifest->installer_count; i++) {
		const char *url = manifest->installers[i].url;
		const char *host = url ? host_of(run->arena, url) : "";
		if (*host && !is_in(hosts, host) && ad_json_count(hosts) < HOSTS_MAX)
			ad_json_append(run->arena, hosts, ad_json_new_string(run->arena, host));
	}
	return hosts;
}

static void describe(
	struct ad_job_run *run, const struct ad_winget_manifest *manifest, struct ad_json *facts)
{
	const struct ad_winget_locale *words = &manifest->locale;
	set(run, facts, "name", words->package_name);
	set(run, facts, "publisher", words->publisher);
	set(run, facts, "latest", manifest->version);
	set(run, facts, "licence", words->license);
	set(run, facts, "about", words->short_description);
	ad_json_set(run->arena, facts, "hosts", hosts_of(run, manifest));
}

/* ---- looking ---- */

/* The row, and the manifest when it can be had: what stands in its way is for the admins to read,
 * since it would stand in the way of each delivery. */
static const char *ask(struct ad_job_run *run, struct ad_winget_source *source, const char *wanted,
	struct ad_winget_options *options, struct ad_json *result)
{
	struct ad_err why = { 0 };
	struct ad_winget_row row;
	struct ad_winget_resolution resolution = { 0 };
	struct ad_winget_evidence evidence = { 0 };
	struct ad_json *facts = ad_json_get(result, "facts");
	int r = ad_winget_source_find(run->arena, source, wanted, &row, &why);
	ad_winget_source_close(source);
	if (r != 0)
		return AD_SUGGESTION_UNKNOWN;
	const struct ad_winget_wish wish = { .id = row.id, .rules = { .allow_zip = true } };
	ad_json_set_str(run->arena, result, "package", row.id);
	set(run, facts, "name", row.name);
	set(run, facts, "latest", row.latest_version);
	r = ad_winget_resolve(run->arena, options, &wish, &resolution, &evidence, &why);
	if (resolution.manifest.id)
		describe(run, &resolution.manifest, facts);
	if (r != 0)
		set(run, facts, "fault", why.text);
	return AD_SUGGESTION_FOUND;
}

static int look(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	struct ad_desk desk = ad_job_desk(run);
	struct ad_winget_options options;
	struct ad_winget_source *source;
	const char *wanted;
	const char *found = AD_SUGGESTION_UNAVAILABLE;
	struct ad_err why = { 0 };
	int r = ad_desk_suggestion_wanted(
		&desk, ad_json_int(run->payload, "suggestion", 0), &wanted, err);
	if (r != 0)
		return r == AD_ENOTFOUND ? 0 : r;
	r = ad_job_winget(run, &options, err);
	if (r != 0)
		return r;
	ad_json_set(run->arena, result, "facts", ad_json_new_object(run->arena));
	r = ad_winget_source_open(run->arena, &options, false, &source, &why);
	if (r == 0) {
		found = ask(run, source, wanted, &options, result);
		ad_json_set_str(run->arena, result, "index_version",
			ad_winget_source_package(source)->version);
	} else {
		set(run, ad_json_get(result, "facts"), "fault", why.text);
	}
	if (!ad_job_keep_going(run))
		return AD_FAIL(err, AD_EBUSY, "stopping");
	ad_json_set_str(run->arena, result, "found", found);
	return 0;
}

static int tell(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	struct ad_desk desk = ad_job_desk(run);
	const char *version = ad_json_str(result, "index_version");
	const char *package = ad_json_str(result, "package");
	const struct ad_desk_looked looked = { .found = ad_json_str(result, "found"),
		.package_id = package ? package : "",
		.facts = ad_json_get(result, "facts") };
	if (!looked.found)
		return 0; /* it is decided */
	int r = version ? ad_job_winget_accepted(run, version, err) : 0;
	if (r == 0)
		r = ad_desk_suggestion_looked(
			&desk, ad_json_int(run->payload, "suggestion", 0), &looked, err);
	ad_job_hand_over(run, &desk);
	if (r != 0 || !ad_text_eq(looked.found, AD_SUGGESTION_UNAVAILABLE))
		return r;
	run->later_ms = AGAIN_MS;
	return AD_JOB_LATER;
}

static const struct ad_job_step_spec steps[] = {
	{ "look", look, tell, NULL },
};

const struct ad_job_kind ad_job_kind_suggestion = {
	.name = AD_JOB_SUGGESTION,
	.is_short = true,
	.steps = steps,
	.steps_count = sizeof(steps) / sizeof(steps[0]),
	AD_JOB_UPKEEP,
};

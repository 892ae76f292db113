/* SPDX-License-Identifier: Apache-2.0 */
/* Requirements and exit codes (packaging.md 5.2). */
#include "requirement.h"

#include "ad/text.h"

/* Windows builds and Graph's names for their releases, ascending. */
static const struct {
	int64_t build;
	const char *name;
} releases[] = {
	{ 14393, "1607" },
	{ 15063, "1703" },
	{ 16299, "1709" },
	{ 17134, "1803" },
	{ 17763, "1809" },
	{ 18362, "1903" },
	{ 18363, "1909" },
	{ 19041, "2004" },
	{ 19042, "2H20" },
	{ 19043, "21H1" },
	{ 19044, "Windows10_21H2" },
	{ 19045, "Windows10_22H2" },
	{ 22000, "Windows11_21H2" },
	{ 22621, "Windows11_22H2" },
	{ 22631, "Windows11_23H2" },
};

#define PARTS_MAX 4

/* Splits "10.0.17763.0" into numbers; the count, or 0 for anything else. */
static size_t parse_version(const char *text, int64_t ret[PARTS_MAX])
{
	size_t count = 0;
	const char *p = text;
	while (count < PARTS_MAX) {
		char part[11];
		size_t len = strcspn(p, ".");
		if (len == 0 || len >= sizeof(part))
			return 0;
		memcpy(part, p, len);
		part[len] = '\0';
		if (ad_text_i64(part, 0, INT32_MAX, &ret[count]) < 0)
			return 0;
		count++;
		p += len;
		if (*p == '\0')
			return count;
		p++;
	}
	return 0;
}

bool ad_pack_version_is_numeric(const char *version)
{
	int64_t parts[PARTS_MAX];
	return parse_version(version, parts) >= 2;
}

int ad_pack_minimum_release(const char *os_version, const char **ret, struct ad_err *err)
{
	int64_t parts[PARTS_MAX] = { 0 };
	size_t count = 0;

	*ret = releases[0].name;
	if (ad_text_empty(os_version))
		return 0;
	count = parse_version(os_version, parts);
	if (count == 0)
		return AD_FAIL(err, AD_EINVAL, "minimum Windows version is not a version");
	if (parts[0] < 10 || count < 3)
		return 0;
	for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]); i++) {
		if (releases[i].build >= parts[2]) {
			*ret = releases[i].name;
			return 0;
		}
	}
	return AD_FAIL(err, AD_EINVAL,
		"needs Windows build %lld, newer than what Intune can ask for",
		(long long)parts[2]);
}

int ad_pack_architectures(enum ad_pack_arch arch, const char **ret, struct ad_err *err)
{
	switch (arch) {
	case AD_PACK_X64:
		*ret = "x64";
		return 0;
	case AD_PACK_X86:
	case AD_PACK_NEUTRAL:
		*ret = "x86,x64";
		return 0;
	case AD_PACK_ARM64:
		break;
	}
	return AD_FAIL(err, AD_EINVAL, "arm64 installers cannot be expressed in Graph v1.0");
}

static void put_code(struct ad_pack_plan *plan, int32_t code, enum ad_pack_outcome outcome)
{
	for (size_t i = 0; i < plan->return_codes_count; i++)
		if (plan->return_codes[i].code == code)
			return;
	if (plan->return_codes_count == AD_PACK_RETURN_CODES_MAX)
		return;
	plan->return_codes[plan->return_codes_count].code = code;
	plan->return_codes[plan->return_codes_count].outcome = outcome;
	plan->return_codes_count++;
}

static enum ad_pack_outcome outcome_of(const char *word)
{
	static const struct {
		const char *word;
		enum ad_pack_outcome outcome;
	} words[] = {
		{ "rebootRequiredToFinish", AD_PACK_SOFT_REBOOT },
		{ "rebootInitiated", AD_PACK_HARD_REBOOT },
		/* The detection rule still decides whether it is there. */
		{ "alreadyInstalled", AD_PACK_SUCCESS },
		{ "installInProgress", AD_PACK_RETRY },
		{ "packageInUse", AD_PACK_RETRY },
		{ "packageInUseByApplication", AD_PACK_RETRY },
		{ "fileInUse", AD_PACK_RETRY },
		/* Nothing has been installed yet. */
		{ "rebootRequiredForInstall", AD_PACK_RETRY },
	};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (ad_text_eq_nocase(word, words[i].word))
			return words[i].outcome;
	return AD_PACK_FAILED;
}

/* The first meaning of a code counts: 0 is success whatever a manifest says, then the manifest's
 * own words, then what Intune assumes. */
void ad_pack_return_codes(const struct ad_pack_source *source, struct ad_pack_plan *plan)
{
	put_code(plan, 0, AD_PACK_SUCCESS);
	for (size_t i = 0; i < source->success_codes_count; i++)
		put_code(plan, source->success_codes[i], AD_PACK_SUCCESS);
	for (size_t i = 0; i < source->responses_count; i++)
		put_code(plan, source->responses[i].code, outcome_of(source->responses[i].word));
	put_code(plan, 1707, AD_PACK_SUCCESS);
	put_code(plan, 3010, AD_PACK_SOFT_REBOOT);
	put_code(plan, 1641, AD_PACK_HARD_REBOOT);
	put_code(plan, 1618, AD_PACK_RETRY);
}

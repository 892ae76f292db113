/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of the installer that Intune can deploy (packaging.md 2.4, with Intune's own order).
 */
#include "ad/winget/manifest.h"

#include "ad/buf.h"
#include "ad/text.h"

#define HOST_ARCHS_MAX 4
#define REASONS_MAX 400u

/* What runs on a host, best first; ended by the unknown value. */
static const enum ad_winget_arch runs_on_x64[HOST_ARCHS_MAX] = { AD_WINGET_ARCH_X64,
	AD_WINGET_ARCH_X86, AD_WINGET_ARCH_NEUTRAL };
static const enum ad_winget_arch runs_on_x86[HOST_ARCHS_MAX] = { AD_WINGET_ARCH_X86,
	AD_WINGET_ARCH_NEUTRAL };
static const enum ad_winget_arch runs_on_arm64[HOST_ARCHS_MAX] = { AD_WINGET_ARCH_ARM64,
	AD_WINGET_ARCH_X64, AD_WINGET_ARCH_X86, AD_WINGET_ARCH_NEUTRAL };

/* Supported types, best first: what has the most predictable unattended installation. */
static const enum ad_winget_type preferred_types[] = { AD_WINGET_TYPE_MSI, AD_WINGET_TYPE_WIX,
	AD_WINGET_TYPE_BURN, AD_WINGET_TYPE_INNO, AD_WINGET_TYPE_NULLSOFT, AD_WINGET_TYPE_EXE };

#define TYPES (sizeof preferred_types / sizeof preferred_types[0])

/* Smaller is better; compared from the first to the last. */
struct rank {
	unsigned scope;
	unsigned arch;
	unsigned locale;
	unsigned type;
};

static unsigned arch_rank(enum ad_winget_arch host, enum ad_winget_arch arch)
{
	const enum ad_winget_arch *order = runs_on_x64;
	if (host == AD_WINGET_ARCH_X86)
		order = runs_on_x86;
	else if (host == AD_WINGET_ARCH_ARM64)
		order = runs_on_arm64;
	unsigned i = 0;
	while (i < HOST_ARCHS_MAX && (order[i] != arch || arch == AD_WINGET_ARCH_UNKNOWN))
		i++;
	return i;
}

static unsigned type_rank(enum ad_winget_type type)
{
	unsigned i = 0;
	while (i < TYPES && preferred_types[i] != type)
		i++;
	return i;
}

/* No locale fits everybody; a wanted one is better, a foreign one worse. */
static unsigned locale_rank(const char *wanted, const char *locale)
{
	if (!locale)
		return 1;
	if (wanted)
		return ad_text_eq_nocase(wanted, locale) ? 0 : 2;
	return ad_text_starts(locale, "en") ? 1 : 2;
}

static const char *zip_refused(
	const struct ad_winget_rules *rules, const struct ad_winget_installer *installer)
{
	if (installer->type != AD_WINGET_TYPE_ZIP)
		return NULL;
	if (!rules->allow_zip)
		return "installers inside a zip are not supported";
	return installer->nested_file_count == 1 ? NULL : "the zip does not name one installer";
}

static const char *scope_refused(
	const struct ad_winget_rules *rules, const struct ad_winget_installer *installer)
{
	if (rules->scope != AD_WINGET_SCOPE_UNKNOWN)
		return installer->scope == rules->scope ? NULL : "other scope than asked for";
	bool refused = installer->scope == AD_WINGET_SCOPE_USER && !rules->allow_user_scope;
	return refused ? "installs for one user only" : NULL;
}

/* Why this installer cannot be taken, or NULL with its rank. */
static const char *refused(const struct ad_winget_rules *rules,
	const struct ad_winget_installer *installer, struct rank *ret)
{
	enum ad_winget_arch host =
		rules->host == AD_WINGET_ARCH_UNKNOWN ? AD_WINGET_ARCH_X64 : rules->host;
	const struct ad_winget_list *not_on = &installer->unsupported_os_architectures;
	static const unsigned scope_ranks[] = { [AD_WINGET_SCOPE_MACHINE] = 0,
		[AD_WINGET_SCOPE_UNKNOWN] = 1,
		[AD_WINGET_SCOPE_USER] = 2 };

	ret->scope = scope_ranks[installer->scope];
	ret->arch = arch_rank(host, installer->arch);
	ret->locale = locale_rank(rules->locale, installer->locale);
	ret->type = type_rank(ad_winget_effective_type(installer));
	const char *zip = zip_refused(rules, installer);
	if (zip)
		return zip;
	if (ret->type == TYPES)
		return "this type is not supported";
	if (ret->arch == HOST_ARCHS_MAX)
		return "other architecture";
	for (size_t i = 0; i < not_on->count; i++) {
		if (ad_text_eq_nocase(not_on->items[i], ad_winget_arch_name(host)))
			return "not for this Windows architecture";
	}
	const char *scope = scope_refused(rules, installer);
	if (scope)
		return scope;
	if (ad_text_starts(installer->url, "http://") && !rules->allow_http)
		return "its address is not https";
	if (installer->needs_sign_in)
		return "its download needs a sign-in";
	if (installer->install_location_required)
		return "it has to be told where to install";
	return ad_text_empty(installer->switches.silent) ? "no switches for a silent installation"
							 : NULL;
}

static bool better(const struct rank *a, const struct rank *b)
{
	if (a->scope != b->scope)
		return a->scope < b->scope;
	if (a->arch != b->arch)
		return a->arch < b->arch;
	if (a->locale != b->locale)
		return a->locale < b->locale;
	return a->type < b->type;
}

static void note_refusal(
	struct ad_buf *reasons, const struct ad_winget_installer *installer, const char *why)
{
	/* What does not fit is cut: the first ones tell the story. */
	(void)ad_buf_addf(reasons, "%s%s %s %s: %s", reasons->len > 0 ? "; " : "",
		ad_winget_type_name(installer->type), ad_winget_arch_name(installer->arch),
		ad_winget_scope_name(installer->scope), why);
}

int ad_winget_choose(const struct ad_winget_manifest *manifest, const struct ad_winget_rules *rules,
	struct ad_winget_choice *ret, struct ad_err *err)
{
	const struct ad_winget_installer *best = NULL;
	struct rank best_rank = { 0 };
	struct ad_buf reasons;
	int rc = 0;
	ad_buf_init(&reasons, REASONS_MAX);
	for (size_t i = 0; i < manifest->installer_count; i++) {
		struct rank rank;
		const struct ad_winget_installer *installer = &manifest->installers[i];
		const char *why = refused(rules, installer, &rank);
		if (why) {
			note_refusal(&reasons, installer, why);
		} else if (!best || better(&rank, &best_rank)) {
			best = installer;
			best_rank = rank;
		}
	}
	if (best) {
		*ret = (struct ad_winget_choice){ .installer = best,
			.scope_unknown = best->scope == AD_WINGET_SCOPE_UNKNOWN,
			.scope_user = best->scope == AD_WINGET_SCOPE_USER };
	} else {
		rc = AD_FAIL(err, AD_EINVAL, "package %.100s has no installer to deploy: %s",
			manifest->id, ad_buf_str(&reasons));
		if (err)
			err->class = AD_CLASS_PERMANENT;
	}
	ad_buf_release(&reasons);
	return rc;
}

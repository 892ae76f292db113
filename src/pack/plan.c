/* SPDX-License-Identifier: Apache-2.0 */
/* The plan: which commands install and remove an app, and how Intune sees that it is there
 * (packaging.md 5.4). */
#include "ad/pack.h"

#include "ad/text.h"
#include "command.h"
#include "requirement.h"
#include "script.h"

#define NAME_MAX_CHARS 250u
#define UNINSTALL_PATH "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\"
#define MSI_QUIET "/quiet /norestart"

bool ad_pack_is_plain_name(const char *name)
{
	if (ad_text_empty(name) || strlen(name) > NAME_MAX_CHARS)
		return false;
	for (const char *p = name; *p; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			    (*p >= '0' && *p <= '9') || strchr("._-+", *p)))
			return false;
	return name[0] != '.' && name[0] != '-';
}

/* A product code is the name of one registry key. */
static bool key_name(const char *name)
{
	if (strlen(name) > NAME_MAX_CHARS || !ad_utf8_valid(name, strlen(name)))
		return false;
	for (const char *p = name; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f || *p == '\\')
			return false;
	return true;
}

static int check_source(const struct ad_pack_source *source, struct ad_err *err)
{
	if (!ad_pack_is_plain_name(source->package_id))
		return AD_FAIL(err, AD_EINVAL, "package id is not a plain name");
	if (!ad_pack_is_plain_name(source->setup_file))
		return AD_FAIL(err, AD_EINVAL, "installer's file name is not a plain name");
	if (ad_text_empty(source->version) || ad_text_empty(source->name))
		return AD_FAIL(err, AD_EINVAL, "package has no version or no name");
	if (source->product_code && !key_name(source->product_code))
		return AD_FAIL(err, AD_EINVAL, "product code is not the name of a registry key");
	if (source->type == AD_PACK_MSI && !source->msi)
		return AD_FAIL(err, AD_EBUG, "an MSI without its facts");
	if (source->type == AD_PACK_EXE && ad_text_empty(source->silent))
		return AD_FAIL(err, AD_EINVAL,
			"the manifest names no silent switches for this installer, so it cannot "
			"run unattended");
	return 0;
}

/* How a version is compared on the device: as numbers where it has some, else as it is written. */
static void rule_version(struct ad_pack_rule *rule, const char *version)
{
	rule->compare =
		ad_pack_version_is_numeric(version) ? AD_PACK_VERSION_AT_LEAST : AD_PACK_TEXT_EQUAL;
	rule->version = version;
}

/* ---- msi ---- */

static bool mentions_allusers(const char *switches)
{
	return switches && strcasestr(switches, "ALLUSERS") != NULL;
}

static int plan_msi(struct ad_arena *arena, const struct ad_pack_source *source,
	struct ad_pack_plan *plan, struct ad_buf *line, struct ad_err *err)
{
	const struct ad_msi *msi = source->msi;
	(void)ad_buf_addf(line, "msiexec /i \"%s\"", source->setup_file);
	int r = ad_pack_command_msi_switches(
		line, ad_text_empty(source->silent) ? MSI_QUIET : source->silent, err);
	/* Run by the system, an MSI for one user would install for the system's own account. */
	if (r == 0 && !source->user_scope && msi->scope != AD_MSI_PER_MACHINE &&
		!mentions_allusers(source->custom))
		r = ad_pack_command_switches(line, "ALLUSERS=1", err);
	if (r == 0)
		r = ad_pack_command_msi_switches(line, source->custom, err);
	if (r < 0)
		return r;
	plan->msi = msi;
	plan->install_command = ad_strdup(arena, ad_buf_str(line));
	plan->uninstall_command = ad_printf(arena, "msiexec /x %s " MSI_QUIET, msi->product_code);
	plan->rules[0].product_code = msi->product_code;
	plan->rules_count = 1;
	if (ad_pack_version_is_numeric(msi->product_version))
		rule_version(&plan->rules[0], msi->product_version);
	if (source->product_code && !ad_text_eq_nocase(source->product_code, msi->product_code))
		plan->remark =
			ad_printf(arena, "the manifest names product code %s, the installer has %s",
				source->product_code, msi->product_code);
	return 0;
}

/* ---- everything that is run as a program ---- */

static const char *default_silent(enum ad_pack_type type)
{
	switch (type) {
	case AD_PACK_BURN:
		return "/quiet /norestart";
	case AD_PACK_INNO:
		return "/SP- /VERYSILENT /SUPPRESSMSGBOXES /NORESTART";
	case AD_PACK_NULLSOFT:
		return "/S";
	case AD_PACK_MSI:
	case AD_PACK_EXE:
		break;
	}
	return "";
}

static void add_script(struct ad_pack_plan *plan, const char *name, const char *text)
{
	AD_ASSERT(plan->scripts_count < AD_PACK_SCRIPTS_MAX);
	struct ad_intunewin_file *script = &plan->scripts[plan->scripts_count++];
	*script = (struct ad_intunewin_file){ .name = name, .data = text, .len = strlen(text) };
}

/* The installer registers under a known key: it is run directly, and that key is the proof. */
static int plan_registered(struct ad_arena *arena, const struct ad_pack_source *source,
	const char *arguments, struct ad_pack_plan *plan, struct ad_err *err)
{
	struct ad_buf line;
	ad_buf_init(&line, AD_PACK_COMMAND_MAX);
	(void)ad_buf_addf(&line, "\"%s\"", source->setup_file);
	int r = ad_pack_command_switches(&line, arguments, err);
	plan->install_command = ad_strdup(arena, ad_buf_str(&line));
	ad_buf_release(&line);
	if (r < 0)
		return r;
	struct ad_pack_rule *rule = &plan->rules[plan->rules_count++];
	rule->key = ad_printf(arena, "%s\\" UNINSTALL_PATH "%s",
		source->user_scope ? "HKEY_CURRENT_USER" : "HKEY_LOCAL_MACHINE",
		source->product_code);
	rule->value = "DisplayVersion";
	/* Burn's own program is 32-bit whatever it installs. */
	rule->in_32bit_view = source->arch != AD_PACK_X64 || source->type == AD_PACK_BURN;
	rule_version(rule, source->display_version ? source->display_version : source->version);
	return 0;
}

/* Nobody says what the installer registers: a script runs it and leaves our own mark. */
static int plan_marked(struct ad_arena *arena, const struct ad_pack_source *source,
	const char *arguments, struct ad_pack_plan *plan, struct ad_err *err)
{
	const char *script;
	int r = ad_pack_script_install(arena, source, arguments, &script, err);
	if (r < 0)
		return r;
	add_script(plan, AD_PACK_INSTALL_SCRIPT, script);
	plan->install_command = ad_pack_script_command(arena, AD_PACK_INSTALL_SCRIPT);
	struct ad_pack_rule *rule = &plan->rules[plan->rules_count++];
	rule->key = ad_printf(arena, "%s\\" AD_PACK_MARK_PATH "%s",
		source->user_scope ? "HKEY_CURRENT_USER" : "HKEY_LOCAL_MACHINE",
		source->package_id);
	rule->value = "Version";
	rule_version(rule, source->version);
	plan->remark = "the manifest names no registry key, so the app is detected by a mark that "
		       "its installation leaves";
	return 0;
}

static int plan_program(struct ad_arena *arena, const struct ad_pack_source *source,
	struct ad_pack_plan *plan, struct ad_buf *line, struct ad_err *err)
{
	/* Custom comes last: Nullsoft takes everything after /D= for the folder. */
	int r = ad_pack_command_switches(line,
		ad_text_empty(source->silent) ? default_silent(source->type) : source->silent, err);
	if (r == 0)
		r = ad_pack_command_switches(line, source->custom, err);
	if (r < 0)
		return r;
	const char *arguments = ad_buf_str(line);
	r = ad_text_empty(source->product_code)
		    ? plan_marked(arena, source, arguments, plan, err)
		    : plan_registered(arena, source, arguments, plan, err);
	const char *script = NULL;
	if (r == 0)
		r = ad_pack_script_uninstall(arena, source, &script, err);
	if (r < 0)
		return r;
	add_script(plan, AD_PACK_UNINSTALL_SCRIPT, script);
	plan->uninstall_command = ad_pack_script_command(arena, AD_PACK_UNINSTALL_SCRIPT);
	return 0;
}

int ad_pack_plan_make(struct ad_arena *arena, const struct ad_pack_source *source,
	struct ad_pack_plan *ret, struct ad_err *err)
{
	struct ad_pack_plan plan = { .setup_file = ad_strdup(arena, source->setup_file),
		.user_scope = source->user_scope };
	int r = check_source(source, err);
	if (r == 0)
		r = ad_pack_architectures(source->arch, &plan.architectures, err);
	if (r == 0)
		r = ad_pack_minimum_release(source->minimum_os, &plan.minimum_release, err);
	if (r < 0)
		return r;
	ad_pack_return_codes(source, &plan);

	struct ad_buf line;
	ad_buf_init(&line, AD_PACK_COMMAND_MAX);
	r = source->type == AD_PACK_MSI ? plan_msi(arena, source, &plan, &line, err)
					: plan_program(arena, source, &plan, &line, err);
	ad_buf_release(&line);
	if (r == 0)
		*ret = plan;
	return r;
}

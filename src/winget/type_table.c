/* SPDX-License-Identifier: Apache-2.0 */
/* Tables about architectures, scopes and installer types. */
#include "type_table.h"

#include "ad/text.h"

static const char *const arch_names[] = {
	[AD_WINGET_ARCH_UNKNOWN] = "unknown",
	[AD_WINGET_ARCH_X86] = "x86",
	[AD_WINGET_ARCH_X64] = "x64",
	[AD_WINGET_ARCH_ARM] = "arm",
	[AD_WINGET_ARCH_ARM64] = "arm64",
	[AD_WINGET_ARCH_NEUTRAL] = "neutral",
};

static const char *const scope_names[] = {
	[AD_WINGET_SCOPE_UNKNOWN] = "unknown",
	[AD_WINGET_SCOPE_USER] = "user",
	[AD_WINGET_SCOPE_MACHINE] = "machine",
};

static const char *const type_names[] = {
	[AD_WINGET_TYPE_UNKNOWN] = "unknown",
	[AD_WINGET_TYPE_MSI] = "msi",
	[AD_WINGET_TYPE_WIX] = "wix",
	[AD_WINGET_TYPE_BURN] = "burn",
	[AD_WINGET_TYPE_INNO] = "inno",
	[AD_WINGET_TYPE_NULLSOFT] = "nullsoft",
	[AD_WINGET_TYPE_EXE] = "exe",
	[AD_WINGET_TYPE_MSIX] = "msix",
	[AD_WINGET_TYPE_APPX] = "appx",
	[AD_WINGET_TYPE_MSSTORE] = "msstore",
	[AD_WINGET_TYPE_ZIP] = "zip",
	[AD_WINGET_TYPE_PWA] = "pwa",
	[AD_WINGET_TYPE_PORTABLE] = "portable",
	[AD_WINGET_TYPE_FONT] = "font",
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Position of word in names, 0 (the unknown value) when it is not there. */
static size_t position(const char *const *names, size_t count, const char *word)
{
	for (size_t i = 1; i < count; i++) {
		if (ad_text_eq_nocase(names[i], word))
			return i;
	}
	return 0;
}

enum ad_winget_arch ad_winget_arch_of(const char *word)
{
	return (enum ad_winget_arch)position(arch_names, COUNT(arch_names), word);
}

enum ad_winget_scope ad_winget_scope_of(const char *word)
{
	return (enum ad_winget_scope)position(scope_names, COUNT(scope_names), word);
}

enum ad_winget_type ad_winget_type_of(const char *word)
{
	return (enum ad_winget_type)position(type_names, COUNT(type_names), word);
}

const char *ad_winget_arch_name(enum ad_winget_arch arch)
{
	return arch_names[(size_t)arch < COUNT(arch_names) ? arch : 0];
}

const char *ad_winget_scope_name(enum ad_winget_scope scope)
{
	return scope_names[(size_t)scope < COUNT(scope_names) ? scope : 0];
}

const char *ad_winget_type_name(enum ad_winget_type type)
{
	return type_names[(size_t)type < COUNT(type_names) ? type : 0];
}

static const struct ad_winget_switches no_switches;

static const struct ad_winget_switches msi_switches = {
	.silent = "/quiet /norestart",
	.silent_with_progress = "/passive /norestart",
	.log = "/log \"<LOGPATH>\"",
	.install_location = "TARGETDIR=\"<INSTALLPATH>\"",
};

static const struct ad_winget_switches nullsoft_switches = {
	.silent = "/S",
	.silent_with_progress = "/S",
	.install_location = "/D=<INSTALLPATH>",
};

static const struct ad_winget_switches inno_switches = {
	.silent = "/SP- /VERYSILENT /SUPPRESSMSGBOXES /NORESTART",
	.silent_with_progress = "/SP- /SILENT /SUPPRESSMSGBOXES /NORESTART",
	.log = "/LOG=\"<LOGPATH>\"",
	.install_location = "/DIR=\"<INSTALLPATH>\"",
};

static bool is_msi_like(enum ad_winget_type type)
{
	return type == AD_WINGET_TYPE_MSI || type == AD_WINGET_TYPE_WIX ||
	       type == AD_WINGET_TYPE_BURN;
}

const struct ad_winget_switches *ad_winget_default_switches(enum ad_winget_type type)
{
	if (is_msi_like(type))
		return &msi_switches;
	if (type == AD_WINGET_TYPE_NULLSOFT)
		return &nullsoft_switches;
	return type == AD_WINGET_TYPE_INNO ? &inno_switches : &no_switches;
}

static const struct ad_winget_return_code msi_codes[] = {
	{ 3010, "rebootRequiredToFinish" },
	{ 1641, "rebootInitiated" },
	{ 1618, "installInProgress" },
	{ 112, "diskFull" },
	{ 1601, "contactSupport" },
	{ 1602, "cancelledByUser" },
	{ 1638, "alreadyInstalled" },
	{ 1623, "systemNotSupported" },
	{ 1633, "systemNotSupported" },
	{ 1654, "systemNotSupported" },
	{ 1625, "blockedByPolicy" },
	{ 1640, "blockedByPolicy" },
	{ 1643, "blockedByPolicy" },
	{ 1644, "blockedByPolicy" },
	{ 1649, "blockedByPolicy" },
	{ 87, "invalidParameter" },
	{ 1628, "invalidParameter" },
	{ 1639, "invalidParameter" },
	{ 1650, "invalidParameter" },
};

/* 8: a reboot is needed before the installation, so nothing was installed. */
static const struct ad_winget_return_code inno_codes[] = {
	{ 2, "cancelledByUser" },
	{ 5, "cancelledByUser" },
	{ 8, "rebootRequiredForInstall" },
};

const struct ad_winget_return_code *ad_winget_default_codes(
	enum ad_winget_type type, size_t *ret_count)
{
	if (is_msi_like(type)) {
		*ret_count = COUNT(msi_codes);
		return msi_codes;
	}
	*ret_count = type == AD_WINGET_TYPE_INNO ? COUNT(inno_codes) : 0;
	return inno_codes;
}

bool ad_winget_type_has_arp_entry(enum ad_winget_type type)
{
	return is_msi_like(type) || type == AD_WINGET_TYPE_EXE || type == AD_WINGET_TYPE_INNO ||
	       type == AD_WINGET_TYPE_NULLSOFT || type == AD_WINGET_TYPE_PORTABLE;
}

bool ad_winget_type_has_family_name(enum ad_winget_type type)
{
	return type == AD_WINGET_TYPE_MSIX || type == AD_WINGET_TYPE_APPX ||
	       type == AD_WINGET_TYPE_MSSTORE;
}

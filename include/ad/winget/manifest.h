/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merged WinGet manifests as structs, and the choice of the installer that Intune can deploy
 * (packaging.md 2). Pure: bytes in, structs in the arena out. Any thread. Fields that the manifest
 * does not have are NULL, 0 or the enums' unknown value.
 */
#ifndef AD_WINGET_MANIFEST_H
#define AD_WINGET_MANIFEST_H

#include "ad/arena.h"
#include "ad/bytes.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AD_WINGET_MANIFEST_MAX (1u << 20) /* bytes of one manifest */
#define AD_WINGET_INSTALLERS_MAX 1024u
#define AD_WINGET_LIST_MAX 1024u /* items of any other list */
#define AD_WINGET_URL_MAX 2048u
#define AD_WINGET_PARTS_MAX 512u /* files of one manifest */

enum ad_winget_arch {
	AD_WINGET_ARCH_UNKNOWN = 0,
	AD_WINGET_ARCH_X86,
	AD_WINGET_ARCH_X64,
	AD_WINGET_ARCH_ARM,
	AD_WINGET_ARCH_ARM64,
	AD_WINGET_ARCH_NEUTRAL
};

enum ad_winget_scope { AD_WINGET_SCOPE_UNKNOWN = 0, AD_WINGET_SCOPE_USER, AD_WINGET_SCOPE_MACHINE };

enum ad_winget_type {
	AD_WINGET_TYPE_UNKNOWN = 0,
	AD_WINGET_TYPE_MSI,
	AD_WINGET_TYPE_WIX,
	AD_WINGET_TYPE_BURN,
	AD_WINGET_TYPE_INNO,
	AD_WINGET_TYPE_NULLSOFT,
	AD_WINGET_TYPE_EXE,
	AD_WINGET_TYPE_MSIX,
	AD_WINGET_TYPE_APPX,
	AD_WINGET_TYPE_MSSTORE,
	AD_WINGET_TYPE_ZIP,
	AD_WINGET_TYPE_PWA,
	AD_WINGET_TYPE_PORTABLE,
	AD_WINGET_TYPE_FONT
};

/* The manifest's words: "x64", "machine", "nullsoft"; "unknown" for the unknown value. */
const char *ad_winget_arch_name(enum ad_winget_arch arch);
const char *ad_winget_scope_name(enum ad_winget_scope scope);
const char *ad_winget_type_name(enum ad_winget_type type);

struct ad_winget_list {
	const char *const *items;
	size_t count;
};

/* Command line pieces: the installer's own, else the root's, else the default of the effective
 * type. Log and install_location keep their placeholders <LOGPATH> and <INSTALLPATH>. */
struct ad_winget_switches {
	const char *silent;
	const char *silent_with_progress;
	const char *interactive;
	const char *install_location;
	const char *log;
	const char *upgrade;
	const char *custom;
	const char *repair;
};

struct ad_winget_return_code {
	int32_t code;         /* folded modulo 2^32: -2147023258 and 2147944038 are the same */
	const char *response; /* "rebootRequiredToFinish", "cancelledByUser", ... */
};

struct ad_winget_dependency {
	const char *id;
	const char *minimum_version;
};

struct ad_winget_arp_entry {
	const char *display_name;
	const char *publisher;
	const char *display_version;
	const char *product_code;
	const char *upgrade_code;
	enum ad_winget_type type;
};

struct ad_winget_nested_file {
	const char *path; /* inside the zip, forward slashes, checked to stay inside */
	const char *alias;
};

/* One installer with everything inherited (2.2) and defaulted (2.3). */
struct ad_winget_installer {
	enum ad_winget_type type;
	enum ad_winget_type nested_type; /* with type zip */
	enum ad_winget_arch arch;
	enum ad_winget_scope scope;
	const char *locale;
	const char *url;
	const char *sha256; /* 64 lower-case hex digits */
	const char *minimum_os_version;
	const char *product_code;
	const char *package_family_name;
	const char *elevation; /* "elevationRequired", "elevationProhibited", "elevatesSelf" */
	const char *upgrade_behavior;
	const char *release_date;
	struct ad_winget_switches switches;
	struct ad_winget_list unsupported_arguments; /* "log", "location" */
	struct ad_winget_list unsupported_os_architectures;
	struct ad_winget_list commands;
	struct ad_winget_list windows_features;
	struct ad_winget_list windows_libraries;
	struct ad_winget_list external_dependencies;
	const int32_t *success_codes; /* besides 0 */
	size_t success_code_count;
	const struct ad_winget_return_code
		*return_codes; /* the manifest's before the type's defaults */
	size_t return_code_count;
	const struct ad_winget_dependency *dependencies;
	size_t dependency_count;
	const struct ad_winget_arp_entry *arp_entries;
	size_t arp_entry_count;
	const struct ad_winget_nested_file *nested_files;
	size_t nested_file_count;
	bool install_location_required;
	bool aborts_terminal;
	bool download_prohibited; /* DownloadCommandProhibited */
	bool needs_sign_in;       /* Authentication: its address answers only who is signed in */
};

/* The nested type of a zip, else the type. */
enum ad_winget_type ad_winget_effective_type(const struct ad_winget_installer *installer);

struct ad_winget_icon {
	const char *url;
	const char *file_type;
	const char *sha256; /* lower-case hex, or NULL */
};

struct ad_winget_agreement {
	const char *label;
	const char *text;
	const char *url;
};

/* Words about the package in one language; missing fields come from the default locale. */
struct ad_winget_locale {
	const char *locale;
	const char *publisher;
	const char *publisher_url;
	const char *support_url;
	const char *privacy_url;
	const char *author;
	const char *package_name;
	const char *package_url;
	const char *license;
	const char *license_url;
	const char *copyright;
	const char *short_description;
	const char *description;
	const char *moniker;
	const char *release_notes;
	const char *release_notes_url;
	const char *installation_notes;
	struct ad_winget_list tags;
	const struct ad_winget_icon *icons;
	size_t icon_count;
	const struct ad_winget_agreement *agreements;
	size_t agreement_count;
};

struct ad_winget_manifest {
	const char *id;
	const char *version;
	const char *manifest_version;
	const char *release_date;       /* of the root */
	struct ad_winget_locale locale; /* the default one */
	const struct ad_winget_locale *localizations;
	size_t localization_count;
	const struct ad_winget_installer *installers;
	size_t installer_count;
};

/*
 * The same from the files of a manifest as authors keep them: one of type version, one installer,
 * one defaultLocale, and any of type locale, in any order. What is returned is what the package
 * source would publish as one merged manifest. AD_EINVAL also when one of them is missing, is there
 * twice, or speaks of another package or version.
 */
AD_MUST int ad_winget_manifest_parse_parts(struct ad_arena *arena, const struct ad_bytes *parts,
	size_t count, struct ad_winget_manifest *ret, struct ad_err *err);

/* Parses a merged or singleton manifest. AD_EINVAL with the line for malformed or unexpected YAML
 * (anchors, aliases, tags, duplicate keys, several documents), for a manifest version other
 * than 1.x and for a missing or malformed required field; AD_ETOOBIG for a limit. */
AD_MUST int ad_winget_manifest_parse(struct ad_arena *arena, struct ad_bytes yaml,
	struct ad_winget_manifest *ret, struct ad_err *err);

/* The localization whose tag is languages' earliest match (whole tag, else language), or the
 * default locale; "de-DE". Never NULL. */
const struct ad_winget_locale *ad_winget_manifest_locale(
	const struct ad_winget_manifest *manifest, const struct ad_winget_list *languages);

/* What the organisation is ready to deploy. All zero is the strictest. */
struct ad_winget_rules {
	enum ad_winget_arch host;   /* unknown means x64 */
	enum ad_winget_scope scope; /* only installers that say this one; unknown: see below */
	bool allow_user_scope;      /* also installers that install for one user only */
	bool allow_zip;             /* also zips that hold one installer of a supported type */
	bool allow_http;    /* also addresses without TLS; the hash is compared in any case */
	const char *locale; /* preferred InstallerLocale, or NULL */
};

struct ad_winget_choice {
	const struct ad_winget_installer *installer;
	bool scope_unknown; /* the manifest does not say machine or user: people should know */
	bool scope_user;
};

/*
 * The best installer under these rules: machine scope before unknown before user, then the
 * architecture (x64 host: x64, x86, neutral), the locale, the type (msi, wix, burn, inno, nullsoft,
 * exe), the order of the manifest. AD_EINVAL (class permanent) that names why each was refused when
 * none is left.
 */
AD_MUST int ad_winget_choose(const struct ad_winget_manifest *manifest,
	const struct ad_winget_rules *rules, struct ad_winget_choice *ret, struct ad_err *err);

#endif

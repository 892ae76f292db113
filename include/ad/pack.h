/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a verified installer to what Intune can deploy: facts of an MSI, the plan (command lines,
 * detection, requirements; packaging.md 5.4), and the .intunewin (ad/pack/intunewin.h). Nothing is
 * ever executed. Blocking on files; any thread. AD_EINVAL is permanent: the package cannot be
 * deployed as it is.
 */
#ifndef AD_PACK_H
#define AD_PACK_H

#include "ad/arena.h"
#include "ad/crypto.h"
#include "ad/err.h"
#include "ad/json.h"
#include "ad/pack/intunewin.h"
#include "ad/sandbox/reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- facts of an MSI ---- */

enum ad_msi_scope { AD_MSI_PER_MACHINE = 0, AD_MSI_PER_USER, AD_MSI_DUAL };

struct ad_msi {
	const char *product_code; /* "{8-4-4-4-12}" */
	const char *product_version;
	const char *product_name;
	const char *manufacturer;
	const char *upgrade_code; /* "" when there is none */
	const char *package_code; /* "" when there is none */
	const char *arch;         /* "x86", "x64", "arm64", or "" */
	enum ad_msi_scope scope;  /* of ALLUSERS */
	bool includes_services;
	bool includes_odbc;
	bool requires_reboot;
};

/* Reads an MSI. AD_EINVAL when it is none, lacks what every MSI has, or ends its reader; AD_EIO
 * when it cannot be read. */
AD_MUST int ad_pack_msi_read(
	struct ad_arena *arena, const char *path, struct ad_msi *ret, struct ad_err *err);

/* The reader of MSIs (ad/sandbox/reader.h), which ad_pack_msi_read asks. */
extern const struct ad_reader_kind ad_pack_msi_reader;

/* The facts as JSON: its answer. */
struct ad_json *ad_pack_msi_json(struct ad_arena *arena, const struct ad_msi *msi);

/* ---- who signed it ---- */

/* Texts are "" when it is not signed. */
struct ad_pack_signature {
	bool is_signed;
	const char *subject; /* of the signer, RFC 2253 */
	const char *
		issuer_sha256; /* of the last certificate of the chain that the file brings along */
	const char *algorithm; /* "sha256" */
	const char *chain;     /* for people */
};

/* Reads the Authenticode signature of a Windows program or an MSI (ad/crypto/authenticode.h says
 * what that proves); any other file counts as not signed. AD_EINTEGRITY when the signature does not
 * verify or is of another file; AD_EINVAL when it ends its reader; AD_EIO. */
AD_MUST int ad_pack_signature_read(struct ad_arena *arena, const char *path,
	struct ad_pack_signature *ret, struct ad_err *err);

/* The reader that it asks. */
extern const struct ad_reader_kind ad_pack_signature_reader;

/* ---- the installer inside a zip ---- */

#define AD_PACK_NESTED_MAX ((uint64_t)2 << 30)       /* bytes of it */
#define AD_PACK_NESTED_TOTAL_MAX ((uint64_t)4 << 30) /* bytes of all that is in the zip */
#define AD_PACK_NESTED_ENTRIES_MAX 20000u
#define AD_PACK_BESIDE_MAX 1000u /* files that go with it */

/* A file that the installer finds in its folder or below. */
struct ad_pack_beside {
	const char *name; /* as seen from there; safe (ad_zip_name_check) */
	uint64_t offset;  /* in the file that has the content of all of them */
	uint64_t size;
	uint8_t sha256[AD_SHA256_LEN];
};

struct ad_pack_nested {
	uint64_t size; /* of the installer, never 0 */
	uint8_t sha256[AD_SHA256_LEN];
	struct ad_pack_beside *beside;
	size_t beside_count;
};

struct ad_pack_nested_wish {
	const char *zip;
	const char *name;   /* of the installer, inside the zip */
	const char *out;    /* where it goes, whatever was there */
	const char *beside; /* where the content of the files beside it goes, if there are any */
};

/* Unpacks the installer, and what lies beside it or below; nothing else of the zip. On failure
 * neither file is there. AD_EINVAL for a zip that is malformed or unsafe or lacks the installer,
 * AD_ETOOBIG for a limit, both permanent; AD_EIO. */
AD_MUST int ad_pack_nested_extract(struct ad_arena *arena, const struct ad_pack_nested_wish *wish,
	struct ad_pack_nested *ret, struct ad_err *err);
/* Bytes of all files beside it together. */
uint64_t ad_pack_beside_size(const struct ad_pack_nested *nested);

/* The reader that it asks. */
extern const struct ad_reader_kind ad_pack_nested_reader;

/* ---- the plan ---- */

/* Whether a name is safe as a file, as a registry key and in a command line. */
bool ad_pack_is_plain_name(const char *name);

enum ad_pack_type {
	AD_PACK_MSI = 0, /* also wix */
	AD_PACK_BURN,
	AD_PACK_INNO,
	AD_PACK_NULLSOFT,
	AD_PACK_EXE
};

enum ad_pack_arch { AD_PACK_X86 = 0, AD_PACK_X64, AD_PACK_ARM64, AD_PACK_NEUTRAL };

/* An exit code and the manifest's word for it: "rebootRequiredToFinish". */
struct ad_pack_response {
	int32_t code;
	const char *word;
};

/* What is known about the package. Texts come from outside and are checked here. */
struct ad_pack_source {
	const char *package_id; /* "7zip.7zip" */
	const char *version;
	const char *name;       /* as programs and features shows it */
	const char *setup_file; /* installer's file name: our own making, no folder */
	enum ad_pack_type type;
	enum ad_pack_arch arch;
	bool user_scope;
	const char *silent;           /* switches; required for type exe */
	const char *custom;           /* more switches, or NULL */
	const char *product_code;     /* its key below Uninstall in the registry, or NULL */
	const char *display_version;  /* that the installer registers; NULL: version */
	const char *minimum_os;       /* "10.0.17763.0", or NULL */
	const int32_t *success_codes; /* besides 0 */
	size_t success_codes_count;
	const struct ad_pack_response *responses; /* of one code the first counts */
	size_t responses_count;
	const struct ad_msi *msi; /* type msi: of the very file */
};

enum ad_pack_outcome {
	AD_PACK_SUCCESS = 0,
	AD_PACK_SOFT_REBOOT,
	AD_PACK_HARD_REBOOT,
	AD_PACK_RETRY,
	AD_PACK_FAILED
};

struct ad_pack_return_code {
	int32_t code;
	enum ad_pack_outcome outcome;
};

enum ad_pack_compare {
	AD_PACK_EXISTS = 0,
	AD_PACK_VERSION_AT_LEAST, /* two to four numbers */
	AD_PACK_TEXT_EQUAL
};

/* How Intune sees that the app is there. All rules must hold. */
struct ad_pack_rule {
	const char *product_code; /* an MSI's, or NULL: the registry below */
	const char *key;          /* "HKEY_LOCAL_MACHINE\SOFTWARE\..." */
	const char *value;        /* its name, or NULL: the key alone */
	bool in_32bit_view;
	enum ad_pack_compare compare;
	const char *version; /* to compare with */
};

#define AD_PACK_RULES_MAX 2
#define AD_PACK_RETURN_CODES_MAX 64
#define AD_PACK_SCRIPTS_MAX 2

struct ad_pack_plan {
	const char *setup_file;
	const char *install_command;
	const char *uninstall_command;
	bool user_scope;
	const char *architectures;   /* as Graph writes them: "x86,x64" */
	const char *minimum_release; /* "1809", "Windows11_22H2" */
	struct ad_pack_rule rules[AD_PACK_RULES_MAX];
	size_t rules_count;
	struct ad_pack_return_code return_codes[AD_PACK_RETURN_CODES_MAX];
	size_t return_codes_count;
	/* Files of our own making that go beside the installer. */
	struct ad_intunewin_file scripts[AD_PACK_SCRIPTS_MAX];
	size_t scripts_count;
	const struct ad_msi *msi; /* or NULL */
	const char *remark;       /* what admins should know, or NULL */
};

/* Makes the plan. AD_EINVAL names what cannot be deployed. */
AD_MUST int ad_pack_plan_make(struct ad_arena *arena, const struct ad_pack_source *source,
	struct ad_pack_plan *ret, struct ad_err *err);

/* The plan for evidence: commands, rules, requirements, exit codes ("3010 soft reboot"). */
struct ad_json *ad_pack_plan_json(struct ad_arena *arena, const struct ad_pack_plan *plan);

#endif

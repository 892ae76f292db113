/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification of a source package (source2.msix): signature, digests, block map, identity
 * (packaging.md 3). What passes is signed by whom the trust profile names, byte for byte. Any
 * thread.
 */
#ifndef AD_WINGET_PACKAGE_H
#define AD_WINGET_PACKAGE_H

#include "ad/archive/msix.h"
#include "ad/crypto/msix_signature.h"
#include "ad/json.h"

#define AD_WINGET_PACKAGE_MAX (64u << 20) /* bytes of source2.msix */
#define AD_WINGET_INDEX_MAX (256u << 20)  /* bytes of Public/index.db */
#define AD_WINGET_PACKAGE_ENTRIES_MAX 64u
#define AD_WINGET_INDEX_NAME "Public/index.db"

/*
 * Whom a source belongs to. As a file (JSON; paths absolute or relative to the file):
 *   {"name": "local tenant", "root_certificates": ["root.pem"],
 *    "timestamp_root_certificates": ["timestamp-root.pem"], "signer_subject": "CN=...,C=US",
 *    "signer_eku": ["1.3.6.1.4.1.311.76.3.1"], "package_name": "Microsoft.Winget.Source",
 *    "package_publisher": "CN=..., C=US"}
 */
struct ad_winget_profile {
	const char *name; /* for evidence and messages */
	struct ad_msix_trust trust;
	const char *package_name;      /* Identity Name */
	const char *package_publisher; /* Identity Publisher */
};

/* NULL or "": Microsoft's own source, built in. AD_ECONFIG for a missing, unknown or empty member
 * and for an unreadable certificate; other codes as ad_file_read. */
AD_MUST int ad_winget_profile_load(struct ad_arena *arena, const char *path,
	struct ad_winget_profile *ret, struct ad_err *err);

/* A verified package. */
struct ad_winget_package {
	const char *profile;
	struct ad_msix_signature signature;
	const char *identity_name;
	const char *identity_publisher;
	const char *version;  /* Identity Version: "2022.110.1704.949" */
	int64_t published_at; /* Unix seconds, from the version */
	const char *sha256;   /* of the whole file, hex */
	size_t size;
	size_t entry_count;
	size_t block_count; /* blocks of the block map that were compared */
	struct ad_bytes
		index; /* Public/index.db, inflated, in the arena; empty when there is none */
};

/*
 * Verifies bytes (which outlive the arena). Says nothing about age: a caller compares version and
 * published_at. AD_EINTEGRITY when any step fails, with the step in the text; AD_ETOOBIG for a
 * limit.
 */
AD_MUST int ad_winget_package_verify(struct ad_arena *arena, struct ad_bytes bytes,
	const struct ad_winget_profile *profile, int64_t now, struct ad_winget_package *ret,
	struct ad_err *err);

/* The same, watched: each step of trail (or NULL) says what it saw. */
struct ad_winget_package_query {
	struct ad_bytes bytes;
	const struct ad_winget_profile *profile;
	int64_t now; /* Unix seconds */
	struct ad_trail *trail;
};
AD_MUST int ad_winget_package_examine(struct ad_arena *arena,
	const struct ad_winget_package_query *query, struct ad_winget_package *ret,
	struct ad_err *err);

/* What was verified, as a report. */
struct ad_json *ad_winget_package_json(
	struct ad_arena *arena, const struct ad_winget_package *package);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The WinGet community repository: from a package id to an installer of which every byte is what
 * the signed index says (packaging.md 0 to 3). Each link is checked before anything reads the next:
 *
 *   source2.msix (signature) -> index row -> version data -> manifest -> installer
 *
 * Called by job threads; every function that takes options may block on network and disk. Nothing
 * but source2.msix is kept between calls, and that file is verified anew each time it is opened.
 *
 * A mismatch is AD_EINTEGRITY: "Manifest integrity check failed: package 7zip.7zip, manifest:
 * expected <hex>, found <hex>". A changed installer is AD_EUPSTREAM ("Installer hash mismatch:
 * ..."): its publisher replaced the file and WinGet will follow. Something that the CDN does not
 * have (yet) is AD_EUPSTREAM, too.
 */
#ifndef AD_WINGET_H
#define AD_WINGET_H

#include "ad/net.h"
#include "ad/sandbox/reader.h"
#include "ad/winget/manifest.h"
#include "ad/winget/package.h"
#include "ad/winget/version.h"

#define AD_WINGET_REFRESH_FLOOR_S 900         /* how often the index is asked for at most */
#define AD_WINGET_INDEX_AGE_DAYS 14           /* default of max_index_age_days */
#define AD_WINGET_VERSION_DATA_MAX (1u << 20) /* bytes of versionData.mszyml */
#define AD_WINGET_VERSIONS_TEXT_MAX (16u << 20)
#define AD_WINGET_VERSIONS_MAX 20000u
#define AD_WINGET_ID_MAX 128u
#define AD_WINGET_INSTALLER_MAX ((uint64_t)2 << 30) /* default of max_installer_bytes */

struct ad_winget_options {
	struct ad_net_client *client; /* of the calling thread */
	const char *base_url; /* "https://cdn.winget.microsoft.com/cache", no slash at the end */
	const char *work_dir; /* the cached index lives in work_dir/source; shared by threads and
				 processes */
	const struct ad_winget_profile *profile;
	const char *high_water_mark; /* newest index version ever accepted, or NULL */
	int64_t now;                 /* Unix seconds */
	int max_index_age_days;      /* 0: AD_WINGET_INDEX_AGE_DAYS; negative: any age */
	int refresh_floor_s; /* a younger answer of the CDN is not asked for again; 0: ask always */
	uint64_t max_installer_bytes; /* 0: AD_WINGET_INSTALLER_MAX */
	bool allow_loopback_http;     /* also http:// and private addresses, for the local tenant */
	bool (*keep_going)(
		void *context, uint64_t done, uint64_t total); /* or NULL; total 0: unknown */
	void *keep_going_context;
	struct ad_trail *trail; /* what each link of the chain saw; or NULL */
};

/* The reader of all this (ad/sandbox/reader.h): one for each source that is opened. */
extern const struct ad_reader_kind ad_winget_reader;

/* An opened, verified, fresh index, not older than the high-water mark, in a reader of its own. It
 * and what it says live in its arena; one thread. */
struct ad_winget_source;

/*
 * Fetches the index if the CDN has another one (conditional request; under a lock of the work
 * folder), verifies and opens it. The previous file stays in place until the new one is verified.
 * forced asks the CDN whatever refresh_floor_s says. AD_EINTEGRITY: bad signature or digest, stale,
 * rolled back, unsupported schema.
 */
AD_MUST int ad_winget_source_open(struct ad_arena *arena, const struct ad_winget_options *options,
	bool forced, struct ad_winget_source **ret, struct ad_err *err);

/* Ends the reader, which the arena does at the latest: it holds the whole index in memory. What the
 * source has said stays. NULL is allowed. */
void ad_winget_source_close(struct ad_winget_source *source);

const struct ad_winget_package *ad_winget_source_package(const struct ad_winget_source *source);

struct ad_winget_row {
	const char *id;
	const char *name;
	const char *moniker; /* or NULL */
	const char *latest_version;
	uint8_t hash[AD_SHA256_LEN]; /* of the version data */
};

/* The row of a package; exact case before any case. AD_ENOTFOUND; AD_EAMBIGUOUS (class permanent)
 * when several ids differ only in case; AD_EINTEGRITY for a row without a proper hash. */
AD_MUST int ad_winget_source_find(struct ad_arena *arena, struct ad_winget_source *source,
	const char *id, struct ad_winget_row *ret, struct ad_err *err);

/* At most max rows whose id, name or moniker contains text, ignoring ASCII case; moniker and exact
 * matches first. */
AD_MUST int ad_winget_source_search(struct ad_arena *arena, struct ad_winget_source *source,
	const char *text, size_t max, struct ad_winget_row **ret_rows, size_t *ret_count,
	struct ad_err *err);

struct ad_winget_version_row {
	const char *version;
	const char *path;   /* rP: below the base URL, checked */
	const char *sha256; /* of the manifest, lower-case hex */
};

struct ad_winget_versions {
	const struct ad_winget_version_row *rows; /* as published */
	size_t count;
};

/* Reads inflated version data. AD_EINVAL, AD_ETOOBIG; AD_EINTEGRITY for an empty or malformed hash.
 */
AD_MUST int ad_winget_versions_parse(struct ad_arena *arena, struct ad_bytes yaml,
	struct ad_winget_versions *ret, struct ad_err *err);

/* The row that equals version under ad_winget_version_compare (the same text first), or the newest
 * one that is not "Unknown" for NULL. AD_ENOTFOUND. */
AD_MUST int ad_winget_versions_choose(const struct ad_winget_versions *versions,
	const char *version, const struct ad_winget_version_row **ret, struct ad_err *err);

/* Everything that was compared on the way to a package; kept for good. Strings are NULL and sizes 0
 * beyond the step that was reached. */
struct ad_winget_evidence {
	const struct ad_winget_package *index;
	const char *index_url;
	const char *id;
	const char *version_data_url;
	const char *version_data_sha256;
	size_t version_data_size;
	const char *version;
	const char *manifest_url;
	const char *manifest_sha256;
	size_t manifest_size;
	const char *installer_url;
	const char *installer_final_url; /* after redirects, without query */
	const char *installer_sha256;
	uint64_t installer_size;
	int64_t resolved_at; /* Unix seconds */
	int64_t downloaded_at;
};

struct ad_json *ad_winget_evidence_json(
	struct ad_arena *arena, const struct ad_winget_evidence *evidence);

struct ad_winget_wish {
	const char *id;
	const char *version; /* NULL: the newest */
	struct ad_winget_rules rules;
};

struct ad_winget_resolution {
	struct ad_winget_row row;
	struct ad_winget_version_row version;
	struct ad_winget_manifest manifest;
	struct ad_winget_choice choice;
};

/*
 * Index, version data, manifest and the choice of installer. When the CDN has no version data or
 * manifest for a cached index, the index is refreshed once; then AD_EUPSTREAM. evidence and ret are
 * filled as far as the chain got, also on failure: a proven manifest of which no installer fits is
 * there, and manifest.id is NULL before that.
 */
AD_MUST int ad_winget_resolve(struct ad_arena *arena, const struct ad_winget_options *options,
	const struct ad_winget_wish *wish, struct ad_winget_resolution *ret,
	struct ad_winget_evidence *evidence, struct ad_err *err);

/* The same, but only as far as the version: id, index and version of the evidence say what was
 * found. For a caller that wants to know whether it has that version already. */
AD_MUST int ad_winget_resolve_version(struct ad_arena *arena,
	const struct ad_winget_options *options, const struct ad_winget_wish *wish,
	struct ad_winget_version_row *ret, struct ad_winget_evidence *evidence, struct ad_err *err);

struct ad_winget_file {
	const char *path; /* in the folder; a safe name of our own making with a proper extension */
	const char *name; /* "setup-7zip.7zip-24.09-x64.msi"; of a zip it ends in ".zip" */
	uint64_t size;
};

/* The name that the chosen installer gets on disk; of a zip, that of the installer inside it. */
char *ad_winget_file_name(struct ad_arena *arena, const struct ad_winget_resolution *resolution);

/*
 * Downloads the chosen installer into folder (exists, private to this job) and compares its hash
 * while it comes. A file that does not match is removed. https only and public addresses only,
 * unless allow_loopback_http.
 */
AD_MUST int ad_winget_download(struct ad_arena *arena, const struct ad_winget_options *options,
	const struct ad_winget_resolution *resolution, const char *folder,
	struct ad_winget_file *ret, struct ad_winget_evidence *evidence, struct ad_err *err);

#endif

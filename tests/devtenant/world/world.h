/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The world generator of the local tenant: makes everything that a WinGet CDN serves, for real.
 * A signed source2.msix over a SQLite index, version data, merged manifests, installers, and the
 * trust profile with which AppDesk accepts them. It is written from the formats' descriptions and
 * shares no code with AppDesk's readers, so that each side proves the other.
 *
 * Layout below out_dir:
 *
 *   cache/source2.msix                                     the signed index
 *   cache/packages/<Id>/<hex8>/versionData.mszyml          per package, <hex8> of its hash
 *   cache/manifests/<letter>/<Id parts>/<version>/<4hex>   merged manifests, CRLF
 *   installers/<file>                                      what InstallerUrl points to
 *   icons/<sha256>.ico                                     what IconUrl points to
 *   trust/profile.json trust/root.pem trust/timestamp-root.pem
 *   keys/<name>.pem                                        made once, kept: same root at next start
 *   world.json                                             what was published, for people and tests
 *
 * File names are raw: "Notepad++.Notepad++" is a folder with '+' in its name, and an installer may
 * have a blank in its name. A server has to percent-decode a request path before it looks here.
 *
 * Every file is written beside its place and renamed into it, so a server may go on serving from
 * out_dir while a world is being built or spoiled. One builder at a time per out_dir; the functions
 * keep no state of their own and may be called from any thread.
 */
#ifndef DT_WORLD_H
#define DT_WORLD_H

#include <stddef.h>
#include <stdint.h>

/* Package index rows without version data that a world holds at least. */
#define DT_WORLD_MIN_FILLER 5000u

/* Room for an index version such as "2026.1122.1901.928", with its NUL. */
#define DT_WORLD_VERSION_LEN 32u

/*
 * A version that is published on top of the built-in catalogue, as when a vendor releases.
 * If the build made an installer for exactly this version ("7zip.7zip" 25.01), that one is
 * published, otherwise the installer of the package's newest version is offered under the new
 * number.
 */
struct dt_world_release {
	const char *package_id;
	const char *version;
	const char *host; /* that its installers are at, another name of this machine; NULL:
			     base_url's */
};

struct dt_world_options {
	/* Where out_dir is served, without a slash at the end: "http://127.0.0.1:8700". */
	const char *base_url;
	/* The folder of the installers that the build made: ${CMAKE_BINARY_DIR}/installers. */
	const char *installers_dir;
	/* Created when missing, with its parents. */
	const char *out_dir;
	/* Unix seconds, UTC; becomes the index version and the time stamp's time. Above 0. */
	int64_t publish_time;
	/* Rows besides the real packages; raised to DT_WORLD_MIN_FILLER. */
	unsigned filler_packages;
	/* May be NULL when release_count is 0. */
	const struct dt_world_release *releases;
	size_t release_count;
};

/*
 * Builds, or publishes anew, the world of these options. Blocks for about a second, the first time
 * in an out_dir longer by the making of the RSA keys. Version data of earlier publications stays,
 * as on the real CDN. Undoes whatever dt_world_spoil did. All pointers are borrowed for the call.
 *
 * Returns 0, or -1 with a sentence in err (always NUL-terminated; err may be NULL if errlen is 0).
 */
int dt_world_build(const struct dt_world_options *options, char *err, size_t errlen);

/*
 * Makes a built world bad in one named way. package_id is needed by the kinds that end in a package
 * ("manifest-...", "versions-...", "installer-...") and is ignored by the others. The index kinds
 * publish a new source2.msix made from these options.
 *
 *   manifest-changed     newest manifest: well formed, but not the bytes that were published
 *   manifest-lf          newest manifest with LF line ends, as a git checkout has it
 *   manifest-missing     newest manifest is gone (404)
 *   versions-changed     version data with one bit flipped
 *   versions-missing     version data is gone (404)
 *   installer-changed    newest version's installers replaced by other bytes of the same length
 *   installer-truncated  newest version's installers cut in half
 *   installer-missing    newest version's installers are gone (404)
 *   index-missing        no source2.msix (404)
 *   index-unsigned       whole, but without AppxSignature.p7x
 *   index-changed        one bit of the compressed Public/index.db flipped
 *   index-replaced       another index.db, archive rebuilt around the old, valid signature
 *   index-self-signed    signed by a self-made certificate that has the right subject
 *   index-wrong-signer   right root, other subject
 *   index-no-store-eku   right root and subject, but the leaf is not for the store
 *   index-no-timestamp   no RFC 3161 token
 *   index-rollback       correctly signed, published two days before publish_time
 *   index-stale          correctly signed, published sixty days before publish_time
 *   index-schema         correctly signed, but schema major version 3
 *   index-null-hash      correctly signed, but the row of package_id has a NULL hash
 *
 * Returns 0, or -1 with a sentence in err: unknown kind, unknown package, no built world.
 */
int dt_world_spoil(const struct dt_world_options *options, const char *kind, const char *package_id,
	char *err, size_t errlen);

/* The index version of a publish time, as a CDN offers it in the header x-ms-meta-sourceversion. */
void dt_world_version(int64_t publish_time, char ret_version[DT_WORLD_VERSION_LEN]);

/*
 * The real packages, i.e. those that can be installed, by position: 0, 1, ... until NULL.
 * The string lives as long as the program.
 */
const char *dt_world_package_id(size_t position);

#endif

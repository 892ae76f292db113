/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kind `package` and the command line share on the way from a source to a package.
 * Blocking on files and, where a database is taken, on that; any thread.
 */
#ifndef AD_JOBS_PACKAGING_H
#define AD_JOBS_PACKAGING_H

#include "ad/db.h"
#include "ad/pack.h"
#include "ad/winget.h"

/* The newest index version of this source that was ever accepted, on any node; NULL before the
 * first. */
AD_MUST int ad_packaging_mark(struct ad_db *db, struct ad_arena *arena, const char *base_url,
	const char **ret_version, struct ad_err *err);
/* In a transaction: an index of this version was accepted, so no older one will be. */
AD_MUST int ad_packaging_accepted(struct ad_db *db, struct ad_arena *arena, const char *base_url,
	const char *version, struct ad_err *err);

/*
 * How the chosen installer is deployed. path is the verified installer, whose last part becomes the
 * name of the setup file. NULL: there is none yet; then the facts of an MSI are those of its
 * manifest, and the plan's remark says so. AD_EINVAL names what cannot be deployed.
 */
AD_MUST int ad_packaging_plan(struct ad_arena *arena, const struct ad_winget_resolution *resolution,
	const char *path, struct ad_pack_plan *ret, struct ad_err *err);

#define AD_PACKAGING_BESIDE "beside.bin" /* in the folder: the content of what is beside it */

/* A zip that was downloaded into folder gives way to the one installer that its manifest names
 * inside it: file is that one then, and *ret what it is, and what goes with it. Such an installer
 * keeps its name if it can, since it may look for files that are called after it. Anything else
 * stays, with size 0 in *ret. As ad_pack_nested_extract. */
AD_MUST int ad_packaging_unpack(struct ad_arena *arena,
	const struct ad_winget_resolution *resolution, const char *folder,
	struct ad_winget_file *file, struct ad_pack_nested *ret, struct ad_err *err);
/* For evidence: {"path": inside the zip, "size": ..., "sha256": ...}, and "beside", a list of
 * {"name": as seen from it, "size": ..., "sha256": ...}, if there is any; and back. AD_EBUG. */
struct ad_json *ad_packaging_nested_json(struct ad_arena *arena,
	const struct ad_winget_resolution *resolution, const struct ad_pack_nested *nested);
AD_MUST int ad_packaging_nested_read(struct ad_arena *arena, const struct ad_json *json,
	struct ad_pack_nested *ret, struct ad_err *err);

struct ad_packaging_input {
	const struct ad_winget_resolution *resolution;
	const struct ad_pack_plan *plan;
	const char *path;   /* of the installer */
	const char *beside; /* of AD_PACKAGING_BESIDE */
	const struct ad_pack_nested
		*nested; /* size 0: it was in no zip, the manifest's hash counts */
};
/* Encrypts the installer together with what is beside it and the plan's scripts. What is encrypted
 * is hashed once more on its way: AD_EINTEGRITY when it is not the file that the chain names. wish
 * has name, out and keep_going; its files are set here. As ad_intunewin_encrypt. */
AD_MUST int ad_packaging_encrypt(struct ad_arena *arena, const struct ad_packaging_input *input,
	struct ad_intunewin_wish wish, struct ad_intunewin_info *ret, struct ad_err *err);

#endif

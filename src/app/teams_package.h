/* SPDX-License-Identifier: Apache-2.0 */
/* The app as Teams takes it: manifest/ made for one bot and host, in a ZIP file. Private to app. */
#ifndef AD_APP_TEAMS_PACKAGE_H
#define AD_APP_TEAMS_PACKAGE_H

#include "ad/arena.h"
#include "ad/bytes.h"
#include "ad/err.h"

#define AD_TEAMS_ORGANIZATION_MAX 32 /* UTF-16 units, says the manifest's schema */

struct ad_teams_package {
	const char *app_id;       /* of the bot; also the id of the app */
	const char *host;         /* that serves AppDesk: a DNS name */
	const char *version;      /* MAJOR.MINOR.PATCH; Teams wants it to rise with every update */
	const char *organization; /* that offers the app */
	const char *website;      /* https URLs of its pages about the app */
	const char *privacy;
	const char *terms;
};

/* The bytes of the package, in the arena; the same input makes the same bytes. AD_EINVAL names what
 * of the input Teams would refuse. */
AD_MUST int ad_teams_package_make(struct ad_arena *arena, const struct ad_teams_package *package,
	struct ad_bytes *ret, struct ad_err *err);

/* What the build found in manifest/: the template first, then pictures. */
#define AD_MANIFEST_FILES 3
struct ad_manifest_file {
	const char *name;
	struct ad_bytes content;
};
extern const struct ad_manifest_file ad_manifest_files[AD_MANIFEST_FILES];

#endif

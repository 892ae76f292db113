/* SPDX-License-Identifier: Apache-2.0 */
/* The real packages of a world: what they are called, and which built installers they offer. */
#ifndef DT_WORLD_CATALOG_H
#define DT_WORLD_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DT_INSTALLERS_MAX 3
#define DT_VERSIONS_MAX 4
#define DT_WORDS_MAX 8

/* Strings are NULL where a manifest leaves the field out. */
struct dt_installer {
	const char *file;      /* name in installers_dir; NULL ends the list */
	const char *served_as; /* name in the address; NULL: the same */
	const char *architecture;
	const char *scope;
	const char *display_version;
	const char *product_code;
	const char *upgrade_code;
};

struct dt_version {
	const char *version; /* NULL ends the list */
	const char *release_date;
	bool held; /* built, but published only by a dt_world_release */
	struct dt_installer installers[DT_INSTALLERS_MAX + 1];
};

/* What a second language says. */
struct dt_localization {
	const char *locale; /* NULL: there is none */
	const char *name, *short_description;
	const char *tags[DT_WORDS_MAX + 1];
};

struct dt_package {
	const char *id, *name, *moniker, *publisher, *homepage;
	const char *license, *short_description, *description;
	const char *tags[DT_WORDS_MAX + 1], *commands[DT_WORDS_MAX + 1];
	struct dt_localization localization;
	const char *installer_type;
	const char *nested_type, *nested_file;
	const char *silent, *silent_with_progress, *custom;
	const char *display_name; /* in the list of installed apps, when other than name */
	uint32_t color;
	unsigned history; /* further old versions, listed in the version data without manifests */
	struct dt_version versions[DT_VERSIONS_MAX + 1]; /* newest first */
};

/* NULL when position is past the end. */
const struct dt_package *dt_catalog_at(size_t position);
const struct dt_package *dt_catalog_find(const char *id);

#endif

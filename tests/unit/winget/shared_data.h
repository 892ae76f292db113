/* SPDX-License-Identifier: Apache-2.0 */
/* Genuine third-party files that are not part of the project: tests that want them are skipped
 * where they are absent. AD_SHARED_DATA names their folder; otherwise ../shared/data beside the
 * sources. */
#ifndef AD_TESTS_SHARED_DATA_H
#define AD_TESTS_SHARED_DATA_H

#include "ad/arena.h"
#include "ad/bytes.h"
#include "ad/file.h"

#include <stdlib.h>

#define SHARED_FILE_MAX (64u << 20)

static inline char *shared_path(struct ad_arena *arena, const char *name)
{
	const char *folder = getenv("AD_SHARED_DATA");
	const char *source = getenv("AD_SOURCE_DIR");
	if (folder)
		return ad_printf(arena, "%s/winget/%s", folder, name);
	return ad_printf(arena, "%s/../shared/data/winget/%s", source ? source : ".", name);
}

/* Skips the running test, with a message, when the file is absent. */
static inline struct ad_bytes shared_file(struct ad_arena *arena, const char *name)
{
	char *data = NULL;
	size_t len = 0;
	char *path = shared_path(arena, name);
	if (ad_file_read(arena, path, SHARED_FILE_MAX, &data, &len, NULL) != 0) {
		print_message("skipped: %s is not there\n", path);
		skip();
	}
	return (struct ad_bytes){ .data = (const uint8_t *)data, .len = len };
}

#endif

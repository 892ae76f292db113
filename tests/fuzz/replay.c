/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target once with each file of a folder: every build keeps what fuzzing has found. */
#include "fuzz.h"

#include "ad/file.h"

#include <dirent.h>
#include <stdio.h>

#define FILE_MAX ((size_t)4 << 20)

int main(int argc, char **argv)
{
	AD_ASSERT(argc == 2);
	DIR *folder = opendir(argv[1]);
	AD_ASSERT(folder != NULL);
	int count = 0;
	for (struct dirent *entry; (entry = readdir(folder));) {
		if (entry->d_name[0] == '.')
			continue;
		struct ad_arena *arena = ad_arena_new();
		char *data = NULL;
		size_t len = 0;
		const char *path = ad_printf(arena, "%s/%s", argv[1], entry->d_name);
		AD_ASSERT(ad_file_read(arena, path, FILE_MAX, &data, &len, NULL) == 0);
		(void)LLVMFuzzerTestOneInput((const uint8_t *)data, len);
		ad_arena_free(arena);
		count++;
	}
	(void)closedir(folder);
	(void)printf("%d inputs\n", count);
	return count > 0 ? 0 : 1;
}

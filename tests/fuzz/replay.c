/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target once with each file of some folders: every build keeps what fuzzing has found.
 */
#include "fuzz.h"

#include "ad/file.h"

#include <dirent.h>
#include <stdio.h>

#define FILE_MAX ((size_t)4 << 20)

/* The bytes lie in a block of exactly their size, so that one read behind them is noticed. */
static void replay(const char *folder, const char *name)
{
	struct ad_arena *arena = ad_arena_new();
	char *data = NULL;
	size_t len = 0;
	AD_ASSERT(ad_file_read(arena, ad_printf(arena, "%s/%s", folder, name), FILE_MAX, &data,
			  &len, NULL) == 0);
	uint8_t *copy = ad_xalloc(len ? len : 1);
	memcpy(copy, data, len);
	(void)printf("%s\n", name); /* the last one is the culprit */
	(void)fflush(stdout);
	(void)LLVMFuzzerTestOneInput(copy, len);
	free(copy);
	ad_arena_free(arena);
}

/* An empty folder would pass for a good one. */
static void replay_all(const char *path)
{
	DIR *folder = opendir(path);
	AD_ASSERT(folder != NULL);
	int count = 0;
	for (struct dirent *entry; (entry = readdir(folder));) {
		if (entry->d_name[0] == '.')
			continue;
		replay(path, entry->d_name);
		count++;
	}
	(void)closedir(folder);
	AD_ASSERT(count > 0);
}

int main(int argc, char **argv)
{
	if (LLVMFuzzerInitialize)
		(void)LLVMFuzzerInitialize(&argc, &argv);
	AD_ASSERT(argc > 1);
	for (int i = 1; i < argc; i++)
		replay_all(argv[i]);
	return 0;
}

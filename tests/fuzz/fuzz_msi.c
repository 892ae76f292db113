/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Promises of ad_pack_msi_read, about any file: this process lives, whatever becomes of its reader;
 * what is taken has a product code that is safe in a command line and a version; all else is
 * refused in words. The reader is this program again, for libmsi may end with a file.
 */
#include "fuzz.h"

#include "ad/file.h"
#include "ad/pack.h"
#include "ad/sandbox/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PROGRAM "/proc/self/exe"
#define CODE_CHARACTERS "{}-0123456789abcdefABCDEF"

static char path[] = "/tmp/ad-fuzz-msi-XXXXXX";

static void remove_file(void)
{
	(void)unlink(path);
}

/* `PROGRAM read msi FILE`, as ad/sandbox/reader.h has it. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	if (*argc == 4 && strcmp((*argv)[1], "read") == 0)
		_exit(ad_reader_serve(&ad_pack_msi_reader, (*argv)[3]));
	int file = mkstemp(path);
	AD_ASSERT(file >= 0 && close(file) == 0 && atexit(remove_file) == 0);
	ad_reader_program_set(PROGRAM);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_err err = { 0 };
	struct ad_msi msi;
	AD_ASSERT(ad_file_write(path, (const char *)data, len, 0600, &err) == 0);
	int rc = ad_pack_msi_read(arena, path, &msi, &err);
	if (rc == 0)
		AD_ASSERT(strlen(msi.product_code) == 38 && *msi.product_version &&
			  strspn(msi.product_code, CODE_CHARACTERS) == 38);
	else
		AD_ASSERT(rc == AD_EINVAL && err.code == rc && err.text[0]);
	ad_arena_free(arena);
	return 0;
}

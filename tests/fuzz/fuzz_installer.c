/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Promises of ad_pack_signature_read, about any file: it is not signed, or has a signer and the end
 * of his chain, or is refused in words as not genuine. Read in this process: these parsers are
 * ours.
 */
#include "fuzz.h"

#include "ad/file.h"
#include "ad/pack.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_err err = { 0 };
	struct ad_pack_signature found;
	int fd = memfd_create("installer", MFD_CLOEXEC);
	AD_ASSERT(fd >= 0 && ad_file_write_all(fd, data, len, &err) == 0);
	int rc = ad_pack_signature_read(
		arena, ad_printf(arena, "/proc/self/fd/%d", fd), &found, &err);
	if (rc == 0)
		AD_ASSERT(found.is_signed == (strlen(found.issuer_sha256) == 64) &&
			  found.is_signed == (*found.subject != '\0'));
	else
		AD_ASSERT(
			(rc == AD_EINTEGRITY || rc == AD_ETOOBIG) && err.code == rc && err.text[0]);
	(void)close(fd);
	ad_arena_free(arena);
	return 0;
}

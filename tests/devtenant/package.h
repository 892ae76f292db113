/* SPDX-License-Identifier: Apache-2.0 */
/* The encrypted file inside an .intunewin, read as Intune and its client read it. */
#ifndef DT_PACKAGE_H
#define DT_PACKAGE_H

#include "ad/arena.h"
#include "ad/err.h"
#include "ad/json.h"

#include <stdint.h>

/*
 * Checks an encrypted file against its fileEncryptionInfo and announced sizes and writes what is in
 * it to plain_path. AD_EINTEGRITY with the reason when anything does not fit; plain_path is then
 * not there.
 */
struct dt_package {
	const char *path;
	const char *plain_path;
	const struct ad_json *info;
	int64_t size, size_encrypted;
};
AD_MUST int dt_package_decrypt(
	struct ad_arena *arena, const struct dt_package *package, struct ad_err *err);

/* Entries of the zip as [{"name","size","sha256"}], each read whole. */
AD_MUST int dt_package_entries(struct ad_arena *arena, const char *plain_path,
	struct ad_json **ret_entries, struct ad_err *err);

#endif

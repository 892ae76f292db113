/* SPDX-License-Identifier: Apache-2.0 */
/* Block storage: addresses with signatures, and where a blob lies. */
#ifndef DT_BLOB_H
#define DT_BLOB_H

#include "http.h"

/* A new address to write the blob to, good for sas_lifetime_s. ret_expires_s: Unix seconds. */
char *dt_blob_address(
	struct dt_tenant *tenant, struct ad_arena *arena, const char *name, int64_t *ret_expires_s);

/* The committed blob's file (which need not be there). */
char *dt_blob_path(struct dt_tenant *tenant, struct ad_arena *arena, const char *name);

/* Every address given so far is expired. */
void dt_blob_expire_all(struct dt_tenant *tenant);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence: the whole chain of a package, from the signed index to the content in Intune. Kept for
 * good. */
#ifndef AD_STORE_EVIDENCE_H
#define AD_STORE_EVIDENCE_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdint.h>

struct ad_db;

struct ad_evidence {
	int64_t job_id;
	int64_t app_id;
	const char *chain; /* JSON object as text */
};

/* In the caller's transaction. A second row of the same job changes nothing: what was kept stays.
 */
AD_MUST int ad_store_evidence_add(struct ad_db *db, struct ad_arena *arena,
	const struct ad_evidence *evidence, struct ad_err *err);

#endif

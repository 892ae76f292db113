/* SPDX-License-Identifier: Apache-2.0 */
/* High-water mark of each WinGet source: the newest index version that was ever accepted. An older
 * one is a rollback (reference: packaging, signed index). Blocking. */
#ifndef AD_STORE_SOURCES_H
#define AD_STORE_SOURCES_H

#include "ad/arena.h"
#include "ad/db.h"
#include "ad/err.h"

/* The mark, in the arena; AD_ENOTFOUND before the first index of this source. */
AD_MUST int ad_store_source_highest(struct ad_db *db, struct ad_arena *arena, const char *base_url,
	const char **ret_version, struct ad_err *err);

/*
 * Raises the mark from seen (NULL: there was none) to version; the caller has compared the two.
 * AD_ECONFLICT when the mark is not seen any more: another node raised it meanwhile, so read it
 * again. May be repeated.
 */
AD_MUST int ad_store_source_raise(struct ad_db *db, struct ad_arena *arena, const char *base_url,
	const char *seen, const char *version, struct ad_err *err);

#endif

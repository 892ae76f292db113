/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking the reader of a source, which is the only process that opens what comes from the CDN. One
 * reader has one source package at a time, the index in it, and the files that index leads to. It
 * may have been taken over by a file, so what it says is checked for shape here; which bytes it is
 * given is for the caller to have compared.
 */
#ifndef AD_SRC_WINGET_ASK_H
#define AD_SRC_WINGET_ASK_H

#include "ad/sandbox/reader.h"
#include "ad/winget.h"

/* A new reader that has verified bytes as ad_winget_package_verify does; ret has no index. Ended
 * with the arena at the latest. */
AD_MUST int ad_winget_ask_package(struct ad_arena *arena, struct ad_bytes bytes,
	const struct ad_winget_options *options, struct ad_reader **ret_reader,
	struct ad_winget_package *ret, struct ad_err *err);

/* The reader opens the index of that package, for ask_row and ask_rows. */
AD_MUST int ad_winget_ask_index(
	struct ad_arena *arena, struct ad_reader *reader, struct ad_err *err);

/* As ad_winget_source_find and ad_winget_source_search. */
AD_MUST int ad_winget_ask_row(struct ad_arena *arena, struct ad_reader *reader, const char *id,
	struct ad_winget_row *ret, struct ad_err *err);
AD_MUST int ad_winget_ask_rows(struct ad_arena *arena, struct ad_reader *reader, const char *text,
	size_t max, struct ad_winget_row **ret_rows, size_t *ret_count, struct ad_err *err);

/* Of packed version data: the row that ad_winget_versions_choose takes. */
AD_MUST int ad_winget_ask_version(struct ad_arena *arena, struct ad_reader *reader,
	struct ad_bytes packed, const char *version, struct ad_winget_version_row *ret,
	struct ad_err *err);

/* As ad_winget_manifest_parse. */
AD_MUST int ad_winget_ask_manifest(struct ad_arena *arena, struct ad_reader *reader,
	struct ad_bytes yaml, struct ad_winget_manifest *ret, struct ad_err *err);

#endif

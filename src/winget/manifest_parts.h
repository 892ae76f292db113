/* SPDX-License-Identifier: Apache-2.0 */
/* The pieces of the manifest parser. */
#ifndef AD_SRC_WINGET_MANIFEST_PARTS_H
#define AD_SRC_WINGET_MANIFEST_PARTS_H

#include "ad/winget/manifest.h"

#include "yaml_tree.h"

/* A mapping, of at most AD_WINGET_MANIFEST_MAX bytes. AD_EINVAL, AD_ETOOBIG. */
AD_MUST int ad_winget_read_tree(
	struct ad_arena *arena, struct ad_bytes yaml, struct ad_yaml **ret, struct ad_err *err);

/* The whole manifest, merged or singleton. */
AD_MUST int ad_winget_read_manifest(struct ad_arena *arena, const struct ad_yaml *root,
	struct ad_winget_manifest *ret, struct ad_err *err);

/* Texts of a sequence of scalars; other items are left out, and what passes AD_WINGET_LIST_MAX. */
struct ad_winget_list ad_winget_read_list(struct ad_arena *arena, const struct ad_yaml *sequence);

/* Allocates room for the items of a sequence, at most AD_WINGET_LIST_MAX; NULL and 0 for none. */
void *ad_winget_read_room(
	struct ad_arena *arena, const struct ad_yaml *sequence, size_t item_size, size_t *ret_max);

/* One installer: what the root says, overwritten by what own says (packaging.md 2.2). */
AD_MUST int ad_winget_read_installer(struct ad_arena *arena, const struct ad_yaml *root,
	const struct ad_yaml *own, struct ad_winget_installer *ret, struct ad_err *err);

/* The words of one language, missing ones taken from otherwise (may be NULL). */
void ad_winget_read_locale(struct ad_arena *arena, const struct ad_yaml *mapping,
	const struct ad_winget_locale *otherwise, struct ad_winget_locale *ret);

#endif

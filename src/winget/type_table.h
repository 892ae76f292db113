/* SPDX-License-Identifier: Apache-2.0 */
/* What the manifest's words mean, and the defaults that each installer type has (packaging.md 2.3).
 */
#ifndef AD_SRC_WINGET_TYPE_TABLE_H
#define AD_SRC_WINGET_TYPE_TABLE_H

#include "ad/winget/manifest.h"

/* Case is ignored; NULL and unknown words give the unknown value. */
enum ad_winget_arch ad_winget_arch_of(const char *word);
enum ad_winget_scope ad_winget_scope_of(const char *word);
enum ad_winget_type ad_winget_type_of(const char *word);

/* Switches of a type; all NULL for types without defaults. */
const struct ad_winget_switches *ad_winget_default_switches(enum ad_winget_type type);

/* Known return codes of a type; sets *ret_count. */
const struct ad_winget_return_code *ad_winget_default_codes(
	enum ad_winget_type type, size_t *ret_count);

/* A root ProductCode and root AppsAndFeaturesEntries speak about installers of these types only. */
bool ad_winget_type_has_arp_entry(enum ad_winget_type type);

/* A root PackageFamilyName speaks about installers of these types only. */
bool ad_winget_type_has_family_name(enum ad_winget_type type);

#endif

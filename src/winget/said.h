/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes between a source's reader and who asks it, as JSON and back. A function that reads what
 * the reader said gives false for what makes no sense, and copies nothing: texts live as long as
 * the JSON.
 */
#ifndef AD_SRC_WINGET_SAID_H
#define AD_SRC_WINGET_SAID_H

#include "ad/winget.h"

#include "yaml_tree.h"

struct ad_json *ad_winget_profile_said(
	struct ad_arena *arena, const struct ad_winget_profile *profile);
bool ad_winget_profile_heard(
	struct ad_arena *arena, const struct ad_json *said, struct ad_winget_profile *ret);

/* Its report is ad_winget_package_json. What is the asker's to know (profile, hash and size of the
 * bytes) is left alone. */
bool ad_winget_package_heard(const struct ad_json *said, struct ad_winget_package *ret);

struct ad_json *ad_winget_row_said(struct ad_arena *arena, const struct ad_winget_row *row);
bool ad_winget_row_heard(const struct ad_json *said, struct ad_winget_row *ret);

struct ad_json *ad_winget_version_said(
	struct ad_arena *arena, const struct ad_winget_version_row *row);
bool ad_winget_version_heard(const struct ad_json *said, struct ad_winget_version_row *ret);

/* A mapping is an object that also has its line, under the name that no key has: "". */
struct ad_json *ad_yaml_said(struct ad_arena *arena, const struct ad_yaml *node);
bool ad_yaml_heard(struct ad_arena *arena, const struct ad_json *said, struct ad_yaml **ret);

#endif

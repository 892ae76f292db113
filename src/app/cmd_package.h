/* SPDX-License-Identifier: Apache-2.0 */
/* The two ways of `appdesk package`. Private to app. */
#ifndef AD_APP_CMD_PACKAGE_H
#define AD_APP_CMD_PACKAGE_H

#include "ad/winget/manifest.h"
#include "command.h"

/* From the configured source to a package in a folder, with all that was compared. Both print what
 * they found also when they fail. */
AD_MUST int ad_package_hand_off(struct ad_arena *arena, const struct ad_words *words,
	const struct ad_winget_rules *rules, struct ad_err *err);

/* The plan of a manifest on disk: a file, or the folder of one in several files. */
AD_MUST int ad_package_preview(struct ad_arena *arena, const struct ad_words *words,
	const struct ad_winget_rules *rules, struct ad_err *err);

#endif

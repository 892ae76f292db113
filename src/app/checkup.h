/* SPDX-License-Identifier: Apache-2.0 */
/* What this process knows of itself, for the checklist. Private to app. */
#ifndef AD_APP_CHECKUP_H
#define AD_APP_CHECKUP_H

#include "ad/config.h"
#include "ad/desk/doctor.h"
#include "ad/identity/token.h"

/* The configuration, the room for packages, and how the last tokens were fetched. Texts of *ret are
 * the configuration's, or in the arena. Any thread; looks at the file system. */
void ad_checkup_fill(const struct ad_config *config, struct ad_arena *arena,
	struct ad_token_source *bot, struct ad_token_source *graph, struct ad_desk_machine *ret);

/* The same with what a running service holds besides; ctx is the service. */
void ad_checkup_service(void *ctx, struct ad_arena *arena, struct ad_desk_machine *ret);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The trust profile of Microsoft's own WinGet source, built in. */
#ifndef AD_SRC_WINGET_MICROSOFT_H
#define AD_SRC_WINGET_MICROSOFT_H

#include "ad/winget/package.h"

/* Its lists live in the arena. */
void ad_winget_profile_microsoft(struct ad_arena *arena, struct ad_winget_profile *ret);

#endif

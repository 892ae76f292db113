/* SPDX-License-Identifier: Apache-2.0 */
/* People as Graph shows them, and what has changed of them since a link was given out. */
#ifndef DT_DELTA_H
#define DT_DELTA_H

#include "dt.h"

/* As Graph has it: our own members (key, mri, ...) are left out. */
struct ad_json *dt_user_doc(struct ad_arena *arena, const struct ad_json *person);

/* Every link of changes given out so far is 410 from now on. */
void dt_delta_expire(struct dt_tenant *tenant);

#endif

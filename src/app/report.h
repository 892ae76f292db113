/* SPDX-License-Identifier: Apache-2.0 */
/* What several commands print: the steps of a check, and facts. Private to app. */
#ifndef AD_APP_REPORT_H
#define AD_APP_REPORT_H

#include "ad/trail.h"

/* One line a step to stdout: "ok      digest AXPC  1c2a..."; the last one may be FAILED, with what
 * err says (NULL when all passed). */
void ad_app_print_trail(const struct ad_trail *trail, const struct ad_err *err);

/* One line a value to stdout, by its path: "index.signature.chain[0]  CN=...". */
void ad_app_print_facts(struct ad_arena *arena, const struct ad_json *facts);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The strict half of the JSON door: what must hold before and after cJSON has parsed. Private to
 * base. */
#ifndef AD_JSON_SCAN_H
#define AD_JSON_SCAN_H

#include "ad/json.h"

/* UTF-8, NUL, depth, control characters, escapes, number form, and nothing behind the one value
 * (RFC 8259). */
AD_MUST int ad_json_scan(const char *text, size_t len, struct ad_err *err);

/* No object in the tree has one name twice. */
AD_MUST int ad_json_check_names(
	struct ad_arena *arena, const struct ad_json *tree, struct ad_err *err);

#endif

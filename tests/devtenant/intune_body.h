/* SPDX-License-Identifier: Apache-2.0 */
/* Judging the body of a win32LobApp as Intune does, and more strictly where Intune fails late. */
#ifndef DT_INTUNE_BODY_H
#define DT_INTUNE_BODY_H

#include "ad/err.h"
#include "ad/json.h"

#include <stdbool.h>

/* whole: a new app, where required members must be there; otherwise a change. AD_EINVAL with the
 * sentence of the refusal. */
AD_MUST int dt_intune_check_app(
	const struct ad_json *body, bool beta, bool whole, struct ad_err *err);

/* One assignment; what only the directory knows (the group) is not checked. */
AD_MUST int dt_intune_check_assignment(const struct ad_json *assignment, struct ad_err *err);

#endif

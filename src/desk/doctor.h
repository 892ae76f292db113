/* SPDX-License-Identifier: Apache-2.0 */
/* A round through the checklist. Private to desk. */
#ifndef AD_DESK_DOCTOR_PRIVATE_H
#define AD_DESK_DOCTOR_PRIVATE_H

#include "ad/desk/doctor.h"
#include "ad/store/doctor.h"
#include "parts.h"

/* What each check looks at, and what it finds: state, the key of its sentence (NULL: no line) and
 * what that needs. */
struct ad_round {
	struct ad_desk *desk;
	const char *locale;
	struct ad_err *err; /* of the caller; may be NULL */
	struct ad_checkup rows;
	enum ad_check_state state;
	const char *key;
	struct ad_json *data;
};

#endif

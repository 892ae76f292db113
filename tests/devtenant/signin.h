/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in again: what a client was asked for, and does about it on order. */
#ifndef DT_SIGNIN_H
#define DT_SIGNIN_H

#include "http.h"

#define DT_LOGIN_REQUEST "application/vnd.microsoft.activity.loginRequest"

/* The sign-in card of an activity, or NULL. */
struct ad_json *dt_signin_card_of(const struct ad_json *activity);

/* The person's client was asked to sign in, by the answer to this activity, or, without one, by a
 * message. pressed: as in dt_act_deliver. */
void dt_signin_asked(struct dt_tenant *tenant, const struct ad_json *person,
	const struct ad_json *card, const struct ad_json *activity, const char *pressed);

/* The tenant's OpenID documents. */
void dt_signin_metadata(struct dt_request *req);
void dt_signin_keys(struct dt_request *req);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Birthrights (product 1.3, 1.5): people get the apps that a policy names for their department, job
 * title or group, without asking, and keep them as long as it does. By the rules of ad/desk.h:
 * inside the caller's transaction, a worker thread.
 */
#ifndef AD_DESK_BIRTHRIGHT_H
#define AD_DESK_BIRTHRIGHT_H

#include "ad/desk.h"

#define AD_BIRTHRIGHTS_SLICE 50 /* people who get an app in one round */

/* First whose grant rests on a policy that does not name them any more, then who has no grant yet:
 * a request of the counter itself, approved by the policy, from where everything goes its usual
 * way. Nobody whose account is closed, who may not use the counter or have the app, for whom
 * another policy counts, who has an app that excludes it, or for whom no seat is free: they are
 * skipped, with an audit row birthright.skipped. *ret_more: go on at once. Nothing while the
 * counter is frozen or the brake holds. Wants settings, and facts. */
AD_MUST int ad_desk_birthrights(struct ad_desk *desk, bool *ret_more, struct ad_err *err);

#endif

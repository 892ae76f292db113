/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device that an app is wanted for: offered in the form, kept with the request, and demanded to
 * be compliant by some policies, when it is asked for and once more when it is approved. Private to
 * desk.
 */
#ifndef AD_DESK_DEVICE_H
#define AD_DESK_DEVICE_H

#include "form.h"
#include "ad/desk/facts.h"

#define AD_DESK_INPUT_DEVICE "device" /* an id, or */
#define AD_DESK_DEVICE_TAKEN "taken"  /* what ad_device_taken says */

/* Devices of who fills in a form, where the setting OfferDevices or the policy wants them; else,
 * and for somebody else, whose devices are theirs to know, *ret is NULL. */
AD_MUST int ad_devices_for(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_policy *policy, const struct ad_devices **ret, struct ad_err *err);

/* The one that is meant by the form's input, or the only one when it says nothing; NULL: none. */
const struct ad_device *ad_device_chosen(
	const struct ad_devices *devices, const struct ad_policy *policy, const char *input);
/* Where nobody chooses: the one that reported last, of the compliant ones if the policy demands
 * that and there is one. NULL: there is none. */
const struct ad_device *ad_device_taken(
	const struct ad_devices *devices, const struct ad_policy *policy);

/* Members has_devices, devices, device of a form; under a policy that demands a compliant one a
 * line in ahead, and a note when that cannot be. devices may be NULL. */
AD_MUST int ad_device_offer(struct ad_desk *desk, const struct ad_form *form,
	const struct ad_devices *devices, struct ad_json *data, struct ad_err *err);

/* How the policy finds the device (NULL: none was chosen) of those that were looked at; not looked
 * at is good. */
enum ad_device_verdict ad_device_verdict_of(const struct ad_policy *policy,
	const struct ad_devices *devices, const struct ad_device *device);
/* Says to its holder why not. */
AD_MUST int ad_device_refuse(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_app *app, const struct ad_policy *policy, const struct ad_device *device,
	enum ad_device_verdict verdict, struct ad_desk_reply *ret, struct ad_err *err);

/* Sets device_id, device_name and device_compliance; NULL: none. */
void ad_device_keep(struct ad_request *request, const struct ad_device *device);
/* Live, for an approval: how the request's policy finds its device now. What Intune says is kept in
 * the request and its row. */
AD_MUST int ad_device_check(struct ad_desk *desk, struct ad_request *request,
	enum ad_device_verdict *ret, struct ad_err *err);

/* The words that say to an approver why it was not approved. */
const char *ad_device_refusal_key(const struct ad_desk *desk, enum ad_device_verdict verdict);

/* Members device, compliance, device_at of cards and sentences; "" without a device. */
AD_MUST int ad_device_say(struct ad_desk *desk, const struct ad_request *request,
	const char *locale, struct ad_json *data, struct ad_err *err);
/* Whether this card may name it: never to somebody who has asked for another person. */
bool ad_device_shown(const struct ad_request_view *view);
/* Members of an audit row; none without a device. */
void ad_device_note(
	struct ad_arena *arena, const struct ad_request *request, struct ad_json *details);

#endif

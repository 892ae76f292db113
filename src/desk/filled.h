/* SPDX-License-Identifier: Apache-2.0 */
/* A filled form, as submitting and editing share it. Private to desk. */
#ifndef AD_DESK_FILLED_H
#define AD_DESK_FILLED_H

#include "device.h"

/* What was written into the form. */
struct ad_filled {
	const struct ad_request *edits; /* the request that it changes; NULL: a new one */
	struct ad_app app;
	struct ad_app_questions questions;
	const char *justification;
	const char **answers;   /* by question */
	struct ad_json *faults; /* sentences */
	const struct ad_policy *policy;
	bool automatic;
	const char *typed_device;
	const struct ad_devices *devices; /* of the holder; NULL: not looked at */
	const struct ad_device *device;   /* of these; NULL: none */
	int typed_days;                   /* of the form's choice; -1: there was none */
	int days;                         /* wanted; 0: for good */
};

/* Reads and judges the inputs of filled->app's form by the policy that counts now: faults holds a
 * sentence for each that is wrong. */
AD_MUST int ad_filled_read(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_filled *filled, struct ad_err *err);
/* The form once more, with what is wrong. */
AD_MUST int ad_filled_again(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, const struct ad_filled *filled,
	struct ad_desk_reply *ret, struct ad_err *err);
/* By the rules: policy, days, whether somebody has to be asked. *ret_done: *ret tells why it is
 * refused, and the audit row of that is put off. */
AD_MUST int ad_filled_judge(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_filled *filled, struct ad_desk_reply *ret,
	bool *ret_done, struct ad_err *err);
/* The request of a filled form, stored and set off: part of the bundle, or 0. ret->id is 0 when
 * another one for the app came first. Audit rows are put off. */
AD_MUST int ad_filled_file(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_filled *filled, int64_t bundle_id, struct ad_request *ret,
	struct ad_err *err);
/* Stages are asked, or a rule has approved it. */
AD_MUST int ad_filled_set_off(struct ad_desk *desk, struct ad_request *request,
	const struct ad_filled *filled, struct ad_err *err);

#endif

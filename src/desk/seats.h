/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Apps of which there are only so many (product E35): a seat is an active grant. Who is approved
 * when none is free gets none; such requests stand in a queue by their numbers, and when a seat is
 * free its first ones are told. Private to desk; inside the caller's transaction.
 */
#ifndef AD_DESK_SEATS_H
#define AD_DESK_SEATS_H

#include "stages.h"

/* What such a request says as its reason. */
#define AD_NO_SEAT "No seat is free."

/* Seats that nobody has; SIZE_MAX where there is no limit. */
AD_MUST int ad_seats_free(
	struct ad_desk *desk, const struct ad_app *app, size_t *ret, struct ad_err *err);
/* An approved request ends as failed: its person hears the place in the queue, admins get a card.
 * Audit rows are put off. */
AD_MUST int ad_seats_refuse(struct ad_desk *desk, const struct ad_app *app,
	struct ad_request *request, struct ad_err *err);
/* A seat may have become free: the first ones of the queue hear of it, each once. */
AD_MUST int ad_seats_freed(struct ad_desk *desk, int64_t app_id, struct ad_err *err);
/* Members has_seats and seats ("2 of 5 seats are taken") of a form's data. */
AD_MUST int ad_seats_data(struct ad_desk *desk, const char *locale, const struct ad_app *app,
	struct ad_json *data, struct ad_err *err);

#endif

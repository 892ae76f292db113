/* SPDX-License-Identifier: Apache-2.0 */
/* People as others name them: a mention, a mail address, a user principal name, a name. Private to
 * desk. */
#ifndef AD_DESK_PERSON_FIND_H
#define AD_DESK_PERSON_FIND_H

#include "ad/desk.h"
#include "ad/teams/activity.h"

#define AD_PERSON_CHOICES_MAX 10 /* that are listed when a name means several people */

struct ad_person_query {
	const char *text; /* "Ana Lopez", "@ana", "ana@example.com", "<at>Ana</at>" */
	const struct ad_mention *mentions; /* of the message */
	size_t mention_count;
};

/* Who is meant: none, one, or several to choose from, with object id, name and mail. Whole names
 * and addresses come before first names; an address that we have not met is looked up in the
 * directory (ad_fact_person: may end with AD_ECONFLICT). Names of people whose accounts are closed
 * mean nobody. */
AD_MUST int ad_person_find(struct ad_desk *desk, const struct ad_person_query *query,
	struct ad_people *ret, struct ad_err *err);

/* The answer when it was not one: nobody of that name, or whom it may mean, as text. */
AD_MUST int ad_person_choices(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_person_query *query, const struct ad_people *found,
	struct ad_desk_reply *ret, struct ad_err *err);

/* The person has a row of their own, so that others may point to it. */
AD_MUST int ad_person_known(
	struct ad_desk *desk, const struct ad_person *person, struct ad_err *err);

#endif

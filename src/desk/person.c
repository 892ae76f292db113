/* SPDX-License-Identifier: Apache-2.0 */
/* The counter follows the directory's news of one person: leaver.c, mover.c, review.c. */
#include "review.h"
#include "ad/store/birthrights.h"
#include "ad/desk/people.h"
#include "ad/store/directory.h"
#include "ad/text.h"

static int trail(struct ad_desk *desk, const struct ad_directory_person *person, const char *action,
	struct ad_json *details)
{
	return ad_trail_later(desk, &(struct ad_event){ .action = action,
					    .entity_type = "user",
					    .entity_name = person->oid,
					    .details = details });
}

static const char *state_action(const struct ad_directory_person *person)
{
	if (ad_text_eq(person->state, "deleted"))
		return "user.deleted";
	return ad_text_eq(person->state, "disabled") ? "user.disabled" : "user.enabled";
}

static bool moved(const struct ad_directory_person *person)
{
	return !ad_text_eq(person->manager_oid, person->acted_manager) ||
	       !ad_text_eq(person->department, person->acted_department) ||
	       !ad_text_eq(person->job_title, person->acted_title);
}

static int settle(
	struct ad_desk *desk, const struct ad_directory_person *person, struct ad_err *err)
{
	if (!ad_text_eq(person->state, person->acted_state)) {
		struct ad_json *details = ad_json_new_object(desk->arena);
		ad_json_set_str(desk->arena, details, "before", person->acted_state);
		(void)trail(desk, person, state_action(person), details);
	}
	if (moved(person)) {
		struct ad_json *details = ad_json_new_object(desk->arena);
		ad_json_set_str(desk->arena, details, "manager", person->manager_oid);
		ad_json_set_str(desk->arena, details, "manager_before", person->acted_manager);
		ad_json_set_str(desk->arena, details, "department", person->department);
		ad_json_set_str(
			desk->arena, details, "department_before", person->acted_department);
		ad_json_set_str(desk->arena, details, "job_title", person->job_title);
		ad_json_set_str(desk->arena, details, "job_title_before", person->acted_title);
		(void)trail(desk, person, "user.moved", details);
		int e = ad_store_birthrights_check_anew(
			desk->db, desk->arena, desk->tenant_id, person->oid, err);
		if (e != 0)
			return e;
	}
	return ad_store_directory_acted(desk->db, desk->arena, desk->tenant_id, person, err);
}

int ad_desk_person_settle(struct ad_desk *desk, const char *oid, struct ad_desk_person_walk *walk,
	bool *ret_more, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_directory_person person;
	int e = ad_store_directory_person(
		desk->db, desk->arena, desk->tenant_id, oid, &person, err);
	*ret_more = false;
	if (e != 0)
		return e == AD_ENOTFOUND ? 0 : e;
	if (!ad_text_eq(person.state, "active"))
		e = ad_leaver_step(desk, &person, ret_more, err);
	else
		e = ad_mover_step(desk, &person, &walk->request, ret_more, err);
	if (e == 0 && !*ret_more && ad_text_eq(person.state, "active") && moved(&person))
		e = ad_review_step(desk, &person, &walk->grant, ret_more, err);
	if (e == 0 && !*ret_more)
		e = settle(desk, &person, err);
	return e == 0 ? ad_trail_flush(desk, err) : e;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody wants their data deleted, and somebody else deals with what the counter cannot do. */
#include "privacy.h"
#include "parts.h"
#include "ad/desk/facts.h"
#include "ad/text.h"

static int trail(struct ad_desk *desk, const struct ad_person *who, const char *action,
	const struct ad_privacy *privacy, struct ad_err *err)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "person", privacy->oid);
	if (!ad_text_empty(privacy->note))
		ad_json_set_str(desk->arena, details, "text", privacy->note);
	return ad_trail(desk,
		&(struct ad_event){ .who = who,
			.action = action,
			.entity_type = "privacy",
			.entity_id = privacy->id,
			.details = details },
		err);
}

/* ---- the wish ---- */

/* A job tells those who deal with it: nobody waits for the directory here. */
static int open_it(struct ad_desk *desk, const char *oid, int64_t id, struct ad_err *err)
{
	int64_t job;
	int e = ad_store_privacy_forget(desk->db, desk->arena, desk->tenant_id, oid, err);
	if (e == 0)
		e = ad_store_jobs_add(desk->db, desk->arena,
			&(struct ad_job_new){ .tenant_id = desk->tenant_id,
				.kind = AD_JOB_PRIVACY,
				.key = ad_printf(desk->arena, "privacy:%lld", (long long)id),
				.payload = ad_printf(
					desk->arena, "{\"privacy\":%lld}", (long long)id) },
			&job, err);
	return e == 0 ? ad_store_privacy_told_by(
				desk->db, desk->arena, desk->tenant_id, id, job, err)
		      : e;
}

int ad_desk_forget(struct ad_desk *desk, const struct ad_person *who, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	int64_t id;
	bool is_new;
	struct ad_privacy privacy;
	int e = ad_store_privacy_open(
		desk->db, desk->arena, desk->tenant_id, who->oid, &id, &is_new, err);
	if (e == 0 && is_new)
		e = open_it(desk, who->oid, id, err);
	if (e == 0)
		e = ad_store_privacy_get(desk->db, desk->arena, desk->tenant_id, id, &privacy, err);
	if (e == 0)
		e = ad_privacy_answer(desk, who, &privacy, is_new, ret, err);
	return e == 0 && is_new ? trail(desk, who, "privacy.asked", &privacy, err) : e;
}

/* ---- who deals with it ---- */

/* The contact, else the admins. */
static int find_people(struct ad_desk *desk, struct ad_people *ret, struct ad_err *err)
{
	const struct ad_person *contact = NULL;
	const char *oid = desk->settings.privacy_contact_id;
	int e = ad_text_empty(oid) ? 0 : ad_fact_person(desk, oid, &contact, err);
	if (e != 0)
		return e;
	*ret = (struct ad_people){ .items = contact, .count = 1 };
	return contact ? 0 : ad_fact_members(desk, desk->settings.admin_group_id, ret, err);
}

int ad_desk_privacy_tell(struct ad_desk *desk, int64_t number, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_people people;
	struct ad_privacy privacy;
	int e = ad_desk_settings_load(desk->db, desk->arena, desk->tenant_id, &desk->settings, err);
	if (e == 0)
		e = find_people(desk, &people, err);
	if (e == 0)
		e = ad_store_privacy_lock(
			desk->db, desk->arena, desk->tenant_id, number, &privacy, err);
	if (e != 0 || privacy.is_done)
		return e;
	for (size_t i = 0; e == 0 && i < people.count && i < AD_DESK_CARDS_MAX; i++)
		e = ad_privacy_send(desk, &privacy, &people.items[i], err);
	return e;
}

static bool may_deal(const struct ad_desk *desk, const struct ad_person *who)
{
	const char *contact = desk->settings.privacy_contact_id;
	bool is_admin = who->is_admin && !ad_text_empty(desk->settings.admin_group_id);
	return is_admin || (!ad_text_empty(contact) && ad_text_eq(contact, who->oid));
}

/* Alike for what is not there and what is not theirs. */
static int unknown(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, data, "n", number);
	return ad_reply_words(desk, who, "privacy.unknown", data, "no_privacy", ret, err);
}

int ad_desk_privacy(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_privacy privacy;
	if (!may_deal(desk, who))
		return unknown(desk, who, number, ret, err);
	int e = ad_store_privacy_get(desk->db, desk->arena, desk->tenant_id, number, &privacy, err);
	if (e == AD_ENOTFOUND)
		return unknown(desk, who, number, ret, err);
	return e == 0 ? ad_privacy_show_to(desk, who, &privacy, ret, err) : e;
}

/* ---- done ---- */

/* The number behind the press; *ret_done: *ret is the answer. */
static int find_number(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, int64_t *ret_number, struct ad_desk_reply *ret,
	bool *ret_done, struct ad_err *err)
{
	struct ad_token token;
	*ret_done = false;
	*ret_number = press->number;
	if (ad_text_empty(press->token))
		return 0;
	int e = ad_reply_token(desk, who, press, "privacy", &token, ret, ret_done, err);
	if (e != 0 || *ret_done)
		return e;
	return ad_store_privacy_of_job(
		desk->db, desk->arena, desk->tenant_id, token.job_id, ret_number, err);
}

static int close_it(struct ad_desk *desk, const struct ad_person *who, const char *note,
	struct ad_privacy *privacy, struct ad_err *err)
{
	privacy->done_by = who->oid;
	privacy->note = ad_text_trim(desk->arena,
		ad_utf8_cut(desk->arena, ad_utf8_clean(desk->arena, note ? note : "", true),
			AD_REASON_MAX));
	int e = ad_store_privacy_close(desk->db, desk->arena, desk->tenant_id, privacy, err);
	if (e == 0)
		e = ad_store_privacy_get(
			desk->db, desk->arena, desk->tenant_id, privacy->id, privacy, err);
	if (e == 0)
		e = ad_privacy_refresh(desk, privacy, err);
	return e == 0 ? ad_privacy_tell_end(desk, privacy, err) : e;
}

int ad_desk_privacy_done(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	bool pressed = !ad_text_empty(press->token);
	bool done;
	int64_t number;
	struct ad_privacy privacy;
	int e = ad_settings_hold(desk, err);
	if (e != 0)
		return e;
	if (!may_deal(desk, who))
		return unknown(desk, who, press->number, ret, err);
	e = find_number(desk, who, press, &number, ret, &done, err);
	if (e != 0 || done)
		return e;
	e = ad_store_privacy_lock(desk->db, desk->arena, desk->tenant_id, number, &privacy, err);
	if (e == AD_ENOTFOUND)
		return unknown(desk, who, number, ret, err);
	bool late = e == 0 && privacy.is_done;
	if (e == 0 && !late)
		e = close_it(desk, who, press->reason, &privacy, err);
	if (e == 0)
		e = ad_privacy_show_to(desk, who, &privacy, ret, err);
	if (e != 0)
		return e;
	ret->in_place = pressed;
	ret->outcome = late ? "already" : "privacy_done";
	if (pressed)
		e = ad_reply_remember(desk, press->token, ret, err);
	return e == 0 && !late ? trail(desk, who, "privacy.done", &privacy, err) : e;
}

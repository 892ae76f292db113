/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A notice that Teams did not take: sent again after the app was installed, or said by mail, or
 * given up, and then the right people hear of it. Audit rows last.
 */
#include "stages.h"
#include "ad/store/outbox.h"
#include "ad/text.h"

#define ALTERNATES_MAX 50 /* that are looked at for one who is reached */

/* ---- admins ---- */

/* Every admin but the person itself, who would not hear it either. */
static int tell_admins(struct ad_desk *desk, const struct ad_ledger_entry *entry, const char *key,
	const char *fact, bool optional, struct ad_err *err)
{
	int e = 0;
	for (size_t i = 0; e == 0 && i < desk->admins.count && i < AD_DESK_CARDS_MAX; i++) {
		const struct ad_person *admin = &desk->admins.items[i];
		struct ad_notice notice = { .oid = admin->oid, .fact = fact, .optional = optional };
		const char *locale;
		struct ad_json *data;
		if (ad_text_eq(admin->oid, entry->recipient_oid))
			continue;
		e = ad_notice_locale(desk, admin->oid, &locale, err);
		if (e == 0)
			e = ad_ledger_data(desk, entry, locale, &data, err);
		if (e == 0)
			e = ad_words(desk, locale, key, data, &notice.text, err);
		if (e == 0)
			e = ad_notice_send(desk, &notice, err);
	}
	return e;
}

/* Those who could hear of it. */
static int is_any_admin_reached(
	struct ad_desk *desk, const struct ad_ledger_entry *entry, bool *ret, struct ad_err *err)
{
	struct ad_people reached;
	int e = ad_reach(desk, &desk->admins, &reached, err);
	*ret = false;
	for (size_t i = 0; e == 0 && i < reached.count; i++)
		*ret |= !ad_text_eq(reached.items[i].oid, entry->recipient_oid);
	return e;
}

/* No admin is reached either: whoever runs this hears of it. */
static int alert_operators(struct ad_desk *desk, const struct ad_ledger_entry *entry,
	const char *fact, struct ad_err *err)
{
	struct ad_json *data;
	int64_t *ids;
	size_t count;
	bool reached = true;
	int e = desk->mail ? is_any_admin_reached(desk, entry, &reached, err) : 0;
	if (e != 0 || reached)
		return e;
	struct ad_mail_alert alert = { .tenant_id = desk->tenant_id,
		.node_id = desk->node_id,
		.fact = fact,
		.to = desk->mail->alert_to,
		.to_count = desk->mail->alert_to_count };
	e = ad_ledger_data(desk, entry, "", &data, err);
	if (e == 0)
		e = ad_words(desk, "", "alarm.unreached.subject", data, &alert.subject, err);
	if (e == 0)
		e = ad_words(desk, "", "alarm.unreached.text", data, &alert.text, err);
	if (e == 0)
		e = ad_store_outbox_add_alert(
			desk->db, desk->arena, desk->mail->key, &alert, &ids, &count, err);
	for (size_t i = 0; e == 0 && i < count; i++)
		ad_notice_remember(desk, ids[i]);
	return e;
}

/* Once for each person and day, however many notices it is. */
static int tell_undelivered(
	struct ad_desk *desk, const struct ad_ledger_entry *entry, struct ad_err *err)
{
	const char *fact = ad_reach_fact(desk, entry->recipient_oid);
	int e = tell_admins(desk, entry, "unreached.admin", fact, true, err);
	return e == 0 ? alert_operators(desk, entry, fact, err) : e;
}

/* ---- the request that waits for the person ---- */

static int is_anybody_left(
	struct ad_desk *desk, const struct ad_request *request, bool *ret, struct ad_err *err)
{
	const struct ad_stage_approver *slate;
	struct ad_people reached;
	size_t count;
	int e = ad_store_stage_approvers(
		desk->db, desk->arena, request->id, request->stage, &slate, &count, err);
	if (e != 0)
		return e;
	struct ad_person *people = ad_alloc_array(desk->arena, count, sizeof *people);
	for (size_t i = 0; i < count; i++)
		people[i] = (struct ad_person){ .oid = slate[i].oid, .name = slate[i].name };
	e = ad_reach(desk, &(struct ad_people){ people, count }, &reached, err);
	*ret = e == 0 && reached.count > 0;
	return e;
}

/* Of a large group some were not asked yet: one of them is, now (product E11). */
static int ask_alternate(
	struct ad_desk *desk, const struct ad_request *request, bool *ret_asked, struct ad_err *err)
{
	struct ad_ledger_alternate *others;
	struct ad_people reached = { 0 };
	size_t count;
	*ret_asked = false;
	int e = ad_store_ledger_alternates(desk->db, desk->arena, desk->tenant_id, request->id,
		request->stage, ALTERNATES_MAX, &others, &count, err);
	if (e != 0)
		return e;
	struct ad_person *people = ad_alloc_array(desk->arena, count, sizeof *people);
	for (size_t i = 0; i < count; i++)
		people[i] = (struct ad_person){
			.oid = others[i].oid, .name = others[i].name, .is_approver = true
		};
	e = ad_reach(desk, &(struct ad_people){ people, count }, &reached, err);
	if (e != 0 || reached.count == 0)
		return e;
	struct ad_person next = reached.items[0];
	*ret_asked = true;
	e = ad_notice_locale(desk, next.oid, &next.locale, err);
	return e == 0 ? ad_request_ask(desk, &next, request, err) : e;
}

static int tell_of_request(struct ad_desk *desk, const struct ad_ledger_entry *entry,
	bool is_reached, struct ad_err *err)
{
	struct ad_request request;
	bool anybody = is_reached;
	if (entry->request_id == 0 || !ad_text_eq(entry->card, "approval"))
		return 0;
	int e = ad_store_request_get(
		desk->db, desk->arena, desk->tenant_id, entry->request_id, &request, err);
	if (e != 0 || !ad_request_undecided(request.state))
		return e;
	e = ad_request_refresh_receipts(desk, &request, err);
	if (e == 0 && !anybody)
		e = ask_alternate(desk, &request, &anybody, err);
	if (e == 0 && !anybody)
		e = is_anybody_left(desk, &request, &anybody, err);
	if (e != 0 || anybody)
		return e;
	/* Whoever comes next is asked now (product E11), or admins hear that nobody does. */
	return ad_stage_open(desk, &request, request.stage_level + 1, err);
}

/* ---- what is done ---- */

static int trail_undelivered(struct ad_desk *desk, const struct ad_ledger_entry *entry,
	const char *fallback, struct ad_err *err)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "person", entry->recipient_oid);
	ad_json_set_str(desk->arena, details, "fact", entry->fact);
	ad_json_set_str(desk->arena, details, "error", entry->last_error);
	ad_json_set_str(desk->arena, details, "fallback", fallback);
	return ad_trail(desk,
		&(struct ad_event){ .action = "notice.undelivered",
			.entity_type = "notice",
			.entity_id = entry->id,
			.details = details },
		err);
}

/* Why there was no mail; "" where none is ever sent. */
static const char *why_no_mail(enum ad_desk_mailed mailed)
{
	return mailed == AD_DESK_MAIL_NO_ADDRESS ? "no mail address is known" : "";
}

static int give_up(struct ad_desk *desk, const struct ad_ledger_entry *entry, const char *note,
	struct ad_err *err)
{
	int e = ad_store_ledger_settle(desk->db, desk->arena, entry->id, "none", note, err);
	if (e == 0 && !ad_ledger_is_answer(entry))
		e = tell_undelivered(desk, entry, err);
	if (e == 0)
		e = tell_of_request(desk, entry, false, err);
	return e == 0 ? trail_undelivered(desk, entry, "none", err) : e;
}

/* The question is answered already, or what was said meant something in its conversation alone. */
static int let_be(struct ad_desk *desk, const struct ad_ledger_entry *entry, struct ad_err *err)
{
	int e = ad_store_ledger_settle(
		desk->db, desk->arena, entry->id, "none", "nobody needs to know any more", err);
	return e == 0 ? trail_undelivered(desk, entry, "none", err) : e;
}

/* By mail, where there is mail and an address; admins hear of the others. */
static int leave_teams(struct ad_desk *desk, const struct ad_ledger_entry *entry,
	const struct ad_desk_fallback *what, struct ad_err *err)
{
	enum ad_desk_mailed mailed;
	if (ad_text_eq(entry->mail_state, "dead"))
		return give_up(desk, entry,
			ad_printf(desk->arena, "the mail failed: %s", entry->mail_error), err);
	int e = ad_desk_mail_notice(desk, entry->id, &mailed, err);
	if (e != 0)
		return e;
	if (mailed == AD_DESK_MAIL_MOOT)
		return let_be(desk, entry, err);
	if (mailed != AD_DESK_MAILED)
		return give_up(desk, entry,
			ad_text_empty(what->install_error) ? why_no_mail(mailed)
							   : what->install_error,
			err);
	e = ad_store_ledger_settle(
		desk->db, desk->arena, entry->id, "mail", what->install_error, err);
	if (e == 0)
		e = tell_of_request(desk, entry, true, err);
	return e == 0 ? trail_undelivered(desk, entry, "mail", err) : e;
}

int ad_desk_fallback(
	struct ad_desk *desk, const struct ad_desk_fallback *fallback, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_ledger_entry entry;
	bool sent;
	int e = ad_notice_hold(desk, fallback->notice_id, &entry, err);
	if (e != 0 || !ad_ledger_is_waiting(&entry))
		return e == AD_ENOTFOUND ? 0 : e;
	if (!fallback->is_installed)
		return leave_teams(desk, &entry, fallback, err);
	e = ad_notice_resend(desk, &entry, "install", &sent, err);
	return e == 0 ? trail_undelivered(desk, &entry, "install", err) : e;
}

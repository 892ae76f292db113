/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger in the hands of admins: the list, one notice, Retry, Use mail, Install. */
#include "parts.h"
#include "ad/text.h"

static int no_such_notice(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, data, "n", number);
	return ad_reply_words(desk, who, "notice.unknown", data, "no_notice", ret, err);
}

/* ---- looking ---- */

static int add_row(struct ad_desk *desk, const struct ad_person *who, struct ad_json *rows,
	const struct ad_ledger_entry *entry, struct ad_err *err)
{
	struct ad_json *row;
	int e = ad_ledger_data(desk, entry, who->locale, &row, err);
	if (e != 0)
		return e;
	ad_json_set_bool(desk->arena, row, "separator", ad_json_count(rows) > 0);
	ad_json_append(desk->arena, rows, row);
	return ad_words_into(desk, who->locale, "undelivered.open", row, "open", err);
}

int ad_desk_undelivered(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_ledger_entry *list;
	size_t count;
	if (!who->is_admin)
		return ad_reply_not_admin(desk, who, ret, err);
	int e = ad_store_ledger_list(desk->db, desk->arena, desk->tenant_id, press->number,
		AD_LIST_MAX + 1, &list, &count, err);
	if (e != 0)
		return e;
	if (count == 0)
		return ad_reply_words(desk, who, "undelivered.none", NULL, "undelivered", ret, err);
	size_t shown = count > AD_LIST_MAX ? AD_LIST_MAX : count;
	struct ad_json *data = ad_json_new_object(desk->arena);
	struct ad_json *rows = ad_json_new_array(desk->arena);
	for (size_t i = 0; e == 0 && i < shown; i++)
		e = add_row(desk, who, rows, &list[i], err);
	if (e != 0)
		return e;
	ad_json_set(desk->arena, data, "rows", rows);
	ad_json_set_int(desk->arena, data, "count", (int64_t)shown);
	ad_json_set_bool(desk->arena, data, "has_more", count > AD_LIST_MAX);
	ad_json_set_int(desk->arena, data, "before", list[shown - 1].id);
	return ad_reply_card(
		desk, who, "undelivered", "undelivered.short", data, "undelivered", ret, err);
}

int ad_desk_notice(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_ledger_entry entry;
	if (!who->is_admin)
		return ad_reply_not_admin(desk, who, ret, err);
	int e = ad_store_ledger_get(desk->db, desk->arena, desk->tenant_id, number, &entry, err);
	if (e == AD_ENOTFOUND)
		return no_such_notice(desk, who, number, ret, err);
	return e == 0 ? ad_ledger_show(desk, who, &entry, NULL, ret, err) : e;
}

/* ---- Retry, Use mail, Install ---- */

struct handling {
	const struct ad_person *who;
	int64_t number;
	bool pressed;
	struct ad_ledger_entry entry;
};

/* The notice, locked; *ret_done: *ret is the answer. */
static int begin(struct ad_desk *desk, struct handling *h, struct ad_desk_reply *ret,
	bool *ret_done, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	*ret_done = true;
	int e = ad_settings_hold(desk, err);
	if (e != 0)
		return e;
	if (!h->who->is_admin || ad_text_empty(desk->settings.admin_group_id))
		return ad_reply_not_admin(desk, h->who, ret, err);
	e = ad_notice_hold(desk, h->number, &h->entry, err);
	if (e == AD_ENOTFOUND)
		return no_such_notice(desk, h->who, h->number, ret, err);
	*ret_done = false;
	return e;
}

/* The card as the notice is now, with a sentence; no audit row when nothing was done. */
static int end(struct ad_desk *desk, struct handling *h, const char *key, const char *action,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data;
	const char *note;
	int e = ad_store_ledger_get(
		desk->db, desk->arena, desk->tenant_id, h->number, &h->entry, err);
	if (e == 0)
		e = ad_ledger_data(desk, &h->entry, h->who->locale, &data, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, data, "admin", h->who->name);
	e = ad_words(desk, h->who->locale, key, data, &note, err);
	if (e == 0)
		e = ad_ledger_show(desk, h->who, &h->entry, note, ret, err);
	if (e != 0)
		return e;
	ret->text = note;
	ret->in_place = h->pressed;
	ret->outcome = action ? action : "not_stuck";
	if (!action)
		return 0;
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "person", h->entry.recipient_oid);
	ad_json_set_str(desk->arena, details, "fact", h->entry.fact);
	return ad_trail(desk,
		&(struct ad_event){ .who = h->who,
			.action = action,
			.entity_type = "notice",
			.entity_id = h->number,
			.details = details },
		err);
}

/* Mails rest sealed until they are sent, and then they are gone: there is nothing to repeat. */
static bool is_stuck(const struct handling *h)
{
	return ad_text_eq(h->entry.channel, "teams") && h->entry.has_activity &&
	       (ad_text_eq(h->entry.state, "dead") || ad_text_eq(h->entry.state, "ambiguous"));
}

int ad_desk_notice_retry(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	bool pressed, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct handling h = { .who = who, .number = number, .pressed = pressed };
	bool done;
	bool sent = false;
	int e = begin(desk, &h, ret, &done, err);
	if (e != 0 || done)
		return e;
	if (is_stuck(&h))
		e = ad_notice_resend(desk, &h.entry, "", &sent, err);
	if (e != 0)
		return e;
	return sent ? end(desk, &h, "notice.retried", "notice.retried", ret, err)
		    : end(desk, &h, "notice.not_stuck", NULL, ret, err);
}

int ad_desk_notice_mail(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	bool pressed, struct ad_desk_reply *ret, struct ad_err *err)
{
	static const char *const keys[] = {
		[AD_DESK_MAILED] = "notice.mailed",
		[AD_DESK_MAIL_OFF] = "notice.no_mail",
		[AD_DESK_MAIL_NO_ADDRESS] = "notice.no_address",
		[AD_DESK_MAIL_MOOT] = "notice.moot",
	};
	struct handling h = { .who = who, .number = number, .pressed = pressed };
	enum ad_desk_mailed mailed;
	bool done;
	int e = begin(desk, &h, ret, &done, err);
	if (e != 0 || done)
		return e;
	if (!is_stuck(&h) || ad_ledger_is_mailed(&h.entry))
		return end(desk, &h, "notice.not_stuck", NULL, ret, err);
	e = ad_desk_mail_notice(desk, number, &mailed, err);
	if (e == 0 && mailed == AD_DESK_MAILED)
		e = ad_store_ledger_settle(desk->db, desk->arena, number, "mail", "", err);
	if (e != 0)
		return e;
	return end(desk, &h, keys[mailed], mailed == AD_DESK_MAILED ? "notice.mailed" : NULL, ret,
		err);
}

int ad_desk_notice_install(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	bool pressed, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct handling h = { .who = who, .number = number, .pressed = pressed };
	bool done;
	int e = begin(desk, &h, ret, &done, err);
	if (e != 0 || done)
		return e;
	if (!desk->can_install)
		return end(desk, &h, "notice.cannot_install", NULL, ret, err);
	if (!is_stuck(&h) || !ad_text_eq(h.entry.state, "dead") ||
		ad_text_eq(h.entry.fallback, "waiting"))
		return end(desk, &h, "notice.not_stuck", NULL, ret, err);
	e = ad_store_ledger_settle(desk->db, desk->arena, number, "waiting", "", err);
	if (e == 0)
		e = ad_store_ledger_ask(desk->db, desk->arena, number, "install", err);
	return e == 0 ? end(desk, &h, "notice.installing", "notice.install_asked", ret, err) : e;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Telling people: outbox rows for messages and for changes of cards that are out there. */
#include "bundle.h"
#include "channel.h"
#include "parts.h"
#include "privacy.h"
#include "proposal.h"
#include "suggestion.h"
#include "verdict.h"
#include "ad/store/locales.h"
#include "ad/store/outbox.h"
#include "ad/teams/activity.h"
#include "ad/text.h"

#define NOTICES_FIRST 16u

void ad_notice_remember(struct ad_desk *desk, int64_t id)
{
	if (desk->notices == desk->notice_cap) {
		size_t cap = desk->notice_cap == 0 ? NOTICES_FIRST : 2 * desk->notice_cap;
		int64_t *ids = ad_alloc_array(desk->arena, cap, sizeof *ids);
		for (size_t i = 0; i < desk->notices; i++)
			ids[i] = desk->notice_ids[i];
		desk->notice_ids = ids;
		desk->notice_cap = cap;
	}
	desk->notice_ids[desk->notices++] = id;
}

static int print_activity(struct ad_desk *desk, const struct ad_json *card, const char *text,
	const char **ret, struct ad_err *err)
{
	struct ad_json *activity = card ? ad_activity_card(desk->arena, card, text)
					: ad_activity_text(desk->arena, text);
	return ad_activity_print(desk->arena, activity, ret, err);
}

static int print_notice(
	struct ad_desk *desk, const struct ad_notice *notice, const char **ret, struct ad_err *err)
{
	if (!notice->signin)
		return print_activity(desk, notice->card, notice->text, ret, err);
	return ad_activity_print(desk->arena,
		ad_activity_signin(desk->arena, notice->signin, notice->text), ret, err);
}

int ad_notice_post(struct ad_desk *desk, const struct ad_notice *notice,
	const struct ad_desk_place *place, struct ad_err *err)
{
	const char *activity;
	bool held = false;
	bool is_news = notice->optional || notice->digest;
	int e = is_news ? ad_news_hold(desk, notice, &held, err) : 0;
	if (e == 0 && !held)
		e = print_notice(desk, notice, &activity, err);
	if (e != 0 || held)
		return e;
	const char *role = notice->role ? notice->role : "view";
	const struct ad_outbox_new row = {
		.node_id = desk->node_id,
		.tenant_id = desk->tenant_id,
		.recipient_oid = notice->oid,
		.fact = notice->fact,
		.activity = activity,
		.card = notice->card ? role : "",
		.request_id = notice->request_id,
		.job_id = notice->job_id,
		.version = notice->version,
		.urgent = notice->urgent,
		.service_url = place ? place->service_url : "",
		.conversation_id = place ? place->conversation_id : "",
	};
	int64_t id;
	if (desk->gathered)
		return ad_store_outbox_add_later(
			desk->db, desk->arena, &row, ad_gathered_told(desk), err);
	e = ad_store_outbox_add(desk->db, desk->arena, &row, &id, err);
	if (e == 0 && id != 0)
		ad_notice_remember(desk, id);
	return e;
}

int ad_notice_send(struct ad_desk *desk, const struct ad_notice *notice, struct ad_err *err)
{
	return ad_notice_post(desk, notice, NULL, err);
}

int ad_notice_content(struct ad_desk *desk, const struct ad_desk_reply *content,
	struct ad_card_change *io_change, struct ad_err *err)
{
	return print_activity(desk, content->card, content->text, &io_change->activity, err);
}

int ad_notice_change(struct ad_desk *desk, const struct ad_card_change *changes, size_t count,
	struct ad_err *err)
{
	int64_t *ids;
	if (desk->gathered) {
		ad_gathered_change(desk, changes, count);
		return 0;
	}
	const struct ad_card_changes all = { desk->node_id, changes, count };
	int e = ad_store_copy_change(desk->db, desk->arena, &all, &ids, &count, err);
	for (size_t i = 0; e == 0 && i < count; i++)
		ad_notice_remember(desk, ids[i]);
	return e;
}

int ad_notice_show(struct ad_desk *desk, const struct ad_card_change *change,
	const struct ad_desk_reply *content, struct ad_err *err)
{
	struct ad_card_change full = *change;
	int e = ad_notice_content(desk, content, &full, err);
	return e == 0 ? ad_notice_change(desk, &full, 1, err) : e;
}

int ad_notice_hold(
	struct ad_desk *desk, int64_t id, struct ad_ledger_entry *ret, struct ad_err *err)
{
	struct ad_request request;
	int e = ad_store_ledger_get(desk->db, desk->arena, desk->tenant_id, id, ret, err);
	if (e == 0 && ret->request_id != 0)
		e = ad_store_request_lock(
			desk->db, desk->arena, desk->tenant_id, ret->request_id, &request, err);
	if (e == 0)
		e = ad_store_ledger_lock(desk->db, desk->arena, desk->tenant_id, id, ret, err);
	return e;
}

static int show_request(struct ad_desk *desk, const struct ad_ledger_entry *entry,
	const struct ad_person *who, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_request request;
	int e = ad_store_request_get(
		desk->db, desk->arena, desk->tenant_id, entry->request_id, &request, err);
	if (e != 0)
		return e;
	return ad_text_eq(entry->card, AD_CHANNEL_ROLE)
		       ? ad_channel_show(desk, &request, ret, err)
		       : ad_request_show_to(desk, who, &request, ret, err);
}

/* What a card shows may have changed since it was made, and its buttons may be too old. *ret->card
 * is NULL when nothing is shown that changes. */
static int show_again(struct ad_desk *desk, const struct ad_ledger_entry *entry,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_person person = { .oid = entry->recipient_oid,
		.name = entry->name,
		.mail = entry->mail,
		.is_approver = ad_text_eq(entry->card, "approval"),
		.is_admin = ad_text_eq(entry->card, "job") || ad_text_eq(entry->card, "proposal") ||
			    ad_text_eq(entry->card, "suggestion") ||
			    ad_text_eq(entry->card, AD_VERDICT_ROLE) ||
			    ad_text_eq(entry->card, "privacy") };
	*ret = (struct ad_desk_reply){ .role = "" };
	int e = ad_notice_locale(desk, person.oid, &person.locale, err);
	if (e != 0 || ad_text_empty(entry->card) || ad_text_eq(entry->card, "view"))
		return e;
	if (ad_text_eq(entry->card, "proposal"))
		return ad_proposal_show_now(desk, &person, entry->job_id, ret, err);
	if (ad_text_eq(entry->card, "suggestion"))
		return ad_suggestion_show_now(desk, &person, entry->job_id, ret, err);
	if (ad_text_eq(entry->card, AD_VERDICT_ROLE))
		return ad_trouble_show_now(desk, &person, entry->request_id, ret, err);
	if (ad_text_eq(entry->card, "privacy"))
		return ad_privacy_show_now(desk, &person, entry->job_id, ret, err);
	if (ad_text_eq(entry->card, "bundle"))
		return ad_bundle_show_now(desk, &person, entry->request_id, ret, err);
	if (person.is_admin)
		return ad_job_show_now(desk, &person, entry->job_id, ret, err);
	return show_request(desk, entry, &person, ret, err);
}

int ad_notice_resend(struct ad_desk *desk, const struct ad_ledger_entry *entry,
	const char *fallback, bool *ret_sent, struct ad_err *err)
{
	struct ad_desk_reply now;
	struct ad_ledger_resend resend = { .id = entry->id,
		.node_id = desk->node_id,
		.app_id = desk->bot_app_id,
		.fallback = fallback,
		.activity = "" };
	int e = show_again(desk, entry, &now, err);
	if (e == 0 && now.card)
		e = print_activity(desk, now.card, now.text, &resend.activity, err);
	if (e != 0)
		return e;
	resend.version = now.version;
	e = ad_store_ledger_resend(desk->db, desk->arena, &resend, ret_sent, err);
	if (e == 0 && *ret_sent)
		ad_notice_remember(desk, entry->id);
	return e;
}

int ad_notice_locale(struct ad_desk *desk, const char *oid, const char **ret, struct ad_err *err)
{
	const char *const *locales;
	int e = ad_store_locales_of(desk->db, desk->arena, desk->tenant_id, &oid, 1, &locales, err);
	if (e == 0)
		*ret = locales[0];
	return e;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The watch over notices, on the health thread: mails to operators what stops the bot itself (the
 * sender only leaves a note), and counts what did not arrive, for metrics.
 */
#include "ad/clock.h"
#include "ad/log.h"
#include "ad/store/ledger.h"
#include "ad/store/outbox.h"
#include "ad/text.h"
#include "service.h"

#define COUNT_MS 15000 /* between two counts */
#define HOUR_LEN 13    /* 2026-11-22T17: nodes that notice it in one hour write one mail */

void ad_notice_watch_start(struct ad_notice_watch *watch, struct ad_service *service)
{
	(void)pthread_mutex_init(&watch->lock, NULL);
	watch->service = service;
}

void ad_notice_watch_alarm(void *ctx, const struct ad_outbox_alarm *alarm)
{
	struct ad_notice_watch *watch = ctx;
	(void)pthread_mutex_lock(&watch->lock);
	struct ad_notice_alarm *note = &watch->alarms[alarm->kind];
	note->is_due = true;
	(void)snprintf(note->tenant_id, sizeof note->tenant_id, "%s", alarm->tenant_id);
	(void)snprintf(note->text, sizeof note->text, "%s", alarm->text);
	(void)pthread_mutex_unlock(&watch->lock);
}

void ad_notice_watch_sender(struct ad_notice_watch *watch, struct ad_outbox *outbox)
{
	if (!watch->service)
		return;
	(void)pthread_mutex_lock(&watch->lock);
	watch->outbox = outbox;
	(void)pthread_mutex_unlock(&watch->lock);
}

static int write_mail(struct ad_notice_watch *watch, struct ad_db *db, struct ad_arena *arena,
	enum ad_outbox_alarm_kind kind, const struct ad_notice_alarm *note, int64_t **ret_ids,
	size_t *ret_count, struct ad_err *err)
{
	const struct ad_service *s = watch->service;
	const char *name = ad_outbox_alarm_name(kind);
	const char *now = ad_clock_iso(arena, ad_clock_unix_ms() / 1000);
	struct ad_json *data = ad_json_new_object(arena);
	ad_json_set_str(arena, data, "tenant", note->tenant_id);
	ad_json_set_str(arena, data, "error", ad_utf8_clean(arena, note->text, false));
	struct ad_mail_alert alert = {
		.tenant_id = s->config->bot.tenant_id,
		.node_id = s->node_id,
		.fact = ad_printf(arena, "alarm.%s.%s.%.*s", name, note->tenant_id, HOUR_LEN, now),
		.to = s->config->mail.alert_to.item,
		.to_count = s->config->mail.alert_to.count,
	};
	int r = ad_cards_text(s->cards, arena, ad_printf(arena, "alarm.%s.subject", name), "", data,
		&alert.subject, err);
	if (r == 0)
		r = ad_cards_text(s->cards, arena, ad_printf(arena, "alarm.%s.text", name), "",
			data, &alert.text, err);
	return r == 0 ? ad_store_outbox_add_alert(
				db, arena, &s->key, &alert, ret_ids, ret_count, err)
		      : r;
}

/* Takes the note; it is put back when it could not be written, unless there is a newer one. */
static void tell(struct ad_notice_watch *watch, struct ad_db *db, struct ad_arena *arena,
	enum ad_outbox_alarm_kind kind)
{
	struct ad_err err = { 0 };
	int64_t *ids = NULL;
	size_t count = 0;
	(void)pthread_mutex_lock(&watch->lock);
	struct ad_notice_alarm note = watch->alarms[kind];
	watch->alarms[kind].is_due = false;
	(void)pthread_mutex_unlock(&watch->lock);
	if (!note.is_due)
		return;
	int r = write_mail(watch, db, arena, kind, &note, &ids, &count, &err);
	if (r != 0)
		ad_log_err(AD_LOG_WARN, "app", "operators could not be told", &err, "alarm",
			ad_outbox_alarm_name(kind), NULL);
	(void)pthread_mutex_lock(&watch->lock);
	if (r != 0 && err.class == AD_CLASS_TRANSIENT && !watch->alarms[kind].is_due)
		watch->alarms[kind] = note;
	else if (r == 0 && count > 0 && watch->outbox)
		ad_outbox_kick(watch->outbox, ids, count);
	(void)pthread_mutex_unlock(&watch->lock);
}

static void count_undelivered(
	struct ad_notice_watch *watch, struct ad_db *db, struct ad_arena *arena)
{
	struct ad_ledger_counts counts;
	struct ad_err err = { 0 };
	int64_t now = ad_clock_mono_ms();
	if (now < watch->next_count_ms)
		return;
	watch->next_count_ms = now + COUNT_MS;
	if (ad_store_ledger_count(db, arena, &counts, &err) != 0)
		return; /* the database's absence is told elsewhere */
	atomic_store(&watch->dead, counts.dead);
	atomic_store(&watch->ambiguous, counts.ambiguous);
	atomic_store(&watch->waiting, counts.waiting);
}

void ad_notice_watch_look(struct ad_notice_watch *watch, struct ad_db *db)
{
	if (!watch->service)
		return;
	struct ad_arena *arena = ad_arena_new();
	for (int kind = 0; kind < AD_OUTBOX_ALARMS; kind++)
		tell(watch, db, arena, (enum ad_outbox_alarm_kind)kind);
	count_undelivered(watch, db, arena);
	ad_arena_free(arena);
}

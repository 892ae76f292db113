/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settling: what an answer means for its row. Either the row gets a result, which ledger.c writes,
 * or something about the call is changed and it starts once more (each such change happens once).
 */
#include "sender.h"

#include "ad/clock.h"
#include "ad/fault.h"
#include "ad/log.h"
#include "ad/text.h"

#define RETRY_SPREAD_MS                                                           \
	500 /* added to the peer's Retry-After, so that not all come back at once \
	     */

static void finish(struct item *item, enum ad_outbox_state state, const char *text)
{
	item->result.id = item->row.id;
	item->result.revision = item->row.revision;
	item->result.state = state;
	item->result.maybe_sent = item->result.maybe_sent || item->row.maybe_sent;
	item->result.error = ad_strdup(item->arena, text);
	item->lane->is_busy = true; /* until it is written */
	item->next_finished = item->outbox->finished;
	item->outbox->finished = item;
}

void settle_again(struct item *item)
{
	item->lane->is_busy = false;
	item->lane->not_before_ms = 0;
}

int64_t settle_backoff_ms(const struct item *item)
{
	return ad_clock_backoff_ms(item->row.attempts + 1, item->outbox->config.backoff_base_ms,
		AD_OUTBOX_BACKOFF_MAX_MS);
}

/* An earlier attempt without an answer may have arrived: then "dead" would be a lie. */
void settle_dead(struct item *item, const char *why)
{
	finish(item, item->row.maybe_sent ? AD_OUTBOX_AMBIGUOUS : AD_OUTBOX_DEAD, why);
}

void settle_later(struct item *item, int64_t delay_ms, const char *why)
{
	item->result.delay_ms = delay_ms;
	finish(item, AD_OUTBOX_PENDING, why);
}

void settle_ambiguous(struct item *item, const char *why)
{
	item->result.maybe_sent = true;
	finish(item, AD_OUTBOX_AMBIGUOUS, why);
}

void settle_sent(struct item *item)
{
	item->result.maybe_sent = false;
	item->row.maybe_sent = false;
	finish(item, AD_OUTBOX_SENT, "");
}

int64_t settle_delay_ms(const struct item *item, int retry_after_s)
{
	int64_t delay_ms = settle_backoff_ms(item);
	int64_t asked_ms = (int64_t)retry_after_s * 1000;
	if (asked_ms > 0)
		asked_ms += ad_clock_backoff_ms(1, RETRY_SPREAD_MS, RETRY_SPREAD_MS);
	return asked_ms > delay_ms ? asked_ms : delay_ms;
}

/* The rows behind were read with what is wrong now. */
static void read_rest_again(struct item *item)
{
	lane_give_back_rest(item->outbox, item->lane);
	item->outbox->next_poll_ms = item->outbox->now_ms;
}

/* ---- references ---- */

static void keep_reference(struct item *item, const struct ad_reference *reference)
{
	struct ad_outbox *outbox = item->outbox;
	struct ad_err err = { 0 };
	item->reference = *reference;
	item->row.reference = ad_reference_print(item->arena, reference);
	item->row.reference_state = AD_CONV_ACTIVE;
	struct ad_store_conv conv = {
		.tenant_id = item->row.tenant_id,
		.oid = item->row.recipient_oid,
		.app_id = outbox->config.app_id,
		.conversation_id = reference->conversation_id,
		.reference = item->row.reference,
	};
	int rc = ad_store_conv_put(outbox->db, item->arena, &outbox->config.key, &conv, &err);
	/* Not written: the next message finds it out again, at the price of one call. */
	(void)ledger_went_well(outbox, rc, &err);
	read_rest_again(item);
}

static void mark_reference(struct item *item, const struct ad_connector_outcome *outcome)
{
	static const enum ad_conv_state states[] = {
		[AD_REFERENCE_KEEP] = AD_CONV_ACTIVE,
		[AD_REFERENCE_BLOCKED] = AD_CONV_BLOCKED,
		[AD_REFERENCE_REMOVED] = AD_CONV_REMOVED,
		[AD_REFERENCE_STALE] = AD_CONV_STALE,
	};
	struct ad_outbox *outbox = item->outbox;
	struct ad_err err = { 0 };
	bool is_channel = ad_conv_is_channel(item->row.recipient_oid);
	if (outcome->reference == AD_REFERENCE_KEEP || (!item->place.is_personal && !is_channel))
		return;
	item->result.is_unreachable = true;
	if (is_channel)
		return; /* the next card finds out whether the app is back */
	item->row.reference_state = states[outcome->reference];
	struct ad_store_conv conv = {
		.tenant_id = item->row.tenant_id,
		.oid = item->row.recipient_oid,
		.app_id = outbox->config.app_id,
		.state = states[outcome->reference],
		.last_error = outcome->text,
	};
	int rc = ad_store_conv_mark(outbox->db, item->arena, &conv, &err);
	(void)ledger_went_well(outbox, rc, &err);
	read_rest_again(item);
}

/* ---- one function per verdict ---- */

static void on_created(struct item *item, const struct ad_connector_outcome *outcome)
{
	const struct ad_outbox_config *config = &item->outbox->config;
	if (ad_text_empty(outcome->id)) {
		settle_dead(item, "the connector named no conversation");
		return;
	}
	struct ad_reference reference = {
		.tenant_id = item->row.tenant_id,
		.oid = item->row.recipient_oid,
		.user_id = item->row.reference ? item->reference.user_id : "",
		.bot_id = item->outbox->bot_id,
		.channel_id = "msteams",
		.service_url = item->place.service_url,
		.conversation_id = outcome->id,
		.locale = item->row.reference ? item->reference.locale : "",
	};
	if (ad_net_hosts_allow_url(
		    &config->hosts, outcome->service_url, config->allow_http_loopback))
		reference.service_url = outcome->service_url;
	item->is_host_changed = false;
	item->result.is_unreachable = false;
	keep_reference(item, &reference);
	settle_again(item);
}

static void on_done(struct item *item, const struct ad_connector_outcome *outcome)
{
	if (item->op == AD_CONNECTOR_CREATE) {
		on_created(item, outcome);
		return;
	}
	if (item->is_host_changed && item->place.is_personal) {
		struct ad_reference moved = item->reference;
		moved.service_url = item->place.service_url;
		keep_reference(item, &moved);
	}
	if (item->op == AD_CONNECTOR_SEND) {
		item->result.activity_id = outcome->id;
		item->result.copy = item->row.copy;
		item->result.service_url = item->place.service_url;
		item->result.conversation_id = item->place.conversation_id;
	}
	settle_sent(item);
}

static void on_retry(struct item *item, const struct ad_connector_outcome *outcome)
{
	int64_t asked_ms = (int64_t)outcome->retry_after_s * 1000;
	if (outcome->status == 429)
		COUNT(item->outbox, throttled);
	if (asked_ms > 0)
		pace_be_patient(item->outbox, item, asked_ms);
	settle_later(item, settle_delay_ms(item, outcome->retry_after_s), outcome->text);
}

/* Nobody of the tenant is written to until a single call gets through. */
static void hold_tenant(struct item *item, const struct ad_connector_outcome *outcome)
{
	struct tenant *tenant = item->lane->tenant;
	tenant->is_refused = true;
	item->result.is_held = true;
	tenant->hold_until_ms = item->outbox->now_ms + AD_OUTBOX_TENANT_HOLD_MS;
	settle_later(item, AD_OUTBOX_TENANT_HOLD_MS, outcome->text);
}

static void on_token(struct item *item, const struct ad_connector_outcome *outcome)
{
	COUNT(item->outbox, token_drops);
	ad_token_drop(item->outbox->config.token, item->token);
	if (item->is_token_new) {
		/* Not a matter of age: our registration or credential is wrong. Notices wait for
		 * the operator. */
		alarm_raise(item, AD_OUTBOX_ALARM_REGISTRATION, outcome);
		if (ad_text_eq(outcome->code, "BotNotRegistered"))
			hold_tenant(item, outcome);
		else
			settle_later(item, settle_backoff_ms(item), outcome->text);
		return;
	}
	item->is_token_new = true;
	settle_again(item);
}

/* A message may be there already. It is repeated once, much later: Teams shows a late one, and a
 * card twice is harmless (its buttons work once). */
static void on_unknown(struct item *item, const struct ad_connector_outcome *outcome)
{
	int64_t asked_ms = (int64_t)outcome->retry_after_s * 1000;
	int64_t delay_ms = item->outbox->config.ambiguous_ms;
	if (item->row.maybe_sent) {
		finish(item, AD_OUTBOX_AMBIGUOUS, outcome->text);
		return;
	}
	item->result.maybe_sent = true;
	settle_later(item, asked_ms > delay_ms ? asked_ms : delay_ms, outcome->text);
}

static void on_wrong_host(struct item *item, const struct ad_connector_outcome *outcome)
{
	if (item->is_host_changed) {
		settle_dead(item, outcome->text);
		return;
	}
	item->is_host_changed = true;
	settle_again(item);
}

static void on_too_big(struct item *item, const struct ad_connector_outcome *outcome)
{
	if (item->reduction == TEXT_ONLY || item->op == AD_CONNECTOR_CREATE) {
		settle_dead(item, outcome->text);
		return;
	}
	item->reduction++;
	settle_again(item);
}

static void on_no_activity(struct item *item, const struct ad_connector_outcome *outcome)
{
	(void)outcome;
	item->is_new_message = true;
	settle_again(item);
}

/* Created anew once, by the object id; what was to be changed is sent as new there. When that does
 * not help, the person cannot be reached (product E13). */
static void on_no_conversation(struct item *item, const struct ad_connector_outcome *outcome)
{
	mark_reference(item, outcome);
	if (item->is_recreated || !item->place.is_personal) {
		settle_dead(item, outcome->text);
		return;
	}
	item->is_recreated = true;
	item->is_new_message = item->row.kind == AD_OUTBOX_UPDATE;
	settle_again(item);
}

static void on_tenant_blocked(struct item *item, const struct ad_connector_outcome *outcome)
{
	alarm_raise(item, AD_OUTBOX_ALARM_POLICY, outcome);
	hold_tenant(item, outcome);
}

static void on_dead(struct item *item, const struct ad_connector_outcome *outcome)
{
	/* A conversation that cannot be made is a matter of the person, not of this message. */
	if (item->op == AD_CONNECTOR_CREATE)
		item->result.is_unreachable = true;
	mark_reference(item, outcome);
	settle_dead(item, outcome->text);
}

static void on_refused(struct item *item, const struct ad_connector_outcome *outcome)
{
	bool is_permission = outcome->status == 403;
	alarm_raise(item, is_permission ? AD_OUTBOX_ALARM_PERMISSION : AD_OUTBOX_ALARM_MALFORMED,
		outcome);
	settle_dead(item, outcome->text);
}

/* Whether the answer shows that the tenant takes the bot, whatever else it says. */
static bool is_taken(enum ad_connector_verdict verdict)
{
	return verdict != AD_CONNECTOR_RETRY && verdict != AD_CONNECTOR_TOKEN &&
	       verdict != AD_CONNECTOR_UNKNOWN && verdict != AD_CONNECTOR_TENANT_BLOCKED;
}

void settle_done(
	void *ctx, int rc, const struct ad_net_response *response, const struct ad_err *err)
{
	static void (*const verdicts[])(struct item *, const struct ad_connector_outcome *) = {
		[AD_CONNECTOR_DONE] = on_done,
		[AD_CONNECTOR_RETRY] = on_retry,
		[AD_CONNECTOR_TOKEN] = on_token,
		[AD_CONNECTOR_UNKNOWN] = on_unknown,
		[AD_CONNECTOR_WRONG_HOST] = on_wrong_host,
		[AD_CONNECTOR_TOO_BIG] = on_too_big,
		[AD_CONNECTOR_NO_ACTIVITY] = on_no_activity,
		[AD_CONNECTOR_NO_CONVERSATION] = on_no_conversation,
		[AD_CONNECTOR_TENANT_BLOCKED] = on_tenant_blocked,
		[AD_CONNECTOR_REFUSED] = on_refused,
		[AD_CONNECTOR_DEAD] = on_dead,
	};
	struct item *item = ctx;
	struct ad_connector_outcome outcome;
	if (AD_FAULT("outbox.after.send"))
		rc = AD_EAMBIGUOUS;
	ad_connector_judge(item->arena, item->op, rc, response, err, &outcome);
	item->status = outcome.status;
	item->correlation_id = outcome.correlation_id;
	if (is_taken(outcome.verdict))
		alarm_clear(item->lane->tenant);
	verdicts[outcome.verdict](item, &outcome);
}

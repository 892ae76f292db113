/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mail: from a row to a mail under way, by Graph or by SMTP. Unlike a message in a chat, a mail is
 * never repeated when it may have arrived: its row says so before it leaves, and whoever finds such
 * a row without an end calls it ambiguous. One mailbox sends all mails, so its limits are those of
 * all lanes together, and little of what waits for it is kept in memory.
 */
#include "sender.h"

#include "ad/fault.h"
#include "ad/graph/mail.h"
#include "ad/log.h"
#include "ad/text.h"

/* ---- start ---- */

/* Graph's own host, as an entry of a list of hosts. */
static int open_graph(struct ad_outbox *outbox, struct ad_err *err)
{
	struct ad_arena *arena = outbox->config_arena;
	const char **entry = ad_alloc(arena, sizeof *entry);
	struct ad_net_url url;
	if (!outbox->config.mail.token)
		return AD_FAIL(err, AD_ECONFIG, "mail by Graph needs a token");
	int rc = ad_net_url_parse(arena, outbox->config.mail.graph_base_url, &url, err);
	if (rc != 0)
		return rc;
	bool is_v6 = strchr(url.host, ':') != NULL;
	*entry = ad_printf(
		arena, "%s%s%s:%d", is_v6 ? "[" : "", url.host, is_v6 ? "]" : "", url.port);
	outbox->mailbox.hosts = (struct ad_net_hosts){ .exact = entry, .exact_count = 1 };
	return 0;
}

int mail_open(struct ad_outbox *outbox, struct ad_err *err)
{
	pace_start_mail(outbox);
	if (outbox->config.mail.transport == AD_OUTBOX_MAIL_GRAPH)
		return open_graph(outbox, err);
	if (outbox->config.mail.transport == AD_OUTBOX_MAIL_SMTP)
		return smtp_open(outbox, err);
	return 0;
}

/* ---- what became of it ---- */

void mail_ended(struct item *item)
{
	item->outbox->mailbox.under_way--;
}

void mail_refused(struct item *item, const char *why)
{
	struct mailbox *mailbox = &item->outbox->mailbox;
	if (mailbox->is_refused)
		return;
	mailbox->is_refused = true;
	COUNT(item->outbox, alarms);
	ad_log(AD_LOG_ERROR, "outbox",
		"mail cannot be sent: check the configuration's section mail", "error", why, NULL);
}

/* ---- Graph ---- */

static void on_graph_token(struct item *item, const struct ad_graph_mail_outcome *outcome)
{
	COUNT(item->outbox, token_drops);
	ad_token_drop(item->outbox->config.mail.token, item->token);
	if (item->is_token_new) {
		mail_refused(item, outcome->text);
		settle_later(item, settle_backoff_ms(item), outcome->text);
		return;
	}
	item->is_token_new = true;
	settle_again(item);
}

/* The limit is the mailbox's, so no mail leaves before that. */
static void on_graph_retry(struct item *item, const struct ad_graph_mail_outcome *outcome)
{
	struct ad_outbox *outbox = item->outbox;
	int64_t until_ms = outbox->now_ms + (int64_t)outcome->retry_after_s * 1000;
	if (outcome->status == 429)
		COUNT(outbox, throttled);
	if (outcome->retry_after_s > 0 && until_ms > outbox->mailbox.not_before_ms)
		outbox->mailbox.not_before_ms = until_ms;
	settle_later(item, settle_delay_ms(item, outcome->retry_after_s), outcome->text);
}

static void on_graph_done(
	void *ctx, int rc, const struct ad_net_response *response, const struct ad_err *err)
{
	struct item *item = ctx;
	struct ad_graph_mail_outcome outcome;
	mail_ended(item);
	if (AD_FAULT("outbox.after.mail"))
		rc = AD_EAMBIGUOUS;
	ad_graph_mail_judge(item->arena, rc, response, err, &outcome);
	item->status = outcome.status;
	item->correlation_id = outcome.request_id;
	switch (outcome.verdict) {
	case AD_GRAPH_MAIL_DONE:
		item->outbox->mailbox.is_refused = false;
		settle_sent(item);
		break;
	case AD_GRAPH_MAIL_TOKEN:
		on_graph_token(item, &outcome);
		break;
	case AD_GRAPH_MAIL_RETRY:
		on_graph_retry(item, &outcome);
		break;
	case AD_GRAPH_MAIL_UNKNOWN:
		settle_ambiguous(item, outcome.text);
		break;
	case AD_GRAPH_MAIL_REFUSED:
		mail_refused(item, outcome.text);
		settle_dead(item, outcome.text);
		break;
	case AD_GRAPH_MAIL_DEAD:
	default:
		settle_dead(item, outcome.text);
		break;
	}
}

static int build_graph(struct item *item, struct ad_net_request *ret, struct ad_err *err)
{
	const struct ad_outbox_config *config = &item->outbox->config;
	const struct ad_outbox_mail *mail = item->row.mail;
	const struct ad_graph_mail call = {
		.base_url = config->mail.graph_base_url,
		.from = config->mail.from,
		.token = item->token,
		.to = mail->to,
		.subject = mail->subject,
		.text = mail->text,
		.html = mail->html,
		.allow_http_loopback = config->allow_http_loopback,
	};
	int rc = ad_graph_mail_request(item->arena, &call, ret, err);
	if (rc == 0 && config->mail.total_ms > 0)
		ret->total_ms = config->mail.total_ms;
	return rc;
}

static void send_graph(struct item *item)
{
	struct ad_outbox *outbox = item->outbox;
	struct ad_net_request request;
	struct ad_err err = { 0 };
	int rc = build_graph(item, &request, &err);
	if (rc == 0)
		rc = ad_net_multi_add(outbox->multi, &request, on_graph_done, item, &err);
	if (rc == 0) {
		pace_take_mail(outbox);
		outbox->mailbox.under_way++;
	} else {
		settle_dead(item, err.text);
	}
}

/* False when there is none yet: the item waits, or was settled. Host before token. */
static bool get_graph_token(struct item *item)
{
	struct ad_outbox *outbox = item->outbox;
	const struct ad_outbox_config *config = &outbox->config;
	struct ad_err err = { 0 };
	char *token = NULL;
	if (!ad_net_hosts_allow_url(&outbox->mailbox.hosts, config->mail.graph_base_url,
		    config->allow_http_loopback)) {
		COUNT(outbox, refused_hosts);
		settle_dead(item, "graph.base_url is not an https address");
		return false;
	}
	int rc = ad_token_get(config->mail.token, item->arena, 0, &token, &err);
	if (rc == 0) {
		item->token = token;
		return true;
	}
	if (rc == AD_EBUSY)
		item->lane->not_before_ms = outbox->now_ms + TOKEN_WAIT_MS;
	else
		settle_later(item, settle_backoff_ms(item),
			ad_printf(item->arena, "no token: %s", err.text));
	return false;
}

/* ---- one mail ---- */

/* True when the item has an end without leaving. */
static bool ends_here(struct item *item)
{
	if (item->row.maybe_sent)
		settle_ambiguous(item, "its node ended while the mail was under way");
	else if (item->outbox->config.mail.transport == AD_OUTBOX_MAIL_OFF)
		settle_dead(item, "mail is off: mail.transport is empty");
	else if (!item->row.mail)
		settle_dead(item, "the mail cannot be opened: it was sealed with another "
				  "security.reference_key");
	else
		return false;
	return true;
}

static int64_t wait_ms(struct ad_outbox *outbox)
{
	if (outbox->mailbox.under_way >= AD_OUTBOX_MAIL_AT_ONCE)
		return MAIL_ROOM_MS;
	return outbox->config.mail.transport == AD_OUTBOX_MAIL_GRAPH ? pace_wait_mail(outbox) : 0;
}

/* The row says from now on that the mail may have been sent. False: not ours any more (it is
 * dropped when that is found out at the next renewal), or the database does not answer. */
static bool begin(struct item *item)
{
	struct ad_outbox *outbox = item->outbox;
	struct ad_err err = { 0 };
	bool is_ours = false;
	int rc = ad_store_outbox_begin_mail(
		outbox->db, outbox->arena, outbox->node.node_id, item->row.id, &is_ours, &err);
	if (ledger_went_well(outbox, rc, &err) && is_ours)
		return true;
	item->lane->not_before_ms = outbox->now_ms + DATABASE_PAUSE_MS;
	if (rc == 0)
		outbox->next_renew_ms = outbox->now_ms;
	return false;
}

void mail_start(struct item *item)
{
	struct ad_outbox *outbox = item->outbox;
	bool is_graph = outbox->config.mail.transport == AD_OUTBOX_MAIL_GRAPH;
	if (ends_here(item))
		return;
	int64_t delay_ms = wait_ms(outbox);
	if (delay_ms > 0) {
		item->lane->not_before_ms = outbox->now_ms + delay_ms;
		return;
	}
	if (is_graph && !get_graph_token(item))
		return;
	if (AD_FAULT("outbox.before.mail")) {
		settle_later(item, settle_backoff_ms(item), "fault point outbox.before.mail");
		return;
	}
	if (!begin(item))
		return;
	item->lane->is_busy = true;
	if (is_graph)
		send_graph(item);
	else
		smtp_send(item);
}

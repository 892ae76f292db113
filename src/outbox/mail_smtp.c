/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mail by SMTP: a few mailers, each with a thread, because libcurl waits inside a mail (see
 * ad/net/mailer.h) and the sender must not. What goes to them owns copies of all that it needs, and
 * what comes back is settled on the sender's thread.
 */
#include "sender.h"

#include "ad/clock.h"
#include "ad/crypto.h"
#include "ad/fault.h"
#include "ad/text.h"

#define CLOSE_MS 3000 /* cancelled mailers end within about a second */
#define ID_BYTES 8    /* of the digest that makes a Message-ID ours */

/* One mail on its way through a mailer. */
struct dispatch {
	struct ad_done_item link; /* first: how it comes back */
	struct ad_arena *arena;   /* of this struct and all that it points to */
	struct ad_outbox *outbox;
	struct item *item; /* for the sender's thread alone */
	struct ad_net_mail mail;
	int rc;
	struct ad_mailer_answer answer;
	struct ad_err err;
};

/* ---- the password ---- */

static const char *current_password(struct mailbox *mailbox, struct ad_arena *arena)
{
	(void)pthread_mutex_lock(&mailbox->lock);
	const char *copy = ad_strdup(arena, mailbox->password);
	(void)pthread_mutex_unlock(&mailbox->lock);
	return copy;
}

/* The server refused the one that we know: it may have been rotated. For the next mail. */
static void renew_password(struct ad_outbox *outbox)
{
	struct mailbox *mailbox = &outbox->mailbox;
	const struct ad_outbox_mail_config *config = &outbox->config.mail;
	struct ad_arena *arena = ad_arena_new();
	const char *password = NULL;
	if (config->renew && config->renew(config->renew_ctx, arena, &password, NULL) == 0) {
		struct ad_arena *old;
		(void)pthread_mutex_lock(&mailbox->lock);
		old = mailbox->password_arena;
		mailbox->password_arena = arena;
		mailbox->password = password;
		(void)pthread_mutex_unlock(&mailbox->lock);
		arena = old;
	}
	ad_arena_free(arena);
}

/* ---- the mailers' threads ---- */

static void *open_worker(void *ctx, size_t index)
{
	struct ad_outbox *outbox = ctx;
	return outbox->mailbox.mailers[index];
}

static void hand_back(struct dispatch *dispatch)
{
	struct ad_outbox *outbox = dispatch->outbox;
	ad_done_push(outbox->mailbox.done, &dispatch->link);
	ad_net_multi_wakeup(outbox->multi);
}

static void run_dispatch(void *worker, void *task)
{
	struct dispatch *dispatch = task;
	struct mailbox *mailbox = &dispatch->outbox->mailbox;
	dispatch->mail.password = current_password(mailbox, dispatch->arena);
	dispatch->rc = ad_mailer_send(
		worker, dispatch->arena, &dispatch->mail, &dispatch->answer, &dispatch->err);
	if (dispatch->rc == 0 && dispatch->answer.status >= 400 &&
		dispatch->answer.stage == AD_MAILER_CONNECT)
		renew_password(dispatch->outbox);
	hand_back(dispatch);
}

static void drop_dispatch(void *ctx, void *task)
{
	struct dispatch *dispatch = task;
	(void)ctx;
	dispatch->rc = AD_FAIL(&dispatch->err, AD_EUNAVAIL, "mail: stopping");
	hand_back(dispatch);
}

int smtp_open(struct ad_outbox *outbox, struct ad_err *err)
{
	struct mailbox *mailbox = &outbox->mailbox;
	const struct ad_pool_config config = {
		.name = "mailer",
		.workers = AD_OUTBOX_MAIL_AT_ONCE,
		.queue_max = AD_OUTBOX_MAIL_AT_ONCE,
		.ctx = outbox,
		.open = open_worker,
		.run = run_dispatch,
		.drop = drop_dispatch,
	};
	const char *ca = outbox->config.mail.smtp_ca;
	if (*ca && access(ca, R_OK) != 0)
		return AD_FAIL(err, AD_ECONFIG, "mail.smtp_ca: %s cannot be read", ca);
	(void)pthread_mutex_init(&mailbox->lock, NULL);
	mailbox->password_arena = ad_arena_new();
	mailbox->password = ad_strdup(mailbox->password_arena, outbox->config.mail.smtp_password);
	for (size_t i = 0; i < AD_OUTBOX_MAIL_AT_ONCE; i++)
		mailbox->mailers[i] = ad_mailer_new();
	int rc = ad_done_new(&mailbox->done, err);
	return rc == 0 ? ad_pool_new(&config, &mailbox->pool, err) : rc;
}

/* ---- sending ---- */

/* The same for each try of a row, so that a mail that comes twice can be told as one: from the row
 * and the host of our address. */
static const char *message_id(struct ad_arena *arena, const struct item *item, const char *from)
{
	uint8_t digest[AD_SHA256_LEN];
	const char *row = ad_printf(
		arena, "%s\n%s\n%s", item->row.tenant_id, item->row.recipient_oid, item->row.fact);
	ad_sha256(row, strlen(row), digest);
	return ad_printf(arena, "appdesk.%lld.%s%s", (long long)item->row.id,
		ad_hex(arena, digest, ID_BYTES), strchr(from, '@'));
}

void smtp_send(struct item *item)
{
	struct ad_outbox *outbox = item->outbox;
	const struct ad_outbox_mail_config *config = &outbox->config.mail;
	const struct ad_outbox_mail *mail = item->row.mail;
	struct ad_arena *arena = ad_arena_new();
	struct dispatch *dispatch = ad_alloc(arena, sizeof *dispatch);
	*dispatch = (struct dispatch){ .arena = arena, .outbox = outbox, .item = item };
	dispatch->mail = (struct ad_net_mail){
		.url = config->smtp_url,
		.ca_file = config->smtp_ca,
		.user = config->smtp_user,
		.from = config->from,
		.to = ad_strdup(arena, mail->to),
		.subject = ad_strdup(arena, mail->subject),
		.message_id = message_id(arena, item, config->from),
		.date_s = ad_clock_unix_ms() / 1000,
		.text = ad_strdup(arena, mail->text),
		.html = ad_strdup(arena, mail->html),
		.total_ms = config->total_ms,
		.allow_plain_loopback = outbox->config.allow_http_loopback,
	};
	if (ad_pool_submit(outbox->mailbox.pool, dispatch) != 0) {
		ad_arena_free(arena);
		settle_later(item, settle_backoff_ms(item), "mail: no mailer is free");
		return;
	}
	outbox->mailbox.under_way++;
}

/* ---- settling ---- */

/* Whether the server refuses us rather than this mail, and will do so again. */
static bool is_ours_to_mend(const struct ad_mailer_answer *answer)
{
	return answer->stage == AD_MAILER_CONNECT && answer->status >= 500;
}

static void settle_reply(struct item *item, const struct ad_mailer_answer *answer)
{
	bool is_ours = is_ours_to_mend(answer);
	const char *text = ad_printf(item->arena, "mail server: %d %s", answer->status,
		is_ours ? "at its greeting or our login: check mail.smtp_url, mail.smtp_user and "
			  "mail.smtp_password"
			: answer->text);
	if (answer->status < 400) {
		item->outbox->mailbox.is_refused = false;
		settle_sent(item);
	} else if (is_ours || answer->status < 500) {
		if (is_ours)
			mail_refused(item, text);
		settle_later(item, settle_backoff_ms(item), text);
	} else {
		settle_dead(item, text);
	}
}

static void settle_silence(struct item *item, int rc, const struct ad_err *err)
{
	if (rc == AD_EAMBIGUOUS) {
		settle_ambiguous(item, err->text);
	} else if (rc == AD_EINVAL || rc == AD_EBUG) {
		settle_dead(item, err->text);
	} else {
		if (rc == AD_EAUTH || rc == AD_ECONFIG || rc == AD_EDENIED)
			mail_refused(item, err->text);
		settle_later(item, settle_backoff_ms(item), err->text);
	}
}

static void settle_dispatch(const struct dispatch *dispatch)
{
	struct item *item = dispatch->item;
	int rc = dispatch->rc;
	mail_ended(item);
	if (AD_FAULT("outbox.after.mail"))
		rc = AD_EAMBIGUOUS;
	item->status = dispatch->answer.status;
	if (rc == 0)
		settle_reply(item, &dispatch->answer);
	else
		settle_silence(item, rc, &dispatch->err);
}

void smtp_collect(struct ad_outbox *outbox)
{
	if (!outbox->mailbox.done)
		return;
	struct ad_done_item *link = ad_done_take(outbox->mailbox.done);
	while (link) {
		struct dispatch *dispatch = (struct dispatch *)(void *)link;
		link = link->next;
		settle_dispatch(dispatch);
		ad_arena_free(dispatch->arena);
	}
}

void smtp_close(struct ad_outbox *outbox)
{
	struct mailbox *mailbox = &outbox->mailbox;
	if (!mailbox->password_arena)
		return;
	for (size_t i = 0; i < AD_OUTBOX_MAIL_AT_ONCE; i++)
		ad_mailer_cancel(mailbox->mailers[i]);
	if (mailbox->pool)
		(void)!ad_pool_stop(mailbox->pool, CLOSE_MS, NULL);
	smtp_collect(outbox);
	ad_pool_free(mailbox->pool);
	ad_done_free(mailbox->done);
	for (size_t i = 0; i < AD_OUTBOX_MAIL_AT_ONCE; i++)
		ad_mailer_free(mailbox->mailers[i]);
	ad_arena_free(mailbox->password_arena);
	(void)pthread_mutex_destroy(&mailbox->lock);
	mailbox->pool = NULL;
	mailbox->done = NULL;
	mailbox->password_arena = NULL;
}

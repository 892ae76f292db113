/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sender's door and its loop. Other threads only leave notes (ids, wake, stop) under a lock
 * and wake the loop; everything else is the sender thread's own.
 */
#include "sender.h"

#include "ad/clock.h"
#include "ad/log.h"
#include "ad/text.h"
#include "ad/work.h"

#define ROUND_MAX_MS 1000 /* longest wait of one round; keeps leases alive */

/* ---- start ---- */

static const char *const *copy_list(struct ad_arena *arena, const char *const *list, size_t count)
{
	const char **copy = ad_alloc_array(arena, count, sizeof *copy);
	for (size_t i = 0; i < count; i++)
		copy[i] = ad_strdup(arena, list[i]);
	return copy;
}

static int or_default(int value, int otherwise)
{
	return value > 0 ? value : otherwise;
}

static const char *copy_text(struct ad_arena *arena, const char *text)
{
	return ad_strdup(arena, text ? text : "");
}

static void copy_mail_config(struct ad_arena *arena, struct ad_outbox_mail_config *mail)
{
	mail->from = copy_text(arena, mail->from);
	mail->graph_base_url = copy_text(arena, mail->graph_base_url);
	mail->smtp_url = copy_text(arena, mail->smtp_url);
	mail->smtp_ca = copy_text(arena, mail->smtp_ca);
	mail->smtp_user = copy_text(arena, mail->smtp_user);
	mail->smtp_password = copy_text(arena, mail->smtp_password);
}

static struct ad_outbox_config copy_config(
	struct ad_arena *arena, const struct ad_outbox_config *from)
{
	struct ad_outbox_config c = *from;
	c.node_id = ad_strdup(arena, from->node_id);
	c.app_id = ad_strdup(arena, from->app_id);
	c.service_url = ad_strdup(arena, from->service_url ? from->service_url : "");
	copy_mail_config(arena, &c.mail);
	c.key.id = ad_strdup(arena, from->key.id);
	c.hosts.exact = copy_list(arena, from->hosts.exact, from->hosts.exact_count);
	c.hosts.suffixes = copy_list(arena, from->hosts.suffixes, from->hosts.suffixes_count);
	c.total_ms = or_default(from->total_ms, AD_CONNECTOR_TOTAL_MS);
	c.poll_ms = or_default(from->poll_ms, AD_OUTBOX_POLL_MS);
	c.give_up_s = or_default(from->give_up_s, AD_OUTBOX_GIVE_UP_S);
	c.ambiguous_ms = or_default(from->ambiguous_ms, AD_OUTBOX_AMBIGUOUS_MS);
	c.backoff_base_ms = or_default(from->backoff_base_ms, AD_OUTBOX_BACKOFF_BASE_MS);
	c.tenant_per_s = or_default(from->tenant_per_s, AD_OUTBOX_TENANT_PER_S);
	c.in_flight_max = or_default(from->in_flight_max, AD_OUTBOX_IN_FLIGHT_MAX);
	return c;
}

static void free_outbox(struct ad_outbox *outbox)
{
	smtp_close(outbox);
	ad_db_close(outbox->db);
	ad_net_multi_free(outbox->multi);
	ad_arena_free(outbox->config_arena);
	ad_arena_free(outbox->arena);
	(void)pthread_mutex_destroy(&outbox->lock);
	free(outbox->kicks);
	free(outbox->give_back);
	free(outbox);
}

static void *run(void *arg);

int ad_outbox_start(
	const struct ad_outbox_config *config, struct ad_outbox **ret, struct ad_err *err)
{
	if (ad_text_empty(config->node_id) || ad_text_empty(config->app_id) || !config->token)
		return AD_FAIL(err, AD_ECONFIG, "the sender needs a node, an app id and a token");
	const struct ad_db_options options = { .application_name = "appdesk-sender" };
	struct ad_outbox *outbox = ad_xalloc(sizeof *outbox);
	outbox->db = ad_db_open_shared(config->database, &options);
	outbox->config_arena = ad_arena_new();
	outbox->arena = ad_arena_new();
	outbox->kicks = ad_xalloc(KICKS_MAX * sizeof *outbox->kicks);
	outbox->give_back = ad_xalloc(HELD_MAX * sizeof *outbox->give_back);
	outbox->now_ms = ad_clock_mono_ms();
	outbox->config = copy_config(outbox->config_arena, config);
	outbox->bot_id = ad_printf(outbox->config_arena, "28:%s", config->app_id);
	outbox->node = (struct ad_outbox_node){ outbox->config.node_id, outbox->config.app_id,
		&outbox->config.key };
	struct ad_net_multi_config net = { .connections_max = outbox->config.in_flight_max,
		.host_connections_max = outbox->config.in_flight_max };
	outbox->multi = ad_net_multi_new(&net);
	(void)pthread_mutex_init(&outbox->lock, NULL);
	int rc = mail_open(outbox, err);
	if (rc == 0)
		rc = ad_thread_start(&outbox->thread, "sender", run, outbox, err);
	if (rc != 0) {
		free_outbox(outbox);
		return rc;
	}
	*ret = outbox;
	return 0;
}

/* ---- notes from other threads ---- */

void ad_outbox_kick(struct ad_outbox *outbox, const int64_t *ids, size_t count)
{
	(void)pthread_mutex_lock(&outbox->lock);
	/* What does not fit is found when its lease is over. */
	for (size_t i = 0; i < count && outbox->kicks_count < KICKS_MAX; i++)
		if (ids[i] > 0)
			outbox->kicks[outbox->kicks_count++] = ids[i];
	(void)pthread_mutex_unlock(&outbox->lock);
	ad_net_multi_wakeup(outbox->multi);
}

void ad_outbox_wake(struct ad_outbox *outbox)
{
	(void)pthread_mutex_lock(&outbox->lock);
	outbox->is_woken = true;
	(void)pthread_mutex_unlock(&outbox->lock);
	ad_net_multi_wakeup(outbox->multi);
}

void ad_outbox_get_metrics(struct ad_outbox *outbox, struct ad_outbox_metrics *ret)
{
	struct counters *c = &outbox->counters;
	*ret = (struct ad_outbox_metrics){
		.sent = atomic_load(&c->sent),
		.mailed = atomic_load(&c->mailed),
		.updated = atomic_load(&c->updated),
		.retried = atomic_load(&c->retried),
		.ambiguous = atomic_load(&c->ambiguous),
		.dead = atomic_load(&c->dead),
		.refused_hosts = atomic_load(&c->refused_hosts),
		.throttled = atomic_load(&c->throttled),
		.token_drops = atomic_load(&c->token_drops),
		.database_errors = atomic_load(&c->database_errors),
		.alarms = atomic_load(&c->alarms),
		.in_flight = atomic_load(&c->in_flight),
		.held = atomic_load(&c->held),
	};
}

/* ---- the loop ---- */

static bool database_rests(const struct ad_outbox *outbox)
{
	return outbox->now_ms < outbox->database_pause_until_ms;
}

struct notes {
	const int64_t *kicks; /* in the round's arena */
	size_t kicks_count;
	bool is_stopping;
	int stop_deadline_ms;
};

/* The kicked ids stay where they are while the database cannot be asked. */
static struct notes take_notes(struct ad_outbox *outbox)
{
	struct notes notes = { 0 };
	(void)pthread_mutex_lock(&outbox->lock);
	notes.is_stopping = outbox->is_stopping;
	notes.stop_deadline_ms = outbox->stop_deadline_ms;
	if (outbox->is_woken)
		outbox->next_poll_ms = outbox->now_ms;
	outbox->is_woken = false;
	if (!database_rests(outbox) && outbox->kicks_count > 0) {
		notes.kicks_count = outbox->kicks_count;
		notes.kicks = ad_memdup(
			outbox->arena, outbox->kicks, notes.kicks_count * sizeof *outbox->kicks);
		outbox->kicks_count = 0;
	}
	(void)pthread_mutex_unlock(&outbox->lock);
	return notes;
}

static int64_t poll_at_ms(const struct ad_outbox *outbox)
{
	return outbox->next_poll_ms > outbox->claim_after_ms ? outbox->next_poll_ms
							     : outbox->claim_after_ms;
}

static void use_database(struct ad_outbox *outbox, const struct notes *notes)
{
	if (outbox->finished && !database_rests(outbox) && outbox->now_ms >= outbox->next_record_ms)
		ledger_record(outbox);
	if (notes->kicks_count > 0 && !ledger_load(outbox, notes->kicks, notes->kicks_count))
		ad_outbox_kick(outbox, notes->kicks, notes->kicks_count);
	if (!database_rests(outbox))
		ledger_give_back(outbox);
	if (!database_rests(outbox) && outbox->now_ms >= outbox->next_renew_ms)
		ledger_renew(outbox);
	if (!notes->is_stopping && !database_rests(outbox) && outbox->now_ms >= poll_at_ms(outbox))
		ledger_claim(outbox);
}

/* How long the round may wait for the network at most. */
static int wait_of_round(const struct ad_outbox *outbox, bool is_stopping)
{
	int64_t at_ms = outbox->now_ms + ROUND_MAX_MS;
	if (!is_stopping && poll_at_ms(outbox) < at_ms)
		at_ms = poll_at_ms(outbox);
	if (outbox->finished && outbox->next_record_ms < at_ms)
		at_ms = outbox->next_record_ms;
	if (database_rests(outbox) && at_ms < outbox->database_pause_until_ms)
		at_ms = outbox->database_pause_until_ms;
	return at_ms > outbox->now_ms ? (int)(at_ms - outbox->now_ms) : 0;
}

static void move_network(struct ad_outbox *outbox, bool is_stopping)
{
	struct ad_err err = { 0 };
	int lanes_ms = delivery_start_ready(outbox, ROUND_MAX_MS);
	int wait_ms = wait_of_round(outbox, is_stopping);
	atomic_store_explicit(&outbox->counters.in_flight, ad_net_multi_count(outbox->multi),
		memory_order_relaxed);
	if (ad_net_multi_poll(outbox->multi, lanes_ms < wait_ms ? lanes_ms : wait_ms, &err) != 0)
		ad_log_err(AD_LOG_ERROR, "outbox", "polling the network failed", &err, NULL);
}

static void *run(void *arg)
{
	struct ad_outbox *outbox = arg;
	int64_t stop_at_ms = 0;
	int64_t sweep_at_ms = outbox->now_ms + LANE_IDLE_MS;
	for (;;) {
		ad_arena_reset(outbox->arena);
		outbox->now_ms = ad_clock_mono_ms();
		struct notes notes = take_notes(outbox);
		if (notes.is_stopping && stop_at_ms == 0)
			stop_at_ms = outbox->now_ms + notes.stop_deadline_ms;
		smtp_collect(outbox);
		use_database(outbox, &notes);
		if (notes.is_stopping && (outbox->held == 0 || outbox->now_ms >= stop_at_ms))
			return NULL;
		move_network(outbox, notes.is_stopping);
		if (outbox->now_ms >= sweep_at_ms) {
			lane_sweep(outbox, false);
			sweep_at_ms = outbox->now_ms + LANE_IDLE_MS;
		}
	}
}

/* ---- stop ---- */

/* After the thread: whatever has no answer by now gets its result as such, and what was not started
 * goes to others. */
static void leave(struct ad_outbox *outbox)
{
	smtp_close(outbox); /* wakes the network's client: before it is gone */
	ad_net_multi_free(outbox->multi);
	outbox->multi = NULL;
	if (outbox->finished)
		ledger_record(outbox);
	ledger_release_all(outbox);
	while (outbox->first)
		lane_drop(outbox, outbox->first->head);
	lane_sweep(outbox, true);
}

int ad_outbox_stop(struct ad_outbox *outbox, int deadline_ms, struct ad_err *err)
{
	(void)pthread_mutex_lock(&outbox->lock);
	outbox->is_stopping = true;
	outbox->stop_deadline_ms = deadline_ms;
	(void)pthread_mutex_unlock(&outbox->lock);
	ad_net_multi_wakeup(outbox->multi);
	(void)pthread_join(outbox->thread, NULL);
	bool left_something = outbox->held > 0;
	leave(outbox);
	free_outbox(outbox);
	if (left_something)
		return AD_FAIL(err, AD_ETIMEOUT, "the sender left rows for another node");
	return 0;
}

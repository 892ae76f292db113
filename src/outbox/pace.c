/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pace: how fast the connector lets us speak (protocol.md 4.4). One pace for each conversation,
 * whoever of us speaks in it, and one for each tenant. Of a tenant's pace news (rows that nobody
 * waits for) leave something saved, so that a broadcast never stands before an approval.
 *
 * A bucket that saves up to `burst` and gains `per_ms` lets through at most burst + per_ms * t in
 * any time t; the two of a conversation are chosen so that this holds for 1, 2, 30 and 3600 s.
 */
#include "sender.h"

#include "ad/graph/mail.h"
#include "ad/text.h"

#define PERSON_PER_MS (1.0 / AD_OUTBOX_PERSON_MS)
#define HOUR_PER_MS (1.0 / AD_OUTBOX_HOUR_MS)
#define BURST_PART 5 /* of a tenant's second that may come at once: a fifth */
#define RESERVE 0.3  /* of that, not for news */
#define MAIL_BURST 5 /* mails at once; with those that follow, no more in a minute than allowed */
#define MAIL_PER_MS ((AD_GRAPH_MAIL_PER_MINUTE - MAIL_BURST) / 60000.0)

static void fill(struct bucket *bucket, int64_t now_ms, double per_ms, double burst)
{
	bucket->saved += (double)(now_ms - bucket->filled_ms) * per_ms;
	if (bucket->saved > burst)
		bucket->saved = burst;
	bucket->filled_ms = now_ms;
}

/* Until there is so much in it. */
static int64_t wait_ms(const struct bucket *bucket, double much, double per_ms)
{
	return bucket->saved >= much ? 0 : (int64_t)((much - bucket->saved) / per_ms) + 1;
}

static int64_t longer(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* ---- the tenant ---- */

/* What comes at once and what comes after it are together a second's worth. */
static double tenant_burst(const struct ad_outbox *outbox)
{
	int per_s = outbox->config.tenant_per_s;
	return per_s > BURST_PART ? per_s / (double)BURST_PART : 1;
}

static double tenant_per_ms(const struct ad_outbox *outbox)
{
	double per_s = outbox->config.tenant_per_s - tenant_burst(outbox);
	return (per_s > 1 ? per_s : 1) / 1000;
}

void pace_start_tenant(const struct ad_outbox *outbox, struct tenant *tenant)
{
	tenant->pace = (struct bucket){ tenant_burst(outbox), outbox->now_ms };
}

/* News may use all that the tenant gets, but not what is saved for the next who is waited for. */
int64_t pace_wait_tenant(const struct ad_outbox *outbox, const struct lane *lane)
{
	struct bucket *bucket = &lane->tenant->pace;
	double burst = tenant_burst(outbox);
	double per_ms = tenant_per_ms(outbox);
	double reserve = lane->urgent > 0 || burst < 2 ? 0 : RESERVE * burst;
	fill(bucket, outbox->now_ms, per_ms, burst);
	return wait_ms(bucket, 1 + reserve, per_ms);
}

/* ---- the conversation ---- */

/* A conversation that has yet to be created is known by its person. */
static const char *key_of(const struct item *item)
{
	const char *id = item->place.conversation_id;
	return ad_text_empty(id) ? item->lane->oid : id;
}

static struct pace *pace_of(struct ad_outbox *outbox, const struct item *item)
{
	const struct tenant *tenant = item->lane->tenant;
	const char *key = key_of(item);
	struct pace **bucket =
		&outbox->paces[sender_hash(sender_hash(HASH_START, tenant->id), key) %
			       LANE_BUCKETS];
	for (struct pace *pace = *bucket; pace; pace = pace->next_in_bucket)
		if (pace->tenant == tenant && ad_text_eq(pace->key, key))
			return pace;
	struct pace *pace = ad_xalloc(sizeof *pace);
	*pace = (struct pace){
		.next_in_bucket = *bucket,
		.tenant = tenant,
		.key = ad_xstrdup(key),
		.moment = { AD_OUTBOX_PERSON_BURST, outbox->now_ms },
		.hour = { AD_OUTBOX_HOUR_BURST, outbox->now_ms },
	};
	*bucket = pace;
	return pace;
}

static void refresh(struct pace *pace, int64_t now_ms)
{
	fill(&pace->moment, now_ms, PERSON_PER_MS, AD_OUTBOX_PERSON_BURST);
	fill(&pace->hour, now_ms, HOUR_PER_MS, AD_OUTBOX_HOUR_BURST);
}

int64_t pace_wait(struct ad_outbox *outbox, const struct item *item)
{
	struct pace *pace = pace_of(outbox, item);
	refresh(pace, outbox->now_ms);
	int64_t limit_ms = longer(
		wait_ms(&pace->moment, 1, PERSON_PER_MS), wait_ms(&pace->hour, 1, HOUR_PER_MS));
	return longer(limit_ms, pace->not_before_ms - outbox->now_ms);
}

void pace_take(struct ad_outbox *outbox, const struct item *item)
{
	struct pace *pace = pace_of(outbox, item);
	pace->moment.saved -= 1;
	pace->hour.saved -= 1;
	item->lane->tenant->pace.saved -= 1;
}

void pace_be_patient(struct ad_outbox *outbox, const struct item *item, int64_t delay_ms)
{
	struct pace *pace = pace_of(outbox, item);
	pace->not_before_ms = longer(pace->not_before_ms, outbox->now_ms + delay_ms);
}

/* ---- the mailbox ---- */

void pace_start_mail(struct ad_outbox *outbox)
{
	outbox->mailbox.pace = (struct bucket){ MAIL_BURST, outbox->now_ms };
}

int64_t pace_wait_mail(struct ad_outbox *outbox)
{
	struct mailbox *mailbox = &outbox->mailbox;
	fill(&mailbox->pace, outbox->now_ms, MAIL_PER_MS, MAIL_BURST);
	return longer(
		wait_ms(&mailbox->pace, 1, MAIL_PER_MS), mailbox->not_before_ms - outbox->now_ms);
}

void pace_take_mail(struct ad_outbox *outbox)
{
	outbox->mailbox.pace.saved -= 1;
}

/* Nothing would be forgotten with it. */
static bool is_rested(struct pace *pace, int64_t now_ms)
{
	refresh(pace, now_ms);
	return pace->not_before_ms <= now_ms && pace->moment.saved >= AD_OUTBOX_PERSON_BURST &&
	       pace->hour.saved >= AD_OUTBOX_HOUR_BURST;
}

void pace_sweep(struct ad_outbox *outbox, bool all)
{
	for (size_t i = 0; i < LANE_BUCKETS; i++) {
		struct pace **at = &outbox->paces[i];
		while (*at) {
			struct pace *pace = *at;
			if (!all && !is_rested(pace, outbox->now_ms)) {
				at = &pace->next_in_bucket;
				continue;
			}
			*at = pace->next_in_bucket;
			free(pace->key);
			free(pace);
		}
	}
}

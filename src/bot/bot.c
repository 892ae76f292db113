/* SPDX-License-Identifier: Apache-2.0 */
/* The way in: requests from the loop to the pool of turn workers, and the counters. */
#include "ad/log.h"
#include "ad/refusal.h"
#include "ad/work.h"
#include "link.h"
#include "turn.h"

static const char *const end_names[] = {
	[AD_BOT_ANSWERED] = "answered",
	[AD_BOT_DUPLICATE] = "duplicate",
	[AD_BOT_UNAUTHENTICATED] = "unauthenticated",
	[AD_BOT_FORBIDDEN] = "forbidden",
	[AD_BOT_MALFORMED] = "malformed",
	[AD_BOT_GONE] = "gone",
	[AD_BOT_THROTTLED] = "throttled",
	[AD_BOT_OVERLOADED] = "overloaded",
	[AD_BOT_UNAVAILABLE] = "unavailable",
	[AD_BOT_FAILED] = "failed",
};

const char *ad_bot_end_name(enum ad_bot_end end)
{
	return end < AD_BOT_ENDS ? end_names[end] : "unknown";
}

void ad_bot_get_counts(const struct ad_bot *bot, uint64_t ret[AD_BOT_ENDS])
{
	for (int i = 0; i < AD_BOT_ENDS; i++)
		ret[i] = atomic_load(&bot->counts[i]);
}

size_t ad_bot_pending(const struct ad_bot *bot)
{
	return ad_pool_pending(bot->pool);
}

static void *worker_open(void *ctx, size_t index)
{
	struct ad_bot *bot = ctx;
	struct ad_bot_worker *worker = ad_xalloc(sizeof *worker);
	const struct ad_db_options options = {
		.application_name = "appdesk turn",
		.lock_timeout_ms = AD_BOT_LOCK_MS,
		.unsettled_reads = true,
	};
	worker->bot = bot;
	worker->net = bot->nets[index];
	worker->arena = ad_arena_new();
	worker->db = ad_db_open_shared(bot->options.database, &options);
	return worker;
}

static void worker_close(void *ctx)
{
	struct ad_bot_worker *worker = ctx;
	ad_db_close(worker->db);
	ad_arena_free(worker->arena);
	free(worker);
}

static void worker_run(void *ctx, void *task)
{
	struct ad_bot_worker *worker = ctx;
	if (ad_link_is(task))
		ad_link_run(worker, task);
	else
		ad_turn_run(worker, task);
	ad_log_context_clear();
	ad_arena_reset(worker->arena);
}

static const struct ad_http_header retry_soon = { "Retry-After", "2" };

static void answer_busy(struct ad_bot *bot, struct ad_http_request *request)
{
	const struct ad_http_reply reply = {
		.status = 503, .headers = &retry_soon, .headers_count = 1
	};
	atomic_fetch_add(&bot->counts[AD_BOT_OVERLOADED], 1);
	ad_refusal_count(AD_REFUSED_QUEUE);
	if (ad_link_is(request))
		ad_link_busy(bot, request);
	else
		ad_http_answer(request, &reply);
}

static void worker_drop(void *ctx, void *task)
{
	answer_busy(ctx, task);
}

static void free_bot(struct ad_bot *bot)
{
	for (size_t i = 0; i < bot->options.workers; i++)
		ad_net_client_free(bot->nets[i]);
	free(bot->nets);
	ad_rate_free(bot->persons);
	free(bot);
}

int ad_bot_new(const struct ad_bot_options *options, struct ad_bot **ret, struct ad_err *err)
{
	struct ad_bot *bot = ad_xalloc(sizeof *bot);
	bot->options = *options;
	bot->nets = ad_xalloc(options->workers * sizeof *bot->nets);
	for (size_t i = 0; i < options->workers; i++)
		bot->nets[i] = ad_net_client_new();
	if (options->person_per_minute > 0)
		bot->persons = ad_rate_new(&(struct ad_rate_config){
			.takes = options->person_per_minute,
			.period_ms = 60000,
			.burst = options->person_per_minute,
			.keys = AD_BOT_PERSONS,
		});
	const struct ad_pool_config config = {
		.name = "turn",
		.workers = options->workers,
		.queue_max = options->queue_max,
		.ctx = bot,
		.open = worker_open,
		.close = worker_close,
		.run = worker_run,
		.drop = worker_drop,
	};
	int r = ad_pool_new(&config, &bot->pool, err);
	if (r != 0)
		free_bot(bot);
	else
		*ret = bot;
	return r;
}

bool ad_bot_knows(const struct ad_http_request *request, void *ctx)
{
	const struct ad_bot *bot = ctx;
	const char *value = ad_http_request_header(request, "Authorization");
	return ad_identity_knows(bot->options.identity, value, value ? strlen(value) : 0);
}

/* Forged tokens cannot fill the queue: half of it is for those that were verified before. */
static bool has_room(const struct ad_bot *bot, const struct ad_http_request *request)
{
	return ad_http_request_is_known(request) ||
	       ad_pool_pending(bot->pool) <= bot->options.workers + bot->options.queue_max / 2;
}

/* Whoever clicks looks at a card that waits (protocol.md 3.7): clicks go before messages. The body
 * is not verified yet, so this is a hint, no more, and strangers' bodies are not looked at. Nobody
 * can write it in a text: quotation marks are escaped there. */
static bool is_click(const struct ad_http_request *request)
{
	static const char type[] = "\"invoke\"";
	size_t len = 0;
	const char *body = ad_http_request_body(request, &len);
	return ad_http_request_is_known(request) && len > 0 &&
	       memmem(body, len, type, sizeof type - 1);
}

void ad_bot_handle(struct ad_http_request *request, void *ctx)
{
	struct ad_bot *bot = ctx;
	ad_http_take(request);
	if (!has_room(bot, request) ||
		(is_click(request) ? ad_pool_submit_ahead(bot->pool, request)
				   : ad_pool_submit(bot->pool, request)) != 0)
		answer_busy(bot, request);
}

void ad_bot_stop(struct ad_bot *bot, int deadline_ms)
{
	struct ad_err err = { 0 };
	atomic_store(&bot->stopping, true);
	for (size_t i = 0; i < bot->options.workers; i++)
		ad_net_client_cancel(bot->nets[i]);
	if (ad_pool_stop(bot->pool, deadline_ms, &err) != 0)
		ad_log_err(AD_LOG_WARN, "bot", "turns were left unfinished", &err, NULL);
}

void ad_bot_free(struct ad_bot *bot)
{
	if (!bot)
		return;
	ad_pool_free(bot->pool);
	free_bot(bot);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The admin listener: alive, ready, and counters in the Prometheus text format. No ids and no names
 * in it. Loop thread. */
#include "ad/buf.h"
#include "ad/refusal.h"
#include "service.h"

#define PAGE_MAX ((size_t)64 << 10)

static void reply(
	struct ad_http_request *request, int status, const char *type, struct ad_buf *body)
{
	const struct ad_http_reply answer = {
		.status = status,
		.content_type = type,
		.body = ad_buf_str(body),
		.body_len = body->len,
	};
	ad_http_reply(request, &answer);
	ad_buf_release(body);
}

void ad_admin_healthz(struct ad_http_request *request, void *ctx)
{
	struct ad_buf body;
	(void)ctx;
	ad_buf_init(&body, PAGE_MAX);
	(void)ad_buf_adds(&body, "{\"alive\":true}");
	reply(request, 200, "application/json", &body);
}

void ad_admin_readyz(struct ad_http_request *request, void *ctx)
{
	struct ad_service *service = ctx;
	struct ad_identity_status keys;
	struct ad_buf body;
	ad_identity_get_status(service->identity, &keys);
	bool database = atomic_load(&service->health.database_ok);
	bool ready = database && keys.keys_loaded;
	ad_buf_init(&body, PAGE_MAX);
	(void)ad_buf_addf(&body, "{\"ready\":%s,\"database\":%s,\"keys\":%s}",
		ready ? "true" : "false", database ? "true" : "false",
		keys.keys_loaded ? "true" : "false");
	reply(request, ready ? 200 : 503, "application/json", &body);
}

static void counter(struct ad_buf *page, const char *name, const char *label, uint64_t value)
{
	(void)ad_buf_addf(page, "appdesk_%s%s %llu\n", name, label, (unsigned long long)value);
}

static void add_turns(struct ad_buf *page, const struct ad_bot *bot)
{
	uint64_t counts[AD_BOT_ENDS];
	char label[64];
	ad_bot_get_counts(bot, counts);
	(void)ad_buf_adds(page, "# TYPE appdesk_turns_total counter\n");
	for (int i = 0; i < AD_BOT_ENDS; i++) {
		(void)snprintf(
			label, sizeof label, "{end=\"%s\"}", ad_bot_end_name((enum ad_bot_end)i));
		counter(page, "turns_total", label, counts[i]);
	}
	(void)ad_buf_adds(page, "# TYPE appdesk_turns_pending gauge\n");
	counter(page, "turns_pending", "", ad_bot_pending(bot));
}

static void add_notices(struct ad_buf *page, struct ad_outbox *outbox)
{
	struct ad_outbox_metrics m;
	ad_outbox_get_metrics(outbox, &m);
	(void)ad_buf_adds(page, "# TYPE appdesk_notices_total counter\n");
	counter(page, "notices_total", "{state=\"sent\"}", m.sent);
	counter(page, "notices_total", "{state=\"mailed\"}", m.mailed);
	counter(page, "notices_total", "{state=\"updated\"}", m.updated);
	counter(page, "notices_total", "{state=\"retried\"}", m.retried);
	counter(page, "notices_total", "{state=\"ambiguous\"}", m.ambiguous);
	counter(page, "notices_total", "{state=\"dead\"}", m.dead);
	counter(page, "notices_total", "{state=\"throttled\"}", m.throttled);
	counter(page, "notices_total", "{state=\"refused_host\"}", m.refused_hosts);
	(void)ad_buf_adds(page, "# TYPE appdesk_notice_alarms_total counter\n");
	counter(page, "notice_alarms_total", "", m.alarms);
	(void)ad_buf_adds(page, "# TYPE appdesk_notices_held gauge\n");
	counter(page, "notices_held", "", m.held);
}

/* What the ledger holds, as of the watch's last count. */
static void add_undelivered(struct ad_buf *page, const struct ad_notice_watch *watch)
{
	(void)ad_buf_adds(page, "# TYPE appdesk_notices_undelivered gauge\n");
	counter(page, "notices_undelivered", "{state=\"dead\"}",
		(uint64_t)atomic_load(&watch->dead));
	counter(page, "notices_undelivered", "{state=\"ambiguous\"}",
		(uint64_t)atomic_load(&watch->ambiguous));
	(void)ad_buf_adds(page, "# TYPE appdesk_notices_fallback_waiting gauge\n");
	counter(page, "notices_fallback_waiting", "", (uint64_t)atomic_load(&watch->waiting));
}

static void add_refusals(struct ad_buf *page)
{
	char label[64];
	(void)ad_buf_adds(page, "# TYPE appdesk_refused_total counter\n");
	for (int i = AD_REFUSED_NONE + 1; i < AD_REFUSALS; i++) {
		enum ad_refusal why = (enum ad_refusal)i;
		(void)snprintf(label, sizeof label, "{why=\"%s\"}", ad_refusal_name(why));
		counter(page, "refused_total", label, ad_refusal_get(why));
	}
}

static void add_certificate(struct ad_buf *page, struct ad_tls_server *tls)
{
	if (!tls)
		return;
	(void)ad_buf_adds(page, "# TYPE appdesk_tls_certificate_expires_seconds gauge\n");
	(void)ad_buf_addf(page, "appdesk_tls_certificate_expires_seconds %lld\n",
		(long long)ad_tls_server_expires_in_s(tls));
}

static void add_tokens(struct ad_buf *page, const struct ad_service *service)
{
	static const char *const labels[] = { "{for=\"bot\"}", "{for=\"graph\"}" };
	struct ad_token_source *const sources[] = { service->bot_token, service->graph_token };
	struct ad_token_status status[2];
	for (int i = 0; i < 2; i++)
		ad_token_get_status(sources[i], &status[i]);
	(void)ad_buf_adds(page, "# TYPE appdesk_token_fetches_total counter\n");
	for (int i = 0; i < 2; i++)
		counter(page, "token_fetches_total", labels[i], status[i].fetches);
	(void)ad_buf_adds(page, "# TYPE appdesk_token_failing gauge\n");
	for (int i = 0; i < 2; i++)
		counter(page, "token_failing", labels[i], status[i].error.code != 0);
	(void)ad_buf_adds(page, "# TYPE appdesk_token_certificate_expires_seconds gauge\n");
	for (int i = 0; i < 2; i++) {
		if (status[i].certificate_s != 0)
			(void)ad_buf_addf(page,
				"appdesk_token_certificate_expires_seconds%s %lld\n", labels[i],
				(long long)status[i].certificate_s);
	}
}

static void add_seals(struct ad_buf *page, const struct ad_rekey *rekey)
{
	if (!atomic_load(&rekey->counted))
		return;
	(void)ad_buf_adds(page, "# TYPE appdesk_sealed_rows_left gauge\n");
	counter(page, "sealed_rows_left", "{key=\"old\"}", (uint64_t)atomic_load(&rekey->old));
	counter(page, "sealed_rows_left", "{key=\"unknown\"}",
		(uint64_t)atomic_load(&rekey->unknown));
}

void ad_admin_metrics(struct ad_http_request *request, void *ctx)
{
	struct ad_service *service = ctx;
	struct ad_identity_status keys;
	struct ad_buf page;
	ad_identity_get_status(service->identity, &keys);
	ad_buf_init(&page, PAGE_MAX);
	add_turns(&page, service->bot);
	add_notices(&page, service->outbox);
	add_undelivered(&page, &service->notices);
	(void)ad_buf_adds(&page, "# TYPE appdesk_jobs_running gauge\n");
	counter(&page, "jobs_running", "", ad_jobs_running(service->jobs));
	(void)ad_buf_adds(&page, "# TYPE appdesk_key_fetches_total counter\n");
	counter(&page, "key_fetches_total", "", keys.fetches);
	(void)ad_buf_adds(&page, "# TYPE appdesk_keys_age_seconds gauge\n");
	counter(&page, "keys_age_seconds", "",
		(uint64_t)(keys.keys_age_s > 0 ? keys.keys_age_s : 0));
	(void)ad_buf_adds(&page, "# TYPE appdesk_signatures_verified_total counter\n");
	counter(&page, "signatures_verified_total", "", keys.verifications);
	add_tokens(&page, service);
	add_seals(&page, &service->rekey);
	add_refusals(&page);
	add_certificate(&page, service->tls);
	reply(request, 200, "text/plain; version=0.0.4", &page);
}

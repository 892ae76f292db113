/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wiring: builds the modules from the configuration, lowest first, and takes them down in the order
 * that loses nothing: turns, sender, jobs, then what they stood on. Only this file knows them all.
 */
#include "service.h"
#include "ad/crypto.h"
#include "ad/db.h"
#include "ad/file.h"
#include "ad/identity/signin.h"
#include "ad/log.h"
#include "ad/text.h"
#include "checkup.h"

/* Unique per start of each process: owner of leases. */
static void fill_node_id(struct ad_service *s)
{
	char host[64] = "node";
	uint8_t random[4];
	ad_crypto_random(random, sizeof random);
	(void)gethostname(host, sizeof host - 1);
	s->node_id = ad_printf(
		s->arena, "%s-%d-%s", host, (int)getpid(), ad_hex(s->arena, random, sizeof random));
}

static int start_tokens(struct ad_service *s, struct ad_err *err)
{
	const struct ad_token_config bot = ad_tokens_bot(s->config);
	const struct ad_token_config graph = ad_tokens_graph(s->config);
	int r = ad_token_source_new(&bot, &s->bot_token, err);
	if (r == 0)
		r = ad_token_source_new(&graph, &s->graph_token, err);
	if (r == 0)
		ad_health_watch_tokens(&s->health, s->bot_token, s->graph_token,
			!ad_text_eq(bot.certificate, graph.certificate));
	return r;
}

static int graph_token_get(void *ctx, struct ad_arena *arena, char **ret, struct ad_err *err)
{
	return ad_token_get(ctx, arena, AD_TOKEN_WAIT_MS, ret, err);
}

/* A turn has no time to wait for a token host that hangs. */
static int graph_token_get_soon(void *ctx, struct ad_arena *arena, char **ret, struct ad_err *err)
{
	return ad_token_get(ctx, arena, AD_BOT_DIRECTORY_MS, ret, err);
}

static void graph_token_drop(void *ctx, const char *token)
{
	ad_token_drop(ctx, token);
}

static struct ad_graph_token graph_token(const struct ad_service *s)
{
	return (struct ad_graph_token){
		.get = graph_token_get, .drop = graph_token_drop, .ctx = s->graph_token
	};
}

static int start_identity(struct ad_service *s, struct ad_err *err)
{
	const struct ad_config *c = s->config;
	const struct ad_identity_config config = {
		.app_id = c->bot.app_id,
		.issuer = c->bot.issuer,
		.metadata_url = c->bot.openid_metadata_url,
		.channels = c->bot.channels.item,
		.channels_count = c->bot.channels.count,
		.allow_http_loopback = c->dev.loopback,
		.keys_min_refresh_s = (int)c->bot.keys_min_refresh_s,
	};
	int r = ad_identity_new(&config, &s->identity, err);
	if (r == 0)
		ad_health_watch_keys(&s->health, s->identity);
	return r;
}

static int start_stepup(struct ad_service *s, struct ad_err *err)
{
	const struct ad_config *c = s->config;
	const struct ad_signin_config config = {
		.tenant_id = c->bot.tenant_id,
		.issuer = c->stepup.issuer,
		.metadata_url = c->stepup.metadata_url,
		.audience = c->stepup.audience,
		.allow_http_loopback = c->dev.loopback,
		.keys_min_refresh_s = (int)c->bot.keys_min_refresh_s,
	};
	if (ad_text_empty(c->stepup.connection))
		return 0;
	int r = ad_signin_new(&config, &s->signin, err);
	s->stepup = (struct ad_bot_stepup){
		.from = c->stepup.from,
		.connection = c->stepup.connection,
		.max_age_s = c->stepup.max_age_s,
		.context = c->stepup.context,
		.service_url = c->stepup.token_service,
		.token = s->bot_token,
		.signin = s->signin,
	};
	return r;
}

static int renew_smtp_password(
	void *ctx, struct ad_arena *arena, const char **ret, struct ad_err *err)
{
	return ad_config_secret(ctx, "mail.smtp_password", arena, ret, err);
}

static struct ad_outbox_mail_config mail_config(const struct ad_service *s)
{
	const struct ad_config *c = s->config;
	struct ad_outbox_mail_config mail = {
		.from = c->mail.from,
		.graph_base_url = c->graph.base_url,
		.token = s->graph_token,
		.smtp_url = c->mail.smtp_url,
		.smtp_ca = c->mail.smtp_ca,
		.smtp_user = c->mail.smtp_user,
		.smtp_password = c->mail.smtp_password,
		.renew = renew_smtp_password,
		.renew_ctx = s->config,
	};
	if (ad_text_eq(c->mail.transport, "graph"))
		mail.transport = AD_OUTBOX_MAIL_GRAPH;
	else if (ad_text_eq(c->mail.transport, "smtp"))
		mail.transport = AD_OUTBOX_MAIL_SMTP;
	return mail;
}

static int start_outbox(struct ad_service *s, struct ad_err *err)
{
	const struct ad_config *c = s->config;
	const struct ad_outbox_config config = {
		.database = s->database,
		.node_id = s->node_id,
		.app_id = c->bot.app_id,
		.token = s->bot_token,
		.hosts = s->hosts,
		.allow_http_loopback = c->dev.loopback,
		.service_url = c->bot.service_url,
		.key = s->key,
		.mail = mail_config(s),
		.tenant_per_s = (int)c->limits.tenant_per_second,
		.alarm = ad_notice_watch_alarm,
		.alarm_ctx = &s->notices,
	};
	int r = ad_outbox_start(&config, &s->outbox, err);
	if (r == 0)
		ad_notice_watch_sender(&s->notices, s->outbox);
	return r;
}

static void on_job_commit(void *ctx, const int64_t *notice_ids, size_t count)
{
	struct ad_service *s = ctx;
	ad_outbox_kick(s->outbox, notice_ids, count);
}

/* How mails are written. Once, before threads look at it. */
static void set_mail(struct ad_service *s)
{
	const struct ad_config *c = s->config;
	s->mail = (struct ad_desk_mail){
		.links = c->mail.links,
		.public_url = c->server.public_url,
		.sign_in_from = s->signin ? s->stepup.from : NULL,
		.key = &s->key,
		.alert_to = c->mail.alert_to.item,
		.alert_to_count = c->mail.alert_to.count,
	};
}

/* NULL when none are sent. */
static const struct ad_desk_mail *mail_of(const struct ad_service *s)
{
	return ad_text_empty(s->config->mail.transport) ? NULL : &s->mail;
}

static int start_jobs(struct ad_service *s, struct ad_err *err)
{
	const struct ad_config *c = s->config;
	set_mail(s);
	struct ad_jobs_options options = {
		.database = s->database,
		.node = s->node_id,
		.tenant_id = c->bot.tenant_id,
		.bot_app_id = c->bot.app_id,
		.cards = s->cards,
		.workers = (size_t)c->packaging.workers,
		.graph_base_url = c->graph.base_url,
		.graph_token = graph_token(s),
		.directory_every_s = (int)c->graph.directory_every_s,
		.drift_every_s = (int)c->graph.drift_every_s,
		.brake = { .people = c->graph.brake_people, .percent = c->graph.brake_percent },
		.mail = mail_of(s),
		.install_app = c->graph.install_app,
		.winget_base_url = c->winget.base_url,
		.winget_profile = &s->profile,
		.winget_max_index_age_days = (int)c->winget.max_index_age_days,
		.work_dir = c->packaging.work_dir,
		.max_installer_bytes = (uint64_t)c->packaging.max_installer_bytes,
		.allow_loopback_http = c->dev.loopback,
		.committed = on_job_commit,
		.committed_ctx = s,
		.seal_key = s->key,
	};
	return ad_jobs_start(&options, &s->jobs, err);
}

static void on_jobs_due(void *ctx)
{
	struct ad_service *s = ctx;
	ad_jobs_wake(s->jobs);
}

static int start_bot(struct ad_service *s, struct ad_err *err)
{
	const struct ad_config *c = s->config;
	const struct ad_bot_options options = {
		.database = s->database,
		.node_id = s->node_id,
		.app_id = c->bot.app_id,
		.tenant_id = c->bot.tenant_id,
		.tenants = c->bot.tenants.item,
		.tenants_count = c->bot.tenants.count,
		.hosts = s->hosts,
		.allow_http_loopback = c->dev.loopback,
		.cards = s->cards,
		.identity = s->identity,
		.outbox = s->outbox,
		.graph_base_url = c->graph.base_url,
		.graph_token = { .get = graph_token_get_soon,
			.drop = graph_token_drop,
			.ctx = s->graph_token },
		.mail = mail_of(s),
		.can_install = !ad_text_empty(c->graph.install_app),
		.key = s->key,
		.stepup = s->signin ? &s->stepup : NULL,
		.workers = (size_t)c->server.turn_workers,
		.queue_max = (size_t)c->server.turn_queue,
		.person_per_minute = (int)c->limits.person_per_minute,
		.look = ad_checkup_service,
		.look_ctx = s,
		.jobs_due = on_jobs_due,
		.jobs_ctx = s,
	};
	return ad_bot_new(&options, &s->bot, err);
}

/* What needs no other module. */
static int prepare(struct ad_service *s, struct ad_err *err)
{
	const struct ad_config *c = s->config;
	enum ad_log_level level;
	if (ad_log_parse_level(c->log.level, &level) != 0)
		return AD_FAIL(err, AD_ECONFIG,
			"log.level is '%.20s': write debug, info, warn or error", c->log.level);
	ad_log_set_level(level);
	ad_front_hosts(s);
	fill_node_id(s);
	int r = ad_rekey_keys(s->arena, c, &s->key, err);
	if (r == 0)
		r = ad_db_url_new(c->database.url, &s->database, err);
	if (r == 0)
		r = ad_cards_load(c->cards.folder, c->cards.words, &s->cards, err);
	if (r == 0)
		r = ad_winget_profile_load(s->arena, c->winget.trust_profile, &s->profile, err);
	if (r == 0)
		r = ad_file_mkdirs(c->packaging.work_dir, err);
	return r;
}

/* A schema that this program does not know stops the start; a database that is down does not. */
static int check_schema(const struct ad_service *s, struct ad_err *err)
{
	struct ad_err why = { 0 };
	struct ad_db *db = ad_db_open_shared(s->database, NULL);
	int r = ad_db_schema_check(db, &why);
	ad_db_close(db);
	if (r != 0 && why.class == AD_CLASS_TRANSIENT) {
		ad_log_err(AD_LOG_WARN, "app", "starting without the database", &why, NULL);
		return 0;
	}
	if (r != 0 && err)
		*err = why;
	return r;
}

typedef int start_fn(struct ad_service *s, struct ad_err *err);

static int start_net(struct ad_service *s, struct ad_err *err)
{
	int r = ad_net_init(err);
	s->net = r == 0;
	return r;
}

static int start_health(struct ad_service *s, struct ad_err *err)
{
	ad_notice_watch_start(&s->notices, s);
	return ad_health_start(&s->health, s->database, &s->notices, err);
}

static int start_rekey(struct ad_service *s, struct ad_err *err)
{
	return ad_rekey_start(&s->rekey, s->database, &s->key, err);
}

static int start_checked(struct ad_service *s, struct ad_err *err)
{
	return check_schema(s, err);
}

int ad_service_start(const char *config_path, struct ad_service *ret, struct ad_err *err)
{
	static start_fn *const order[] = { prepare, start_checked, start_net, start_health,
		start_identity, start_tokens, start_stepup, start_outbox, start_jobs, start_rekey,
		start_bot, ad_front_open };
	*ret = (struct ad_service){ .arena = ad_arena_new() };
	int r = ad_config_load(config_path, &ret->config, err);
	for (size_t i = 0; r == 0 && i < sizeof order / sizeof order[0]; i++)
		r = order[i](ret, err);
	if (r != 0)
		ad_service_stop(ret);
	return r;
}

static void stop_outbox(struct ad_service *s)
{
	struct ad_err err = { 0 };
	ad_notice_watch_sender(&s->notices, NULL);
	if (s->outbox && ad_outbox_stop(s->outbox, AD_STOP_SENDER_MS, &err) != 0)
		ad_log_err(AD_LOG_WARN, "app", "notices are left for the next start", &err, NULL);
}

void ad_service_stop(struct ad_service *service)
{
	if (service->bot)
		ad_bot_stop(service->bot, AD_STOP_TURNS_MS);
	/* Jobs commit notices and wake the sender, so they end before it does. */
	ad_jobs_stop(service->jobs);
	stop_outbox(service);
	ad_bot_free(service->bot);
	if (service->server)
		ad_http_server_free(service->server);
	ad_tls_server_free(service->tls);
	ad_rekey_stop(&service->rekey);
	ad_health_stop(&service->health);
	ad_token_source_free(service->graph_token);
	ad_token_source_free(service->bot_token);
	ad_signin_free(service->signin);
	ad_identity_free(service->identity);
	ad_db_url_free(service->database);
	if (service->net)
		ad_net_exit();
	ad_cards_free(service->cards);
	ad_config_free(service->config);
	ad_arena_free(service->arena);
	*service = (struct ad_service){ 0 };
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The front door: hosts that service URLs may have, TLS, listeners with their routes and limits,
 * and what a SIGHUP reads again.
 */
#include "service.h"

#include "ad/log.h"
#include "ad/text.h"

#include <sys/resource.h>

#define CONNECTIONS_MIN 16
/* Descriptors for what is no client: database, outbound calls, downloads, operators, the log, and
 * connections that are accepted and not yet closed again. */
#define RESERVED (48 + AD_HTTP_OPERATORS_MAX + AD_HTTP_BACKLOG)
#define RESERVED_A_WORKER 4

/* Hosts of service URLs, cloud by cloud (protocol.md 5.4). A bot belongs to one cloud; nobody may
 * register names below these suffixes. */
static const struct cloud {
	const char *name;
	const char *exact; /* NULL: none */
	const char *suffixes[2];
	size_t suffixes_count;
} clouds[] = {
	{ "public", "smba.trafficmanager.net", { ".botframework.com", ".teams.microsoft.com" }, 2 },
	{ "usgov", NULL, { ".botframework.azure.us", ".teams.microsoft.us" }, 2 },
	{ "china", NULL, { ".botframework.azure.cn" }, 1 },
};

void ad_front_hosts(struct ad_service *s)
{
	const struct ad_config_list *extra = &s->config->bot.service_hosts;
	const struct cloud *cloud = &clouds[0];
	for (size_t i = 0; i < sizeof clouds / sizeof clouds[0]; i++) {
		if (ad_text_eq(clouds[i].name, s->config->bot.cloud))
			cloud = &clouds[i];
	}
	const char **exact = ad_alloc_array(s->arena, extra->count + 1, sizeof *exact);
	size_t count = 0;
	if (cloud->exact)
		exact[count++] = cloud->exact;
	for (size_t i = 0; i < extra->count; i++)
		exact[count++] = extra->item[i];
	s->hosts = (struct ad_net_hosts){
		.exact = exact,
		.exact_count = count,
		.suffixes = cloud->suffixes,
		.suffixes_count = cloud->suffixes_count,
	};
}

/* As many descriptors as we may have; those that clients may take leave enough for ourselves. */
static size_t connections_max(const struct ad_config *c)
{
	struct rlimit limit;
	AD_ASSERT(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	rlim_t workers = (rlim_t)(c->server.turn_workers + c->packaging.workers);
	rlim_t reserved = RESERVED + RESERVED_A_WORKER * workers;
	if (limit.rlim_cur >= reserved + AD_HTTP_CONNECTIONS_MAX)
		return AD_HTTP_CONNECTIONS_MAX;
	size_t most = limit.rlim_cur > reserved + CONNECTIONS_MIN
			      ? (size_t)(limit.rlim_cur - reserved)
			      : CONNECTIONS_MIN;
	ad_log(AD_LOG_WARN, "app", "few descriptors: fewer clients at once", "descriptors",
		AD_NUM(limit.rlim_cur), "connections", AD_NUM(most), NULL);
	return most;
}

static int open_tls(struct ad_service *s, struct ad_http_listener *listener, struct ad_err *err)
{
	const struct ad_config *c = s->config;
	const struct ad_tls_config config = {
		.certificates = c->server.tls_certificate.item,
		.keys = c->server.tls_key.item,
		.pairs_count = c->server.tls_certificate.count,
		.client_ca = *c->server.tls_client_ca ? c->server.tls_client_ca : NULL,
	};
	if (config.pairs_count == 0)
		return 0;
	int r = ad_tls_server_new(&config, &s->tls, err);
	if (r != 0)
		return r;
	listener->tls = ad_tls_server_session;
	listener->tls_subject = config.client_ca ? ad_tls_session_subject : NULL;
	listener->tls_close = ad_tls_session_close;
	listener->tls_ctx = s->tls;
	return 0;
}

static int listen_on(struct ad_service *s, const char *key, const char *where,
	struct ad_http_listener *listener, uint16_t *ret_port, struct ad_err *err)
{
	int r = ad_config_parse_listen(s->arena, where, &listener->address, &listener->port, err);
	if (r == 0)
		r = ad_http_server_listen(s->server, listener, ret_port, err);
	if (r != 0)
		ad_err_prefix(err, "%s: ", key);
	return r;
}

#define LINK(verb)                                                        \
	{                                                                 \
		.method = verb, .path = AD_BOT_LINK_PATH, .prefix = true, \
		.handler = ad_bot_handle_link, .ctx = s->bot              \
	}

static int open_public(struct ad_service *s, struct ad_err *err)
{
	const struct ad_config *c = s->config;
	struct ad_http_route routes[] = {
		{ .method = "POST",
			.path = "/api/messages",
			.authorization = true,
			.content_type = "application/json",
			.handler = ad_bot_handle,
			.known = ad_bot_knows,
			.ctx = s->bot },
		/* Only with mail.links: who switches them off leaves no link that works. */
		LINK("GET"),
		LINK("HEAD"),
		LINK("POST"),
	};
	const size_t count = sizeof routes / sizeof routes[0];
	routes[count - 1].content_type = AD_BOT_FORM_TYPE;
	routes[count - 1].body_max = AD_BOT_FORM_MAX;
	const struct ad_http_nets proxies = { c->server.proxies.item, c->server.proxies.count };
	struct ad_http_listener listener = {
		.routes = routes,
		.routes_count = c->mail.links ? count : 1,
		.proxies = c->server.behind_proxy ? &proxies : NULL,
		.address_per_s = (int)c->limits.address_per_second,
	};
	int r = ad_http_nets_check(&proxies, err);
	if (r != 0) {
		ad_err_prefix(err, "server.proxies: ");
		return r;
	}
	r = open_tls(s, &listener, err);
	return r == 0 ? listen_on(s, "server.listen", c->server.listen, &listener, &s->port, err)
		      : r;
}

static int open_private(struct ad_service *s, struct ad_err *err)
{
	const struct ad_http_route routes[] = {
		{ .method = "GET", .path = "/healthz", .handler = ad_admin_healthz, .ctx = s },
		{ .method = "GET", .path = "/readyz", .handler = ad_admin_readyz, .ctx = s },
		{ .method = "GET", .path = "/metrics", .handler = ad_admin_metrics, .ctx = s },
	};
	struct ad_http_listener listener = {
		.routes = routes,
		.routes_count = sizeof routes / sizeof routes[0],
		.operators = true,
	};
	return listen_on(s, "server.admin_listen", s->config->server.admin_listen, &listener,
		&s->admin_port, err);
}

int ad_front_open(struct ad_service *s, struct ad_err *err)
{
	const struct ad_http_config config = { .connections_max = connections_max(s->config) };
	int r = ad_http_server_new(&config, &s->server, err);
	if (r == 0)
		r = open_public(s, err);
	return r == 0 ? open_private(s, err) : r;
}

/* ---- Reload ---- */

static int reload_database(struct ad_service *s, struct ad_err *err)
{
	const char *text = NULL;
	struct ad_arena *arena = ad_arena_new();
	int r = ad_config_secret(s->config, "database.url", arena, &text, err);
	if (r == 0)
		r = ad_db_url_set(s->database, text, err);
	ad_arena_free(arena);
	return r;
}

void ad_front_reload(struct ad_service *s)
{
	struct ad_err err = { 0 };
	if (s->tls && ad_tls_server_reload(s->tls, &err) != 0)
		ad_log_err(AD_LOG_ERROR, "app", "the old certificates stay", &err, NULL);
	if (reload_database(s, &err) != 0)
		ad_log_err(AD_LOG_ERROR, "app", "the old database.url stays", &err, NULL);
	ad_log(AD_LOG_INFO, "app", "reloaded", NULL);
}

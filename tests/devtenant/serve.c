/* SPDX-License-Identifier: Apache-2.0 */
/* "serve": puts the tenant together, runs its loop until a signal, and takes it apart. */
#include "serve.h"

#include "ad/file.h"
#include "ad/text.h"
#include "calls.h"
#include "fair.h"
#include "faults.h"
#include "http.h"
#include "keys.h"
#include "outside.h"
#include "people.h"
#include "shown.h"
#include "waiters.h"

#include <curl/curl.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <getopt.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define IDLE_CONNECTION_S 600
#define HEADERS_MAX ((ev_ssize_t)64 << 10)
#define FILLER_MAX 1000000
#define BACKLOG 1024

static int usage(void)
{
	fprintf(stderr,
		"usage: appdesk-devtenant serve --dir STATE --bot URL --installers DIR\n"
		"         [--port 8700] [--fresh] [--filler N] [--playground NAME=URL ...]\n"
		"         [--app-id GUID] [--tenant-id GUID] [--secret TEXT]\n");
	return 2;
}

static bool add_playground(struct dt_options *options, char *text)
{
	char *equals = strchr(text, '=');

	if (!equals || options->playground_count == DT_PLAYGROUNDS_MAX)
		return false;
	*equals = '\0';
	options->playgrounds[options->playground_count].person = text;
	options->playgrounds[options->playground_count++].url = equals + 1;
	return true;
}

enum option_name {
	OPT_PORT = 1,
	OPT_DIR,
	OPT_BOT,
	OPT_INSTALLERS,
	OPT_APP,
	OPT_TENANT,
	OPT_SECRET,
	OPT_FILLER,
	OPT_FRESH,
	OPT_PLAYGROUND
};

static const struct option serve_options[] = {
	{ "port", required_argument, NULL, OPT_PORT },
	{ "dir", required_argument, NULL, OPT_DIR },
	{ "bot", required_argument, NULL, OPT_BOT },
	{ "installers", required_argument, NULL, OPT_INSTALLERS },
	{ "app-id", required_argument, NULL, OPT_APP },
	{ "tenant-id", required_argument, NULL, OPT_TENANT },
	{ "secret", required_argument, NULL, OPT_SECRET },
	{ "filler", required_argument, NULL, OPT_FILLER },
	{ "fresh", no_argument, NULL, OPT_FRESH },
	{ "playground", required_argument, NULL, OPT_PLAYGROUND },
	{ NULL, 0, NULL, 0 },
};

static bool take_number(struct dt_options *options, int name, const char *text)
{
	int64_t number = 0;

	if (ad_text_i64(text, 0, name == OPT_PORT ? UINT16_MAX : FILLER_MAX, &number))
		return false;
	if (name == OPT_PORT)
		options->port = (int)number;
	else
		options->filler = (unsigned)number;
	return true;
}

static bool take_option(struct dt_options *options, int name, char *text)
{
	const char **const texts[] = {
		[OPT_DIR] = &options->dir,
		[OPT_BOT] = &options->bot_url,
		[OPT_INSTALLERS] = &options->installers_dir,
		[OPT_APP] = &options->app_id,
		[OPT_TENANT] = &options->tenant_id,
		[OPT_SECRET] = &options->secret,
	};

	switch (name) {
	case OPT_PORT:
	case OPT_FILLER:
		return take_number(options, name, text);
	case OPT_FRESH:
		options->fresh = true;
		return true;
	case OPT_PLAYGROUND:
		return add_playground(options, text);
	case OPT_DIR:
	case OPT_BOT:
	case OPT_INSTALLERS:
	case OPT_APP:
	case OPT_TENANT:
	case OPT_SECRET:
		*texts[name] = text;
		return true;
	default:
		return false;
	}
}

static bool read_options(int argc, char **argv, struct dt_options *options)
{
	int name;

	while ((name = getopt_long(argc, argv, "", serve_options, NULL)) != -1)
		if (!take_option(options, name, optarg))
			return false;
	return optind == argc && options->dir && options->bot_url && options->installers_dir &&
	       ad_text_is_guid(options->app_id) && ad_text_is_guid(options->tenant_id);
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
	(void)number;
	(void)what;
	event_base_loopbreak(arg);
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	dt_http_sweep(arg);
}

/* Opens the port; the addresses that are told to AppDesk follow from it. */
static int listen_on_loopback(struct dt_tenant *tenant, struct evhttp *http, struct ad_err *err)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)tenant->options.port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct sockaddr *any = (struct sockaddr *)(void *)&address;
	socklen_t len = sizeof(address);
	struct evconnlistener *listener = evconnlistener_new_bind(tenant->loop, NULL, NULL,
		LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, BACKLOG, any,
		sizeof(address));

	if (!listener || !evhttp_bind_listener(http, listener))
		return AD_FAIL(err, AD_EIO, "port %d cannot be opened", tenant->options.port);
	getsockname(evconnlistener_get_fd(listener), any, &len);
	tenant->options.port = ntohs(address.sin_port);
	snprintf(tenant->base_url, sizeof(tenant->base_url), "http://127.0.0.1:%d",
		tenant->options.port);
	snprintf(tenant->service_url, sizeof(tenant->service_url), "%s/teams/%s/", tenant->base_url,
		tenant->options.tenant_id);
	snprintf(tenant->bot_id, sizeof(tenant->bot_id), "28:%s", tenant->options.app_id);
	return 0;
}

static int open_state(struct dt_tenant *tenant, struct ad_err *err)
{
	struct ad_arena *arena = ad_arena_new();
	int rc = 0;

	if (tenant->options.fresh)
		rc = ad_file_remove_tree(dt_state_path(tenant, arena, "blobs"), err);
	if (!rc)
		rc = ad_file_mkdirs(dt_state_path(tenant, arena, "blobs"), err);
	if (!rc)
		rc = dt_store_open(dt_state_path(tenant, arena, "state.jsonl"),
			tenant->options.fresh, &tenant->store, err);
	ad_arena_free(arena);
	return rc;
}

static struct evhttp *http_new(struct dt_tenant *tenant)
{
	struct evhttp *http = evhttp_new(tenant->loop);

	evhttp_set_allowed_methods(http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST |
						 EVHTTP_REQ_PUT | EVHTTP_REQ_PATCH |
						 EVHTTP_REQ_DELETE);
	evhttp_set_max_body_size(http, DT_BODY_MAX);
	evhttp_set_max_headers_size(http, HEADERS_MAX);
	evhttp_set_timeout(http, IDLE_CONNECTION_S);
	evhttp_set_gencb(http, dt_router_accept, tenant);
	return http;
}

static void say_ready(struct dt_tenant *tenant)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *line = ad_json_new_object(arena);

	ad_json_set_int(arena, line, "listening", tenant->options.port);
	ad_json_set_int(arena, line, "pid", getpid());
	ad_json_set_str(arena, line, "service_url", tenant->service_url);
	printf("%s\n", ad_json_print(arena, line));
	fflush(stdout);
	ad_arena_free(arena);
}

static int start(struct dt_tenant *tenant, struct evhttp *http, struct ad_err *err)
{
	int rc = open_state(tenant, err);

	if (!rc)
		rc = listen_on_loopback(tenant, http, err);
	if (rc)
		return rc;
	tenant->calls = dt_calls_new();
	tenant->faults = dt_faults_new(tenant->loop);
	tenant->waiters = dt_waiters_new();
	tenant->outside = dt_outside_new(tenant);
	tenant->keys = dt_keys_open(tenant);
	dt_people_seed(tenant);
	dt_conversations_seed(tenant);
	return dt_fair_build(tenant, err);
}

/* What holds requests first, so that they are answered while there is somebody to answer. */
static void stop(struct dt_tenant *tenant, struct evhttp *http)
{
	if (tenant->faults)
		dt_faults_free(tenant->faults);
	if (tenant->outside)
		dt_outside_free(tenant->outside);
	if (tenant->waiters)
		dt_waiters_free(tenant->waiters);
	evhttp_free(http);
	if (tenant->keys)
		dt_keys_free(tenant->keys);
	if (tenant->calls)
		dt_calls_free(tenant->calls);
	dt_http_sweep(tenant);
	event_free(tenant->sweep);
	dt_store_close(tenant->store);
	event_base_free(tenant->loop);
}

int dt_serve_main(int argc, char **argv)
{
	struct dt_tenant tenant = { .options = { .port = DT_PORT,
					    .app_id = DT_APP_ID,
					    .tenant_id = DT_TENANT_ID,
					    .secret = DT_SECRET } };
	struct ad_err err;

	if (!read_options(argc, argv, &tenant.options))
		return usage();
	signal(SIGPIPE, SIG_IGN);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	tenant.loop = event_base_new();
	tenant.sweep = evtimer_new(tenant.loop, on_sweep, &tenant);
	struct evhttp *http = http_new(&tenant);
	struct event *terminate = evsignal_new(tenant.loop, SIGTERM, on_signal, tenant.loop);
	struct event *interrupt = evsignal_new(tenant.loop, SIGINT, on_signal, tenant.loop);
	event_add(terminate, NULL);
	event_add(interrupt, NULL);
	int rc = start(&tenant, http, &err);
	if (!rc) {
		say_ready(&tenant);
		event_base_dispatch(tenant.loop);
	} else {
		fprintf(stderr, "appdesk-devtenant: %s\n", err.text);
	}
	event_free(terminate);
	event_free(interrupt);
	stop(&tenant, http);
	curl_global_cleanup();
	return rc ? 1 : 0;
}

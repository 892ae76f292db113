/* SPDX-License-Identifier: Apache-2.0 */
/* appdesk serve: the service itself. The main thread is the loop thread. */
#include "ad/log.h"
#include "command.h"
#include "service.h"

#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define MMAP_BYTES (128 << 10)

static void on_stop(int signo, void *ctx)
{
	struct ad_service *service = ctx;
	ad_log(AD_LOG_INFO, "app", "stopping", "signal", AD_NUM(signo), NULL);
	ad_http_server_stop(service->server, AD_STOP_TURNS_MS);
}

static void on_reload(int signo, void *ctx)
{
	(void)signo;
	ad_front_reload(ctx);
}

static int run_loop(struct ad_service *service, struct ad_err *err)
{
	int r = ad_http_server_on_signal(service->server, SIGTERM, on_stop, service, err);
	if (r == 0)
		r = ad_http_server_on_signal(service->server, SIGINT, on_stop, service, err);
	if (r == 0)
		r = ad_http_server_on_signal(service->server, SIGHUP, on_reload, service, err);
	if (r != 0)
		return r;
	ad_log(AD_LOG_INFO, "app", "serving", "node", service->node_id, "port",
		AD_NUM(service->port), "admin_port", AD_NUM(service->admin_port), NULL);
	return ad_http_server_run(service->server, err);
}

/* A crash must not write tokens, keys and what people have said to a disk. */
static void forbid_core_dumps(void)
{
	const struct rlimit none = { 0 };
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0); /* a core that is piped to a program has no limit */
}

static int run_serve(const struct ad_command *self, int argc, char **argv)
{
	struct ad_words words;
	struct ad_service service;
	struct ad_err err = { 0 };
	if (!ad_words_parse(&words, self, argc, argv, NULL))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	if (words.count > 0)
		return ad_app_usage(self);
	/* The C library reads its time zone at the first use of a date: now, while there is one
	 * thread. */
	tzset();
	forbid_core_dumps();
	/* What a large body took goes back to the system, whatever sizes came before it. */
	(void)mallopt(M_MMAP_THRESHOLD, MMAP_BYTES);
	/* A client that leaves is an error of a write, not of the process. */
	(void)signal(SIGPIPE, SIG_IGN);
	if (ad_service_start(words.config, &service, &err) != 0) {
		(void)ad_app_fail(&err);
		return err.code == AD_ECONFIG ? AD_EXIT_USAGE : AD_EXIT_FAILED;
	}
	int r = run_loop(&service, &err);
	if (r != 0)
		ad_log_err(AD_LOG_ERROR, "app", "the loop ended", &err, NULL);
	ad_service_stop(&service);
	ad_log(AD_LOG_INFO, "app", "stopped", NULL);
	return r == 0 ? AD_EXIT_DONE : AD_EXIT_FAILED;
}

const struct ad_command ad_command_serve = {
	"serve",
	"[--config FILE]",
	"answer Teams, send, and package, until SIGTERM",
	run_serve,
};

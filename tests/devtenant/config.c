/* SPDX-License-Identifier: Apache-2.0 */
/* "config": the INI file with which AppDesk talks to a tenant of this port and folder. */
#include "dt.h"
#include "serve.h"

#include "ad/file.h"
#include "ad/text.h"
#include "crypt.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#define REFERENCE_KEY_SIZE 32

static int usage(void)
{
	fprintf(stderr, "usage: appdesk-devtenant config --dir STATE --database-url URL "
			"[--port 8700] [--secret TEXT]\n");
	return 2;
}

/* AppDesk wants a key of its own; one per state folder, made when it is first asked for. */
static int reference_key(struct ad_arena *arena, const char *dir, struct ad_err *err)
{
	const char *path = ad_printf(arena, "%s/reference.key", dir);
	uint8_t random[REFERENCE_KEY_SIZE];

	if (ad_file_exists(path))
		return 0;
	dt_random(random, sizeof(random));
	const char *text = ad_base64(arena, random, sizeof(random));
	return ad_file_write(path, text, strlen(text), 0600, err);
}

static void print_config(const struct dt_options *options, const char *dir, const char *database)
{
	int port = options->port;

	printf("# AppDesk against the local tenant on port %d.\n", port);
	printf("[server]\nlisten = 127.0.0.1:3978\nadmin_listen = 127.0.0.1:3979\n\n");
	printf("[database]\nurl = %s\n\n", database);
	printf("[bot]\napp_id = %s\ntenant_id = %s\n", options->app_id, options->tenant_id);
	printf("openid_metadata_url = http://127.0.0.1:%d/v1/.well-known/openidconfiguration\n",
		port);
	printf("issuer = https://api.botframework.com\n");
	printf("token_url = http://127.0.0.1:%d/%s/oauth2/v2.0/token\n", port, options->tenant_id);
	printf("scope = " DT_AUDIENCE_BOT "/.default\ncredential = secret\nsecret = %s\n",
		options->secret);
	printf("service_hosts = 127.0.0.1:%d\n", port);
	printf("service_url = http://127.0.0.1:%d/teams/%s/\n", port, options->tenant_id);
	printf("keys_min_refresh_s = 1\n\n");
	printf("[graph]\nbase_url = http://127.0.0.1:%d/graph\n", port);
	printf("token_url = http://127.0.0.1:%d/%s/oauth2/v2.0/token\n", port, options->tenant_id);
	printf("client_id = %s\nsecret = %s\nscope = " DT_AUDIENCE_GRAPH "/.default\n\n",
		options->app_id, options->secret);
	printf("[stepup]\n# connection = signin\n");
	printf("issuer = http://127.0.0.1:%d/%s/v2.0\n", port, options->tenant_id);
	printf("token_service = http://127.0.0.1:%d\n\n", port);
	printf("[winget]\nbase_url = http://127.0.0.1:%d/cache\n", port);
	printf("trust_profile = %s/world/trust/profile.json\n\n", dir);
	printf("[packaging]\nwork_dir = %s/work\n\n", dir);
	printf("[security]\nreference_key = @File(%s/reference.key)\n\n", dir);
	printf("[dev]\nloopback = true\n");
}

int dt_config_main(int argc, char **argv)
{
	static const struct option names[] = {
		{ "port", required_argument, NULL, 'p' },
		{ "dir", required_argument, NULL, 'd' },
		{ "database-url", required_argument, NULL, 'u' },
		{ "app-id", required_argument, NULL, 'a' },
		{ "tenant-id", required_argument, NULL, 't' },
		{ "secret", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	struct dt_options options = {
		.port = DT_PORT, .app_id = DT_APP_ID, .tenant_id = DT_TENANT_ID, .secret = DT_SECRET
	};
	const char *database = NULL;
	const char **const texts[] = { &options.dir, &database, &options.app_id, &options.tenant_id,
		&options.secret };
	static const char letters[] = "duats";
	struct ad_err err;
	int name;

	while ((name = getopt_long(argc, argv, "", names, NULL)) != -1) {
		const char *place = strchr(letters, name);
		int64_t port = 0;

		if (name == 'p' && !ad_text_i64(optarg, 1, UINT16_MAX, &port))
			options.port = (int)port;
		else if (place)
			*texts[place - letters] = optarg;
		else
			return usage();
	}
	if (!options.dir || !database || optind != argc)
		return usage();
	struct ad_arena *arena = ad_arena_new();
	int rc = ad_file_mkdirs(options.dir, &err);
	char *dir = rc ? NULL : realpath(options.dir, NULL);
	if (dir)
		rc = reference_key(arena, dir, &err);
	if (dir && !rc)
		print_config(&options, dir, database);
	else
		fprintf(stderr, "appdesk-devtenant: %s cannot be used\n", options.dir);
	free(dir);
	ad_arena_free(arena);
	return rc || !dir ? 1 : 0;
}

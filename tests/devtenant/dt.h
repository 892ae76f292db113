/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The local tenant: what all its parts share. One process, one thread, one libevent loop; every
 * handler runs on it and either answers its request at once or keeps it and answers later.
 */
#ifndef DT_H
#define DT_H

#include "ad/arena.h"
#include "ad/err.h"
#include "ad/json.h"
#include "store.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DT_TENANT_ID "00000000-0000-4000-8000-000000000001"
#define DT_APP_ID "00000000-0000-4000-8000-000000000011"
#define DT_IDENTITY_ID "00000000-0000-4000-8000-000000000012" /* of the machine, beside the bot */
#define DT_SECRET "local-tenant-secret"
#define DT_IDENTITY_HEADER "local-identity-header" /* an App Service's IDENTITY_HEADER */
#define DT_BOT_NAME "AppDesk"
#define DT_PORT 8700
#define DT_PLAYGROUNDS_MAX 16
#define DT_PATH_MAX 4096

#define DT_AUDIENCE_BOT "https://api.botframework.com"
#define DT_AUDIENCE_GRAPH "https://graph.microsoft.com"
#define DT_AUDIENCE_VAULT "https://vault.azure.net"
#define DT_AUDIENCE_EXCHANGE "api://AzureADTokenExchange"

struct dt_options {
	int port; /* 0: choose one */
	const char *dir;
	const char *bot_url;
	const char *installers_dir;
	const char *app_id;
	const char *tenant_id;
	const char *secret;
	unsigned filler;
	bool fresh;
	struct {
		const char *person; /* key */
		const char *url;    /* of the Playground, without a slash at the end */
	} playgrounds[DT_PLAYGROUNDS_MAX];
	size_t playground_count;
};

struct dt_calls;
struct dt_faults;
struct dt_keys;
struct dt_waiters;
struct dt_outside;
struct dt_request;

struct dt_tenant {
	struct dt_options options;
	struct event_base *loop;
	struct dt_store *store;
	char base_url[64];     /* "http://127.0.0.1:8700" */
	char service_url[160]; /* base_url + "/teams/<tenant>/" */
	char bot_id[64];       /* "28:<app id>" */
	struct dt_keys *keys;
	struct dt_calls *calls;
	struct dt_faults *faults;
	struct dt_waiters *waiters;
	struct dt_outside *outside;
	struct dt_request *answered; /* to be freed */
	struct event *sweep;
	int64_t last_activity_id;
};

/* A number that people may change while it runs; see the guide's list of settings. */
int64_t dt_setting(struct dt_tenant *tenant, const char *name);

/* The text of a member whose name may hold a dot ("@odata.type"), or NULL. */
const char *dt_member(const struct ad_json *object, const char *name);

/* A new random GUID in the arena. */
char *dt_guid(struct ad_arena *arena);

/* STATE/name, in the arena. */
char *dt_state_path(struct dt_tenant *tenant, struct ad_arena *arena, const char *name);

/* Now, as RFC 3339. */
char *dt_now(struct ad_arena *arena);

#endif

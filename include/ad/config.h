/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration: one table of typed keys, read from an INI file and then from the environment
 * (APPDESK_<SECTION>_<KEY>, which wins). An unknown key refuses to start. Read once at start;
 * read-only afterwards, so any thread may read it.
 */
#ifndef AD_CONFIG_H
#define AD_CONFIG_H

#include "ad/arena.h"
#include "ad/err.h"
#include "ad/json.h"

#include <stdbool.h>
#include <stdint.h>

#define AD_CONFIG_LIST_MAX 32 /* entries of one list */

struct ad_config_list {
	const char *item[AD_CONFIG_LIST_MAX];
	size_t count;
};

/* How the bot, or Graph's client, proves who it is. */
struct ad_config_credential {
	const char *kind; /* the key "credential" */
	const char *secret;
	const char *certificate;
	const char *certificate_key;
	const char *managed_identity_client_id;
	const char *federated_token_file;
};

/* Every field is one row of the table in src/config/keys.c; texts are never NULL. Secrets are
 * marked there and never printed. All memory belongs to the config's arena. */
struct ad_config {
	struct {
		const char *listen;
		const char *admin_listen;
		const char *public_url;
		struct ad_config_list tls_certificate; /* pair by pair with tls_key */
		struct ad_config_list tls_key;
		const char *tls_client_ca;
		bool behind_proxy;
		struct ad_config_list proxies; /* addresses and networks */
		int64_t turn_workers;
		int64_t turn_queue;
	} server;
	struct {
		const char *url;
	} database;
	struct {
		const char *app_id;
		const char *tenant_id;
		const char *cloud;
		const char *openid_metadata_url;
		const char *issuer;
		const char *token_url;
		const char *scope;
		struct ad_config_credential credential;
		struct ad_config_list tenants;
		struct ad_config_list channels;
		struct ad_config_list service_hosts;
		const char *service_url;
		int64_t keys_min_refresh_s;
	} bot;
	struct {
		const char *base_url;
		const char *token_url;
		const char *client_id;
		struct ad_config_credential credential; /* what it lacks is the bot's */
		const char *scope;
		const char *install_app;   /* "": never */
		int64_t drift_every_s;     /* between two looks at an app's group */
		int64_t directory_every_s; /* between two questions for changes of people */
		int64_t brake_people;      /* ad/domain/brake.h */
		int64_t brake_percent;
	} graph;
	struct {
		const char *transport; /* "" (no mail), "graph" or "smtp" */
		const char *from;      /* graph: object id, UPN or address; smtp: address */
		const char *smtp_url;
		const char *smtp_user;
		const char *smtp_password;
		const char *smtp_ca;
		bool links;
		struct ad_config_list alert_to;
	} mail;
	struct {
		const char *base_url;
		const char *trust_profile;
		int64_t max_index_age_days;
	} winget;
	struct {
		const char *work_dir;
		int64_t workers;
		int64_t max_installer_bytes;
	} packaging;
	struct {
		int64_t address_per_second; /* requests of one address; 0: no limit */
		int64_t person_per_minute;  /* messages and clicks of one person; 0: no limit */
		int64_t tenant_per_second;  /* messages sent to one tenant */
	} limits;
	struct {
		const char *connection; /* "": nothing is stepped up */
		const char *from;       /* a classification of apps */
		int64_t max_age_s;
		const char *context;
		const char *audience;
		const char *issuer;
		const char *metadata_url;
		const char *token_service;
	} stepup;
	struct {
		const char *reference_key;
		struct ad_config_list reference_keys_old;
	} security;
	struct {
		const char *folder;
		const char *words;
	} cards;
	struct {
		bool loopback;
	} dev;
	struct {
		const char *level;
	} log;
};

/*
 * Reads path (NULL: environment only) and the environment, fills presets and defaults, checks.
 * AD_ECONFIG names the key (and line), what is wrong and what to write, never a secret's value. The
 * caller frees.
 */
AD_MUST int ad_config_load(const char *path, struct ad_config **ret, struct ad_err *err);
void ad_config_free(struct ad_config *config);

/* Every key with its value as JSON {"server.listen": "...", ...}; secrets as "***". */
struct ad_json *ad_config_print(struct ad_arena *arena, const struct ad_config *config);

/* "@File(path)" and "@Env(NAME)" in *value become what they point to; anything else stays. key is
 * what an error names. AD_ECONFIG. */
AD_MUST int ad_config_resolve(
	struct ad_arena *arena, const char *key, const char **value, struct ad_err *err);

/* What a secret's source says now: @File is read again. "" when the key was not written. For
 * rotation; any thread. AD_ECONFIG. */
AD_MUST int ad_config_secret(const struct ad_config *config, const char *name,
	struct ad_arena *arena, const char **ret, struct ad_err *err);

/* "127.0.0.1:3978" or "[::1]:0" into address and port; AD_ECONFIG otherwise. */
AD_MUST int ad_config_parse_listen(struct ad_arena *arena, const char *text,
	const char **ret_address, uint16_t *ret_port, struct ad_err *err);
/* True for 127.0.0.0/8, ::1 and localhost. */
bool ad_config_is_loopback(const char *address);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Every configuration key, one row each: name, type, place, default, range, secret, help.
 * Alphabetical by section. */
#include "keys.h"
#include "ad/text.h"

#define AT(field) offsetof(struct ad_config, field)
#define TEXT(key, field, otherwise, help)                                 \
	{                                                                 \
		key, AD_KEY_TEXT, AT(field), otherwise, 0, 0, false, help \
	}
#define SECRET(key, field, help)                                  \
	{                                                         \
		key, AD_KEY_TEXT, AT(field), "", 0, 0, true, help \
	}
#define SECRETS(key, field, help)                                 \
	{                                                         \
		key, AD_KEY_LIST, AT(field), "", 0, 0, true, help \
	}
#define LIST(key, field, otherwise, help)                                 \
	{                                                                 \
		key, AD_KEY_LIST, AT(field), otherwise, 0, 0, false, help \
	}
#define BOOL(key, field, help)                                          \
	{                                                               \
		key, AD_KEY_BOOL, AT(field), "false", 0, 0, false, help \
	}
#define INT(key, field, otherwise, min, max, help)                           \
	{                                                                    \
		key, AD_KEY_INT, AT(field), otherwise, min, max, false, help \
	}

const struct ad_key ad_keys[] = {
	TEXT("bot.app_id", bot.app_id, "", "client id of the bot's app registration (GUID)"),
	LIST("bot.channels", bot.channels, "msteams", "channel ids accepted"),
	TEXT("bot.cloud", bot.cloud, "public", "public, usgov or china"),
	TEXT("bot.certificate", bot.credential.certificate, "",
		"PEM file for bot.credential=certificate: the certificate, its chain, its RSA key"),
	TEXT("bot.certificate_key", bot.credential.certificate_key, "",
		"PEM file of the key when bot.certificate has none"),
	TEXT("bot.credential", bot.credential.kind, "secret",
		"how the bot proves who it is: secret, certificate, managed_identity or federated"),
	TEXT("bot.federated_token_file", bot.credential.federated_token_file, "",
		"file of a Kubernetes workload's token; default AZURE_FEDERATED_TOKEN_FILE"),
	TEXT("bot.issuer", bot.issuer, "", "issuer of inbound tokens; preset of the cloud"),
	INT("bot.keys_min_refresh_s", bot.keys_min_refresh_s, "60", 1, 86400,
		"shortest time between two key fetches that unknown key ids cause"),
	TEXT("bot.managed_identity_client_id", bot.credential.managed_identity_client_id, "",
		"client id of the user-assigned identity, or system; default bot.app_id"),
	TEXT("bot.openid_metadata_url", bot.openid_metadata_url, "", "preset of the cloud"),
	TEXT("bot.scope", bot.scope, "", "scope of outbound tokens; preset of the cloud"),
	SECRET("bot.secret", bot.credential.secret,
		"client secret: value, @File(path) or @Env(NAME)"),
	LIST("bot.service_hosts", bot.service_hosts, "",
		"exact extra hosts (host or host:port) of service URLs"),
	TEXT("bot.service_url", bot.service_url, "",
		"service URL for a first message to somebody who has not written yet; preset of "
		"the cloud"),
	TEXT("bot.tenant_id", bot.tenant_id, "", "the organisation's tenant (GUID)"),
	LIST("bot.tenants", bot.tenants, "",
		"tenants allowed to talk to the bot; default bot.tenant_id"),
	TEXT("bot.token_url", bot.token_url, "", "preset of the cloud"),
	TEXT("cards.folder", cards.folder, "/usr/share/appdesk/cards", "card templates and words"),
	TEXT("cards.words", cards.words, "",
		"folder of words that count in the place of ours: <language>.json"),
	SECRET("database.url", database.url, "libpq connection string of the service's role"),
	BOOL("dev.loopback", dev.loopback,
		"lets URLs be http:// on loopback; only with loopback listeners"),
	TEXT("graph.base_url", graph.base_url, "", "Microsoft Graph; preset of the cloud"),
	INT("graph.brake_people", graph.brake_people, "50", 1, 10000000,
		"more people than that who leave or move at once wait for an admin's word"),
	INT("graph.brake_percent", graph.brake_percent, "20", 1, 100,
		"the same for a larger share of all people; fewer than 5 never wait"),
	TEXT("graph.certificate", graph.credential.certificate, "", "default bot.certificate"),
	TEXT("graph.certificate_key", graph.credential.certificate_key, "",
		"default bot.certificate_key, if graph.certificate is not written"),
	TEXT("graph.client_id", graph.client_id, "", "default bot.app_id"),
	TEXT("graph.credential", graph.credential.kind, "", "default bot.credential"),
	INT("graph.directory_every_s", graph.directory_every_s, "300", 1, 86400,
		"how often the directory is asked who has moved or left"),
	INT("graph.drift_every_s", graph.drift_every_s, "3600", 1, 86400,
		"how often the members of apps' groups are held against the grants"),
	TEXT("graph.federated_token_file", graph.credential.federated_token_file, "",
		"default bot.federated_token_file"),
	TEXT("graph.install_app", graph.install_app, "",
		"the Teams app's id in the organisation's catalogue: installed for people whom a "
		"message does not reach; empty: never"),
	TEXT("graph.managed_identity_client_id", graph.credential.managed_identity_client_id, "",
		"default bot.managed_identity_client_id, else graph.client_id"),
	TEXT("graph.scope", graph.scope, "", "preset of the cloud"),
	SECRET("graph.secret", graph.credential.secret, "default bot.secret"),
	TEXT("graph.token_url", graph.token_url, "", "default bot.token_url"),
	INT("limits.address_per_second", limits.address_per_second, "50", 0, 100000,
		"requests of one address: so many with a token seen before, and as many others; 0 "
		"switches it off"),
	INT("limits.person_per_minute", limits.person_per_minute, "60", 0, 100000,
		"messages and clicks of one person; 0 switches it off"),
	INT("limits.tenant_per_second", limits.tenant_per_second, "50", 1, 100000,
		"messages that a node sends to one tenant; Teams takes about 50"),
	TEXT("log.level", log.level, "info", "debug, info, warn or error"),
	LIST("mail.alert_to", mail.alert_to, "",
		"addresses that hear of what stops the bot itself"),
	TEXT("mail.from", mail.from, "",
		"mailbox that mail comes from: its address; for graph also a UPN or an object id"),
	BOOL("mail.links", mail.links,
		"mails to approvers carry links that decide once; needs server.public_url"),
	TEXT("mail.smtp_ca", mail.smtp_ca, "",
		"PEM file: authorities of the mail server's certificate; default the system's"),
	SECRET("mail.smtp_password", mail.smtp_password,
		"password of smtp_user: value, @File(path) or @Env(NAME)"),
	TEXT("mail.smtp_url", mail.smtp_url, "",
		"smtp://host:587 (STARTTLS is required) or smtps://host:465"),
	TEXT("mail.smtp_user", mail.smtp_user, "", "name for the mail server; empty: none"),
	TEXT("mail.transport", mail.transport, "",
		"how mail leaves: graph or smtp; empty: no mail is sent"),
	INT("packaging.max_installer_bytes", packaging.max_installer_bytes, "2147483648", 1,
		INT64_C(1) << 35, "largest installer that is fetched"),
	TEXT("packaging.work_dir", packaging.work_dir, "/var/lib/appdesk/work",
		"folder for downloads and packages"),
	INT("packaging.workers", packaging.workers, "4", 1, 64, "job threads"),
	SECRET("security.reference_key", security.reference_key,
		"32 bytes in base64 that seal conversation references and package keys: value, "
		"@File(path) or @Env(NAME)"),
	SECRETS("security.reference_keys_old", security.reference_keys_old,
		"keys that were security.reference_key before: what they have sealed is read, and "
		"sealed again with the new one"),
	TEXT("server.admin_listen", server.admin_listen, "127.0.0.1:3979",
		"/healthz /readyz /metrics"),
	BOOL("server.behind_proxy", server.behind_proxy,
		"a reverse proxy (server.proxies) ends TLS in front of server.listen"),
	TEXT("server.listen", server.listen, "127.0.0.1:3978",
		"address:port of POST /api/messages"),
	LIST("server.proxies", server.proxies, "127.0.0.0/8, ::1",
		"addresses and networks of that proxy: nobody else may connect, and its "
		"X-Forwarded-For is believed"),
	TEXT("server.public_url", server.public_url, "", "base of links in mail and cards"),
	LIST("server.tls_certificate", server.tls_certificate, "",
		"PEM file with the chain: TLS 1.2+ in process; more of them, for other names, "
		"behind "
		"commas"),
	TEXT("server.tls_client_ca", server.tls_client_ca, "",
		"PEM file: authorities whose client certificates are accepted"),
	LIST("server.tls_key", server.tls_key, "", "PEM file of its key; as many as certificates"),
	INT("server.turn_queue", server.turn_queue, "256", 1, 65536,
		"turns that may wait; more are answered 503"),
	INT("server.turn_workers", server.turn_workers, "8", 1, 256, "threads that handle turns"),
	TEXT("stepup.audience", stepup.audience, "",
		"application that the sign-in's token must be for; default bot.app_id"),
	TEXT("stepup.connection", stepup.connection, "",
		"OAuth connection of the Azure Bot: approving apps of high risk wants a fresh "
		"sign-in; empty: never"),
	TEXT("stepup.context", stepup.context, "",
		"authentication context that the sign-in must have had, such as c1; empty: any"),
	TEXT("stepup.from", stepup.from, "high",
		"lowest classification of apps that wants it: low, medium, high or critical"),
	TEXT("stepup.issuer", stepup.issuer, "", "issuer of people's tokens; preset of the cloud"),
	INT("stepup.max_age_s", stepup.max_age_s, "900", 60, 86400,
		"how long ago the person may have signed in"),
	TEXT("stepup.metadata_url", stepup.metadata_url, "",
		"OpenID metadata of the tenant; preset of the cloud"),
	TEXT("stepup.token_service", stepup.token_service, "",
		"the bot's user-token service; preset of the cloud"),
	TEXT("winget.base_url", winget.base_url, "https://cdn.winget.microsoft.com/cache",
		"the signed source"),
	INT("winget.max_index_age_days", winget.max_index_age_days, "14", 1, 365,
		"an older index packages nothing"),
	TEXT("winget.trust_profile", winget.trust_profile, "",
		"JSON file: roots, signer and identity of the source; empty: Microsoft's own"),
};

const size_t ad_keys_count = sizeof ad_keys / sizeof ad_keys[0];

const struct ad_key *ad_key_find(const char *name)
{
	for (size_t i = 0; i < ad_keys_count; i++) {
		if (ad_text_eq(ad_keys[i].name, name))
			return &ad_keys[i];
	}
	return NULL;
}

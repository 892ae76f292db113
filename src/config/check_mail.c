/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of the section [mail]: what is wrong is said at the start, not when the first mail is
 * due. */
#include "ad/text.h"
#include "keys.h"

static bool has_scheme(const char *url, const char *scheme)
{
	return ad_text_starts(url, scheme) && url[strlen(scheme)] != '\0';
}

static int check_smtp(const struct ad_config *config, struct ad_err *err)
{
	const char *url = config->mail.smtp_url;
	if (!has_scheme(url, "smtp://") && !has_scheme(url, "smtps://"))
		return AD_FAIL(err, AD_ECONFIG,
			"mail.smtp_url must be smtp://host:587 or smtps://host:465");
	if (strpbrk(url, "@?#\\ ") || strchr(strstr(url, "//") + 2, '/'))
		return AD_FAIL(err, AD_ECONFIG,
			"mail.smtp_url holds more than scheme, host and port: write the name into "
			"mail.smtp_user and the password into mail.smtp_password");
	if (!ad_text_is_mail_address(config->mail.from))
		return AD_FAIL(err, AD_ECONFIG,
			"mail.from must be a plain mail address (appdesk@example.com) when "
			"mail.transport is smtp");
	if (ad_text_empty(config->mail.smtp_user) != ad_text_empty(config->mail.smtp_password))
		return AD_FAIL(err, AD_ECONFIG,
			"mail.smtp_user and mail.smtp_password belong together: write both or "
			"none");
	return 0;
}

static int check_graph(const struct ad_config *config, struct ad_err *err)
{
	const char *from = config->mail.from;
	if (ad_text_is_guid(from) || ad_text_is_mail_address(from))
		return 0;
	return AD_FAIL(err, AD_ECONFIG,
		"mail.from must be the mailbox's object id, user principal name or address");
}

static int check_links(const struct ad_config *config, struct ad_err *err)
{
	if (ad_text_empty(config->server.public_url))
		return AD_FAIL(err, AD_ECONFIG,
			"mail.links needs server.public_url: the address that the links begin "
			"with");
	return ad_config_check_url(config, "server.public_url", config->server.public_url, err);
}

static int check_alerts(const struct ad_config *config, struct ad_err *err)
{
	for (size_t i = 0; i < config->mail.alert_to.count; i++)
		if (!ad_text_is_mail_address(config->mail.alert_to.item[i]))
			return AD_FAIL(err, AD_ECONFIG,
				"mail.alert_to: '%.60s' is not a plain mail address",
				config->mail.alert_to.item[i]);
	return 0;
}

static int check_off(const struct ad_config *config, struct ad_err *err)
{
	if (!config->mail.links && config->mail.alert_to.count == 0)
		return 0;
	return AD_FAIL(err, AD_ECONFIG, "mail.%s needs mail.transport: write graph or smtp",
		config->mail.links ? "links" : "alert_to");
}

int ad_config_check_mail(const struct ad_config *config, struct ad_err *err)
{
	const char *transport = config->mail.transport;
	bool is_smtp = ad_text_eq(transport, "smtp");
	if (ad_text_empty(transport))
		return check_off(config, err);
	if (!is_smtp && !ad_text_eq(transport, "graph"))
		return AD_FAIL(err, AD_ECONFIG,
			"mail.transport is '%.40s': write graph or smtp, or nothing for no mail",
			transport);
	if (ad_text_empty(config->mail.from))
		return AD_FAIL(err, AD_ECONFIG,
			"mail.from is empty: name the mailbox that mail comes from");
	int r = is_smtp ? check_smtp(config, err) : check_graph(config, err);
	if (r == 0)
		r = check_alerts(config, err);
	return r == 0 && config->mail.links ? check_links(config, err) : r;
}

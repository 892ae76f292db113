/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration that is wrong or unsafe refuses to start, names the key, and tells no secret. */
#include "ad/config.h"
#include "ad/file.h"
#include "ad/text.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

#define SMTP "[mail]\ntransport = smtp\n"

static char folder[] = "/tmp/appdesk-config-XXXXXX";
static struct ad_arena *arena;

static const char base[] =
	"[bot]\napp_id = 00000000-0000-4000-8000-000000000011\ntenant_id = "
	"00000000-0000-4000-8000-000000000001\n"
	"secret = canary-4711\n[database]\nurl = postgresql:///appdesk\n"
	"[security]\nreference_key = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";

static int setup(void **state)
{
	(void)state;
	arena = ad_arena_new();
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	struct ad_err err = { 0 };
	(void)state;
	int r = ad_file_remove_tree(folder, &err);
	ad_arena_free(arena);
	return r;
}

static int load(const char *more, struct ad_config **ret, struct ad_err *err)
{
	const char *path = ad_printf(arena, "%s/c.ini", folder);
	const char *text = ad_printf(arena, "%s%s", base, more);
	assert_int_equal(ad_file_write(path, text, strlen(text), 0600, err), 0);
	return ad_config_load(path, ret, err);
}

static void test_defaults_and_presets_fill_what_is_not_written(void **state)
{
	struct ad_config *c = NULL;
	struct ad_err err = { 0 };
	(void)state;
	int r = load("[server]\nturn_workers = 3\n", &c, &err);
	assert_string_equal(err.text, "");
	assert_int_equal(r, 0);
	assert_int_equal(c->server.turn_workers, 3);
	assert_string_equal(c->server.listen, "127.0.0.1:3978");
	assert_string_equal(c->bot.issuer, "https://api.botframework.com");
	assert_string_equal(c->bot.token_url,
		"https://login.microsoftonline.com/"
		"00000000-0000-4000-8000-000000000001/oauth2/v2.0/token");
	assert_string_equal(c->graph.client_id, c->bot.app_id);
	assert_int_equal(c->bot.tenants.count, 1);
	assert_int_equal(c->bot.channels.count, 1);
	ad_config_free(c);
}

static void test_graph_proves_itself_as_the_bot_unless_told_otherwise(void **state)
{
	struct ad_config *c = NULL;
	struct ad_err err = { 0 };
	(void)state;
	int r = load("[bot]\ncredential = certificate\ncertificate = /b.pem\n"
		     "certificate_key = /b.key\n",
		&c, &err);
	assert_string_equal(err.text, "");
	assert_int_equal(r, 0);
	assert_string_equal(c->graph.credential.kind, "certificate");
	assert_string_equal(c->graph.credential.certificate, "/b.pem");
	assert_string_equal(c->graph.credential.certificate_key, "/b.key");
	ad_config_free(c);
	r = load("[bot]\ncredential = certificate\ncertificate = /b.pem\n"
		 "certificate_key = /b.key\n[graph]\ncertificate = /g.pem\n",
		&c, &err);
	assert_int_equal(r, 0);
	assert_string_equal(c->graph.credential.certificate, "/g.pem");
	assert_string_equal(c->graph.credential.certificate_key, "");
	ad_config_free(c);
	r = load("[graph]\ncredential = certificate\ncertificate = /g.pem\n", &c, &err);
	assert_int_equal(r, 0);
	assert_string_equal(c->bot.credential.kind, "secret");
	assert_string_equal(c->graph.credential.kind, "certificate");
	ad_config_free(c);
}

static void test_ids_are_in_the_form_of_the_channel(void **state)
{
	struct ad_config *c = NULL;
	struct ad_err err = { 0 };
	(void)state;
	int r = load("[bot]\napp_id = ABCDEF00-0000-4000-8000-000000000011\n"
		     "tenant_id = ABCDEF00-0000-4000-8000-000000000001\n"
		     "tenants = ABCDEF00-0000-4000-8000-000000000001\n",
		&c, &err);
	assert_string_equal(err.text, "");
	assert_int_equal(r, 0);
	assert_string_equal(c->bot.app_id, "abcdef00-0000-4000-8000-000000000011");
	assert_string_equal(c->bot.tenant_id, "abcdef00-0000-4000-8000-000000000001");
	assert_string_equal(c->bot.tenants.item[0], "abcdef00-0000-4000-8000-000000000001");
	ad_config_free(c);
}

/* libinih would read the end of a long line, or an indented line, as something else. */
static void test_a_line_that_would_be_misread_is_refused_without_repeating_it(void **state)
{
	struct ad_config *c = NULL;
	struct ad_err err = { 0 };
	(void)state;
	int r = load(ad_printf(arena, "[database]\nurl = postgresql://u:%0180d-canary@h/d\n", 7),
		&c, &err);
	assert_int_equal(r, AD_ECONFIG);
	assert_non_null(strstr(err.text, "@File"));
	assert_null(strstr(err.text, "canary"));
	r = load("[bot]\nsecret = canary\n  tenants = canary\n", &c, &err);
	assert_int_equal(r, AD_ECONFIG);
	assert_non_null(strstr(err.text, "line 11: begins with a blank"));
	assert_null(strstr(err.text, "canary"));
	assert_int_equal(load("\t\n  ; a remark\n", &c, &err), 0);
	ad_config_free(c);
}

static void test_a_wrong_configuration_is_refused_with_its_key(void **state)
{
	static const char *const cases[][2] = {
		{ "[bot]\nnonsense = 1\n", "bot.nonsense" },
		{ "[bot]\napp_id = x\n", "bot.app_id" },
		{ "[bot]\ntenant_id =\n", "bot.tenant_id" },
		{ "[bot]\nsecret =\n", "bot.secret" },
		{ "[bot]\nsecret = @File(/nonexistent/file)\n", "bot.secret" },
		{ "[bot]\nsecret = @Env(APPDESK_TEST_UNSET)\n", "bot.secret" },
		{ "[bot]\nsecret = @Microsoft.KeyVault(SecretUri=x)\n", "bot.secret" },
		{ "[bot]\ncredential = passport\n", "bot.credential" },
		{ "[bot]\ncredential = certificate\n", "bot.certificate" },
		{ "[graph]\ncredential = certificate\n", "graph.certificate" },
		{ "[graph]\ncredential = passport\n", "graph.credential" },
		{ "[bot]\ncredential = certificate\ncertificate = /x\nsecret =\n"
		  "[graph]\ncredential = secret\n",
			"graph.secret" },
		{ "[bot]\ncredential = federated\n", "bot.federated_token_file" },
		{ "[bot]\ncredential = federated\nfederated_token_file = /x\n"
		  "managed_identity_client_id = system\n",
			"bot.managed_identity_client_id" },
		{ "[bot]\ncredential = managed_identity\nmanaged_identity_client_id = x\n",
			"bot.managed_identity_client_id" },
		{ "[bot]\ncloud = moon\n", "bot.cloud" },
		{ "[bot]\ntoken_url = http://login.example.com/\n", "bot.token_url" },
		{ "[graph]\nbase_url = http://127.0.0.1:1/\n", "graph.base_url" },
		{ "[server]\nlisten = 0.0.0.0:3978\n", "server.listen" },
		{ "[server]\nlisten = 3978\n", "server.listen" },
		{ "[server]\ntls_key = /x\n", "server.tls_certificate" },
		{ "[server]\ntls_key = /x\ntls_certificate = /y, /z\n", "server.tls_key" },
		{ "[server]\ntls_client_ca = /x\n", "server.tls_client_ca" },
		{ "[server]\nbehind_proxy = true\nproxies =\n", "server.proxies" },
		{ "[limits]\naddress_per_second = -1\n", "limits.address_per_second" },
		{ "[server]\nturn_workers = 0\n", "server.turn_workers" },
		{ "[server]\nbehind_proxy = yes\n", "server.behind_proxy" },
		{ "[server]\nlisten = 0.0.0.0:3978\nbehind_proxy = true\n[dev]\nloopback = true\n",
			"dev.loopback" },
		{ "[server]\nadmin_listen = 10.0.0.1:1\n[dev]\nloopback = true\n", "dev.loopback" },
		{ "[mail]\ntransport = pigeon\n", "mail.transport" },
		{ "[mail]\nlinks = true\n", "mail.transport" },
		{ "[mail]\nalert_to = ops@example.com\n", "mail.transport" },
		{ "[mail]\ntransport = graph\n", "mail.from" },
		{ "[mail]\ntransport = graph\nfrom = the counter\n", "mail.from" },
		{ "[mail]\ntransport = graph\nfrom = a@b.c\nalert_to = o@b.c, x\n", "'x'" },
		{ "[mail]\ntransport = graph\nfrom = a@b.c\nlinks = true\n", "server.public_url" },
		{ SMTP "from = a@b.c\n", "mail.smtp_url" },
		{ SMTP "from = a@b.c\nsmtp_url = mail.example.com\n", "mail.smtp_url" },
		{ SMTP "from = a@b.c\nsmtp_url = smtp://u:canary-4711@h\n", "mail.smtp_user" },
		{ SMTP "from = a@b.c\nsmtp_url = smtp://h/path\n", "mail.smtp_url" },
		{ SMTP "from = 00000000-0000-4000-8000-000000000001\nsmtp_url = smtp://h\n",
			"mail.from" },
		{ SMTP "from = a@b.c\nsmtp_url = smtp://h\nsmtp_user = u\n", "mail.smtp_password" },
		{ SMTP "from = a@b.c\nsmtp_url = smtp://h\nsmtp_password = canary-4711\n",
			"mail.smtp_user" },
		{ "[security]\nreference_key = c2hvcnQ=\n", "security.reference_key" },
		{ "[database]\nurl =\n", "database.url" },
		{ "no section\n", "line 9" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ad_config *c = NULL;
		struct ad_err err = { 0 };
		assert_true(load(cases[i][0], &c, &err) < 0);
		if (!strstr(err.text, cases[i][1]))
			fail_msg("%s does not name %s", err.text, cases[i][1]);
		assert_null(strstr(err.text, "canary-4711"));
	}
}

static void test_loopback_overrides_work_on_loopback_only(void **state)
{
	struct ad_config *c = NULL;
	struct ad_err err = { 0 };
	(void)state;
	assert_int_equal(
		load("[dev]\nloopback = true\n[graph]\nbase_url = http://127.0.0.1:8700/graph\n",
			&c, &err),
		0);
	ad_config_free(c);
	assert_true(load("[dev]\nloopback = true\n[graph]\nbase_url = http://10.1.1.1/graph\n", &c,
			    &err) < 0);
}

static void test_a_secret_comes_from_its_file_and_is_never_printed(void **state)
{
	struct ad_config *c = NULL;
	struct ad_err err = { 0 };
	const char *path = ad_printf(arena, "%s/secret", folder);
	(void)state;
	assert_int_equal(ad_file_write(path, "canary-4712\n", 12, 0600, &err), 0);
	assert_int_equal(load(ad_printf(arena, "[bot]\nsecret = @File(%s)\n", path), &c, &err), 0);
	assert_string_equal(c->bot.credential.secret, "canary-4712");
	const char *printed = ad_json_print(arena, ad_config_print(arena, c));
	assert_null(strstr(printed, "canary"));
	assert_non_null(strstr(printed, "\"bot.secret\":\"***\""));
	assert_null(strstr(printed, "AAAAAAAA"));
	ad_config_free(c);
}

static void test_mail_leaves_by_graph_or_by_smtp(void **state)
{
	struct ad_config *c = NULL;
	struct ad_err err = { 0 };
	(void)state;
	int r = load(SMTP "from = appdesk@example.com\nsmtp_url = smtps://mail.example.com:465\n"
			  "smtp_user = u\nsmtp_password = canary-4711\nalert_to = a@b.c, d@e.f\n",
		&c, &err);
	assert_string_equal(err.text, "");
	assert_int_equal(r, 0);
	assert_string_equal(c->mail.transport, "smtp");
	assert_string_equal(c->mail.smtp_password, "canary-4711");
	assert_int_equal(c->mail.alert_to.count, 2);
	assert_false(c->mail.links);
	assert_null(strstr(ad_json_print(arena, ad_config_print(arena, c)), "canary"));
	ad_config_free(c);
	assert_int_equal(
		load("[mail]\ntransport = graph\nfrom = 00000000-0000-4000-8000-000000000001\n"
		     "links = true\n[server]\npublic_url = https://desk.example.com\n",
			&c, &err),
		0);
	assert_true(c->mail.links);
	ad_config_free(c);
}

static void test_step_up_is_off_until_a_connection_is_named(void **state)
{
	struct ad_config *c = NULL;
	struct ad_err err = { 0 };
	(void)state;
	assert_int_equal(load("", &c, &err), 0);
	assert_string_equal(c->stepup.connection, "");
	assert_string_equal(c->stepup.from, "high");
	assert_string_equal(c->stepup.audience, c->bot.app_id);
	assert_string_equal(c->stepup.issuer,
		"https://login.microsoftonline.com/00000000-0000-4000-8000-000000000001/v2.0");
	assert_string_equal(c->stepup.metadata_url,
		"https://login.microsoftonline.com/00000000-0000-4000-8000-000000000001/v2.0/"
		".well-known/openid-configuration");
	assert_string_equal(c->stepup.token_service, "https://token.botframework.com");
	ad_config_free(c);
	assert_int_equal(load("[stepup]\nfrom = grave\n", &c, &err), AD_ECONFIG);
	assert_non_null(strstr(err.text, "stepup.from"));
	assert_int_equal(load("[stepup]\ntoken_service = http://x\n", &c, &err), AD_ECONFIG);
	assert_non_null(strstr(err.text, "stepup.token_service"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults_and_presets_fill_what_is_not_written),
		cmocka_unit_test(test_graph_proves_itself_as_the_bot_unless_told_otherwise),
		cmocka_unit_test(test_ids_are_in_the_form_of_the_channel),
		cmocka_unit_test(test_a_line_that_would_be_misread_is_refused_without_repeating_it),
		cmocka_unit_test(test_a_wrong_configuration_is_refused_with_its_key),
		cmocka_unit_test(test_loopback_overrides_work_on_loopback_only),
		cmocka_unit_test(test_a_secret_comes_from_its_file_and_is_never_printed),
		cmocka_unit_test(test_mail_leaves_by_graph_or_by_smtp),
		cmocka_unit_test(test_step_up_is_off_until_a_connection_is_named),
	};
	return cmocka_run_group_tests_name("config", tests, setup, teardown);
}

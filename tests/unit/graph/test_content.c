/* SPDX-License-Identifier: Apache-2.0 */
/* An app and its content, from nothing to published, through everything that storage does to an
 * upload. The tenant decrypts what it was given with the keys of the commit. */
#include "tenant.h"

#include "ad/clock.h"
#include "ad/crypto.h"

static struct ad_err tenant_err;

#define MARKER "[AppDesk|5|7zip.7zip|24.09]"
#define ZIP_BYTES (20u << 20) /* three blocks */

/* ---- an encrypted file, made here without pack ---- */

static struct {
	struct ad_graph_encryption keys;
	const char *path;
	uint64_t size; /* of the plain zip */
	uint64_t size_encrypted;
} package;

static const char *base64(const uint8_t *data, size_t len)
{
	return ad_base64(tenant.arena, data, len);
}

/* Content need not be a zip for these tests: Intune's own checks are sizes, MAC and digest. */
static void make_package(void)
{
	uint8_t keys[64];
	uint8_t iv[16];
	uint8_t mac[32];
	uint8_t digest[32];
	struct ad_err err;
	uint8_t *plain = ad_xalloc(ZIP_BYTES);
	uint8_t *file = ad_xalloc(48 + ZIP_BYTES + 16);
	for (size_t i = 0; i < ZIP_BYTES; i++)
		plain[i] = (uint8_t)(i * 7 + i / 1000);
	ad_crypto_random(keys, sizeof(keys));
	ad_crypto_random(iv, sizeof(iv));
	memcpy(file + 32, iv, sizeof(iv));
	struct ad_cbc_encryptor *encryptor = ad_cbc_encryptor_new(keys, iv);
	size_t len = ad_cbc_encryptor_update(encryptor, plain, ZIP_BYTES, file + 48);
	ad_cbc_encryptor_final(encryptor, file + 48 + len);
	ad_cbc_encryptor_free(encryptor);
	len += 48 + 16;
	ad_hmac_sha256((struct ad_bytes){ keys + 32, 32 }, file + 32, len - 32, mac);
	memcpy(file, mac, sizeof(mac));
	ad_sha256(plain, ZIP_BYTES, digest);
	package.path = ad_printf(tenant.arena, "%s/package.bin", tenant.folder);
	assert_int_equal(ad_file_write(package.path, file, len, 0600, &err), 0);
	package.size = ZIP_BYTES;
	package.size_encrypted = len;
	package.keys = (struct ad_graph_encryption){ .encryption_key = base64(keys, 32),
		.mac_key = base64(keys + 32, 32),
		.iv = base64(iv, 16),
		.mac = base64(mac, 32),
		.file_digest = base64(digest, 32) };
	free(plain);
	free(file);
}

static struct ad_json *body(void)
{
	static const char text[] =
		"{\"@odata.type\":\"#microsoft.graph.win32LobApp\",\"displayName\":\"7-Zip\","
		"\"description\":\"Packs\",\"publisher\":\"Igor Pavlov\",\"notes\":\"" MARKER "\","
		"\"fileName\":\"IntunePackage.intunewin\",\"setupFilePath\":\"setup.msi\","
		"\"installCommandLine\":\"msiexec /i \\\"setup.msi\\\" /quiet /norestart\","
		"\"uninstallCommandLine\":\"msiexec /x {23170F69-40C1-2702-2409-000001000000} "
		"/quiet\","
		"\"installExperience\":{\"@odata.type\":\"#microsoft.graph."
		"win32LobAppInstallExperience\","
		"\"runAsAccount\":\"system\",\"deviceRestartBehavior\":\"basedOnReturnCode\"},"
		"\"applicableArchitectures\":\"x64\",\"minimumSupportedWindowsRelease\":\"1607\","
		"\"returnCodes\":[{\"@odata.type\":\"#microsoft.graph.win32LobAppReturnCode\","
		"\"returnCode\":0,\"type\":\"success\"}],"
		"\"rules\":[{\"@odata.type\":\"#microsoft.graph.win32LobAppProductCodeRule\","
		"\"ruleType\":\"detection\",\"productCode\":\"{23170F69-40C1-2702-2409-"
		"000001000000}\","
		"\"productVersionOperator\":\"notConfigured\",\"productVersion\":null}]}";
	struct ad_json *json;
	assert_ok(ad_json_parse(tenant.arena, text, strlen(text), &json, &tenant_err));
	return json;
}

static struct ad_graph_app need_app(void)
{
	struct ad_graph_app app;
	assert_ok(ad_graph_app_ensure(
		&tenant.graph, tenant.arena, body(), MARKER, &app, &tenant_err));
	return app;
}

static struct ad_graph_content need_content(void)
{
	struct ad_graph_app app = need_app();
	struct ad_graph_content content;
	const struct ad_graph_content_wish wish = { .app_id = app.id,
		.name = "IntunePackage.intunewin",
		.size = package.size,
		.size_encrypted = package.size_encrypted };
	assert_ok(
		ad_graph_content_ensure(&tenant.graph, tenant.arena, &wish, &content, &tenant_err));
	return content;
}

static unsigned last_staged;

static void note_progress(void *ctx, unsigned staged, unsigned blocks)
{
	(void)ctx;
	assert_int_equal(blocks, 3);
	last_staged = staged;
}

static int upload(const struct ad_graph_content *content, unsigned staged)
{
	const struct ad_graph_upload wish = { .content = *content,
		.path = package.path,
		.size = package.size_encrypted,
		.staged = staged,
		.progress = note_progress };
	return ad_graph_content_upload(&tenant.graph, tenant.arena, &wish, &tenant_err);
}

static void finish_and_check(const struct ad_graph_content *content)
{
	assert_ok(ad_graph_content_commit(
		&tenant.graph, tenant.arena, content, &package.keys, &tenant_err));
	assert_ok(ad_graph_app_publish(
		&tenant.graph, tenant.arena, content->app_id, content->version, &tenant_err));
	struct ad_graph_app app;
	assert_ok(
		ad_graph_app_get(&tenant.graph, tenant.arena, content->app_id, &app, &tenant_err));
	assert_string_equal(app.publishing_state, "published");
	assert_string_equal(app.committed_version, content->version);
	assert_int_equal(ad_json_count(tenant_apps()), 1);
}

static size_t blocks_sent(void)
{
	return tenant_calls("surface=blob&method=PUT&status=201");
}

/* ---- promises ---- */

static void content_goes_from_file_to_published_app(void **state)
{
	(void)state;
	make_package();
	struct ad_graph_content content = need_content();
	assert_ok(upload(&content, 0));
	assert_int_equal(last_staged, 3);
	finish_and_check(&content);
	assert_int_equal(blocks_sent(), 4);
	/* All of it again changes nothing. */
	struct ad_graph_content again = need_content();
	assert_string_equal(again.app_id, content.app_id);
	finish_and_check(&content);
}

static void an_app_that_was_made_without_our_knowing_is_found(void **state)
{
	(void)state;
	tenant_fault("{\"match\":\"graph\",\"method\":\"POST\",\"contains\":\"mobileApps\",\"cut\":"
		     "true,\"after\":true}");
	struct ad_graph_app app = need_app();
	assert_string_equal(app.notes, MARKER);
	assert_int_equal(ad_json_count(tenant_apps()), 1);
	/* The answer 504 may come after the deed, too. */
	(void)tenant_send("POST", "/control/reset", "{}");
	tenant_fault("{\"match\":\"graph\",\"method\":\"POST\",\"contains\":\"mobileApps\","
		     "\"status\":504,\"after\":true}");
	(void)need_app();
	assert_int_equal(ad_json_count(tenant_apps()), 1);
}

static void of_two_apps_with_one_marker_one_stays(void **state)
{
	(void)state;
	struct ad_json *twin = body();
	struct ad_graph_app first;
	/* Made behind our back, as by a worker that lost its lease. */
	assert_ok(ad_graph_app_ensure(
		&tenant.graph, tenant.arena, twin, MARKER, &first, &tenant_err));
	ad_json_set_str(tenant.arena, twin, "notes", MARKER "2");
	struct ad_graph_app second;
	assert_ok(ad_graph_app_ensure(
		&tenant.graph, tenant.arena, twin, MARKER "2", &second, &tenant_err));
	assert_int_equal(ad_json_count(tenant_apps()), 2);
	/* MARKER is a part of both markers. */
	struct ad_graph_app kept = need_app();
	assert_int_equal(ad_json_count(tenant_apps()), 1);
	assert_ok(ad_graph_app_get(&tenant.graph, tenant.arena, kept.id, &first, &tenant_err));
}

static void an_interrupted_upload_goes_on_where_it_was(void **state)
{
	(void)state;
	make_package();
	struct ad_graph_content content = need_content();
	tenant.graph.patience_ms = 0;
	/* The second block fails for as long as anybody has patience. */
	tenant_fault(
		"{\"match\":\"blob\",\"method\":\"PUT\",\"skip\":1,\"count\":6,\"status\":503}");
	assert_true(upload(&content, 0) < 0);
	assert_int_equal(tenant_err.class, AD_CLASS_TRANSIENT);
	assert_int_equal(last_staged, 1);
	tenant.graph.patience_ms = 20000;
	(void)tenant_send("DELETE", "/control/faults", NULL);
	assert_ok(upload(&content, last_staged));
	assert_int_equal(blocks_sent(), 4); /* no block twice, and the list */
	finish_and_check(&content);
}

static void a_flaky_storage_is_outlasted(void **state)
{
	(void)state;
	make_package();
	struct ad_graph_content content = need_content();
	tenant_fault(
		"[{\"match\":\"blob\",\"method\":\"PUT\",\"skip\":0,\"count\":1,\"status\":500},"
		"{\"match\":\"blob\",\"method\":\"PUT\",\"skip\":1,\"count\":1,\"cut\":true},"
		"{\"match\":\"blob\",\"method\":\"PUT\",\"skip\":2,\"count\":1,\"cut\":true,"
		"\"after\":true}]");
	assert_ok(upload(&content, 0));
	finish_and_check(&content);
}

static void an_address_that_ends_on_the_way_is_renewed(void **state)
{
	(void)state;
	make_package();
	struct ad_graph_content content = need_content();
	tenant_fault(
		"{\"match\":\"blob\",\"method\":\"PUT\",\"skip\":1,\"count\":1,\"status\":403}");
	assert_ok(upload(&content, 0));
	assert_int_equal(tenant_calls("path=renewUpload"), 1);
	finish_and_check(&content);

	(void)tenant_send("POST", "/control/reset", "{}");
	content = need_content();
	(void)tenant_send("POST", "/control/uploads/expire", "{}");
	assert_ok(upload(&content, 0));
	finish_and_check(&content);
}

static void an_error_of_storage_holds_no_signature(void **state)
{
	(void)state;
	make_package();
	struct ad_graph_content content = need_content();
	tenant_fault("{\"match\":\"blob\",\"count\":-1,\"status\":403}");
	assert_true(upload(&content, 0) < 0);
	assert_null(strchr(tenant_err.text, '?'));
	assert_null(strstr(tenant_err.text, "sig"));
	assert_null(strstr(tenant_err.text, "http"));
	(void)tenant_send("DELETE", "/control/faults", NULL);
	tenant_fault("{\"match\":\"blob\",\"count\":-1,\"cut\":true}");
	assert_true(upload(&content, 0) < 0);
	assert_null(strstr(tenant_err.text, "http"));
}

static void wrong_keys_are_refused_by_intune(void **state)
{
	(void)state;
	make_package();
	struct ad_graph_content content = need_content();
	assert_ok(upload(&content, 0));
	struct ad_graph_encryption wrong = package.keys;
	wrong.encryption_key = wrong.mac_key;
	int r = ad_graph_content_commit(&tenant.graph, tenant.arena, &content, &wrong, &tenant_err);
	assert_int_equal(r, AD_EINTEGRITY);
	assert_int_equal(tenant_err.class, AD_CLASS_TRANSIENT);
}

static bool no_patience(void *ctx, int64_t ms)
{
	(void)ctx;
	(void)ms;
	return false;
}

static void a_stopped_upload_ends_at_once(void **state)
{
	(void)state;
	make_package();
	struct ad_graph_content content = need_content();
	struct ad_graph_content known = content;
	tenant.graph.pause = no_patience;
	int r = upload(&known, 0);
	assert_int_equal(r, AD_EBUSY);
	assert_int_equal(blocks_sent(), 0);
}

static void assignments_are_added_and_never_replaced(void **state)
{
	(void)state;
	make_package();
	struct ad_graph_content content = need_content();
	assert_ok(upload(&content, 0));
	finish_and_check(&content);
	const char *id = content.app_id;
	assert_ok(ad_graph_app_assign(
		&tenant.graph, tenant.arena, id, EVERYONE, AD_GRAPH_AVAILABLE, &tenant_err));
	assert_ok(ad_graph_app_assign(
		&tenant.graph, tenant.arena, id, APPROVERS, AD_GRAPH_REQUIRED, &tenant_err));
	assert_ok(ad_graph_app_assign(
		&tenant.graph, tenant.arena, id, APPROVERS, AD_GRAPH_REQUIRED, &tenant_err));
	assert_int_equal(
		ad_json_count(ad_json_get(ad_json_first(tenant_apps()), "assignments")), 2);
	assert_int_equal(ad_graph_app_assign(&tenant.graph, tenant.arena, id, EVERYONE,
				 AD_GRAPH_REQUIRED, &tenant_err),
		AD_ECONFLICT);
	assert_ok(ad_graph_app_unassign(&tenant.graph, tenant.arena, id, EVERYONE, &tenant_err));
	assert_ok(ad_graph_app_unassign(&tenant.graph, tenant.arena, id, EVERYONE, &tenant_err));
	assert_int_equal(
		ad_json_count(ad_json_get(ad_json_first(tenant_apps()), "assignments")), 1);
	assert_ok(ad_graph_app_delete(&tenant.graph, tenant.arena, id, &tenant_err));
	assert_ok(ad_graph_app_delete(&tenant.graph, tenant.arena, id, &tenant_err));
	assert_int_equal(ad_json_count(tenant_apps()), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tenant_test(content_goes_from_file_to_published_app),
		tenant_test(an_app_that_was_made_without_our_knowing_is_found),
		tenant_test(of_two_apps_with_one_marker_one_stays),
		tenant_test(an_interrupted_upload_goes_on_where_it_was),
		tenant_test(a_flaky_storage_is_outlasted),
		tenant_test(an_address_that_ends_on_the_way_is_renewed),
		tenant_test(an_error_of_storage_holds_no_signature),
		tenant_test(wrong_keys_are_refused_by_intune),
		tenant_test(a_stopped_upload_ends_at_once),
		tenant_test(assignments_are_added_and_never_replaced),
	};
	return cmocka_run_group_tests(tests, tenant_start, tenant_stop);
}

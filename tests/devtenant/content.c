/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Graph: content versions of Intune apps, and their upload. A file's document is its Graph object
 * with "version", "app", "polls" (until the pending state is over), "next" (the state after it) and
 * "info" (fileEncryptionInfo of the commit); those are never shown.
 */
#include "content.h"

#include "ad/clock.h"
#include "ad/text.h"
#include "blob.h"
#include "graph.h"
#include "package.h"
#include "parts.h"

#include <string.h>

#define BLOB_MIN 64 /* MAC, IV and one block of ciphertext */

static void file_save(struct dt_tenant *tenant, const struct ad_json *file)
{
	dt_put(tenant->store, DT_FILES, ad_json_str(file, "id"), ad_json_str(file, "app"), file);
}

/* The app of the second argument, or NULL after a 404. */
static struct ad_json *app_of(struct dt_request *req)
{
	struct ad_json *app = dt_get(req->tenant->store, req->arena, DT_APPS, req->args[1]);

	if (!app)
		dt_reply_error(
			req, 404, "ResourceNotFound", "Resource '%s' was not found", req->args[1]);
	return app;
}

/* The file of the fourth argument in the version of the third, or NULL after a 404. */
static struct ad_json *file_of(struct dt_request *req)
{
	struct ad_json *app = app_of(req);
	struct ad_json *file =
		app ? dt_get(req->tenant->store, req->arena, DT_FILES, req->args[3]) : NULL;

	if (!app)
		return NULL;
	if (file && ad_text_eq(ad_json_str(file, "version"), req->args[2]) &&
		ad_text_eq(ad_json_str(file, "app"), req->args[1]))
		return file;
	dt_reply_error(req, 404, "ResourceNotFound", "There is no such content file");
	return NULL;
}

bool dt_content_committed(
	struct dt_tenant *tenant, struct ad_arena *arena, const char *app_id, const char *version)
{
	DT_EACH(doc, tenant->store, DT_FILES)
	{
		const struct ad_json *file =
			ad_text_eq(doc->tag, app_id) ? dt_doc_json(arena, doc) : NULL;

		if (file && ad_text_eq(ad_json_str(file, "version"), version) &&
			ad_json_bool(file, "isCommitted", false))
			return true;
	}
	return false;
}

static void reply_version(struct dt_request *req, int status, int64_t number)
{
	struct ad_json *answer = ad_json_new_object(req->arena);

	ad_json_set_str(req->arena, answer, "id", ad_printf(req->arena, "%lld", (long long)number));
	dt_reply_json(req, status, answer);
}

static void handle_create_version(struct dt_request *req)
{
	struct ad_json *app = app_of(req);
	int64_t made = ad_json_int(app, "versions", 0);

	if (!app || !dt_graph_body(req))
		return;
	/* Intune refuses a second version while the first was never committed. */
	if (made && ad_json_kind(ad_json_get(app, "committedContentVersion")) != AD_JSON_STRING) {
		dt_graph_bad(req,
			"A content version cannot be added: the app's first content was never "
			"committed.");
		return;
	}
	ad_json_set_int(req->arena, app, "versions", made + 1);
	dt_put(req->tenant->store, DT_APPS, req->args[1], "", app);
	reply_version(req, 201, made + 1);
}

static void handle_versions(struct dt_request *req)
{
	struct ad_json *app = app_of(req);
	struct ad_json *list = ad_json_new_array(req->arena);

	if (!app)
		return;
	for (int64_t i = ad_json_int(app, "versions", 0); i > 0; i--) {
		struct ad_json *version = ad_json_new_object(req->arena);

		ad_json_set_str(
			req->arena, version, "id", ad_printf(req->arena, "%lld", (long long)i));
		ad_json_append(req->arena, list, version);
	}
	dt_graph_reply_list(req, list, NULL, 100);
}

/* Answers 404 unless the app has the version of the third argument. */
static bool version_missing(struct dt_request *req, const struct ad_json *app)
{
	int64_t number = 0;

	if (!ad_text_i64(req->args[2], 1, ad_json_int(app, "versions", 0), &number))
		return false;
	dt_reply_error(req, 404, "ResourceNotFound", "There is no such content version");
	return true;
}

/* A state that is reached after some polls. */
static void set_pending(
	struct dt_request *req, struct ad_json *file, const char *now, const char *next)
{
	ad_json_set_str(req->arena, file, "uploadState", now);
	ad_json_set_str(req->arena, file, "next", next);
	ad_json_set_int(req->arena, file, "polls", dt_setting(req->tenant, "pending_polls"));
	file_save(req->tenant, file);
}

static struct ad_json *file_shown(struct dt_request *req, const struct ad_json *file)
{
	struct ad_json *shown = ad_json_copy(req->arena, file);
	static const char *const own[] = { "app", "version", "polls", "next", "info", "reason" };

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		ad_json_remove(shown, own[i]);
	return shown;
}

static void handle_create_file(struct dt_request *req)
{
	struct ad_json *app = app_of(req);
	struct ad_json *body = NULL;
	struct ad_json *file = ad_json_new_object(req->arena);

	if (!app || version_missing(req, app) || !(body = dt_graph_body(req)))
		return;
	int64_t size = ad_json_int(body, "size", 0);
	int64_t encrypted = ad_json_int(body, "sizeEncrypted", 0);
	const char *type = dt_member(body, "@odata.type");
	if (ad_text_empty(ad_json_str(body, "name")) || size <= 0 || encrypted < BLOB_MIN ||
		!ad_text_eq(type, "#microsoft.graph.mobileAppContentFile")) {
		dt_graph_bad(req, "A content file needs its '@odata.type', 'name', 'size' and "
				  "'sizeEncrypted'.");
		return;
	}
	ad_json_set_str(req->arena, file, "@odata.type", type);
	ad_json_set_str(req->arena, file, "id", dt_guid(req->arena));
	ad_json_set_str(req->arena, file, "name", ad_json_str(body, "name"));
	ad_json_set_int(req->arena, file, "size", size);
	ad_json_set_int(req->arena, file, "sizeEncrypted", encrypted);
	ad_json_set_str(req->arena, file, "createdDateTime", dt_now(req->arena));
	ad_json_set_bool(req->arena, file, "isCommitted", false);
	ad_json_set_bool(req->arena, file, "isDependency", false);
	ad_json_set_str(req->arena, file, "azureStorageUri", NULL);
	ad_json_set_str(req->arena, file, "azureStorageUriExpirationDateTime", NULL);
	ad_json_set_str(req->arena, file, "app", req->args[1]);
	ad_json_set_str(req->arena, file, "version", req->args[2]);
	set_pending(req, file, "azureStorageUriRequestPending", "azureStorageUriRequestSuccess");
	dt_reply_json(req, 201, file_shown(req, file));
}

static void give_address(struct dt_request *req, struct ad_json *file)
{
	int64_t expires_s;
	const char *address =
		dt_blob_address(req->tenant, req->arena, ad_json_str(file, "id"), &expires_s);

	ad_json_set_str(req->arena, file, "azureStorageUri", address);
	ad_json_set_str(req->arena, file, "azureStorageUriExpirationDateTime",
		ad_clock_iso(req->arena, expires_s));
}

/* One look at a pending state. */
static void advance(struct dt_request *req, struct ad_json *file)
{
	int64_t polls = ad_json_int(file, "polls", 0);
	const char *next = ad_json_str(file, "next");

	if (!next)
		return;
	if (polls > 0) {
		ad_json_set_int(req->arena, file, "polls", polls - 1);
	} else {
		ad_json_set_str(req->arena, file, "uploadState", next);
		ad_json_set_str(req->arena, file, "next", NULL);
		if (ad_text_starts(next, "azureStorageUri"))
			give_address(req, file);
		if (ad_text_eq(next, "commitFileSuccess"))
			ad_json_set_bool(req->arena, file, "isCommitted", true);
	}
	file_save(req->tenant, file);
}

static void handle_file(struct dt_request *req)
{
	struct ad_json *file = file_of(req);

	if (!file)
		return;
	advance(req, file);
	dt_graph_reply(req, 200, file_shown(req, file), NULL);
}

static void handle_files(struct dt_request *req)
{
	struct ad_json *app = app_of(req);
	struct ad_json *list = ad_json_new_array(req->arena);

	if (!app || version_missing(req, app))
		return;
	AD_JSON_EACH(file, dt_list(req->tenant->store, req->arena, DT_FILES, req->args[1]))
	if (ad_text_eq(ad_json_str(file, "version"), req->args[2]))
		ad_json_append(req->arena, list, file_shown(req, file));
	dt_graph_reply_list(req, list, NULL, 100);
}

static void handle_renew(struct dt_request *req)
{
	struct ad_json *file = file_of(req);

	if (!file)
		return;
	if (ad_json_bool(file, "isCommitted", false)) {
		dt_graph_bad(req, "The file is committed already.");
		return;
	}
	set_pending(req, file, "azureStorageUriRenewalPending", "azureStorageUriRenewalSuccess");
	dt_reply_empty(req, 204);
}

static int decrypt(struct dt_request *req, const struct ad_json *file, const struct ad_json *info,
	struct ad_err *err)
{
	const char *path = dt_blob_path(req->tenant, req->arena, ad_json_str(file, "id"));
	const struct dt_package package = {
		.path = path,
		.plain_path = ad_printf(req->arena, "%s.zip", path),
		.info = info,
		.size = ad_json_int(file, "size", 0),
		.size_encrypted = ad_json_int(file, "sizeEncrypted", 0),
	};

	return dt_package_decrypt(req->arena, &package, err);
}

static void handle_commit(struct dt_request *req)
{
	struct ad_json *file = file_of(req);
	struct ad_json *body = file ? dt_graph_body(req) : NULL;
	struct ad_json *info = ad_json_get(body, "fileEncryptionInfo");
	struct ad_err err;

	if (!body)
		return;
	if (ad_json_kind(info) != AD_JSON_OBJECT) {
		dt_graph_bad(req, "The parameter 'fileEncryptionInfo' is missing.");
		return;
	}
	if (ad_json_bool(file, "isCommitted", false)) {
		dt_graph_bad(req, "The file is committed already.");
		return;
	}
	bool failed = decrypt(req, file, info, &err) != 0;
	ad_json_set(req->arena, file, "info", ad_json_copy(req->arena, info));
	ad_json_set_str(req->arena, file, "reason", failed ? err.text : NULL);
	set_pending(
		req, file, "commitFilePending", failed ? "commitFileFailed" : "commitFileSuccess");
	dt_reply_empty(req, 200);
}

/* The newest file of the version; NULL version: of the committed one, or of any. */
static struct ad_json *reported_file(
	struct dt_request *req, const struct ad_json *app, const char *version)
{
	struct ad_json *found = NULL;

	if (!version)
		version = ad_json_str(app, "committedContentVersion");
	AD_JSON_EACH(
		file, dt_list(req->tenant->store, req->arena, DT_FILES, ad_json_str(app, "id")))
	if (!version || ad_text_eq(ad_json_str(file, "version"), version))
		found = file;
	return found;
}

static int report_entries(struct dt_request *req, const struct ad_json *app,
	const struct ad_json *file, struct ad_json *report, struct ad_err *err)
{
	const char *setup = ad_json_str(app, "setupFilePath");
	struct ad_json *entries = NULL;
	int rc = decrypt(req, file, ad_json_get(file, "info"), err);

	if (!rc)
		rc = dt_package_entries(req->arena,
			ad_printf(req->arena, "%s.zip",
				dt_blob_path(req->tenant, req->arena, ad_json_str(file, "id"))),
			&entries, err);
	if (rc)
		return rc;
	ad_json_set(req->arena, report, "entries", entries);
	AD_JSON_EACH(entry, entries)
	if (ad_text_eq(ad_json_str(entry, "name"), setup)) {
		ad_json_set_str(req->arena, report, "sha256", ad_json_str(entry, "sha256"));
		return 0;
	}
	return AD_FAIL(err, AD_EINTEGRITY, "the zip has no setup file '%s'", setup);
}

struct ad_json *dt_content_report(
	struct dt_request *req, const struct ad_json *app, const char *version)
{
	struct ad_json *report = ad_json_new_object(req->arena);
	const struct ad_json *file = reported_file(req, app, version);
	const char *reason = ad_json_str(file, "reason");
	struct ad_err err;

	ad_json_set_bool(req->arena, report, "ok", false);
	ad_json_set_str(req->arena, report, "version", ad_json_str(file, "version"));
	ad_json_set_int(req->arena, report, "size", ad_json_int(file, "size", 0));
	ad_json_set_int(req->arena, report, "sizeEncrypted", ad_json_int(file, "sizeEncrypted", 0));
	ad_json_set_str(req->arena, report, "digest", ad_json_str(file, "info.fileDigest"));
	ad_json_set_str(req->arena, report, "setupFile", ad_json_str(app, "setupFilePath"));
	if (!file || !ad_json_get(file, "info"))
		reason = "nothing was committed";
	else if (!reason && report_entries(req, app, file, report, &err))
		reason = err.text;
	ad_json_set_bool(req->arena, report, "ok", reason == NULL);
	if (reason)
		ad_json_set_str(req->arena, report, "reason", reason);
	return report;
}

#define VERSIONS \
	"/graph/{}/deviceAppManagement/mobileApps/{}/microsoft.graph.win32LobApp/contentVersions"
#define FILES VERSIONS "/{}/files"

static const struct dt_route routes[] = {
	{ "POST", VERSIONS, handle_create_version },
	{ "GET", VERSIONS, handle_versions },
	{ "POST", FILES, handle_create_file },
	{ "GET", FILES, handle_files },
	{ "GET", FILES "/{}", handle_file },
	{ "POST", FILES "/{}/renewUpload", handle_renew },
	{ "POST", FILES "/{}/commit", handle_commit },
	{ NULL, NULL, NULL },
};
const struct dt_routes dt_content_routes = { DT_SURFACE_GRAPH, "/graph/", DT_AUDIENCE_GRAPH,
	routes };

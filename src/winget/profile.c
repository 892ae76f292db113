/* SPDX-License-Identifier: Apache-2.0 */
/* Trust profiles: whom a source belongs to, read from a JSON file and the certificates it names. */
#include "microsoft.h"

#include "ad/file.h"
#include "ad/text.h"

#define PROFILE_MAX (64u << 10)
#define CERTIFICATE_MAX (64u << 10)
#define LIST_MAX 16u

static const char *const members[] = { "name", "root_certificates", "timestamp_root_certificates",
	"signer_subject", "signer_eku", "package_name", "package_publisher" };

struct load {
	struct ad_arena *arena;
	const char *path; /* of the profile */
	const struct ad_json *json;
	struct ad_err *err;
};

static int refuse(const struct load *load, const char *name, const char *why)
{
	return AD_FAIL(
		load->err, AD_ECONFIG, "trust profile %.200s: %.60s %s", load->path, name, why);
}

static int check_members(const struct load *load)
{
	AD_JSON_EACH(member, load->json)
	{
		bool known = false;
		for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
			known = known || ad_text_eq(ad_json_name(member), members[i]);
		if (!known)
			return refuse(load, ad_json_name(member), "is not a known member");
	}
	return 0;
}

static int read_text(const struct load *load, const char *name, const char **ret)
{
	const char *text = ad_json_str(load->json, name);
	if (ad_text_empty(text))
		return refuse(load, name, "is missing or empty");
	*ret = text;
	return 0;
}

static int read_list(
	const struct load *load, const char *name, const char *const **ret, size_t *ret_count)
{
	const struct ad_json *list = ad_json_get(load->json, name);
	size_t count = ad_json_count(list);
	if (ad_json_kind(list) != AD_JSON_ARRAY || count == 0 || count > LIST_MAX)
		return refuse(load, name, "must be a list of one or more texts");
	const char **items = ad_alloc_array(load->arena, count, sizeof *items);
	size_t i = 0;
	AD_JSON_EACH(item, list)
	{
		items[i] = ad_json_text(item);
		if (ad_text_empty(items[i++]))
			return refuse(load, name, "must be a list of one or more texts");
	}
	*ret = items;
	*ret_count = count;
	return 0;
}

/* A relative path is relative to the profile. */
static char *beside(const struct load *load, const char *path)
{
	const char *slash = strrchr(load->path, '/');
	if (path[0] == '/' || !slash)
		return ad_strdup(load->arena, path);
	return ad_printf(load->arena, "%.*s/%s", (int)(slash - load->path), load->path, path);
}

static int read_certificates(
	const struct load *load, const char *name, const struct ad_bytes **ret, size_t *ret_count)
{
	const char *const *paths = NULL;
	size_t count = 0;
	int rc = read_list(load, name, &paths, &count);
	if (rc)
		return rc;
	struct ad_bytes *certificates = ad_alloc_array(load->arena, count, sizeof *certificates);
	for (size_t i = 0; i < count; i++) {
		char *pem = NULL;
		size_t len = 0;
		rc = ad_file_read(load->arena, beside(load, paths[i]), CERTIFICATE_MAX, &pem, &len,
			load->err);
		if (!rc && ad_crypto_cert_der_from_pem(
				   load->arena, pem, len, &certificates[i], load->err) != 0)
			rc = refuse(load, paths[i], "is not a certificate in PEM form");
		if (rc)
			return rc;
	}
	*ret = certificates;
	*ret_count = count;
	return 0;
}

static int read_profile(const struct load *load, struct ad_winget_profile *profile)
{
	struct ad_msix_trust *trust = &profile->trust;
	int rc = check_members(load);
	if (!rc)
		rc = read_text(load, "name", &profile->name);
	if (!rc)
		rc = read_certificates(
			load, "root_certificates", &trust->roots, &trust->root_count);
	if (!rc)
		rc = read_certificates(load, "timestamp_root_certificates", &trust->timestamp_roots,
			&trust->timestamp_root_count);
	if (!rc)
		rc = read_text(load, "signer_subject", &trust->signer_subject);
	if (!rc)
		rc = read_list(load, "signer_eku", &trust->signer_eku, &trust->signer_eku_count);
	if (!rc)
		rc = read_text(load, "package_name", &profile->package_name);
	if (!rc)
		rc = read_text(load, "package_publisher", &profile->package_publisher);
	return rc;
}

int ad_winget_profile_load(
	struct ad_arena *arena, const char *path, struct ad_winget_profile *ret, struct ad_err *err)
{
	char *text = NULL;
	size_t len = 0;
	struct ad_json *json = NULL;
	struct ad_winget_profile profile = { 0 };
	if (ad_text_empty(path)) {
		ad_winget_profile_microsoft(arena, ret);
		return 0;
	}
	int rc = ad_file_read(arena, path, PROFILE_MAX, &text, &len, err);
	if (rc)
		return rc;
	struct load load = { .arena = arena, .path = path, .err = err };
	if (ad_json_parse(arena, text, len, &json, err) != 0 ||
		ad_json_kind(json) != AD_JSON_OBJECT)
		return refuse(&load, "file", "is not a JSON object");
	load.json = json;
	rc = read_profile(&load, &profile);
	if (!rc)
		*ret = profile;
	return rc;
}

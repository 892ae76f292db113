/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the package: checks what goes into the manifest, fills the template, writes the ZIP file.
 */
#include "teams_package.h"
#include "ad/archive/zip_store.h"
#include "ad/buf.h"
#include "ad/cards/template.h"
#include "ad/net.h"
#include "ad/text.h"

#define PACKAGE_MAX ((size_t)1 << 20) /* bytes */
#define VERSION_PART_MAX 999999

/* A name that others find in the DNS: with a dot, and no address written in numbers. */
static bool is_public_host(const char *host)
{
	const char *top = strrchr(host, '.');
	return ad_text_is_host_name(host) && top && top[1 + strspn(top + 1, "0123456789")];
}

/* Three numbers with dots between them. */
static bool is_version(struct ad_arena *arena, const char *text)
{
	char *rest = ad_strdup(arena, text);
	int64_t number;
	int count = 0;
	for (const char *part; (part = strsep(&rest, ".")); count++)
		if (!*part || part[strspn(part, "0123456789")] || (part[0] == '0' && part[1]) ||
			ad_text_i64(part, 0, VERSION_PART_MAX, &number) != 0)
			return false;
	return count == 3;
}

static int check_page(
	struct ad_arena *arena, const char *what, const char *text, struct ad_err *err)
{
	struct ad_net_url url;
	int r = ad_net_url_parse(arena, text, &url, err);
	if (r == 0 && !ad_text_eq(url.scheme, "https"))
		r = AD_FAIL(err, AD_EINVAL, "not https");
	if (r == 0 && url.has_userinfo)
		r = AD_FAIL(err, AD_EINVAL, "a page's address holds no user");
	if (r != 0)
		ad_err_prefix(err, "the address of the %s page: ", what);
	return r;
}

static int check(struct ad_arena *arena, const struct ad_teams_package *package, struct ad_err *err)
{
	const char *name = package->organization;
	if (!ad_text_is_guid(package->app_id))
		return AD_FAIL(err, AD_EINVAL,
			"the app id '%.60s' is not a GUID; it is the Azure Bot's Microsoft App ID",
			package->app_id);
	if (!is_public_host(package->host))
		return AD_FAIL(err, AD_EINVAL,
			"the host '%.80s' is not a DNS name such as appdesk.example.com",
			package->host);
	if (!is_version(arena, package->version))
		return AD_FAIL(err, AD_EINVAL, "the version '%.40s' is not three numbers, as 1.0.2",
			package->version);
	if (!*name || !ad_utf8_valid(name, strlen(name)) ||
		!ad_text_eq(name, ad_utf8_clean(arena, name, false)) ||
		ad_utf16_units(name) > AD_TEAMS_ORGANIZATION_MAX)
		return AD_FAIL(err, AD_EINVAL,
			"the organization's name has at least one character and at most %d",
			AD_TEAMS_ORGANIZATION_MAX);
	int r = check_page(arena, "support", package->website, err);
	if (r == 0)
		r = check_page(arena, "privacy", package->privacy, err);
	return r == 0 ? check_page(arena, "terms", package->terms, err) : r;
}

/* The template with the package's values in it. */
static int fill(struct ad_arena *arena, const struct ad_teams_package *package,
	struct ad_bytes *ret, struct ad_err *err)
{
	const struct ad_bytes text = ad_manifest_files[0].content;
	struct ad_json *source;
	struct ad_template *template;
	struct ad_json *data = ad_json_new_object(arena);
	struct ad_template_context context = { .root = data };
	struct ad_buf out;
	ad_json_set_str(arena, data, "app_id", ad_text_lower(arena, package->app_id));
	ad_json_set_str(arena, data, "host", ad_text_lower(arena, package->host));
	ad_json_set_str(arena, data, "version", package->version);
	ad_json_set_str(arena, data, "organization", package->organization);
	ad_json_set_str(arena, data, "website", package->website);
	ad_json_set_str(arena, data, "privacy", package->privacy);
	ad_json_set_str(arena, data, "terms", package->terms);
	int r = ad_json_parse(arena, (const char *)text.data, text.len, &source, err);
	if (r == 0)
		r = ad_template_compile(arena, source, NULL, &template, err);
	if (r != 0)
		return r;
	ad_buf_init(&out, AD_TEMPLATE_OUTPUT_MAX);
	r = ad_template_expand(template, &context, arena, &out, NULL, err);
	if (r == 0)
		*ret = (struct ad_bytes){ ad_memdup(arena, ad_buf_str(&out), out.len), out.len };
	ad_buf_release(&out);
	return r;
}

static int append(void *ctx, const void *data, size_t len, struct ad_err *err)
{
	return ad_buf_add(ctx, data, len) ? 0 : AD_FAIL(err, AD_ETOOBIG, "the package is too big");
}

static int write_files(struct ad_arena *arena, const struct ad_bytes *contents, struct ad_buf *out,
	struct ad_err *err)
{
	struct ad_zip_store_file files[AD_MANIFEST_FILES];
	struct ad_zip_store *store;
	for (size_t i = 0; i < AD_MANIFEST_FILES; i++)
		files[i] = (struct ad_zip_store_file){
			.name = ad_manifest_files[i].name,
			.size = contents[i].len,
			.crc_known = true,
			.crc = ad_zip_crc32(0, contents[i].data, contents[i].len),
		};
	int r = ad_zip_store_new(arena, files, AD_MANIFEST_FILES, &store, err);
	if (r != 0)
		return r;
	ad_zip_store_set_sink(store, append, out);
	for (size_t i = 0; r == 0 && i < AD_MANIFEST_FILES; i++) {
		r = ad_zip_store_next(store, err);
		if (r == 0)
			r = ad_zip_store_write(store, contents[i].data, contents[i].len, err);
	}
	return r == 0 ? ad_zip_store_finish(store, err) : r;
}

int ad_teams_package_make(struct ad_arena *arena, const struct ad_teams_package *package,
	struct ad_bytes *ret, struct ad_err *err)
{
	struct ad_bytes contents[AD_MANIFEST_FILES];
	struct ad_buf out;
	for (size_t i = 0; i < AD_MANIFEST_FILES; i++)
		contents[i] = ad_manifest_files[i].content;
	int r = check(arena, package, err);
	if (r == 0)
		r = fill(arena, package, &contents[0], err);
	if (r != 0)
		return r;
	ad_buf_init(&out, PACKAGE_MAX);
	r = write_files(arena, contents, &out, err);
	if (r == 0)
		*ret = (struct ad_bytes){ ad_memdup(arena, out.data, out.len), out.len };
	ad_buf_release(&out);
	return r;
}

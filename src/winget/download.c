/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The installer, from wherever its publisher keeps it: streamed to disk while its hash is computed.
 * Whoever asks for a package has a say in which address this machine connects to, so only public
 * addresses are connected to, at every hop. Nothing is ever executed.
 */
#include "ad/winget.h"

#include "ad/file.h"
#include "ad/text.h"

#include <errno.h>
#include <fcntl.h>

#define NAME_PART_MAX 64u
#define TIMEOUT_STATUS 408
#define THROTTLED_STATUS 429

struct download {
	const struct ad_winget_options *options;
	const struct ad_winget_installer *installer;
	const char *id;
	int fd;
	struct ad_sha256 *sha;
	uint64_t size;
	bool stopped; /* by keep_going */
	struct ad_err sink_err;
};

static int on_data(void *context, const void *data, size_t len)
{
	struct download *download = context;
	const struct ad_winget_options *options = download->options;
	if (ad_file_write_all(download->fd, data, len, &download->sink_err) != 0)
		return -1;
	ad_sha256_update(download->sha, data, len);
	download->size += len;
	if (options->keep_going &&
		!options->keep_going(options->keep_going_context, download->size, 0)) {
		download->stopped = true;
		return -1;
	}
	return 0;
}

/* Vendors send downloads through other hosts; addresses are checked anew at each connection. */
static bool on_redirect(void *context, const char *from, const char *to)
{
	const struct download *download = context;
	struct ad_arena *arena = ad_arena_new();
	struct ad_net_url url;
	(void)from;
	bool follow =
		ad_net_url_parse(arena, to, &url, NULL) == 0 && !url.has_userinfo &&
		(ad_text_eq(url.scheme, "https") || (download->options->allow_loopback_http &&
							    ad_net_host_is_loopback(url.host)));
	ad_arena_free(arena);
	return follow;
}

/* What the publisher's server says, as one of: try again, or wait for the publisher. */
static int judge_status(
	const struct download *download, const struct ad_net_response *response, struct ad_err *err)
{
	int rc = ad_net_check(response, "installer", err);
	bool gone = response->status >= 300 && response->status < 500 &&
		    response->status != TIMEOUT_STATUS && response->status != THROTTLED_STATUS;
	if (!rc || !gone)
		return rc;
	rc = AD_FAIL(err, AD_EUPSTREAM,
		"installer of package %.100s: the publisher's server answers %d", download->id,
		response->status);
	if (err)
		err->status = response->status;
	return rc;
}

static int send_request(struct ad_arena *arena, struct download *download,
	struct ad_net_response *response, struct ad_err *err)
{
	const struct ad_winget_options *options = download->options;
	uint64_t max = options->max_installer_bytes ? options->max_installer_bytes
						    : AD_WINGET_INSTALLER_MAX;
	struct ad_net_request request = {
		.url = download->installer->url,
		.sink = on_data,
		.io_ctx = download,
		.response_max = (int64_t)max,
		.total_ms = -1,
		.allow_http_loopback = options->allow_loopback_http,
		.public_addresses_only = !options->allow_loopback_http,
		.redirect = on_redirect,
		.redirect_ctx = download,
	};
	int rc = ad_net_send(options->client, arena, &request, response, err);
	if (download->stopped)
		return AD_FAIL(err, AD_EUNAVAIL, "installer of package %.100s: download stopped",
			download->id);
	if (download->sink_err.code) {
		if (err)
			*err = download->sink_err;
		return download->sink_err.code;
	}
	if (rc) {
		ad_err_prefix(err, "installer of package %.100s: ", download->id);
		if (rc == AD_EDENIED && err)
			err->class = AD_CLASS_PERMANENT;
		return rc;
	}
	return judge_status(download, response, err);
}

static int compare_hash(const struct download *download, struct ad_err *err)
{
	uint8_t digest[AD_SHA256_LEN];
	char found[AD_SHA256_HEX_LEN + 1];
	ad_sha256_final(download->sha, digest);
	ad_hex_encode(digest, sizeof digest, found);
	if (strcmp(found, download->installer->sha256) == 0)
		return 0;
	return AD_FAIL(err, AD_EUPSTREAM,
		"Installer hash mismatch: package %.140s, expected %s, found %s; the publisher "
		"replaced the file, and the package source has to follow",
		download->id, download->installer->sha256, found);
}

/* Letters, digits, dot, hyphen and underscore; anything else becomes an underscore. */
static char *safe_part(struct ad_arena *arena, const char *text)
{
	char *copy = ad_strndup(arena, text, NAME_PART_MAX);
	for (char *c = copy; *c; c++) {
		bool safe = (*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') ||
			    (*c >= 'a' && *c <= 'z') || *c == '.' || *c == '-';
		if (!safe)
			*c = '_';
	}
	return copy;
}

/* Windows decides by the extension what a file is, and addresses often lack one. */
static const char *extension(enum ad_winget_type type)
{
	if (type == AD_WINGET_TYPE_MSI || type == AD_WINGET_TYPE_WIX)
		return "msi";
	return type == AD_WINGET_TYPE_ZIP ? "zip" : "exe";
}

static char *name_for(struct ad_arena *arena, const struct ad_winget_resolution *resolution,
	enum ad_winget_type type)
{
	const struct ad_winget_installer *installer = resolution->choice.installer;
	return ad_printf(arena, "setup-%s-%s-%s.%s", safe_part(arena, resolution->row.id),
		safe_part(arena, resolution->version.version), ad_winget_arch_name(installer->arch),
		extension(type));
}

char *ad_winget_file_name(struct ad_arena *arena, const struct ad_winget_resolution *resolution)
{
	return name_for(arena, resolution, ad_winget_effective_type(resolution->choice.installer));
}

static int transfer(struct ad_arena *arena, struct download *download, const char *path,
	struct ad_net_response *response, struct ad_err *err)
{
	/* What an interrupted run left behind is worth nothing. */
	if (unlink(path) != 0 && errno != ENOENT)
		return AD_FAIL(err, AD_EIO, "%s: %s", path, strerrordesc_np(errno));
	AD_AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return AD_FAIL(err, AD_EIO, "%s: %s", path, strerrordesc_np(errno));
	download->fd = fd;
	download->sha = ad_sha256_new();
	int rc = send_request(arena, download, response, err);
	if (!rc)
		rc = compare_hash(download, err);
	if (!rc && fsync(fd) != 0)
		rc = AD_FAIL(err, AD_EIO, "%s: %s", path, strerrordesc_np(errno));
	ad_sha256_free(download->sha);
	return rc;
}

int ad_winget_download(struct ad_arena *arena, const struct ad_winget_options *options,
	const struct ad_winget_resolution *resolution, const char *folder,
	struct ad_winget_file *ret, struct ad_winget_evidence *evidence, struct ad_err *err)
{
	struct download download = { .options = options,
		.installer = resolution->choice.installer,
		.id = resolution->row.id };
	struct ad_net_response response = { 0 };
	const char *name = name_for(arena, resolution, download.installer->type);
	const char *path = ad_printf(arena, "%s/%s", folder, name);
	ad_trail_begin(options->trail, "installer");
	const char *partial = ad_printf(arena, "%s.part", path);
	int rc = transfer(arena, &download, partial, &response, err);
	if (!rc && rename(partial, path) != 0)
		rc = AD_FAIL(err, AD_EIO, "%s: %s", path, strerrordesc_np(errno));
	if (rc) {
		(void)unlink(partial);
		return rc;
	}
	evidence->installer_url = download.installer->url;
	/* A query may carry a signature that gives access. */
	evidence->installer_final_url =
		ad_strndup(arena, response.url, strcspn(response.url, "?#"));
	evidence->installer_sha256 = download.installer->sha256;
	evidence->installer_size = download.size;
	evidence->downloaded_at = options->now;
	ad_trail_saw(options->trail, "%s, %llu bytes from %s", evidence->installer_sha256,
		(unsigned long long)evidence->installer_size, evidence->installer_final_url);
	*ret = (struct ad_winget_file){ .path = path, .name = name, .size = download.size };
	return 0;
}

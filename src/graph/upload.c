/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Upload to block storage: blocks of equal size, then the list that makes them a file. Each block
 * is repeated by itself; the address is renewed before it ends, and when it is refused. It carries
 * its own right to write, so nothing that holds it gets into an error.
 */
#include "content.h"

#include "ad/buf.h"
#include "ad/bytes.h"
#include "ad/clock.h"
#include "ad/net.h"
#include "ad/text.h"
#include "call.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define BLOCKS_MAX 50000u /* of one file in block storage */
#define BLOCK_ID_DIGITS 8 /* ids of one file are of equal length */
#define BLOCK_TRIES_MAX 6
#define RETRY_BASE_MS 500
#define RETRY_MAX_MS 15000
#define RENEW_LEFT_S (3 * 60) /* an address that ends this soon is renewed */
#define RENEW_AGE_MS (7 * 60 * 1000)
#define RENEW_MIN_MS (30 * 1000) /* a younger address is not renewed for its end */
#define RENEWALS_MAX 3           /* because of refusals, for one block */
#define LIST_BYTES_PER_BLOCK 48u

struct transfer {
	const struct ad_graph *graph;
	struct ad_arena *arena; /* of the whole upload: addresses */
	const struct ad_graph_upload *upload;
	struct ad_graph_address address;
	int fd;
	unsigned blocks;
	uint8_t *room; /* one block */
};

static bool wants_renewal(const struct ad_graph_address *address)
{
	int64_t age_ms = ad_clock_mono_ms() - address->mono_ms;
	if (age_ms >= RENEW_AGE_MS)
		return true;
	return age_ms >= RENEW_MIN_MS && address->expires_at > 0 &&
	       address->expires_at - ad_clock_unix_ms() / 1000 < RENEW_LEFT_S;
}

static int renew(struct transfer *transfer, struct ad_err *err)
{
	return ad_graph_address_get(transfer->graph, transfer->arena, &transfer->upload->content,
		true, &transfer->address, err);
}

/* The word of storage's XML error: "AuthenticationFailed". */
static const char *storage_code(struct ad_arena *arena, const char *body)
{
	const char *begin = strstr(body, "<Code>");
	if (!begin)
		return "";
	begin += strlen("<Code>");
	size_t len = strspn(begin, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
	return ad_strndup(arena, begin, len < 64 ? len : 64);
}

/* One PUT to "<address>&comp=...". Every text is our own: that of the client may hold the URL. */
static int put_once(const struct transfer *transfer, struct ad_arena *arena, const char *query,
	struct ad_bytes body, struct ad_err *err)
{
	const struct ad_net_header block[] = { { "x-ms-blob-type", "BlockBlob" } };
	const struct ad_net_request request = { .method = "PUT",
		.url = ad_printf(arena, "%s%c%s", transfer->address.url,
			strchr(transfer->address.url, '?') ? '&' : '?', query),
		.headers = block,
		.headers_count = 1,
		.content_type = "application/octet-stream",
		.body = body.data,
		.body_len = body.len,
		.total_ms = -1,
		.allow_http_loopback = transfer->graph->allow_http_loopback };
	struct ad_net_response response;
	int r = ad_net_send(transfer->graph->net, arena, &request, &response, err);
	if (r < 0)
		return AD_FAIL(err, r, "storage: no answer (%s)", ad_err_code_name(r));
	if (response.status == 201 || response.status == 200)
		return 0;
	r = ad_net_check(&response, "storage", err);
	if (r == 0)
		r = AD_EINVAL;
	r = AD_FAIL(
		err, r, "storage: HTTP %d %s", response.status, storage_code(arena, response.body));
	if (err) {
		err->status = response.status;
		err->retry_after_s = response.retry_after_s;
	}
	return r;
}

/* What to do after a failed try: 0 try again now (after waiting or renewing), or the error. */
static int recover(
	struct transfer *transfer, int attempt, int *renewals, int failed, struct ad_err *err)
{
	const struct ad_net_retry policy = { .tries_max = BLOCK_TRIES_MAX,
		.base_ms = RETRY_BASE_MS,
		.max_ms = RETRY_MAX_MS,
		.idempotent = true };
	if (err->status == 403) {
		/* Expired, or so new that storage does not know it yet. */
		if (++*renewals > RENEWALS_MAX) {
			err->class = AD_CLASS_TRANSIENT;
			return failed;
		}
		int r = *renewals > 1 ? ad_graph_wait(transfer->graph, RETRY_BASE_MS * 2, err) : 0;
		return r < 0 ? r : renew(transfer, err);
	}
	int64_t wait = ad_net_retry_ms(&policy, attempt, err);
	return wait < 0 ? failed : ad_graph_wait(transfer->graph, wait, err);
}

static int put(
	struct transfer *transfer, const char *query, struct ad_bytes body, struct ad_err *err)
{
	struct ad_arena *arena = ad_arena_new();
	int renewals = 0;
	int r = wants_renewal(&transfer->address) ? renew(transfer, err) : 0;
	for (int attempt = 1; r == 0; attempt++) {
		int failed = put_once(transfer, arena, query, body, err);
		if (failed == 0)
			break;
		ad_arena_reset(arena);
		r = recover(transfer, attempt, &renewals, failed, err);
	}
	ad_arena_free(arena);
	return r;
}

/* Base64 of eight digits, in the given form. */
static const char *block_id(struct ad_arena *arena, unsigned index)
{
	char digits[16]; /* more than any unsigned, so that nothing is cut */
	(void)snprintf(digits, sizeof(digits), "%0*u", BLOCK_ID_DIGITS, index);
	return ad_base64(arena, digits, BLOCK_ID_DIGITS);
}

static int read_block(
	struct transfer *transfer, unsigned index, size_t *ret_len, struct ad_err *err)
{
	uint64_t offset = (uint64_t)index * AD_GRAPH_BLOCK_BYTES;
	uint64_t left = transfer->upload->size - offset;
	size_t len = left < AD_GRAPH_BLOCK_BYTES ? (size_t)left : AD_GRAPH_BLOCK_BYTES;
	for (size_t done = 0; done < len;) {
		ssize_t got = pread(
			transfer->fd, transfer->room + done, len - done, (off_t)(offset + done));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return AD_FAIL(err, AD_EIO, "%s: %s", transfer->upload->path,
				got < 0 ? strerrordesc_np(errno) : "shorter than it was");
		done += (size_t)got;
	}
	*ret_len = len;
	return 0;
}

static int put_blocks(struct transfer *transfer, struct ad_err *err)
{
	const struct ad_graph_upload *upload = transfer->upload;
	for (unsigned i = upload->staged; i < transfer->blocks; i++) {
		size_t len = 0;
		int r = ad_graph_wait(transfer->graph, 0, err);
		if (r == 0)
			r = read_block(transfer, i, &len, err);
		if (r < 0)
			return r;
		const char *query = ad_printf(transfer->arena, "comp=block&blockid=%s",
			ad_url_segment(transfer->arena, block_id(transfer->arena, i)));
		r = put(transfer, query, (struct ad_bytes){ transfer->room, len }, err);
		if (r < 0) {
			ad_err_prefix(err, "block %u of %u: ", i + 1, transfer->blocks);
			return r;
		}
		if (upload->progress)
			upload->progress(upload->progress_ctx, i + 1, transfer->blocks);
	}
	return 0;
}

static int put_list(struct transfer *transfer, struct ad_err *err)
{
	struct ad_buf xml;
	ad_buf_init(&xml, 256 + (size_t)BLOCKS_MAX * LIST_BYTES_PER_BLOCK);
	(void)ad_buf_adds(&xml, "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>");
	for (unsigned i = 0; i < transfer->blocks; i++)
		(void)ad_buf_addf(&xml, "<Latest>%s</Latest>", block_id(transfer->arena, i));
	(void)ad_buf_adds(&xml, "</BlockList>");
	AD_ASSERT(!xml.overflow);
	int r = put(transfer, "comp=blocklist",
		(struct ad_bytes){ (const uint8_t *)ad_buf_str(&xml), xml.len }, err);
	ad_buf_release(&xml);
	if (r == AD_EINVAL)
		return AD_FAIL(err, AD_ECONFLICT, "storage does not know all blocks any more");
	return r;
}

static int open_file(struct transfer *transfer, struct ad_err *err)
{
	const struct ad_graph_upload *upload = transfer->upload;
	struct stat st;
	transfer->fd = open(upload->path, O_RDONLY | O_CLOEXEC);
	if (transfer->fd < 0 || fstat(transfer->fd, &st) < 0)
		return AD_FAIL(err, AD_EIO, "%s: %s", upload->path, strerrordesc_np(errno));
	if ((uint64_t)st.st_size != upload->size)
		return AD_FAIL(err, AD_EIO, "%s has not the size it had", upload->path);
	uint64_t blocks = (upload->size + AD_GRAPH_BLOCK_BYTES - 1) / AD_GRAPH_BLOCK_BYTES;
	if (blocks == 0 || blocks > BLOCKS_MAX || upload->staged > blocks)
		return AD_FAIL(err, AD_ETOOBIG, "a file of %llu bytes cannot be uploaded",
			(unsigned long long)upload->size);
	transfer->blocks = (unsigned)blocks;
	return 0;
}

int ad_graph_content_upload(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_graph_upload *upload, struct ad_err *err)
{
	struct ad_err room;
	struct ad_err *e = err ? err : &room;
	struct transfer transfer = { .graph = graph, .arena = arena, .upload = upload, .fd = -1 };
	int r = open_file(&transfer, e);
	if (r == 0)
		r = ad_graph_address_get(
			graph, arena, &upload->content, false, &transfer.address, e);
	if (r == 0) {
		transfer.room = ad_xalloc(AD_GRAPH_BLOCK_BYTES);
		r = put_blocks(&transfer, e);
		if (r == 0)
			r = put_list(&transfer, e);
		free(transfer.room);
	}
	if (transfer.fd >= 0)
		(void)close(transfer.fd);
	return r;
}

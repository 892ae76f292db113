/* SPDX-License-Identifier: Apache-2.0 */
/* One request on one libcurl handle; see transfer.h. */
#include "transfer.h"

#include "ad/text.h"
#include "address.h"

#include <limits.h>
#include <strings.h>
#include <sys/socket.h>

#define CONNECTION_AGE_MAX_S 60L /* idle ones are not used again: peers close them about then */
#define TRUST_AGE_MAX_S 600L     /* then the bundle of trusted roots is read again */
#define STALL_BYTES_PER_S 1024L
#define USER_AGENT "AppDesk"

static bool is_method(const struct ad_net_request *request, const char *method)
{
	return strcmp(request->method ? request->method : "GET", method) == 0;
}

static bool may_repeat(const struct ad_net_request *request)
{
	return request->idempotent || is_method(request, "GET") || is_method(request, "HEAD") ||
	       is_method(request, "PUT") || is_method(request, "DELETE");
}

/* ---- Callbacks of libcurl ---- */

/* Just before each sending. libcurl quietly sends a request again when a kept connection turns out
 * to be dead, although the peer may have acted on it: for a POST the first time is the only one. */
static int on_sending(void *ctx, char *ip, char *local_ip, int port, int local_port)
{
	(void)ip;
	(void)local_ip;
	(void)port;
	(void)local_port;
	struct ad_net_transfer *transfer = ctx;
	transfer->attempts++;
	if (transfer->attempts == 1 || may_repeat(transfer->request))
		return CURL_PREREQFUNC_OK;
	transfer->failure = AD_EAMBIGUOUS;
	return CURL_PREREQFUNC_ABORT;
}

/* The last moment at which a name has become an address and nothing is sent yet. */
static curl_socket_t on_open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct ad_net_transfer *transfer = ctx;
	bool plain = strcmp(transfer->url.scheme, "http") == 0;
	bool machine = ad_net_address_is_loopback(&address->addr) ||
		       (transfer->request->allow_http_machine &&
			       ad_net_address_is_link_local(&address->addr));
	bool refused = (plain && !machine) || (transfer->request->public_addresses_only &&
						      !ad_net_address_is_public(&address->addr));
	if (refused || purpose != CURLSOCKTYPE_IPCXN) {
		transfer->address_refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int64_t body_limit(const struct ad_net_request *request)
{
	return request->response_max > 0 ? request->response_max : AD_NET_RESPONSE_MAX;
}

static size_t on_body(char *data, size_t size, size_t count, void *ctx)
{
	struct ad_net_transfer *transfer = ctx;
	const struct ad_net_request *request = transfer->request;
	size_t len = size * count;
	long status = 0;
	(void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	transfer->received += (int64_t)len;
	if (transfer->received > body_limit(request)) {
		transfer->failure = AD_ETOOBIG;
		return CURL_WRITEFUNC_ERROR;
	}
	bool to_sink = request->sink && status >= 200 && status < 300;
	if (to_sink && request->sink(request->io_ctx, data, len) != 0)
		transfer->failure = AD_EIO;
	else if (!to_sink && !ad_buf_add(&transfer->body, data, len))
		transfer->failure = AD_ETOOBIG;
	return transfer->failure ? CURL_WRITEFUNC_ERROR : len;
}

static size_t on_upload(char *room, size_t size, size_t count, void *ctx)
{
	struct ad_net_transfer *transfer = ctx;
	const struct ad_net_request *request = transfer->request;
	int64_t left = request->upload_len - transfer->uploaded;
	size_t max = size * count;
	if (left < (int64_t)max)
		max = (size_t)left;
	if (max == 0)
		return 0;
	ssize_t n = request->upload(request->io_ctx, room, max);
	if (n <= 0 || n > (ssize_t)max) {
		transfer->failure = AD_EIO;
		return CURL_READFUNC_ABORT;
	}
	transfer->uploaded += n;
	return (size_t)n;
}

/* ---- Preparing ---- */

/* An option that libcurl does not know would leave a door open: never go on then. */
#define SET(easy, option, value) AD_ASSERT(curl_easy_setopt((easy), (option), (value)) == CURLE_OK)

static void set_safety(struct ad_net_transfer *transfer, bool http)
{
	CURL *easy = transfer->easy;
	SET(easy, CURLOPT_PROTOCOLS_STR, http ? "http" : "https");
	SET(easy, CURLOPT_FOLLOWLOCATION, 0L);
	SET(easy, CURLOPT_PROXY, ""); /* none, whatever the environment says */
	SET(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	SET(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	SET(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	/* The system's bundle alone, read once for all connections: with a folder beside it libcurl
	 * reads the bundle again for each, which costs 0.8 MiB and 17 ms for each. */
	SET(easy, CURLOPT_CAPATH, NULL);
	SET(easy, CURLOPT_CA_CACHE_TIMEOUT, TRUST_AGE_MAX_S);
	SET(easy, CURLOPT_PATH_AS_IS, 1L);
	SET(easy, CURLOPT_NOSIGNAL, 1L);
	/* A transfer that gives up on a name does not wait for the resolver's thread to give up. */
	SET(easy, CURLOPT_QUICK_EXIT, 1L);
	SET(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	SET(easy, CURLOPT_OPENSOCKETDATA, transfer);
	SET(easy, CURLOPT_PREREQFUNCTION, on_sending);
	SET(easy, CURLOPT_PREREQDATA, transfer);
}

static void set_limits(struct ad_net_transfer *transfer)
{
	CURL *easy = transfer->easy;
	const struct ad_net_request *request = transfer->request;
	int total = request->total_ms ? request->total_ms : AD_NET_TOTAL_MS;
	int connect = request->connect_ms ? request->connect_ms : AD_NET_CONNECT_MS;
	SET(easy, CURLOPT_TIMEOUT_MS, total < 0 ? 0L : (long)total);
	SET(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect);
	SET(easy, CURLOPT_LOW_SPEED_LIMIT, STALL_BYTES_PER_S);
	SET(easy, CURLOPT_LOW_SPEED_TIME, (long)AD_NET_STALL_S);
	SET(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)body_limit(request));
	SET(easy, CURLOPT_MAXAGE_CONN, CONNECTION_AGE_MAX_S);
	SET(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	SET(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	SET(easy, CURLOPT_USERAGENT, USER_AGENT);
	SET(easy, CURLOPT_ERRORBUFFER, transfer->detail);
	SET(easy, CURLOPT_WRITEFUNCTION, on_body);
	SET(easy, CURLOPT_WRITEDATA, transfer);
}

static void set_method(struct ad_net_transfer *transfer)
{
	CURL *easy = transfer->easy;
	const struct ad_net_request *request = transfer->request;
	bool sends = is_method(request, "POST") || is_method(request, "PUT") ||
		     is_method(request, "PATCH");
	if (request->upload) {
		SET(easy, CURLOPT_UPLOAD, 1L);
		SET(easy, CURLOPT_READFUNCTION, on_upload);
		SET(easy, CURLOPT_READDATA, transfer);
		SET(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)request->upload_len);
	} else if (request->body_len > 0 || sends) {
		SET(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
		SET(easy, CURLOPT_POSTFIELDS, request->body ? request->body : "");
	} else if (is_method(request, "HEAD")) {
		SET(easy, CURLOPT_NOBODY, 1L);
	}
	if (!is_method(request, "GET") && !is_method(request, "HEAD"))
		SET(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static void add_header(struct ad_net_transfer *transfer, const char *line)
{
	struct curl_slist *list = curl_slist_append(transfer->headers, line);
	AD_ASSERT(list != NULL);
	transfer->headers = list;
}

static int set_headers(struct ad_net_transfer *transfer, struct ad_arena *arena, struct ad_err *err)
{
	const struct ad_net_request *request = transfer->request;
	add_header(transfer, "Expect:"); /* never wait for "100 Continue" */
	add_header(transfer, request->content_type
				     ? ad_printf(arena, "Content-Type: %s", request->content_type)
				     : "Content-Type:");
	for (size_t i = 0; i < request->headers_count; i++) {
		const struct ad_net_header *header = &request->headers[i];
		if (strpbrk(header->name, "\r\n: ") || strpbrk(header->value, "\r\n"))
			return AD_FAIL(err, AD_EINVAL, "request header with a line break");
		/* libcurl leaves out a header without value unless it ends in a semicolon. */
		add_header(transfer, ad_printf(arena, header->value[0] ? "%s: %s" : "%s;",
					     header->name, header->value));
	}
	SET(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers);
	return 0;
}

static bool may_be_plain(const struct ad_net_request *request, const char *host)
{
	bool loopback = request->allow_http_loopback || request->allow_http_machine;
	return (loopback && ad_net_host_is_loopback(host)) ||
	       (request->allow_http_machine && ad_net_host_is_link_local(host));
}

int ad_net_transfer_start(struct ad_net_transfer *transfer, struct ad_arena *arena, CURL *easy,
	const struct ad_net_request *request, struct ad_err *err)
{
	*transfer = (struct ad_net_transfer){ .easy = easy, .request = request };
	int64_t limit = body_limit(request);
	if (request->sink) /* what is kept then is the text of an error */
		limit = AD_NET_RESPONSE_MAX;
	ad_buf_init(&transfer->body, (size_t)limit);
	int rc = ad_net_url_parse(arena, request->url, &transfer->url, err);
	if (rc != 0)
		return rc;
	bool http = strcmp(transfer->url.scheme, "http") == 0;
	if (transfer->url.has_userinfo)
		return AD_FAIL(err, AD_EINVAL, "URL with user information");
	if (http && !may_be_plain(request, transfer->url.host))
		return AD_FAIL(err, AD_EDENIED, "plain http to %s", transfer->url.host);
	if (request->body_len > LONG_MAX || request->upload_len < 0)
		return AD_FAIL(err, AD_EINVAL, "wrong length of request body");
	curl_easy_reset(easy);
	SET(easy, CURLOPT_URL, request->url);
	set_safety(transfer, http);
	set_limits(transfer);
	set_method(transfer);
	return set_headers(transfer, arena, err);
}

static int on_progress(void *ctx, curl_off_t get, curl_off_t got, curl_off_t put, curl_off_t done)
{
	(void)get;
	(void)got;
	(void)put;
	(void)done;
	return atomic_load((atomic_bool *)ctx) ? 1 : 0;
}

void ad_net_transfer_watch(struct ad_net_transfer *transfer, atomic_bool *cancelled)
{
	SET(transfer->easy, CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(transfer->easy, CURLOPT_XFERINFODATA, cancelled);
	SET(transfer->easy, CURLOPT_NOPROGRESS, 0L);
}

void ad_net_transfer_release(struct ad_net_transfer *transfer)
{
	curl_slist_free_all(transfer->headers);
	transfer->headers = NULL;
	ad_buf_release(&transfer->body);
}

/* ---- Result ---- */

static int lost_answer(const struct ad_net_transfer *transfer, int otherwise)
{
	bool acted = transfer->attempts > 0 && !may_repeat(transfer->request);
	return acted ? AD_EAMBIGUOUS : otherwise;
}

static int code_of(const struct ad_net_transfer *transfer, CURLcode code)
{
	static const struct {
		CURLcode curl;
		int code;
	} certain[] = {
		{ CURLE_COULDNT_RESOLVE_HOST, AD_EUNAVAIL },
		{ CURLE_COULDNT_CONNECT, AD_EUNAVAIL },
		{ CURLE_PEER_FAILED_VERIFICATION, AD_EAUTH },
		{ CURLE_SSL_CACERT_BADFILE, AD_ECONFIG },
		{ CURLE_SSL_ISSUER_ERROR, AD_EAUTH },
		{ CURLE_FILESIZE_EXCEEDED, AD_ETOOBIG },
		{ CURLE_UNSUPPORTED_PROTOCOL, AD_EINVAL },
		{ CURLE_URL_MALFORMAT, AD_EINVAL },
	};
	if (transfer->failure)
		return transfer->failure;
	if (transfer->address_refused && transfer->attempts == 0)
		return AD_EDENIED;
	for (size_t i = 0; i < sizeof certain / sizeof certain[0]; i++) {
		if (certain[i].curl == code)
			return certain[i].code;
	}
	return lost_answer(transfer, code == CURLE_OPERATION_TIMEDOUT ? AD_ETIMEOUT : AD_EUNAVAIL);
}

/* The host alone names the peer: paths and queries may hold secrets. */
static int fail(const struct ad_net_transfer *transfer, CURLcode code, struct ad_err *err)
{
	int result = code_of(transfer, code);
	const char *why = transfer->detail[0] ? transfer->detail : curl_easy_strerror(code);
	if (result == AD_EDENIED)
		why = "address not allowed";
	else if (result == AD_ETOOBIG)
		why = "answer over the limit";
	(void)AD_FAIL(err, result, "%s: %s", transfer->url.host, why);
	/* A certificate may be renewed and our clock may be set: worth another try. */
	if (err && result == AD_EAUTH)
		err->class = AD_CLASS_TRANSIENT;
	return result;
}

int ad_net_transfer_abandon(const struct ad_net_transfer *transfer, struct ad_err *err)
{
	int code = lost_answer(transfer, AD_EUNAVAIL);
	return AD_FAIL(err, code, "%s: given up, client is stopping", transfer->url.host);
}

static void keep_headers(
	struct ad_net_transfer *transfer, struct ad_arena *arena, struct ad_net_response *ret)
{
	struct curl_header *header = NULL;
	ret->headers = ad_alloc_array(arena, AD_NET_RESPONSE_HEADERS_MAX, sizeof *ret->headers);
	while (ret->headers_count < AD_NET_RESPONSE_HEADERS_MAX) {
		header = curl_easy_nextheader(transfer->easy, CURLH_HEADER, -1, header);
		if (!header)
			break;
		if (strlen(header->value) > AD_NET_HEADER_MAX)
			continue;
		struct ad_net_header *kept = &ret->headers[ret->headers_count++];
		kept->name = ad_strdup(arena, header->name);
		kept->value = ad_strdup(arena, header->value);
	}
	ret->content_type = ad_strdup(arena, ad_net_response_header(ret, "content-type"));
	ret->etag = ad_strdup(arena, ad_net_response_header(ret, "etag"));
	ret->location = ad_strdup(arena, ad_net_response_header(ret, "location"));
	curl_off_t retry_after = 0;
	(void)curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &retry_after);
	if (retry_after > 0)
		ret->retry_after_s = retry_after < 86400 ? (int)retry_after : 86400;
}

int ad_net_transfer_end(struct ad_net_transfer *transfer, struct ad_arena *arena, CURLcode code,
	struct ad_net_response *ret, struct ad_err *err)
{
	*ret = (struct ad_net_response){
		.sent_anything = transfer->attempts > 0,
		.url = ad_strdup(arena, transfer->request->url),
		.body = ad_strdup(arena, ""),
	};
	if (code != CURLE_OK)
		return fail(transfer, code, err);
	long status = 0;
	(void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	ret->status = (int)status;
	keep_headers(transfer, arena, ret);
	ret->body_len = transfer->body.len;
	ret->body = ad_memdup(arena, ad_buf_str(&transfer->body), transfer->body.len);
	return 0;
}

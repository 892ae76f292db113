/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One mail over SMTP on one libcurl handle. What libcurl reports is a code that fits many cases, so
 * the conversation itself is followed: which command was the last, and what the server replied.
 */
#include "ad/net/mailer.h"

#include "ad/buf.h"
#include "ad/net.h"
#include "ad/text.h"
#include "address.h"
#include "mail_message.h"

#include <stdatomic.h>
#include <sys/socket.h>

#define URL_MAX 300
#define REPLY_BYTES 512 /* of the last line of a reply (RFC 5321 4.5.3.1.5) */
#define STATUS_LEN 3    /* of a reply's line: its three digits */
#define WORD_MAX 30     /* bytes of a word in a reply that is kept: no token is so short */

struct ad_mailer {
	CURL *easy;
	atomic_bool cancelled;
};

/* One mail under way. */
struct dispatch {
	const struct ad_net_mail *mail;
	bool may_be_plain;    /* a loopback address, and allowed */
	bool address_refused; /* plain to an address that is no loopback one */
	enum ad_mailer_stage stage;
	bool is_over; /* all that is said now is good-bye */
	int status;
	char reply[REPLY_BYTES + 1];
	size_t replies_bytes;
	bool is_too_big;
	atomic_bool *cancelled;
	char detail[CURL_ERROR_SIZE];
	struct curl_slist *headers;
	struct curl_slist *recipients;
	curl_mime *body;
};

struct ad_mailer *ad_mailer_new(void)
{
	struct ad_mailer *mailer = ad_xalloc(sizeof *mailer);
	mailer->easy = curl_easy_init();
	AD_ASSERT(mailer->easy != NULL);
	atomic_init(&mailer->cancelled, false);
	return mailer;
}

void ad_mailer_free(struct ad_mailer *mailer)
{
	if (!mailer)
		return;
	curl_easy_cleanup(mailer->easy);
	free(mailer);
}

void ad_mailer_cancel(struct ad_mailer *mailer)
{
	atomic_store(&mailer->cancelled, true);
}

/* ---- following the conversation ---- */

static bool is_command(const char *data, size_t len, const char *command)
{
	size_t n = strlen(command);
	return len >= n && strncmp(data, command, n) == 0;
}

/* Our commands, before they leave. */
static void on_command(struct dispatch *dispatch, const char *data, size_t len)
{
	if (is_command(data, len, "QUIT\r\n"))
		dispatch->is_over = true;
	else if (is_command(data, len, "MAIL FROM:"))
		dispatch->stage = AD_MAILER_ENVELOPE;
	else if (is_command(data, len, "DATA\r\n"))
		dispatch->stage = AD_MAILER_MESSAGE;
}

/* The server's lines, one call each: "250-more" and "250 last". */
static size_t on_reply(char *data, size_t size, size_t count, void *ctx)
{
	struct dispatch *dispatch = ctx;
	size_t len = size * count;
	int64_t status = 0;
	char digits[4] = { 0 };
	dispatch->replies_bytes += len;
	if (dispatch->replies_bytes > AD_MAILER_REPLIES_MAX) {
		dispatch->is_too_big = true;
		return 0;
	}
	if (len < 3 || dispatch->is_over)
		return len;
	memcpy(digits, data, 3);
	if (ad_text_i64(digits, 100, 599, &status) != 0)
		return len;
	size_t keep = len < REPLY_BYTES ? len : REPLY_BYTES;
	dispatch->status = (int)status;
	memcpy(dispatch->reply, data, keep);
	dispatch->reply[keep] = '\0';
	return len;
}

static int on_debug(CURL *easy, curl_infotype type, char *data, size_t len, void *ctx)
{
	(void)easy;
	if (type == CURLINFO_HEADER_OUT)
		on_command(ctx, data, len);
	return 0;
}

static curl_socket_t on_open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct dispatch *dispatch = ctx;
	if (purpose != CURLSOCKTYPE_IPCXN ||
		(dispatch->may_be_plain && !ad_net_address_is_loopback(&address->addr))) {
		dispatch->address_refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int on_progress(void *ctx, curl_off_t get, curl_off_t got, curl_off_t put, curl_off_t done)
{
	(void)get;
	(void)got;
	(void)put;
	(void)done;
	return atomic_load(((struct dispatch *)ctx)->cancelled) ? 1 : 0;
}

/* ---- preparing ---- */

#define SET(easy, option, value) AD_ASSERT(curl_easy_setopt((easy), (option), (value)) == CURLE_OK)

/* scheme://host[:port], nothing else: a path would become the name that we greet with. */
static int check_url(struct dispatch *dispatch, struct ad_arena *arena, struct ad_err *err)
{
	const char *url = dispatch->mail->url;
	bool is_tls = ad_text_starts(url, "smtps://");
	if ((!is_tls && !ad_text_starts(url, "smtp://")) || strlen(url) > URL_MAX)
		return AD_FAIL(err, AD_EINVAL, "mail: not an smtp:// or smtps:// URL");
	const char *place = strstr(url, "//") + 2;
	const char *host = place[0] == '[' ? place + 1 : place;
	size_t host_len = strcspn(host, place[0] == '[' ? "]" : ":");
	if (host_len == 0 || strcspn(place, "/@?#\\ %") != strlen(place))
		return AD_FAIL(err, AD_EINVAL, "mail: the URL is not scheme, host and port");
	dispatch->may_be_plain =
		!is_tls && dispatch->mail->allow_plain_loopback &&
		ad_net_host_is_loopback(ad_text_lower(arena, ad_strndup(arena, host, host_len)));
	return 0;
}

static void set_safety(CURL *easy, struct dispatch *dispatch)
{
	const struct ad_net_mail *mail = dispatch->mail;
	SET(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	SET(easy, CURLOPT_USE_SSL,
		(long)(dispatch->may_be_plain ? CURLUSESSL_TRY : CURLUSESSL_ALL));
	SET(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	SET(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	SET(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (!ad_text_empty(mail->ca_file))
		SET(easy, CURLOPT_CAINFO, mail->ca_file);
	SET(easy, CURLOPT_PROXY, ""); /* none, whatever the environment says */
	SET(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(easy, CURLOPT_NOSIGNAL, 1L);
	SET(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	SET(easy, CURLOPT_OPENSOCKETDATA, dispatch);
	/* A kept connection may be dead without our knowing, and then nobody can tell whether the
	 * mail was taken. */
	SET(easy, CURLOPT_FRESH_CONNECT, 1L);
	SET(easy, CURLOPT_FORBID_REUSE, 1L);
}

static void set_limits(CURL *easy, struct dispatch *dispatch)
{
	const struct ad_net_mail *mail = dispatch->mail;
	long reply_s = mail->reply_s > 0 ? mail->reply_s : AD_MAILER_REPLY_S;
	long total_ms = mail->total_ms > 0 ? mail->total_ms : AD_MAILER_TOTAL_MS;
	SET(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)AD_MAILER_CONNECT_MS);
	SET(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, reply_s);
	SET(easy, CURLOPT_TIMEOUT_MS, total_ms);
	SET(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(easy, CURLOPT_XFERINFODATA, dispatch);
	SET(easy, CURLOPT_NOPROGRESS, 0L);
}

static void set_watch(CURL *easy, struct dispatch *dispatch)
{
	SET(easy, CURLOPT_HEADERFUNCTION, on_reply);
	SET(easy, CURLOPT_HEADERDATA, dispatch);
	SET(easy, CURLOPT_WRITEFUNCTION, on_reply);
	SET(easy, CURLOPT_WRITEDATA, dispatch);
	SET(easy, CURLOPT_DEBUGFUNCTION, on_debug);
	SET(easy, CURLOPT_DEBUGDATA, dispatch);
	SET(easy, CURLOPT_VERBOSE, 1L); /* to the function above and nowhere else */
	SET(easy, CURLOPT_ERRORBUFFER, dispatch->detail);
}

static void set_mail(CURL *easy, struct ad_arena *arena, struct dispatch *dispatch)
{
	const struct ad_net_mail *mail = dispatch->mail;
	/* The path is the name that we greet with: not this machine's. */
	SET(easy, CURLOPT_URL, ad_printf(arena, "%s/%s", mail->url, strchr(mail->from, '@') + 1));
	if (!ad_text_empty(mail->user)) {
		SET(easy, CURLOPT_USERNAME, mail->user);
		SET(easy, CURLOPT_PASSWORD, mail->password ? mail->password : "");
	}
	dispatch->recipients = curl_slist_append(NULL, ad_printf(arena, "<%s>", mail->to));
	dispatch->headers = ad_mail_message_headers(arena, mail);
	dispatch->body = ad_mail_message_body(arena, easy, mail);
	AD_ASSERT(dispatch->recipients != NULL);
	SET(easy, CURLOPT_MAIL_FROM, ad_printf(arena, "<%s>", mail->from));
	SET(easy, CURLOPT_MAIL_RCPT, dispatch->recipients);
	SET(easy, CURLOPT_HTTPHEADER, dispatch->headers);
	SET(easy, CURLOPT_MIMEPOST, dispatch->body);
}

/* ---- result ---- */

/* The server has refused something: its last word says so. */
static bool is_refusal(const struct dispatch *dispatch)
{
	return dispatch->status >= 400;
}

static int code_of(const struct dispatch *dispatch, CURLcode code)
{
	if (dispatch->is_too_big)
		return dispatch->stage == AD_MAILER_MESSAGE ? AD_EAMBIGUOUS : AD_ETOOBIG;
	if (dispatch->address_refused && dispatch->status == 0)
		return AD_EDENIED;
	if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_ISSUER_ERROR ||
		code == CURLE_USE_SSL_FAILED || code == CURLE_SSL_CONNECT_ERROR)
		return AD_EAUTH;
	if (code == CURLE_SSL_CACERT_BADFILE)
		return AD_ECONFIG;
	/* 354 was the last word: the text was under way. Whether its end had left, libcurl does not
	 * say; only a server that has seen the end takes a mail. */
	if (dispatch->stage == AD_MAILER_MESSAGE && dispatch->status == 354)
		return AD_EAMBIGUOUS;
	return code == CURLE_OPERATION_TIMEDOUT ? AD_ETIMEOUT : AD_EUNAVAIL;
}

static int fail(const struct dispatch *dispatch, CURLcode code, struct ad_err *err)
{
	int result = code_of(dispatch, code);
	const char *why = dispatch->detail[0] ? dispatch->detail : curl_easy_strerror(code);
	if (result == AD_EDENIED)
		why = "address not allowed";
	else if (result == AD_ETOOBIG)
		why = "replies over the limit";
	else if (code == CURLE_USE_SSL_FAILED)
		why = "the server offers no TLS (STARTTLS), and without it nothing is sent";
	else if (code == CURLE_LOGIN_DENIED)
		why = "login denied"; /* libcurl's words may repeat what we sent */
	return AD_FAIL(err, result, "mail server: %s", why);
}

/* A reply may repeat what we said: the address, a link that a filter dislikes, even a password. Its
 * plain short words are kept; to a login, none. */
static const char *reply_of(struct ad_arena *arena, const struct dispatch *dispatch)
{
	if (dispatch->stage == AD_MAILER_CONNECT || strlen(dispatch->reply) <= STATUS_LEN)
		return "";
	struct ad_buf kept;
	ad_buf_init(&kept, sizeof dispatch->reply * 4);
	char *rest = ad_utf8_clean(arena, dispatch->reply + STATUS_LEN, false);
	for (char *word; (word = strsep(&rest, " "));) {
		if (!*word)
			continue;
		bool is_plain = strlen(word) <= WORD_MAX && !strpbrk(word, "@/\\=?&%");
		(void)ad_buf_addf(&kept, "%s%s", kept.len > 0 ? " " : "", is_plain ? word : "...");
	}
	const char *text = ad_utf8_cut(arena, ad_buf_str(&kept), AD_MAILER_REPLY_MAX);
	ad_buf_release(&kept);
	return text;
}

static void release(struct dispatch *dispatch)
{
	curl_slist_free_all(dispatch->headers);
	curl_slist_free_all(dispatch->recipients);
	curl_mime_free(dispatch->body);
}

int ad_mailer_send(struct ad_mailer *mailer, struct ad_arena *arena, const struct ad_net_mail *mail,
	struct ad_mailer_answer *ret, struct ad_err *err)
{
	struct dispatch dispatch = { .mail = mail, .cancelled = &mailer->cancelled };
	*ret = (struct ad_mailer_answer){ .text = "" };
	int rc = ad_mail_message_check(mail, err);
	if (rc == 0)
		rc = check_url(&dispatch, arena, err);
	if (rc != 0)
		return rc;
	if (atomic_load(&mailer->cancelled))
		return AD_FAIL(err, AD_EUNAVAIL, "mail: stopping");
	CURL *easy = mailer->easy;
	curl_easy_reset(easy);
	set_safety(easy, &dispatch);
	set_limits(easy, &dispatch);
	set_watch(easy, &dispatch);
	set_mail(easy, arena, &dispatch);
	CURLcode code = curl_easy_perform(easy);
	ret->stage = dispatch.stage;
	ret->status = dispatch.status;
	ret->text = reply_of(arena, &dispatch);
	if (code != CURLE_OK && !is_refusal(&dispatch))
		rc = fail(&dispatch, code, err);
	else if (code == CURLE_OK && (dispatch.stage != AD_MAILER_MESSAGE))
		rc = AD_FAIL(err, AD_EBUG, "mail: libcurl ended without sending the text");
	curl_easy_reset(easy);
	release(&dispatch);
	return rc;
}

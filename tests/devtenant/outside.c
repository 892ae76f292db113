/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl's multi interface on the tenant's libevent loop. */
#include "outside.h"

#include "ad/buf.h"
#include "ad/text.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#define ANSWER_MAX ((size_t)16 << 20)
#define HEADERS_MAX ((size_t)64 << 10)

struct dt_outside {
	struct dt_tenant *tenant;
	CURLM *multi;
	struct event *timer;
	struct running *running;
};

struct running {
	struct running *next;
	CURL *curl;
	struct curl_slist *headers;
	struct ad_buf body, answer_headers;
	char reason[CURL_ERROR_SIZE];
	void (*done)(void *arg, const struct dt_answer *answer);
	void *arg;
};

static void running_free(struct dt_outside *outside, struct running *running)
{
	struct running **link = &outside->running;

	while (*link != running)
		link = &(*link)->next;
	*link = running->next;
	curl_multi_remove_handle(outside->multi, running->curl);
	curl_easy_cleanup(running->curl);
	curl_slist_free_all(running->headers);
	ad_buf_release(&running->body);
	ad_buf_release(&running->answer_headers);
	free(running);
}

static void finished(struct dt_outside *outside, CURL *curl, CURLcode result)
{
	struct running *running = NULL;
	long status = 0;

	curl_easy_getinfo(curl, CURLINFO_PRIVATE, (void *)&running);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	const char *reason = *running->reason ? running->reason : curl_easy_strerror(result);
	const struct dt_answer answer = {
		.status = result == CURLE_OK ? (int)status : 0,
		.error = result == CURLE_OK ? NULL : reason,
		.headers = ad_buf_str(&running->answer_headers),
		.body = ad_buf_str(&running->body),
		.body_len = running->body.len,
	};

	running->done(running->arg, &answer);
	running_free(outside, running);
}

static void collect(struct dt_outside *outside)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(outside->multi, &left)))
		if (message->msg == CURLMSG_DONE)
			finished(outside, message->easy_handle, message->data.result);
}

static void on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct dt_outside *outside = arg;
	int running;
	int flags =
		(what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0);

	curl_multi_socket_action(outside->multi, fd, flags, &running);
	collect(outside);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct dt_outside *outside = arg;
	int running;

	(void)fd;
	(void)what;
	curl_multi_socket_action(outside->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	collect(outside);
}

/* libcurl says what it wants to know about a socket. */
static int watch(CURL *curl, curl_socket_t fd, int what, void *arg, void *known)
{
	struct dt_outside *outside = arg;
	struct event *event = known;

	(void)curl;
	if (event) {
		event_free(event);
		curl_multi_assign(outside->multi, fd, NULL);
	}
	if (what == CURL_POLL_REMOVE)
		return 0;
	short flags = (short)(EV_PERSIST | (what & CURL_POLL_IN ? EV_READ : 0) |
			      (what & CURL_POLL_OUT ? EV_WRITE : 0));
	event = event_new(outside->tenant->loop, fd, flags, on_socket, outside);
	event_add(event, NULL);
	curl_multi_assign(outside->multi, fd, event);
	return 0;
}

static int set_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct dt_outside *outside = arg;
	struct timeval wait = { .tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000 };

	(void)multi;
	if (timeout_ms < 0)
		evtimer_del(outside->timer);
	else
		evtimer_add(outside->timer, &wait);
	return 0;
}

struct dt_outside *dt_outside_new(struct dt_tenant *tenant)
{
	struct dt_outside *outside = ad_xalloc(sizeof(*outside));

	outside->tenant = tenant;
	outside->timer = evtimer_new(tenant->loop, on_timer, outside);
	outside->multi = curl_multi_init();
	curl_multi_setopt(outside->multi, CURLMOPT_SOCKETFUNCTION, watch);
	curl_multi_setopt(outside->multi, CURLMOPT_SOCKETDATA, outside);
	curl_multi_setopt(outside->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(outside->multi, CURLMOPT_TIMERDATA, outside);
	return outside;
}

void dt_outside_free(struct dt_outside *outside)
{
	const struct dt_answer stopped = { .error = "the tenant stops", .headers = "", .body = "" };

	while (outside->running) {
		outside->running->done(outside->running->arg, &stopped);
		running_free(outside, outside->running);
	}
	curl_multi_cleanup(outside->multi);
	event_free(outside->timer);
	free(outside);
}

static size_t take(char *data, size_t size, size_t count, void *arg)
{
	return ad_buf_add(arg, data, size * count) ? size * count : 0;
}

static struct curl_slist *header_list(const struct dt_call *call)
{
	struct ad_arena *arena = ad_arena_new();
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");

	list = curl_slist_append(
		list, ad_printf(arena, "Content-Type: %s",
			      call->content_type ? call->content_type : "application/json"));
	if (call->authorization)
		list = curl_slist_append(
			list, ad_printf(arena, "Authorization: %s", call->authorization));
	AD_JSON_EACH(header, call->headers)
	if (ad_json_text(header))
		list = curl_slist_append(list,
			ad_printf(arena, "%s: %s", ad_json_name(header), ad_json_text(header)));
	ad_arena_free(arena);
	return list;
}

static void configure(struct running *running, const struct dt_call *call)
{
	CURL *curl = running->curl;

	curl_easy_setopt(curl, CURLOPT_URL, call->url);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)call->timeout_ms);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, running->headers);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, running->reason);
	curl_easy_setopt(curl, CURLOPT_PRIVATE, running);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &running->body);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, &running->answer_headers);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
	if (call->body) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_len);
		curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, call->body);
	}
}

void dt_outside_call(struct dt_tenant *tenant, const struct dt_call *call,
	void (*done)(void *arg, const struct dt_answer *answer), void *arg)
{
	struct dt_outside *outside = tenant->outside;
	struct running *running = ad_xalloc(sizeof(*running));

	running->curl = curl_easy_init();
	running->headers = header_list(call);
	running->done = done;
	running->arg = arg;
	ad_buf_init(&running->body, ANSWER_MAX);
	ad_buf_init(&running->answer_headers, HEADERS_MAX);
	configure(running, call);
	running->next = outside->running;
	outside->running = running;
	curl_multi_add_handle(outside->multi, running->curl);
}

char *dt_answer_header(struct ad_arena *arena, const struct dt_answer *answer, const char *name)
{
	size_t name_len = strlen(name);

	for (const char *line = answer->headers; *line;) {
		size_t len = strcspn(line, "\r\n");

		if (len > name_len && line[name_len] == ':' && !strncasecmp(line, name, name_len))
			return ad_text_trim(
				arena, ad_strndup(arena, line + name_len + 1, len - name_len - 1));
		line += len;
		line += strspn(line, "\r\n");
	}
	return NULL;
}

struct ad_json *dt_answer_body(struct ad_arena *arena, const struct dt_answer *answer)
{
	struct ad_json *json = NULL;

	if (!answer->body_len)
		return ad_json_new_null(arena);
	if (!ad_json_parse(arena, answer->body, answer->body_len, &json, NULL))
		return json;
	return ad_json_new_string(
		arena, ad_utf8_valid(answer->body, answer->body_len) ? answer->body : "(not text)");
}

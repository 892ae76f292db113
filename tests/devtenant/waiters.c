/* SPDX-License-Identifier: Apache-2.0 */
/* Long polls. */
#include "waiters.h"

#include "ad/text.h"
#include "shown.h"

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#define LAST_SHOWN 5

struct waiter {
	struct waiter *next;
	struct dt_request *req;
	struct dt_wait what;
	struct event *timer;
};

struct dt_waiters {
	struct waiter *first;
};

struct dt_waiters *dt_waiters_new(void)
{
	return ad_xalloc(sizeof(struct dt_waiters));
}

/* The entry, when this message is what is waited for. */
static struct ad_json *fits(const struct waiter *waiter, const struct dt_doc *message)
{
	struct ad_arena *arena = waiter->req->arena;

	const struct dt_wait *what = &waiter->what;
	int64_t seq = what->only_new ? message->made_seq : message->seq;

	if (seq <= what->after || !dt_sees(waiter->req->tenant, arena, message, what->person))
		return NULL;
	struct ad_json *entry = dt_entry(arena, message, what->person);
	if (!ad_text_eq(ad_json_str(entry, "from"), "bot"))
		return NULL;
	const char *text = ad_json_str(entry, "text");
	if (what->words && (!text || !strcasestr(text, what->words)))
		return NULL;
	return entry;
}

static void reply_entry(struct dt_request *req, struct ad_json *entry)
{
	struct ad_json *answer = ad_json_new_object(req->arena);

	ad_json_set(req->arena, answer, "entry", entry);
	dt_reply_json(req, 200, answer);
}

static void reply_nothing(const struct waiter *waiter)
{
	struct dt_request *req = waiter->req;
	const struct dt_wait *what = &waiter->what;
	struct ad_json *answer = ad_json_new_object(req->arena);
	struct ad_json *entries = ad_json_new_array(req->arena);
	size_t found = 0;

	for (const struct dt_doc *doc = dt_last(req->tenant->store, DT_MESSAGES);
		doc && found < LAST_SHOWN; doc = doc->prev)
		if (dt_sees(req->tenant, req->arena, doc, what->person)) {
			ad_json_append(
				req->arena, entries, dt_entry(req->arena, doc, what->person));
			found++;
		}
	ad_json_set_str(req->arena, answer, "error",
		ad_printf(req->arena, "%s was shown nothing with '%s'",
			ad_json_str(what->person, "key"), what->words ? what->words : ""));
	ad_json_set(req->arena, answer, "entries", entries);
	dt_reply_json(req, 408, answer);
}

static void remove_waiter(struct dt_waiters *waiters, struct waiter *waiter)
{
	struct waiter **link = &waiters->first;

	while (*link != waiter)
		link = &(*link)->next;
	*link = waiter->next;
	event_free(waiter->timer);
	free(waiter);
}

static void on_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct waiter *waiter = arg;
	struct dt_waiters *waiters = waiter->req->tenant->waiters;

	(void)fd;
	(void)what;
	reply_nothing(waiter);
	remove_waiter(waiters, waiter);
}

void dt_waiters_add(struct dt_request *req, const struct dt_wait *what, int64_t timeout_ms)
{
	struct dt_waiters *waiters = req->tenant->waiters;
	struct waiter now = { .req = req, .what = *what };
	struct timeval limit = { .tv_sec = timeout_ms / 1000,
		.tv_usec = (suseconds_t)(timeout_ms % 1000 * 1000) };

	for (const struct dt_doc *doc = dt_last(req->tenant->store, DT_MESSAGES); doc;
		doc = doc->prev) {
		struct ad_json *entry = fits(&now, doc);

		if (entry) {
			reply_entry(req, entry);
			return;
		}
	}
	struct waiter *waiter = ad_xalloc(sizeof(*waiter));
	*waiter = now;
	waiter->next = waiters->first;
	waiters->first = waiter;
	waiter->timer = evtimer_new(req->tenant->loop, on_timeout, waiter);
	evtimer_add(waiter->timer, &limit);
}

void dt_waiters_wake(struct dt_tenant *tenant, const struct dt_doc *message)
{
	struct waiter *next;

	for (struct waiter *waiter = tenant->waiters->first; waiter; waiter = next) {
		struct ad_json *entry = fits(waiter, message);

		next = waiter->next;
		if (!entry)
			continue;
		reply_entry(waiter->req, entry);
		remove_waiter(tenant->waiters, waiter);
	}
}

void dt_waiters_free(struct dt_waiters *waiters)
{
	while (waiters->first) {
		reply_nothing(waiters->first);
		remove_waiter(waiters, waiters->first);
	}
	free(waiters);
}

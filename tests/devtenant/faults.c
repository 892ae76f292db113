/* SPDX-License-Identifier: Apache-2.0 */
/* Faults on order. They are not kept over a restart. */
#include "faults.h"

#include "ad/text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#define FAULTS_MAX 256

struct fault {
	struct ad_arena *arena;
	const struct ad_json *order; /* as it came */
	int64_t id, skip, left, hits;
};

/* A request that is held back: for good, or until its time has come. */
struct held {
	struct held *next;
	struct dt_faults *faults;
	struct dt_request *req;
	struct event *timer; /* NULL: it hangs */
	void (*resume)(struct dt_request *req);
};

struct dt_faults {
	struct fault faults[FAULTS_MAX];
	size_t count;
	int64_t last_id;
	struct held *held;
	struct event_base *loop;
};

struct dt_faults *dt_faults_new(struct event_base *loop)
{
	struct dt_faults *faults = ad_xalloc(sizeof(*faults));

	faults->loop = loop;
	return faults;
}

void dt_faults_free(struct dt_faults *faults)
{
	dt_faults_clear(faults);
	free(faults);
}

static const char *const known_members[] = { "match", "method", "contains", "skip", "count",
	"status", "body", "retry_after", "delay_ms", "hang", "cut", "after", "flip", "stall",
	"rate" };

/* A misspelt member would make a test that proves nothing. */
static int check_members(const struct ad_json *order, struct ad_err *err)
{
	AD_JSON_EACH(member, order)
	{
		bool known = false;

		for (size_t i = 0; i < sizeof(known_members) / sizeof(known_members[0]); i++)
			known = known || ad_text_eq(ad_json_name(member), known_members[i]);
		if (!known)
			return AD_FAIL(
				err, AD_EINVAL, "a fault has no member '%s'", ad_json_name(member));
	}
	return 0;
}

int dt_faults_add(struct dt_faults *faults, const struct ad_json *order, struct ad_err *err)
{
	if (ad_json_kind(order) != AD_JSON_OBJECT)
		return AD_FAIL(err, AD_EINVAL, "a fault is an object");
	int rc = check_members(order, err);
	if (rc)
		return rc;
	if (ad_text_empty(ad_json_str(order, "match")))
		return AD_FAIL(err, AD_EINVAL, "'match' is missing: a surface or a path");
	if (faults->count == FAULTS_MAX)
		return AD_FAIL(err, AD_ETOOBIG, "there are %d faults already", FAULTS_MAX);
	struct fault *fault = &faults->faults[faults->count++];
	fault->arena = ad_arena_new();
	fault->order = ad_json_copy(fault->arena, order);
	fault->id = ++faults->last_id;
	fault->skip = ad_json_int(order, "skip", 0);
	fault->left = ad_json_int(order, "count", 1);
	fault->hits = 0;
	return 0;
}

/* Out of the list, then cut or carried out: that may hold back another one. */
static void let_go(struct dt_faults *faults, struct held *held)
{
	struct held **link = &faults->held;

	while (*link != held)
		link = &(*link)->next;
	*link = held->next;
	if (held->timer) {
		event_free(held->timer);
		held->resume(held->req);
	} else {
		dt_reply_drop(held->req);
	}
	free(held);
}

static struct held *hold(struct dt_faults *faults, struct dt_request *req)
{
	struct held *held = ad_xalloc(sizeof(*held));

	held->faults = faults;
	held->req = req;
	held->next = faults->held;
	faults->held = held;
	return held;
}

static void on_time(evutil_socket_t fd, short what, void *arg)
{
	struct held *held = arg;

	(void)fd;
	(void)what;
	let_go(held->faults, held);
}

void dt_faults_hang(struct dt_faults *faults, struct dt_request *req)
{
	hold(faults, req);
}

void dt_faults_delay(struct dt_faults *faults, struct dt_request *req, int64_t delay_ms,
	void (*resume)(struct dt_request *req))
{
	struct held *held = hold(faults, req);
	struct timeval wait = { .tv_sec = delay_ms / 1000,
		.tv_usec = (suseconds_t)(delay_ms % 1000 * 1000) };

	held->resume = resume;
	held->timer = evtimer_new(faults->loop, on_time, held);
	evtimer_add(held->timer, &wait);
}

void dt_faults_clear(struct dt_faults *faults)
{
	for (size_t i = 0; i < faults->count; i++)
		ad_arena_free(faults->faults[i].arena);
	faults->count = 0;
	while (faults->held)
		let_go(faults, faults->held);
}

struct ad_json *dt_faults_list(const struct dt_faults *faults, struct ad_arena *arena)
{
	struct ad_json *list = ad_json_new_array(arena);

	for (size_t i = 0; i < faults->count; i++) {
		const struct fault *fault = &faults->faults[i];
		struct ad_json *entry = ad_json_copy(arena, fault->order);

		ad_json_set_int(arena, entry, "id", fault->id);
		ad_json_set_int(arena, entry, "hits", fault->hits);
		ad_json_append(arena, list, entry);
	}
	return list;
}

static bool applies(const struct fault *fault, const struct dt_request *req)
{
	const char *match = ad_json_str(fault->order, "match");
	const char *method = ad_json_str(fault->order, "method");
	const char *part = ad_json_str(fault->order, "contains");

	if (match[0] == '/' ? !ad_text_starts(req->path, match)
			    : !ad_text_eq(dt_surface_name(req->surface), match))
		return false;
	return (!method || ad_text_eq(method, req->method)) && (!part || strstr(req->target, part));
}

static enum dt_cut cut_kind(const struct ad_json *order)
{
	if (ad_text_eq(ad_json_str(order, "cut"), "body") ||
		ad_json_kind(ad_json_get(order, "cut")) == AD_JSON_NUMBER)
		return DT_CUT_BODY;
	return ad_json_bool(order, "cut", false) ? DT_CUT_BEFORE : DT_CUT_NO;
}

/* An offset in a body that nobody knows yet; negative from its end. */
static struct dt_offset offset(const struct ad_json *order, const char *name)
{
	bool given = ad_json_kind(ad_json_get(order, name)) == AD_JSON_NUMBER;

	return (struct dt_offset){ given, ad_json_int(order, name, 0) };
}

static const struct dt_fault_plan *plan(const struct fault *fault, struct ad_arena *arena)
{
	struct dt_fault_plan *plan = ad_alloc(arena, sizeof(*plan));
	const struct ad_json *body = ad_json_get(fault->order, "body");

	plan->status = (int)ad_json_int(fault->order, "status", 0);
	plan->retry_after_s = (int)ad_json_int(fault->order, "retry_after", 0);
	plan->delay_ms = ad_json_int(fault->order, "delay_ms", 0);
	plan->hang = ad_json_bool(fault->order, "hang", false);
	plan->after = ad_json_bool(fault->order, "after", false);
	plan->cut = cut_kind(fault->order);
	plan->cut_at = offset(fault->order, "cut");
	plan->flip = offset(fault->order, "flip");
	plan->stall = offset(fault->order, "stall");
	plan->rate = ad_json_int(fault->order, "rate", 0);
	plan->body = body ? ad_json_copy(arena, body) : NULL;
	return plan;
}

const struct dt_fault_plan *dt_faults_take(struct dt_faults *faults, struct dt_request *req)
{
	if (req->surface == DT_SURFACE_CONTROL)
		return NULL;
	for (size_t i = 0; i < faults->count; i++) {
		struct fault *fault = &faults->faults[i];

		if (!fault->left || !applies(fault, req))
			continue;
		if (fault->skip > 0) {
			fault->skip--;
			continue;
		}
		if (fault->left > 0)
			fault->left--;
		fault->hits++;
		return plan(fault, req->arena);
	}
	return NULL;
}

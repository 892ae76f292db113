/* SPDX-License-Identifier: Apache-2.0 */
/* The receipt's timeline: what has happened, what happens now, what will. */
#include "timeline.h"
#include "others.h"
#include "ad/store/grants.h"
#include "ad/text.h"

#define DONE "✔"
#define NOW "●"
#define NEXT "○"
#define STOP "✖"

struct line {
	const char *mark;
	const char *key; /* of the words */
	const char *at;  /* NULL: never */
};

static const char *color_of(const char *mark)
{
	if (ad_text_eq(mark, DONE))
		return "good";
	if (ad_text_eq(mark, NOW))
		return "accent";
	return ad_text_eq(mark, STOP) ? "attention" : "default";
}

/* data: what the words need, copied for lines whose words say something of their own. */
static int add(struct ad_desk *desk, const char *locale, const struct line *line,
	const struct ad_json *data, struct ad_json *lines, struct ad_err *err)
{
	const char *text;
	int e = ad_words(desk, locale, line->key, data, &text, err);
	if (e != 0)
		return e;
	struct ad_arena *arena = desk->arena;
	struct ad_json *item = ad_json_new_object(arena);
	bool now = ad_text_eq(line->mark, NOW);
	ad_json_set_str(arena, item, "mark", line->mark);
	ad_json_set_str(arena, item, "text", text);
	ad_json_set_str(arena, item, "color", color_of(line->mark));
	ad_json_set_str(arena, item, "weight", now ? "bolder" : "default");
	ad_json_set_bool(arena, item, "has_at", line->at != NULL);
	ad_json_set_str(arena, item, "at", line->at ? line->at : "");
	ad_json_append(arena, lines, item);
	return 0;
}

/* ---- the stages ---- */

/* The open stage: whom it waits for, and how many of them were heard. */
static int add_open(struct ad_desk *desk, const char *locale, const struct ad_request *request,
	struct ad_json *data, struct ad_json *lines, struct ad_err *err)
{
	struct line line = { NOW, "step.waiting", NULL };
	if (request->state == AD_REQUEST_NEEDS_INFO)
		line.key = "step.question";
	else if (request->stage_need != 1)
		line.key = "stage.waiting_more";
	else if (request->stage_level > 0)
		line.key = "stage.waiting_instead";
	return add(desk, locale, &line, data, lines, err);
}

static int add_stage(struct ad_desk *desk, const char *locale, const struct ad_request *request,
	const struct ad_stage *stage, struct ad_json *data, struct ad_json *lines,
	struct ad_err *err)
{
	if (stage->state == AD_STAGE_OPEN)
		return add_open(desk, locale, request, data, lines, err);
	if (stage->state == AD_STAGE_EXPIRED || stage->state == AD_STAGE_CLOSED)
		return 0; /* the request's own end says it */
	struct ad_json *own = ad_json_copy(desk->arena, data);
	struct line line = { NEXT, "stage.next", NULL };
	if (stage->state == AD_STAGE_APPROVED)
		line = (struct line){ DONE,
			stage->decided_by_name ? "step.approved" : "step.approved_by_time",
			stage->closed_at };
	else if (stage->state == AD_STAGE_REJECTED)
		line = (struct line){ STOP, "step.rejected", stage->closed_at };
	ad_json_set_str(desk->arena, own, "decided_by",
		stage->decided_by_name ? stage->decided_by_name : "");
	int e = ad_words_into(desk, locale, ad_slate_key(stage->kind), own, "label", err);
	return e == 0 ? add(desk, locale, &line, own, lines, err) : e;
}

/* ---- what comes before and after ---- */

/* A list ends at its first empty entry. */
enum { TAIL_MAX = 2 };

static int add_tail(struct ad_desk *desk, const char *locale, const struct ad_request *request,
	const struct ad_json *data, struct ad_json *lines, struct ad_err *err)
{
	const char *ended = request->closed_at;
	const struct line tails[AD_REQUEST_STATES][TAIL_MAX] = {
		[AD_REQUEST_PENDING] = { { NEXT, "step.prepare", NULL },
			{ NEXT, "step.ready", NULL } },
		[AD_REQUEST_NEEDS_INFO] = { { NEXT, "step.prepare", NULL },
			{ NEXT, "step.ready", NULL } },
		[AD_REQUEST_APPROVED] = { { NOW, "step.preparing", NULL },
			{ NEXT, "step.ready", NULL } },
		[AD_REQUEST_FULFILLING] = { { NOW, "step.preparing", NULL },
			{ NEXT, "step.ready", NULL } },
		[AD_REQUEST_DELIVERED] = { { DONE, "step.prepared", NULL },
			{ DONE, "step.ready", ended } },
		[AD_REQUEST_CANCELLED] = { { STOP,
			ad_request_for_other(request) ? "step.withdrawn" : "step.cancelled",
			ended } },
		[AD_REQUEST_EXPIRED] = { { STOP, "step.expired", ended } },
		[AD_REQUEST_FAILED] = { { STOP, "step.failed", ended } },
		[AD_REQUEST_DRAFT] = { { NOW, "step.agree", NULL }, { NEXT, "step.ready", NULL } },
	};
	int e = 0;
	for (size_t i = 0; e == 0 && i < TAIL_MAX && tails[request->state][i].key; i++)
		e = add(desk, locale, &tails[request->state][i], data, lines, err);
	return e;
}

/* How long the person has it, or that it is over. */
static int add_grant(struct ad_desk *desk, const char *locale, const struct ad_request *request,
	const struct ad_json *data, struct ad_json *lines, struct ad_err *err)
{
	static const char *const over[] = {
		[AD_GRANT_RETURNED] = "step.returned",
		[AD_GRANT_REVOKED] = "step.revoked",
		[AD_GRANT_EXPIRED] = "step.over",
	};
	struct ad_grant grant;
	int e = ad_store_grant_of_request(
		desk->db, desk->arena, desk->tenant_id, request->id, &grant, err);
	if (e == AD_ENOTFOUND)
		return 0;
	if (e != 0 || (grant.state == AD_GRANT_ACTIVE && !grant.expires_at))
		return e;
	bool active = grant.state == AD_GRANT_ACTIVE;
	const struct line line = { active ? NEXT : STOP, active ? "step.until" : over[grant.state],
		active ? grant.expires_at : grant.ended_at };
	return add(desk, locale, &line, data, lines, err);
}

int ad_timeline(struct ad_desk *desk, const char *locale, const struct ad_request *request,
	struct ad_json *data, struct ad_json **ret, struct ad_err *err)
{
	struct ad_stages stages = { 0 };
	struct ad_json *lines = ad_json_new_array(desk->arena);
	const struct line asked = { DONE, "step.asked", request->created_at };
	const struct line automatic = { DONE, "step.automatic", request->approved_at };
	int e = add(desk, locale, &asked, data, lines, err);
	if (e == 0 && request->stage_step == 0 && request->approved_at)
		e = add(desk, locale, &automatic, data, lines, err);
	if (e == 0 && request->stage_step > 0)
		e = ad_request_stages(desk, request, &stages, err);
	for (size_t i = 0; e == 0 && i < stages.count; i++)
		e = add_stage(desk, locale, request, &stages.items[i], data, lines, err);
	if (e == 0)
		e = add_tail(desk, locale, request, data, lines, err);
	if (e == 0 && request->state == AD_REQUEST_DELIVERED)
		e = add_grant(desk, locale, request, data, lines, err);
	*ret = lines;
	return e;
}

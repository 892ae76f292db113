/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What time does to an open stage (product F7, F9): reminders, then the next people, then the end.
 * Runs in a job's transaction. Each run looks at what is true now, does what is due, and says when
 * to look again; so a run that comes late, twice, or for a stage that is over, does no harm.
 */
#include "stage_timer.h"
#include "review.h"
#include "frozen.h"
#include "ad/domain/hours.h"
#include "ad/store/clock.h"
#include "ad/store/jobs.h"
#include "ad/text.h"

#define PAUSED_LOOK_S 900 /* a requester may answer any minute; the clock rests until then */
#define MINUTE_S 60

int ad_stage_timeout(struct ad_desk *desk, const struct ad_policy *policy,
	const struct ad_stage_rule *rule, int64_t *ret_s, struct ad_err *err)
{
	int64_t now_min;
	*ret_s = (int64_t)rule->timeout_min * MINUTE_S;
	if (rule->timeout_min == 0 || !policy->hours.on)
		return 0;
	const char *zone = policy->hours.time_zone;
	int e = ad_store_clock_local(desk->db, desk->arena, zone, &now_min, err);
	if (e != 0)
		return e;
	int64_t end_min = ad_hours_after(&policy->hours, now_min, rule->timeout_min);
	e = ad_store_clock_until(desk->db, desk->arena, zone, end_min, ret_s, err);
	if (e == 0 && *ret_s < 1)
		*ret_s = 1; /* the minute that has begun */
	return e;
}

/* ---- when to look again ---- */

/* The earlier one; 0 is never. */
static int64_t sooner(int64_t a, int64_t b)
{
	if (a == 0 || b == 0)
		return a + b;
	return a < b ? a : b;
}

static int64_t at_least_one(int64_t seconds)
{
	return seconds > 0 ? seconds : 1;
}

/* Seconds until the deadline or the round of reminders that comes next, whichever is first. */
static int64_t next_look(const struct ad_stage_clock *clock)
{
	int64_t after_min = ad_reminder_after(clock->reminders);
	int64_t next = clock->has_deadline ? at_least_one(clock->left_s) : 0;
	if (after_min < 0)
		return next;
	return sooner(next, at_least_one(after_min * MINUTE_S - clock->waited_s));
}

int ad_stage_timer_arm(struct ad_desk *desk, const struct ad_request *request, struct ad_err *err)
{
	struct ad_stage_clock clock;
	int64_t job_id;
	int e = ad_store_clock_stage(
		desk->db, desk->arena, request->id, request->stage, &clock, err);
	if (e != 0)
		return e;
	struct ad_json *payload = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, payload, "request", request->id);
	ad_json_set_int(desk->arena, payload, "stage", request->stage);
	return ad_store_jobs_add(desk->db, desk->arena,
		&(struct ad_job_new){ .tenant_id = desk->tenant_id,
			.kind = AD_JOB_STAGE,
			.key = ad_printf(
				desk->arena, "%lld.%d", (long long)request->id, request->stage),
			.payload = ad_json_print(desk->arena, payload),
			.delay_s = next_look(&clock),
			.sooner = true },
		&job_id, err);
}

/* ---- reminders ---- */

struct round {
	const struct ad_request *request;
	const struct ad_stage_clock *clock;
	struct ad_json *people; /* who were reminded just now */
	int64_t later_s;        /* until somebody's night is over; 0: nobody sleeps */
};

/* The question again, at the end of the person's chat; once for each round. */
static int remind(
	struct ad_desk *desk, struct round *round, const struct ad_reminded *to, struct ad_err *err)
{
	const struct ad_request *request = round->request;
	struct ad_person person = { .oid = to->oid, .name = to->name, .is_approver = true };
	struct ad_desk_reply card;
	struct ad_json *data;
	const char *text;
	size_t before = desk->notices;
	int e = ad_notice_locale(desk, to->oid, &person.locale, err);
	if (e == 0)
		e = ad_request_show_to(desk, &person, request, &card, err);
	if (e == 0)
		e = ad_request_data(desk, request, person.locale, &data, err);
	if (e != 0)
		return e;
	ad_json_set_int(desk->arena, data, "days", round->clock->waited_s / (24 * 60 * MINUTE_S));
	e = ad_words(desk, person.locale, "reminder.short", data, &text, err);
	if (e == 0)
		e = ad_notice_send(desk,
			&(struct ad_notice){ .oid = to->oid,
				.fact = ad_printf(desk->arena, "request.%lld.%d.%d.reminder.%d",
					(long long)request->id, request->stage, round->clock->level,
					round->clock->reminders + 1),
				.card = card.card,
				.text = text,
				.role = card.role,
				.request_id = request->id,
				.version = request->version },
			err);
	if (e == 0 && desk->notices > before)
		ad_json_append(
			desk->arena, round->people, ad_json_new_string(desk->arena, to->oid));
	return e;
}

/* Now, or when this person's night is over. */
static int remind_by_day(
	struct ad_desk *desk, struct round *round, const struct ad_reminded *to, struct ad_err *err)
{
	int64_t now_min;
	int64_t wait_s;
	int e = ad_store_clock_local(desk->db, desk->arena, to->zone, &now_min, err);
	if (e != 0)
		return e;
	int64_t day_min = ad_not_at_night(now_min > to->local_min ? now_min : to->local_min);
	if (day_min <= now_min)
		return remind(desk, round, to, err);
	e = ad_store_clock_until(desk->db, desk->arena, to->zone, day_min, &wait_s, err);
	if (e == 0)
		round->later_s = sooner(round->later_s, at_least_one(wait_s));
	return e;
}

static int trail_reminded(struct ad_desk *desk, const struct round *round)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, details, "stage", round->request->stage);
	ad_json_set_int(desk->arena, details, "level", round->clock->level);
	ad_json_set_int(desk->arena, details, "reminder", round->clock->reminders + 1);
	ad_json_set(desk->arena, details, "people", round->people);
	return ad_trail_later(desk, &(struct ad_event){ .action = "stage.reminded",
					    .entity_type = "request",
					    .entity_id = round->request->id,
					    .details = details });
}

/* The round that is due, as far as people are awake; when everybody has it, the next one counts. */
static int remind_all(struct ad_desk *desk, const struct ad_request *request,
	struct ad_stage_clock *clock, int64_t *ret_later_s, struct ad_err *err)
{
	struct ad_reminded_list list;
	struct round round = {
		.request = request, .clock = clock, .people = ad_json_new_array(desk->arena)
	};
	int64_t due_s = ad_reminder_after(clock->reminders) * MINUTE_S;
	int e = ad_store_clock_reminded(
		desk->db, desk->arena, request->id, request->stage, due_s, &list, err);
	for (size_t i = 0; e == 0 && i < list.count; i++)
		e = remind_by_day(desk, &round, &list.items[i], err);
	if (e == 0 && ad_json_count(round.people) > 0)
		e = trail_reminded(desk, &round);
	*ret_later_s = round.later_s;
	if (e != 0 || round.later_s != 0)
		return e;
	/* Rounds that were missed (the service was down, somebody slept) are not made up for. */
	do {
		clock->reminders++;
		due_s = ad_reminder_after(clock->reminders) * MINUTE_S;
	} while (due_s > 0 && due_s <= clock->waited_s);
	return ad_store_clock_reminders(
		desk->db, desk->arena, request->id, request->stage, clock->reminders, err);
}

/* ---- the deadline ---- */

/* The next people; those before may still decide, and their cards say so. The version grows first,
 * so that the new cards are those of today and the refresh changes the others alone. */
static int escalate(struct ad_desk *desk, struct ad_request *request, struct ad_err *err)
{
	int e = ad_store_request_change(desk->db, desk->arena,
		&(struct ad_request_change){
			.id = request->id, .version = request->version, .state = request->state },
		err);
	if (e == 0)
		e = ad_store_request_get(
			desk->db, desk->arena, desk->tenant_id, request->id, request, err);
	if (e == 0)
		e = ad_stage_open(desk, request, request->stage_level + 1, err);
	return e == 0 ? ad_request_refresh(desk, request, err) : e;
}

static int expire(struct ad_desk *desk, struct ad_request *request, struct ad_err *err)
{
	static const struct ad_telling telling = { .what = "expired", .key = "expired.message" };
	int e = ad_store_stage_end(
		desk->db, desk->arena, request->id, request->stage, AD_STAGE_EXPIRED, err);
	if (e == 0 && request->is_review)
		e = ad_review_unanswered(desk, request, err);
	if (e != 0)
		return e;
	return ad_request_close(desk, request,
		&(struct ad_closing){ .state = AD_REQUEST_EXPIRED,
			.action = "request.expired",
			.telling = request->is_review ? NULL : &telling },
		err);
}

/* Only what the policy says, and never beside an app that may not stand beside it (F21). */
static int approve(struct ad_desk *desk, struct ad_request *request, struct ad_err *err)
{
	const struct ad_app *conflict;
	const char *why;
	int e = ad_conflict_with(
		desk, request->beneficiary_oid, request->app_id, &conflict, &why, err);
	if (e != 0)
		return e;
	if (conflict)
		return expire(desk, request, err);
	return ad_request_vote(desk, request,
		&(struct ad_voting){
			.on_behalf_of = "", .decision = AD_DECISION_APPROVED, .reason = "timeout" },
		err);
}

static int time_is_over(struct ad_desk *desk, struct ad_request *request, struct ad_err *err)
{
	const struct ad_policy *policy;
	const struct ad_stage_rule *rule;
	int e = ad_policy_of(desk, request, &policy, &rule, err);
	if (e != 0)
		return e;
	if (request->stage_level < (int)rule->alternate_count)
		return escalate(desk, request, err);
	return rule->on_timeout == AD_TIMEOUT_APPROVE ? approve(desk, request, err)
						      : expire(desk, request, err);
}

/* ---- a look ---- */

static bool is_open(const struct ad_request *request, int ordinal)
{
	return ad_request_undecided(request->state) && request->stage == ordinal &&
	       request->stage_state == AD_STAGE_OPEN;
}

/* Does what is due; *ret_later_s: until the next look, 0 when the stage is over. */
static int look(
	struct ad_desk *desk, struct ad_request *request, int64_t *ret_later_s, struct ad_err *err)
{
	struct ad_stage_clock clock;
	int ordinal = request->stage;
	int64_t asleep_s = 0;
	int e = ad_store_clock_stage(desk->db, desk->arena, request->id, ordinal, &clock, err);
	if (e == 0 && clock.has_deadline && clock.left_s <= 0) {
		e = time_is_over(desk, request, err);
		if (e != 0 || !is_open(request, ordinal))
			return e;
		e = ad_store_clock_stage(desk->db, desk->arena, request->id, ordinal, &clock, err);
	}
	int64_t due_min = ad_reminder_after(clock.reminders);
	if (e == 0 && due_min >= 0 && due_min * MINUTE_S <= clock.waited_s)
		e = remind_all(desk, request, &clock, &asleep_s, err);
	if (e != 0)
		return e;
	if (asleep_s > 0)
		*ret_later_s = clock.has_deadline ? sooner(asleep_s, at_least_one(clock.left_s))
						  : asleep_s;
	else
		*ret_later_s = next_look(&clock);
	return 0;
}

int ad_desk_stage_timer(struct ad_desk *desk, int64_t request_id, int ordinal, int64_t *ret_later_s,
	struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_request request;
	bool frozen = false;
	*ret_later_s = 0;
	int e = ad_store_request_lock(
		desk->db, desk->arena, desk->tenant_id, request_id, &request, err);
	if (e == AD_ENOTFOUND || (e == 0 && !is_open(&request, ordinal)))
		return 0;
	if (e == 0)
		e = ad_frozen_now(desk, &frozen, err);
	if (e != 0)
		return e;
	if (frozen || request.state == AD_REQUEST_NEEDS_INFO) {
		*ret_later_s = frozen ? AD_FROZEN_LOOK_S : PAUSED_LOOK_S;
		return 0;
	}
	e = ad_desk_settings_load(desk->db, desk->arena, desk->tenant_id, &desk->settings, err);
	if (e == 0)
		e = look(desk, &request, ret_later_s, err);
	return e == 0 ? ad_trail_flush(desk, err) : e;
}

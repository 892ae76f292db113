/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history 12: every step of a request with its actor, from the trail, in the order in which it
 * happened. Changes nothing. An action that has no words of its own is shown by its name: nothing
 * that is in the trail is left out.
 */
#include "others.h"
#include "ad/desk/facts.h"
#include "ad/store/history.h"
#include "ad/text.h"

/* Actions with a sentence "history.<action>". */
static const char *const told[] = {
	"request.created",
	"request.accepted",
	"request.declined",
	"request.edited",
	"request.cancelled",
	"request.expired",
	"request.nudged",
	"request.closed",
	"request.no_seat",
	"stage.opened",
	"stage.escalated",
	"stage.reminded",
	"stage.expired",
	"stage.handed_over",
	"decision.approved",
	"decision.rejected",
	"decision.automatic",
	"decision.undone",
	"decision.refused",
	"stepup.refused",
	"inquiry.asked",
	"inquiry.answered",
	"approver.left",
	"approver.replaced",
	"job.queued",
	"job.failed",
	"job.retried",
	"job.assigned",
	"job.escalated",
	"job.given_up",
	"job.cancelled",
	"job.succeeded",
	"integrity.failed",
	"grant.started",
	"grant.extended",
	"grant.expired",
	"grant.returned",
	"grant.revoked",
	"verdict.works",
	"verdict.broken",
	"verdict.answered",
};

/* Text that people wrote, by its name in the details; the first one that is there. */
static const char *const notes[] = { "reason", "answer", "question", "text", "comment" };

static const char *key_of(const struct ad_desk *desk, const char *action)
{
	for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
		if (ad_text_eq(told[i], action))
			return ad_printf(desk->arena, "history.%s", action);
	}
	return "history.other";
}

/* "system" and "cli" are not people. */
static int name_actor(struct ad_desk *desk, const char *locale, const struct ad_history_line *line,
	struct ad_json *row, struct ad_err *err)
{
	if (ad_text_eq(line->actor_oid, "system"))
		return ad_words_into(desk, locale, "history.system", row, "actor", err);
	if (ad_text_eq(line->actor_oid, "cli"))
		return ad_words_into(desk, locale, "history.cli", row, "actor", err);
	ad_json_set_str(desk->arena, row, "actor", line->actor);
	return 0;
}

/* One more sentence of a line. */
static int add_extra(struct ad_desk *desk, const char *locale, struct ad_json *row, const char *key,
	struct ad_err *err)
{
	const char *text;
	int e = ad_words(desk, locale, key, row, &text, err);
	if (e == 0)
		ad_json_append(desk->arena, ad_json_get(row, "extras"),
			ad_json_new_string(desk->arena, text));
	return e;
}

static int add_asked(struct ad_desk *desk, const char *locale, const struct ad_history_line *line,
	struct ad_json *row, struct ad_err *err)
{
	struct ad_json *list = NULL;
	const char *names[AD_NAMES_MAX];
	size_t count = 0;
	int e = ad_json_parse(desk->arena, line->asked, strlen(line->asked), &list, err);
	if (e != 0 || ad_json_count(list) == 0)
		return e;
	AD_JSON_EACH(name, list)
	{
		if (count < AD_NAMES_MAX)
			names[count] = ad_json_text(name);
		count++;
	}
	const char *people;
	e = ad_words_list(desk, locale, "people",
		&(struct ad_words_names){ .items = names, .count = count, .any = true }, &people,
		err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, row, "people", people);
	return add_extra(desk, locale, row, "history.asked", err);
}

static int add_extras(struct ad_desk *desk, const char *locale, const struct ad_history_line *line,
	struct ad_json *row, struct ad_err *err)
{
	const struct {
		bool is_true;
		const char *key;
	} extras[] = {
		{ line->step > 0 && line->steps > 1, "history.step" },
		{ !ad_text_empty(line->on_behalf_of), "history.on_behalf" },
		{ line->granted_days > 0, "history.days" },
		{ !ad_text_empty(line->app_version), "history.version" },
		{ !ad_text_empty(ad_json_str(row, "device")), "history.device" },
		{ !ad_text_empty(ad_json_str(row, "policy")), "history.policy" },
	};
	int e = 0;
	ad_json_set(desk->arena, row, "extras", ad_json_new_array(desk->arena));
	for (size_t i = 0; e == 0 && i < sizeof extras / sizeof extras[0]; i++) {
		if (extras[i].is_true)
			e = add_extra(desk, locale, row, extras[i].key, err);
	}
	return e == 0 ? add_asked(desk, locale, line, row, err) : e;
}

/* One thing that an edit changed: a question has its own label, all else a word of ours. */
static int describe_change(struct ad_desk *desk, const char *locale, const struct ad_json *change,
	const char **ret, struct ad_err *err)
{
	static const char *const names[] = { "label", "before", "after" };
	struct ad_json *data = ad_json_new_object(desk->arena);
	int e = 0;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		ad_json_set_str(desk->arena, data, names[i],
			ad_words_cut(desk, ad_json_str(change, names[i]), AD_SHOWN_MAX));
	if (ad_text_empty(ad_json_str(change, "label")))
		e = ad_words_into(desk, locale,
			ad_printf(desk->arena, "changed.%s", ad_json_str(change, "what")), data,
			"label", err);
	return e == 0 ? ad_words(desk, locale, "history.change", data, ret, err) : e;
}

/* What an edit changed: "Why: this → that". */
static int add_changes(struct ad_desk *desk, const char *locale, const struct ad_json *details,
	struct ad_json *row, struct ad_err *err)
{
	int e = 0;
	AD_JSON_EACH(change, ad_json_get(details, "changes"))
	{
		const char *text;
		e = describe_change(desk, locale, change, &text, err);
		if (e != 0)
			break;
		ad_json_append(desk->arena, ad_json_get(row, "extras"),
			ad_json_new_string(desk->arena, text));
	}
	return e;
}

static void add_note(struct ad_desk *desk, const struct ad_json *details, struct ad_json *row)
{
	const char *note = "";
	for (size_t i = 0; ad_text_empty(note) && i < sizeof notes / sizeof notes[0]; i++)
		note = ad_json_str(details, notes[i]);
	ad_json_set_str(desk->arena, row, "note", ad_words_cut(desk, note, AD_SHOWN_MAX));
	ad_json_set_bool(desk->arena, row, "has_note", !ad_text_empty(note));
}

struct reader {
	const char *locale;
	bool sees_device;
};

static int add_line(struct ad_desk *desk, const struct reader *reader,
	const struct ad_history_line *line, struct ad_json *rows, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	const char *locale = reader->locale;
	struct ad_json *details = NULL;
	struct ad_json *row = ad_json_new_object(arena);
	const char *policy;
	int e = ad_json_parse(arena, line->details, strlen(line->details), &details, err);
	if (e != 0)
		return e;
	policy = ad_json_str(details, "policy");
	const char *device = reader->sees_device ? ad_json_str(details, "device") : NULL;
	ad_json_set_str(arena, row, "device", device ? device : "");
	ad_json_set_str(arena, row, "action", line->action);
	ad_json_set_str(arena, row, "at", line->at);
	ad_json_set_str(arena, row, "on_behalf_of", line->on_behalf_of);
	ad_json_set_int(arena, row, "days", line->granted_days);
	ad_json_set_str(arena, row, "version", line->app_version);
	ad_json_set_str(arena, row, "about", line->about);
	ad_json_set_int(arena, row, "step", line->step);
	ad_json_set_int(arena, row, "steps", line->steps);
	ad_json_set_str(arena, row, "policy", policy ? policy : "");
	ad_json_set_int(arena, row, "policy_version", ad_json_int(details, "policy_version", 0));
	ad_json_set_bool(arena, row, "separator", ad_json_count(rows) > 0);
	add_note(desk, details, row);
	e = name_actor(desk, locale, line, row, err);
	if (e == 0)
		e = add_extras(desk, locale, line, row, err);
	if (e == 0)
		e = add_changes(desk, locale, details, row, err);
	if (e == 0)
		e = ad_words_into(desk, locale, key_of(desk, line->action), row, "text", err);
	if (e == 0)
		ad_json_append(arena, rows, row);
	return e;
}

/* Newest last, as one reads. */
static int show(struct ad_desk *desk, const struct ad_person *who, const struct ad_request *request,
	const struct ad_history *history, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *data;
	struct ad_json *rows = ad_json_new_array(arena);
	bool has_more = history->count > AD_LIST_MAX;
	size_t shown = has_more ? AD_LIST_MAX : history->count;
	/* Whoever asks for somebody else does not learn what that person works with. */
	bool is_asker =
		ad_request_for_other(request) && ad_text_eq(who->oid, request->requester_oid);
	const struct reader reader = { who->locale, !is_asker };
	int e = ad_request_data(desk, request, who->locale, &data, err);
	for (size_t i = shown; e == 0 && i-- > 0;)
		e = add_line(desk, &reader, &history->items[i], rows, err);
	if (e != 0)
		return e;
	ad_json_set(arena, data, "rows", rows);
	ad_json_set_int(arena, data, "count", (int64_t)shown);
	ad_json_set_bool(arena, data, "has_more", has_more);
	ad_json_set_int(arena, data, "before", has_more ? history->items[shown - 1].seq : 0);
	return ad_reply_card(desk, who, "history", "history.short", data, "history", ret, err);
}

/* The number of the line before which it goes on: pressed or typed ("history 12 before 340"). 0:
 * the newest. */
static int64_t before_of(
	const struct ad_desk *desk, const char *locale, const struct ad_desk_press *press)
{
	int64_t before = ad_json_int(press->inputs, "before", 0);
	const char *number =
		press->reason ? ad_cards_said(desk->cards, "said.before", locale, press->reason)
			      : NULL;
	if (number && ad_text_i64(number, 1, INT64_MAX, &before) != 0)
		return 0;
	return before;
}

/* Who may see the request, and auditors; these and admins also read what was refused. */
static int may_read(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_request *request, bool *ret, bool *ret_refused, struct ad_err *err)
{
	bool is_auditor = false;
	int e = ad_request_visible(desk, who, request, ret, err);
	if (e == 0 && !who->is_admin)
		e = ad_fact_member(
			desk, who->oid, desk->settings.auditor_group_id, &is_auditor, err);
	*ret |= is_auditor;
	*ret_refused = who->is_admin || is_auditor;
	return e;
}

int ad_desk_history(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_request request;
	struct ad_history history = { 0 };
	bool visible = false;
	bool refused = false;
	int64_t before = before_of(desk, who->locale, press);
	int e = ad_store_request_get(
		desk->db, desk->arena, desk->tenant_id, press->number, &request, err);
	if (e == 0)
		e = may_read(desk, who, &request, &visible, &refused, err);
	if (e != 0 && e != AD_ENOTFOUND)
		return e;
	if (!visible)
		return ad_request_unknown(desk, who, press->number, ret, err);
	e = ad_store_history(desk->db, desk->arena,
		&(struct ad_history_filter){ .tenant_id = desk->tenant_id,
			.request_id = request.id,
			.before_seq = before,
			.with_refused = refused,
			.limit = AD_LIST_MAX + 1 },
		&history, err);
	if (e == 0)
		e = show(desk, who, &request, &history, ret, err);
	if (e == 0)
		ret->in_place = before > 0;
	return e;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Delegation: somebody else decides for a while (product F8). */
#include "delegate.h"
#include "frozen.h"
#include "owner.h"
#include "person_find.h"
#include "ad/desk/delegations.h"
#include "ad/domain/until.h"
#include "ad/store/users.h"
#include "ad/text.h"

/* ---- what was written ---- */

struct wanted {
	struct ad_person_query query;
	const char *day; /* as it was written; "": none */
};

/* "to NAME until DAY", in the person's language or English; the last "until" counts. */
static void read_wanted(const struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct wanted *ret)
{
	const char *text = press->reason ? press->reason : "";
	const char *name = ad_cards_said(desk->cards, "said.to", who->locale, text);
	const char *until = NULL;
	const char *day = "";
	name = name ? name : text;
	for (const char *at = strchr(name, ' '); at; at = strchr(at + 1, ' ')) {
		const char *rest = ad_cards_said(desk->cards, "said.until", who->locale, at + 1);
		until = rest ? at : until;
		day = rest ? rest : day;
	}
	size_t name_len = until ? (size_t)(until - name) : strlen(name);
	*ret = (struct wanted){
		.query = { .text = ad_text_trim(
				   desk->arena, ad_strndup(desk->arena, name, name_len)),
			.mentions = press->mentions,
			.mention_count = press->mention_count },
		.day = ad_text_trim(desk->arena, day),
	};
}

/* "freitag" -> "friday", "10 Tage" -> "10 days"; what is said otherwise stays. */
static const char *english_day(
	const struct ad_desk *desk, const struct ad_person *who, const char *text)
{
	static const char *const names[] = { "today", "tomorrow", "monday", "tuesday", "wednesday",
		"thursday", "friday", "saturday", "sunday" };
	const char *rest;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *key = ad_printf(desk->arena, "said.%s", names[i]);
		rest = ad_cards_said(desk->cards, key, who->locale, text);
		if (rest && !*rest)
			return names[i];
	}
	int64_t days = ad_cards_number(text, &rest);
	rest += strspn(rest, " ");
	rest = days >= 0 ? ad_cards_said(desk->cards, "said.days", who->locale, rest) : NULL;
	return rest && !*rest ? ad_printf(desk->arena, "%lld days", (long long)days) : text;
}

/* *ret_key: what is wrong with the day; NULL: nothing. */
static int read_day(struct ad_desk *desk, const struct ad_person *who, const char *text,
	int64_t *ret_day, const char **ret_key, struct ad_err *err)
{
	int64_t today;
	int e = ad_store_user_today(desk->db, desk->arena, desk->tenant_id, who->oid, &today, err);
	if (e != 0)
		return e;
	*ret_key = NULL;
	if (ad_text_empty(text) ||
		ad_until_parse(english_day(desk, who, text), today, ret_day) != 0)
		*ret_key = "delegate.no_day";
	else if (*ret_day < today)
		*ret_key = "delegate.past";
	else if (*ret_day > today + AD_DELEGATION_DAYS_MAX)
		*ret_key = "delegate.too_long";
	return 0;
}

/* ---- may it be ---- */

/* Whose decisions come back to the giver, or go round, when they are handed on to this person. */
static int find_loop(
	struct ad_desk *desk, const char *from, const char *to, bool *ret_loop, struct ad_err *err)
{
	struct ad_delegations now;
	static const struct ad_parties none = { "", "" };
	int e = ad_store_delegations_from(
		desk->db, desk->arena, desk->tenant_id, &to, 1, &now, err);
	if (e != 0)
		return e;
	struct ad_delegation *all = ad_alloc_array(desk->arena, now.count + 1, sizeof *all);
	all[0] = (struct ad_delegation){ from, to };
	size_t count = 1;
	for (size_t i = 0; i < now.count; i++)
		if (!ad_text_eq(now.items[i].from, from)) /* the new one takes its place */
			all[count++] = now.items[i];
	*ret_loop = ad_text_eq(ad_delegate_of(all, count, &none, from), from);
	return 0;
}

/* *ret_key: why this person cannot stand in; NULL: they can. */
static int check_person(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_person *to, const char **ret_key, struct ad_err *err)
{
	const struct ad_person *now = NULL;
	struct ad_people reached = { 0 };
	bool loop = false;
	*ret_key = "delegate.self";
	if (ad_text_eq(to->oid, who->oid))
		return 0;
	int e = ad_fact_person(desk, to->oid, &now, err);
	if (e == 0 && now)
		e = ad_reach(desk, &(struct ad_people){ now, 1 }, &reached, err);
	if (e == 0 && now)
		e = find_loop(desk, who->oid, to->oid, &loop, err);
	*ret_key = !now                 ? "delegate.gone"
		   : reached.count == 0 ? "delegate.unreached"
		   : loop               ? "delegate.loop"
					: NULL;
	return e;
}

/* ---- cards and words ---- */

static struct ad_json *data_of(
	const struct ad_desk *desk, const char *locale, const struct ad_delegation_row *row)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, data, "from", row->from_name);
	ad_json_set_str(desk->arena, data, "to", row->to_name);
	ad_json_set_str(desk->arena, data, "since", row->starts_at);
	ad_json_set_str(desk->arena, data, "until", row->ends_at);
	ad_json_set_str(desk->arena, data, "until_when", ad_words_time(desk, locale, row->ends_at));
	return data;
}

static int show(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_delegation_row *row, size_t waiting, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	struct ad_json *data = data_of(desk, who->locale, row);
	ad_json_set_int(desk->arena, data, "waiting", (int64_t)waiting);
	ad_json_set_bool(desk->arena, data, "is_on", !row->ended);
	const char *key = row->ended ? "delegation.ended" : "delegation.short";
	int e = ad_words_into(desk, who->locale,
		row->ended ? "delegation.ended_title" : "delegation.title", data, "title", err);
	if (e == 0)
		e = ad_words_into(desk, who->locale,
			row->ended ? "delegation.ended" : "delegation.text", data, "says", err);
	return e == 0 ? ad_reply_card(desk, who, "delegation", key, data,
				row->ended ? "undelegated" : "delegated", ret, err)
		      : e;
}

/* The stand-in hears when it begins and when it ends. */
static int tell_stand_in(struct ad_desk *desk, const struct ad_delegation_row *row,
	const char *what, struct ad_err *err)
{
	struct ad_notice notice = { .oid = row->to_oid,
		.fact = ad_printf(desk->arena, "delegation.%lld.%s", (long long)row->id, what),
		.urgent = true };
	const char *locale;
	int e = ad_notice_locale(desk, row->to_oid, &locale, err);
	if (e == 0)
		e = ad_words(desk, locale, ad_printf(desk->arena, "delegation.stand_in_%s", what),
			data_of(desk, locale, row), &notice.text, err);
	return e == 0 ? ad_notice_send(desk, &notice, err) : e;
}

static int row_data(struct ad_desk *desk, const void *about, const char *locale,
	struct ad_json **ret, struct ad_err *err)
{
	(void)err;
	*ret = data_of(desk, locale, about);
	return 0;
}

/* The admins, but for the stand-in, who hears of it at once. */
static int tell_admins(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_delegation_row *row, struct ad_err *err)
{
	struct ad_people admins;
	int e = ad_fact_members(desk, desk->settings.admin_group_id, &admins, err);
	struct ad_person *others = ad_alloc_array(desk->arena, admins.count, sizeof *others);
	size_t count = 0;
	for (size_t i = 0; i < admins.count; i++)
		if (!ad_text_eq(admins.items[i].oid, row->to_oid))
			others[count++] = admins.items[i];
	return e == 0 ? ad_digest_admins(desk, &(struct ad_people){ others, count }, who->oid,
				&(struct ad_digest){ .fact = ad_printf(desk->arena,
							     "delegation.%lld", (long long)row->id),
					.key = "digest.delegation",
					.data = row_data,
					.about = row },
				err)
		      : e;
}

static int trail(struct ad_desk *desk, const struct ad_person *who, const char *action,
	const struct ad_delegation_row *row, struct ad_err *err)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "from", row->from_oid);
	ad_json_set_str(desk->arena, details, "to", row->to_oid);
	ad_json_set_str(desk->arena, details, "until", row->ends_at);
	return ad_trail(desk,
		&(struct ad_event){ .who = who,
			.action = action,
			.entity_type = "delegation",
			.entity_id = row->id,
			.details = details },
		err);
}

static int refuse(struct ad_desk *desk, const struct ad_person *who, const char *key,
	const char *name, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, data, "to", name);
	ad_json_set_int(desk->arena, data, "max", AD_DELEGATION_DAYS_MAX);
	return ad_reply_words(desk, who, key, data, "not_delegated", ret, err);
}

/* ---- ending ---- */

/* Ended or over: the stand-in hears of it, and what is open comes back. */
static int finish(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_delegation_row *row, struct ad_err *err)
{
	int e = ad_delegate_hand_back(desk, row, err);
	if (e == 0)
		e = tell_stand_in(desk, row, "end", err);
	return e == 0 ? trail(desk, who, "delegation.ended", row, err) : e;
}

int ad_desk_delegate_off(struct ad_desk *desk, const struct ad_person *who, bool pressed,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_delegation_row row;
	bool done;
	int e = ad_frozen(desk, who, ret, &done, err);
	if (e != 0 || done)
		return e;
	e = ad_store_delegation_end(desk->db, desk->arena, desk->tenant_id, who->oid, &row, err);
	if (e == 0 && row.id == 0)
		return ad_reply_words(desk, who, "delegation.none", NULL, "none", ret, err);
	if (e == 0)
		e = show(desk, who, &row, 0, ret, err);
	if (e == 0)
		e = finish(desk, who, &row, err);
	ret->in_place = pressed;
	return e;
}

int ad_desk_delegation_over(
	struct ad_desk *desk, int64_t id, int64_t *ret_left_s, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_delegation_row row;
	bool frozen = false;
	*ret_left_s = 0;
	int e = ad_store_delegation_get(desk->db, desk->arena, desk->tenant_id, id, &row, err);
	if (e == 0)
		e = ad_frozen_now(desk, &frozen, err);
	if (e != 0 || row.ended)
		return e;
	if (!frozen && row.left_s <= 0)
		return finish(desk, NULL, &row, err);
	*ret_left_s = frozen ? AD_FROZEN_LOOK_S : row.left_s;
	return 0;
}

/* ---- beginning ---- */

/* A timer ends it. */
static int set_timer(struct ad_desk *desk, const struct ad_delegation_row *row, struct ad_err *err)
{
	struct ad_json *payload = ad_json_new_object(desk->arena);
	int64_t job_id;
	ad_json_set_int(desk->arena, payload, "delegation", row->id);
	return ad_store_jobs_add(desk->db, desk->arena,
		&(struct ad_job_new){ .tenant_id = desk->tenant_id,
			.kind = AD_JOB_DELEGATION,
			.key = ad_printf(desk->arena, "delegation:%lld", (long long)row->id),
			.payload = ad_json_print(desk->arena, payload),
			.delay_s = row->left_s },
		&job_id, err);
}

static int replace(struct ad_desk *desk, const struct ad_person *who, struct ad_err *err)
{
	struct ad_delegation_row before;
	int e = ad_store_delegation_end(
		desk->db, desk->arena, desk->tenant_id, who->oid, &before, err);
	return e == 0 && before.id != 0 ? finish(desk, who, &before, err) : e;
}

static int begin(struct ad_desk *desk, const struct ad_person *who, const struct ad_person *to,
	int64_t day, struct ad_desk_reply *ret, struct ad_err *err)
{
	const struct ad_delegation pair = { who->oid, to->oid };
	struct ad_delegation_row row;
	int64_t id = 0;
	size_t waiting = 0;
	int e = replace(desk, who, err);
	if (e == 0)
		e = ad_person_known(desk, to, err);
	if (e == 0)
		e = ad_store_delegation_put(
			desk->db, desk->arena, desk->tenant_id, &pair, day, &id, err);
	if (e == 0)
		e = ad_store_delegation_get(desk->db, desk->arena, desk->tenant_id, id, &row, err);
	if (e == 0)
		e = tell_stand_in(desk, &row, "begin", err);
	if (e == 0)
		e = tell_admins(desk, who, &row, err);
	if (e == 0)
		e = ad_delegate_ask(desk, &row, &waiting, err);
	if (e == 0)
		e = set_timer(desk, &row, err);
	if (e == 0)
		e = show(desk, who, &row, waiting, ret, err);
	return e == 0 ? trail(desk, who, "delegation.created", &row, err) : e;
}

int ad_desk_delegate(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct wanted wanted;
	struct ad_people found;
	const char *key = NULL;
	int64_t day = 0;
	bool done;
	int e = ad_frozen(desk, who, ret, &done, err);
	if (e != 0 || done)
		return e;
	read_wanted(desk, who, press, &wanted);
	if (ad_text_empty(wanted.query.text))
		return refuse(desk, who, "delegate.how", "", ret, err);
	e = ad_person_find(desk, &wanted.query, &found, err);
	if (e == 0 && found.count != 1)
		return ad_person_choices(desk, who, &wanted.query, &found, ret, err);
	if (e == 0)
		e = check_person(desk, who, &found.items[0], &key, err);
	if (e == 0 && !key)
		e = read_day(desk, who, wanted.day, &day, &key, err);
	if (e != 0)
		return e;
	if (key)
		return refuse(desk, who, key, found.items[0].name, ret, err);
	return begin(desk, who, &found.items[0], day, ret, err);
}

/* ---- the list ---- */

int ad_desk_delegations(struct ad_desk *desk, const struct ad_person *who,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_delegation_rows rows;
	struct ad_json *data = ad_json_new_object(desk->arena);
	struct ad_json *given = ad_json_new_array(desk->arena);
	struct ad_json *held = ad_json_new_array(desk->arena);
	int e = ad_store_delegations_of(
		desk->db, desk->arena, desk->tenant_id, who->oid, &rows, err);
	if (e == 0 && rows.count == 0)
		return ad_reply_words(desk, who, "delegation.none", NULL, "none", ret, err);
	for (size_t i = 0; e == 0 && i < rows.count && i < AD_LIST_MAX; i++) {
		bool mine = ad_text_eq(rows.items[i].from_oid, who->oid);
		struct ad_json *row = data_of(desk, who->locale, &rows.items[i]);
		e = ad_words_into(desk, who->locale,
			mine ? "delegation.row_given" : "delegation.row_held", row, "line", err);
		if (e == 0)
			ad_json_append(desk->arena, mine ? given : held, row);
	}
	if (e != 0)
		return e;
	ad_json_set_bool(desk->arena, data, "has_given", ad_json_count(given) > 0);
	ad_json_set(desk->arena, data, "given", given);
	ad_json_set(desk->arena, data, "held", held);
	ad_json_set_int(desk->arena, data, "count", (int64_t)rows.count);
	return ad_reply_card(
		desk, who, "delegations", "delegations.short", data, "delegations", ret, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* An admin decides about a suggestion: into the catalogue, into it but hidden, or not. */
#include "suggestion.h"
#include "frozen.h"
#include "parts.h"
#include "ad/desk/catalog.h"
#include "ad/desk/facts.h"
#include "ad/text.h"

struct vetting {
	const struct ad_person *who;
	const struct ad_desk_press *press;
	enum ad_desk_vetting wish;
	struct ad_suggestion suggestion;
	struct ad_catalog_step step; /* of the catalogue; PUBLISH and HIDE */
	/* What the admin filled in or typed; NULL: nothing. */
	const char *class;
	const char *seats;
	const char *package;
};

static bool is_pressed(const struct vetting *v)
{
	return !ad_text_empty(v->press->token);
}

/* ---- before ---- */

static int unknown(struct ad_desk *desk, const struct vetting *v, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, data, "n", number);
	return ad_reply_words(desk, v->who, "suggestion.unknown", data, "no_suggestion", ret, err);
}

/* As it is now, for who came too late. */
static int show_ended(struct ad_desk *desk, const struct vetting *v, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	int e = ad_suggestion_show_to(desk, v->who, &v->suggestion, ret, err);
	ret->in_place = is_pressed(v);
	ret->outcome = "already";
	return e;
}

static int find_number(struct ad_desk *desk, struct vetting *v, int64_t *ret_number,
	struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err)
{
	struct ad_token token;
	*ret_number = v->press->number;
	if (!is_pressed(v))
		return 0;
	int e = ad_reply_token(desk, v->who, v->press, "suggestion", &token, ret, ret_done, err);
	if (e != 0 || *ret_done)
		return e;
	return ad_store_suggestion_of_job(
		desk->db, desk->arena, desk->tenant_id, token.job_id, ret_number, err);
}

/* The suggestion that the press or the number is about, locked; *ret_done: *ret is the answer. */
static int begin(struct ad_desk *desk, struct vetting *v, struct ad_desk_reply *ret, bool *ret_done,
	struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	int64_t number;
	*ret_done = false;
	int e = ad_settings_hold(desk, err);
	if (e != 0)
		return e;
	if (!v->who->is_admin || ad_text_empty(desk->settings.admin_group_id)) {
		*ret_done = true;
		return ad_reply_not_admin(desk, v->who, ret, err);
	}
	e = ad_frozen(desk, v->who, ret, ret_done, err);
	if (e == 0 && !*ret_done)
		e = find_number(desk, v, &number, ret, ret_done, err);
	if (e != 0 || *ret_done)
		return e;
	e = ad_store_suggestion_lock(
		desk->db, desk->arena, desk->tenant_id, number, &v->suggestion, err);
	*ret_done = e == AD_ENOTFOUND ||
		    (e == 0 && !ad_text_eq(v->suggestion.state, AD_SUGGESTION_OPEN));
	if (e == AD_ENOTFOUND)
		return unknown(desk, v, number, ret, err);
	return *ret_done ? show_ended(desk, v, ret, err) : e;
}

/* The card again with what is wrong, or the words alone for who typed. */
static int ask_again(struct ad_desk *desk, const struct vetting *v, const char *key,
	const char *fault, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, data, "n", v->suggestion.id);
	ad_json_set_int(desk->arena, data, "max", AD_REASON_MAX);
	ad_json_set_str(desk->arena, data, "fault", fault);
	struct ad_suggestion_view view = {
		.suggestion = &v->suggestion,
		.token = v->press->token,
	};
	int e = ad_words(desk, v->who->locale, key, data, &view.fault, err);
	if (e == 0 && !is_pressed(v))
		return ad_reply_words(desk, v->who, key, data, "faulty", ret, err);
	if (e == 0)
		e = ad_suggestion_show(desk, v->who, &view, ret, err);
	ret->in_place = true;
	ret->outcome = "faulty";
	return e;
}

/* ---- into the catalogue ---- */

/* The classification that the word is, in English or in the language of who says it; NULL: none. */
static const char *class_named(const struct ad_desk *desk, const char *locale, const char *word)
{
	static const char *const names[] = { "low", "medium", "high", "critical" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *key = ad_printf(desk->arena, AD_CARDS_SAID "%s", names[i]);
		const char *rest = ad_cards_said(desk->cards, key, locale, word);
		if (rest && !*rest)
			return names[i];
	}
	return NULL;
}

/* "high 25 Contoso.Draw", in any order. What it does not say stays as it is. */
static void read_typed(const struct ad_desk *desk, struct vetting *v)
{
	char *rest = ad_strdup(desk->arena, v->press->reason ? v->press->reason : "");
	char *word;
	while ((word = strsep(&rest, " "))) {
		const char *after;
		const char *class = class_named(desk, v->who->locale, word);
		int64_t number = ad_cards_number(word, &after);
		if (class)
			v->class = class;
		else if (after > word && !*after)
			v->seats = ad_printf(desk->arena, "%lld", (long long)number);
		else if (*word)
			v->package = word;
	}
}

/* A number comes as a number, or as a text from some clients. */
static const char *input_of(struct ad_arena *arena, const struct ad_json *inputs, const char *id)
{
	const struct ad_json *value = ad_json_get(inputs, id);
	const char *text = ad_json_kind(value) == AD_JSON_NUMBER ? ad_json_print(arena, value)
								 : ad_json_text(value);
	return ad_text_empty(text) ? NULL : text;
}

static void read_wishes(struct ad_desk *desk, struct vetting *v)
{
	if (!is_pressed(v)) {
		read_typed(desk, v);
		return;
	}
	v->class = input_of(desk->arena, v->press->inputs, AD_DESK_INPUT_CLASS);
	v->seats = input_of(desk->arena, v->press->inputs, AD_DESK_INPUT_SEATS);
	v->package = input_of(desk->arena, v->press->inputs, AD_DESK_INPUT_PACKAGE);
}

static void set_some(
	struct ad_arena *arena, struct ad_json *row, const char *member, const char *text)
{
	if (!ad_text_empty(text))
		ad_json_set_str(arena, row, member, text);
}

/* What WinGet says of a new app, and what the admin says of any. An app that is there keeps its own
 * name. */
static int plan(struct ad_desk *desk, struct vetting *v, bool is_there, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *facts;
	struct ad_json *row = ad_json_new_object(arena);
	const char *own = v->suggestion.facts;
	int64_t seats = -1;
	int e = ad_json_parse(arena, own, strlen(own), &facts, err);
	if (e != 0)
		return e;
	ad_json_set_str(arena, row, "winget_id", v->package);
	if (!is_there) {
		const char *name = ad_json_str(facts, "name");
		ad_json_set_str(
			arena, row, "name", ad_text_empty(name) ? v->suggestion.wanted : name);
		set_some(arena, row, "publisher", ad_json_str(facts, "publisher"));
		set_some(arena, row, "description", ad_json_str(facts, "about"));
	}
	ad_json_set_str(arena, row, "state", v->wish == AD_DESK_VET_HIDE ? "hidden" : "published");
	set_some(arena, row, "classification", v->class);
	if (v->seats && ad_text_i64(v->seats, 0, AD_SEATS_MAX, &seats) != 0)
		seats = -1; /* the plan says what belongs there */
	if (v->seats)
		ad_json_set_int(arena, row, "seats", seats);
	const struct ad_catalog_row whole = { .app = row };
	return ad_desk_catalog_plan(desk, &whole, &v->step, err);
}

/* "Publisher.Name": anything else is a word that was meant in another way. */
static bool is_package(const char *text)
{
	const char *dot = text ? strchr(text, '.') : NULL;
	return dot && dot > text && dot[1] && !strchr(text, ' ');
}

/* *ret_done: the admin has to say it better. */
static int plan_app(struct ad_desk *desk, struct vetting *v, struct ad_desk_reply *ret,
	bool *ret_done, struct ad_err *err)
{
	int64_t id;
	read_wishes(desk, v);
	/* What WinGet has is that package and no other. */
	if (!ad_text_empty(v->suggestion.package_id))
		v->package = v->suggestion.package_id;
	*ret_done = !is_package(v->package);
	if (*ret_done)
		return ask_again(desk, v, "suggestion.needs_package", "", ret, err);
	int e = ad_store_app_by_package(
		desk->db, desk->arena, desk->tenant_id, v->package, &id, err);
	if (e != 0 && e != AD_ENOTFOUND)
		return e;
	struct ad_err fault = { 0 };
	e = plan(desk, v, e == 0, &fault);
	*ret_done = e == AD_EINVAL;
	if (e == AD_EINVAL)
		return ask_again(desk, v, "suggestion.faulty", fault.text, ret, err);
	if (e != 0 && err)
		*err = fault;
	return e;
}

static int put_app(struct ad_desk *desk, struct vetting *v, struct ad_err *err)
{
	int e = ad_desk_catalog_put(desk, v->who->oid, &v->step, err);
	if (e == 0)
		e = ad_store_app_by_package(desk->db, desk->arena, desk->tenant_id,
			v->step.winget_id, &v->suggestion.app_id, err);
	v->suggestion.package_id = v->step.winget_id;
	return e;
}

/* ---- telling ---- */

/* Whom the button would lead to nothing hears the same as of an app that is hidden. */
static int tell_one(
	struct ad_desk *desk, const struct vetting *v, const char *oid, struct ad_err *err)
{
	struct ad_person who = { .oid = oid };
	struct ad_app app = { .name = "" };
	struct ad_desk_reply card;
	bool is_open = false;
	int e = ad_notice_locale(desk, oid, &who.locale, err);
	if (e == 0 && v->wish == AD_DESK_VET_PUBLISH)
		e = ad_store_app_get(
			desk->db, desk->arena, desk->tenant_id, v->suggestion.app_id, &app, err);
	if (e == 0 && v->wish == AD_DESK_VET_PUBLISH)
		e = ad_app_is_open(desk, &who, &app, &is_open, err);
	if (e != 0)
		return e;
	const struct ad_suggested news = {
		.key = is_open                         ? "suggest.published"
		       : v->wish == AD_DESK_VET_REJECT ? "suggest.rejected"
						       : "suggest.hidden",
		.name = v->suggestion.wanted,
		.reason = v->suggestion.reason,
		.app_name = app.name,
		.app_id = is_open ? app.id : 0,
	};
	e = ad_suggested_show(desk, &who, &news, &card, err);
	if (e != 0)
		return e;
	return ad_notice_send(desk,
		&(struct ad_notice){ .oid = oid,
			.fact = ad_printf(desk->arena, "suggestion.%lld.outcome",
				(long long)v->suggestion.id),
			.card = card.card,
			.text = card.text },
		err);
}

/* All groups of an audience are asked for before it gives up: each time costs a round. */
static int ask_all(struct ad_desk *desk, const struct vetting *v, const char *const *oids,
	size_t count, struct ad_err *err)
{
	struct ad_app app;
	int first = 0;
	int e = ad_store_app_get(
		desk->db, desk->arena, desk->tenant_id, v->suggestion.app_id, &app, err);
	for (size_t i = 0; e == 0 && i < count; i++) {
		const struct ad_person who = { .oid = oids[i] };
		bool is_open;
		int asked = ad_app_is_open(desk, &who, &app, &is_open, err);
		first = first ? first : asked;
	}
	return e == 0 ? first : e;
}

static int tell_all(struct ad_desk *desk, const struct vetting *v, struct ad_err *err)
{
	const char *const *oids;
	size_t count = 0;
	int e = ad_store_suggestion_people(
		desk->db, desk->arena, v->suggestion.id, &oids, &count, err);
	if (e == 0 && v->wish == AD_DESK_VET_PUBLISH)
		e = ask_all(desk, v, oids, count, err);
	for (size_t i = 0; e == 0 && i < count; i++)
		e = tell_one(desk, v, oids[i], err);
	return e;
}

/* ---- after ---- */

static const char *const states[] = {
	[AD_DESK_VET_PUBLISH] = AD_SUGGESTION_PUBLISHED,
	[AD_DESK_VET_HIDE] = AD_SUGGESTION_HIDDEN,
	[AD_DESK_VET_REJECT] = AD_SUGGESTION_REJECTED,
};

static int trail(struct ad_desk *desk, const struct vetting *v, struct ad_err *err)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "wanted", v->suggestion.wanted);
	if (v->suggestion.app_id != 0) {
		ad_json_set_int(desk->arena, details, "app_id", v->suggestion.app_id);
		ad_json_set_str(desk->arena, details, "package", v->suggestion.package_id);
	}
	if (!ad_text_empty(v->suggestion.reason))
		ad_json_set_str(desk->arena, details, "reason", v->suggestion.reason);
	return ad_trail(desk,
		&(struct ad_event){ .who = v->who,
			.action = ad_printf(desk->arena, "suggestion.%s", states[v->wish]),
			.entity_type = "suggestion",
			.entity_id = v->suggestion.id,
			.details = details },
		err);
}

/* Closed, on every card, and told to everybody who waits. */
static int end(
	struct ad_desk *desk, struct vetting *v, struct ad_desk_reply *ret, struct ad_err *err)
{
	v->suggestion.state = states[v->wish];
	v->suggestion.decided_by = v->who->oid;
	int e = ad_store_suggestion_close(
		desk->db, desk->arena, desk->tenant_id, &v->suggestion, err);
	if (e == 0)
		e = ad_suggestion_refresh(desk, v->suggestion.id, err);
	if (e == 0)
		e = tell_all(desk, v, err);
	if (e == 0)
		e = ad_desk_suggestion(desk, v->who, v->suggestion.id, ret, err);
	if (e != 0)
		return e;
	ret->in_place = is_pressed(v);
	ret->outcome = v->suggestion.state;
	if (is_pressed(v))
		e = ad_reply_remember(desk, v->press->token, ret, err);
	return e == 0 ? trail(desk, v, err) : e;
}

static int reject(
	struct ad_desk *desk, struct vetting *v, struct ad_desk_reply *ret, struct ad_err *err)
{
	static const struct ad_input_rule rule = { .required = true, .max_chars = AD_REASON_MAX };
	const char *reason = v->press->reason ? v->press->reason : "";
	v->suggestion.reason = ad_text_trim(desk->arena, ad_utf8_clean(desk->arena, reason, true));
	if (ad_input_check(&rule, v->suggestion.reason) != AD_INPUT_OK) {
		v->suggestion.reason = "";
		return ask_again(desk, v, "suggestion.needs_reason", "", ret, err);
	}
	return end(desk, v, ret, err);
}

int ad_desk_vet(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, enum ad_desk_vetting vetting, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	struct vetting v = { .who = who, .press = press, .wish = vetting };
	bool done;
	int e = begin(desk, &v, ret, &done, err);
	if (e != 0 || done)
		return e;
	v.suggestion.reason = "";
	if (vetting == AD_DESK_VET_REJECT)
		return reject(desk, &v, ret, err);
	e = plan_app(desk, &v, ret, &done, err);
	if (e == 0 && !done)
		e = put_app(desk, &v, err);
	return e == 0 && !done ? end(desk, &v, ret, err) : e;
}

/* ---- what a job has found ---- */

int ad_desk_suggestion_wanted(
	struct ad_desk *desk, int64_t number, const char **ret, struct ad_err *err)
{
	struct ad_suggestion suggestion;
	int e = ad_store_suggestion_get(
		desk->db, desk->arena, desk->tenant_id, number, &suggestion, err);
	if (e == 0 && !ad_text_eq(suggestion.state, AD_SUGGESTION_OPEN))
		return AD_FAIL(err, AD_ENOTFOUND, "suggestion %lld is decided", (long long)number);
	if (e == 0)
		*ret = suggestion.wanted;
	return e;
}

int ad_desk_suggestion_looked(struct ad_desk *desk, int64_t number,
	const struct ad_desk_looked *looked, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_people admins;
	struct ad_suggestion now;
	int e = ad_desk_settings_load(desk->db, desk->arena, desk->tenant_id, &desk->settings, err);
	if (e == 0)
		e = ad_fact_members(desk, desk->settings.admin_group_id, &admins, err);
	if (e == 0)
		e = ad_store_suggestion_lock(
			desk->db, desk->arena, desk->tenant_id, number, &now, err);
	if (e != 0 || !ad_text_eq(now.state, AD_SUGGESTION_OPEN))
		return e;
	now.found = looked->found;
	now.package_id = looked->package_id;
	now.facts = ad_json_print(desk->arena, looked->facts);
	e = ad_store_suggestion_looked(desk->db, desk->arena, desk->tenant_id, &now, err);
	if (e == 0)
		e = ad_suggestion_refresh(desk, number, err);
	now.version++;
	/* Who has a card already gets no second one. */
	for (size_t i = 0; e == 0 && i < admins.count && i < AD_DESK_CARDS_MAX; i++)
		e = ad_suggestion_send(desk, &now, &admins.items[i], err);
	return e;
}

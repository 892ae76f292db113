/* SPDX-License-Identifier: Apache-2.0 */
/*
 * simulate NAME APP: what would happen if somebody asked for an app now, by the very functions that
 * submitting goes through (product F44). For admins. Writes nothing and tells nobody.
 */
#include "outlook.h"
#include "ad/store/users.h"
#include "ad/text.h"

#define NAME_WORDS_MAX 6 /* of what is written before the app */
#define FOUND_MAX 5      /* people or apps of one name that are told */

struct simulation {
	const char *locale;
	struct ad_person person;
	struct ad_app app;
	const struct ad_policy *policy;
	struct ad_json *obstacles; /* sentences: why it could not be asked for */
	struct ad_json *stages;
	bool automatic;
};

/* ---- who and what ---- */

/* The text without the marks of a mention. */
static char *plain(struct ad_arena *arena, const char *text)
{
	static const char *const marks[] = { "<at>", "</at>" };
	char *copy = ad_strdup(arena, text);
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
		size_t len = strlen(marks[i]);
		for (char *at; (at = strstr(copy, marks[i]));)
			memmove(at, at + len, strlen(at + len) + 1);
	}
	return ad_text_trim(arena, copy);
}

/* The end of the first `words` words; NULL when nothing is left behind them. */
static const char *behind_words(const char *text, int words)
{
	for (int i = 0; text && i < words; i++) {
		text = strchr(text, ' ');
		if (text)
			text += strspn(text, " ");
	}
	return text && *text ? text : NULL;
}

struct found {
	struct ad_user *people;
	size_t people_count;
	struct ad_app_list apps;
	const char *app_text;
};

/* The longest beginning of the text that names somebody; the rest is the app. */
static int find(struct ad_desk *desk, const char *locale, const char *text, struct found *ret,
	struct ad_err *err)
{
	*ret = (struct found){ .app_text = "" };
	for (int words = NAME_WORDS_MAX; words > 0; words--) {
		const char *rest = behind_words(text, words);
		if (!rest)
			continue;
		char *name = ad_strndup(desk->arena, text, (size_t)(rest - text));
		int e = ad_store_users_find(desk->db, desk->arena, desk->tenant_id,
			ad_text_lower(desk->arena, ad_text_trim(desk->arena, name)), FOUND_MAX,
			&ret->people, &ret->people_count, err);
		if (e != 0)
			return e;
		ret->app_text = rest;
		if (ret->people_count > 0)
			return ad_apps_named(desk, locale, rest, FOUND_MAX, &ret->apps, err);
	}
	return 0;
}

/* One person and one app, or *ret says what is missing. An app whose name is exactly what was
 * written stands for itself, whatever else is like it. */
static int choose(struct ad_desk *desk, const struct ad_person *who, const struct found *found,
	struct simulation *s, struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	const char *key = NULL;
	ad_json_set_str(desk->arena, data, "asked", found->app_text);
	if (found->people_count == 0)
		key = "simulate.nobody";
	else if (found->people_count > 1)
		key = "simulate.many";
	else if (found->apps.count == 0)
		key = "simulate.no_app";
	*ret_done = key != NULL;
	if (key) {
		if (found->people_count > 1) {
			ad_json_set_str(desk->arena, data, "first", found->people[0].mail);
			ad_json_set_str(desk->arena, data, "second", found->people[1].mail);
		}
		return ad_reply_words(desk, who, key, data, "simulate", ret, err);
	}
	s->person = (struct ad_person){ .oid = found->people[0].oid,
		.name = found->people[0].name,
		.mail = found->people[0].mail,
		.locale = who->locale };
	s->app = found->apps.items[0];
	return 0;
}

/* ---- what stands in the way ---- */

static int obstacle(struct ad_desk *desk, struct simulation *s, const char *key,
	const struct ad_json *data, struct ad_err *err)
{
	const char *text;
	int e = ad_words(desk, s->locale, key, data, &text, err);
	if (e == 0)
		ad_json_append(desk->arena, s->obstacles, ad_json_new_string(desk->arena, text));
	return e;
}

static int check_access(struct ad_desk *desk, struct simulation *s, struct ad_err *err)
{
	bool is_user = false;
	int e = ad_fact_member(desk, s->person.oid, desk->settings.user_group_id, &is_user, err);
	return e == 0 && !is_user ? obstacle(desk, s, "simulate.no_access", NULL, err) : e;
}

static int check_standing(struct ad_desk *desk, struct simulation *s, struct ad_err *err)
{
	struct ad_request standing;
	struct ad_json *data;
	int e = ad_store_request_standing(desk->db, desk->arena,
		&(struct ad_request){ .tenant_id = desk->tenant_id,
			.beneficiary_oid = s->person.oid,
			.app_id = s->app.id },
		&standing, err);
	if (e == AD_ENOTFOUND)
		return 0;
	if (e == 0)
		e = ad_request_data(desk, &standing, s->locale, &data, err);
	return e == 0 ? obstacle(desk, s, "simulate.standing", data, err) : e;
}

static int check_duties(struct ad_desk *desk, struct simulation *s, struct ad_err *err)
{
	const struct ad_app *other = NULL;
	const char *rule = NULL;
	int e = ad_conflict_with(desk, s->person.oid, s->app.id, &other, &rule, err);
	if (e != 0 || !other)
		return e;
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, data, "other", other->name);
	ad_json_set_str(desk->arena, data, "rule", rule ? rule : "");
	return obstacle(desk, s, "simulate.conflict", data, err);
}

static int check_refusal(struct ad_desk *desk, struct simulation *s, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	if (!s->policy->refusal)
		return 0;
	ad_json_set_str(desk->arena, data, "refusal", s->policy->refusal);
	return obstacle(desk, s, "simulate.refused", data, err);
}

/* ---- the whole ---- */

static int look_ahead(struct ad_desk *desk, struct simulation *s, struct ad_err *err)
{
	const struct ad_slate_query about = { .parties = { s->person.oid, s->person.oid },
		.app_owner_oid = s->app.owner_oid };
	int e = check_access(desk, s, err);
	int wanted = ad_policy_for(desk, &s->person, &s->app, &s->policy, e == 0 ? err : NULL);
	if (e == 0)
		e = wanted; /* both have asked for their facts */
	if (e == 0)
		e = check_standing(desk, s, err);
	if (e == 0)
		e = check_duties(desk, s, err);
	if (e == 0)
		e = check_refusal(desk, s, err);
	if (e == 0)
		e = ad_policy_automatic(
			desk, s->person.oid, &s->app, s->policy, &s->automatic, err);
	return e == 0 ? ad_outlook_stages(desk, s->locale, s->policy, &about, &s->stages, err) : e;
}

static int show(struct ad_desk *desk, const struct ad_person *who, const struct simulation *s,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *data = ad_json_new_object(arena);
	ad_json_set_str(arena, data, "person", s->person.name);
	ad_json_set_str(arena, data, "app", s->app.name);
	ad_json_set(arena, data, "obstacles", s->obstacles);
	ad_json_set_bool(arena, data, "has_obstacles", ad_json_count(s->obstacles) > 0);
	ad_json_set_bool(arena, data, "is_automatic", s->automatic);
	ad_json_set(arena, data, "stages", s->automatic ? ad_json_new_array(arena) : s->stages);
	int e = ad_outlook_policy(desk, s->locale, s->policy, data, err);
	return e == 0 ? ad_reply_card(
				desk, who, "simulate", "simulate.short", data, "simulate", ret, err)
		      : e;
}

int ad_desk_simulate(struct ad_desk *desk, const struct ad_person *who, const char *text,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct simulation s = { .locale = who->locale,
		.obstacles = ad_json_new_array(desk->arena) };
	struct found found;
	bool done = false;
	if (!who->is_admin)
		return ad_reply_not_admin(desk, who, ret, err);
	int e = find(desk, who->locale, plain(desk->arena, text ? text : ""), &found, err);
	if (e == 0)
		e = choose(desk, who, &found, &s, ret, &done, err);
	if (e != 0 || done)
		return e;
	e = look_ahead(desk, &s, err);
	return e == 0 ? show(desk, who, &s, ret, err) : e;
}

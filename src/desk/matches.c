/* SPDX-License-Identifier: Apache-2.0 */
/* Apps to choose from, with what somebody wants to know before asking (product R2). */
#include "matches.h"
#include "others.h"
#include "stages.h"
#include "ad/text.h"

#define MINUTES_AN_HOUR 60
#define MINUTES_A_DAY (24 * MINUTES_AN_HOUR)
#define MINUTES_STEP 5                          /* nobody counts them one by one */
#define MINUTES_AS_SUCH 90                      /* from here on hours are said */
#define MINUTES_AS_HOURS (36 * MINUTES_AN_HOUR) /* from here on days are */

/* Rounded up: what is said is kept more often than not. */
static int64_t units_of(int minutes, int unit)
{
	return (minutes + unit - 1) / unit;
}

static int say_usual(
	struct ad_desk *desk, const char *locale, int minutes, const char **ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	const char *key = "usual.days";
	int64_t span = units_of(minutes, MINUTES_A_DAY);
	*ret = "";
	if (minutes == 0)
		return 0;
	if (minutes < MINUTES_AS_SUCH) {
		key = "usual.minutes";
		span = units_of(minutes, MINUTES_STEP) * MINUTES_STEP;
	} else if (minutes < MINUTES_AS_HOURS) {
		key = "usual.hours";
		span = units_of(minutes, MINUTES_AN_HOUR);
	}
	ad_json_set_int(desk->arena, data, "span", span);
	return ad_words(desk, locale, key, data, ret, err);
}

int ad_matches_usual(struct ad_desk *desk, const char *locale, const struct ad_app *app,
	const char **ret, struct ad_err *err)
{
	int minutes = 0;
	int e = ad_store_apps_usual(
		desk->db, desk->arena, desk->tenant_id, &app->id, 1, &minutes, err);
	return e == 0 ? say_usual(desk, locale, minutes, ret, err) : e;
}

/* Whether somebody has to agree; "" where that hangs on the person's groups, or a policy refuses.
 */
static int say_approval(struct ad_desk *desk, const struct ad_person *who, const struct ad_app *app,
	const struct ad_policy *policy, const char **ret, struct ad_err *err)
{
	bool automatic = false;
	*ret = "";
	if (!policy || policy->refusal)
		return 0;
	int e = ad_policy_automatic(desk, ad_holder(who)->oid, app, policy, &automatic, err);
	return e == 0 ? ad_words(desk, who->locale,
				automatic ? "matches.no_approval" : "matches.approval", NULL, ret,
				err)
		      : e;
}

static int say_version(struct ad_desk *desk, const struct ad_person *who, const struct ad_app *app,
	const char **ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	*ret = "";
	ad_json_set_str(desk->arena, data, "version", app->winget_version);
	return ad_text_empty(app->winget_version)
		       ? 0
		       : ad_words(desk, who->locale, "matches.version", data, ret, err);
}

void ad_matches_app(const struct ad_desk *desk, const struct ad_app *app, struct ad_json *into)
{
	ad_json_set_int(desk->arena, into, "app_id", app->id);
	ad_json_set_str(desk->arena, into, "app", app->name);
	ad_json_set_str(desk->arena, into, "publisher", app->publisher);
	ad_json_set_bool(desk->arena, into, "has_publisher", !ad_text_empty(app->publisher));
	ad_json_set_str(desk->arena, into, "description",
		ad_words_cut(desk, app->description, AD_SHOWN_MAX));
	ad_json_set_bool(desk->arena, into, "has_description", !ad_text_empty(app->description));
}

static struct ad_json *row_of(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_app *app, struct ad_json *facts)
{
	struct ad_json *row = ad_json_new_object(desk->arena);
	ad_matches_app(desk, app, row);
	ad_json_set(desk->arena, row, "facts", facts);
	ad_json_set_str(desk->arena, row, AD_DESK_INPUT_FOR,
		who->asks_for ? who->asks_for->oid : AD_DESK_FOR_ME);
	return row;
}

/* Short lines, each where there is something to say. */
static int facts_of(struct ad_desk *desk, const struct ad_person *who, const struct ad_app *app,
	const struct ad_policy *policy, int minutes, struct ad_json **ret, struct ad_err *err)
{
	const char *lines[3] = { "", "", "" };
	*ret = ad_json_new_array(desk->arena);
	int e = say_version(desk, who, app, &lines[0], err);
	if (e == 0)
		e = say_approval(desk, who, app, policy, &lines[1], err);
	if (e == 0)
		e = say_usual(desk, who->locale, minutes, &lines[2], err);
	for (size_t i = 0; e == 0 && i < sizeof lines / sizeof lines[0]; i++)
		if (*lines[i])
			ad_json_append(
				desk->arena, *ret, ad_json_new_string(desk->arena, lines[i]));
	return e;
}

int ad_matches_rows(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_app_list *apps, struct ad_json **ret, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	const struct ad_policy **policies = ad_alloc_array(arena, apps->count, sizeof *policies);
	int64_t *ids = ad_alloc_array(arena, apps->count, sizeof *ids);
	int *minutes = ad_alloc_array(arena, apps->count, sizeof *minutes);
	for (size_t i = 0; i < apps->count; i++)
		ids[i] = apps->items[i].id;
	*ret = ad_json_new_array(arena);
	int e = ad_policies_foreseen(desk, ad_holder(who), apps, policies, err);
	if (e == 0)
		e = ad_store_apps_usual(
			desk->db, arena, desk->tenant_id, ids, apps->count, minutes, err);
	for (size_t i = 0; e == 0 && i < apps->count; i++) {
		const struct ad_app *app = &apps->items[i];
		struct ad_json *facts;
		e = facts_of(desk, who, app, policies[i], minutes[i], &facts, err);
		if (e != 0)
			return e;
		struct ad_json *row = row_of(desk, who, app, facts);
		ad_json_set_bool(arena, row, "separator", i > 0);
		ad_json_append(arena, *ret, row);
	}
	return e;
}

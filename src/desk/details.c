/* SPDX-License-Identifier: Apache-2.0 */
/* An app's own card, for who wants to know more before asking (product R2). What it says about the
 * way to the app is what the form says. */
#include "form.h"
#include "matches.h"
#include "others.h"
#include "seats.h"
#include "ad/text.h"

#define CANDIDATES_MAX 25 /* some of them may not be there for the person */

/* The published app that a name means; 0: none that is there for the person. */
static int find_named(struct ad_desk *desk, const struct ad_person *who, const char *name,
	int64_t *ret, struct ad_err *err)
{
	struct ad_app_list apps;
	int e = ad_apps_named(desk, who->locale, name, CANDIDATES_MAX, &apps, err);
	if (e == 0)
		e = ad_apps_keep_open(desk, who, &apps, 1, err);
	*ret = e == 0 && apps.count > 0 ? apps.items[0].id : 0;
	return e;
}

/* The way to the app: whom the policy asks, or what it says instead. */
static int add_ahead(struct ad_desk *desk, const struct ad_person *who, const struct ad_app *app,
	struct ad_json *data, struct ad_err *err)
{
	struct ad_form form = { .app = app, .locale = who->locale };
	struct ad_json *lines = ad_json_new_array(desk->arena);
	int e = ad_policy_for(desk, ad_holder(who), app, &form.policy, err);
	if (e != 0)
		return e;
	if (form.policy->refusal)
		ad_json_append(
			desk->arena, lines, ad_json_new_string(desk->arena, form.policy->refusal));
	else
		e = ad_form_ahead(desk, who, &form, &lines, err);
	ad_json_set(desk->arena, data, "ahead", lines);
	ad_json_set_bool(desk->arena, data, "can_request", !form.policy->refusal);
	return e;
}

static int show(struct ad_desk *desk, const struct ad_person *who, const struct ad_app *app,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	int e = add_ahead(desk, who, app, data, err);
	if (e != 0)
		return e;
	ad_matches_app(desk, app, data);
	ad_json_set_str(desk->arena, data, "version", app->winget_version);
	ad_json_set_bool(desk->arena, data, "for_other", who->asks_for != NULL);
	ad_json_set_str(desk->arena, data, "person", ad_holder(who)->name);
	ad_json_set_str(desk->arena, data, AD_DESK_INPUT_FOR,
		who->asks_for ? who->asks_for->oid : AD_DESK_FOR_ME);
	if (ad_text_empty(app->winget_version))
		e = ad_words_into(desk, who->locale, "details.newest", data, "version", err);
	if (e == 0)
		e = ad_words_into(desk, who->locale,
			ad_printf(desk->arena, "class.%s", app->classification), data, "risk", err);
	if (e == 0)
		e = ad_seats_data(desk, who->locale, app, data, err);
	return e == 0 ? ad_reply_card(
				desk, who, "details", "details.short", data, "details", ret, err)
		      : e;
}

int ad_desk_details(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_person asker;
	struct ad_app app;
	bool done = false;
	int64_t id = ad_json_int(press->inputs, "app", 0);
	if (id == 0 && ad_text_empty(press->reason))
		return ad_reply_words(desk, who, "details.how", NULL, "details", ret, err);
	int e = ad_others_read(desk, who, press->inputs, &asker, ret, &done, err);
	if (e == 0 && !done && id == 0)
		e = find_named(desk, &asker, press->reason, &id, err);
	if (e == 0 && !done)
		e = ad_form_app(desk, &asker, id, &app, ret, &done, err);
	return e == 0 && !done ? show(desk, &asker, &app, ret, err) : e;
}

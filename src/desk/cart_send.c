/* SPDX-License-Identifier: Apache-2.0 */
/* The form for several apps becomes a request for each, in one transaction. */
#include "bundle.h"
#include "cart.h"
#include "device.h"
#include "frozen.h"
#include "ad/text.h"

struct sending {
	const struct ad_person *who;
	const struct ad_desk_press *press;
	const char *justification;
	int64_t bundle_id;       /* 0: nothing is filed yet */
	struct ad_json *refused; /* app and text of what is not filed */
};

static void refuse(
	struct ad_desk *desk, struct sending *s, const struct ad_app *app, const char *text)
{
	struct ad_json *row = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, row, "app", app->name ? app->name : "");
	ad_json_set_str(desk->arena, row, "text", text);
	ad_json_append(desk->arena, s->refused, row);
}

/* What the form says about one app, as the form for that app alone would say it. Its token is named
 * anew: a notice about one of them is not one about another. */
static struct ad_desk_press press_for(
	const struct ad_desk *desk, const struct sending *s, int64_t app_id, const char *stamp)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *inputs = ad_json_new_object(arena);
	const char *days = ad_printf(arena, AD_DESK_INPUT_SPAN "%lld", (long long)app_id);
	const char *span = ad_json_str(s->press->inputs, days);
	ad_json_set_str(arena, inputs, AD_DESK_INPUT_JUSTIFICATION, s->justification);
	ad_json_set_str(arena, inputs, AD_FORM_STAMP, stamp);
	ad_json_set_str(arena, inputs, AD_DESK_INPUT_DEVICE, AD_DESK_DEVICE_TAKEN);
	if (span)
		ad_json_set_str(arena, inputs, AD_DESK_INPUT_DAYS, span);
	return (struct ad_desk_press){
		.token = ad_printf(arena, "%s.%lld", s->press->token, (long long)app_id),
		.inputs = inputs,
	};
}

static int file(
	struct ad_desk *desk, struct sending *s, const struct ad_filled *filled, struct ad_err *err)
{
	struct ad_request request;
	struct ad_desk_reply other;
	struct ad_app app;
	bool done;
	int e = 0;
	if (s->bundle_id == 0)
		e = ad_store_bundle_insert(
			desk->db, desk->arena, desk->tenant_id, s->who->oid, &s->bundle_id, err);
	if (e == 0)
		e = ad_filled_file(desk, s->who, filled, s->bundle_id, &request, err);
	if (e != 0 || request.id != 0)
		return e;
	/* Another form was sent at the same time: its request stands by now. */
	e = ad_form_obstacle(desk, s->who, filled->app.id, &app, &other, &done, err);
	if (e == 0 && done)
		refuse(desk, s, &filled->app, other.text);
	return e;
}

/* All rules of a single request; what they refuse is said of this one. */
static int send_one(struct ad_desk *desk, struct sending *s, int64_t app_id, const char *stamp,
	struct ad_err *err)
{
	struct ad_filled filled = { 0 };
	struct ad_desk_reply reply;
	bool done;
	const struct ad_desk_press press = press_for(desk, s, app_id, stamp);
	int e = ad_form_obstacle(desk, s->who, app_id, &filled.app, &reply, &done, err);
	if (e == 0 && !done)
		e = ad_filled_read(desk, s->who, &press, &filled, err);
	if (e == 0 && !done && ad_json_count(filled.faults) > 0) {
		struct ad_cart_item item = { .app = filled.app, .policy = filled.policy };
		e = ad_cart_asks(desk, s->who, &item, err);
		reply.text = item.obstacle ? item.obstacle
					   : ad_json_str(ad_json_first(filled.faults), "sentence");
		done = true;
	}
	if (e == 0 && !done)
		e = ad_filled_judge(desk, s->who, &press, &filled, &reply, &done, err);
	if (e == 0 && done)
		refuse(desk, s, &filled.app, reply.text);
	return e == 0 && !done ? file(desk, s, &filled, err) : e;
}

/* ---- the inputs ---- */

/* The stamp of what is ticked; NULL: it is not. */
static const char *ticked(struct ad_arena *arena, const struct ad_desk_press *press, int64_t app_id)
{
	const char *name = ad_printf(arena, AD_DESK_INPUT_ITEM "%lld", (long long)app_id);
	const char *stamp = ad_json_str(press->inputs, name);
	return ad_text_empty(stamp) || ad_text_eq(stamp, "false") ? NULL : stamp;
}

static size_t read_apps(
	struct ad_arena *arena, const struct ad_desk_press *press, int64_t ret[AD_CART_MAX])
{
	const char *ids = ad_json_str(press->inputs, AD_DESK_INPUT_APPS);
	char *rest = ad_strdup(arena, ids ? ids : "");
	char *word;
	size_t count = 0;
	while ((word = strsep(&rest, " ")) && count < AD_CART_MAX)
		if (ad_text_i64(word, 1, INT64_MAX, &ret[count]) == 0)
			count++;
	return count;
}

/* The form once more, with what is wrong, as it was filled in. */
static int show_again(struct ad_desk *desk, const struct sending *s, const int64_t *apps,
	size_t count, const char *key, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_cart cart = { .count = count,
		.token = s->press->token,
		.justification = ad_words_cut(desk, s->justification, AD_JUSTIFICATION_MAX) };
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, data, "max", AD_JUSTIFICATION_MAX);
	int e = ad_words_into(desk, s->who->locale, "form.why", data, "label", err);
	if (e == 0)
		e = ad_words(desk, s->who->locale, key, data, &cart.fault, err);
	for (size_t i = 0; i < count; i++) {
		const char *days =
			ad_printf(desk->arena, AD_DESK_INPUT_SPAN "%lld", (long long)apps[i]);
		const char *span = ad_json_str(s->press->inputs, days);
		int64_t chosen = 0;
		cart.items[i].app.id = apps[i];
		cart.items[i].left_out = !ticked(desk->arena, s->press, apps[i]);
		cart.items[i].has_days = span && ad_text_i64(span, 0, AD_DAYS_MAX, &chosen) == 0;
		cart.items[i].days = (int)chosen;
	}
	if (e == 0)
		e = ad_cart_show(desk, s->who, &cart, ret, err);
	ret->in_place = true;
	ret->outcome = "invalid";
	return e;
}

/* ---- the use case ---- */

/* One after the other; for want of facts all are tried, since each time costs a round. */
static int send_all(struct ad_desk *desk, struct sending *s, const int64_t *apps, size_t count,
	struct ad_err *err)
{
	struct ad_err own = { 0 };
	int first = 0;
	for (size_t i = 0; i < count; i++) {
		const char *stamp = ticked(desk->arena, s->press, apps[i]);
		struct ad_err *e_of = first ? &own : err; /* the first want is what is told */
		int e = stamp ? send_one(desk, s, apps[i], stamp, e_of) : 0;
		if (e != 0 && !ad_desk_facts_wanted(desk->facts))
			return e;
		first = first ? first : e;
	}
	return first;
}

static int finish(
	struct ad_desk *desk, struct sending *s, struct ad_desk_reply *ret, struct ad_err *err)
{
	bool files = s->bundle_id != 0;
	int e = 0;
	if (files)
		e = ad_store_bundle_refused(desk->db, desk->arena, s->bundle_id,
			ad_json_print(desk->arena, s->refused), err);
	if (e == 0 && files)
		e = ad_bundle_show(desk, s->who, s->bundle_id, ret, err);
	if (e == AD_ENOTFOUND || !files) /* each of them came too late */
		e = ad_bundle_show_refused(desk, s->who, s->refused, ret, err);
	if (e != 0)
		return e;
	ret->in_place = true;
	e = ad_reply_remember(desk, s->press->token, ret, err);
	return e == 0 ? ad_trail_flush(desk, err) : e;
}

int ad_desk_cart_send(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	static const struct ad_input_rule why = { .required = true,
		.max_chars = AD_JUSTIFICATION_MAX };
	struct sending s = {
		.who = who, .press = press, .refused = ad_json_new_array(desk->arena)
	};
	struct ad_token token;
	int64_t apps[AD_CART_MAX];
	bool done;
	int e = ad_settings_hold(desk, err);
	if (e == 0)
		e = ad_frozen(desk, who, ret, &done, err);
	if (e == 0 && !done)
		e = ad_reply_token(desk, who, press, AD_CART_PURPOSE, &token, ret, &done, err);
	if (e != 0 || done)
		return e;
	const char *text = ad_json_str(press->inputs, AD_DESK_INPUT_JUSTIFICATION);
	s.justification =
		ad_text_trim(desk->arena, ad_utf8_clean(desk->arena, text ? text : "", true));
	size_t count = read_apps(desk->arena, press, apps);
	size_t picked = 0;
	for (size_t i = 0; i < count; i++)
		picked += ticked(desk->arena, press, apps[i]) != NULL;
	if (picked == 0)
		return show_again(desk, &s, apps, count, "cart.nothing", ret, err);
	enum ad_input_fault fault = ad_input_check(&why, s.justification);
	if (fault != AD_INPUT_OK)
		return show_again(desk, &s, apps, count,
			ad_printf(desk->arena, "input.%s", ad_input_fault_name(fault)), ret, err);
	e = send_all(desk, &s, apps, count, err);
	return e == 0 ? finish(desk, &s, ret, err) : e;
}

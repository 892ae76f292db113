/* SPDX-License-Identifier: Apache-2.0 */
/* Several apps in one form: found by what is said between "and" and commas, and shown together. */
#include "ad/desk/cart.h"
#include "aside.h"
#include "bundle.h"
#include "cart.h"
#include "others.h"
#include "outlook.h"
#include "ad/text.h"

#include <ctype.h>

#define WORDS_MAX 3 /* of a part that is still a name */
#define BLANKS " \t\r\n"

/* ---- what was said ---- */

static const char *append(struct ad_arena *arena, const char *part, const char *word)
{
	return *part ? ad_printf(arena, "%s %s", part, word) : word;
}

/* Behind the comma or the "and" with which text begins; NULL when there is neither. */
static const char *behind_joint(const struct ad_desk *desk, const char *locale, const char *text)
{
	const char *comma = ad_cards_comma(text);
	return comma ? comma : ad_cards_said(desk->cards, "said.and", locale, text);
}

/* Bytes up to the next blank or comma. */
static size_t word_len(const char *text)
{
	size_t len = 0;
	while (text[len] && !strchr(BLANKS, text[len]) && !ad_cards_comma(text + len))
		len++;
	return len;
}

/* The parts between commas, semicolons and "and". */
static size_t split(const struct ad_desk *desk, const char *locale, const char *text,
	const char *ret[AD_CART_MAX])
{
	const char *at = ad_text_lower(desk->arena, text);
	size_t count = 0;
	ret[0] = "";
	for (at += strspn(at, BLANKS); *at && count < AD_CART_MAX; at += strspn(at, BLANKS)) {
		const char *next = behind_joint(desk, locale, at);
		if (next && *ret[count] && ++count < AD_CART_MAX)
			ret[count] = "";
		if (!next) {
			next = at + word_len(at);
			ret[count] = append(desk->arena, ret[count],
				ad_strndup(desk->arena, at, (size_t)(next - at)));
		}
		at = next;
	}
	return count < AD_CART_MAX && *ret[count] ? count + 1 : count;
}

static const char *squeezed(struct ad_arena *arena, const char *text)
{
	char *ret = ad_text_lower(arena, text);
	size_t len = 0;
	for (const char *c = ret; *c; c++)
		if (isalnum((unsigned char)*c) || (unsigned char)*c >= 0x80)
			ret[len++] = *c;
	ret[len] = '\0';
	return ret;
}

/* Whether the app is what the words name, and not only something that has to do with them. */
static bool is_named(struct ad_arena *arena, const struct ad_app *app, const char *words)
{
	const char *name = squeezed(arena, app->name);
	char *rest = ad_strdup(arena, words);
	char *word;
	size_t count = 0;
	bool ret = false;
	while ((word = strsep(&rest, " "))) {
		const char *text = squeezed(arena, word);
		count++;
		ret |= strlen(text) > 2 && strstr(name, text);
	}
	return ret && count <= WORDS_MAX;
}

static bool has(const struct ad_cart *cart, int64_t app_id)
{
	for (size_t i = 0; i < cart->count; i++)
		if (cart->items[i].app.id == app_id)
			return true;
	return false;
}

static int find_part(struct ad_desk *desk, const struct ad_person *who, const char *part,
	struct ad_cart *cart, struct ad_err *err)
{
	struct ad_app_search search;
	struct ad_app_list found = { 0 };
	int e = ad_search_read(desk, who->locale, part, &search, err);
	if (e != 0 || !*search.words)
		return e;
	search.limit = AD_CART_MAX; /* some may not be there for the person */
	e = ad_store_apps_search(desk->db, desk->arena, desk->tenant_id, &search, &found, err);
	if (e == 0)
		e = ad_apps_keep_open(desk, ad_holder(who), &found, 1, err);
	if (e != 0)
		return e;
	if (found.count == 0 || !is_named(desk->arena, &found.items[0], search.words))
		cart->missing[cart->missing_count++] = search.words;
	else if (!has(cart, found.items[0].id))
		cart->items[cart->count++].app = found.items[0];
	return 0;
}

static int find_all(struct ad_desk *desk, const struct ad_person *who, const char *text,
	struct ad_cart *cart, struct ad_err *err)
{
	const char *parts[AD_CART_MAX];
	int e = 0;
	const char *clean =
		ad_utf8_clean(desk->arena, ad_utf8_cut(desk->arena, text, AD_SEARCH_MAX), true);
	size_t count = split(desk, who->locale, clean, parts);
	for (size_t i = 0; e == 0 && count > 1 && i < count; i++)
		e = find_part(desk, who, parts[i], cart, err);
	return e;
}

/* ---- the form ---- */

/* What stands in the way of one of them, as a sentence; NULL: nothing. */
static int look(struct ad_desk *desk, const struct ad_person *who, struct ad_cart_item *item,
	struct ad_err *err)
{
	struct ad_desk_reply reply;
	bool done;
	int e = ad_form_obstacle(desk, who, item->app.id, &item->app, &reply, &done, err);
	if (e != 0 || done) {
		item->obstacle = e == 0 ? reply.text : NULL;
		return e;
	}
	e = ad_policy_for(desk, who, &item->app, &item->policy, err);
	if (e == 0 && item->policy->refusal)
		item->obstacle = item->policy->refusal;
	return e == 0 && !item->obstacle ? ad_cart_asks(desk, who, item, err) : e;
}

int ad_cart_asks(struct ad_desk *desk, const struct ad_person *who, struct ad_cart_item *item,
	struct ad_err *err)
{
	struct ad_app_questions questions;
	struct ad_json *data = ad_json_new_object(desk->arena);
	bool required = false;
	ad_json_set_str(desk->arena, data, "app", item->app.name);
	int e = ad_form_questions(desk, &item->app, item->policy, &questions, err);
	for (size_t i = 0; e == 0 && i < questions.count; i++)
		required = required || questions.items[i].required;
	return required ? ad_words(desk, who->locale, "cart.asks", data, &item->obstacle, err) : e;
}

/* "Approved by: the manager (Kim)", or that nobody needs to. */
static int add_ahead(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_cart_item *item, struct ad_json *row, struct ad_err *err)
{
	const struct ad_slate_query about = { .parties = { who->oid, who->oid },
		.app_owner_oid = item->app.owner_oid };
	struct ad_json *stages = NULL;
	struct ad_json *lines = ad_json_new_array(desk->arena);
	const char *text;
	bool automatic;
	ad_json_set(desk->arena, row, "ahead", lines);
	int e = ad_policy_automatic(desk, who->oid, &item->app, item->policy, &automatic, err);
	if (e == 0 && !automatic)
		e = ad_outlook_stages(desk, who->locale, item->policy, &about, &stages, err);
	if (e == 0 && automatic) {
		e = ad_words(desk, who->locale, "form.automatic", NULL, &text, err);
		if (e == 0)
			ad_json_append(desk->arena, lines, ad_json_new_string(desk->arena, text));
	}
	for (struct ad_json *s = ad_json_first(stages); e == 0 && s; s = ad_json_next(s)) {
		e = ad_words(desk, who->locale, "form.ahead", s, &text, err);
		if (e == 0)
			ad_json_append(desk->arena, lines, ad_json_new_string(desk->arena, text));
	}
	return e;
}

static int add_item(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_cart_item *item, struct ad_json *rows, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *row = ad_json_new_object(arena);
	const struct ad_policy *policy = item->policy;
	long long id = (long long)item->app.id;
	const char *stamp = ad_form_stamp(arena, policy);
	bool limited = policy->grant_days > 0 || policy->grant_max_days > 0;
	int days = item->has_days ? item->days : policy->grant_days;
	ad_json_set_str(arena, row, "app", item->app.name);
	ad_json_set_str(arena, row, "pick", ad_printf(arena, AD_DESK_INPUT_ITEM "%lld", id));
	ad_json_set_str(arena, row, "days", ad_printf(arena, AD_DESK_INPUT_SPAN "%lld", id));
	ad_json_set_str(arena, row, "stamp", stamp);
	ad_json_set_str(arena, row, "picked", item->left_out ? "false" : stamp);
	ad_json_set_bool(arena, row, "has_spans", limited);
	ad_json_append(arena, rows, row);
	int e = ad_words_into(desk, who->locale, "cart.days", row, "days_label", err);
	if (e == 0)
		e = ad_talk_offer(desk, who->locale,
			&(struct ad_talk_span){ .most = policy->grant_max_days,
				.chosen = ad_policy_days(policy, days, 0) },
			row, err);
	return e == 0 ? add_ahead(desk, who, item, row, err) : e;
}

static void add_refused(
	struct ad_arena *arena, const struct ad_cart_item *item, struct ad_json *rows)
{
	struct ad_json *row = ad_json_new_object(arena);
	ad_json_set_str(arena, row, "app", item->app.name);
	ad_json_set_str(arena, row, "text", item->obstacle);
	ad_json_append(arena, rows, row);
}

/* All of them are looked at before it gives up for want of facts: each time costs a round. */
static int add_items(struct ad_desk *desk, const struct ad_person *who, struct ad_cart *cart,
	struct ad_json *data, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *items = ad_json_new_array(arena);
	struct ad_json *refused = ad_json_new_array(arena);
	const char *ids = "";
	struct ad_err own = { 0 };
	int first = 0;
	for (size_t i = 0; i < cart->count; i++) {
		struct ad_cart_item *item = &cart->items[i];
		struct ad_err *e_of = first ? &own : err; /* the first want is what is told */
		int e = look(desk, who, item, e_of);
		if (e == 0 && !item->obstacle)
			e = add_item(desk, who, item, items, e_of);
		else if (e == 0)
			add_refused(arena, item, refused);
		if (e != 0 && !ad_desk_facts_wanted(desk->facts))
			return e;
		first = first ? first : e;
		ids = ad_printf(arena, "%s%s%lld", ids, *ids ? " " : "", (long long)item->app.id);
	}
	ad_json_set(arena, data, "items", items);
	ad_json_set(arena, data, "refused", refused);
	ad_json_set_bool(arena, data, "has_items", ad_json_count(items) > 0);
	ad_json_set_str(arena, data, AD_DESK_INPUT_APPS, ids);
	return first;
}

static int add_missing(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_cart *cart, struct ad_json *data, struct ad_err *err)
{
	struct ad_json *lines = ad_json_new_array(desk->arena);
	int e = 0;
	ad_json_set(desk->arena, data, "missing", lines);
	for (size_t i = 0; e == 0 && i < cart->missing_count; i++) {
		const char *text;
		struct ad_json *asked = ad_json_new_object(desk->arena);
		ad_json_set_str(desk->arena, asked, "asked", cart->missing[i]);
		e = ad_words(desk, who->locale, "cart.missing", asked, &text, err);
		if (e == 0)
			ad_json_append(desk->arena, lines, ad_json_new_string(desk->arena, text));
	}
	return e;
}

int ad_cart_show(struct ad_desk *desk, const struct ad_person *who, struct ad_cart *cart,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *data = ad_json_new_object(arena);
	const char *token = cart->token;
	int e = add_items(desk, who, cart, data, err);
	if (e == 0)
		e = add_missing(desk, who, cart, data, err);
	if (e == 0 && !token)
		e = ad_store_token_new(desk->db, arena,
			&(struct ad_token){ .tenant_id = desk->tenant_id,
				.oid = who->oid,
				.purpose = AD_CART_PURPOSE },
			&token, err);
	if (e != 0)
		return e;
	ad_json_set_str(arena, data, "t", token);
	ad_json_set_int(arena, data, "count", (int64_t)cart->count);
	ad_json_set_str(arena, data, "fault", cart->fault ? cart->fault : "");
	ad_json_set_bool(arena, data, "has_fault", cart->fault != NULL);
	ad_json_set_str(
		arena, data, "justification", cart->justification ? cart->justification : "");
	ad_json_set_int(arena, data, "max", AD_JUSTIFICATION_MAX);
	return ad_reply_card(desk, who, "cart", "cart.short", data, "cart", ret, err);
}

/* ---- the ways to it ---- */

int ad_cart_find(struct ad_desk *desk, const struct ad_person *who, const char *text,
	struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err)
{
	struct ad_cart cart = { 0 };
	int e = find_all(desk, who, text ? text : "", &cart, err);
	*ret_done = e == 0 && cart.count > 1;
	if (*ret_done && who->asks_for) /* each of them is theirs to agree to */
		return ad_reply_words(desk, who, "for.one_by_one", NULL, "one_by_one", ret, err);
	return *ret_done ? ad_cart_show(desk, who, &cart, ret, err) : e;
}

int ad_desk_several(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	if (ad_text_empty(press->reason))
		return ad_reply_words(desk, who, "cart.how", NULL, "cart_how", ret, err);
	return ad_desk_look_for(desk, who, press->reason, press, ret, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A click: the button's own data, with the values of the inputs around it merged in as strings. The
 * client checks what is required; a value that nobody changed is the one the card came with; an
 * empty one is not sent.
 */
#include "press.h"

#include "ad/text.h"
#include "calls.h"
#include "card.h"
#include "deliver.h"
#include "shown.h"

#include <string.h>

struct found {
	struct ad_json *entry;
	const struct ad_json *button;
};

static bool is_wanted(const struct ad_json *button, const struct ad_json *order)
{
	const char *title = ad_json_str(order, "button");
	const char *verb = ad_json_str(order, "verb");
	int64_t number = ad_json_int(order, "n", 0);

	if (!title && !verb && !number)
		return false;
	return (!title || ad_text_eq_nocase(ad_json_str(button, "title"), title)) &&
	       (!verb || ad_text_eq(ad_json_str(button, "verb"), verb) ||
		       ad_text_eq(ad_json_str(button, "data.verb"), verb)) &&
	       (!number || ad_json_int(button, "n", 0) == number);
}

/* What a press can mean on this message. */
static bool look(struct ad_arena *arena, const struct dt_doc *doc, const struct ad_json *person,
	const struct ad_json *order, struct found *ret)
{
	ret->entry = dt_entry(arena, doc, person);
	if (ad_json_bool(order, "refresh", false))
		return ad_json_get(ad_json_get(ret->entry, "card"), "refresh") != NULL;
	AD_JSON_EACH(button, ad_json_get(ret->entry, "buttons"))
	if (is_wanted(button, order)) {
		ret->button = button;
		return true;
	}
	return false;
}

/* The newest message that has the button, or the one that is named. */
static int find(struct dt_tenant *tenant, struct ad_arena *arena, const struct ad_json *person,
	const struct ad_json *order, struct found *ret, struct ad_err *err)
{
	const char *id = ad_json_str(order, "activity");

	if (id) {
		const struct dt_doc *doc = dt_seen(tenant, arena, id, person);

		if (!doc)
			return AD_FAIL(err, AD_ENOTFOUND, "%s sees no message '%s'",
				ad_json_str(person, "key"), id);
		if (!look(arena, doc, person, order, ret))
			return AD_FAIL(err, AD_ENOTFOUND, "message %s has no such button", id);
		return 0;
	}
	for (const struct dt_doc *doc = dt_last(tenant->store, DT_MESSAGES); doc; doc = doc->prev)
		if (dt_sees(tenant, arena, doc, person) && look(arena, doc, person, order, ret))
			return 0;
	return AD_FAIL(err, AD_ENOTFOUND, "%s is shown no such button", ad_json_str(person, "key"));
}

/* The given value of an input, as text; numbers and truth values are turned into it. */
static const char *given_value(struct ad_arena *arena, const struct ad_json *order, const char *id)
{
	const struct ad_json *value = ad_json_get(ad_json_get(order, "inputs"), id);

	if (!value || ad_json_text(value))
		return ad_json_text(value);
	return ad_json_print(arena, value);
}

static bool is_choice(const struct ad_json *input, const char *value, size_t len)
{
	AD_JSON_EACH(choice, ad_json_get(input, "choices"))
	{
		const char *known = ad_json_str(choice, "value");

		if (known && strlen(known) == len && !strncmp(known, value, len))
			return true;
	}
	return false;
}

/* Of a choice set only its choices can be picked (unless it takes any text or is filled later). */
static bool can_be_picked(const struct ad_json *input, const char *value)
{
	if (!ad_text_eq(ad_json_str(input, "type"), "Input.ChoiceSet") ||
		ad_text_eq(ad_json_str(input, "style"), "filtered") ||
		ad_json_bool(input, "open", false))
		return true;
	if (!ad_json_bool(input, "multiple", false))
		return is_choice(input, value, strlen(value));
	while (*value) {
		size_t len = strcspn(value, ",");

		if (!is_choice(input, value, len))
			return false;
		value += len + (value[len] == ',');
	}
	return true;
}

static const struct ad_json *input_named(const struct found *found, const char *id)
{
	AD_JSON_EACH(input, ad_json_get(found->entry, "inputs"))
	if (ad_text_eq(ad_json_str(input, "id"), id))
		return input;
	return NULL;
}

static bool sends(const struct ad_json *button, const char *id)
{
	AD_JSON_EACH(input, ad_json_get(button, "inputs"))
	if (ad_text_eq(ad_json_text(input), id))
		return true;
	return false;
}

/* What a client would not let through. */
static int check_inputs(struct ad_arena *arena, const struct found *found,
	const struct ad_json *order, struct ad_err *err)
{
	AD_JSON_EACH(given, ad_json_get(order, "inputs"))
	if (!sends(found->button, ad_json_name(given)))
		return AD_FAIL(
			err, AD_EINVAL, "the button sends no input '%s'", ad_json_name(given));
	AD_JSON_EACH(id, ad_json_get(found->button, "inputs"))
	{
		const struct ad_json *input = input_named(found, ad_json_text(id));
		const char *value = given_value(arena, order, ad_json_text(id));

		if (value && *value && !can_be_picked(input, value))
			return AD_FAIL(err, AD_EINVAL, "input '%s' has no choice '%s'",
				ad_json_text(id), value);
		if (!value)
			value = ad_json_str(input, "value");
		if (ad_json_bool(input, "required", false) && ad_text_empty(value))
			return AD_FAIL(err, AD_EINVAL, "input '%s' is required", ad_json_text(id));
	}
	return 0;
}

static struct ad_json *click_data(
	struct ad_arena *arena, const struct found *found, const struct ad_json *order)
{
	const struct ad_json *own = ad_json_get(found->button, "data");
	struct ad_json *data = ad_json_kind(own) == AD_JSON_OBJECT ? ad_json_copy(arena, own)
								   : ad_json_new_object(arena);

	AD_JSON_EACH(id, ad_json_get(found->button, "inputs"))
	{
		const char *value = given_value(arena, order, ad_json_text(id));

		if (!value)
			value = ad_json_str(input_named(found, ad_json_text(id)), "value");
		if (!ad_text_empty(value))
			ad_json_set_str(arena, data, ad_json_text(id), value);
	}
	if (ad_json_bool(order, "force", false))
		AD_JSON_EACH(given, ad_json_get(order, "inputs"))
	ad_json_set_str(
		arena, data, ad_json_name(given), given_value(arena, order, ad_json_name(given)));
	return data;
}

static void make_execute(struct ad_arena *arena, struct ad_json *activity,
	const struct ad_json *action, struct ad_json *data, const char *trigger)
{
	struct ad_json *value = ad_json_new_object(arena);
	struct ad_json *sent = ad_json_new_object(arena);
	static const char *const copied[] = { "id", "title", "verb" };

	ad_json_set_str(arena, sent, "type", "Action.Execute");
	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
		if (ad_json_str(action, copied[i]))
			ad_json_set_str(arena, sent, copied[i], ad_json_str(action, copied[i]));
	ad_json_set(arena, sent, "data", data);
	ad_json_set(arena, value, "action", sent);
	ad_json_set_str(arena, value, "trigger", trigger);
	ad_json_set_str(arena, activity, "name", "adaptiveCard/action");
	ad_json_set(arena, activity, "value", value);
}

/* {"data":{"msteams":{"type":"task/fetch"}}} opens a dialog: an invoke as well. */
static void make_submit(struct ad_arena *arena, struct ad_json *activity, struct ad_json *data)
{
	if (ad_text_eq(ad_json_str(data, "msteams.type"), "task/fetch")) {
		struct ad_json *value = ad_json_new_object(arena);

		ad_json_set_str(arena, activity, "type", "invoke");
		ad_json_set_str(arena, activity, "name", "task/fetch");
		ad_json_set(arena, value, "data", data);
		ad_json_set(arena, activity, "value", value);
		return;
	}
	ad_json_remove(data, "msteams");
	ad_json_set(arena, activity, "value", data);
}

/* Whether the card wants this person's client to refresh it by itself. */
static bool refreshes(const struct ad_json *card, const struct ad_json *person)
{
	const struct ad_json *ids = ad_json_path(card, "refresh.userIds");

	if (!ids)
		return true;
	AD_JSON_EACH(id, ids)
	if (ad_text_eq(ad_json_text(id), ad_json_str(person, "mri")))
		return true;
	return false;
}

static struct ad_json *start(struct dt_tenant *tenant, struct ad_arena *arena,
	const struct ad_json *person, const struct found *found, const char *type)
{
	const char *where = ad_json_str(found->entry, "conversation");
	struct ad_json *activity = dt_activity(tenant, arena, type, person, where);

	ad_json_set_str(arena, activity, "replyToId", ad_json_str(found->entry, "id"));
	return activity;
}

static int make_refresh(struct dt_tenant *tenant, struct ad_arena *arena,
	const struct ad_json *person, const struct found *found, struct dt_press *ret,
	struct ad_err *err)
{
	const struct ad_json *card = ad_json_get(found->entry, "card");
	const struct ad_json *action = ad_json_path(card, "refresh.action");
	const struct ad_json *data = ad_json_get(action, "data");

	ret->status = 409;
	if (!refreshes(card, person))
		return AD_FAIL(err, AD_ECONFLICT, "the card asks for no refresh from %s",
			ad_json_str(person, "key"));
	ret->activity = start(tenant, arena, person, found, "invoke");
	make_execute(arena, ret->activity, action,
		data ? ad_json_copy(arena, data) : ad_json_new_object(arena), "automatic");
	return 0;
}

int dt_press_make(struct dt_tenant *tenant, struct ad_arena *arena, const struct ad_json *person,
	const struct ad_json *order, struct dt_press *ret, struct ad_err *err)
{
	struct found found = { .entry = NULL };
	int rc = find(tenant, arena, person, order, &found, err);

	ret->status = 404;
	if (rc)
		return rc;
	ret->message_id = ad_json_str(found.entry, "id");
	if (!found.button)
		return make_refresh(tenant, arena, person, &found, ret, err);
	ret->status = 422;
	const char *type = ad_json_str(found.button, "type");
	if (!ad_text_eq(type, "Action.Execute") && !ad_text_eq(type, "Action.Submit"))
		return AD_FAIL(err, AD_EINVAL, "a press of %s sends nothing", type);
	if (!ad_json_bool(found.button, "enabled", true))
		return AD_FAIL(err, AD_EINVAL, "the button is disabled");
	if (!ad_json_bool(order, "force", false)) {
		rc = check_inputs(arena, &found, order, err);
		if (rc)
			return rc;
	}
	struct ad_json *data = click_data(arena, &found, order);
	if (ad_text_eq(type, "Action.Execute")) {
		if (ad_text_empty(ad_json_str(found.button, "verb")))
			dt_complain(tenant, "a button without verb: Teams cannot route it");
		ret->activity = start(tenant, arena, person, &found, "invoke");
		make_execute(arena, ret->activity, found.button, data, "manual");
	} else {
		ret->activity = start(tenant, arena, person, &found, "message");
		make_submit(arena, ret->activity, data);
	}
	return 0;
}

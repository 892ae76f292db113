/* SPDX-License-Identifier: Apache-2.0 */
/* A row of a catalogue file against what is there: the difference, and the change. */
#include "ad/desk/catalog.h"
#include "ad/text.h"
#include "catalog_members.h"
#include "parts.h"
#include "seats.h"

const char *ad_catalog_change_name(enum ad_catalog_change change)
{
	static const char *const names[] = { "same", "new", "changed" };
	return names[change];
}

static struct ad_json *blank(struct ad_arena *arena)
{
	struct ad_json *app = ad_json_new_object(arena);
	for (size_t i = 0; i < AD_CATALOG_MEMBERS; i++)
		ad_json_set(arena, app, ad_catalog_members[i].name,
			ad_catalog_usual(arena, &ad_catalog_members[i]));
	return app;
}

static bool is_same(struct ad_arena *arena, const struct ad_json *a, const struct ad_json *b)
{
	return ad_text_eq(ad_json_print(arena, a), ad_json_print(arena, b));
}

/* The members that the row has, in the place of those that were. */
static int lay_over(struct ad_desk *desk, const struct ad_field *row, struct ad_catalog_step *step)
{
	for (size_t i = 0; i < AD_CATALOG_MEMBERS; i++) {
		const struct ad_catalog_member *member = &ad_catalog_members[i];
		const struct ad_field at = ad_field_member(row, member->name);
		struct ad_json *value;
		/* Spelt as it is in the catalogue. */
		if (ad_field_absent(&at) || (i == 0 && step->old))
			continue;
		int e = ad_catalog_value(&at, member, &value);
		if (e != 0)
			return e;
		if (is_same(desk->arena, ad_json_get(step->app, member->name), value))
			continue;
		ad_json_set(desk->arena, step->app, member->name, value);
		ad_json_append(
			desk->arena, step->members, ad_json_new_string(desk->arena, member->name));
	}
	return 0;
}

static int find(struct ad_desk *desk, const struct ad_field *row, struct ad_catalog_step *step,
	struct ad_err *err)
{
	const struct ad_field at = ad_field_member(row, "winget_id");
	struct ad_json *id;
	struct ad_app_document found;
	int e = ad_field_absent(&at) ? ad_field_fault(&at, "is missing")
				     : ad_catalog_value(&at, &ad_catalog_members[0], &id);
	if (e != 0)
		return e;
	step->winget_id = ad_json_text(id);
	e = ad_store_app_document(
		desk->db, desk->arena, desk->tenant_id, step->winget_id, &found, err);
	if (e == 0) {
		step->winget_id = found.winget_id;
		step->old = found.app;
	}
	return e == AD_ENOTFOUND ? 0 : e;
}

int ad_desk_catalog_plan(struct ad_desk *desk, const struct ad_catalog_row *row,
	struct ad_catalog_step *ret, struct ad_err *err)
{
	const char *known[AD_CATALOG_MEMBERS + 1] = { NULL };
	for (size_t i = 0; i < AD_CATALOG_MEMBERS; i++)
		known[i] = ad_catalog_members[i].name;
	const struct ad_field at = { .arena = desk->arena,
		.whose = row->line > 0 ? ad_printf(desk->arena, "line %d", row->line) : "the app",
		.path = "",
		.value = row->app,
		.err = err };
	struct ad_catalog_step step = { .members = ad_json_new_array(desk->arena) };
	int e = ad_field_object(&at, known);
	if (e == 0)
		e = find(desk, &at, &step, err);
	if (e != 0)
		return e;
	step.app = step.old ? ad_json_copy(desk->arena, step.old) : blank(desk->arena);
	e = lay_over(desk, &at, &step);
	if (e != 0)
		return e;
	if (ad_text_empty(ad_json_str(step.app, "name"))) {
		const struct ad_field name = ad_field_member(&at, "name");
		return ad_field_fault(&name, "is missing; a new app needs one");
	}
	if (!step.old)
		step.change = AD_CATALOG_NEW;
	else if (ad_json_count(step.members) > 0)
		step.change = AD_CATALOG_CHANGED;
	*ret = step;
	return 0;
}

static struct ad_json *part(
	struct ad_arena *arena, const struct ad_json *app, const struct ad_json *members)
{
	struct ad_json *ret = ad_json_new_object(arena);
	AD_JSON_EACH(name, members)
	{
		const char *member = ad_json_text(name);
		ad_json_set(arena, ret, member, ad_json_copy(arena, ad_json_get(app, member)));
	}
	return ret;
}

static int note(struct ad_desk *desk, const char *actor, const struct ad_catalog_step *step,
	int64_t id, struct ad_err *err)
{
	const struct ad_person who = { .oid = actor, .mail = "" };
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "package", step->winget_id);
	if (step->old)
		ad_json_set(
			desk->arena, details, "old", part(desk->arena, step->old, step->members));
	ad_json_set(desk->arena, details, "new",
		step->old ? part(desk->arena, step->app, step->members)
			  : ad_json_copy(desk->arena, step->app));
	return ad_trail(desk,
		&(struct ad_event){ .who = &who,
			.action = step->old ? "catalog.changed" : "catalog.added",
			.entity_type = "app",
			.entity_id = id,
			.details = details },
		err);
}

int ad_desk_catalog_put(struct ad_desk *desk, const char *actor, const struct ad_catalog_step *step,
	struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	int64_t id;
	if (step->change == AD_CATALOG_SAME)
		return 0;
	int e = ad_store_app_document_put(
		desk->db, desk->arena, desk->tenant_id, step->app, &id, err);
	/* Who waits for a seat hears of one that is free now. */
	if (e == 0 && step->old)
		e = ad_seats_freed(desk, id, err);
	return e == 0 ? note(desk, actor, step, id, err) : e;
}

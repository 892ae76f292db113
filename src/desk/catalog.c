/* SPDX-License-Identifier: Apache-2.0 */
/* A new entry of the catalogue, from the command line: a row of a file with one app. */
#include "ad/desk/catalog.h"
#include "ad/text.h"
#include "parts.h"

static void set_text(
	struct ad_arena *arena, struct ad_json *app, const char *member, const char *text)
{
	if (text)
		ad_json_set_str(arena, app, member, text);
}

static struct ad_json *texts(struct ad_arena *arena, const char *const *items, size_t count)
{
	struct ad_json *list = ad_json_new_array(arena);
	for (size_t i = 0; i < count; i++)
		ad_json_append(arena, list, ad_json_new_string(arena, items[i]));
	return list;
}

static struct ad_json *questions_of(
	struct ad_arena *arena, const struct ad_desk_catalog_entry *entry)
{
	struct ad_json *list = ad_json_new_array(arena);
	for (size_t i = 0; i < entry->question_count; i++) {
		const struct ad_app_question *question = &entry->questions[i];
		struct ad_json *item = ad_json_new_object(arena);
		set_text(arena, item, "label", question->label);
		set_text(arena, item, "kind", ad_question_kind_name(question->kind));
		ad_json_set(arena, item, "choices",
			texts(arena, question->choices, question->choice_count));
		ad_json_set_bool(arena, item, "required", question->required);
		ad_json_append(arena, list, item);
	}
	return list;
}

static struct ad_json *document(struct ad_arena *arena, const struct ad_desk_catalog_entry *entry)
{
	const struct ad_app *app = &entry->app;
	struct ad_json *ret = ad_json_new_object(arena);
	set_text(arena, ret, "winget_id", app->winget_id);
	set_text(arena, ret, "name", app->name);
	set_text(arena, ret, "publisher", app->publisher);
	set_text(arena, ret, "description", app->description);
	set_text(arena, ret, "version", app->winget_version);
	set_text(arena, ret, "state", app->published ? "published" : "hidden");
	set_text(arena, ret, "classification", app->classification);
	set_text(arena, ret, "owner", app->owner_oid);
	set_text(arena, ret, "group", app->group_id);
	ad_json_set_int(arena, ret, "seats", app->seats);
	ad_json_set(arena, ret, "audience", texts(arena, app->audience, app->audience_count));
	ad_json_set(arena, ret, "aliases", texts(arena, entry->aliases, entry->alias_count));
	ad_json_set(arena, ret, "questions", questions_of(arena, entry));
	return ret;
}

int ad_desk_catalog_add(struct ad_desk *desk, const char *actor,
	const struct ad_desk_catalog_entry *entry, int64_t *ret_app_id, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_catalog_step step;
	const struct ad_catalog_row row = { .app = document(desk->arena, entry) };
	int e = ad_desk_catalog_plan(desk, &row, &step, err);
	if (e == 0 && step.change != AD_CATALOG_NEW)
		return AD_FAIL(err, AD_ECONFLICT, "%s is in the catalogue already", step.winget_id);
	if (e == 0)
		e = ad_desk_catalog_put(desk, actor, &step, err);
	return e == 0 ? ad_store_app_by_package(desk->db, desk->arena, desk->tenant_id,
				step.winget_id, ret_app_id, err)
		      : e;
}

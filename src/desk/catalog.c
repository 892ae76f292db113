/* SPDX-License-Identifier: Apache-2.0 */
/* A new entry of the catalogue, from the command line. */
#include "parts.h"
#include "ad/domain/policy.h"
#include "ad/text.h"

#define FIELD_MAX 300        /* characters of a name, publisher, identifier, version, label */
#define DESCRIPTION_MAX 2000 /* characters */

static int check_field(
	const char *name, const char *text, bool required, size_t max, struct ad_err *err)
{
	const struct ad_input_rule rule = { .required = required, .max_chars = max };
	switch (ad_input_check(&rule, text)) {
	case AD_INPUT_EMPTY:
		return AD_FAIL(err, AD_EINVAL, "%s is missing", name);
	case AD_INPUT_TOO_LONG:
		return AD_FAIL(err, AD_EINVAL, "%s is longer than %zu characters", name, max);
	case AD_INPUT_OK:
	case AD_INPUT_NOT_LISTED:
	default:
		break;
	}
	if (text && !ad_utf8_valid(text, strlen(text)))
		return AD_FAIL(err, AD_EINVAL, "%s is not UTF-8", name);
	return 0;
}

static int check_question(const struct ad_app_question *question, struct ad_err *err)
{
	bool choice = question->kind == AD_QUESTION_CHOICE;
	int e = check_field("a question's label", question->label, true, FIELD_MAX, err);
	if (e != 0)
		return e;
	if (choice && (question->choice_count == 0 || question->choice_count > AD_CHOICES_MAX))
		return AD_FAIL(err, AD_EINVAL, "'%s' needs 1 to %d choices", question->label,
			AD_CHOICES_MAX);
	for (size_t i = 0; e == 0 && i < question->choice_count; i++)
		e = check_field("a choice", question->choices[i], true, AD_ANSWER_MAX, err);
	return e;
}

/* What policies and stages look at. */
static int check_standing(const struct ad_app *app, struct ad_err *err)
{
	static const char *const known[] = { "low", "medium", "high", AD_CLASSIFICATION_CRITICAL };
	bool is_known = !app->classification;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		is_known = is_known || ad_text_eq(app->classification, known[i]);
	if (!is_known)
		return AD_FAIL(
			err, AD_EINVAL, "the classification must be low, medium, high or critical");
	if (!ad_text_empty(app->owner_oid) && !ad_text_is_guid(app->owner_oid))
		return AD_FAIL(err, AD_EINVAL,
			"the owner must be the object id of a person in the directory");
	if (app->seats < 0 || app->seats > AD_SEATS_MAX)
		return AD_FAIL(err, AD_EINVAL, "seats must be 0 to %d", AD_SEATS_MAX);
	return 0;
}

static int check_app(const struct ad_app *app, struct ad_err *err)
{
	int e = check_field("name", app->name, true, FIELD_MAX, err);
	if (e == 0)
		e = check_field("package identifier", app->winget_id, true, FIELD_MAX, err);
	if (e == 0)
		e = check_field("publisher", app->publisher, false, FIELD_MAX, err);
	if (e == 0)
		e = check_field("version", app->winget_version, false, FIELD_MAX, err);
	if (e == 0)
		e = check_field("description", app->description, false, DESCRIPTION_MAX, err);
	return e == 0 ? check_standing(app, err) : e;
}

static int check_entry(const struct ad_desk_catalog_entry *entry, struct ad_err *err)
{
	if (entry->alias_count > AD_ALIASES_MAX || entry->question_count > AD_QUESTIONS_MAX)
		return AD_FAIL(err, AD_EINVAL, "at most %d aliases and %d questions",
			AD_ALIASES_MAX, AD_QUESTIONS_MAX);
	int e = check_app(&entry->app, err);
	for (size_t i = 0; e == 0 && i < entry->alias_count; i++)
		e = check_field("an alias", entry->aliases[i], true, FIELD_MAX, err);
	for (size_t i = 0; e == 0 && i < entry->question_count; i++)
		e = check_question(&entry->questions[i], err);
	return e;
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static int store(struct ad_desk *desk, const struct ad_desk_catalog_entry *entry, int64_t *ret_id,
	struct ad_err *err)
{
	struct ad_app app = entry->app;
	app.tenant_id = desk->tenant_id;
	app.publisher = or_empty(app.publisher);
	app.description = or_empty(app.description);
	app.winget_version = or_empty(app.winget_version);
	app.owner_oid = ad_text_lower(desk->arena, or_empty(app.owner_oid));
	int64_t id;
	int e = ad_store_app_insert(desk->db, desk->arena, &app, &id, err);
	for (size_t i = 0; e == 0 && i < entry->alias_count; i++)
		e = ad_store_app_alias_add(desk->db, desk->arena, id,
			ad_text_lower(desk->arena, entry->aliases[i]), err);
	for (size_t i = 0; e == 0 && i < entry->question_count; i++) {
		struct ad_app_question question = entry->questions[i];
		question.ordinal = (int)i + 1;
		e = ad_store_app_question_add(desk->db, desk->arena, id, &question, err);
	}
	if (e == 0)
		*ret_id = id;
	return e;
}

int ad_desk_catalog_add(struct ad_desk *desk, const char *actor,
	const struct ad_desk_catalog_entry *entry, int64_t *ret_app_id, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	int64_t id;
	int e = check_entry(entry, err);
	if (e == 0)
		e = store(desk, entry, &id, err);
	if (e != 0)
		return e;
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "name", entry->app.name);
	ad_json_set_str(desk->arena, details, "package", entry->app.winget_id);
	ad_json_set_bool(desk->arena, details, "published", entry->app.published);
	ad_json_set_str(desk->arena, details, "classification",
		entry->app.classification ? entry->app.classification : "low");
	ad_json_set_str(desk->arena, details, "owner", or_empty(entry->app.owner_oid));
	ad_json_set_int(desk->arena, details, "seats", entry->app.seats);
	const struct ad_person who = { .oid = actor, .mail = "" };
	e = ad_trail(desk,
		&(struct ad_event){ .who = &who,
			.action = "catalog.added",
			.entity_type = "app",
			.entity_id = id,
			.details = details },
		err);
	if (e == 0)
		*ret_app_id = id;
	return e;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directory. A person's document has the names that Graph uses, and what the channel knows:
 *   id displayName givenName surname userPrincipalName mail accountEnabled userType department
 *   jobTitle key mri manager (object id) formerManager managerSeq (of its last change) installed
 *   blocked (connector error code) devices (devices.c)
 * A group's: id displayName description mailNickname mailEnabled securityEnabled groupTypes
 *   createdDateTime members (object ids) misses (how often its members are "not found" yet)
 */
#include "people.h"

#include "ad/text.h"
#include "shown.h"

#include <stdio.h>
#include <string.h>

#define NESTING_MAX 16
#define KEY_MAX 40
#define ID_FORMAT "00000000-0000-4000-8000-0000000000%02x"
#define CROWD_KEY "crowd"
#define CROWD_ID_FORMAT "00000000-0000-4000-8001-%012x"
#define GROUP_EVERYONE "00000000-0000-4000-8000-0000000000a1"

static const struct seed {
	unsigned number;
	const char *key, *given, *surname, *upn, *department, *title;
	unsigned manager;
	bool guest;
} seeds[] = {
	{ 0x20, "alex", "Alex", "Wilber", "alexw@example.com", "Marketing", "Assistant", 0x23,
		false },
	{ 0x21, "megan", "Megan", "Bowen", "meganb@example.com", "IT", "Head of IT", 0, false },
	{ 0x22, "adele", "Adele", "Vance", "adelev@example.com", "Retail", "Store lead", 0x21,
		false },
	{ 0x23, "isaiah", "Isaiah", "Langer", "isaiahl@example.com", "Marketing",
		"Head of marketing", 0x21, false },
	{ 0x24, "patti", "Patti", "Fernandez", "pattif@example.com", "Finance", "Controller", 0x21,
		false },
	{ 0x25, "lynne", "Lynne", "Robbins", "lynner@example.com", "Marketing", "Planner", 0x23,
		false },
	{ 0x26, "nora", "Nora", "Quist", "nora_partner.example#EXT#@example.com", "", "", 0, true },
};

static const struct {
	unsigned number;
	const char *name, *purpose;
	unsigned members[8];
} group_seeds[] = {
	{ 0xa1, "Everyone", "Who may use the app counter", { 0x20, 0x21, 0x22, 0x23, 0x24, 0x25 } },
	{ 0xa2, "Approvers", "Who approves requests", { 0x21, 0x22 } },
	{ 0xa3, "Admins", "Who runs the app counter", { 0x21 } },
	{ 0xa4, "Auditors", "Who reads the trail", { 0x24 } },
};

void dt_person_save(struct dt_tenant *tenant, const struct ad_json *person)
{
	dt_put(tenant->store, DT_PEOPLE, ad_json_str(person, "id"), ad_json_str(person, "key"),
		person);
}

void dt_group_save(struct dt_tenant *tenant, const struct ad_json *group)
{
	dt_put(tenant->store, DT_GROUPS, ad_json_str(group, "id"),
		ad_json_str(group, "displayName"), group);
}

static struct ad_json *person_doc(struct ad_arena *arena, const char *id, const struct seed *seed)
{
	struct ad_json *person = ad_json_new_object(arena);

	ad_json_set_str(arena, person, "id", id);
	ad_json_set_str(arena, person, "key", seed->key);
	ad_json_set_str(arena, person, "displayName",
		ad_printf(arena, "%s%s%s", seed->given, *seed->surname ? " " : "", seed->surname));
	ad_json_set_str(arena, person, "givenName", seed->given);
	ad_json_set_str(arena, person, "surname", seed->surname);
	ad_json_set_str(arena, person, "userPrincipalName", seed->upn);
	ad_json_set_str(arena, person, "mail",
		seed->guest ? ad_printf(arena, "%s@partner.example", seed->key) : seed->upn);
	ad_json_set_str(arena, person, "department", *seed->department ? seed->department : NULL);
	ad_json_set_str(arena, person, "jobTitle", *seed->title ? seed->title : NULL);
	ad_json_set_str(arena, person, "userType", seed->guest ? "Guest" : "Member");
	ad_json_set_bool(arena, person, "accountEnabled", true);
	ad_json_set_str(arena, person, "mri", ad_printf(arena, "29:user-%s", seed->key));
	ad_json_set_str(arena, person, "manager",
		seed->manager ? ad_printf(arena, ID_FORMAT, seed->manager) : NULL);
	ad_json_set_str(arena, person, "formerManager", NULL);
	ad_json_set_int(arena, person, "managerSeq", 0);
	ad_json_set_bool(arena, person, "installed", true);
	ad_json_set_str(arena, person, "blocked", NULL);
	return person;
}

/* Everybody has a personal chat with the bot from the start. */
static void person_enter(
	struct dt_tenant *tenant, struct ad_arena *arena, const struct ad_json *person)
{
	dt_person_save(tenant, person);
	dt_conversation_add_personal(tenant, arena, person);
}

static struct ad_json *group_doc(struct ad_arena *arena, const char *id, const char *name)
{
	struct ad_json *group = ad_json_new_object(arena);

	ad_json_set_str(arena, group, "id", id);
	ad_json_set_str(arena, group, "displayName", name);
	ad_json_set_str(arena, group, "description", NULL);
	ad_json_set_str(arena, group, "mailNickname", "group");
	ad_json_set_bool(arena, group, "mailEnabled", false);
	ad_json_set_bool(arena, group, "securityEnabled", true);
	ad_json_set(arena, group, "groupTypes", ad_json_new_array(arena));
	ad_json_set_str(arena, group, "createdDateTime", dt_now(arena));
	ad_json_set(arena, group, "members", ad_json_new_array(arena));
	ad_json_set_int(arena, group, "misses", 0);
	return group;
}

void dt_people_seed(struct dt_tenant *tenant)
{
	struct ad_arena *arena = ad_arena_new();

	if (dt_first(tenant->store, DT_PEOPLE)) {
		ad_arena_free(arena);
		return;
	}
	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++)
		person_enter(tenant, arena,
			person_doc(arena, ad_printf(arena, ID_FORMAT, seeds[i].number), &seeds[i]));
	for (size_t i = 0; i < sizeof(group_seeds) / sizeof(group_seeds[0]); i++) {
		struct ad_json *group = group_doc(arena,
			ad_printf(arena, ID_FORMAT, group_seeds[i].number), group_seeds[i].name);

		ad_json_set_str(arena, group, "description", group_seeds[i].purpose);
		for (const unsigned *member = group_seeds[i].members; *member; member++)
			dt_group_add(arena, group, ad_printf(arena, ID_FORMAT, *member));
		dt_group_save(tenant, group);
	}
	ad_arena_free(arena);
}

static bool is_named(const struct ad_json *person, const char *name)
{
	return ad_text_eq_nocase(ad_json_str(person, "userPrincipalName"), name) ||
	       ad_text_eq_nocase(ad_json_str(person, "mail"), name) ||
	       ad_text_eq(ad_json_str(person, "mri"), name);
}

struct ad_json *dt_person(struct dt_tenant *tenant, struct ad_arena *arena, const char *name)
{
	struct ad_json *person = dt_get(tenant->store, arena, DT_PEOPLE, name);

	if (person || !name)
		return person;
	DT_EACH(doc, tenant->store, DT_PEOPLE)
	if (ad_text_eq(doc->tag, name))
		return dt_doc_json(arena, doc);
	if (!strpbrk(name, "@:"))
		return NULL;
	DT_EACH(doc, tenant->store, DT_PEOPLE)
	{
		person = dt_doc_json(arena, doc);
		if (is_named(person, name))
			return person;
	}
	return NULL;
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static const char *manager_id(
	struct dt_tenant *tenant, struct ad_arena *arena, const struct ad_json *order)
{
	return ad_json_str(dt_person(tenant, arena, ad_json_str(order, "manager")), "id");
}

int dt_person_add(struct dt_tenant *tenant, struct ad_arena *arena, const struct ad_json *order,
	struct ad_json **ret_person, struct ad_err *err)
{
	const char *key = ad_json_str(order, "key");
	const char *name = ad_json_str(order, "name");
	bool guest = ad_json_bool(order, "guest", false);

	if (ad_text_empty(key) || strlen(key) > KEY_MAX || ad_text_empty(name))
		return AD_FAIL(err, AD_EINVAL, "'key' and 'name' are needed");
	if (dt_person(tenant, arena, key))
		return AD_FAIL(err, AD_ECONFLICT, "there is a person '%s' already", key);
	const char *blank = strchr(name, ' ');
	const struct seed seed = {
		.key = key,
		.given = ad_strndup(arena, name, blank ? (size_t)(blank - name) : strlen(name)),
		.surname = blank ? blank + 1 : "",
		.upn = ad_json_str(order, "upn") ? ad_json_str(order, "upn")
						 : ad_printf(arena, "%s@example.com", key),
		.department = or_empty(ad_json_str(order, "department")),
		.title = or_empty(ad_json_str(order, "jobTitle")),
		.guest = guest,
	};
	struct ad_json *person = person_doc(arena, dt_guid(arena), &seed);
	ad_json_set_str(arena, person, "manager", manager_id(tenant, arena, order));
	if (ad_json_str(order, "mail"))
		ad_json_set_str(arena, person, "mail", ad_json_str(order, "mail"));
	person_enter(tenant, arena, person);
	if (!guest) {
		struct ad_json *everyone = dt_group(tenant, arena, GROUP_EVERYONE);

		dt_group_add(arena, everyone, ad_json_str(person, "id"));
		dt_group_save(tenant, everyone);
	}
	*ret_person = person;
	return 0;
}

void dt_person_set_manager(struct dt_tenant *tenant, struct ad_arena *arena, struct ad_json *person,
	const char *manager_id)
{
	const char *before = ad_json_str(person, "manager");

	if (before ? ad_text_eq_nocase(before, manager_id) : !manager_id)
		return;
	ad_json_set_str(arena, person, "formerManager", before);
	ad_json_set_str(arena, person, "manager", manager_id);
	ad_json_set_int(arena, person, "managerSeq", dt_store_seq(tenant->store) + 1);
}

/* Takes an object out of every group that has it. */
static void leave_groups(struct dt_tenant *tenant, struct ad_arena *arena, const char *id)
{
	DT_EACH(doc, tenant->store, DT_GROUPS)
	{
		struct ad_json *group = dt_doc_json(arena, doc);

		if (dt_group_remove(arena, group, id))
			dt_group_save(tenant, group);
	}
}

void dt_person_remove(
	struct dt_tenant *tenant, struct ad_arena *arena, const struct ad_json *person)
{
	const char *id = ad_json_str(person, "id");
	struct ad_json *note = ad_json_new_object(arena);

	leave_groups(tenant, arena, id);
	DT_EACH(doc, tenant->store, DT_PEOPLE)
	{
		struct ad_json *report = dt_doc_json(arena, doc);

		if (!ad_text_eq_nocase(ad_json_str(report, "manager"), id))
			continue;
		dt_person_set_manager(tenant, arena, report, NULL);
		dt_person_save(tenant, report);
	}
	ad_json_set_str(arena, note, "id", id);
	dt_put(tenant->store, DT_GONE, id, DT_GONE_TAG, note);
	dt_drop(tenant->store, DT_PEOPLE, id);
}

void dt_people_crowd(
	struct dt_tenant *tenant, struct ad_arena *arena, struct ad_json *group, unsigned count)
{
	unsigned number = 0;

	DT_EACH(doc, tenant->store, DT_PEOPLE)
	number += ad_text_starts(doc->tag, CROWD_KEY);
	for (unsigned i = 0; i < count; i++) {
		const char *name = ad_printf(arena, "%u", ++number);
		const struct seed seed = {
			.key = ad_printf(arena, CROWD_KEY "%s", name),
			.given = "Crowd",
			.surname = name,
			.upn = ad_printf(arena, CROWD_KEY "%s@example.com", name),
			.department = "Crowd",
			.title = "",
		};
		const char *id = ad_printf(arena, CROWD_ID_FORMAT, number);

		person_enter(tenant, arena, person_doc(arena, id, &seed));
		ad_json_append(arena, ad_json_get(group, "members"), ad_json_new_string(arena, id));
	}
}

void dt_group_drop(struct dt_tenant *tenant, struct ad_arena *arena, const char *id)
{
	leave_groups(tenant, arena, id);
	dt_drop(tenant->store, DT_GROUPS, id);
}

struct ad_json *dt_group(struct dt_tenant *tenant, struct ad_arena *arena, const char *name)
{
	struct ad_json *group = dt_get(tenant->store, arena, DT_GROUPS, name);

	if (group || !name)
		return group;
	DT_EACH(doc, tenant->store, DT_GROUPS)
	if (ad_text_eq(doc->tag, name))
		return dt_doc_json(arena, doc);
	return NULL;
}

struct ad_json *dt_group_new(struct dt_tenant *tenant, struct ad_arena *arena, const char *name)
{
	struct ad_json *group = group_doc(arena, dt_guid(arena), name);

	dt_group_save(tenant, group);
	return group;
}

static bool lists(const struct ad_json *members, const char *object_id)
{
	AD_JSON_EACH(member, members)
	if (ad_text_eq_nocase(ad_json_text(member), object_id))
		return true;
	return false;
}

bool dt_group_add(struct ad_arena *arena, struct ad_json *group, const char *object_id)
{
	struct ad_json *members = ad_json_get(group, "members");

	if (lists(members, object_id))
		return false;
	ad_json_append(arena, members, ad_json_new_string(arena, object_id));
	return true;
}

bool dt_group_remove(struct ad_arena *arena, struct ad_json *group, const char *object_id)
{
	struct ad_json *others = ad_json_new_array(arena);

	if (!lists(ad_json_get(group, "members"), object_id))
		return false;
	AD_JSON_EACH(member, ad_json_get(group, "members"))
	if (!ad_text_eq_nocase(ad_json_text(member), object_id))
		ad_json_append(arena, others, ad_json_new_string(arena, ad_json_text(member)));
	ad_json_set(arena, group, "members", others);
	return true;
}

static bool has(struct dt_tenant *tenant, struct ad_arena *arena, const struct ad_json *group,
	const char *object_id, int levels)
{
	const struct ad_json *members = ad_json_get(group, "members");

	if (lists(members, object_id))
		return true;
	if (!levels)
		return false;
	AD_JSON_EACH(member, members)
	{
		struct ad_json *inner =
			dt_get(tenant->store, arena, DT_GROUPS, ad_json_text(member));

		if (inner && has(tenant, arena, inner, object_id, levels - 1))
			return true;
	}
	return false;
}

bool dt_group_has(struct dt_tenant *tenant, struct ad_arena *arena, const struct ad_json *group,
	const char *object_id, bool transitive)
{
	return has(tenant, arena, group, object_id, transitive ? NESTING_MAX : 0);
}

struct ad_json *dt_group_everybody(
	struct dt_tenant *tenant, struct ad_arena *arena, const struct ad_json *group)
{
	struct ad_json *list = ad_json_new_array(arena);

	DT_EACH(doc, tenant->store, DT_PEOPLE)
	if (dt_group_has(tenant, arena, group, doc->id, true))
		ad_json_append(arena, list, ad_json_new_string(arena, doc->id));
	return list;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a stage asks: the people that its rule names, those who stand for them, and whoever comes
 * next when there is nobody. */
#include "stages.h"
#include "ad/store/delegations.h"
#include "ad/text.h"

static const char *const keys[] = {
	[AD_ASKED_GROUP] = "stage.group",
	[AD_ASKED_MANAGER] = "stage.manager",
	[AD_ASKED_USER] = "stage.user",
	[AD_ASKED_APP_OWNER] = "stage.app_owner",
	[AD_ASKED_ADMINS] = "stage.admins",
};

static const enum ad_via vias[] = {
	[AD_ASKED_GROUP] = AD_VIA_GROUP,
	[AD_ASKED_MANAGER] = AD_VIA_MANAGER,
	[AD_ASKED_USER] = AD_VIA_USER,
	[AD_ASKED_APP_OWNER] = AD_VIA_APP_OWNER,
	[AD_ASKED_ADMINS] = AD_VIA_ADMINS,
};

const char *ad_slate_key(enum ad_asked_kind kind)
{
	return keys[kind];
}

int ad_slate_levels(const struct ad_stage_rule *rule)
{
	return 1 + (int)rule->alternate_count + 2;
}

int ad_words_asked(const struct ad_desk *desk, const char *locale,
	const struct ad_asked_people *people, const char **ret, struct ad_err *err)
{
	const char *names[AD_NAMES_MAX];
	size_t count = 0;
	for (size_t i = 0; i < people->count; i++)
		if (people->items[i].state == AD_ASKED_NOW && count++ < AD_NAMES_MAX)
			names[count - 1] = people->items[i].name;
	return ad_words_list(desk, locale, "people",
		&(struct ad_words_names){ .items = names, .count = count, .any = true }, ret, err);
}

int ad_words_approved(const struct ad_desk *desk, const char *locale,
	const struct ad_asked_people *people, struct ad_json *into, struct ad_err *err)
{
	const char *names[AD_NAMES_MAX];
	const char *list = "";
	size_t count = 0;
	for (size_t i = 0; i < people->count; i++) {
		const struct ad_asked_person *one = &people->items[i];
		bool approved = one->state == AD_ASKED_NOW && one->voted &&
				one->vote == AD_DECISION_APPROVED;
		if (approved && ad_text_eq(one->voted_by, one->oid) && count++ < AD_NAMES_MAX)
			names[count - 1] = one->name;
	}
	const struct ad_words_names all = { .items = names, .count = count };
	int e = count == 0 ? 0 : ad_words_list(desk, locale, "people", &all, &list, err);
	ad_json_set_str(desk->arena, into, "voices", list);
	return e;
}

struct ad_asked ad_slate_at(const struct ad_stage_rule *rule, int level)
{
	int alternates = (int)rule->alternate_count;
	if (level == 0)
		return rule->ask;
	if (level <= alternates)
		return rule->alternates[level - 1];
	return (struct ad_asked){
		.kind = level == alternates + 1 ? AD_ASKED_APP_OWNER : AD_ASKED_ADMINS, .ref = ""
	};
}

const char *ad_slate_group(const struct ad_desk *desk, const struct ad_asked *asked)
{
	if (asked->kind == AD_ASKED_ADMINS)
		return desk->settings.admin_group_id;
	return ad_text_empty(asked->ref) ? desk->settings.approver_group_id : asked->ref;
}

/* ---- the people that a level names ---- */

/* The caller may have looked these two up already. */
static int members(
	struct ad_desk *desk, const char *group_id, struct ad_people *ret, struct ad_err *err)
{
	const struct ad_desk_settings *settings = &desk->settings;
	*ret = (struct ad_people){ 0 };
	if (ad_text_empty(group_id))
		return 0;
	if (desk->approvers.items && ad_text_eq(group_id, settings->approver_group_id))
		*ret = desk->approvers;
	else if (desk->admins.items && ad_text_eq(group_id, settings->admin_group_id))
		*ret = desk->admins;
	else
		return ad_fact_members(desk, group_id, ret, err);
	return 0;
}

/* The beneficiary's; of a policy that does not follow, as it was when the request was made. */
static int manager_of(struct ad_desk *desk, const struct ad_slate_query *query,
	const struct ad_person **ret, struct ad_err *err)
{
	if (!ad_text_empty(query->manager_oid))
		return ad_fact_person(desk, query->manager_oid, ret, err);
	return ad_fact_manager(desk, query->parties.beneficiary, ret, err);
}

int ad_slate_people(struct ad_desk *desk, const struct ad_slate_query *query, int level,
	struct ad_people *ret, struct ad_err *err)
{
	const struct ad_asked asked = ad_slate_at(query->rule, level);
	const struct ad_person *one = NULL;
	int e = 0;
	switch (asked.kind) {
	case AD_ASKED_GROUP:
	case AD_ASKED_ADMINS:
		return members(desk, ad_slate_group(desk, &asked), ret, err);
	case AD_ASKED_MANAGER:
		e = manager_of(desk, query, &one, err);
		break;
	case AD_ASKED_USER:
		e = ad_fact_person(desk, asked.ref, &one, err);
		break;
	case AD_ASKED_APP_OWNER:
	default:
		e = ad_fact_person(desk, query->app_owner_oid, &one, err);
		break;
	}
	*ret = (struct ad_people){ .items = one, .count = one ? 1 : 0 };
	return e;
}

static const struct ad_person *find(const struct ad_people *people, const char *oid)
{
	for (size_t i = 0; i < people->count; i++)
		if (ad_text_eq(people->items[i].oid, oid))
			return &people->items[i];
	return NULL;
}

/* ---- seats ---- */

static size_t seats_of(struct ad_desk *desk, const struct ad_slate_query *query,
	const struct ad_people *people, const struct ad_delegations *delegations,
	struct ad_seat **ret)
{
	const char **oids = ad_alloc_array(desk->arena, people->count, sizeof *oids);
	for (size_t i = 0; i < people->count; i++)
		oids[i] = people->items[i].oid;
	*ret = ad_alloc_array(desk->arena, people->count, sizeof **ret);
	return ad_slate(
		oids, people->count, &query->parties, delegations->items, delegations->count, *ret);
}

/* Everybody on a seat as a person; a delegate whose account is closed gives the seat back. */
static int persons_of(struct ad_desk *desk, const struct ad_people *people, struct ad_seat *seats,
	size_t count, struct ad_people *ret, struct ad_err *err)
{
	struct ad_person *persons = ad_alloc_array(desk->arena, count, sizeof *persons);
	int first = 0;
	for (size_t i = 0; i < count; i++) {
		const struct ad_person *one = find(people, seats[i].oid);
		int e = one ? 0 : ad_fact_person(desk, seats[i].oid, &one, err);
		if (e == 0 && !one) {
			one = find(people, seats[i].on_behalf_of);
			seats[i] = (struct ad_seat){ seats[i].on_behalf_of, "" };
		}
		if (e == 0)
			persons[i] = *one;
		else if (first == 0)
			first = e; /* all wants in one round */
	}
	*ret = (struct ad_people){ .items = persons, .count = count };
	return first;
}

static int load_delegations(struct ad_desk *desk, const struct ad_people *people,
	struct ad_delegations *ret, struct ad_err *err)
{
	const char **oids = ad_alloc_array(desk->arena, people->count, sizeof *oids);
	*ret = (struct ad_delegations){ 0 };
	if (people->count == 0)
		return 0;
	for (size_t i = 0; i < people->count; i++)
		oids[i] = people->items[i].oid;
	return ad_store_delegations_from(
		desk->db, desk->arena, desk->tenant_id, oids, people->count, ret, err);
}

/* More of them, each person once. */
static void add_away(struct ad_desk *desk, const struct ad_people *persons,
	const struct ad_people *reached, struct ad_people *away)
{
	if (reached->count == persons->count)
		return; /* all are reached, of groups of thousands as well */
	struct ad_person *items =
		ad_alloc_array(desk->arena, away->count + persons->count, sizeof *items);
	struct ad_people all = { .items = items, .count = away->count };
	for (size_t i = 0; i < away->count; i++)
		items[i] = away->items[i];
	for (size_t i = 0; i < persons->count; i++)
		if (!find(reached, persons->items[i].oid) && !find(&all, persons->items[i].oid))
			items[all.count++] = persons->items[i];
	*away = all;
}

/* The level's people who can be asked; those who are not reached are added to ret->away. */
static int seat(struct ad_desk *desk, const struct ad_slate_query *query, int level,
	struct ad_slated *ret, struct ad_err *err)
{
	struct ad_people people = { 0 };
	struct ad_people persons = { 0 };
	struct ad_people reached = { 0 };
	struct ad_delegations delegations;
	struct ad_seat *seats = NULL;
	size_t count = 0;
	int e = ad_slate_people(desk, query, level, &people, err);
	if (e == 0)
		e = load_delegations(desk, &people, &delegations, err);
	if (e == 0)
		count = seats_of(desk, query, &people, &delegations, &seats);
	if (e == 0)
		e = persons_of(desk, &people, seats, count, &persons, err);
	if (e == 0 && count > 0)
		e = ad_reach(desk, &persons, &reached, err);
	if (e != 0)
		return e;
	add_away(desk, &persons, &reached, &ret->away);
	struct ad_asked_person *items = ad_alloc_array(desk->arena, count, sizeof *items);
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		const struct ad_person *person = find(&reached, seats[i].oid);
		bool own = ad_text_empty(seats[i].on_behalf_of);
		if (person)
			items[kept++] = (struct ad_asked_person){
				.oid = person->oid,
				.name = person->name,
				.level = level,
				.via = own ? vias[ad_slate_at(query->rule, level).kind]
					   : AD_VIA_DELEGATE,
				.on_behalf_of = seats[i].on_behalf_of,
			};
	}
	ret->asked = (struct ad_asked_people){ .items = items, .count = kept };
	return 0;
}

int ad_slate_for(struct ad_desk *desk, const struct ad_slate_query *query, int level,
	struct ad_slated *ret, struct ad_err *err)
{
	*ret = (struct ad_slated){ .level = level };
	if (query->rule->ask.kind == AD_ASKED_GROUP &&
		ad_text_empty(ad_slate_group(desk, &query->rule->ask)))
		return 0;
	for (int i = level; i < ad_slate_levels(query->rule); i++) {
		int e = seat(desk, query, i, ret, err);
		if (e != 0)
			return e;
		ret->level = i;
		if (ret->asked.count > 0)
			return 0;
	}
	return 0;
}

/* ---- rights ---- */

static int is_named(struct ad_desk *desk, const struct ad_slate_query *query, int level,
	const char *oid, bool *ret, struct ad_err *err)
{
	const struct ad_asked asked = ad_slate_at(query->rule, level);
	const struct ad_person *one = NULL;
	int e = 0;
	switch (asked.kind) {
	case AD_ASKED_GROUP:
	case AD_ASKED_ADMINS:
		return ad_fact_member(desk, oid, ad_slate_group(desk, &asked), ret, err);
	case AD_ASKED_MANAGER:
		e = manager_of(desk, query, &one, err);
		break;
	case AD_ASKED_USER:
		e = ad_text_eq(asked.ref, oid) ? ad_fact_person(desk, oid, &one, err) : 0;
		break;
	case AD_ASKED_APP_OWNER:
	default:
		e = ad_text_eq(query->app_owner_oid, oid) ? ad_fact_person(desk, oid, &one, err)
							  : 0;
		break;
	}
	*ret = e == 0 && one && ad_text_eq(one->oid, oid);
	return e;
}

int ad_slate_names(struct ad_desk *desk, const struct ad_slate_query *query, int level,
	const char *oid, bool *ret, struct ad_err *err)
{
	*ret = false;
	for (int i = 0; i <= level; i++) {
		int e = is_named(desk, query, i, oid, ret, err);
		if (e != 0 || *ret)
			return e;
	}
	return 0;
}

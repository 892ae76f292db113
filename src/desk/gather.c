/* SPDX-License-Identifier: Apache-2.0 */
/* Facts of the directory: wanted inside a transaction, asked outside of it. */
#include "ad/desk.h"
#include "ad/desk/facts.h"
#include "ad/graph.h"
#include "ad/text.h"

/* Devices are waited for so long: nothing but a policy that demands one needs them. */
#define DEVICES_MS 2500

enum kind { MEMBER, MEMBERS, MANAGER, PERSON, DEVICES };

struct ad_desk_fact {
	enum kind kind;
	const char *oid;
	const char *group_id;
	bool known;
	bool yes;                /* MEMBER */
	struct ad_people people; /* MEMBERS; MANAGER and PERSON: one or none */
	struct ad_devices devices;
};

#define FACTS_FIRST 8u

static struct ad_desk_fact *find(
	const struct ad_desk *desk, enum kind kind, const char *oid, const char *group_id)
{
	for (size_t i = 0; desk->facts && i < desk->facts->count; i++) {
		struct ad_desk_fact *fact = &desk->facts->items[i];
		if (fact->kind == kind && ad_text_eq(fact->oid, oid) &&
			ad_text_eq(fact->group_id, group_id))
			return fact;
	}
	return NULL;
}

static struct ad_desk_fact *add(
	struct ad_desk *desk, enum kind kind, const char *oid, const char *group_id)
{
	struct ad_desk_facts *facts = desk->facts;
	if (!facts)
		desk->facts = facts = ad_alloc(desk->arena, sizeof *facts);
	if (facts->count == facts->cap) {
		size_t cap = facts->cap == 0 ? FACTS_FIRST : 2 * facts->cap;
		struct ad_desk_fact *items = ad_alloc_array(desk->arena, cap, sizeof *items);
		for (size_t i = 0; i < facts->count; i++)
			items[i] = facts->items[i];
		facts->items = items;
		facts->cap = cap;
	}
	facts->items[facts->count] = (struct ad_desk_fact){ .kind = kind,
		.oid = ad_strdup(desk->arena, oid),
		.group_id = ad_strdup(desk->arena, group_id) };
	return &facts->items[facts->count++];
}

/* The fact, known or wanted from now on. */
static int need(struct ad_desk *desk, enum kind kind, const char *oid, const char *group_id,
	const struct ad_desk_fact **ret, struct ad_err *err)
{
	struct ad_desk_fact *fact = find(desk, kind, oid, group_id);
	if (!fact)
		fact = add(desk, kind, oid, group_id);
	*ret = fact;
	if (fact->known)
		return 0;
	int e = AD_FAIL(err, AD_ECONFLICT, "the directory has to be asked first");
	if (err)
		err->class = AD_CLASS_TRANSIENT;
	return e;
}

int ad_fact_member(
	struct ad_desk *desk, const char *oid, const char *group_id, bool *ret, struct ad_err *err)
{
	const struct ad_desk_fact *fact;
	*ret = false;
	if (ad_text_empty(oid) || ad_text_empty(group_id))
		return 0;
	int e = need(desk, MEMBER, oid, group_id, &fact, err);
	if (e == 0)
		*ret = fact->yes;
	return e;
}

int ad_fact_members(
	struct ad_desk *desk, const char *group_id, struct ad_people *ret, struct ad_err *err)
{
	const struct ad_desk_fact *fact;
	*ret = (struct ad_people){ 0 };
	if (ad_text_empty(group_id))
		return 0;
	int e = need(desk, MEMBERS, "", group_id, &fact, err);
	if (e == 0)
		*ret = fact->people;
	return e;
}

static int need_one(struct ad_desk *desk, enum kind kind, const char *oid,
	const struct ad_person **ret, struct ad_err *err)
{
	const struct ad_desk_fact *fact;
	*ret = NULL;
	if (ad_text_empty(oid))
		return 0;
	int e = need(desk, kind, oid, "", &fact, err);
	if (e == 0 && fact->people.count > 0)
		*ret = &fact->people.items[0];
	return e;
}

int ad_fact_manager(
	struct ad_desk *desk, const char *oid, const struct ad_person **ret, struct ad_err *err)
{
	return need_one(desk, MANAGER, oid, ret, err);
}

int ad_fact_person(
	struct ad_desk *desk, const char *oid, const struct ad_person **ret, struct ad_err *err)
{
	return need_one(desk, PERSON, oid, ret, err);
}

int ad_fact_devices(
	struct ad_desk *desk, const char *oid, const struct ad_devices **ret, struct ad_err *err)
{
	static const struct ad_devices none = { .answered = false };
	const struct ad_desk_fact *fact;
	int e = need(desk, DEVICES, oid, "", &fact, err);
	*ret = e == 0 ? &fact->devices : &none;
	return e;
}

void ad_fact_put_member(struct ad_desk *desk, const char *oid, const char *group_id, bool is_member)
{
	struct ad_desk_fact *fact = find(desk, MEMBER, oid, group_id);
	if (!fact)
		fact = add(desk, MEMBER, oid, group_id);
	fact->known = true;
	fact->yes = is_member;
}

void ad_fact_put_members(struct ad_desk *desk, const char *group_id, const struct ad_people *people)
{
	struct ad_desk_fact *fact = find(desk, MEMBERS, "", group_id);
	if (!fact)
		fact = add(desk, MEMBERS, "", group_id);
	fact->known = true;
	fact->people = *people;
}

const char *ad_desk_fact_wanted(const struct ad_desk *desk, const char *oid)
{
	for (size_t i = 0; desk->facts && i < desk->facts->count; i++) {
		const struct ad_desk_fact *fact = &desk->facts->items[i];
		if (!fact->known && fact->kind == MEMBER && ad_text_eq(fact->oid, oid))
			return fact->group_id;
	}
	return NULL;
}

bool ad_desk_facts_wanted(const struct ad_desk_facts *facts)
{
	for (size_t i = 0; facts && i < facts->count; i++)
		if (!facts->items[i].known)
			return true;
	return false;
}

/* ---- asking ---- */

/* Those whose accounts are open, as the desk knows people. */
static struct ad_people keep_open(
	const struct ad_desk *desk, const struct ad_graph_user *users, size_t count)
{
	struct ad_person *people = ad_alloc_array(desk->arena, count, sizeof *people);
	size_t kept = 0;
	for (size_t i = 0; i < count; i++)
		if (users[i].enabled)
			people[kept++] =
				(struct ad_person){ .oid = ad_text_lower(desk->arena, users[i].oid),
					.name = users[i].name,
					.mail = users[i].mail,
					.locale = "" };
	return (struct ad_people){ .items = people, .count = kept };
}

static int ask_members(struct ad_desk *desk, const struct ad_graph *graph,
	struct ad_desk_fact *fact, struct ad_err *err)
{
	struct ad_graph_user *users = NULL;
	size_t count = 0;
	int e = ad_graph_group_members(
		graph, desk->arena, fact->group_id, AD_FACTS_MEMBERS_MAX, &users, &count, err);
	if (e == AD_ETOOBIG && users)
		e = 0;
	if (e == 0)
		fact->people = keep_open(desk, users, count);
	return e;
}

static int ask_one(struct ad_desk *desk, const struct ad_graph *graph, struct ad_desk_fact *fact,
	struct ad_err *err)
{
	struct ad_graph_user user;
	int e = fact->kind == MANAGER
			? ad_graph_manager_get(graph, desk->arena, fact->oid, &user, err)
			: ad_graph_user_get(graph, desk->arena, fact->oid, &user, err);
	if (e == 0)
		fact->people = keep_open(desk, &user, 1);
	return e;
}

/* Always answered: without devices when Intune is away or says nothing to us. */
static void ask_devices(
	struct ad_desk *desk, const struct ad_graph *graph, struct ad_desk_fact *fact)
{
	struct ad_graph brief = *graph;
	struct ad_graph_device *found = NULL;
	size_t count = 0;
	brief.patience_ms = 0;
	if (brief.total_ms == 0 || brief.total_ms > DEVICES_MS)
		brief.total_ms = DEVICES_MS;
	int e = ad_graph_devices(&brief, desk->arena, fact->oid, &found, &count, NULL);
	struct ad_device *items = ad_alloc_array(desk->arena, count, sizeof *items);
	for (size_t i = 0; i < count; i++)
		items[i] = (struct ad_device){ .id = found[i].id,
			.name = found[i].name,
			.compliance = ad_compliance_of(found[i].compliance) };
	fact->devices = (struct ad_devices){
		.items = items, .count = count, .answered = e == 0 || e == AD_ENOTFOUND
	};
}

static int ask(struct ad_desk *desk, const struct ad_graph *graph, struct ad_desk_fact *fact,
	struct ad_err *err)
{
	switch (fact->kind) {
	case MEMBER:
		return ad_graph_is_member(
			graph, desk->arena, fact->oid, fact->group_id, &fact->yes, err);
	case MEMBERS:
		return ask_members(desk, graph, fact, err);
	case DEVICES:
		ask_devices(desk, graph, fact);
		return 0;
	case MANAGER:
	case PERSON:
	default:
		return ask_one(desk, graph, fact, err);
	}
}

int ad_desk_gather(struct ad_desk *desk, const struct ad_graph *graph, struct ad_err *err)
{
	for (size_t i = 0; desk->facts && i < desk->facts->count; i++) {
		struct ad_desk_fact *fact = &desk->facts->items[i];
		if (fact->known)
			continue;
		int e = ask(desk, graph, fact, err);
		/* What is not there has no members, no manager, and is nobody. */
		if (e != 0 && e != AD_ENOTFOUND)
			return e;
		fact->known = true;
	}
	return 0;
}

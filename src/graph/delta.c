/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of people, page by page. What an item leaves out has not changed; a manager comes as a
 * list of its own ("manager@delta") and only when it has changed.
 */
#include "ad/graph.h"

#include "ad/text.h"
#include "call.h"

#define WHAT "changes of people"
#define FIRST_PAGE                                                                        \
	"/v1.0/users/delta?$select=id,displayName,mail,userPrincipalName,accountEnabled," \
	"userType,department,jobTitle,manager"

/* NULL: not said; a property that was emptied comes as null. */
static const char *said(const struct ad_json *item, const char *name)
{
	return ad_json_get(item, name) ? ad_graph_str(item, name) : NULL;
}

/* Of an old manager the list says that it is removed, of a new one nothing but the id. */
static const char *manager_of(const struct ad_json *item)
{
	const struct ad_json *list = ad_json_get(item, "manager@delta");
	const char *manager = list ? "" : NULL;
	AD_JSON_EACH(entry, list)
	if (!ad_json_get(entry, "@removed"))
		manager = ad_graph_str(entry, "id");
	return manager;
}

static enum ad_graph_said enabled_of(const struct ad_json *item)
{
	const struct ad_json *value = ad_json_get(item, "accountEnabled");
	if (!value || ad_json_kind(value) != AD_JSON_BOOL)
		return AD_GRAPH_UNSAID;
	return ad_json_bool(item, "accountEnabled", true) ? AD_GRAPH_YES : AD_GRAPH_NO;
}

static enum ad_graph_said guest_of(const struct ad_json *item)
{
	const char *type = ad_json_str(item, "userType");
	if (!type)
		return AD_GRAPH_UNSAID;
	return ad_text_eq_nocase(type, "Guest") ? AD_GRAPH_YES : AD_GRAPH_NO;
}

/* False for what is no person. */
static bool read_change(
	struct ad_arena *arena, const struct ad_json *item, struct ad_graph_change *ret)
{
	const char *oid = ad_json_str(item, "id");
	if (!ad_text_is_guid(oid))
		return false;
	*ret = (struct ad_graph_change){ .oid = ad_text_lower(arena, oid) };
	if (ad_json_get(item, "@removed")) {
		ret->removed = true;
		return true;
	}
	const char *manager = manager_of(item);
	ret->name = said(item, "displayName");
	ret->mail = said(item, "mail");
	ret->upn = said(item, "userPrincipalName");
	ret->department = said(item, "department");
	ret->job_title = said(item, "jobTitle");
	ret->manager = manager ? ad_text_lower(arena, manager) : NULL;
	ret->enabled = enabled_of(item);
	ret->guest = guest_of(item);
	return true;
}

int ad_graph_users_delta(const struct ad_graph *graph, struct ad_arena *arena, const char *from,
	struct ad_graph_delta *ret, struct ad_err *err)
{
	const struct ad_graph_call call = { .what = WHAT,
		.path = ad_text_empty(from) ? FIRST_PAGE : from };
	struct ad_json *page;
	int r = ad_text_empty(from) ? 0 : ad_graph_same_host(graph, from, WHAT, err);
	if (r == 0)
		r = ad_graph_send(graph, arena, &call, &page, err);
	if (r < 0)
		return r;
	const char *more = ad_json_text(ad_json_get(page, "@odata.nextLink"));
	const char *next = more ? more : ad_json_text(ad_json_get(page, "@odata.deltaLink"));
	if (!next)
		return AD_FAIL(err, AD_EUNAVAIL, "graph: " WHAT ": the answer has no link");
	r = ad_graph_same_host(graph, next, WHAT, err);
	if (r < 0)
		return r;
	const struct ad_json *items = ad_json_get(page, "value");
	size_t max = ad_json_count(items);
	*ret = (struct ad_graph_delta){
		.changes = ad_alloc_array(arena, max ? max : 1, sizeof(*ret->changes)),
		.next = next,
		.done = !more,
	};
	AD_JSON_EACH(item, items)
	if (read_change(arena, item, &ret->changes[ret->count]))
		ret->count++;
	return 0;
}

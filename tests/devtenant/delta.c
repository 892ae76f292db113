/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET /users/delta. A link holds an epoch and the sequence number of the last change that it has
 * told of, so a page is simply what changed after it, oldest change first. Who changes between two
 * pages comes again on a later one, as in Graph.
 */
#include "delta.h"

#include "ad/text.h"
#include "graph.h"
#include "parts.h"
#include "people.h"

#include <stdlib.h>
#include <string.h>

#define EPOCH_DOC "epoch"
#define SELECT_DEFAULT "id,displayName,givenName,jobTitle,mail,surname,userPrincipalName"
#define FULL 'f'    /* everybody: a first round, and its later pages */
#define CHANGES 'c' /* since a link */

struct ad_json *dt_user_doc(struct ad_arena *arena, const struct ad_json *person)
{
	struct ad_json *user = ad_json_copy(arena, person);
	static const char *const own[] = { "key", "mri", "manager", "formerManager", "managerSeq",
		"installed", "blocked", "devices" };

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		ad_json_remove(user, own[i]);
	ad_json_set(arena, user, "businessPhones", ad_json_new_array(arena));
	ad_json_set_str(arena, user, "preferredLanguage", NULL);
	return user;
}

void dt_delta_expire(struct dt_tenant *tenant)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *doc = ad_json_new_object(arena);

	ad_json_set_str(arena, doc, "value", dt_guid(arena));
	dt_put(tenant->store, DT_GONE, EPOCH_DOC, EPOCH_DOC, doc);
	ad_arena_free(arena);
}

static const char *epoch(struct dt_request *req)
{
	if (!dt_find(req->tenant->store, DT_GONE, EPOCH_DOC))
		dt_delta_expire(req->tenant);
	return ad_json_str(dt_get(req->tenant->store, req->arena, DT_GONE, EPOCH_DOC), "value");
}

/* ---- where a link stands ---- */

struct place {
	char round; /* FULL, CHANGES */
	int64_t seq;
};

static const char *link_to(struct dt_request *req, const char *kind, struct place place)
{
	const char *select = dt_query(req, "$select");

	return ad_printf(req->arena, "%s%s?%s%s%s$%s=%s.%c.%lld", req->tenant->base_url, req->path,
		select ? "$select=" : "", select ? select : "", select ? "&" : "", kind, epoch(req),
		place.round, (long long)place.seq);
}

/* The place of the query's token. False after an error. */
static bool read_place(struct dt_request *req, struct place *ret)
{
	const char *token = dt_query(req, "$skiptoken");
	const char *now = epoch(req);

	if (!token)
		token = dt_query(req, "$deltatoken");
	*ret = (struct place){ .round = FULL };
	if (!token)
		return true;
	const char *dot = strchr(token, '.');
	if (!dot || (dot[1] != FULL && dot[1] != CHANGES) || dot[2] != '.') {
		dt_graph_bad(req, "Badly formed token.");
		return false;
	}
	if (strlen(now) != (size_t)(dot - token) || strncmp(now, token, strlen(now)) != 0) {
		dt_reply_error(req, 410, "syncStateNotFound",
			"The sync state generation is not found; continue with a full query.");
		return false;
	}
	ret->round = dot[1];
	ret->seq = strtoll(dot + 3, NULL, 10);
	return true;
}

/* ---- one page ---- */

static int by_seq(const void *a, const void *b)
{
	int64_t left = (*(const struct dt_doc *const *)a)->seq;
	int64_t right = (*(const struct dt_doc *const *)b)->seq;

	return left < right ? -1 : left > right;
}

static size_t collect(
	struct dt_request *req, enum dt_kind kind, int64_t after, const struct dt_doc **list)
{
	size_t count = 0;

	DT_EACH(doc, req->tenant->store, kind)
	if (doc->seq > after && !ad_text_eq(doc->id, EPOCH_DOC)) {
		if (list)
			list[count] = doc;
		count++;
	}
	return count;
}

/* A property that was never set is left out of a full round. */
static struct ad_json *without_nulls(struct ad_arena *arena, const struct ad_json *item)
{
	struct ad_json *left = ad_json_new_object(arena);

	AD_JSON_EACH(member, item)
	if (ad_json_kind(member) != AD_JSON_NULL)
		ad_json_set(arena, left, ad_json_name(member), ad_json_copy(arena, member));
	return left;
}

static struct ad_json *manager_link(struct ad_arena *arena, const char *id, bool removed)
{
	struct ad_json *link = ad_json_new_object(arena);

	ad_json_set_str(arena, link, "@odata.type", "#microsoft.graph.user");
	ad_json_set_str(arena, link, "id", id);
	if (removed) {
		struct ad_json *reason = ad_json_new_object(arena);

		ad_json_set_str(arena, reason, "reason", "deleted");
		ad_json_set(arena, link, "@removed", reason);
	}
	return link;
}

/* Says it only when it has changed since the link. */
static void add_manager(struct dt_request *req, struct place place, const struct ad_json *person,
	struct ad_json *item)
{
	const char *manager = ad_json_str(person, "manager");
	const char *former = ad_json_str(person, "formerManager");
	struct ad_json *list = ad_json_new_array(req->arena);

	if (place.round == CHANGES && ad_json_int(person, "managerSeq", 0) <= place.seq)
		return;
	if (place.round == CHANGES && former)
		ad_json_append(req->arena, list, manager_link(req->arena, former, true));
	if (manager)
		ad_json_append(req->arena, list, manager_link(req->arena, manager, false));
	if (ad_json_count(list) > 0)
		ad_json_set(req->arena, item, "manager@delta", list);
}

static struct ad_json *person_item(
	struct dt_request *req, struct place place, const struct dt_doc *doc)
{
	const struct ad_json *person = dt_doc_json(req->arena, doc);
	const char *select = dt_query(req, "$select");
	struct ad_json *item =
		dt_graph_select(req, dt_user_doc(req->arena, person), SELECT_DEFAULT);

	if (place.round == FULL)
		item = without_nulls(req->arena, item);
	if (select && strstr(select, "manager"))
		add_manager(req, place, person, item);
	return item;
}

static struct ad_json *gone_item(struct ad_arena *arena, const struct dt_doc *doc)
{
	struct ad_json *item = ad_json_new_object(arena);
	struct ad_json *reason = ad_json_new_object(arena);

	ad_json_set_str(arena, item, "id", doc->id);
	ad_json_set_str(arena, reason, "reason", "changed");
	ad_json_set(arena, item, "@removed", reason);
	return item;
}

static void handle_delta(struct dt_request *req)
{
	struct ad_json *answer = ad_json_new_object(req->arena);
	struct ad_json *page = ad_json_new_array(req->arena);
	struct place place;

	if (!read_place(req, &place))
		return;
	bool gone = place.seq > 0; /* who was told of earlier may be deleted by now */
	size_t people = collect(req, DT_PEOPLE, place.seq, NULL);
	size_t count = people + (gone ? collect(req, DT_GONE, place.seq, NULL) : 0);
	const struct dt_doc **list = ad_alloc_array(req->arena, count + 1, sizeof(*list));

	(void)collect(req, DT_PEOPLE, place.seq, list);
	if (gone)
		(void)collect(req, DT_GONE, place.seq, list + people);
	qsort(list, count, sizeof(*list), by_seq);

	size_t size = (size_t)dt_setting(req->tenant, "delta_page");
	size_t told = count < size ? count : size;
	struct place next = place;
	for (size_t i = 0; i < told; i++) {
		bool deleted = ad_text_eq(list[i]->tag, DT_GONE_TAG);

		ad_json_append(req->arena, page,
			deleted ? gone_item(req->arena, list[i])
				: person_item(req, place, list[i]));
		next.seq = list[i]->seq;
	}
	bool more = told < count;
	if (!more)
		next.round = CHANGES;
	ad_json_set_str(req->arena, answer, more ? "@odata.nextLink" : "@odata.deltaLink",
		link_to(req, more ? "skiptoken" : "deltatoken", next));
	ad_json_set(req->arena, answer, "value", page);
	dt_reply_json(req, 200, answer);
}

static const struct dt_route routes[] = {
	{ "GET", "/graph/{}/users/delta", handle_delta },
	{ NULL, NULL, NULL },
};
const struct dt_routes dt_delta_routes = { DT_SURFACE_GRAPH, "/graph/", DT_AUDIENCE_GRAPH, routes };

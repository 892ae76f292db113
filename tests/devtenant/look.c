/* SPDX-License-Identifier: Apache-2.0 */
/* Control API: looking at what was shown and what AppDesk did. */
#include "ad/text.h"
#include "calls.h"
#include "content.h"
#include "faults.h"
#include "parts.h"
#include "people.h"
#include "shown.h"
#include "waiters.h"

#include <string.h>

#define WAIT_DEFAULT_MS 10000
#define ENTRIES_DEFAULT 1000

/* The person of "?as=", or NULL after an error. */
static struct ad_json *viewer(struct dt_request *req)
{
	const char *name = dt_query(req, "as");
	struct ad_json *person = dt_person(req->tenant, req->arena, name);

	if (!person)
		dt_reply_error(req, 404, NULL, "there is no person '%s'", name ? name : "");
	return person;
}

/* {name: value} */
static void reply_named(struct dt_request *req, const char *name, struct ad_json *value)
{
	struct ad_json *answer = ad_json_new_object(req->arena);

	ad_json_set(req->arena, answer, name, value);
	dt_reply_json(req, 200, answer);
}

static void handle_shown(struct dt_request *req)
{
	struct ad_json *person = viewer(req);
	struct ad_json *answer = ad_json_new_object(req->arena);
	struct ad_json *entries = ad_json_new_array(req->arena);
	int64_t after = dt_query_int(req, "after", 0);
	int64_t limit = dt_query_int(req, "limit", ENTRIES_DEFAULT);
	const char *where = dt_query(req, "conversation");
	const struct dt_doc *doc = dt_last(req->tenant->store, DT_MESSAGES);
	const struct dt_doc *oldest = NULL;

	if (!person)
		return;
	for (; doc && limit > 0; doc = doc->prev)
		if (doc->seq > after && (!where || ad_text_eq(doc->tag, where)) &&
			dt_sees(req->tenant, req->arena, doc, person)) {
			oldest = doc;
			limit--;
		}
	for (doc = oldest; doc; doc = doc->next)
		if (doc->seq > after && (!where || ad_text_eq(doc->tag, where)) &&
			dt_sees(req->tenant, req->arena, doc, person))
			ad_json_append(req->arena, entries, dt_entry(req->arena, doc, person));
	ad_json_set_int(req->arena, answer, "seq", dt_store_seq(req->tenant->store));
	ad_json_set(req->arena, answer, "entries", entries);
	dt_reply_json(req, 200, answer);
}

static void handle_wait(struct dt_request *req)
{
	struct ad_json *person = viewer(req);

	if (!person)
		return;
	struct dt_wait what = { .person = person,
		.words = dt_query(req, "text"),
		.after = dt_query_int(req, "after", 0),
		.only_new = dt_query_int(req, "new", 0) != 0 };

	dt_waiters_add(req, &what, dt_query_int(req, "timeout_ms", WAIT_DEFAULT_MS));
}

static void handle_messages(struct dt_request *req)
{
	struct ad_json *list = ad_json_new_array(req->arena);
	const char *where = dt_query(req, "conversation");
	const char *words = dt_query(req, "text");

	DT_EACH(doc, req->tenant->store, DT_MESSAGES)
	{
		struct ad_json *message = dt_doc_json(req->arena, doc);

		if (where && !ad_text_eq(doc->tag, where))
			continue;
		if (words &&
			!strcasestr(
				ad_json_print(req->arena, ad_json_get(message, "activity")), words))
			continue;
		ad_json_set_str(req->arena, message, "id", doc->id);
		ad_json_set_int(req->arena, message, "seq", doc->seq);
		ad_json_append(req->arena, list, message);
	}
	reply_named(req, "messages", list);
}

static void handle_mail(struct dt_request *req)
{
	struct ad_json *list = ad_json_new_array(req->arena);
	const char *to = dt_query(req, "to");
	const struct ad_json *person = dt_person(req->tenant, req->arena, to);
	const char *address = person ? ad_json_str(person, "mail") : to;

	DT_EACH(doc, req->tenant->store, DT_MAIL)
	{
		struct ad_json *mail = dt_doc_json(req->arena, doc);
		bool wanted = !address;

		AD_JSON_EACH(recipient, ad_json_get(mail, "to"))
		wanted = wanted || ad_text_eq_nocase(ad_json_text(recipient), address);
		if (wanted)
			ad_json_append(req->arena, list, mail);
	}
	reply_named(req, "mail", list);
}

static void handle_calls(struct dt_request *req)
{
	reply_named(req, "calls", dt_calls_list(req->tenant->calls, req));
}

static void handle_forget_calls(struct dt_request *req)
{
	dt_calls_clear(req->tenant->calls);
	dt_reply_json(req, 200, ad_json_new_object(req->arena));
}

static void handle_complaints(struct dt_request *req)
{
	reply_named(req, "complaints", dt_complaints(req->tenant->calls, req->arena));
}

static void handle_people(struct dt_request *req)
{
	struct ad_json *answer = ad_json_new_object(req->arena);

	ad_json_set_str(req->arena, answer, "tenant", req->tenant->options.tenant_id);
	ad_json_set_str(req->arena, answer, "app_id", req->tenant->options.app_id);
	ad_json_set(req->arena, answer, "people",
		dt_list(req->tenant->store, req->arena, DT_PEOPLE, NULL));
	dt_reply_json(req, 200, answer);
}

/* Members by key, groups in groups by name. */
static struct ad_json *named_members(struct dt_request *req, const struct ad_json *group)
{
	struct ad_json *list = ad_json_new_array(req->arena);

	AD_JSON_EACH(member, ad_json_get(group, "members"))
	{
		const struct ad_json *person =
			dt_get(req->tenant->store, req->arena, DT_PEOPLE, ad_json_text(member));
		const struct ad_json *inner =
			dt_get(req->tenant->store, req->arena, DT_GROUPS, ad_json_text(member));

		ad_json_append(req->arena, list,
			ad_json_new_string(req->arena, person  ? ad_json_str(person, "key")
						       : inner ? ad_json_str(inner, "displayName")
							       : ad_json_text(member)));
	}
	return list;
}

static void handle_groups(struct dt_request *req)
{
	struct ad_json *list = ad_json_new_array(req->arena);

	DT_EACH(doc, req->tenant->store, DT_GROUPS)
	{
		struct ad_json *group = dt_doc_json(req->arena, doc);
		struct ad_json *entry = ad_json_new_object(req->arena);

		ad_json_set_str(req->arena, entry, "id", doc->id);
		ad_json_set_str(req->arena, entry, "name", ad_json_str(group, "displayName"));
		ad_json_set_str(
			req->arena, entry, "description", ad_json_str(group, "description"));
		ad_json_set(req->arena, entry, "members", named_members(req, group));
		ad_json_append(req->arena, list, entry);
	}
	reply_named(req, "groups", list);
}

static void handle_intune(struct dt_request *req)
{
	struct ad_json *list = ad_json_new_array(req->arena);

	DT_EACH(doc, req->tenant->store, DT_APPS)
	{
		struct ad_json *app = dt_doc_json(req->arena, doc);

		ad_json_set(req->arena, app, "assignments",
			dt_list(req->tenant->store, req->arena, DT_ASSIGNMENTS, doc->id));
		ad_json_set(req->arena, app, "contents",
			dt_list(req->tenant->store, req->arena, DT_FILES, doc->id));
		ad_json_append(req->arena, list, app);
	}
	reply_named(req, "apps", list);
}

static void handle_content(struct dt_request *req)
{
	struct ad_json *app = dt_get(req->tenant->store, req->arena, DT_APPS, req->args[0]);

	if (!app)
		dt_reply_error(req, 404, NULL, "there is no app '%s'", req->args[0]);
	else
		dt_reply_json(req, 200, dt_content_report(req, app, dt_query(req, "version")));
}

static void handle_faults(struct dt_request *req)
{
	reply_named(req, "faults", dt_faults_list(req->tenant->faults, req->arena));
}

static void handle_health(struct dt_request *req)
{
	struct ad_json *answer = ad_json_new_object(req->arena);

	ad_json_set_bool(req->arena, answer, "ok", true);
	ad_json_set_int(req->arena, answer, "seq", dt_store_seq(req->tenant->store));
	dt_reply_json(req, 200, answer);
}

static const struct dt_route routes[] = {
	{ "GET", "/control/healthz", handle_health },
	{ "GET", "/control/shown", handle_shown },
	{ "GET", "/control/wait", handle_wait },
	{ "GET", "/control/messages", handle_messages },
	{ "GET", "/control/mail", handle_mail },
	{ "GET", "/control/calls", handle_calls },
	{ "DELETE", "/control/calls", handle_forget_calls },
	{ "GET", "/control/complaints", handle_complaints },
	{ "GET", "/control/people", handle_people },
	{ "GET", "/control/groups", handle_groups },
	{ "GET", "/control/intune", handle_intune },
	{ "GET", "/control/intune/{}/content", handle_content },
	{ "GET", "/control/faults", handle_faults },
	{ NULL, NULL, NULL },
};
const struct dt_routes dt_look_routes = { DT_SURFACE_CONTROL, "/control/", NULL, routes };

/* SPDX-License-Identifier: Apache-2.0 */
/* Graph: users, managers, groups, mail. */
#include "ad/text.h"
#include "delta.h"
#include "deliver.h"
#include "graph.h"
#include "parts.h"
#include "people.h"

#include <string.h>

#define USER_DEFAULT                                                                        \
	"id,businessPhones,displayName,givenName,jobTitle,mail,mobilePhone,officeLocation," \
	"preferredLanguage,surname,userPrincipalName"
#define GROUP_ALL                                                                         \
	"id,displayName,description,mailNickname,mailEnabled,securityEnabled,groupTypes," \
	"createdDateTime"
#define GROUP_IDS_MAX 20
#define MAILBOX "appdesk@example.com"
#define NAME_MAX_LEN 256
#define NICKNAME_MAX_LEN 64
#define DT_TEAMS_APP "00000000-0000-4000-8000-0000000000d1" /* the bot's, in the catalogue */

/* Graph knows object ids and UPNs, nothing else. */
static struct ad_json *find_user(struct dt_request *req, const char *id)
{
	struct ad_json *person = ad_text_is_guid(id) || strchr(id, '@')
					 ? dt_person(req->tenant, req->arena, id)
					 : NULL;

	if (person && !ad_text_is_guid(id) &&
		!ad_text_eq_nocase(ad_json_str(person, "userPrincipalName"), id))
		person = NULL;
	return person;
}

struct ad_json *dt_graph_user(struct dt_request *req)
{
	struct ad_json *person = find_user(req, req->args[1]);

	if (!person)
		dt_graph_not_found(req, req->args[1]);
	return person;
}

static void handle_user(struct dt_request *req)
{
	struct ad_json *person = dt_graph_user(req);
	const char *expand = dt_query(req, "$expand");

	if (!person)
		return;
	struct ad_json *user = dt_graph_select(req, dt_user_doc(req->arena, person), USER_DEFAULT);
	const struct ad_json *manager =
		dt_person(req->tenant, req->arena, ad_json_str(person, "manager"));
	if (expand && ad_text_starts(expand, "manager") && manager)
		ad_json_set(req->arena, user, "manager", dt_user_doc(req->arena, manager));
	dt_reply_json(req, 200, user);
}

static void handle_users(struct dt_request *req)
{
	struct ad_json *all = ad_json_new_array(req->arena);

	DT_EACH(doc, req->tenant->store, DT_PEOPLE)
	ad_json_append(req->arena, all, dt_user_doc(req->arena, dt_doc_json(req->arena, doc)));
	dt_graph_reply_list(req, all, USER_DEFAULT, dt_setting(req->tenant, "member_page"));
}

static struct ad_json *typed(struct ad_arena *arena, const char *type, const struct ad_json *object)
{
	struct ad_json *doc = ad_json_new_object(arena);

	ad_json_set_str(arena, doc, "@odata.type", type);
	AD_JSON_EACH(member, object)
	ad_json_set(arena, doc, ad_json_name(member), ad_json_copy(arena, member));
	return doc;
}

static void handle_manager(struct dt_request *req)
{
	struct ad_json *person = dt_graph_user(req);

	if (!person)
		return;
	const struct ad_json *manager =
		dt_person(req->tenant, req->arena, ad_json_str(person, "manager"));
	if (!manager)
		dt_graph_not_found(req, "manager");
	else
		dt_graph_reply(req, 200,
			typed(req->arena, "#microsoft.graph.user",
				dt_user_doc(req->arena, manager)),
			USER_DEFAULT);
}

static struct ad_json *group_doc(struct ad_arena *arena, const struct ad_json *group)
{
	struct ad_json *doc = ad_json_copy(arena, group);

	ad_json_remove(doc, "members");
	ad_json_remove(doc, "misses");
	return doc;
}

/* The groups that have the person, as ids or as objects. */
static struct ad_json *groups_of(
	struct dt_request *req, const struct ad_json *person, bool transitive, bool objects)
{
	struct ad_json *list = ad_json_new_array(req->arena);
	const char *id = ad_json_str(person, "id");

	DT_EACH(doc, req->tenant->store, DT_GROUPS)
	{
		const struct ad_json *group = dt_doc_json(req->arena, doc);

		if (!dt_group_has(req->tenant, req->arena, group, id, transitive))
			continue;
		ad_json_append(req->arena, list,
			objects ? typed(req->arena, "#microsoft.graph.group",
					  group_doc(req->arena, group))
				: ad_json_new_string(req->arena, doc->id));
	}
	return list;
}

static void handle_member_of(struct dt_request *req)
{
	struct ad_json *person = dt_graph_user(req);

	if (person)
		dt_graph_reply_list(req,
			groups_of(req, person, strstr(req->path, "transitive") != NULL, true),
			GROUP_ALL, dt_setting(req->tenant, "member_page"));
}

static void reply_ids(struct dt_request *req, struct ad_json *ids)
{
	struct ad_json *answer = ad_json_new_object(req->arena);

	ad_json_set_str(req->arena, answer, "@odata.context",
		ad_printf(req->arena, "%s/graph/v1.0/$metadata#Collection(Edm.String)",
			req->tenant->base_url));
	ad_json_set(req->arena, answer, "value", ids);
	dt_reply_json(req, 200, answer);
}

static void handle_get_groups(struct dt_request *req)
{
	struct ad_json *person = dt_graph_user(req);
	struct ad_json *body = person ? dt_graph_body(req) : NULL;

	if (!body)
		return;
	if (ad_json_kind(ad_json_get(body, "securityEnabledOnly")) != AD_JSON_BOOL)
		dt_graph_bad(req, "The parameter 'securityEnabledOnly' is missing");
	else
		reply_ids(req, groups_of(req, person, true, false));
}

static void handle_check_groups(struct dt_request *req)
{
	struct ad_json *person = dt_graph_user(req);
	struct ad_json *body = person ? dt_graph_body(req) : NULL;
	const struct ad_json *asked = ad_json_get(body, "groupIds");
	struct ad_json *ids = ad_json_new_array(req->arena);

	if (!body)
		return;
	if (!ad_json_count(asked) || ad_json_count(asked) > GROUP_IDS_MAX) {
		dt_graph_bad(req, "groupIds must hold 1 to %d ids", GROUP_IDS_MAX);
		return;
	}
	AD_JSON_EACH(id, asked)
	{
		const struct ad_json *group =
			dt_get(req->tenant->store, req->arena, DT_GROUPS, ad_json_text(id));

		if (group && dt_group_has(req->tenant, req->arena, group, ad_json_str(person, "id"),
				     true))
			ad_json_append(
				req->arena, ids, ad_json_new_string(req->arena, ad_json_text(id)));
	}
	reply_ids(req, ids);
}

static void handle_groups(struct dt_request *req)
{
	struct ad_json *all = ad_json_new_array(req->arena);

	DT_EACH(doc, req->tenant->store, DT_GROUPS)
	ad_json_append(req->arena, all, group_doc(req->arena, dt_doc_json(req->arena, doc)));
	dt_graph_reply_list(req, all, GROUP_ALL, dt_setting(req->tenant, "member_page"));
}

/* The group of the second argument, or NULL after a 404. A new one is not seen at once. */
static struct ad_json *group_of(struct dt_request *req)
{
	struct ad_json *group = dt_get(req->tenant->store, req->arena, DT_GROUPS, req->args[1]);
	int64_t misses = ad_json_int(group, "misses", 0);

	if (group && misses > 0) {
		ad_json_set_int(req->arena, group, "misses", misses - 1);
		dt_group_save(req->tenant, group);
		group = NULL;
	}
	if (!group)
		dt_graph_not_found(req, req->args[1]);
	return group;
}

static void handle_group(struct dt_request *req)
{
	struct ad_json *group = group_of(req);

	if (group)
		dt_graph_reply(req, 200, group_doc(req->arena, group), GROUP_ALL);
}

static const char *refuse_group(const struct ad_json *body)
{
	const char *name = ad_json_str(body, "displayName");
	const char *nickname = ad_json_str(body, "mailNickname");

	if (ad_text_empty(name) || strlen(name) > NAME_MAX_LEN)
		return "A value is required for property 'displayName' of resource 'Group'.";
	if (ad_text_empty(nickname) || strlen(nickname) > NICKNAME_MAX_LEN ||
		strpbrk(nickname, " @()\\[]\";:.<>,"))
		return "Invalid value specified for property 'mailNickname' of resource 'Group'.";
	if (ad_json_kind(ad_json_get(body, "mailEnabled")) != AD_JSON_BOOL ||
		ad_json_bool(body, "mailEnabled", true))
		return "mailEnabled must be false for a security group.";
	if (!ad_json_bool(body, "securityEnabled", false))
		return "securityEnabled must be true.";
	return NULL;
}

static void handle_create_group(struct dt_request *req)
{
	struct ad_json *body = dt_graph_body(req);
	const char *reason = body ? refuse_group(body) : NULL;
	static const char *const kept[] = { "description", "mailNickname" };

	if (!body)
		return;
	if (reason) {
		dt_reply_error(req, 400, "Request_BadRequest", "%s", reason);
		return;
	}
	struct ad_json *group =
		dt_group_new(req->tenant, req->arena, ad_json_str(body, "displayName"));
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		ad_json_set_str(req->arena, group, kept[i], ad_json_str(body, kept[i]));
	ad_json_set_int(req->arena, group, "misses", dt_setting(req->tenant, "new_group_misses"));
	dt_group_save(req->tenant, group);
	dt_graph_reply(req, 201, group_doc(req->arena, group), GROUP_ALL);
}

static void handle_delete_group(struct dt_request *req)
{
	if (!group_of(req))
		return;
	dt_group_drop(req->tenant, req->arena, req->args[1]);
	dt_reply_empty(req, 204);
}

static void add_object(struct dt_request *req, struct ad_json *list, const char *id, bool groups)
{
	const struct ad_json *person = dt_get(req->tenant->store, req->arena, DT_PEOPLE, id);
	const struct ad_json *group = dt_get(req->tenant->store, req->arena, DT_GROUPS, id);

	if (person)
		ad_json_append(req->arena, list,
			typed(req->arena, "#microsoft.graph.user",
				dt_user_doc(req->arena, person)));
	else if (group && groups)
		ad_json_append(req->arena, list,
			typed(req->arena, "#microsoft.graph.group", group_doc(req->arena, group)));
}

static void reply_members(struct dt_request *req, bool transitive, bool groups)
{
	struct ad_json *group = group_of(req);
	struct ad_json *list = ad_json_new_array(req->arena);

	if (!group)
		return;
	const struct ad_json *ids = transitive ? dt_group_everybody(req->tenant, req->arena, group)
					       : ad_json_get(group, "members");
	AD_JSON_EACH(id, ids)
	add_object(req, list, ad_json_text(id), groups);
	dt_graph_reply_list(req, list, USER_DEFAULT, dt_setting(req->tenant, "member_page"));
}

static void handle_members(struct dt_request *req)
{
	reply_members(req, false, true);
}

static void handle_member_users(struct dt_request *req)
{
	reply_members(req, false, false);
}

static void handle_transitive(struct dt_request *req)
{
	reply_members(req, true, true);
}

/* ".../directoryObjects/{id}" or ".../users/{id}" */
static const char *referenced(struct dt_request *req, const struct ad_json *body)
{
	const char *link = dt_member(body, "@odata.id");
	const char *slash = link ? strrchr(link, '/') : NULL;

	if (!slash || !ad_text_is_guid(slash + 1))
		return NULL;
	const char *before = ad_strndup(req->arena, link, (size_t)(slash - link));
	return ad_text_ends(before, "/directoryObjects") || ad_text_ends(before, "/users") ||
			       ad_text_ends(before, "/groups")
		       ? slash + 1
		       : NULL;
}

static void handle_add_member(struct dt_request *req)
{
	struct ad_json *group = group_of(req);
	struct ad_json *body = group ? dt_graph_body(req) : NULL;
	const char *id = body ? referenced(req, body) : NULL;

	if (!body)
		return;
	if (!id)
		dt_reply_error(req, 400, "Request_BadRequest", "Invalid URL in '@odata.id'");
	else if (!dt_find(req->tenant->store, DT_PEOPLE, id) &&
		 !dt_find(req->tenant->store, DT_GROUPS, id))
		dt_graph_not_found(req, id);
	else if (!dt_group_add(req->arena, group, id))
		dt_reply_error(req, 400, "Request_BadRequest",
			"One or more added object references already exist for the following "
			"modified properties: 'members'.");
	else {
		dt_group_save(req->tenant, group);
		dt_reply_empty(req, 204);
	}
}

static void handle_remove_member(struct dt_request *req)
{
	struct ad_json *group = group_of(req);

	if (!group)
		return;
	if (!dt_group_remove(req->arena, group, req->args[2])) {
		dt_graph_not_found(req, req->args[2]);
		return;
	}
	dt_group_save(req->tenant, group);
	dt_reply_empty(req, 204);
}

static struct ad_json *mail_doc(struct dt_request *req, const struct ad_json *message)
{
	struct ad_arena *arena = req->arena;
	struct ad_json *mail = ad_json_new_object(arena);
	struct ad_json *to = ad_json_new_array(arena);

	AD_JSON_EACH(recipient, ad_json_get(message, "toRecipients"))
	if (ad_json_str(recipient, "emailAddress.address"))
		ad_json_append(arena, to,
			ad_json_new_string(arena, ad_json_str(recipient, "emailAddress.address")));
	ad_json_set_str(arena, mail, "from", req->args[1]);
	ad_json_set(arena, mail, "to", to);
	ad_json_set_str(arena, mail, "subject", ad_json_str(message, "subject"));
	ad_json_set_str(arena, mail, "contentType", ad_json_str(message, "body.contentType"));
	ad_json_set_str(arena, mail, "body", ad_json_str(message, "body.content"));
	ad_json_set_str(arena, mail, "at", dt_now(arena));
	return mail;
}

static void handle_send_mail(struct dt_request *req)
{
	const struct ad_json *sender = find_user(req, req->args[1]);
	struct ad_json *body = dt_graph_body(req);
	const struct ad_json *message = ad_json_get(body, "message");

	if (!body)
		return;
	if (!sender && !ad_text_eq_nocase(req->args[1], MAILBOX)) {
		dt_reply_error(req, 404, "ErrorInvalidUser", "The requested user '%s' is invalid.",
			req->args[1]);
		return;
	}
	struct ad_json *mail = mail_doc(req, message);
	if (!ad_json_count(ad_json_get(mail, "to"))) {
		dt_reply_error(
			req, 400, "ErrorInvalidRecipients", "At least one recipient isn't valid.");
		return;
	}
	dt_put(req->tenant->store, DT_MAIL, dt_guid(req->arena), "", mail);
	dt_reply_empty(req, 202);
}

static void handle_install_app(struct dt_request *req)
{
	struct ad_json *person = dt_graph_user(req);
	struct ad_json *body = person ? dt_graph_body(req) : NULL;
	const char *link = body ? dt_member(body, "teamsApp@odata.bind") : NULL;

	if (!body)
		return;
	if (!link || !strstr(link, "/appCatalogs/teamsApps/"))
		dt_graph_bad(req, "teamsApp@odata.bind names no app of the catalogue");
	else if (!ad_text_ends(link, "/" DT_TEAMS_APP))
		dt_reply_error(req, 404, "NotFound", "The definition of the app is not found.");
	else if (ad_json_bool(person, "installed", true))
		dt_reply_error(req, 409, "Conflict", "App already installed.");
	else {
		dt_install(req->tenant, req->arena, person);
		dt_reply_empty(req, 201);
	}
}

static void handle_organization(struct dt_request *req)
{
	struct ad_json *list = ad_json_new_array(req->arena);
	struct ad_json *doc = ad_json_new_object(req->arena);

	ad_json_set_str(req->arena, doc, "id", req->tenant->options.tenant_id);
	ad_json_set_str(req->arena, doc, "displayName", "Example");
	ad_json_append(req->arena, list, doc);
	dt_graph_reply_list(req, list, NULL, 1);
}

#define USER "/graph/{}/users/{}"
#define GROUP "/graph/{}/groups/{}"

static const struct dt_route routes[] = {
	{ "GET", "/graph/{}/organization", handle_organization },
	{ "GET", "/graph/{}/users", handle_users },
	{ "GET", USER, handle_user },
	{ "GET", USER "/manager", handle_manager },
	{ "GET", USER "/memberOf", handle_member_of },
	{ "GET", USER "/transitiveMemberOf", handle_member_of },
	{ "GET", USER "/memberOf/microsoft.graph.group", handle_member_of },
	{ "GET", USER "/transitiveMemberOf/microsoft.graph.group", handle_member_of },
	{ "POST", USER "/checkMemberGroups", handle_check_groups },
	{ "POST", USER "/getMemberGroups", handle_get_groups },
	{ "POST", USER "/sendMail", handle_send_mail },
	{ "POST", USER "/teamwork/installedApps", handle_install_app },
	{ "GET", "/graph/{}/groups", handle_groups },
	{ "POST", "/graph/{}/groups", handle_create_group },
	{ "GET", GROUP, handle_group },
	{ "DELETE", GROUP, handle_delete_group },
	{ "GET", GROUP "/members", handle_members },
	{ "GET", GROUP "/members/microsoft.graph.user", handle_member_users },
	{ "GET", GROUP "/transitiveMembers", handle_transitive },
	{ "GET", GROUP "/transitiveMembers/microsoft.graph.user", handle_transitive },
	{ "POST", GROUP "/members/$ref", handle_add_member },
	{ "DELETE", GROUP "/members/{}/$ref", handle_remove_member },
	{ NULL, NULL, NULL },
};
const struct dt_routes dt_directory_routes = { DT_SURFACE_GRAPH, "/graph/", DT_AUDIENCE_GRAPH,
	routes };

/* SPDX-License-Identifier: Apache-2.0 */
/* A small company for the tests of the desk: Ana asks, Kim and Lee approve, Ada and Abe are admins,
 * Bob is a stranger. All of them are constants; each test brings its own turns. */
#ifndef AD_TESTS_DB_DESK_FIXTURE_H
#define AD_TESTS_DB_DESK_FIXTURE_H

#include "harness.h"

#include "ad/cards.h"
#include "ad/desk.h"
#include "ad/desk/gather.h"
#include "ad/text.h"

#define TENANT "11111111-1111-4111-8111-111111111111"
#define ADMINS "aaaaaaaa-0000-4000-8000-000000000001"
#define APPROVERS "aaaaaaaa-0000-4000-8000-000000000002"
#define USERS "aaaaaaaa-0000-4000-8000-000000000003"

static const struct ad_person ana = {
	.oid = "ana", .name = "Ana", .mail = "ana@corp", .locale = "en-GB", .is_user = true
};
static const struct ad_person bob = {
	.oid = "bob", .name = "Bob", .mail = "bob@corp", .locale = "en-GB", .is_user = true
};
static const struct ad_person kim = {
	.oid = "kim", .name = "Kim", .mail = "kim@corp", .locale = "en-US", .is_approver = true
};
static const struct ad_person lee = {
	.oid = "lee", .name = "Lee", .mail = "lee@corp", .locale = "en-US", .is_approver = true
};
static const struct ad_person ada = {
	.oid = "ada", .name = "Ada", .mail = "ada@corp", .locale = "en-US", .is_admin = true
};
static const struct ad_person abe = {
	.oid = "abe", .name = "Abe", .mail = "abe@corp", .locale = "", .is_admin = true
};

static struct ad_cards *desk_cards; /* loaded once by each program */

struct company {
	struct db_test *t;
	struct ad_person approvers[2];
	struct ad_person admins[2];
	int turns;      /* for unique facts */
	bool has_trail; /* as a worker of the bot knows it */
};

/* People, settings, and a catalogue: 1 7-Zip, 2 Visio Viewer (with questions), 3 hidden. */
static inline struct company company_open(struct db_test *t)
{
	if (!desk_cards) {
		struct ad_err err = { 0 };
		const char *folder = ad_printf(t->arena, "%s/cards", getenv("AD_SOURCE_DIR"));
		assert_ok(ad_cards_load(folder, NULL, &desk_cards, &err), err);
	}
	db_test_sql(t, "insert into users (tenant_id, oid, name, mail, locale)"
		       " select '" TENANT "', lower(n), n, lower(n) || '@corp', 'en-GB'"
		       " from unnest(array['Ana','Bob','Kim','Lee','Ada','Abe']) n");
	db_test_sql(t, "insert into portal_settings (tenant_id, key, value, changed_by) values"
		       " ('" TENANT "', 'AdminGroupId', '" ADMINS "', 'cli'),"
		       " ('" TENANT "', 'ApproverGroupId', '" APPROVERS "', 'cli'),"
		       " ('" TENANT "', 'HumanContact', 'the help desk', 'cli'),"
		       " ('" TENANT "', 'UserAccessGroupId', '" USERS "', 'cli')");
	db_test_sql(t,
		"insert into apps (tenant_id, name, publisher, description, winget_id, state, "
		"group_id)"
		" values"
		" ('" TENANT
		"', '7-Zip', 'Igor Pavlov', 'File archiver', '7zip.7zip', 'published', 'g7'),"
		" ('" TENANT "', 'Microsoft Visio Viewer', 'Microsoft', 'View Visio drawings',"
		"  'Microsoft.VisioViewer', 'published', ''),"
		" ('" TENANT "', 'Secret Viewer', 'Acme', 'Visio drawings and more', 'Acme.Secret',"
		"  'hidden', '')");
	db_test_sql(t, "insert into app_aliases values (1, '7zip'), (1, 'zip')");
	db_test_sql(t,
		"insert into app_questions (app_id, ordinal, label, kind, choices, required) values"
		" (2, 1, 'Which department?', 'choice', '[\"Sales\", \"IT\"]', true),"
		" (2, 2, 'Anything else?', 'text', '[]', false)");
	return (struct company){ .t = t, .approvers = { kim, lee }, .admins = { ada, abe } };
}

/* The desk as the bot would bring it, on any connection. */
static inline struct ad_desk company_desk(struct company *c, struct ad_db *db)
{
	struct ad_desk desk = {
		.db = db,
		.arena = c->t->arena,
		.cards = desk_cards,
		.tenant_id = TENANT,
		.node_id = "node",
		.bot_app_id = "bot",
		.source = "teams",
		.correlation_id = "test",
		.ip_address = "",
		.has_trail = c->has_trail,
		.approvers = { c->approvers, 2 },
		.admins = { c->admins, 2 },
	};
	struct ad_err err = { 0 };
	assert_ok(ad_desk_settings_load(db, c->t->arena, TENANT, &desk.settings, &err), err);
	return desk;
}

/* One use case as in a turn of the bot, begun and committed on the test's connection: TURN(c,
 * reply, ad_desk_form(&desk, &ana, 1, &reply, &err)). */
#define TURN(company, reply, call)                                               \
	do {                                                                     \
		struct ad_err err = { 0 };                                       \
		struct ad_desk desk = company_desk((company), (company)->t->db); \
		assert_ok(ad_db_begin(desk.db, &err), err);                      \
		assert_ok(ad_desk_gather_writes(&desk, &err), err);              \
		assert_ok((call), err);                                          \
		assert_ok(ad_desk_finish(&desk, &err), err);                     \
		assert_ok(ad_db_commit(desk.db, &err), err);                     \
		(company)->has_trail |= desk.trail_seen;                         \
		assert_non_null((reply).text);                                   \
		assert_true(*(reply).text);                                      \
		assert_non_null((reply).outcome);                                \
		assert_non_null((reply).role);                                   \
	} while (0)

/* The first "t" in a card's buttons: its token. NULL when it has none. */
static inline const char *card_token(const struct ad_json *value)
{
	const char *token = ad_json_str(value, "data.t");
	if (token && *token)
		return token;
	for (const struct ad_json *item = ad_json_first(value); item; item = ad_json_next(item)) {
		token = card_token(item);
		if (token)
			return token;
	}
	return NULL;
}

/* The newest card that somebody was sent in a role, from the outbox. */
static inline const struct ad_json *sent_card(
	struct company *c, const struct ad_person *to, const char *role)
{
	const char *text = db_test_text(c->t,
		"select activity from outbox where recipient_oid = '%s' and card = '%s'"
		" order by id desc limit 1",
		to->oid, role);
	struct ad_json *activity = NULL;
	struct ad_err err = { 0 };
	assert_true(*text);
	assert_ok(ad_json_parse(c->t->arena, text, strlen(text), &activity, &err), err);
	return ad_json_get(ad_json_at(ad_json_get(activity, "attachments"), 0), "content");
}

static inline bool card_says(struct company *c, const struct ad_json *card, const char *text)
{
	return strstr(ad_json_print(c->t->arena, card), text) != NULL;
}

static inline struct ad_json *inputs_of(struct company *c, const char *justification)
{
	struct ad_json *inputs = ad_json_new_object(c->t->arena);
	ad_json_set_str(c->t->arena, inputs, "justification", justification);
	return inputs;
}

/* Posts a reply as the answer to words. */
static inline void post(
	struct company *c, const struct ad_person *who, const struct ad_desk_reply *reply)
{
	struct ad_desk_reply posted = *reply;
	const struct ad_desk_place place = { .service_url = "",
		.conversation_id = "",
		.activity_id = "",
		.fact = ad_printf(c->t->arena, "reply.%d", ++c->turns) };
	TURN(c, posted, ad_desk_post(&desk, who, &posted, &place, &err));
}

/* Somebody asks for an app without questions; returns the request's number. */
static inline int64_t ask(struct company *c, const struct ad_person *who, int64_t app_id)
{
	struct ad_desk_reply form = { 0 };
	struct ad_desk_reply sent = { 0 };
	TURN(c, form, ad_desk_form(&desk, who, app_id, &form, &err));
	assert_string_equal(form.outcome, "form");
	const struct ad_desk_press press = { .token = card_token(form.card),
		.inputs = inputs_of(c, "I have to open archives") };
	TURN(c, sent, ad_desk_submit(&desk, who, &press, &sent, &err));
	assert_string_equal(sent.outcome, "submitted");
	post(c, who, &sent);
	return sent.request_id;
}

/* What the approver's card carries. */
static inline struct ad_desk_press press_of(
	struct company *c, const struct ad_person *who, const char *reason)
{
	return (struct ad_desk_press){ .token = card_token(sent_card(c, who, "approval")),
		.reason = reason };
}

#endif

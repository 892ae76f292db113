/* SPDX-License-Identifier: Apache-2.0 */
/* Threat T11: what makes the counter laxer needs two admins, has an end, and is told to all. */
#include "desk_fixture.h"

#include "ad/desk/facts.h"
#include "ad/desk/policy.h"
#include "ad/desk/proposals.h"

#define STRICT \
	"{\"policies\":[{\"name\":\"p\",\"stages\":[{\"ask\":\"group\"},{\"ask\":\"manager\"}]}]}"
#define LAX "{\"policies\":[{\"name\":\"p\",\"stages\":[{\"ask\":\"group\"}]}]}"
#define STRICTER                                                                                \
	"{\"policies\":[{\"name\":\"p\",\"stages\":[{\"ask\":\"group\"},{\"ask\":\"manager\"}," \
	"{\"ask\":\"admins\"}]}]}"

/* A request was made here at some time: people depend on the rules. */
static void in_use(struct company *c)
{
	db_test_sql(c->t,
		"insert into requests (tenant_id, requester_oid, app_id, justification, state)"
		" values ('" TENANT "', 'ana', 1, 'why', 'delivered')");
}

static struct ad_policy_plan import(struct company *c, const char *actor, const char *text)
{
	struct ad_desk desk = company_desk(c, c->t->db);
	struct ad_policy_plan plan;
	struct ad_err err = { 0 };
	assert_ok(ad_db_begin(desk.db, &err), err);
	assert_ok(ad_desk_policy_import(&desk, actor, text, strlen(text), &plan, &err), err);
	assert_ok(ad_db_commit(desk.db, &err), err);
	return plan;
}

static int64_t set(struct company *c, const char *key, const char *value)
{
	struct ad_desk desk = company_desk(c, c->t->db);
	struct ad_err err = { 0 };
	int64_t proposal = -1;
	assert_ok(ad_db_begin(desk.db, &err), err);
	assert_ok(ad_desk_setting_set(&desk, "cli", key, value, &proposal, &err), err);
	assert_ok(ad_db_commit(desk.db, &err), err);
	return proposal;
}

/* The job comes by: what is left until the end, in seconds. */
static int64_t tick(struct company *c, int64_t number)
{
	struct ad_desk desk = company_desk(c, c->t->db);
	const struct ad_people admins = { c->admins, 2 };
	struct ad_desk_facts facts = { 0 };
	struct ad_err err = { 0 };
	int64_t left = -1;
	desk.facts = &facts;
	ad_fact_put_members(&desk, ADMINS, &admins);
	assert_ok(ad_db_begin(desk.db, &err), err);
	assert_ok(ad_desk_proposal_tick(&desk, number, &left, &err), err);
	assert_ok(ad_db_commit(desk.db, &err), err);
	return left;
}

static struct ad_desk_reply accept(struct company *c, const struct ad_person *who, int64_t number)
{
	struct ad_desk_reply reply = { 0 };
	const struct ad_desk_press press = { .number = number };
	TURN(c, reply, ad_desk_proposal_accept(&desk, who, &press, &reply, &err));
	return reply;
}

static const char *state_of(struct company *c, int64_t number)
{
	return db_test_text(c->t, "select state from proposals where id = %lld", (long long)number);
}

static bool is_verified(struct company *c)
{
	return company_desk(c, c->t->db).settings.verify_manifest_integrity;
}

/* ---- what waits ---- */

static void laxer_policies_wait_and_stricter_ones_do_not(void **state)
{
	struct company c = company_open(*state);
	in_use(&c);
	assert_int_equal(import(&c, "cli", STRICT).proposal, 0);
	struct ad_policy_plan plan = import(&c, "cli", LAX);
	assert_int_equal(plan.proposal, 1);
	assert_int_equal(plan.laxer_count, 1);
	assert_string_equal(plan.laxer[0], "p: fewer stages have to agree");
	assert_int_equal(db_test_int(c.t, "select count(*) from policies"), 1);
	assert_int_equal(import(&c, "cli", STRICTER).proposal, 0);
	assert_int_equal(db_test_int(c.t, "select version from policies_active"), 2);
	assert_string_equal(
		db_test_text(c.t, "select user_id || ' ' || entity_id || ' ' || (details::jsonb"
				  "->'weakens'->0->>'what') from audit_logs where action = "
				  "'proposal.opened'"),
		"cli 1 stage_gone");
}

static void before_anybody_has_asked_nothing_waits(void **state)
{
	struct company c = company_open(*state);
	assert_int_equal(import(&c, "cli", STRICT).proposal, 0);
	struct ad_policy_plan plan = import(&c, "cli", LAX);
	assert_int_equal(plan.proposal, 0);
	assert_int_equal(plan.laxer_count, 1);
	assert_int_equal(db_test_int(c.t, "select version from policies_active"), 2);
}

static void a_pair_that_goes_waits(void **state)
{
	struct company c = company_open(*state);
	in_use(&c);
	assert_int_equal(import(&c, "cli",
				 "{\"policies\":[],\"incompatibilities\":[[\"7zip.7zip\","
				 "\"Acme.Secret\"]]}")
				 .proposal,
		0);
	struct ad_policy_plan plan =
		import(&c, "cli", "{\"policies\":[],\"incompatibilities\":[]}");
	assert_int_equal(plan.proposal, 1);
	assert_string_equal(
		plan.laxer[0], "7zip.7zip and Acme.Secret do not exclude each other any more");
	assert_int_equal(db_test_int(c.t, "select count(*) from incompatibilities"), 1);
	(void)accept(&c, &ada, 1);
	assert_int_equal(db_test_int(c.t, "select count(*) from incompatibilities"), 0);
}

static void the_same_change_waits_once(void **state)
{
	struct company c = company_open(*state);
	in_use(&c);
	(void)import(&c, "cli", STRICT);
	assert_int_equal(import(&c, "cli", LAX).proposal, 1);
	assert_int_equal(import(&c, "cli", LAX).proposal, 1);
	assert_int_equal(set(&c, "VerifyManifestIntegrity", "false"), 2);
	assert_int_equal(set(&c, "VerifyManifestIntegrity", "FALSE"), 2);
	assert_int_equal(db_test_int(c.t, "select count(*) from proposals"), 2);
	assert_int_equal(
		db_test_int(
			c.t, "select count(*) from audit_logs where action = 'proposal.opened'"),
		2);
}

static void only_the_listed_settings_wait(void **state)
{
	struct company c = company_open(*state);
	assert_int_equal(set(&c, "VerifyManifestIntegrity", "true"), 0);
	assert_int_equal(set(&c, "ApproverGroupId", USERS), 0);
	assert_int_equal(set(&c, "AuditorGroupId", ""), 0);
	assert_int_equal(set(&c, "VerifyManifestIntegrity", "false"), 1);
	assert_true(is_verified(&c));
}

/* ---- accepting ---- */

static void a_second_admin_accepts_and_it_counts_at_once(void **state)
{
	struct company c = company_open(*state);
	in_use(&c);
	(void)import(&c, "cli", STRICT);
	(void)import(&c, "cli", LAX);
	struct ad_desk_reply reply = accept(&c, &ada, 1);
	assert_string_equal(reply.outcome, "accepted");
	assert_string_equal(state_of(&c, 1), "accepted");
	assert_int_equal(db_test_int(c.t, "select version from policies_active"), 2);
	/* First the change, then what it was part of. */
	assert_string_equal(
		db_test_text(c.t,
			"select string_agg(concat_ws(' ', action, user_id, details->>'proposal',"
			" details->>'proposed_by'), ', ' order by seq) from audit_logs where seq > "
			"2"),
		"policy.version ada 1 cli, proposal.accepted ada cli");
	/* Once. */
	reply = accept(&c, &abe, 1);
	assert_string_equal(reply.outcome, "already");
	assert_int_equal(db_test_int(c.t, "select max(version) from policies"), 2);
}

static void nobody_accepts_what_they_proposed(void **state)
{
	struct company c = company_open(*state);
	in_use(&c);
	(void)import(&c, "cli", STRICT);
	assert_int_equal(import(&c, "ada", LAX).proposal, 1);
	assert_string_equal(accept(&c, &ada, 1).outcome, "self");
	assert_string_equal(state_of(&c, 1), "open");
	assert_int_equal(
		db_test_int(
			c.t, "select count(*) from audit_logs where action = 'proposal.denied'"),
		1);
	assert_string_equal(accept(&c, &abe, 1).outcome, "accepted");
}

static void only_admins_see_and_decide(void **state)
{
	struct company c = company_open(*state);
	assert_int_equal(set(&c, "VerifyManifestIntegrity", "false"), 1);
	assert_string_equal(accept(&c, &kim, 1).outcome, "not_admin");
	assert_string_equal(accept(&c, &ana, 1).outcome, "not_admin");
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_proposals(&desk, &kim, &reply, &err));
	assert_string_equal(reply.outcome, "not_admin");
	TURN(&c, reply, ad_desk_proposal(&desk, &kim, 1, &reply, &err));
	assert_string_equal(reply.outcome, "not_admin");
	assert_string_equal(accept(&c, &ada, 4711).outcome, "no_proposal");
	assert_string_equal(state_of(&c, 1), "open");
}

static void an_accepted_setting_counts_for_a_week(void **state)
{
	struct company c = company_open(*state);
	assert_int_equal(set(&c, "VerifyManifestIntegrity", "false"), 1);
	assert_true(is_verified(&c));
	assert_string_equal(accept(&c, &ada, 1).outcome, "accepted");
	assert_false(is_verified(&c));
	assert_int_equal(
		db_test_int(c.t, "select extract(day from expires_at - changed_at)::int"
				 " from portal_settings where key = 'VerifyManifestIntegrity'"),
		7);
	/* Nothing has to run for it to end. */
	db_test_sql(c.t, "update portal_settings set expires_at = now() - interval '1 s'"
			 " where key = 'VerifyManifestIntegrity'");
	assert_true(is_verified(&c));
}

static void what_counts_by_now_is_not_what_was_shown(void **state)
{
	struct company c = company_open(*state);
	in_use(&c);
	(void)import(&c, "cli", STRICT);
	assert_int_equal(import(&c, "cli", LAX).proposal, 1);
	(void)import(&c, "cli", STRICTER);
	struct ad_desk_reply reply = accept(&c, &ada, 1);
	assert_string_equal(reply.outcome, "expired");
	assert_non_null(strstr(reply.text, "proposed again"));
	assert_int_equal(db_test_int(c.t, "select version from policies_active"), 2);
	assert_string_equal(state_of(&c, 1), "expired");
}

static void nothing_is_accepted_while_frozen(void **state)
{
	struct company c = company_open(*state);
	assert_int_equal(set(&c, "VerifyManifestIntegrity", "false"), 1);
	(void)set(&c, "Frozen", "true");
	assert_string_equal(accept(&c, &ada, 1).outcome, "frozen");
	assert_string_equal(state_of(&c, 1), "open");
}

/* ---- refusing and time ---- */

static void refusing_wants_a_reason(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk_reply reply = { 0 };
	struct ad_desk_press press = { .number = 1, .reason = " " };
	assert_int_equal(set(&c, "VerifyManifestIntegrity", "false"), 1);
	TURN(&c, reply, ad_desk_proposal_refuse(&desk, &ada, &press, &reply, &err));
	assert_string_equal(reply.outcome, "needs_reason");
	press.reason = "Not now.";
	TURN(&c, reply, ad_desk_proposal_refuse(&desk, &ada, &press, &reply, &err));
	assert_string_equal(reply.outcome, "refused");
	assert_true(card_says(&c, reply.card, "Not now."));
	assert_string_equal(db_test_text(c.t, "select user_id || ' ' || (details->>'reason') from"
					      " audit_logs where action = 'proposal.refused'"),
		"ada Not now.");
	assert_string_equal(accept(&c, &abe, 1).outcome, "already");
	assert_true(is_verified(&c));
}

static void time_ends_it_without_anything_running(void **state)
{
	struct company c = company_open(*state);
	assert_int_equal(set(&c, "VerifyManifestIntegrity", "false"), 1);
	assert_int_equal(
		db_test_int(c.t,
			"select extract(day from expires_at - created_at)::int from proposals"),
		7);
	db_test_sql(c.t, "update proposals set expires_at = now() - interval '1 s'");
	assert_string_equal(accept(&c, &ada, 1).outcome, "already");
	assert_true(is_verified(&c));
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_proposals(&desk, &ada, &reply, &err));
	assert_null(reply.card);
	/* And it can be proposed again. */
	assert_int_equal(set(&c, "VerifyManifestIntegrity", "false"), 2);
}

/* ---- telling ---- */

static int64_t cards(struct company *c)
{
	return db_test_int(
		c->t, "select count(*) from outbox where card = 'proposal' and kind = 'send'");
}

static void each_admin_gets_one_card_and_all_of_them_end_together(void **state)
{
	struct company c = company_open(*state);
	assert_int_equal(set(&c, "VerifyManifestIntegrity", "false"), 1);
	assert_string_equal(
		db_test_text(c.t, "select kind || ' ' || key from jobs"), "proposal proposal:1");
	int64_t left = tick(&c, 1);
	assert_in_range(left, 7 * 86400 - 60, 7 * 86400);
	assert_int_equal(cards(&c), 2);
	(void)tick(&c, 1);
	assert_int_equal(cards(&c), 2);
	const struct ad_json *card = sent_card(&c, &abe, "proposal");
	assert_true(card_says(&c, card, "VerifyManifestIntegrity becomes false"));
	/* Ada presses her button; Abe's card changes. */
	struct ad_desk_press press = { .token = card_token(sent_card(&c, &ada, "proposal")) };
	struct ad_desk_reply reply = { 0 };
	assert_non_null(press.token);
	TURN(&c, reply, ad_desk_proposal_accept(&desk, &ada, &press, &reply, &err));
	assert_string_equal(reply.outcome, "accepted");
	assert_true(reply.in_place);
	assert_null(card_token(reply.card));
	assert_int_equal(db_test_int(c.t, "select count(*) from outbox where kind = 'update'"
					  " and activity::text like '%%Accepted by Ada%%'"),
		2);
	/* The same press again gets the same answer; Abe's comes too late. */
	TURN(&c, reply, ad_desk_proposal_accept(&desk, &ada, &press, &reply, &err));
	assert_string_equal(reply.outcome, "repeated");
	press.token = card_token(card);
	TURN(&c, reply, ad_desk_proposal_accept(&desk, &abe, &press, &reply, &err));
	assert_string_equal(reply.outcome, "already");
	assert_int_equal(tick(&c, 1), 0);
}

static void a_card_says_when_time_is_over(void **state)
{
	struct company c = company_open(*state);
	assert_int_equal(set(&c, "VerifyManifestIntegrity", "false"), 1);
	(void)tick(&c, 1);
	db_test_sql(c.t, "update proposals set expires_at = now() - interval '1 s'");
	assert_int_equal(tick(&c, 1), 0);
	assert_string_equal(state_of(&c, 1), "expired");
	assert_int_equal(
		db_test_int(c.t, "select count(*) from outbox where kind = 'update'"
				 " and activity::text like '%%Nobody accepted it in time%%'"),
		2);
	assert_int_equal(
		db_test_int(
			c.t, "select count(*) from audit_logs where action = 'proposal.expired'"),
		1);
	assert_int_equal(tick(&c, 1), 0);
}

static void without_an_admin_group_nobody_is_told_and_nobody_accepts(void **state)
{
	struct company c = company_open(*state);
	assert_int_equal(set(&c, "VerifyManifestIntegrity", "false"), 1);
	(void)set(&c, "AdminGroupId", "");
	(void)tick(&c, 1);
	assert_int_equal(cards(&c), 0);
	assert_string_equal(accept(&c, &ada, 1).outcome, "not_admin");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(laxer_policies_wait_and_stricter_ones_do_not),
		db_test(before_anybody_has_asked_nothing_waits),
		db_test(a_pair_that_goes_waits),
		db_test(the_same_change_waits_once),
		db_test(only_the_listed_settings_wait),
		db_test(a_second_admin_accepts_and_it_counts_at_once),
		db_test(nobody_accepts_what_they_proposed),
		db_test(only_admins_see_and_decide),
		db_test(an_accepted_setting_counts_for_a_week),
		db_test(what_counts_by_now_is_not_what_was_shown),
		db_test(nothing_is_accepted_while_frozen),
		db_test(refusing_wants_a_reason),
		db_test(time_ends_it_without_anything_running),
		db_test(each_admin_gets_one_card_and_all_of_them_end_together),
		db_test(a_card_says_when_time_is_over),
		db_test(without_an_admin_group_nobody_is_told_and_nobody_accepts),
	};
	return db_test_run(tests);
}

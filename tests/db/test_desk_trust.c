/* SPDX-License-Identifier: Apache-2.0 */
/* Trust rules of apps: learnt, broken, and decided about. */
#include "desk_fixture.h"
#include "ad/desk/jobs.h"
#include "ad/desk/trust.h"

#define PACKAGE 2 /* the job of the first approved request; its stage's timer came before */
#define ISSUER "aa00000000000000000000000000000000000000000000000000000000000011"
#define RULE                                                                                  \
	"select array_to_string(hosts, ' ') || '|' || signer || '|' || left(issuer, 2) from " \
	"app_trust"

static const char *const here[] = { "dl.example" };
static const char *const there[] = { "cdn.example", "dl.example" };
static const struct ad_trust known = { here, 1, "CN=Contoso", ISSUER };
static const struct ad_trust moved = { there, 2, AD_TRUST_UNSIGNED, "" };

static void approved(struct company *c, const struct ad_person *who)
{
	struct ad_desk_reply reply = { 0 };
	const struct ad_desk_press press = { .number = ask(c, who, 1) };
	TURN(c, reply, ad_desk_decide(&desk, &kim, &press, AD_DECISION_APPROVED, &reply, &err));
	assert_string_equal(reply.outcome, "decided");
}

/* One report of job PACKAGE in a transaction of its own. */
#define REPORT(company, call)                                                    \
	do {                                                                     \
		struct ad_err err = { 0 };                                       \
		struct ad_desk desk = company_desk((company), (company)->t->db); \
		desk.source = "system";                                          \
		assert_ok(ad_db_begin(desk.db, &err), err);                      \
		assert_ok((call), err);                                          \
		assert_ok(ad_db_commit(desk.db, &err), err);                     \
	} while (0)

static void deliver(struct company *c, const struct ad_trust *trust)
{
	static const char *const nobody[] = { "ana" };
	size_t left;
	const struct ad_desk_job_report report = { .job_id = PACKAGE,
		.app_id = 1,
		.step = "deliver",
		.trust = trust,
		.app_version = "24.08",
		.intune_app_id = "intune-1",
		.people = nobody,
		.people_count = 0 };
	REPORT(c, ad_desk_job_delivered(&desk, &report, &left, &err));
}

static void find(struct company *c, const struct ad_trust *trust)
{
	const struct ad_desk_job_report report = { .job_id = PACKAGE,
		.app_id = 1,
		.step = "fetch",
		.state = AD_JOB_WAITING_ADMIN,
		.attempts = 1,
		.error_text = "installer comes from elsewhere",
		.error_name = "trust",
		.trust = trust };
	db_test_sql(c->t, "update jobs set state = 'waiting_admin', step = 'fetch', fence = fence "
			  "+ 1 where kind = 'package'");
	REPORT(c, ad_desk_job_failed(&desk, &report, &err));
}

static void find_other(struct company *c)
{
	find(c, &moved);
}

static void the_first_package_teaches_the_rule_and_no_later_one(void **state)
{
	struct company c = company_open(*state);
	approved(&c, &ana);
	deliver(&c, &known);
	assert_string_equal(db_test_text(c.t, RULE), "dl.example|CN=Contoso|aa");
	deliver(&c, &moved);
	assert_string_equal(db_test_text(c.t, RULE), "dl.example|CN=Contoso|aa");
	assert_int_equal(
		db_test_int(c.t, "select count(*) from audit_logs where action = 'trust.learned'"),
		1);
}

static void what_an_admin_accepts_is_the_rule_and_the_job_goes_on(void **state)
{
	struct company c = company_open(*state);
	approved(&c, &ana);
	deliver(&c, &known);
	find_other(&c);
	const struct ad_json *card = sent_card(&c, &ada, "job");
	assert_true(card_says(&c, card, "dl.example"));
	assert_true(card_says(&c, card, "cdn.example, dl.example"));
	assert_true(card_says(&c, card, "CN=Contoso"));
	assert_true(card_says(&c, card, "nobody: it is not signed"));
	assert_true(card_says(&c, card, "keep out 2"));
	const struct ad_desk_press adas = { .token = card_token(card) };
	const struct ad_desk_press abes = { .token = card_token(sent_card(&c, &abe, "job")) };
	const struct ad_desk_press typed = { .number = PACKAGE };
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_accept_installer(&desk, &kim, &typed, &reply, &err));
	assert_string_equal(reply.outcome, "not_admin");
	assert_string_equal(db_test_text(c.t, RULE), "dl.example|CN=Contoso|aa");
	TURN(&c, reply, ad_desk_accept_installer(&desk, &ada, &adas, &reply, &err));
	assert_string_equal(reply.outcome, "trust.accepted");
	assert_string_equal(db_test_text(c.t, RULE), "cdn.example dl.example|unsigned|");
	assert_string_equal(
		db_test_text(c.t, "select state from jobs where kind = 'package'"), "queued");
	TURN(&c, reply, ad_desk_accept_installer(&desk, &ada, &adas, &reply, &err));
	assert_string_equal(reply.outcome, "repeated");
	TURN(&c, reply, ad_desk_accept_installer(&desk, &abe, &abes, &reply, &err));
	assert_string_equal(reply.outcome, "not_stuck");
	assert_int_equal(
		db_test_int(c.t, "select count(*) from audit_logs where action = 'trust.accepted' "
				 "and user_id = 'ada'"),
		1);
}

/* A press accepts what its card showed, and nothing that was found since. */
static void a_card_of_an_earlier_finding_accepts_nothing(void **state)
{
	static const struct ad_trust evil = { there, 2, "CN=Somebody Else", ISSUER };
	struct company c = company_open(*state);
	approved(&c, &ana);
	deliver(&c, &known);
	find_other(&c);
	const struct ad_desk_press seen = { .token = card_token(sent_card(&c, &ada, "job")) };
	find(&c, &evil);
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_accept_installer(&desk, &ada, &seen, &reply, &err));
	assert_string_equal(reply.outcome, "moved");
	assert_string_equal(db_test_text(c.t, RULE), "dl.example|CN=Contoso|aa");
	assert_string_equal(db_test_text(c.t, "select state from jobs where kind = 'package'"),
		"waiting_admin");
}

/* Retry looks again, and changes no rule. */
static void a_retry_accepts_nothing(void **state)
{
	struct company c = company_open(*state);
	approved(&c, &ana);
	deliver(&c, &known);
	find_other(&c);
	struct ad_desk_reply reply = { 0 };
	const struct ad_desk_press typed = { .number = PACKAGE };
	TURN(&c, reply, ad_desk_retry_job(&desk, &ada, &typed, &reply, &err));
	assert_string_equal(reply.outcome, "job.retried");
	assert_string_equal(db_test_text(c.t, RULE), "dl.example|CN=Contoso|aa");
}

static void nobody_accepts_an_installer_for_themselves(void **state)
{
	struct company c = company_open(*state);
	struct ad_person wanting = ada;
	wanting.is_user = true;
	approved(&c, &wanting);
	deliver(&c, &known);
	find_other(&c);
	struct ad_desk_reply reply = { 0 };
	const struct ad_desk_press typed = { .number = PACKAGE };
	TURN(&c, reply, ad_desk_accept_installer(&desk, &ada, &typed, &reply, &err));
	assert_string_equal(reply.outcome, "self");
	assert_string_equal(db_test_text(c.t, RULE), "dl.example|CN=Contoso|aa");
	assert_int_equal(
		db_test_int(c.t, "select count(*) from audit_logs where action = 'trust.denied'"),
		1);
	TURN(&c, reply, ad_desk_accept_installer(&desk, &abe, &typed, &reply, &err));
	assert_string_equal(reply.outcome, "trust.accepted");
}

static void what_is_kept_out_ends_the_requests_with_a_reason(void **state)
{
	struct company c = company_open(*state);
	approved(&c, &ana);
	deliver(&c, &known);
	find_other(&c);
	struct ad_desk_reply reply = { 0 };
	const struct ad_desk_press typed = { .number = PACKAGE };
	TURN(&c, reply, ad_desk_give_up_job(&desk, &ada, &typed, &reply, &err));
	assert_string_equal(reply.outcome, "trust.kept_out");
	assert_string_equal(db_test_text(c.t, RULE), "dl.example|CN=Contoso|aa");
	assert_string_equal(
		db_test_text(c.t, "select state from jobs where kind = 'package'"), "cancelled");
	assert_string_equal(db_test_text(c.t, "select state from requests"), "failed");
	assert_true(ad_text_starts(db_test_text(c.t, "select reason from requests"),
		"The installer of 7-Zip no longer comes from where it used to"));
	assert_int_equal(
		db_test_int(c.t, "select count(*) from audit_logs where action = 'trust.kept_out'"),
		1);
}

/* Who asks meanwhile waits with the same job. */
static void a_job_that_waits_for_an_admin_is_a_live_one(void **state)
{
	struct company c = company_open(*state);
	approved(&c, &ana);
	deliver(&c, &known);
	find_other(&c);
	approved(&c, &bob);
	assert_int_equal(db_test_int(c.t, "select count(*) from jobs where kind = 'package'"), 1);
}

static void an_operator_sets_a_rule_or_has_it_learnt_anew(void **state)
{
	struct company c = company_open(*state);
	struct ad_trust rule;
	static const char *const upper[] = { "DL.Example" };
	static const char *const address[] = { "https://dl.example/" };
	struct ad_desk_trust_wish wish = {
		.package = "7ZIP.7zip", .hosts = upper, .host_count = 1, .signer = "unsigned"
	};
	REPORT(&c, ad_desk_trust_set(&desk, "cli", &wish, &rule, &err));
	assert_string_equal(db_test_text(c.t, RULE), "dl.example|unsigned|");
	wish = (struct ad_desk_trust_wish){
		.package = "7zip.7zip", .signer = "CN=Contoso", .issuer = ISSUER
	};
	REPORT(&c, ad_desk_trust_set(&desk, "cli", &wish, &rule, &err));
	assert_string_equal(db_test_text(c.t, RULE), "dl.example|CN=Contoso|aa");
	wish = (struct ad_desk_trust_wish){ .package = "7zip.7zip", .hosts = upper, .signer = "" };
	REPORT(&c, ad_desk_trust_set(&desk, "cli", &wish, &rule, &err));
	assert_string_equal(db_test_text(c.t, RULE), "||");
	assert_int_equal(
		db_test_int(c.t, "select count(*) from audit_logs where action = 'trust.changed'"),
		3);
	const struct ad_desk_trust_wish wrong[] = {
		{ .package = "7zip.7zip", .hosts = address, .host_count = 1 },
		{ .package = "7zip.7zip", .signer = "Contoso" },
		{ .package = "7zip.7zip", .signer = "CN=Contoso", .issuer = "12" },
		{ .package = "7zip.7zip", .signer = "unsigned", .issuer = ISSUER },
	};
	struct ad_err err = { 0 };
	struct ad_desk desk = company_desk(&c, c.t->db);
	assert_ok(ad_db_begin(desk.db, &err), err);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(
			ad_desk_trust_set(&desk, "cli", &wrong[i], &rule, &err), AD_EINVAL);
	wish.package = "No.Such";
	assert_int_equal(ad_desk_trust_set(&desk, "cli", &wish, &rule, &err), AD_ENOTFOUND);
	ad_db_rollback(desk.db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(the_first_package_teaches_the_rule_and_no_later_one),
		db_test(what_an_admin_accepts_is_the_rule_and_the_job_goes_on),
		db_test(a_card_of_an_earlier_finding_accepts_nothing),
		db_test(a_retry_accepts_nothing),
		db_test(nobody_accepts_an_installer_for_themselves),
		db_test(what_is_kept_out_ends_the_requests_with_a_reason),
		db_test(a_job_that_waits_for_an_admin_is_a_live_one),
		db_test(an_operator_sets_a_rule_or_has_it_learnt_anew),
	};
	int failed = db_test_run(tests);
	ad_cards_free(desk_cards);
	return failed;
}

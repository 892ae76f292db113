/* SPDX-License-Identifier: Apache-2.0 */
/* Files of policies: versions, what retires, pairs of apps, and the trail of it. */
#include "desk_fixture.h"

#include "ad/desk/policy.h"
#include "ad/store/policies.h"

#define MANAGER "{\"name\":\"manager\",\"priority\":20,\"stages\":[{\"ask\":\"manager\"}]}"
#define MANAGERS                                                                               \
	"{\"name\":\"manager\",\"priority\":20,\"stages\":[{\"ask\":\"manager\",\"need\":1},{" \
	"\"ask\":\"group\"}]}"
#define OWNER "{\"name\":\"owner\",\"stages\":[{\"ask\":\"app_owner\"}]}"

static int import(
	struct company *c, const char *text, struct ad_policy_plan *ret, struct ad_err *err)
{
	struct ad_desk desk = company_desk(c, c->t->db);
	desk.source = "cli";
	assert_ok(ad_db_begin(desk.db, err), *err);
	int e = ad_desk_policy_import(&desk, "cli", text, strlen(text), ret, err);
	if (e == 0)
		return ad_db_commit(desk.db, err);
	ad_db_rollback(desk.db);
	return e;
}

static struct ad_policy_plan imported(struct company *c, const char *text)
{
	struct ad_policy_plan plan;
	struct ad_err err = { 0 };
	assert_ok(import(c, text, &plan, &err), err);
	return plan;
}

static const char *active(struct company *c)
{
	return db_test_text(c->t, "select string_agg(name || ' ' || version, ', ' order by name)"
				  " from policies_active");
}

static void only_what_changed_gets_a_new_version(void **state)
{
	struct company c = company_open(*state);
	struct ad_policy_plan plan = imported(&c, "{\"policies\":[" OWNER "," MANAGER "]}");
	assert_int_equal(plan.count, 2);
	assert_string_equal(active(&c), "manager 1, owner 1");
	/* Spelled out and in another order, it is the same. */
	plan = imported(&c, "{\"policies\":[{\"stages\":[{\"need\":1,\"ask\":\"manager\",\"reject_"
			    "ends\":true}],"
			    "\"priority\":20,\"name\":\"manager\",\"match\":{}}," OWNER "]}");
	assert_int_equal(plan.count, 0);
	plan = imported(&c, "{\"policies\":[" MANAGERS "," OWNER "]}");
	assert_int_equal(plan.count, 1);
	assert_int_equal(plan.steps[0].kind, AD_POLICY_CHANGED);
	assert_int_equal(plan.steps[0].old_version, 1);
	assert_int_equal(plan.steps[0].new_version, 2);
	assert_string_equal(active(&c), "manager 2, owner 1");
	assert_int_equal(db_test_int(c.t, "select count(*) from policies"), 3);
}

static void what_is_not_in_the_file_retires_and_its_versions_stay(void **state)
{
	struct company c = company_open(*state);
	(void)imported(&c, "{\"policies\":[" OWNER "," MANAGER "]}");
	struct ad_policy_plan plan = imported(&c, "{\"policies\":[" OWNER "]}");
	assert_int_equal(plan.count, 1);
	assert_int_equal(plan.steps[0].kind, AD_POLICY_RETIRED);
	assert_string_equal(active(&c), "owner 1");
	assert_int_equal(db_test_int(c.t, "select count(*) from policies"), 2);
	/* Back again, it goes on counting. */
	(void)imported(&c, "{\"policies\":[" OWNER "," MANAGER "]}");
	assert_string_equal(active(&c), "manager 2, owner 1");
}

static void each_change_is_in_the_trail_with_what_was_there_before(void **state)
{
	struct company c = company_open(*state);
	(void)imported(&c, "{\"policies\":[" MANAGER "]}");
	(void)imported(&c, "{\"policies\":[" MANAGERS "]}");
	(void)imported(&c, "{\"policies\":[]}");
	assert_string_equal(
		db_test_text(c.t,
			"select string_agg(concat_ws(' ', user_id, source, entity_id, "
			"details->>'change',"
			" details->>'old_version', details->>'new_version',"
			" jsonb_array_length(details::jsonb->'old'->'stages'),"
			" jsonb_array_length(details::jsonb->'new'->'stages')), '; ' order by seq)"
			" from audit_logs where action = 'policy.version'"),
		"cli cli manager new 0 1 1; cli cli manager changed 1 2 1 2; cli cli manager "
		"retired 2 0 2");
}

static void a_fault_changes_nothing(void **state)
{
	struct company c = company_open(*state);
	(void)imported(&c, "{\"policies\":[" OWNER "]}");
	struct ad_policy_plan plan;
	struct ad_err err = { 0 };
	assert_int_equal(import(&c, "{\"policies\":[" MANAGER ",{\"name\":\"x\"}]}", &plan, &err),
		AD_EINVAL);
	assert_non_null(strstr(err.text, "policies[1]: policy 'x': needs stages"));
	assert_int_equal(
		import(&c,
			"{\"policies\":[{\"name\":\"h\",\"stages\":[{\"ask\":\"manager\"}],"
			"\"hours\":{\"from\":\"09:00\",\"until\":\"17:00\",\"days\":[\"mon\"],"
			"\"time_zone\":\"Mars/Olympus\"}}]}",
			&plan, &err),
		AD_EINVAL);
	assert_non_null(strstr(err.text, "policy 'h': hours.time_zone must be a time zone"));
	assert_string_equal(active(&c), "owner 1");
}

static void a_version_is_never_changed(void **state)
{
	struct company c = company_open(*state);
	(void)imported(&c, "{\"policies\":[" OWNER "]}");
	assert_string_equal(
		db_test_try(c.t, c.t->url, "update policies set priority = 1"), "42501");
	assert_string_equal(db_test_try(c.t, c.t->url, "delete from policies"), "42501");
}

static void looking_writes_nothing(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk desk = company_desk(&c, c.t->db);
	struct ad_policy_plan plan;
	struct ad_err err = { 0 };
	const char *text = "{\"policies\":[" OWNER "]}";
	assert_ok(ad_db_begin(desk.db, &err), err);
	assert_ok(ad_desk_policy_plan(&desk, text, strlen(text), &plan, &err), err);
	assert_ok(ad_db_commit(desk.db, &err), err);
	assert_int_equal(plan.count, 1);
	assert_int_equal(plan.steps[0].new_version, 0);
	assert_int_equal(db_test_int(c.t, "select count(*) from policies"), 0);
}

static void what_is_exported_can_be_imported(void **state)
{
	struct company c = company_open(*state);
	(void)imported(&c, "{\"policies\":[" OWNER "," MANAGERS
			   "],\"incompatibilities\":[[\"7zip.7zip\",\"Acme.Secret\",\"Why\"]]}");
	struct ad_desk desk = company_desk(&c, c.t->db);
	const struct ad_json *file;
	struct ad_err err = { 0 };
	assert_ok(ad_db_begin(desk.db, &err), err);
	assert_ok(ad_desk_policy_export(&desk, &file, &err), err);
	assert_ok(ad_db_commit(desk.db, &err), err);
	struct ad_policy_plan plan = imported(&c, ad_json_print(c.t->arena, file));
	assert_int_equal(plan.count, 0);
}

static void admins_see_what_counts_in_its_order(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_policies(&desk, &ada, &reply, &err));
	assert_non_null(strstr(reply.text, "no policies"));
	(void)imported(&c, "{\"policies\":[" OWNER "," MANAGERS ",{\"name\":\"no\",\"priority\":5,"
			   "\"refusal\":\"No.\"}]}");
	TURN(&c, reply, ad_desk_policies(&desk, &ada, &reply, &err));
	const char *card = ad_json_print(c.t->arena, reply.card);
	assert_non_null(strstr(card, "Refuses"));
	assert_non_null(strstr(card, "2 stages"));
	assert_true(strstr(card, "\"no\"") < strstr(card, "\"manager\""));
	assert_true(strstr(card, "\"manager\"") < strstr(card, "\"owner\""));
	TURN(&c, reply, ad_desk_policies(&desk, &kim, &reply, &err));
	assert_string_equal(reply.outcome, "not_admin");
}

/* Nothing is decided by half of a policy. */
static void a_document_that_cannot_be_read_stops_everything(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk_reply reply = { 0 };
	(void)imported(&c, "{\"policies\":[" OWNER "]}");
	db_test_sql(c.t, "update policies set body = '{\"name\":\"owner\",\"more\":1}'");
	struct ad_desk desk = company_desk(&c, c.t->db);
	struct ad_err err = { 0 };
	assert_ok(ad_db_begin(desk.db, &err), err);
	assert_int_equal(ad_desk_policies(&desk, &ada, &reply, &err), AD_ECONFIG);
	assert_non_null(strstr(err.text, "version 1 of policy 'owner' in the database"));
	ad_db_rollback(desk.db);
}

/* ---- apps that exclude each other ---- */

static const char *pairs(struct company *c)
{
	return db_test_text(c->t, "select string_agg(app_a || '-' || app_b || ' ' || reason, ', ' "
				  "order by app_a, app_b)"
				  " from incompatibilities");
}

static void a_pair_is_kept_once_whichever_way_it_is_written(void **state)
{
	struct company c = company_open(*state);
	struct ad_policy_plan plan = imported(&c, "{\"policies\":[],\"incompatibilities\":[[\"acme."
						  "secret\",\"7zip.7zip\",\"Why\"]]}");
	assert_int_equal(plan.count, 1);
	assert_int_equal(plan.steps[0].kind, AD_POLICY_PAIR_NEW);
	assert_string_equal(pairs(&c), "1-3 Why");
	plan = imported(&c, "{\"policies\":[],\"incompatibilities\":[[\"7ZIP.7zip\",\"Acme."
			    "Secret\",\"Why\"]]}");
	assert_int_equal(plan.count, 0);
	plan = imported(&c,
		"{\"policies\":[],\"incompatibilities\":[[\"7zip.7zip\",\"Acme.Secret\",\"So\"],"
		"[\"7zip.7zip\",\"Microsoft.VisioViewer\"]]}");
	assert_int_equal(plan.count, 2);
	assert_string_equal(pairs(&c), "1-2 , 1-3 So");
	/* A file that does not speak of them leaves them alone; an empty list does not. */
	plan = imported(&c, "{\"policies\":[]}");
	assert_string_equal(pairs(&c), "1-2 , 1-3 So");
	plan = imported(&c, "{\"policies\":[],\"incompatibilities\":[]}");
	assert_string_equal(pairs(&c), "");
	assert_string_equal(
		db_test_text(c.t, "select string_agg(concat_ws(' ', details->>'change',"
				  " details->>'old', details->>'new'), '; ' order by seq)"
				  " from audit_logs where action = 'incompatibility.changed'"),
		"pair_new Why; pair_changed Why So; pair_new ; pair_gone So; pair_gone ");
}

static void a_pair_names_apps_of_the_catalogue(void **state)
{
	struct company c = company_open(*state);
	struct ad_policy_plan plan;
	struct ad_err err = { 0 };
	assert_int_equal(import(&c,
				 "{\"policies\":[" OWNER
				 "],\"incompatibilities\":[[\"7zip.7zip\",\"No.Such\"]]}",
				 &plan, &err),
		AD_ENOTFOUND);
	assert_non_null(strstr(err.text, "'No.Such', which is not in the catalogue"));
	assert_string_equal(active(&c), "");
}

/* ---- the catalogue ---- */

static int add_app(struct company *c, const struct ad_app *app, struct ad_err *err)
{
	struct ad_desk desk = company_desk(c, c->t->db);
	const struct ad_desk_catalog_entry entry = { .app = *app };
	int64_t id;
	assert_ok(ad_db_begin(desk.db, err), *err);
	int e = ad_desk_catalog_add(&desk, "cli", &entry, &id, err);
	if (e == 0)
		return ad_db_commit(desk.db, err);
	ad_db_rollback(desk.db);
	return e;
}

static void an_app_has_a_classification_an_owner_and_seats(void **state)
{
	struct company c = company_open(*state);
	struct ad_err err = { 0 };
	struct ad_app app = { .name = "App",
		.winget_id = "A.App",
		.published = true,
		.classification = "high",
		.owner_oid = "AAAAAAAA-0000-4000-8000-00000000000F",
		.seats = 5 };
	assert_ok(add_app(&c, &app, &err), err);
	assert_string_equal(
		db_test_text(c.t, "select concat_ws(' ', classification, owner_oid, seats)"
				  " from apps where winget_id = 'A.App'"),
		"high aaaaaaaa-0000-4000-8000-00000000000f 5");
	app.winget_id = "B.App";
	app.classification = "secret";
	assert_int_equal(add_app(&c, &app, &err), AD_EINVAL);
	app.classification = "low";
	app.owner_oid = "Kim";
	assert_int_equal(add_app(&c, &app, &err), AD_EINVAL);
	app.owner_oid = "";
	app.seats = -1;
	assert_int_equal(add_app(&c, &app, &err), AD_EINVAL);
	app.seats = 0;
	assert_ok(add_app(&c, &app, &err), err);
	assert_string_equal(db_test_text(c.t, "select concat(classification, owner_oid, seats)"
					      " from apps where winget_id = 'B.App'"),
		"low");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(only_what_changed_gets_a_new_version),
		db_test(what_is_not_in_the_file_retires_and_its_versions_stay),
		db_test(each_change_is_in_the_trail_with_what_was_there_before),
		db_test(a_fault_changes_nothing),
		db_test(a_version_is_never_changed),
		db_test(looking_writes_nothing),
		db_test(what_is_exported_can_be_imported),
		db_test(admins_see_what_counts_in_its_order),
		db_test(a_document_that_cannot_be_read_stops_everything),
		db_test(a_pair_is_kept_once_whichever_way_it_is_written),
		db_test(a_pair_names_apps_of_the_catalogue),
		db_test(an_app_has_a_classification_an_owner_and_seats),
	};
	return db_test_run(tests);
}

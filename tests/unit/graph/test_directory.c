/* SPDX-License-Identifier: Apache-2.0 */
/* People and groups, and what every call to Graph does about tokens, throttling and failures. */
#include "tenant.h"

static struct ad_err tenant_err;

static void a_person_is_known_by_object_id(void **state)
{
	(void)state;
	struct ad_graph_user user;
	assert_ok(ad_graph_user_get(&tenant.graph, tenant.arena, ALEX, &user, &tenant_err));
	assert_string_equal(user.oid, ALEX);
	assert_string_equal(user.name, "Alex Wilber");
	assert_true(user.enabled);
	assert_false(user.guest);
	assert_ok(ad_graph_user_get(&tenant.graph, tenant.arena, NORA, &user, &tenant_err));
	assert_true(user.guest);
	assert_int_equal(ad_graph_user_get(&tenant.graph, tenant.arena, NOBODY, &user, &tenant_err),
		AD_ENOTFOUND);
	/* A foreign text stays one segment of the path. */
	assert_true(ad_graph_user_get(
			    &tenant.graph, tenant.arena, "../groups?x=", &user, &tenant_err) < 0);
}

static void a_manager_is_named_or_there_is_none(void **state)
{
	(void)state;
	struct ad_graph_user user;
	assert_ok(ad_graph_user_get(&tenant.graph, tenant.arena, ALEX, &user, &tenant_err));
	assert_string_equal(user.department, "Marketing");
	assert_string_equal(user.job_title, "Assistant");
	assert_ok(ad_graph_manager_get(&tenant.graph, tenant.arena, ALEX, &user, &tenant_err));
	assert_string_equal(user.oid, ISAIAH);
	assert_string_equal(user.name, "Isaiah Langer");
	assert_true(user.enabled);
	assert_int_equal(
		ad_graph_manager_get(&tenant.graph, tenant.arena, MEGAN, &user, &tenant_err),
		AD_ENOTFOUND);
	assert_int_equal(
		ad_graph_manager_get(&tenant.graph, tenant.arena, NOBODY, &user, &tenant_err),
		AD_ENOTFOUND);
}

static void membership_is_asked_live(void **state)
{
	(void)state;
	bool member = false;
	assert_ok(ad_graph_is_member(
		&tenant.graph, tenant.arena, MEGAN, APPROVERS, &member, &tenant_err));
	assert_true(member);
	assert_ok(ad_graph_is_member(
		&tenant.graph, tenant.arena, ALEX, APPROVERS, &member, &tenant_err));
	assert_false(member);
}

static void members_come_over_all_pages_or_not_at_all(void **state)
{
	(void)state;
	struct ad_graph_user *users;
	size_t count = 0;
	tenant_fault(ad_printf(tenant.arena,
		"{\"match\":\"graph\",\"contains\":\"transitiveMembers\",\"status\":200,\"body\":{"
		"\"@odata.nextLink\":\"%s/v1.0/groups/" EVERYONE "/transitiveMembers?$top=4\","
		"\"value\":[{\"@odata.type\":\"#microsoft.graph.user\",\"id\":\"" NORA "\"},"
		"{\"@odata.type\":\"#microsoft.graph.device\",\"id\":\"" NOBODY "\"}]}}",
		tenant.graph_url));
	assert_ok(ad_graph_group_members(
		&tenant.graph, tenant.arena, EVERYONE, 100, &users, &count, &tenant_err));
	assert_int_equal(count, 1 + 6);
	assert_int_equal(tenant_calls("path=transitiveMembers"), 3);
	assert_int_equal(ad_graph_group_members(&tenant.graph, tenant.arena, EVERYONE, 5, &users,
				 &count, &tenant_err),
		AD_ETOOBIG);
	assert_int_equal(count, 5); /* the first ones are there */
}

static void devices_come_newest_first_and_only_those_that_packages_run_on(void **state)
{
	(void)state;
	struct ad_graph_device *devices;
	size_t count = 0;
	(void)tenant_send("POST", "/control/people/alex/devices",
		"{\"devices\":[{\"name\":\"PC-OLD\",\"lastSync\":\"2026-01-01T00:00:00Z\"},"
		"{\"name\":\"PHONE\",\"system\":\"iOS\"},"
		"{\"name\":\"PC-NEW\\n\",\"compliance\":\"noncompliant\","
		"\"lastSync\":\"2026-03-01T00:00:00Z\"},"
		"{\"name\":\"PC-MID\",\"lastSync\":\"2026-02-01T00:00:00Z\"}]}");
	assert_ok(
		ad_graph_devices(&tenant.graph, tenant.arena, ALEX, &devices, &count, &tenant_err));
	assert_int_equal(count, 3);
	assert_string_equal(devices[0].name, "PC-NEW");
	assert_string_equal(devices[0].compliance, "noncompliant");
	assert_string_equal(devices[1].name, "PC-MID");
	assert_string_equal(devices[2].name, "PC-OLD");
	assert_true(ad_text_is_guid(devices[2].id));
	assert_ok(
		ad_graph_devices(&tenant.graph, tenant.arena, NORA, &devices, &count, &tenant_err));
	assert_int_equal(count, 0);
	assert_int_equal(ad_graph_devices(&tenant.graph, tenant.arena, NOBODY, &devices, &count,
				 &tenant_err),
		AD_ENOTFOUND);
}

static void of_very_many_devices_the_newest_are_taken(void **state)
{
	(void)state;
	struct ad_graph_device *devices;
	size_t count = 0;
	const char *list = "";
	for (int i = 0; i < AD_GRAPH_DEVICES_MAX + 5; i++)
		list = ad_printf(tenant.arena,
			"%s%s{\"name\":\"PC-%02d\",\"lastSync\":\"2026-01-%02dT00:00:00Z\"}", list,
			i > 0 ? "," : "", i, i + 1);
	(void)tenant_send("POST", "/control/people/alex/devices",
		ad_printf(tenant.arena, "{\"devices\":[%s]}", list));
	assert_ok(
		ad_graph_devices(&tenant.graph, tenant.arena, ALEX, &devices, &count, &tenant_err));
	assert_int_equal(count, AD_GRAPH_DEVICES_MAX);
	for (int i = 0; i < AD_GRAPH_DEVICES_MAX; i++)
		assert_string_equal(devices[i].name,
			ad_printf(tenant.arena, "PC-%02d", AD_GRAPH_DEVICES_MAX + 4 - i));
}

static void who_may_not_see_devices_is_told_so(void **state)
{
	(void)state;
	struct ad_graph_device *devices;
	size_t count;
	assert_ok(ad_graph_devices_allowed(&tenant.graph, tenant.arena, &tenant_err));
	tenant_fault(
		"{\"match\":\"graph\",\"contains\":\"managedDevices\",\"count\":2,\"status\":403}");
	assert_int_equal(
		ad_graph_devices(&tenant.graph, tenant.arena, ALEX, &devices, &count, &tenant_err),
		AD_EDENIED);
	assert_int_equal(
		ad_graph_devices_allowed(&tenant.graph, tenant.arena, &tenant_err), AD_EDENIED);
}

static void a_page_elsewhere_gets_no_token(void **state)
{
	(void)state;
	struct ad_graph_user *users;
	size_t count;
	tenant_fault(
		"{\"match\":\"graph\",\"contains\":\"transitiveMembers\",\"status\":200,"
		"\"body\":{\"value\":[],\"@odata.nextLink\":\"http://127.0.0.1:9/graph/v1.0/x\"}}");
	assert_int_equal(ad_graph_group_members(&tenant.graph, tenant.arena, EVERYONE, 5, &users,
				 &count, &tenant_err),
		AD_EINVAL);
}

static void a_group_is_made_once(void **state)
{
	(void)state;
	char *first;
	char *second;
	const struct ad_graph_group_wish wish = { .name = "AppDesk - It's \"7-Zip\" (x64)",
		.marker = "[AppDesk|app|7]" };
	const struct ad_graph_group_wish namesake = { .name = wish.name,
		.marker = "[AppDesk|app|8]" };
	assert_ok(ad_graph_group_ensure(&tenant.graph, tenant.arena, &wish, &first, &tenant_err));
	assert_ok(ad_graph_group_ensure(&tenant.graph, tenant.arena, &wish, &second, &tenant_err));
	assert_string_equal(first, second);
	assert_ok(ad_graph_group_ensure(
		&tenant.graph, tenant.arena, &namesake, &second, &tenant_err));
	assert_string_not_equal(first, second);
}

static void a_group_that_was_made_without_our_knowing_is_found(void **state)
{
	(void)state;
	char *id;
	const struct ad_graph_group_wish wish = { .name = "AppDesk - X",
		.marker = "[AppDesk|app|9]" };
	tenant_fault("{\"match\":\"graph\",\"method\":\"POST\",\"contains\":\"/"
		     "groups\",\"cut\":true,\"after\":true}");
	assert_ok(ad_graph_group_ensure(&tenant.graph, tenant.arena, &wish, &id, &tenant_err));
	assert_int_equal(tenant_calls("surface=graph&method=POST&path=/groups"), 1);
}

static void joining_twice_is_joining(void **state)
{
	(void)state;
	char *id;
	bool member;
	const struct ad_graph_group_wish wish = { .name = "AppDesk - X",
		.marker = "[AppDesk|app|9]" };
	assert_ok(ad_graph_group_ensure(&tenant.graph, tenant.arena, &wish, &id, &tenant_err));
	/* A new group is not seen everywhere at once. */
	tenant_fault(
		"{\"match\":\"graph\",\"contains\":\"/members/$ref\",\"count\":2,\"status\":404}");
	assert_ok(ad_graph_group_add_member(&tenant.graph, tenant.arena, id, ALEX, &tenant_err));
	tenant.graph.patience_ms = 0;
	tenant_fault(
		"{\"match\":\"graph\",\"contains\":\"/members/$ref\",\"count\":1,\"status\":404}");
	assert_int_equal(
		ad_graph_group_add_member(&tenant.graph, tenant.arena, id, MEGAN, &tenant_err),
		AD_ENOTFOUND);
	assert_int_equal(tenant_err.class, AD_CLASS_TRANSIENT);
	assert_ok(ad_graph_group_add_member(&tenant.graph, tenant.arena, id, ALEX, &tenant_err));
	assert_ok(ad_graph_is_member(&tenant.graph, tenant.arena, ALEX, id, &member, &tenant_err));
	assert_true(member);
	assert_ok(ad_graph_group_remove_member(&tenant.graph, tenant.arena, id, ALEX, &tenant_err));
	assert_ok(ad_graph_group_remove_member(&tenant.graph, tenant.arena, id, ALEX, &tenant_err));
	assert_ok(ad_graph_is_member(&tenant.graph, tenant.arena, ALEX, id, &member, &tenant_err));
	assert_false(member);
}

static void a_refused_token_is_replaced_once(void **state)
{
	(void)state;
	struct ad_graph_user user;
	assert_ok(ad_graph_user_get(&tenant.graph, tenant.arena, ALEX, &user, &tenant_err));
	tenant.token_fetches = 0;
	(void)tenant_send("POST", "/control/tokens/revoke", "{}");
	assert_ok(ad_graph_user_get(&tenant.graph, tenant.arena, ALEX, &user, &tenant_err));
	assert_int_equal(tenant.token_fetches, 1);
}

static void throttling_is_waited_out_or_told(void **state)
{
	(void)state;
	struct ad_graph_user user;
	tenant_fault("{\"match\":\"graph\",\"count\":1,\"status\":429,\"retry_after\":1}");
	assert_ok(ad_graph_user_get(&tenant.graph, tenant.arena, ALEX, &user, &tenant_err));
	assert_true(tenant_waited_ms >= 1000);

	tenant.graph.patience_ms = 100;
	tenant_fault("{\"match\":\"graph\",\"count\":1,\"status\":429,\"retry_after\":7}");
	assert_int_equal(ad_graph_user_get(&tenant.graph, tenant.arena, ALEX, &user, &tenant_err),
		AD_ETHROTTLED);
	assert_int_equal(tenant_err.retry_after_s, 7);
	assert_int_equal(tenant_err.class, AD_CLASS_TRANSIENT);
}

static void a_failing_service_is_transient_and_a_refusal_is_not(void **state)
{
	(void)state;
	struct ad_graph_user user;
	tenant.graph.patience_ms = 0;
	tenant_fault("{\"match\":\"graph\",\"count\":1,\"status\":502}");
	assert_true(ad_graph_user_get(&tenant.graph, tenant.arena, ALEX, &user, &tenant_err) < 0);
	assert_int_equal(tenant_err.class, AD_CLASS_TRANSIENT);
	tenant_fault("{\"match\":\"graph\",\"count\":1,\"status\":403,\"body\":{\"error\":"
		     "{\"code\":\"Authorization_RequestDenied\",\"message\":\"Insufficient\\u0007 "
		     "privileges\"}}}");
	assert_int_equal(ad_graph_user_get(&tenant.graph, tenant.arena, ALEX, &user, &tenant_err),
		AD_EDENIED);
	assert_int_not_equal(tenant_err.class, AD_CLASS_TRANSIENT);
	assert_non_null(strstr(tenant_err.text, "Authorization_RequestDenied"));
	assert_null(strchr(tenant_err.text, '\a'));
	/* A second admin has to agree: nothing is broken. */
	tenant_fault("{\"match\":\"graph\",\"count\":1,\"status\":412}");
	assert_int_equal(ad_graph_user_get(&tenant.graph, tenant.arena, ALEX, &user, &tenant_err),
		AD_EUNAVAIL);
	assert_non_null(strstr(tenant_err.text, "second admin"));
	/* A page of some proxy is no answer of Graph. */
	tenant_fault("{\"match\":\"graph\",\"count\":1,\"status\":200,\"body\":\"<html>\"}");
	assert_true(ad_graph_user_get(&tenant.graph, tenant.arena, ALEX, &user, &tenant_err) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tenant_test(a_person_is_known_by_object_id),
		tenant_test(a_manager_is_named_or_there_is_none),
		tenant_test(membership_is_asked_live),
		tenant_test(members_come_over_all_pages_or_not_at_all),
		tenant_test(devices_come_newest_first_and_only_those_that_packages_run_on),
		tenant_test(of_very_many_devices_the_newest_are_taken),
		tenant_test(who_may_not_see_devices_is_told_so),
		tenant_test(a_page_elsewhere_gets_no_token),
		tenant_test(a_group_is_made_once),
		tenant_test(a_group_that_was_made_without_our_knowing_is_found),
		tenant_test(joining_twice_is_joining),
		tenant_test(a_refused_token_is_replaced_once),
		tenant_test(throttling_is_waited_out_or_told),
		tenant_test(a_failing_service_is_transient_and_a_refusal_is_not),
	};
	return cmocka_run_group_tests(tests, tenant_start, tenant_stop);
}

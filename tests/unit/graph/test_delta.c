/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of people: a full round, what has changed since, and when to begin anew. */
#include "tenant.h"

static struct ad_err tenant_err;

#define PEOPLE_MAX 64

struct round {
	struct ad_graph_change changes[PEOPLE_MAX];
	size_t count;
	size_t pages;
	const char *next;
};

/* All pages from a place on. */
static void go(const char *from, struct round *ret)
{
	struct ad_graph_delta page = { .next = from };
	*ret = (struct round){ 0 };
	do {
		assert_ok(ad_graph_users_delta(
			&tenant.graph, tenant.arena, page.next, &page, &tenant_err));
		for (size_t i = 0; i < page.count; i++) {
			assert_true(ret->count < PEOPLE_MAX);
			ret->changes[ret->count++] = page.changes[i];
		}
		ret->pages++;
	} while (!page.done);
	ret->next = page.next;
}

static const struct ad_graph_change *of(const struct round *round, const char *oid)
{
	for (size_t i = 0; i < round->count; i++)
		if (strcmp(round->changes[i].oid, oid) == 0)
			return &round->changes[i];
	fail_msg("nothing is said about %s", oid);
	abort(); /* fail_msg jumps, which the compiler does not know */
}

static void a_full_round_tells_of_everybody_over_all_pages(void **state)
{
	(void)state;
	struct round round;
	(void)tenant_send("POST", "/control/settings", "{\"delta_page\":3}");
	go("", &round);
	assert_int_equal(round.count, 7);
	assert_int_equal(round.pages, 3);
	const struct ad_graph_change *alex = of(&round, ALEX);
	assert_string_equal(alex->name, "Alex Wilber");
	assert_string_equal(alex->upn, "alexw@example.com");
	assert_string_equal(alex->department, "Marketing");
	assert_string_equal(alex->manager, ISAIAH);
	assert_int_equal(alex->enabled, AD_GRAPH_YES);
	assert_int_equal(alex->guest, AD_GRAPH_NO);
	assert_false(alex->removed);
	const struct ad_graph_change *nora = of(&round, NORA);
	assert_null(nora->manager);
	assert_null(nora->department); /* never set, so nothing is said */
	assert_int_equal(nora->guest, AD_GRAPH_YES);
	/* And nothing more from there on. */
	go(round.next, &round);
	assert_int_equal(round.count, 0);
	assert_int_equal(round.pages, 1);
	(void)tenant_send("POST", "/control/settings", "{\"delta_page\":200}");
}

static void only_what_has_changed_since_is_told(void **state)
{
	(void)state;
	struct round round;
	go("", &round);
	(void)tenant_send("POST", "/control/people/alex",
		"{\"manager\":\"megan\",\"department\":null,\"jobTitle\":\"Writer\"}");
	(void)tenant_send("POST", "/control/people/lynne", "{\"enabled\":false}");
	go(round.next, &round);
	assert_int_equal(round.count, 2);
	const struct ad_graph_change *alex = of(&round, ALEX);
	assert_string_equal(alex->manager, MEGAN);
	assert_string_equal(alex->department, "");
	assert_string_equal(alex->job_title, "Writer");
	const struct ad_graph_change *lynne = of(&round, LYNNE);
	assert_int_equal(lynne->enabled, AD_GRAPH_NO);
	assert_null(lynne->manager); /* is as it was */
}

static void who_is_deleted_is_removed_and_nobodys_manager(void **state)
{
	(void)state;
	struct round round;
	go("", &round);
	(void)tenant_send("DELETE", "/control/people/isaiah", NULL);
	go(round.next, &round);
	assert_true(of(&round, ISAIAH)->removed);
	assert_null(of(&round, ISAIAH)->name);
	assert_string_equal(of(&round, ALEX)->manager, "");
	assert_false(of(&round, ALEX)->removed);
}

static void a_person_may_come_in_pieces(void **state)
{
	(void)state;
	struct round round;
	tenant_fault(ad_printf(tenant.arena,
		"{\"match\":\"graph\",\"contains\":\"delta\",\"status\":200,\"body\":{"
		"\"@odata.deltaLink\":\"%s/v1.0/users/delta?$deltatoken=x\",\"value\":["
		"{\"id\":\"" ALEX "\",\"displayName\":\"Al\",\"mail\":null},"
		"{\"id\":\"" ALEX "\",\"manager@delta\":["
		"{\"@odata.type\":\"#microsoft.graph.user\",\"id\":\"" MEGAN "\"},"
		"{\"id\":\"" ISAIAH "\",\"@removed\":{\"reason\":\"deleted\"}}]},"
		"{\"displayName\":\"without an id\"}]}}",
		tenant.graph_url));
	go("", &round);
	assert_int_equal(round.count, 2);
	assert_string_equal(round.changes[0].name, "Al");
	assert_string_equal(round.changes[0].mail, "");
	assert_null(round.changes[0].manager);
	assert_int_equal(round.changes[0].enabled, AD_GRAPH_UNSAID);
	assert_string_equal(round.changes[1].manager, MEGAN);
	assert_null(round.changes[1].name);
}

static void a_link_that_is_forgotten_wants_a_full_round(void **state)
{
	(void)state;
	struct round round;
	struct ad_graph_delta page;
	go("", &round);
	(void)tenant_send("POST", "/control/delta/expire", "{}");
	assert_int_equal(
		ad_graph_users_delta(&tenant.graph, tenant.arena, round.next, &page, &tenant_err),
		AD_ENOTFOUND);
	assert_int_equal(tenant_err.status, 410);
	const char *torn = ad_printf(
		tenant.arena, "%s/v1.0/users/delta?$deltatoken=nonsense", tenant.graph_url);
	assert_int_equal(
		ad_graph_users_delta(&tenant.graph, tenant.arena, torn, &page, &tenant_err),
		AD_EINVAL);
	assert_int_equal(tenant_err.status, 400);
	go("", &round);
	assert_int_equal(round.count, 7);
}

static void a_link_elsewhere_gets_no_token(void **state)
{
	(void)state;
	struct ad_graph_delta page;
	const char *elsewhere = "http://127.0.0.1:9/graph/v1.0/users/delta?$deltatoken=x";
	assert_int_equal(
		ad_graph_users_delta(&tenant.graph, tenant.arena, elsewhere, &page, &tenant_err),
		AD_EINVAL);
	assert_int_equal(tenant_err.status, 0);
	tenant_fault("{\"match\":\"graph\",\"contains\":\"delta\",\"status\":200,\"body\":{"
		     "\"value\":[],\"@odata.deltaLink\":\"http://127.0.0.1:9/graph/x\"}}");
	assert_int_equal(ad_graph_users_delta(&tenant.graph, tenant.arena, "", &page, &tenant_err),
		AD_EINVAL);
	/* An answer without a link is no answer. */
	tenant_fault("{\"match\":\"graph\",\"contains\":\"delta\",\"status\":200,\"body\":{"
		     "\"value\":[]}}");
	assert_int_equal(ad_graph_users_delta(&tenant.graph, tenant.arena, "", &page, &tenant_err),
		AD_EUNAVAIL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tenant_test(a_full_round_tells_of_everybody_over_all_pages),
		tenant_test(only_what_has_changed_since_is_told),
		tenant_test(who_is_deleted_is_removed_and_nobodys_manager),
		tenant_test(a_person_may_come_in_pieces),
		tenant_test(a_link_that_is_forgotten_wants_a_full_round),
		tenant_test(a_link_elsewhere_gets_no_token),
	};
	return cmocka_run_group_tests(tests, tenant_start, tenant_stop);
}

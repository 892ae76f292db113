/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the database finds rows after some years: every named query as it is planned for a prepared
 * statement, on tables with a history of which next to nothing is open. The planner then takes
 * partial indexes for empty, which is when it goes wrong.
 */
#include "harness.h"

#include "ad/json.h"
#include "ad/text.h"

#include "../../src/db/sql.h"

#define STATEMENT_MAX 8192

/* Tables that grow as long as the counter is used, and with the number of people. */
static const char *const growing[] = { "users", "requests", "answers", "revisions", "stages",
	"stage_approvers", "decisions", "inquiries", "grants", "inbox", "outbox", "card_copies",
	"action_tokens", "jobs", "job_steps", "job_log", "audit_logs",
	"bot_conversation_references", "group_members_cache", "held_notices" };

/* Queries that walk everything, and why they may. */
static const struct {
	const char *query, *why;
} walks[] = {
	{ "apps_popular", "stops at a thousand rows of its tenant" },
	{ "apps_usual", "stops at two thousand rows of its tenant" },
	{ "audit_tenants", "begins a walk through the whole trail" },
	{ "birthrights_count", "counts people, when policies are changed" },
	{ "birthrights_due", "people, once a round of the directory for each rule" },
	{ "brakes_names", "when a brake is set" },
	{ "brakes_pending", "counts people, once a round of the directory" },
	{ "convs_any", "stops at the first row" },
	{ "directory_full", "everybody, once a day" },
	{ "groups_known", "stops at its limit; those of a group stand together" },
	{ "privacy_forget_groups", "when somebody wants their data deleted" },
	{ "proposals_in_use", "stops at the first row" },
	{ "rekey_count", "everybody, when a node starts" },
};

/* Queries that look among what is open, so they may walk a partial index. All others ask for rows
 * by their keys. */
static const char *const looks[] = { "birthrights_on_their_way", "birthrights_unchecked",
	"delegations_open_seats", "directory_asked_of", "directory_undecided",
	"directory_unsettled", "doctor_checkup", "drifts_found", "freeze_move_stages",
	"freeze_move_timers", "grants_other_reason", "jobs_list", "jobs_retry", "ledger_count",
	"ledger_list", "outbox_claim", "outbox_release_all", "rekey_mails", "rekey_packages",
	"requests_pending", "requests_waiting", "requests_waiting_lock", "rounds_job_end" };

static const char fill[] =
	"begin;"
	"create temp table n on commit drop as select n, now() - n * interval '1 hour' as t,"
	"  'person-' || n %% 400 as who, 'person-' || n %% 7 as other, n %% 50 + 1 as app"
	"  from generate_series(1, 5000) n;"
	"insert into users (tenant_id, oid, name, mail, upn, acted_manager, acted_department)"
	"  select 't', 'person-' || n, 'Person ' || n, n || '@corp', n || '@corp', '', ''"
	"  from generate_series(0, 4999) n;"
	"insert into group_members_cache (tenant_id, group_id, oid, is_member)"
	"  select 't', 'users', oid, true from users;"
	"insert into bot_conversation_references (tenant_id, oid, app_id, conversation_id,"
	"  reference, key_id) select 't', oid, 'bot', 'a:' || oid, '\\x00', 'key' from users;"
	"insert into apps (tenant_id, name, winget_id) select 't', 'App ' || n, 'Some.App' || n"
	"  from generate_series(1, 50) n;"
	"insert into requests (tenant_id, requester_oid, app_id, state, justification, reason,"
	"  created_at, changed_at, closed_at) select 't', who, app, case n %% 10 when 0 then"
	"  'failed' when 1 then 'rejected' else 'delivered' end, 'because',"
	"  case when n %% 10 = 0 then 'reason ' || n %% 5 else '' end, t, t, t from n;"
	"insert into stages (request_id, ordinal, kind, group_id, state, opened_at, closed_at)"
	"  select n, 1, 'group', 'approvers', 'approved', t, t from n;"
	"insert into stage_approvers (request_id, ordinal, oid) select n, 1, other from n;"
	"insert into decisions (request_id, ordinal, oid, decision) select n, 1, other, 'approved'"
	"  from n;"
	"insert into answers (request_id, ordinal, label, answer) select n, 1, 'Why?', 'So' from n;"
	"insert into revisions (request_id, round, line, what, before, after)"
	"  select n, 2, 1, 'days', '1', '2' from n;"
	"insert into inquiries (request_id, ordinal, asked_by, question, answer, answered_at)"
	"  select n, 1, other, 'Why?', 'So', t from n;"
	"insert into grants (tenant_id, request_id, oid, app_id, group_id, state, started_at)"
	"  select 't', n, who, app, 'group',"
	"  case when n %% 20 = 2 then 'active' else 'returned' end, t from n where n %% 10 > 1;"
	"insert into jobs (tenant_id, kind, key, state, run_at) select 't', 'package',"
	"  'app:' || app, 'succeeded', t from n;"
	"insert into job_steps (job_id, step) select n, step"
	"  from n, unnest(array['resolve', 'verify', 'wrap']) step;"
	"insert into job_log (job_id, step, event) select n, 'verify', 'failed' from n;"
	"insert into audit_logs (tenant_id, seq, user_id, action, entity_type, entity_id,"
	"  \"timestamp\", source, prev_hash, hash) select 't', n, who, 'request.created',"
	"  'request', n::text, t, 'teams', sha256('a'), sha256('b') from n;"
	"insert into inbox (conversation_id, activity_id, received_at, status)"
	"  select 'a:' || who, n, t, 200 from n;"
	"insert into outbox (tenant_id, recipient_oid, kind, fact, activity, request_id, card,"
	"  state, activity_id, done_at) select 't', who, 'send', 'request.' || n, '{}', n,"
	"  'receipt', 'sent', n, t from n;"
	"insert into card_copies (outbox_id, tenant_id, recipient_oid, card, request_id, job_id,"
	"  conversation_id, activity_id) select n, 't', who, 'receipt', n, n, 'a:' || who, n"
	"  from n;"
	"insert into action_tokens (token_sha256, tenant_id, oid, purpose, request_id, expires_at)"
	"  select sha256(n::text::bytea), 't', who, 'decide', n, t from n;"
	"insert into preferences (tenant_id, oid) select 't', oid from users;"
	"insert into held_notices (tenant_id, oid, fact, text, told_at)"
	"  select 't', who, n::text, 'news', t from n;"
	"commit";

struct plan {
	struct db_test *t;
	const char *walked; /* whole: a table or an index of all its rows; NULL: none */
	const char *looked; /* through: a partial index */
};

static bool contains(const char *const *list, size_t count, const char *one)
{
	for (size_t i = 0; i < count; i++)
		if (one && ad_text_eq(list[i], one))
			return true;
	return false;
}

static bool grows(const char *table)
{
	return contains(growing, sizeof growing / sizeof *growing, table);
}

static bool in_word(char c)
{
	return (c >= 'a' && c <= 'z') || c == '_';
}

static bool names(const char *condition, const char *column)
{
	size_t len = strlen(column);
	for (const char *at = condition; at && (at = strstr(at, column)); at++)
		if ((at == condition || !in_word(at[-1])) && !in_word(at[len]))
			return true;
	return false;
}

/* With a condition on the first column of the index; the tenant says nothing where there is one. */
static bool finds(struct db_test *t, const char *index, const char *condition)
{
	const char *column = db_test_text(t,
		"select c from pg_index, generate_series(1, indnkeyatts::int) k,"
		" pg_get_indexdef(indexrelid, k, true) c"
		" where indexrelid = '%s'::regclass and c <> 'tenant_id' order by k limit 1",
		index);
	return names(condition, column);
}

static const char *table_of(struct db_test *t, const char *index)
{
	return db_test_text(t,
		"select relname from pg_class, pg_index where pg_class.oid = indrelid"
		" and indexrelid = '%s'::regclass",
		index);
}

static bool is_partial(struct db_test *t, const char *index)
{
	return db_test_int(t,
		"select (indpred is not null)::int from pg_index where indexrelid = '%s'::regclass",
		index);
}

static void judge_node(struct plan *plan, const struct ad_json *node)
{
	const char *index = ad_json_str(node, "Index Name");
	const char *table = ad_json_str(node, "Relation Name");
	if (ad_text_eq(ad_json_str(node, "Node Type"), "Seq Scan") && grows(table))
		plan->walked = table;
	if (index && grows(table_of(plan->t, index)) &&
		!finds(plan->t, index, ad_json_str(node, "Index Cond")))
		*(is_partial(plan->t, index) ? &plan->looked : &plan->walked) = index;
	const struct ad_json *below = ad_json_get(node, "Plans");
	for (below = below ? ad_json_first(below) : NULL; below; below = ad_json_next(below))
		judge_node(plan, below);
}

static const char *explain(struct db_test *t, const struct ad_sql_query *query)
{
	char statement[STATEMENT_MAX];
	int len = snprintf(statement, sizeof statement,
		"deallocate all; prepare q as %s; explain (format json) execute q", query->text);
	for (int p = 0; p < query->params && len < STATEMENT_MAX; p++)
		len += snprintf(statement + len, sizeof statement - (size_t)len, "%snull",
			p == 0 ? "(" : ", ");
	assert_true(len < STATEMENT_MAX - 1);
	return db_test_text(t, "%s%s", statement, query->params > 0 ? ")" : "");
}

static bool may_walk(const char *query)
{
	for (size_t i = 0; i < sizeof walks / sizeof *walks; i++)
		if (ad_text_eq(walks[i].query, query))
			return true;
	return false;
}

static bool judge(struct db_test *t, const struct ad_sql_query *query)
{
	struct ad_err err = { 0 };
	struct ad_json *plans;
	struct plan plan = { .t = t };
	const char *text = explain(t, query);
	bool may_look = contains(looks, sizeof looks / sizeof *looks, query->name);
	assert_ok(ad_json_parse(t->arena, text, strlen(text), &plans, &err), err);
	judge_node(&plan, ad_json_get(ad_json_first(plans), "Plan"));
	bool good = may_walk(query->name) ? plan.walked != NULL
					  : !plan.walked && (may_look || !plan.looked);
	if (!good)
		print_error("%s walks through %s and %s\n", query->name,
			plan.walked ? plan.walked : "nothing",
			plan.looked ? plan.looked : "nothing");
	return good;
}

static void no_query_walks_what_is_over(void **state)
{
	struct db_test *t = *state;
	bool good = true;
	db_test_sql(t, fill);
	db_test_sql(t, "vacuum analyze");
	db_test_sql(t, "set plan_cache_mode = force_generic_plan");
	for (int i = 0; i < ad_sql_query_count; i++)
		if (!ad_text_starts(ad_sql_queries[i].name, "schema_"))
			good &= judge(t, &ad_sql_queries[i]);
	assert_true(good);
}

int main(void)
{
	const struct CMUnitTest tests[] = { db_test(no_query_walks_what_is_over) };
	return db_test_run(tests);
}

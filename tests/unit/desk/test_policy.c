/* SPDX-License-Identifier: Apache-2.0 */
/* Policies as documents: what is read, what is refused and with which words, and that printing is
 * the way back. */
#include "policy_json.h"
#include "ad/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static struct ad_arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = ad_arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ad_arena_free(arena);
	return 0;
}

static int read_policy(const char *text, struct ad_policy *ret, struct ad_err *err)
{
	struct ad_json *document;
	assert_int_equal(ad_json_parse(arena, text, strlen(text), &document, err), 0);
	return ad_policy_read(arena, document, ret, err);
}

/* Every member, none with its usual value. */
static const char full[] =
	"{\"name\":\"design\",\"priority\":20,"
	"\"match\":{\"packages\":[\"Figma.*\",\"7zip.7zip\"],\"classifications\":[\"high\"],"
	"\"groups\":[\"aaaaaaaa-0000-4000-8000-000000000001\"],\"departments\":[\"Design\"],"
	"\"guests\":true},"
	"\"questions\":[{\"label\":\"Which project?\",\"required\":true},"
	"{\"label\":\"Where?\",\"choices\":[\"Here\",\"There\"]}],"
	"\"stages\":[{\"ask\":\"manager\",\"timeout_min\":2880,"
	"\"alternates\":[\"app_owner\",{\"user\":\"aaaaaaaa-0000-4000-8000-000000000002\"}]},"
	"{\"ask\":{\"group\":\"aaaaaaaa-0000-4000-8000-000000000003\"},\"need\":2,"
	"\"reject_ends\":false},{\"ask\":\"admins\",\"need\":\"all\",\"timeout_min\":60,"
	"\"on_timeout\":\"approve\"},{\"ask\":\"group\"}],"
	"\"automatic\":{\"max\":3,\"window_days\":30},\"grant_days\":30,\"grant_max_days\":90,"
	"\"follow\":false,\"undo_min\":0,\"ask_owner\":true,"
	"\"hours\":{\"from\":\"08:30\",\"until\":\"24:00\",\"days\":[\"mon\",\"sun\"],"
	"\"time_zone\":\"Europe/Berlin\"}}";

static void every_member_is_read(void **state)
{
	(void)state;
	struct ad_policy policy;
	struct ad_err err = { 0 };
	assert_int_equal(read_policy(full, &policy, &err), 0);
	assert_string_equal(policy.name, "design");
	assert_int_equal(policy.priority, 20);
	assert_int_equal(policy.match.package_count, 2);
	assert_string_equal(policy.match.packages[0], "Figma.*");
	assert_string_equal(policy.match.classifications[0], "high");
	assert_string_equal(policy.match.groups[0], "aaaaaaaa-0000-4000-8000-000000000001");
	assert_string_equal(policy.match.departments[0], "Design");
	assert_true(policy.match.guests);
	assert_int_equal(policy.question_count, 2);
	assert_true(policy.questions[0].required);
	assert_false(policy.questions[0].is_choice);
	assert_true(policy.questions[1].is_choice);
	assert_string_equal(policy.questions[1].choices[1], "There");
	assert_int_equal(policy.stage_count, 4);
	assert_int_equal(policy.stages[0].ask.kind, AD_ASKED_MANAGER);
	assert_int_equal(policy.stages[0].need, 1);
	assert_int_equal(policy.stages[0].timeout_min, 2880);
	assert_int_equal(policy.stages[0].alternate_count, 2);
	assert_int_equal(policy.stages[0].alternates[1].kind, AD_ASKED_USER);
	assert_string_equal(policy.stages[1].ask.ref, "aaaaaaaa-0000-4000-8000-000000000003");
	assert_int_equal(policy.stages[1].need, 2);
	assert_false(policy.stages[1].reject_ends);
	assert_int_equal(policy.stages[2].need, 0);
	assert_int_equal(policy.stages[2].on_timeout, AD_TIMEOUT_APPROVE);
	assert_int_equal(policy.stages[3].ask.kind, AD_ASKED_GROUP);
	assert_string_equal(policy.stages[3].ask.ref, "");
	assert_true(policy.automatic.on);
	assert_int_equal(policy.automatic.max, 3);
	assert_int_equal(policy.automatic.window_days, 30);
	assert_int_equal(policy.grant_days, 30);
	assert_int_equal(policy.grant_max_days, 90);
	assert_false(policy.follow);
	assert_int_equal(policy.undo_min, 0);
	assert_true(policy.ask_owner);
	assert_true(policy.hours.on);
	assert_int_equal(policy.hours.from_min, 8 * 60 + 30);
	assert_int_equal(policy.hours.until_min, 24 * 60);
	assert_int_equal(policy.hours.days, 0x41);
}

static void printing_is_the_way_back(void **state)
{
	(void)state;
	static const char *const documents[] = { full,
		"{\"name\":\"no\",\"priority\":5,\"refusal\":\"Not here.\"}",
		"{\"name\":\"plain\",\"priority\":100,\"stages\":[{\"ask\":\"manager\"}]}",
		"{\"name\":\"device\",\"priority\":100,\"stages\":[{\"ask\":\"manager\"}],"
		"\"require_compliant_device\":true,\"device_refusal\":\"Call 4711.\"}" };
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		struct ad_policy policy;
		struct ad_err err = { 0 };
		assert_int_equal(read_policy(documents[i], &policy, &err), 0);
		assert_string_equal(
			ad_json_print(arena, ad_policy_print(arena, &policy)), documents[i]);
	}
}

static void what_is_not_said_has_its_usual_value(void **state)
{
	(void)state;
	struct ad_policy policy;
	struct ad_err err = { 0 };
	assert_int_equal(
		read_policy("{\"name\":\"p\",\"stages\":[{\"ask\":\"group\"}]}", &policy, &err), 0);
	assert_int_equal(policy.priority, 100);
	assert_int_equal(policy.undo_min, AD_UNDO_MIN);
	assert_true(policy.follow);
	assert_false(policy.match.guests);
	assert_false(policy.automatic.on);
	assert_false(policy.hours.on);
	assert_null(policy.refusal);
	assert_int_equal(policy.stages[0].timeout_min, 0);
	assert_true(policy.stages[0].reject_ends);
}

static void an_automatic_rule_asks_the_approvers_when_it_does_not_approve(void **state)
{
	(void)state;
	struct ad_policy policy;
	struct ad_err err = { 0 };
	assert_int_equal(
		read_policy("{\"name\":\"p\",\"automatic\":{\"max\":3,\"window_days\":30}}",
			&policy, &err),
		0);
	assert_int_equal(policy.stage_count, 1);
	assert_int_equal(policy.stages[0].ask.kind, AD_ASKED_GROUP);
	assert_string_equal(policy.stages[0].ask.ref, "");
}

static void a_birthright_has_a_grace_and_asks_the_approvers_when_it_does_not_count(void **state)
{
	(void)state;
	struct ad_policy policy;
	struct ad_err err = { 0 };
	assert_int_equal(read_policy("{\"name\":\"p\",\"birthright\":{},\"match\":{\"packages\":"
				     "[\"A.B\"],\"titles\":[\"Cook\"]}}",
				 &policy, &err),
		0);
	assert_true(policy.birthright.on);
	assert_int_equal(policy.birthright.grace_days, 14);
	assert_string_equal(policy.match.titles[0], "Cook");
	assert_int_equal(policy.stage_count, 1);
}

/* A policy with one member more, and words that the error must have. */
static const struct {
	const char *text;
	const char *says;
} faults[] = {
	{ "[]", "a policy: must be an object" },
	{ "{\"priority\":1}", "a policy: name must be a text" },
	{ "{\"name\":\"  \"}", "name must be a text of 1 to 64" },
	{ "{\"name\":\"p\",\"stagse\":[]}", "unknown member 'stagse'; there are name, priority" },
	{ "{\"name\":\"p\"}", "policy 'p': needs stages" },
	{ "{\"name\":\"p\",\"stages\":[]}", "policy 'p': needs stages" },
	{ "{\"name\":\"p\",\"refusal\":\"\"}", "refusal must be a text" },
	{ "{\"name\":\"p\",\"refusal\":\"No\",\"stages\":[{\"ask\":\"manager\"}]}", "refuses" },
	{ "{\"name\":\"p\",\"priority\":1.5,\"stages\":[]}", "priority must be a whole number" },
	{ "{\"name\":\"p\",\"priority\":\"1\",\"stages\":[]}", "priority must be a whole number" },
	{ "{\"name\":\"p\",\"priority\":-1,\"stages\":[]}", "from 0 to 10000" },
	{ "{\"name\":\"p\",\"priority\":1e300,\"stages\":[]}", "from 0 to 10000" },
	{ "{\"name\":\"p\",\"follow\":1,\"stages\":[]}", "follow must be true or false" },
	{ "{\"name\":\"p\",\"stages\":{}}", "stages must be a list of at most 8" },
	{ "{\"name\":\"p\",\"stages\":[{\"ask\":\"boss\"}]}", "stages[0].ask must be \"manager\"" },
	{ "{\"name\":\"p\",\"stages\":[{\"ask\":\"user\"}]}", "stages[0].ask must be \"manager\"" },
	{ "{\"name\":\"p\",\"stages\":[{}]}", "stages[0].ask must be" },
	{ "{\"name\":\"p\",\"stages\":[{\"ask\":{\"group\":\"x\"}}]}",
		"stages[0].ask.group must be an object id" },
	{ "{\"name\":\"p\",\"stages\":[{\"ask\":{\"group\":\"x\",\"user\":\"y\"}}]}",
		"stages[0].ask must be" },
	{ "{\"name\":\"p\",\"stages\":[{\"ask\":\"manager\",\"tiemout\":1}]}",
		"stages[0] has an unknown member 'tiemout'" },
	{ "{\"name\":\"p\",\"stages\":[{\"ask\":\"manager\",\"need\":0}]}",
		"stages[0].need must be a whole number from 1 to 50" },
	{ "{\"name\":\"p\",\"stages\":[{\"ask\":\"manager\",\"need\":\"most\"}]}", "or \"all\"" },
	{ "{\"name\":\"p\",\"stages\":[{\"ask\":\"manager\",\"on_timeout\":\"approve\"}]}",
		"stages[0].on_timeout is \"approve\", but the stage has no timeout_min" },
	{ "{\"name\":\"p\",\"stages\":[{\"ask\":\"manager\",\"on_timeout\":\"wait\"}]}",
		"must be \"expire\" or \"approve\"" },
	{ "{\"name\":\"p\",\"stages\":[{\"ask\":\"manager\",\"alternates\":[\"x\"]}]}",
		"stages[0].alternates[0] must be" },
	{ "{\"name\":\"p\",\"match\":{\"classifications\":[\"secret\"]},\"stages\":[]}",
		"match.classifications[0] must be low, medium, high or critical" },
	{ "{\"name\":\"p\",\"match\":{\"packages\":[\"A.*.B\"]},\"stages\":[]}",
		"match.packages[0] may have a star at its end alone" },
	{ "{\"name\":\"p\",\"match\":{\"package\":[]},\"stages\":[]}",
		"match has an unknown member 'package'" },
	{ "{\"name\":\"p\",\"match\":{\"groups\":[\"Sales\"]},\"stages\":[]}",
		"match.groups[0] must be an object id" },
	{ "{\"name\":\"p\",\"automatic\":{\"max\":3}}", "automatic needs max and window_days" },
	{ "{\"name\":\"p\",\"automatic\":{\"max\":0,\"window_days\":1}}",
		"automatic.max must be a whole number from 1" },
	{ "{\"name\":\"p\",\"automatic\":true}", "automatic must be an object" },
	{ "{\"name\":\"p\",\"birthright\":true}", "birthright must be an object" },
	{ "{\"name\":\"p\",\"birthright\":{\"grace\":1}}", "birthright has an unknown member" },
	{ "{\"name\":\"p\",\"birthright\":{\"grace_days\":366}}", "from 0 to 365" },
	{ "{\"name\":\"p\",\"birthright\":{}}", "match must name its packages" },
	{ "{\"name\":\"p\",\"birthright\":{},\"match\":{\"packages\":[\"A.*\"],"
	  "\"departments\":[\"IT\"]}}",
		"match must name its packages, without a star" },
	{ "{\"name\":\"p\",\"birthright\":{},\"match\":{\"packages\":[\"A.B\"]}}",
		"match must name departments, titles or groups" },
	{ "{\"name\":\"p\",\"birthright\":{},\"match\":{\"packages\":[\"A.B\"],"
	  "\"titles\":[\"Cook\"],\"guests\":true}}",
		"leave out the refusal and the guests" },
	{ "{\"name\":\"p\",\"require_compliant_device\":1,\"stages\":[]}",
		"require_compliant_device must be true or false" },
	{ "{\"name\":\"p\",\"device_refusal\":\"Call us\",\"stages\":[{\"ask\":\"group\"}]}",
		"has a device_refusal: it needs require_compliant_device" },
	{ "{\"name\":\"p\",\"require_compliant_device\":true,\"refusal\":\"No\"}",
		"leave that out, or the refusal" },
	{ "{\"name\":\"p\",\"require_compliant_device\":true,\"birthright\":{},"
	  "\"match\":{\"packages\":[\"A.B\"],\"titles\":[\"Cook\"]}}",
		"leave that out, or the refusal and the birthright" },
	{ "{\"name\":\"p\",\"require_compliant_device\":true,\"stages\":[{\"ask\":\"group\"},"
	  "{\"ask\":\"manager\",\"timeout_min\":60,\"on_timeout\":\"approve\"}]}",
		"requires a compliant device: no stage may approve by timeout" },
	{ "{\"name\":\"p\",\"questions\":[{\"label\":\"Why?\",\"choices\":[]}]}",
		"questions[0].choices are empty" },
	{ "{\"name\":\"p\",\"questions\":[{\"choices\":[\"a\"]}]}", "questions[0].label must be" },
	{ "{\"name\":\"p\",\"grant_days\":91,\"grant_max_days\":90,"
	  "\"stages\":[{\"ask\":\"manager\"}]}",
		"offers 91 days and allows 90" },
	{ "{\"name\":\"p\",\"hours\":{\"from\":\"9\",\"until\":\"17:00\"}}",
		"hours.from must be a time of day" },
	{ "{\"name\":\"p\",\"hours\":{\"from\":\"09:00\",\"until\":\"24:01\"}}",
		"hours.until must be a time of day" },
	{ "{\"name\":\"p\",\"hours\":{\"from\":\"09:00\",\"until\":\"17:00\",\"days\":[]}}",
		"hours.days must name a day" },
	{ "{\"name\":\"p\",\"hours\":{\"from\":\"09:00\",\"until\":\"17:00\",\"days\":[\"Mo\"]}}",
		"hours.days[0] must be mon" },
	{ "{\"name\":\"p\",\"hours\":{\"from\":\"17:00\",\"until\":\"09:00\",\"days\":[\"mon\"],"
	  "\"time_zone\":\"UTC\"}}",
		"hours must end after they begin" },
};

static void each_fault_names_policy_place_and_remedy(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct ad_policy policy;
		struct ad_err err = { 0 };
		assert_int_equal(read_policy(faults[i].text, &policy, &err), AD_EINVAL);
		if (!strstr(err.text, faults[i].says))
			fail_msg("%s\nsays: %s\nnot: %s", faults[i].text, err.text, faults[i].says);
	}
}

static void lists_have_limits(void **state)
{
	(void)state;
	struct ad_policy policy;
	struct ad_err err = { 0 };
	const char *stages = "{\"ask\":\"manager\"}";
	for (int i = 1; i < AD_STAGES_MAX + 1; i++)
		stages = ad_printf(arena, "%s,{\"ask\":\"manager\"}", stages);
	assert_int_equal(read_policy(ad_printf(arena, "{\"name\":\"p\",\"stages\":[%s]}", stages),
				 &policy, &err),
		AD_EINVAL);
	assert_non_null(strstr(err.text, "at most 8"));
}

/* ---- files ---- */

static int read_file(const char *text, struct ad_policy_file *ret, struct ad_err *err)
{
	return ad_policy_file_read(arena, text, strlen(text), ret, err);
}

#define STAGES "\"stages\":[{\"ask\":\"manager\"}]"

static void a_file_is_sorted_by_what_counts_first(void **state)
{
	(void)state;
	struct ad_policy_file file;
	struct ad_err err = { 0 };
	assert_int_equal(
		read_file(
			"{\"policies\":[{\"name\":\"b\"," STAGES "},{\"name\":\"a\"," STAGES
			"},{\"name\":\"z\",\"priority\":1," STAGES "}],"
			"\"incompatibilities\":[[\"Z.z\",\"a.a\",\"Because\"],[\"A.a\",\"B.b\"]]}",
			&file, &err),
		0);
	assert_int_equal(file.count, 3);
	assert_string_equal(file.policies[0].name, "z");
	assert_string_equal(file.policies[1].name, "a");
	assert_string_equal(file.policies[2].name, "b");
	assert_true(file.has_pairs);
	assert_int_equal(file.pair_count, 2);
	assert_string_equal(file.pairs[1].a, "a.a");
	assert_string_equal(file.pairs[1].b, "Z.z");
	assert_string_equal(file.pairs[1].reason, "Because");
	/* And printed it is a file again. */
	const char *printed = ad_json_print(arena, ad_policy_file_print(arena, &file));
	struct ad_policy_file again;
	assert_int_equal(read_file(printed, &again, &err), 0);
	assert_string_equal(ad_json_print(arena, ad_policy_file_print(arena, &again)), printed);
}

static void a_file_may_be_empty_and_silent_about_pairs(void **state)
{
	(void)state;
	struct ad_policy_file file;
	struct ad_err err = { 0 };
	assert_int_equal(read_file("{\"policies\":[]}", &file, &err), 0);
	assert_int_equal(file.count, 0);
	assert_false(file.has_pairs);
	assert_int_equal(read_file("{\"policies\":[],\"incompatibilities\":[]}", &file, &err), 0);
	assert_true(file.has_pairs);
}

static void faults_of_a_file_say_where(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *says;
	} cases[] = {
		{ "{", "is not JSON" },
		{ "{}", "policies are missing" },
		{ "{\"policies\":{}}", "policies must be a list of at most 200" },
		{ "{\"policies\":[],\"more\":1}", "unknown member 'more'" },
		{ "{\"policies\":[{\"name\":\"p\"}]}", "policies[0]: policy 'p': needs stages" },
		{ "{\"policies\":[{\"name\":\"p\"," STAGES "},{\"name\":\"p\"," STAGES "}]}",
			"name 'p' twice" },
		{ "{\"policies\":[],\"incompatibilities\":[[\"a\"]]}",
			"incompatibilities[0] must be two packages" },
		{ "{\"policies\":[],\"incompatibilities\":[[\"a\",1]]}",
			"incompatibilities[0][1] must be a text" },
		{ "{\"policies\":[],\"incompatibilities\":[[\"a\",\"A\"]]}",
			"names one package twice" },
		{ "{\"policies\":[],\"incompatibilities\":[[\"a\",\"b\"],[\"B\",\"a\"]]}",
			"name a and B twice" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ad_policy_file file;
		struct ad_err err = { 0 };
		assert_int_equal(read_file(cases[i].text, &file, &err), AD_EINVAL);
		if (!strstr(err.text, cases[i].says))
			fail_msg("%s\nsays: %s", cases[i].text, err.text);
	}
}

static void a_file_has_so_many_entries(void **state)
{
	(void)state;
	const char *list = "\"a\"";
	for (int i = 1; i < 100; i++)
		list = ad_printf(arena, "%s,\"a\"", list);
	const char *policies = "";
	for (int i = 0; i < AD_POLICY_ENTRIES_MAX / 100 + 1; i++)
		policies = ad_printf(arena,
			"%s%s{\"name\":\"p%d\",\"match\":{\"packages\":[%s]}," STAGES "}", policies,
			i > 0 ? "," : "", i, list);
	struct ad_policy_file file;
	struct ad_err err = { 0 };
	assert_int_equal(read_file(ad_printf(arena, "{\"policies\":[%s]}", policies), &file, &err),
		AD_EINVAL);
	assert_non_null(strstr(err.text, "policies have 2100 entries"));
}

static void a_file_has_a_largest_size(void **state)
{
	(void)state;
	struct ad_policy_file file;
	struct ad_err err = { 0 };
	assert_int_equal(
		ad_policy_file_read(arena, "", AD_POLICY_FILE_MAX + 1, &file, &err), AD_ETOOBIG);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_member_is_read),
		TEST(printing_is_the_way_back),
		TEST(what_is_not_said_has_its_usual_value),
		TEST(an_automatic_rule_asks_the_approvers_when_it_does_not_approve),
		TEST(a_birthright_has_a_grace_and_asks_the_approvers_when_it_does_not_count),
		TEST(each_fault_names_policy_place_and_remedy),
		TEST(lists_have_limits),
		TEST(a_file_is_sorted_by_what_counts_first),
		TEST(a_file_may_be_empty_and_silent_about_pairs),
		TEST(faults_of_a_file_say_where),
		TEST(a_file_has_so_many_entries),
		TEST(a_file_has_a_largest_size),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

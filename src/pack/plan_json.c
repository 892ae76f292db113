/* SPDX-License-Identifier: Apache-2.0 */
/* The plan for evidence and for people. */
#include "ad/pack.h"

static struct ad_json *rule_json(struct ad_arena *arena, const struct ad_pack_rule *rule)
{
	static const char *const words[] = { [AD_PACK_EXISTS] = "exists",
		[AD_PACK_VERSION_AT_LEAST] = "version at least",
		[AD_PACK_TEXT_EQUAL] = "text equal" };
	struct ad_json *json = ad_json_new_object(arena);
	if (rule->product_code) {
		ad_json_set_str(arena, json, "product_code", rule->product_code);
	} else {
		ad_json_set_str(arena, json, "key", rule->key);
		ad_json_set_str(arena, json, "value", rule->value);
		ad_json_set_bool(arena, json, "in_32bit_view", rule->in_32bit_view);
	}
	ad_json_set_str(arena, json, "compare", words[rule->compare]);
	if (rule->version)
		ad_json_set_str(arena, json, "version", rule->version);
	return json;
}

static struct ad_json *return_codes_json(struct ad_arena *arena, const struct ad_pack_plan *plan)
{
	static const char *const words[] = { [AD_PACK_SUCCESS] = "success",
		[AD_PACK_SOFT_REBOOT] = "soft reboot",
		[AD_PACK_HARD_REBOOT] = "hard reboot",
		[AD_PACK_RETRY] = "retry",
		[AD_PACK_FAILED] = "failed" };
	struct ad_json *list = ad_json_new_array(arena);
	for (size_t i = 0; i < plan->return_codes_count; i++) {
		const struct ad_pack_return_code *code = &plan->return_codes[i];
		ad_json_append(arena, list,
			ad_json_new_string(arena,
				ad_printf(arena, "%d %s", (int)code->code, words[code->outcome])));
	}
	return list;
}

struct ad_json *ad_pack_plan_json(struct ad_arena *arena, const struct ad_pack_plan *plan)
{
	struct ad_json *json = ad_json_new_object(arena);
	ad_json_set_str(arena, json, "setup_file", plan->setup_file);
	ad_json_set_str(arena, json, "install", plan->install_command);
	ad_json_set_str(arena, json, "uninstall", plan->uninstall_command);
	ad_json_set_str(arena, json, "runs_as", plan->user_scope ? "user" : "system");
	ad_json_set_str(arena, json, "architectures", plan->architectures);
	ad_json_set_str(arena, json, "minimum_release", plan->minimum_release);
	struct ad_json *rules = ad_json_new_array(arena);
	for (size_t i = 0; i < plan->rules_count; i++)
		ad_json_append(arena, rules, rule_json(arena, &plan->rules[i]));
	ad_json_set(arena, json, "detection", rules);
	ad_json_set(arena, json, "return_codes", return_codes_json(arena, plan));
	if (plan->remark)
		ad_json_set_str(arena, json, "remark", plan->remark);
	return json;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Promises of ad_policy_file_read, about any file: an error says something; what is taken is the
 * same when it is printed and read again, in the order in which it is looked at, and makes nothing
 * laxer than itself.
 */
#include "fuzz.h"

#include "ad/text.h"
#include "policy_json.h"

static const char *print(struct ad_arena *arena, const struct ad_policy_file *file)
{
	return ad_json_print(arena, ad_policy_file_print(arena, file));
}

static void check_again(struct ad_arena *arena, const struct ad_policy_file *file)
{
	struct ad_policy_file again;
	const char *text = print(arena, file);
	AD_ASSERT(ad_policy_file_read(arena, text, strlen(text), &again, NULL) == 0);
	AD_ASSERT(ad_text_eq(print(arena, &again), text));
	AD_ASSERT(again.count == file->count && again.pair_count == file->pair_count);
}

static void check_order(const struct ad_policy_file *file)
{
	for (size_t i = 1; i < file->count; i++)
		AD_ASSERT(ad_policy_precedes(&file->policies[i - 1], &file->policies[i]));
	for (size_t i = 0; i < file->count; i++)
		AD_ASSERT(file->policies[i].refusal || file->policies[i].stage_count > 0);
}

static void check_weakening(const struct ad_policy_file *file)
{
	const struct ad_policies set = { file->policies, file->count };
	struct ad_policy_shift shift;
	AD_ASSERT(ad_policies_weaken(&set, &set, &shift, 1) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_policy_file file;
	struct ad_err err = { 0 };
	int rc = ad_policy_file_read(arena, (const char *)data, len, &file, &err);
	AD_ASSERT(rc == 0 || (err.code == rc && err.text[0]));
	if (rc == 0) {
		check_again(arena, &file);
		check_order(&file);
		check_weakening(&file);
	}
	ad_arena_free(arena);
	return 0;
}

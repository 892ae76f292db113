/* SPDX-License-Identifier: Apache-2.0 */
/* What strict JSON takes is UTF-8, within its limits, and says the same when it is printed and read
 * again. */
#include "fuzz.h"

#include "ad/json.h"
#include "ad/text.h"

static size_t depth_of(const struct ad_json *value)
{
	size_t deepest = 0;
	AD_JSON_EACH(item, value)
	{
		size_t depth = depth_of(item);
		deepest = depth > deepest ? depth : deepest;
	}
	bool container =
		ad_json_kind(value) == AD_JSON_ARRAY || ad_json_kind(value) == AD_JSON_OBJECT;
	return container ? deepest + 1 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ad_arena *arena = ad_arena_new();
	const char *text = (const char *)data;
	struct ad_json *value = NULL;
	struct ad_json *again = NULL;
	struct ad_err err = { 0 };
	int rc = ad_json_parse(arena, text, size, &value, &err);
	if (rc == 0) {
		AD_ASSERT(ad_utf8_valid(text, size) && !memchr(text, '\0', size));
		AD_ASSERT(depth_of(value) <= AD_JSON_DEPTH_MAX);
		const char *printed = ad_json_print(arena, value);
		AD_ASSERT(ad_json_parse(arena, printed, strlen(printed), &again, &err) == 0);
		AD_ASSERT(strcmp(printed, ad_json_print(arena, again)) == 0);
	} else {
		AD_ASSERT(rc == AD_EINVAL || rc == AD_ETOOBIG);
		AD_ASSERT(err.text[0] != '\0');
	}
	ad_arena_free(arena);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Settings, and the small helpers of dt.h. */
#include "settings.h"

#include "ad/clock.h"
#include "ad/text.h"
#include "crypt.h"

#include <string.h>

static const struct {
	const char *name;
	int64_t usual;
} known[] = {
	{ "pending_polls", 1 },
	{ "sas_lifetime_s", 900 },
	{ "token_lifetime_s", 3599 },
	{ "identity_expires_as", 0 },
	{ "new_group_misses", 1 },
	{ "member_page", 100 },
	{ "delta_page", 200 },
	{ "bot_timeout_s", 30 },
};

int64_t dt_setting(struct dt_tenant *tenant, const char *name)
{
	struct ad_arena *arena = ad_arena_new();
	int64_t value = -1;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (ad_text_eq(known[i].name, name))
			value = ad_json_int(dt_get(tenant->store, arena, DT_SETTINGS, name),
				"value", known[i].usual);
	AD_ASSERT(value >= 0);
	ad_arena_free(arena);
	return value;
}

struct ad_json *dt_settings_list(struct dt_tenant *tenant, struct ad_arena *arena)
{
	struct ad_json *list = ad_json_new_object(arena);

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		ad_json_set_int(arena, list, known[i].name, dt_setting(tenant, known[i].name));
	return list;
}

static bool is_known(const char *name)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (ad_text_eq(known[i].name, name))
			return true;
	return false;
}

int dt_settings_change(struct dt_tenant *tenant, const struct ad_json *order, struct ad_err *err)
{
	AD_JSON_EACH(member, order)
	if (!is_known(ad_json_name(member)) || ad_json_number(member, -1) < 0)
		return AD_FAIL(err, AD_EINVAL, "there is no setting '%s' with that value",
			ad_json_name(member));
	struct ad_arena *arena = ad_arena_new();
	AD_JSON_EACH(member, order)
	{
		struct ad_json *doc = ad_json_new_object(arena);

		ad_json_set_int(arena, doc, "value", (int64_t)ad_json_number(member, 0));
		dt_put(tenant->store, DT_SETTINGS, ad_json_name(member), "", doc);
	}
	ad_arena_free(arena);
	return 0;
}

const char *dt_member(const struct ad_json *object, const char *name)
{
	return ad_json_text(ad_json_get(object, name));
}

char *dt_guid(struct ad_arena *arena)
{
	uint8_t bytes[16];

	dt_random(bytes, sizeof(bytes));
	bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
	bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
	const char *hex = ad_hex(arena, bytes, sizeof(bytes));
	return ad_printf(
		arena, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

char *dt_state_path(struct dt_tenant *tenant, struct ad_arena *arena, const char *name)
{
	return ad_printf(arena, "%s/%s", tenant->options.dir, name);
}

char *dt_now(struct ad_arena *arena)
{
	return ad_clock_iso(arena, ad_clock_unix_ms() / 1000);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The checklist on an admin's card. */
#include "ad/desk/doctor.h"
#include "parts.h"

static const struct {
	const char *mark;
	const char *color; /* of text, and the style of a container */
} looks[] = {
	[AD_CHECK_PASS] = { "✔", "good" },
	[AD_CHECK_WARN] = { "⚠", "warning" },
	[AD_CHECK_FAIL] = { "✖", "attention" },
	[AD_CHECK_CLOUD] = { "☁", "accent" },
};

static struct ad_json *row(struct ad_arena *arena, const struct ad_check *check)
{
	struct ad_json *ret = ad_json_new_object(arena);
	ad_json_set_str(arena, ret, "name", check->title);
	ad_json_set_str(arena, ret, "said", check->text);
	ad_json_set_str(arena, ret, "mark", looks[check->state].mark);
	ad_json_set_str(arena, ret, "color", looks[check->state].color);
	ad_json_set_str(arena, ret, "state", ad_check_state_name(check->state));
	return ret;
}

int ad_desk_doctor(struct ad_desk *desk, const struct ad_person *who, bool pressed,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_check *checks;
	size_t count;
	int64_t found[AD_CHECK_CLOUD + 1] = { 0 };
	struct ad_arena *arena = desk->arena;
	struct ad_json *rows = ad_json_new_array(arena);
	struct ad_json *data = ad_json_new_object(arena);
	if (!who->is_admin || !desk->machine)
		return ad_reply_not_admin(desk, who, ret, err);
	int e = ad_desk_doctor_look(desk, who->locale, &checks, &count, err);
	for (size_t i = 0; e == 0 && i < count; i++) {
		ad_json_append(arena, rows, row(arena, &checks[i]));
		found[checks[i].state]++;
	}
	if (e != 0)
		return e;
	ad_json_set(arena, data, "rows", rows);
	ad_json_set_int(arena, data, "fails", found[AD_CHECK_FAIL]);
	ad_json_set_int(arena, data, "warns", found[AD_CHECK_WARN]);
	enum ad_check_state worst = found[AD_CHECK_FAIL] > 0   ? AD_CHECK_FAIL
				    : found[AD_CHECK_WARN] > 0 ? AD_CHECK_WARN
							       : AD_CHECK_PASS;
	const char *key = worst == AD_CHECK_PASS ? "doctor.short_well" : "doctor.short";
	ad_json_set_str(arena, data, "mark", looks[worst].mark);
	ad_json_set_str(arena, data, "style", looks[worst].color);
	e = ad_words_into(desk, who->locale, key, data, "summary", err);
	if (e == 0)
		e = ad_reply_card(desk, who, "doctor", key, data, "doctor", ret, err);
	if (e == 0)
		ret->in_place = pressed;
	return e;
}

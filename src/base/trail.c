/* SPDX-License-Identifier: Apache-2.0 */
/* Trails of checks. */
#include "ad/trail.h"

#include "ad/text.h"

void ad_trail_begin(struct ad_trail *trail, const char *name)
{
	if (!trail)
		return;
	AD_ASSERT(trail->count < AD_TRAIL_MAX);
	trail->steps[trail->count++] = (struct ad_trail_step){ .name = name };
}

void ad_trail_saw(struct ad_trail *trail, const char *fmt, ...)
{
	va_list args;
	if (!trail)
		return;
	AD_ASSERT(trail->count > 0);
	va_start(args, fmt);
	trail->steps[trail->count - 1].saw = ad_vprintf(trail->arena, fmt, args);
	va_end(args);
}

const char *ad_trail_failed(const struct ad_trail *trail)
{
	if (!trail || trail->count == 0)
		return NULL;
	const struct ad_trail_step *last = &trail->steps[trail->count - 1];
	return last->saw ? NULL : last->name;
}

const char *ad_trail_why(const struct ad_trail *trail, const struct ad_err *err)
{
	const char *step = ad_trail_failed(trail);
	if (!step || !err)
		return "";
	size_t len = strlen(step);
	bool named = ad_text_starts(err->text, step) && ad_text_starts(err->text + len, ": ");
	return named ? err->text + len + 2 : err->text;
}

struct ad_json *ad_trail_json(
	struct ad_arena *arena, const struct ad_trail *trail, const struct ad_err *err)
{
	struct ad_json *list = ad_json_new_array(arena);
	for (size_t i = 0; i < trail->count; i++) {
		const struct ad_trail_step *step = &trail->steps[i];
		struct ad_json *item = ad_json_new_object(arena);
		ad_json_set_str(arena, item, "step", step->name);
		ad_json_set_bool(arena, item, "ok", step->saw != NULL);
		if (step->saw)
			ad_json_set_str(arena, item, "saw", step->saw);
		else
			ad_json_set_str(arena, item, "error", ad_trail_why(trail, err));
		ad_json_append(arena, list, item);
	}
	return list;
}

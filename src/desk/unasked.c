/* SPDX-License-Identifier: Apache-2.0 */
/* A stage that lacks people: what admins hear of it, and the person who waits. */
#include "stages.h"
#include "ad/text.h"

struct shortage {
	const char *fact;
	const char *key;
	const struct ad_person *person; /* who is not reached; NULL: it is about nobody alone */
};

static int words_for(struct ad_desk *desk, const struct ad_request *request,
	const struct shortage *what, struct ad_notice *notice, struct ad_err *err)
{
	const char *locale;
	struct ad_json *data;
	int e = ad_notice_locale(desk, notice->oid, &locale, err);
	if (e == 0)
		e = ad_request_data(desk, request, locale, &data, err);
	if (e != 0)
		return e;
	if (what->person)
		ad_json_set_str(desk->arena, data, "person", what->person->name);
	return ad_words(desk, locale, what->key, data, &notice->text, err);
}

static int tell_admins(struct ad_desk *desk, const struct ad_request *request,
	const struct shortage *what, struct ad_err *err)
{
	struct ad_people admins = desk->admins;
	int e = admins.items ? 0
			     : ad_fact_members(desk, desk->settings.admin_group_id, &admins, err);
	for (size_t i = 0; e == 0 && i < admins.count && i < AD_DESK_CARDS_MAX; i++) {
		struct ad_notice notice = { .oid = admins.items[i].oid,
			.fact = what->fact,
			.request_id = request->id,
			.optional = what->person != NULL };
		if (what->person && ad_text_eq(notice.oid, what->person->oid))
			continue;
		e = words_for(desk, request, what, &notice, err);
		if (e == 0)
			e = ad_notice_send(desk, &notice, err);
	}
	return e;
}

int ad_stage_tell_nobody(struct ad_desk *desk, const struct ad_request *request, struct ad_err *err)
{
	int e = tell_admins(desk, request,
		&(struct shortage){ .fact = ad_printf(desk->arena, "request.%lld.%d.nobody_admin",
					    (long long)request->id, request->stage),
			.key = "stage.nobody_admin" },
		err);
	if (e != 0)
		return e;
	return ad_request_tell(desk, request,
		&(struct ad_telling){ .what = ad_printf(desk->arena, "%d.nobody", request->stage),
			.key = "stage.nobody" },
		err);
}

int ad_stage_tell_away(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_people *away, struct ad_err *err)
{
	int e = 0;
	for (size_t i = 0; e == 0 && i < away->count && i < AD_DESK_CARDS_MAX; i++)
		e = tell_admins(desk, request,
			&(struct shortage){ .fact = ad_reach_fact(desk, away->items[i].oid),
				.key = "unreached.asked",
				.person = &away->items[i] },
			err);
	return e;
}

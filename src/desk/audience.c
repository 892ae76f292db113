/* SPDX-License-Identifier: Apache-2.0 */
/* Whom an app is there for: a hidden one for nobody, another one for its audience. */
#include "parts.h"
#include "ad/desk/facts.h"

int ad_app_is_open(struct ad_desk *desk, const struct ad_person *who, const struct ad_app *app,
	bool *ret, struct ad_err *err)
{
	int first = 0;
	*ret = app->published && app->audience_count == 0;
	/* All groups are asked for before it gives up: each time costs a round. */
	for (size_t i = 0; app->published && i < app->audience_count; i++) {
		bool is_member = false;
		int e = ad_fact_member(desk, who->oid, app->audience[i], &is_member, err);
		*ret = *ret || (e == 0 && is_member);
		first = first == 0 ? e : first;
	}
	return first;
}

int ad_apps_keep_open(struct ad_desk *desk, const struct ad_person *who, struct ad_app_list *apps,
	size_t most, struct ad_err *err)
{
	int first = 0;
	size_t count = 0;
	struct ad_app *kept = ad_alloc_array(desk->arena, apps->count, sizeof *kept);
	for (size_t i = 0; i < apps->count; i++) {
		bool is_open = false;
		int e = ad_app_is_open(desk, who, &apps->items[i], &is_open, err);
		first = first == 0 ? e : first;
		if (e == 0 && is_open && count < most)
			kept[count++] = apps->items[i];
	}
	*apps = (struct ad_app_list){ .items = kept, .count = count };
	return first;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The message extension's search. It changes nothing and may come with every letter that somebody
 * types, so it leaves no row: asked again, it is answered anew.
 */
#include "turn.h"
#include "ad/desk/browse.h"
#include "ad/teams/extension.h"

int ad_turn_browse(struct ad_turn *turn, struct ad_answer *ret, struct ad_err *err)
{
	struct ad_arena *arena = turn->worker->arena;
	const struct ad_extension_query *query = &turn->intent.query;
	const struct ad_desk_look look = {
		.text = query->text, .skip = query->skip, .count = query->count
	};
	struct ad_desk_offers offers;
	int r = ad_desk_browse(&turn->desk, &turn->who, &look, &offers, err);
	if (r != 0)
		return r;
	struct ad_extension_result *results = ad_alloc_array(arena, offers.count, sizeof *results);
	for (size_t i = 0; i < offers.count; i++)
		results[i] = (struct ad_extension_result){ .card = offers.items[i].card,
			.title = offers.items[i].title,
			.text = offers.items[i].text };
	*ret = ad_answer_accept(ad_json_print(
		arena, offers.text ? ad_extension_message(arena, offers.text)
				   : ad_extension_list(arena, results, offers.count)));
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What was read of a request for its cards. */
#include "request_memo.h"
#include "timeline.h"

/* A turn shows the same request on several cards; what does not change within a version is read
 * once. */
struct ad_desk_memo {
	struct ad_desk_memo *next;
	int64_t request_id;
	int version;
	bool has_people;
	struct ad_asked_people people; /* of the present stage */
	bool has_answers;
	struct ad_answers answers;
	bool has_stages;
	struct ad_stages stages; /* of the present round */
	bool has_background;
	struct ad_background background;
	/* Read with something else, because a card was going to want them. */
	bool is_coming;
	struct ad_store_later answers_later;
	struct ad_store_later stages_later;
	bool background_coming;
	struct ad_store_later background_later;
};

static struct ad_desk_memo *memo_of(struct ad_desk *desk, const struct ad_request *request)
{
	struct ad_desk_memo *memo = desk->memo;
	while (memo && (memo->request_id != request->id || memo->version != request->version))
		memo = memo->next;
	if (memo)
		return memo;
	memo = ad_alloc(desk->arena, sizeof *memo);
	*memo = (struct ad_desk_memo){
		.next = desk->memo, .request_id = request->id, .version = request->version
	};
	desk->memo = memo;
	return memo;
}

int ad_request_read_asked(
	struct ad_desk *desk, const struct ad_request *requests, size_t count, struct ad_err *err)
{
	int64_t *ids = ad_alloc_array(desk->arena, count, sizeof *ids);
	int64_t *stages = ad_alloc_array(desk->arena, count, sizeof *stages);
	struct ad_asked_people *people = ad_alloc_array(desk->arena, count, sizeof *people);
	struct ad_desk_memo **memos = ad_alloc_array(desk->arena, count, sizeof(*memos));
	size_t open = 0;
	for (size_t i = 0; i < count; i++) {
		if (!ad_request_undecided(requests[i].state))
			continue;
		ids[open] = requests[i].id;
		stages[open] = requests[i].stage;
		memos[open++] = memo_of(desk, &requests[i]);
	}
	const struct ad_asked_stages of = { ids, stages, open };
	int e = open > 0 ? ad_store_asked_all(desk->db, desk->arena, &of, people, err) : 0;
	for (size_t i = 0; e == 0 && i < open; i++) {
		memos[i]->people = people[i];
		memos[i]->has_people = true;
	}
	return e;
}

int ad_request_asked(struct ad_desk *desk, const struct ad_request *request,
	struct ad_asked_people *ret, struct ad_err *err)
{
	struct ad_desk_memo *memo = memo_of(desk, request);
	int e = 0;
	if (!memo->has_people)
		e = ad_store_asked_of(
			desk->db, desk->arena, request->id, request->stage, &memo->people, err);
	memo->has_people = e == 0;
	*ret = memo->people;
	return e;
}

int ad_request_answers(struct ad_desk *desk, const struct ad_request *request,
	struct ad_answers *ret, struct ad_err *err)
{
	struct ad_desk_memo *memo = memo_of(desk, request);
	int e = 0;
	if (!memo->has_answers && memo->answers_later.rows)
		ad_store_request_answers_came(desk->arena, &memo->answers_later, &memo->answers);
	else if (!memo->has_answers)
		e = ad_store_request_answers(
			desk->db, desk->arena, request->id, &memo->answers, err);
	memo->has_answers = e == 0;
	*ret = memo->answers;
	return e;
}

int ad_request_stages(struct ad_desk *desk, const struct ad_request *request, struct ad_stages *ret,
	struct ad_err *err)
{
	struct ad_desk_memo *memo = memo_of(desk, request);
	int e = 0;
	if (!memo->has_stages && memo->stages_later.rows)
		ad_store_stages_came(desk->arena, request->id, &memo->stages_later, &memo->stages);
	else if (!memo->has_stages)
		e = ad_store_stages_of(
			desk->db, desk->arena, request->id, request->round, &memo->stages, err);
	memo->has_stages = e == 0;
	*ret = memo->stages;
	return e;
}

int ad_request_background_ahead(
	struct ad_desk *desk, const struct ad_request *request, struct ad_err *err)
{
	struct ad_desk_memo *memo = memo_of(desk, request);
	if (memo->background_coming)
		return 0;
	memo->background_coming = true;
	return ad_store_background_later(
		desk->db, desk->arena, request->id, &memo->background_later, err);
}

int ad_request_background(struct ad_desk *desk, const struct ad_request *request,
	struct ad_background *ret, struct ad_err *err)
{
	struct ad_desk_memo *memo = memo_of(desk, request);
	int e = memo->has_background ? 0 : ad_request_background_ahead(desk, request, err);
	if (e == 0 && !memo->has_background && !memo->background_later.rows)
		e = ad_db_flush(desk->db, err);
	if (e == 0 && !memo->has_background)
		ad_store_background_came(desk->arena, &memo->background_later, &memo->background);
	memo->has_background = e == 0;
	*ret = memo->background;
	return e;
}

int ad_request_read_ahead(
	struct ad_desk *desk, const struct ad_request *request, struct ad_err *err)
{
	struct ad_desk_memo *memo = memo_of(desk, request);
	int e = 0;
	if (memo->is_coming)
		return 0;
	memo->is_coming = true;
	if (!memo->has_answers)
		e = ad_store_request_answers_later(
			desk->db, desk->arena, request->id, &memo->answers_later, err);
	if (e == 0 && !memo->has_stages && request->stage_step > 0)
		e = ad_store_stages_later(desk->db, desk->arena, request->id, request->round,
			&memo->stages_later, err);
	return e;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The requester withdraws a pending request. Racing with a decision, whoever commits first wins and
 * the other one sees the outcome (product E8). A review is nobody's to withdraw. */
#include "frozen.h"
#include "stages.h"
#include "ad/text.h"

/* A press: on the request's own card, or in a list. */
struct cancelling {
	const struct ad_desk_press *press;
	int64_t number;
	bool in_list;
};

/* What has come of it: on the request's card, or in the list that was pressed. */
static int show(struct ad_desk *desk, const struct ad_person *who, const struct cancelling *c,
	const struct ad_request *request, const char *key, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	struct ad_json *data;
	const char *sentence;
	int e = ad_request_data(desk, request, who->locale, &data, err);
	if (e == 0)
		e = ad_words(desk, who->locale, key, data, &sentence, err);
	if (e == 0)
		e = c->in_list ? ad_status_show(desk, who, sentence, ret, err)
			       : ad_request_show_noted(desk, who, request, sentence, ret, err);
	if (e == 0)
		ret->text = sentence;
	return e;
}

/* The person's own request, locked; AD_ENOTFOUND for anybody else's. */
static int find_own(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_request *ret, struct ad_err *err)
{
	int e = ad_store_request_lock(desk->db, desk->arena, desk->tenant_id, number, ret, err);
	if (e == 0 && !ad_text_eq(ret->requester_oid, who->oid))
		return AD_ENOTFOUND;
	return e;
}

/* The number that was chosen in a list; 0: none. */
static int64_t chosen_in(const struct ad_desk_press *press)
{
	int64_t number = 0;
	const char *input = ad_json_text(ad_json_get(press->inputs, AD_DESK_INPUT_CHOSEN));
	return input && ad_text_i64(input, 1, INT32_MAX, &number) == 0 ? number : 0;
}

/* Which request it is about, when anything may be changed at all; *ret_done: *ret is the answer. */
static int begin(struct ad_desk *desk, const struct ad_person *who, struct cancelling *c,
	struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err)
{
	struct ad_token token = { .request_id = c->press->number };
	bool pressed = !ad_text_empty(c->press->token);
	int e = ad_frozen(desk, who, ret, ret_done, err);
	if (e == 0 && !*ret_done && pressed)
		e = ad_reply_token(desk, who, c->press, "cancel", &token, ret, ret_done, err);
	c->in_list = pressed && token.request_id == 0;
	c->number = c->in_list ? chosen_in(c->press) : token.request_id;
	return e;
}

bool ad_request_withdrawable(const struct ad_request *request)
{
	bool waits = ad_request_undecided(request->state) || request->state == AD_REQUEST_DRAFT;
	return waits && !request->is_review;
}

int ad_desk_cancel(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct cancelling c = { .press = press };
	struct ad_request request;
	bool done;
	int e = begin(desk, who, &c, ret, &done, err);
	if (e != 0 || done)
		return e;
	e = find_own(desk, who, c.number, &request, err);
	if (e == AD_ENOTFOUND)
		return ad_request_unknown(desk, who, c.number, ret, err);
	if (e != 0)
		return e;
	const char *key = ad_request_undecided(request.state) ? "review.stays" : "cancel.late";
	bool may = ad_request_withdrawable(&request);
	if (may)
		e = ad_request_close(desk, &request,
			&(struct ad_closing){ .state = AD_REQUEST_CANCELLED,
				.who = who,
				.action = "request.cancelled" },
			err);
	if (e == 0)
		e = show(desk, who, &c, &request, may ? "cancel.done" : key, ret, err);
	if (e != 0)
		return e;
	ret->in_place = !ad_text_empty(press->token);
	ret->outcome = may ? "cancelled" : "closed";
	if (ret->in_place)
		e = ad_reply_remember(desk, press->token, ret, err);
	return e == 0 ? ad_trail_flush(desk, err) : e;
}

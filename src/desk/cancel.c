/* SPDX-License-Identifier: Apache-2.0 */
/* The requester withdraws a pending request. Racing with a decision, whoever commits first wins and
 * the other one sees the outcome (product E8). A review is nobody's to withdraw. */
#include "frozen.h"
#include "stages.h"
#include "ad/text.h"

static int show(struct ad_desk *desk, const struct ad_person *who, const struct ad_request *request,
	const char *key, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data;
	const char *sentence;
	int e = ad_request_data(desk, request, who->locale, &data, err);
	if (e == 0)
		e = ad_words(desk, who->locale, key, data, &sentence, err);
	if (e == 0)
		e = ad_request_show_noted(desk, who, request, sentence, ret, err);
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

/* Which request it is about, when anything may be changed at all; *ret_done: *ret is the answer. */
static int begin(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, int64_t *ret_number, struct ad_desk_reply *ret,
	bool *ret_done, struct ad_err *err)
{
	struct ad_token token = { .request_id = press->number };
	int e = ad_frozen(desk, who, ret, ret_done, err);
	if (e == 0 && !*ret_done && !ad_text_empty(press->token))
		e = ad_reply_token(desk, who, press, "cancel", &token, ret, ret_done, err);
	*ret_number = token.request_id;
	return e;
}

int ad_desk_cancel(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	bool pressed = !ad_text_empty(press->token);
	int64_t number;
	struct ad_request request;
	bool done;
	int e = begin(desk, who, press, &number, ret, &done, err);
	if (e != 0 || done)
		return e;
	e = find_own(desk, who, number, &request, err);
	if (e == AD_ENOTFOUND)
		return ad_request_unknown(desk, who, number, ret, err);
	if (e != 0)
		return e;
	const char *key = "cancel.done";
	bool waits = ad_request_undecided(request.state) || request.state == AD_REQUEST_DRAFT;
	bool may = waits && !request.is_review;
	if (!may)
		key = waits ? "review.stays" : "cancel.late";
	if (may)
		e = ad_request_close(desk, &request,
			&(struct ad_closing){ .state = AD_REQUEST_CANCELLED,
				.who = who,
				.action = "request.cancelled" },
			err);
	if (e == 0)
		e = show(desk, who, &request, key, ret, err);
	if (e != 0)
		return e;
	ret->in_place = pressed;
	ret->outcome = may ? "cancelled" : "closed";
	if (pressed)
		e = ad_reply_remember(desk, press->token, ret, err);
	return e == 0 ? ad_trail_flush(desk, err) : e;
}

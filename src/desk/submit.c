/* SPDX-License-Identifier: Apache-2.0 */
/* A filled form becomes a request: checked, stored with its stage and slate, shown to the requester
 * and to those who decide. */
#include "filled.h"
#include "frozen.h"
#include "others.h"
#include "person_find.h"
#include "ad/store/bundles.h"
#include "ad/store/birthrights.h"
#include "ad/text.h"

/* ---- storing ---- */

static int store_answers(
	struct ad_desk *desk, const struct ad_filled *filled, int64_t id, struct ad_err *err)
{
	int e = 0;
	for (size_t i = 0; e == 0 && i < filled->questions.count; i++) {
		const struct ad_app_question *question = &filled->questions.items[i];
		e = ad_store_answer_insert(desk->db, desk->arena, id,
			&(struct ad_answer){ .ordinal = question->ordinal,
				.label = question->label,
				.answer = filled->answers[i] },
			err);
	}
	return e;
}

/* The request with its answers; *ret_id is 0 when another one came first. */
static int store_request(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_filled *filled, int64_t *ret_id, struct ad_err *err)
{
	struct ad_request request = { .tenant_id = desk->tenant_id,
		.requester_oid = who->oid,
		.beneficiary_oid = who->asks_for ? who->asks_for->oid : "",
		.app_id = filled->app.id,
		.justification = filled->justification,
		.policy_name = filled->policy->name,
		.policy_version = filled->policy->version,
		.wanted_days = filled->days };
	ad_device_keep(&request, filled->device);
	int e = who->asks_for ? ad_person_known(desk, who->asks_for, err) : 0;
	if (e == 0)
		e = ad_store_request_insert(desk->db, desk->arena, &request, ret_id, err);
	bool by_right = filled->automatic && !who->asks_for &&
			ad_policy_is_birthright(filled->policy, filled->app.classification);
	if (e == 0 && *ret_id != 0 && by_right)
		e = ad_store_birthright_mark(desk->db, desk->arena, *ret_id, err);
	return e == 0 && *ret_id != 0 ? store_answers(desk, filled, *ret_id, err) : e;
}

/* ---- telling ---- */

int ad_request_ask(struct ad_desk *desk, const struct ad_person *approver,
	const struct ad_request *request, struct ad_err *err)
{
	struct ad_desk_reply card;
	int e = ad_request_show_to(desk, approver, request, &card, err);
	if (e != 0)
		return e;
	return ad_notice_send(desk,
		&(struct ad_notice){ .oid = approver->oid,
			.fact = ad_printf(desk->arena, "request.%lld.%d.approval",
				(long long)request->id, request->stage),
			.card = card.card,
			.text = card.text,
			.role = card.role,
			.request_id = request->id,
			.version = request->version,
			.urgent = true },
		err);
}

static int trail_created(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_request *request, bool automatic, int64_t bundle_id)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, details, "app_id", request->app_id);
	ad_json_set_str(desk->arena, details, "app", request->app_name);
	ad_json_set_str(desk->arena, details, "policy", request->policy_name);
	ad_json_set_int(desk->arena, details, "policy_version", request->policy_version);
	if (request->wanted_days > 0)
		ad_json_set_int(desk->arena, details, "wanted_days", request->wanted_days);
	if (bundle_id != 0)
		ad_json_set_int(desk->arena, details, "bundle", bundle_id);
	if (ad_request_for_other(request))
		ad_json_set_str(desk->arena, details, "beneficiary", request->beneficiary_oid);
	ad_device_note(desk->arena, request, details);
	int e = ad_trail_later(desk, &(struct ad_event){ .who = who,
					     .action = "request.created",
					     .entity_type = "request",
					     .entity_id = request->id,
					     .details = details });
	if (e != 0 || !automatic)
		return e;
	return ad_trail_later(desk, &(struct ad_event){ .action = "decision.automatic",
					    .entity_type = "request",
					    .entity_id = request->id,
					    .details = details });
}

/* The receipt, in place of the form. */
static int show_receipt(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_request *request, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data;
	int e = ad_request_show_to(desk, who, request, ret, err);
	if (e == 0)
		e = ad_request_data(desk, request, who->locale, &data, err);
	if (e == 0)
		e = ad_words(desk, who->locale,
			ad_request_for_other(request) ? "for.sent" : "submit.done", data,
			&ret->text, err);
	ret->in_place = true;
	ret->outcome = "submitted";
	return e;
}

/* ---- the use case ---- */

int ad_filled_file(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_filled *filled, int64_t bundle_id, struct ad_request *ret,
	struct ad_err *err)
{
	int64_t id;
	*ret = (struct ad_request){ 0 };
	int e = store_request(desk, who, filled, &id, err);
	if (e != 0 || id == 0)
		return e;
	if (bundle_id != 0)
		e = ad_store_bundle_add(desk->db, desk->arena, bundle_id, id, err);
	if (e == 0)
		e = ad_store_request_get(desk->db, desk->arena, desk->tenant_id, id, ret, err);
	if (e == 0)
		e = trail_created(desk, who, ret, filled->automatic && !who->asks_for, bundle_id);
	if (e != 0)
		return e;
	return who->asks_for ? ad_others_ask(desk, ret, err)
			     : ad_filled_set_off(desk, ret, filled, err);
}

static int create(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, const struct ad_filled *filled,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_request request;
	struct ad_app app;
	bool done;
	int e = ad_filled_file(desk, who, filled, 0, &request, err);
	if (e != 0)
		return e;
	if (request.id == 0) /* two forms at once: the other one's request stands by now */
		return ad_form_obstacle(desk, who, filled->app.id, &app, ret, &done, err);
	e = show_receipt(desk, who, &request, ret, err);
	if (e == 0)
		e = ad_reply_remember(desk, press->token, ret, err);
	return e == 0 ? ad_trail_flush(desk, err) : e;
}

/* What the form says, or the form again with its faults. */
static int fill_and_create(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_filled *filled, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	bool done;
	int e = ad_filled_read(desk, who, press, filled, err);
	if (e != 0)
		return e;
	if (ad_json_count(filled->faults) > 0)
		return ad_filled_again(desk, who, press, filled, ret, err);
	e = ad_filled_judge(desk, who, press, filled, ret, &done, err);
	if (e == 0 && done)
		return ad_trail_flush(desk, err);
	return e == 0 ? create(desk, who, press, filled, ret, err) : e;
}

int ad_desk_submit(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_token token;
	struct ad_person asker;
	struct ad_filled filled = { 0 };
	bool done;
	int e = ad_settings_hold(desk, err);
	if (e == 0)
		e = ad_frozen(desk, who, ret, &done, err);
	if (e == 0 && !done)
		e = ad_reply_token(desk, who, press, "submit", &token, ret, &done, err);
	if (e != 0 || done)
		return e;
	e = ad_others_read(desk, who, press->inputs, &asker, ret, &done, err);
	if (e == 0 && !done)
		e = ad_form_obstacle(desk, &asker, token.app_id, &filled.app, ret, &done, err);
	if (e != 0 || done)
		return e;
	return fill_and_create(desk, &asker, press, &filled, ret, err);
}

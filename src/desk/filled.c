/* SPDX-License-Identifier: Apache-2.0 */
/* A filled form: read, and judged by the rules, whether it begins a request or changes one. */
#include "filled.h"
#include "owner.h"
#include "ad/crypto.h"
#include "ad/text.h"

/* An input's text, trimmed and cleaned; "" when it is missing or of another type. */
static const char *input(const struct ad_desk *desk, const struct ad_desk_press *press,
	const char *name, bool keep_lines)
{
	const char *text = ad_json_text(ad_json_get(press->inputs, name));
	return text ? ad_text_trim(desk->arena, ad_utf8_clean(desk->arena, text, keep_lines)) : "";
}

static int check(struct ad_desk *desk, const struct ad_person *who, struct ad_filled *filled,
	const struct ad_input_rule *rule, const char *label, const char *text, struct ad_err *err)
{
	enum ad_input_fault fault = ad_input_check(rule, text);
	if (fault == AD_INPUT_OK)
		return 0;
	struct ad_json *item = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, item, "label", label);
	ad_json_set_int(desk->arena, item, "max", (int64_t)rule->max_chars);
	const char *key = ad_printf(desk->arena, "input.%s", ad_input_fault_name(fault));
	int e = ad_words_into(desk, who->locale, key, item, "sentence", err);
	if (e == 0)
		ad_json_append(desk->arena, filled->faults, item);
	return e;
}

static int check_answer(struct ad_desk *desk, const struct ad_person *who, struct ad_filled *filled,
	const struct ad_app_question *question, const char *text, struct ad_err *err)
{
	const struct ad_input_rule rule = {
		.required = question->required,
		.max_chars = AD_ANSWER_MAX,
		.choices = question->kind == AD_QUESTION_CHOICE ? question->choices : NULL,
		.choice_count = question->choice_count,
		.is_date = question->kind == AD_QUESTION_DATE,
	};
	return check(desk, who, filled, &rule, question->label, text, err);
}

/* Of several devices one must be chosen; whoever has none goes without. */
static int read_device(struct ad_desk *desk, const struct ad_person *who, struct ad_filled *filled,
	struct ad_err *err)
{
	const char *label;
	int e = ad_devices_for(desk, who, filled->policy, &filled->devices, err);
	const struct ad_devices *devices = filled->devices;
	if (e != 0 || !devices)
		return e;
	filled->device = ad_device_chosen(devices, filled->policy, filled->typed_device);
	if (filled->device || devices->count == 0)
		return 0;
	const char **ids = ad_alloc_array(desk->arena, devices->count, sizeof *ids);
	for (size_t i = 0; i < devices->count; i++)
		ids[i] = devices->items[i].id;
	const struct ad_input_rule rule = { .required = true,
		.max_chars = AD_ANSWER_MAX,
		.choices = ids,
		.choice_count = devices->count };
	e = ad_words(desk, who->locale, "form.device", NULL, &label, err);
	return e == 0 ? check(desk, who, filled, &rule, label, filled->typed_device, err) : e;
}

/* Of the form's choice; -1: there is none. */
static int typed_days(const struct ad_desk_press *press)
{
	int64_t days;
	const char *input = ad_json_text(ad_json_get(press->inputs, AD_DESK_INPUT_DAYS));
	return input && ad_text_i64(input, 0, AD_DAYS_MAX, &days) == 0 ? (int)days : -1;
}

/* Another policy counts by now than the one that the form asked for (product E9). */
static bool is_changed(
	struct ad_desk *desk, const struct ad_desk_press *press, const struct ad_filled *filled)
{
	const char *stamp = ad_json_str(press->inputs, AD_FORM_STAMP);
	return stamp && !ad_text_eq(stamp, ad_form_stamp(desk->arena, filled->policy));
}

/* What was answered to the app's own questions stays; the policy's may be others by now. */
static int start_over(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_filled *filled, struct ad_err *err)
{
	struct ad_json *item = ad_json_new_object(desk->arena);
	size_t own = filled->questions.count - filled->policy->question_count;
	for (size_t i = 0; i < filled->questions.count; i++) {
		int ordinal = filled->questions.items[i].ordinal;
		const char *name = ad_printf(desk->arena, AD_DESK_INPUT_ANSWER, ordinal);
		filled->answers[i] = i < own ? input(desk, press, name, false) : "";
	}
	ad_json_append(desk->arena, filled->faults, item);
	return ad_words_into(desk, who->locale, "form.changed", item, "sentence", err);
}

/* Reads and judges all inputs; what the client checked is checked again. */
int ad_filled_read(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_filled *filled, struct ad_err *err)
{
	static const struct ad_input_rule why = { .required = true,
		.max_chars = AD_JUSTIFICATION_MAX };
	const char *label;
	int e = ad_policy_for(desk, ad_holder(who), &filled->app, &filled->policy, err);
	if (e == 0)
		e = ad_form_questions(desk, &filled->app, filled->policy, &filled->questions, err);
	if (e == 0)
		e = ad_words(desk, who->locale, "form.why", NULL, &label, err);
	if (e != 0)
		return e;
	filled->faults = ad_json_new_array(desk->arena);
	filled->typed_days = typed_days(press);
	filled->typed_device = input(desk, press, AD_DESK_INPUT_DEVICE, false);
	filled->justification = input(desk, press, AD_DESK_INPUT_JUSTIFICATION, true);
	filled->answers =
		ad_alloc_array(desk->arena, filled->questions.count, sizeof *filled->answers);
	if (is_changed(desk, press, filled))
		return start_over(desk, who, press, filled, err);
	e = check(desk, who, filled, &why, label, filled->justification, err);
	if (e == 0)
		e = read_device(desk, who, filled, err);
	for (size_t i = 0; e == 0 && i < filled->questions.count; i++) {
		const struct ad_app_question *question = &filled->questions.items[i];
		const char *name = ad_printf(desk->arena, AD_DESK_INPUT_ANSWER, question->ordinal);
		filled->answers[i] = input(desk, press, name, question->kind == AD_QUESTION_LONG);
		e = check_answer(desk, who, filled, question, filled->answers[i], err);
	}
	return e;
}

/* ---- refusals ---- */

/* Put off: the caller may have more to do, and writes it at its end. */
static int trail_refused(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_app *app, const char *reason)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, details, "app_id", app->id);
	ad_json_set_str(desk->arena, details, "reason", reason);
	return ad_trail_later(desk, &(struct ad_event){ .who = who,
					    .action = "request.refused",
					    .entity_type = "app",
					    .entity_id = app->id,
					    .details = details });
}

/* Nobody can decide it: nothing is approved, and the admins hear of it (promise 10). One notice for
 * each form, however often it is sent. */
static int refuse_unreachable(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_filled *filled, const char *token, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, data, "app", filled->app.name);
	ad_json_set_str(desk->arena, data, "requester", who->name);
	const char *form = ad_sha256_hex(desk->arena, token, strlen(token));
	int e = 0;
	for (size_t i = 0; e == 0 && i < desk->admins.count && i < AD_DESK_CARDS_MAX; i++) {
		const struct ad_person *admin = &desk->admins.items[i];
		struct ad_notice notice = { .oid = admin->oid,
			.fact = ad_printf(desk->arena, "no_approver.%.16s", form) };
		const char *locale;
		e = ad_notice_locale(desk, admin->oid, &locale, err);
		if (e == 0)
			e = ad_words(
				desk, locale, "submit.no_approver_admin", data, &notice.text, err);
		if (e == 0)
			e = ad_notice_send(desk, &notice, err);
	}
	if (e == 0)
		e = ad_reply_words(desk, who, "submit.no_approver", data, "no_approver", ret, err);
	return e == 0 ? trail_refused(desk, who, &filled->app, "no_approver") : e;
}

static int too_many(
	struct ad_desk *desk, const struct ad_person *who, bool *ret, struct ad_err *err)
{
	int64_t open = 0;
	int e = ad_store_requests_open_count(
		desk->db, desk->arena, desk->tenant_id, who->oid, &open, err);
	*ret = open >= AD_REQUESTS_OPEN_MAX;
	return e;
}

/* ---- by the rules ---- */

static int refuse_conflict(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_filled *filled, const struct ad_app *other, const char *rule,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	int e = ad_conflict_show(desk, who, &filled->app, other, rule, ret, err);
	return e == 0 ? trail_refused(desk, who, &filled->app, "conflict") : e;
}

static int refuse_device(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_filled *filled, enum ad_device_verdict verdict, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	int e = ad_device_refuse(
		desk, who, &filled->app, filled->policy, filled->device, verdict, ret, err);
	return e == 0 ? trail_refused(desk, who, &filled->app, "device") : e;
}

static int refuse_policy(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_app *app, const struct ad_policy *policy, struct ad_desk_reply *ret)
{
	*ret = (struct ad_desk_reply){ .text = policy->refusal, .outcome = "refused", .role = "" };
	return trail_refused(desk, who, app, "policy");
}

int ad_form_refuse(struct ad_desk *desk, const struct ad_person *who, const struct ad_app *app,
	const struct ad_policy *policy, struct ad_desk_reply *ret, struct ad_err *err)
{
	int e = refuse_policy(desk, who, app, policy, ret);
	return e == 0 ? ad_trail_flush(desk, err) : e;
}

/* How long it is wanted, within what the policy gives. */
static int wanted_days(const struct ad_filled *filled)
{
	int days = filled->typed_days < 0 ? filled->policy->grant_days : filled->typed_days;
	return ad_policy_days(filled->policy, days, 0);
}

/* Whether somebody has to be asked, and nobody can be. */
static int judge_asked(struct ad_desk *desk, const struct ad_person *who, struct ad_filled *filled,
	bool *ret_unreachable, struct ad_err *err)
{
	struct ad_asked_people slate;
	int e = ad_policy_automatic(
		desk, ad_holder(who)->oid, &filled->app, filled->policy, &filled->automatic, err);
	if (e != 0 || filled->automatic)
		return e;
	e = ad_form_slate(desk, who, &filled->app, filled->policy, &slate, err);
	*ret_unreachable = e == 0 && slate.count == 0;
	return e;
}

/* What the rules say to it; *ret_done: *ret tells why it is refused. */
int ad_filled_judge(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_filled *filled, struct ad_desk_reply *ret,
	bool *ret_done, struct ad_err *err)
{
	const struct ad_app *other;
	const char *rule;
	bool full = false;
	bool unreachable = false;
	enum ad_device_verdict device =
		ad_device_verdict_of(filled->policy, filled->devices, filled->device);
	*ret_done = true;
	if (filled->policy->refusal)
		return refuse_policy(desk, who, &filled->app, filled->policy, ret);
	if (device != AD_DEVICE_GOOD)
		return refuse_device(desk, who, filled, device, ret, err);
	int e = ad_conflict_with(desk, ad_holder(who)->oid, filled->app.id, &other, &rule, err);
	if (e == 0 && other)
		return refuse_conflict(desk, who, filled, other, rule, ret, err);
	if (e == 0)
		e = judge_asked(desk, who, filled, &unreachable, err);
	if (e == 0 && unreachable)
		return refuse_unreachable(desk, who, filled, press->token, ret, err);
	if (e == 0 && !filled->edits) /* an edit is no request more */
		e = too_many(desk, who, &full, err);
	if (e == 0 && full)
		return ad_reply_words(desk, who, "submit.too_many", NULL, "too_many", ret, err);
	filled->days = e == 0 ? wanted_days(filled) : 0;
	*ret_done = false;
	return e;
}

int ad_filled_again(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, const struct ad_filled *filled,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	int e = ad_form_show(desk, who,
		&(struct ad_form){ .app = &filled->app,
			.policy = filled->policy,
			.questions = &filled->questions,
			.locale = who->locale,
			.token = press->token,
			.edits = filled->edits,
			.device = filled->typed_device,
			.days = filled->typed_days,
			.justification =
				ad_words_cut(desk, filled->justification, AD_JUSTIFICATION_MAX),
			.answers = filled->answers,
			.faults = filled->faults },
		ret, err);
	ret->outcome = "invalid";
	return e;
}

static int request_data(struct ad_desk *desk, const void *about, const char *locale,
	struct ad_json **ret, struct ad_err *err)
{
	return ad_request_data(desk, about, locale, ret, err);
}

int ad_filled_set_off(struct ad_desk *desk, struct ad_request *request,
	const struct ad_filled *filled, struct ad_err *err)
{
	if (!filled->automatic)
		return ad_stage_begin(desk, request, filled->policy, err);
	int e = ad_request_fulfil(desk, request, NULL, err);
	if (e == 0)
		e = ad_digest_owner(desk, request->app_id, request->requester_oid,
			&(struct ad_digest){ .fact = ad_printf(desk->arena, "request.%lld.by_rule",
						     (long long)request->id),
				.key = "digest.by_rule",
				.data = request_data,
				.about = request },
			err);
	if (e != 0)
		return e;
	return ad_request_tell(desk, request,
		&(struct ad_telling){ .what = "approved", .key = "approved.automatic" }, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The device that an app is wanted for. */
#include "device.h"
#include "others.h"
#include "ad/text.h"

/* ---- which one ---- */

int ad_devices_for(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_policy *policy, const struct ad_devices **ret, struct ad_err *err)
{
	bool wanted = desk->settings.offer_devices || policy->require_compliant_device;
	*ret = NULL;
	return wanted && !who->asks_for ? ad_fact_devices(desk, who->oid, ret, err) : 0;
}

static const struct ad_device *find(const struct ad_devices *devices, const char *id)
{
	for (size_t i = 0; i < devices->count; i++)
		if (ad_text_eq(devices->items[i].id, id))
			return &devices->items[i];
	return NULL;
}

const struct ad_device *ad_device_taken(
	const struct ad_devices *devices, const struct ad_policy *policy)
{
	for (size_t i = 0; policy->require_compliant_device && i < devices->count; i++)
		if (devices->items[i].compliance == AD_COMPLIANCE_YES)
			return &devices->items[i];
	return devices->count > 0 ? &devices->items[0] : NULL;
}

const struct ad_device *ad_device_chosen(
	const struct ad_devices *devices, const struct ad_policy *policy, const char *input)
{
	if (ad_text_eq(input, AD_DESK_DEVICE_TAKEN))
		return ad_device_taken(devices, policy);
	if (ad_text_empty(input) && devices->count == 1)
		return &devices->items[0];
	return find(devices, input);
}

/* ---- in a form ---- */

static int say_compliance(struct ad_desk *desk, const char *locale, const char *compliance,
	struct ad_json *into, struct ad_err *err)
{
	return ad_words_into(desk, locale, ad_printf(desk->arena, "compliance.%s", compliance),
		into, "compliance", err);
}

static int add_choice(struct ad_desk *desk, const char *locale, const struct ad_device *device,
	struct ad_json *choices, struct ad_err *err)
{
	struct ad_json *choice = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, choice, "device", device->name);
	ad_json_set_str(desk->arena, choice, "value", device->id);
	ad_json_append(desk->arena, choices, choice);
	int e = say_compliance(desk, locale, ad_compliance_name(device->compliance), choice, err);
	return e == 0 ? ad_words_into(desk, locale, "device.choice", choice, "label", err) : e;
}

/* What a refusal names besides the app. */
static int refusal_data(struct ad_desk *desk, const char *locale, const struct ad_policy *policy,
	const struct ad_device *device, struct ad_json *data, struct ad_err *err)
{
	enum ad_compliance compliance = device ? device->compliance : AD_COMPLIANCE_UNKNOWN;
	ad_json_set_str(desk->arena, data, "device", device ? device->name : "");
	ad_json_set_str(
		desk->arena, data, "rule", policy->device_refusal ? policy->device_refusal : "");
	return say_compliance(desk, locale, ad_compliance_name(compliance), data, err);
}

static const char *refusal_key(const struct ad_desk *desk, enum ad_device_verdict verdict)
{
	return ad_printf(desk->arena, "submit.device.%s", ad_device_verdict_name(verdict));
}

/* What can be seen now to stand in the way is said before the form is filled in; among several
 * devices the choices themselves say it. */
static int add_demand(struct ad_desk *desk, const struct ad_form *form,
	const struct ad_devices *devices, struct ad_json *data, struct ad_err *err)
{
	const char *line;
	const struct ad_device *only = devices ? ad_device_chosen(devices, form->policy, "") : NULL;
	enum ad_device_verdict verdict = ad_device_verdict_of(form->policy, devices, only);
	struct ad_json *said = ad_json_new_object(desk->arena);
	if (!form->policy->require_compliant_device)
		return 0;
	int e = ad_words(desk, form->locale, "form.device_demanded", NULL, &line, err);
	if (e != 0)
		return e;
	ad_json_append(
		desk->arena, ad_json_get(data, "ahead"), ad_json_new_string(desk->arena, line));
	if (verdict == AD_DEVICE_GOOD || form->edits || (!only && devices->count > 0))
		return 0;
	ad_json_set_str(desk->arena, said, "app", form->app->name);
	e = refusal_data(desk, form->locale, form->policy, only, said, err);
	if (e == 0)
		e = ad_words(desk, form->locale, refusal_key(desk, verdict), said, &line, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, data, "note", line);
	ad_json_set_bool(desk->arena, data, "has_note", true);
	return 0;
}

int ad_device_offer(struct ad_desk *desk, const struct ad_form *form,
	const struct ad_devices *devices, struct ad_json *data, struct ad_err *err)
{
	struct ad_json *choices = ad_json_new_array(desk->arena);
	const struct ad_device *chosen =
		devices ? ad_device_chosen(devices, form->policy, form->device) : NULL;
	int e = 0;
	for (size_t i = 0; e == 0 && devices && i < devices->count; i++)
		e = add_choice(desk, form->locale, &devices->items[i], choices, err);
	if (e != 0)
		return e;
	ad_json_set(desk->arena, data, "devices", choices);
	ad_json_set_bool(desk->arena, data, "has_devices", ad_json_count(choices) > 0);
	ad_json_set_str(desk->arena, data, "device", chosen ? chosen->id : "");
	return add_demand(desk, form, devices, data, err);
}

/* ---- as a policy finds it ---- */

enum ad_device_verdict ad_device_verdict_of(const struct ad_policy *policy,
	const struct ad_devices *devices, const struct ad_device *device)
{
	return ad_device_judge(&(struct ad_device_facts){
		.demanded = devices && policy->require_compliant_device,
		.answered = devices && devices->answered,
		.chosen = device != NULL,
		.compliance = device ? device->compliance : AD_COMPLIANCE_UNKNOWN,
	});
}

int ad_device_refuse(struct ad_desk *desk, const struct ad_person *who, const struct ad_app *app,
	const struct ad_policy *policy, const struct ad_device *device,
	enum ad_device_verdict verdict, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, data, "app", app->name);
	int e = refusal_data(desk, who->locale, policy, device, data, err);
	return e == 0 ? ad_reply_words(
				desk, who, refusal_key(desk, verdict), data, "device", ret, err)
		      : e;
}

/* ---- with the request ---- */

void ad_device_keep(struct ad_request *request, const struct ad_device *device)
{
	request->device_id = device ? device->id : "";
	request->device_name = device ? device->name : "";
	request->device_compliance = device ? ad_compliance_name(device->compliance) : "";
}

int ad_device_check(struct ad_desk *desk, struct ad_request *request, enum ad_device_verdict *ret,
	struct ad_err *err)
{
	const struct ad_policy *policy;
	const struct ad_devices *devices;
	const struct ad_device *device;
	*ret = AD_DEVICE_GOOD;
	if (request->extends_grant != 0) /* they have the app, wherever that is */
		return 0;
	int e = ad_policy_of(desk, request, &policy, NULL, err);
	if (e != 0 || !policy->require_compliant_device)
		return e;
	e = ad_fact_devices(desk, request->beneficiary_oid, &devices, err);
	if (e != 0)
		return e;
	const struct ad_device gone = { request->device_id, request->device_name,
		AD_COMPLIANCE_GONE };
	device = find(devices, request->device_id);
	if (!device && !ad_text_empty(request->device_id))
		device = &gone;
	*ret = ad_device_verdict_of(policy, devices, device);
	if (!devices->answered || !device)
		return 0;
	request->device_compliance = ad_compliance_name(device->compliance);
	return ad_store_request_device(desk->db, desk->arena, request, err);
}

/* ---- told ---- */

const char *ad_device_refusal_key(const struct ad_desk *desk, enum ad_device_verdict verdict)
{
	return ad_printf(desk->arena, "decide.device.%s", ad_device_verdict_name(verdict));
}

int ad_device_say(struct ad_desk *desk, const struct ad_request *request, const char *locale,
	struct ad_json *data, struct ad_err *err)
{
	ad_json_set_str(desk->arena, data, "device", request->device_name);
	ad_json_set_str(
		desk->arena, data, "device_at", request->device_at ? request->device_at : "");
	ad_json_set_str(desk->arena, data, "compliance", "");
	if (ad_text_empty(request->device_id))
		return 0;
	return say_compliance(desk, locale, request->device_compliance, data, err);
}

bool ad_device_shown(const struct ad_request_view *view)
{
	bool is_askers = view->receipt && !view->is_theirs;
	return !ad_text_empty(view->request->device_id) &&
	       !(is_askers && ad_request_for_other(view->request));
}

void ad_device_note(
	struct ad_arena *arena, const struct ad_request *request, struct ad_json *details)
{
	if (ad_text_empty(request->device_id))
		return;
	ad_json_set_str(arena, details, "device", request->device_name);
	ad_json_set_str(arena, details, "device_id", request->device_id);
	ad_json_set_str(arena, details, "compliance", request->device_compliance);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The facts of a request, for who reads them outside Teams. */
#include "request_facts.h"
#include "parts.h"
#include "ad/text.h"

int ad_request_facts(struct ad_desk *desk, const struct ad_request *request, const char *locale,
	struct ad_fact facts[AD_FACTS_MAX], struct ad_err *err)
{
	static const char *const keys[] = { "fact.person", "fact.app", "fact.publisher",
		"fact.asked", "fact.device" };
	struct ad_json *data;
	int e = ad_request_data(desk, request, locale, &data, err);
	if (e != 0)
		return e;
	const char *device = "";
	if (!ad_text_empty(request->device_id))
		e = ad_words(desk, locale, "device.choice", data, &device, err);
	if (e != 0)
		return e;
	const char *const values[] = { ad_json_str(data, "requester"), request->app_name,
		request->app_publisher, ad_words_time(desk, locale, request->created_at), device };
	const size_t first = sizeof keys / sizeof keys[0];
	struct ad_answers answers;
	e = ad_store_request_answers(desk->db, desk->arena, request->id, &answers, err);
	for (size_t i = 0; e == 0 && i < first; i++) {
		facts[i].value = values[i];
		e = ad_words(desk, locale, keys[i], NULL, &facts[i].name, err);
	}
	for (size_t i = 0; e == 0 && i < answers.count && first + i < AD_FACTS_MAX; i++)
		facts[first + i] =
			(struct ad_fact){ answers.items[i].label, answers.items[i].answer };
	return e;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What is known around a request: what became of the app with its person before, and whether duties
 * are apart, as far as people have to see to that. (That nobody decides for themselves, and that no
 * two barred apps are approved, is no card's to say: decide.c sees to it.) */
#include "background.h"
#include "request_memo.h"
#include "ad/text.h"

static int add_history(struct ad_desk *desk, const struct ad_background *known, const char *locale,
	struct ad_json *data, struct ad_err *err)
{
	bool asked = !ad_text_empty(known->before_state);
	ad_json_set_bool(desk->arena, data, "has_had", known->had > 0);
	ad_json_set_int(desk->arena, data, "had", known->had);
	ad_json_set_str(desk->arena, data, "had_until", known->had_until);
	ad_json_set_bool(desk->arena, data, "has_before", asked);
	ad_json_set_str(desk->arena, data, "before", "");
	ad_json_set_str(desk->arena, data, "before_at", known->before_at);
	return asked ? ad_words_into(desk, locale,
			       ad_printf(desk->arena, "state.%s", known->before_state), data,
			       "before", err)
		     : 0;
}

/* One more part of the line, if it names anybody or anything. */
static int add_part(struct ad_desk *desk, const char *locale, const char *key,
	const struct ad_background_names *names, const char **line, struct ad_err *err)
{
	const char *part;
	if (names->count == 0)
		return 0;
	int e = ad_words_list(desk, locale, key,
		&(struct ad_words_names){ .items = names->items, .count = names->count }, &part,
		err);
	if (e == 0)
		*line = ad_printf(desk->arena, "%s%s%s", *line, **line ? "; " : "", part);
	return e;
}

static int add_duties(struct ad_desk *desk, const struct ad_background *known, const char *locale,
	struct ad_json *data, struct ad_err *err)
{
	const char *line = "";
	int e = 0;
	if (known->barred > 0 && known->held.count == 0)
		e = ad_words(desk, locale, "duties.clear", NULL, &line, err);
	if (e == 0)
		e = add_part(desk, locale, "duties.held", &known->held, &line, err);
	if (e == 0)
		e = add_part(desk, locale, "duties.again", &known->again, &line, err);
	ad_json_set_bool(desk->arena, data, "has_duties", *line != '\0');
	ad_json_set_str(desk->arena, data, "duties", line);
	ad_json_set_str(desk->arena, data, "duties_at", known->looked_at);
	return e;
}

int ad_background_say(struct ad_desk *desk, const struct ad_request *request, const char *locale,
	struct ad_json *data, struct ad_err *err)
{
	struct ad_background known;
	int e = ad_request_background(desk, request, &known, err);
	if (e == 0)
		e = add_history(desk, &known, locale, data, err);
	return e == 0 ? add_duties(desk, &known, locale, data, err) : e;
}

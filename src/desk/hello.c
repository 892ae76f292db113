/* SPDX-License-Identifier: Apache-2.0 */
/* Welcome and help: what one can say here. */
#include "frozen.h"
#include "parts.h"

static int greet(struct ad_desk *desk, const struct ad_person *who, const char *template,
	const char *key, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, data, "name", who->name);
	ad_json_set_bool(desk->arena, data, "is_approver", who->is_approver);
	ad_json_set_bool(desk->arena, data, "is_admin", who->is_admin);
	int e = ad_frozen_banner(desk, who->locale, data, err);
	return e == 0 ? ad_reply_card(desk, who, template, key, data, template, ret, err) : e;
}

int ad_desk_welcome(struct ad_desk *desk, const struct ad_person *who, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	return greet(desk, who, "welcome", "welcome.short", ret, err);
}

int ad_desk_help(struct ad_desk *desk, const struct ad_person *who, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	return greet(desk, who, "help", "help.short", ret, err);
}

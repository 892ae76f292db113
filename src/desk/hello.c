/* SPDX-License-Identifier: Apache-2.0 */
/* Welcome and help: what one can say here, and never silence. */
#include "parts.h"

static struct ad_json *rights(const struct ad_desk *desk, const struct ad_person *who)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, data, "name", who->name);
	ad_json_set_bool(desk->arena, data, "is_approver", who->is_approver);
	ad_json_set_bool(desk->arena, data, "is_admin", who->is_admin);
	return data;
}

int ad_desk_welcome(struct ad_desk *desk, const struct ad_person *who, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	return ad_reply_card(
		desk, who, "welcome", "welcome.short", rights(desk, who), "welcome", ret, err);
}

int ad_desk_help(struct ad_desk *desk, const struct ad_person *who, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	return ad_reply_card(desk, who, "help", "help.short", rights(desk, who), "help", ret, err);
}

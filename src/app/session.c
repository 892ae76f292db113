/* SPDX-License-Identifier: Apache-2.0 */
/* A session of the command line with the database. */
#include "session.h"

static int open_all(const char *config_path, enum ad_session_kind kind, struct ad_session *s,
	struct ad_err *err)
{
	int r = ad_config_load(config_path, &s->config, err);
	if (r == 0 && kind == AD_SESSION_ACTS)
		r = ad_cards_load(s->config->cards.folder, s->config->cards.words, &s->cards, err);
	if (r == 0)
		r = ad_db_open(s->config->database.url,
			&(struct ad_db_options){ .application_name = "appdesk cli" }, &s->db, err);
	if (r == 0)
		r = ad_db_schema_check(s->db, err);
	if (r != 0)
		return r;
	s->desk = (struct ad_desk){
		.db = s->db,
		.arena = s->arena,
		.cards = s->cards,
		.tenant_id = s->config->bot.tenant_id,
		.node_id = "cli",
		.bot_app_id = s->config->bot.app_id,
		.source = "cli",
		.correlation_id = "",
		.ip_address = "",
	};
	return ad_desk_settings_load(s->db, s->arena, s->desk.tenant_id, &s->desk.settings, err);
}

int ad_session_open(const char *config_path, enum ad_session_kind kind, struct ad_session *ret,
	struct ad_err *err)
{
	*ret = (struct ad_session){ .arena = ad_arena_new() };
	int r = open_all(config_path, kind, ret, err);
	if (r != 0)
		ad_session_close(ret);
	return r;
}

void ad_session_close(struct ad_session *session)
{
	ad_db_close(session->db);
	ad_cards_free(session->cards);
	ad_config_free(session->config);
	ad_arena_free(session->arena);
	*session = (struct ad_session){ 0 };
}

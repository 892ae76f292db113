/* SPDX-License-Identifier: Apache-2.0 */
/* What this process knows of itself; see checkup.h. */
#include "checkup.h"

#include "ad/file.h"
#include "ad/pack.h"
#include "ad/text.h"
#include "service.h"

static struct ad_desk_credential credential_of(
	struct ad_arena *arena, struct ad_token_source *source, const char *kind)
{
	struct ad_token_status status;
	ad_token_get_status(source, &status);
	const struct ad_err *error = status.error.code != 0 ? &status.error : &status.unreadable;
	return (struct ad_desk_credential){
		.error = error->code != 0 ? ad_strdup(arena, error->text) : NULL,
		.is_secret = ad_text_eq(kind, "secret"),
		.certificate_s = status.certificate_s,
	};
}

void ad_checkup_fill(const struct ad_config *config, struct ad_arena *arena,
	struct ad_token_source *bot, struct ad_token_source *graph, struct ad_desk_machine *ret)
{
	struct ad_err err = { 0 };
	*ret = (struct ad_desk_machine){
		.is_local = config->dev.loopback,
		.mail = config->mail.transport,
		.directory_every_s = config->graph.directory_every_s,
		.index_url = config->winget.base_url,
		.index_max_age_days = config->winget.max_index_age_days,
		.work_dir = config->packaging.work_dir,
		.installer_bytes = config->packaging.max_installer_bytes,
		.bot = credential_of(arena, bot, config->bot.credential.kind),
		.graph = credential_of(arena, graph, config->graph.credential.kind),
	};
	if (ad_file_free_bytes(ret->work_dir, &ret->free_bytes, &err) != 0)
		ret->disk_error = ad_strdup(arena, err.text);
	/* One that opens a path needs both locks of the kernel. */
	if (ad_reader_try(&ad_pack_msi_reader, "/", &err) != 0)
		ret->readers_error = ad_strdup(arena, err.text);
}

void ad_checkup_service(void *ctx, struct ad_arena *arena, struct ad_desk_machine *ret)
{
	struct ad_service *s = ctx;
	struct ad_identity_status keys;
	ad_checkup_fill(s->config, arena, s->bot_token, s->graph_token, ret);
	ad_identity_get_status(s->identity, &keys);
	ret->knows_keys = true;
	ret->keys_age_s = keys.keys_age_s;
	if (keys.error.code != 0)
		ret->keys_error = ad_strdup(arena, keys.error.text);
	if (s->tls)
		ret->tls_s = ad_tls_server_expires_in_s(s->tls);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes people who wrote to the bot before: a sealed conversation reference each.
 *
 *   torture_people DATABASE_URL KEY_ID KEY_BASE64 TENANT APP SERVICE_URL COUNT
 *
 * Person n has the object id 10000000-0000-4000-8000-<n, 12 digits> and the conversation
 * "a:torture-<n>".
 */
#include "ad/db.h"
#include "ad/store/convs.h"
#include "ad/teams/reference.h"
#include "ad/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGUMENTS 8
#define OID_FORMAT "10000000-0000-4000-8000-%012u"

struct maker {
	struct ad_db *db;
	struct ad_store_conv_key key;
	const char *tenant, *app, *service_url;
};

static int make_person(
	const struct maker *m, struct ad_arena *arena, unsigned n, struct ad_err *err)
{
	struct ad_reference reference = {
		.tenant_id = m->tenant,
		.oid = ad_printf(arena, OID_FORMAT, n),
		.user_id = ad_printf(arena, "29:torture-%u", n),
		.bot_id = ad_printf(arena, "28:%s", m->app),
		.channel_id = "msteams",
		.service_url = m->service_url,
		.conversation_id = ad_printf(arena, "a:torture-%u", n),
		.locale = "",
	};
	struct ad_store_conv conv = {
		.tenant_id = m->tenant,
		.oid = reference.oid,
		.app_id = m->app,
		.conversation_id = reference.conversation_id,
		.reference = ad_reference_print(arena, &reference),
	};
	return ad_store_conv_put(m->db, arena, &m->key, &conv, err);
}

int main(int argc, char **argv)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_err err = { 0 };
	uint8_t *key = NULL;
	size_t len = 0;
	if (argc != ARGUMENTS ||
		ad_base64_decode(arena, argv[3], strlen(argv[3]), &key, &len) != 0 ||
		len != AD_AES256_KEY_LEN) {
		(void)fprintf(stderr, "people: see the head of its source\n");
		return 2;
	}
	struct maker maker = {
		.key.id = argv[2], .tenant = argv[4], .app = argv[5], .service_url = argv[6]
	};
	memcpy(maker.key.key, key, len);
	unsigned count = (unsigned)strtoul(argv[7], NULL, 10);
	int rc = ad_db_open(argv[1], NULL, &maker.db, &err);
	for (unsigned n = 0; rc == 0 && n < count; n++) {
		ad_arena_reset(arena);
		rc = make_person(&maker, arena, n, &err);
	}
	if (rc != 0)
		(void)fprintf(stderr, "people: %s\n", err.text);
	ad_db_close(maker.db);
	ad_arena_free(arena);
	return rc == 0 ? 0 : 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Notices, for who writes mails. */
#include "ad/store/mails.h"
#include "ad/db.h"

#include "ad_queries.h"

int ad_store_mail_notice(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t outbox_id, struct ad_mail_notice *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_MAILS_NOTICE,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_INT(outbox_id)), &row, err);
	if (e != 0)
		return e;
	*ret = (struct ad_mail_notice){
		.id = outbox_id,
		.recipient_oid = ad_db_text(row, 0, 0),
		.fact = ad_db_text(row, 0, 1),
		.activity = ad_db_text(row, 0, 2),
		.card = ad_db_text(row, 0, 3),
		.request_id = ad_db_int(row, 0, 4),
		.job_id = ad_db_int(row, 0, 5),
		.mail = ad_db_text(row, 0, 6),
		.locale = ad_db_text(row, 0, 7),
		.is_active = ad_db_bool(row, 0, 8),
		.is_mailed = ad_db_bool(row, 0, 9),
		.mails = (int)ad_db_int(row, 0, 10),
	};
	return 0;
}

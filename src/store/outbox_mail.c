/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mails in the outbox: sealed on the way in, opened on the way out. A mail says things about people
 * and may carry links that decide, so the database holds nothing of it that can be read: neither
 * address nor subject.
 */
#include "outbox_mail.h"

#include "ad/db.h"
#include "ad/json.h"
#include "ad/text.h"

#include "ad_queries.h"

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

/* ---- the seal ---- */

struct ad_bytes ad_outbox_mail_context(
	struct ad_arena *arena, const char *tenant_id, const char *oid, const char *fact)
{
	const char *text = ad_printf(arena, "mail\n%s\n%s\n%s", tenant_id, oid, fact);
	return (struct ad_bytes){ (const uint8_t *)text, strlen(text) };
}

static const char *seal(struct ad_arena *arena, const struct ad_store_conv_key *key,
	const struct ad_mail_new *mail, const char *fact)
{
	struct ad_json *json = ad_json_new_object(arena);
	ad_json_set_str(arena, json, "to", mail->to);
	ad_json_set_str(arena, json, "subject", mail->subject);
	ad_json_set_str(arena, json, "text", mail->text);
	ad_json_set_str(arena, json, "html", or_empty(mail->html));
	const char *plain = ad_json_print(arena, json);
	return ad_store_seal_text(arena, key,
		(struct ad_bytes){ (const uint8_t *)plain, strlen(plain) },
		ad_outbox_mail_context(arena, mail->tenant_id, mail->recipient_oid, fact));
}

const struct ad_outbox_mail *ad_outbox_mail_open(struct ad_arena *arena,
	const struct ad_store_conv_key *key, const struct ad_outbox_row *row)
{
	struct ad_bytes plain;
	struct ad_json *json;
	if (ad_store_unseal_text(arena, key, row->activity,
		    ad_outbox_mail_context(arena, row->tenant_id, row->recipient_oid, row->fact),
		    &plain, NULL) != 0 ||
		ad_json_parse(arena, (const char *)plain.data, plain.len, &json, NULL) != 0)
		return NULL;
	struct ad_outbox_mail *mail = ad_alloc(arena, sizeof *mail);
	*mail = (struct ad_outbox_mail){
		.to = or_empty(ad_json_str(json, "to")),
		.subject = or_empty(ad_json_str(json, "subject")),
		.text = or_empty(ad_json_str(json, "text")),
		.html = or_empty(ad_json_str(json, "html")),
	};
	return mail;
}

/* ---- the door ---- */

static bool is_one_line(const char *text)
{
	size_t len = strlen(text);
	uint32_t code_point = 0;
	for (size_t at = 0, step; at < len; at += step) {
		step = ad_utf8_next(text + at, len - at, &code_point);
		if (step == 0 || ad_utf8_is_hidden(code_point))
			return false;
	}
	return true;
}

static size_t characters(const char *text)
{
	size_t count = 0;
	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

static int check(const struct ad_mail_new *mail, struct ad_err *err)
{
	const char *subject = or_empty(mail->subject);
	const char *text = or_empty(mail->text);
	const char *html = or_empty(mail->html);
	if (!ad_text_is_mail_address(mail->to))
		return AD_FAIL(err, AD_EINVAL, "mail: the recipient's address is not a plain one");
	if (!*subject || !is_one_line(subject) || characters(subject) > AD_MAIL_SUBJECT_MAX)
		return AD_FAIL(err, AD_EINVAL,
			"mail: the subject must be one line of at most %d characters",
			AD_MAIL_SUBJECT_MAX);
	if (!*text || !ad_utf8_valid(text, strlen(text)) || !ad_utf8_valid(html, strlen(html)))
		return AD_FAIL(err, AD_EINVAL, "mail: no text, or not UTF-8");
	if (strlen(text) + strlen(html) > AD_MAIL_BODY_MAX)
		return AD_FAIL(
			err, AD_ETOOBIG, "mail: text of more than %u bytes", AD_MAIL_BODY_MAX);
	return 0;
}

static int add(struct ad_db *db, struct ad_arena *arena, const struct ad_store_conv_key *key,
	const struct ad_mail_new *mail, int64_t *ret_id, struct ad_err *err)
{
	struct ad_db_result *added;
	int rc = check(mail, err);
	if (rc != 0)
		return rc;
	const char *fact = ad_printf(arena, AD_MAIL_FACT "%s", mail->fact);
	rc = ad_db_exec(db, arena, AD_Q_OUTBOX_ADD_MAIL,
		AD_DB_PARAMS(AD_DB_TEXT(mail->tenant_id), AD_DB_TEXT(mail->recipient_oid),
			AD_DB_TEXT(fact), AD_DB_TEXT(seal(arena, key, mail, fact)),
			AD_DB_INT(mail->request_id), AD_DB_INT(mail->fallback_of),
			AD_DB_TEXT(or_empty(mail->node_id)), AD_DB_INT(AD_OUTBOX_LEASE_S),
			AD_DB_BOOL(mail->urgent)),
		&added, err);
	if (rc == 0)
		*ret_id = ad_db_rows(added) > 0 ? ad_db_int(added, 0, 0) : 0;
	return rc;
}

int ad_store_outbox_add_mail(struct ad_db *db, struct ad_arena *arena,
	const struct ad_store_conv_key *key, const struct ad_mail_new *mail, int64_t *ret_id,
	struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(db));
	return add(db, arena, key, mail, ret_id, err);
}

int ad_store_outbox_add_alert(struct ad_db *db, struct ad_arena *arena,
	const struct ad_store_conv_key *key, const struct ad_mail_alert *alert, int64_t **ret_ids,
	size_t *ret_count, struct ad_err *err)
{
	int64_t *ids = ad_alloc_array(arena, alert->to_count + 1, sizeof *ids);
	size_t count = 0;
	for (size_t i = 0; i < alert->to_count; i++) {
		struct ad_mail_new mail = {
			.tenant_id = alert->tenant_id,
			.recipient_oid = ad_printf(arena, AD_MAIL_ALERT "%s", alert->to[i]),
			.fact = alert->fact,
			.node_id = alert->node_id,
			.to = alert->to[i],
			.subject = alert->subject,
			.text = alert->text,
		};
		int64_t id = 0;
		int rc = add(db, arena, key, &mail, &id, err);
		if (rc != 0)
			return rc;
		if (id > 0)
			ids[count++] = id;
	}
	*ret_ids = ids;
	*ret_count = count;
	return 0;
}

int ad_store_outbox_begin_mail(struct ad_db *db, struct ad_arena *arena, const char *node_id,
	int64_t id, bool *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int rc = ad_db_exec(db, arena, AD_Q_OUTBOX_BEGIN_MAIL,
		AD_DB_PARAMS(AD_DB_INT(id), AD_DB_TEXT(node_id)), &rows, err);
	if (rc == 0)
		*ret = ad_db_rows(rows) > 0;
	return rc;
}

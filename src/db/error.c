/* SPDX-License-Identifier: Apache-2.0 */
/* SQLSTATE -> code and class. The table is read from the top: a whole state before its class. */
#include "conn.h"

#include "ad/text.h"

#define CLASS_OF_CODE AD_CLASS_NONE

static const struct {
	const char *state; /* prefix */
	int code;
	enum ad_class class;
} states[] = {
	{ "23505", AD_ECONFLICT, AD_CLASS_CALLER },    /* unique_violation */
	{ "40001", AD_ECONFLICT, AD_CLASS_TRANSIENT }, /* serialization_failure */
	{ "40P01", AD_ECONFLICT, AD_CLASS_TRANSIENT }, /* deadlock_detected */
	{ "55P03", AD_ETIMEOUT, CLASS_OF_CODE },       /* lock_not_available */
	{ "57014", AD_ETIMEOUT, CLASS_OF_CODE },       /* query_canceled: statement_timeout */
	{ "25P03", AD_EUNAVAIL, CLASS_OF_CODE },       /* idle_in_transaction_session_timeout */
	{ "25006", AD_EUNAVAIL, CLASS_OF_CODE },       /* read_only: this server is a standby now */
	{ "08", AD_EUNAVAIL, CLASS_OF_CODE },          /* connection exception */
	{ "53", AD_EUNAVAIL, CLASS_OF_CODE },          /* disk full, out of memory, too many */
	{ "57P", AD_EUNAVAIL, CLASS_OF_CODE },         /* shutting down, starting up */
	{ "58", AD_EUNAVAIL, CLASS_OF_CODE },          /* system error, I/O error */
	{ "", AD_EBUG, CLASS_OF_CODE },
};

static int set(struct ad_err *err, const char *state, const char *message)
{
	size_t i = 0;
	while (!ad_text_starts(state, states[i].state))
		i++;
	/* Data exceptions quote the value, which may be anybody's text. */
	if (ad_text_starts(state, "22"))
		message = "data exception";
	int len = (int)strcspn(message, "\n");
	int code = ad_err_set(
		err, states[i].code, "database", "%.*s (SQLSTATE %s)", len, message, state);
	if (err && states[i].class != CLASS_OF_CODE)
		err->class = states[i].class;
	return code;
}

int db_error(struct ad_db *db, const PGconn *conn, const PGresult *result, struct ad_err *err)
{
	const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	if (!state) {
		const char *text = PQerrorMessage(conn);
		return ad_err_set(err, AD_EUNAVAIL, "database", "%.*s", (int)strcspn(text, "\n"),
			*text ? text : "connection lost");
	}
	const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
	if (db && constraint)
		(void)snprintf(db->constraint, sizeof db->constraint, "%s", constraint);
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	return set(err, state, message ? message : "");
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the Bot Connector's answer means (protocol.md 4.3): one table, status first, code second.
 * The error body has come in several shapes over the years, so every part of it is optional.
 */
#include "ad/teams/connector.h"

#include "ad/json.h"
#include "ad/teams/activity.h"
#include "ad/text.h"

struct rule {
	int status;
	const char *code; /* NULL: any; the first rule that fits wins */
	enum ad_connector_verdict verdict;
	enum ad_reference_change reference;
};

static const struct rule rules[] = {
	{ 400, NULL, AD_CONNECTOR_REFUSED, AD_REFERENCE_KEEP },
	{ 401, NULL, AD_CONNECTOR_TOKEN, AD_REFERENCE_KEEP },
	{ 403, "BotDisabledByAdmin", AD_CONNECTOR_TENANT_BLOCKED, AD_REFERENCE_KEEP },
	{ 403, "BotNotInConversationRoster", AD_CONNECTOR_DEAD, AD_REFERENCE_REMOVED },
	{ 403, "ConversationBlockedByUser", AD_CONNECTOR_DEAD, AD_REFERENCE_BLOCKED },
	{ 403, "ForbiddenOperationException", AD_CONNECTOR_DEAD, AD_REFERENCE_REMOVED },
	{ 403, "MessageWritesBlocked", AD_CONNECTOR_DEAD, AD_REFERENCE_BLOCKED },
	{ 403, "NotEnoughPermissions", AD_CONNECTOR_REFUSED, AD_REFERENCE_KEEP },
	{ 403, "InvalidBotApiHost", AD_CONNECTOR_WRONG_HOST, AD_REFERENCE_KEEP },
	{ 404, "BotNotInConversationRoster", AD_CONNECTOR_DEAD, AD_REFERENCE_REMOVED },
	{ 404, "ActivityNotFoundInConversation", AD_CONNECTOR_NO_ACTIVITY, AD_REFERENCE_KEEP },
	{ 404, NULL, AD_CONNECTOR_NO_CONVERSATION, AD_REFERENCE_STALE },
	{ 410, NULL, AD_CONNECTOR_NO_CONVERSATION, AD_REFERENCE_STALE },
	{ 408, NULL, AD_CONNECTOR_UNKNOWN, AD_REFERENCE_KEEP },
	{ 412, NULL, AD_CONNECTOR_RETRY, AD_REFERENCE_KEEP },
	{ 413, NULL, AD_CONNECTOR_TOO_BIG, AD_REFERENCE_KEEP },
	{ 429, NULL, AD_CONNECTOR_RETRY, AD_REFERENCE_KEEP },
	/* Says that nothing was taken, and lasts: counted as unknown, an outage of a minute would
	 * end every notice of that minute. */
	{ 503, NULL, AD_CONNECTOR_RETRY, AD_REFERENCE_KEEP },
};

/* A body that says {"error":{"code":..,"message":..}}, or the older {"errorCode":209,"message":"<a
 * JSON text with subCode>"}, or anything else. */
static void read_error(struct ad_arena *arena, const struct ad_json *body, const char **ret_code,
	const char **ret_message)
{
	const struct ad_json *error = ad_json_get(body, "error");
	const struct ad_json *from = ad_json_kind(error) == AD_JSON_OBJECT ? error : body;
	const char *code = ad_json_str(from, "code");
	const char *message = ad_json_str(from, "message");
	if (!message)
		message = ad_json_text(error);
	if (!code)
		code = ad_json_str(from, "subCode");
	struct ad_json *inner = NULL;
	if (!code && message && *message == '{' &&
		ad_json_parse(arena, message, strlen(message), &inner, NULL) == 0) {
		code = ad_json_str(inner, "subCode");
		if (ad_json_str(inner, "details"))
			message = ad_json_str(inner, "details");
	}
	*ret_code = code ? code : "";
	*ret_message = message ? message : "";
}

static struct ad_json *parse_body(struct ad_arena *arena, const struct ad_net_response *response)
{
	struct ad_json *body = NULL;
	if (response->body_len == 0 ||
		ad_json_parse(arena, response->body, response->body_len, &body, NULL) != 0)
		return NULL;
	return body;
}

static const char *correlation_of(struct ad_arena *arena, const struct ad_net_response *response)
{
	const char *id = ad_net_response_header(response, "X-Correlating-OperationId");
	if (!id)
		id = ad_net_response_header(response, "MS-CV");
	return id ? ad_utf8_cut(arena, id, 100) : "";
}

/* An id of an unbelievable length is as good as none. */
static const char *own_copy(struct ad_arena *arena, const char *text, size_t max)
{
	return text && strlen(text) <= max ? ad_strdup(arena, text) : "";
}

static const char *describe(
	struct ad_arena *arena, const struct ad_connector_outcome *outcome, const char *message)
{
	message = ad_utf8_cut(arena, ad_utf8_clean(arena, message, false), 200);
	return ad_printf(arena, "HTTP %d%s%s%s%s", outcome->status, *outcome->code ? " " : "",
		outcome->code, *message ? ": " : "", message);
}

static bool may_be_repeated(enum ad_connector_op op)
{
	return op != AD_CONNECTOR_SEND && op != AD_CONNECTOR_REPLY;
}

static void apply_rules(struct ad_connector_outcome *outcome)
{
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		if (rules[i].status != outcome->status ||
			(rules[i].code && !ad_text_eq(rules[i].code, outcome->code)))
			continue;
		outcome->verdict = rules[i].verdict;
		outcome->reference = rules[i].reference;
		return;
	}
	if (outcome->status >= 500)
		outcome->verdict = AD_CONNECTOR_UNKNOWN;
}

static void judge_status(enum ad_connector_op op, struct ad_connector_outcome *outcome)
{
	apply_rules(outcome);
	if (outcome->verdict == AD_CONNECTOR_UNKNOWN && may_be_repeated(op))
		outcome->verdict = AD_CONNECTOR_RETRY;
	/* Without a code a 404 on a change is taken for the activity's. */
	if (outcome->status == 404 && op == AD_CONNECTOR_UPDATE && !*outcome->code) {
		outcome->verdict = AD_CONNECTOR_NO_ACTIVITY;
		outcome->reference = AD_REFERENCE_KEEP;
	}
	bool is_gone = outcome->verdict == AD_CONNECTOR_NO_ACTIVITY ||
		       outcome->verdict == AD_CONNECTOR_NO_CONVERSATION;
	if (is_gone && op == AD_CONNECTOR_DELETE)
		outcome->verdict = AD_CONNECTOR_DONE;
	else if ((is_gone && op == AD_CONNECTOR_CREATE) ||
		 (outcome->verdict == AD_CONNECTOR_NO_ACTIVITY && op != AD_CONNECTOR_UPDATE))
		outcome->verdict = AD_CONNECTOR_DEAD;
}

static void judge_answer(struct ad_arena *arena, enum ad_connector_op op,
	const struct ad_net_response *response, struct ad_connector_outcome *outcome)
{
	const struct ad_json *body = parse_body(arena, response);
	outcome->correlation_id = correlation_of(arena, response);
	if (response->status >= 200 && response->status < 300) {
		outcome->verdict = AD_CONNECTOR_DONE;
		outcome->id = own_copy(arena, ad_json_str(body, "id"), AD_ACTIVITY_ID_MAX);
		outcome->service_url =
			own_copy(arena, ad_json_str(body, "serviceUrl"), AD_ACTIVITY_URL_MAX);
		return;
	}
	const char *code = "";
	const char *message = "";
	read_error(arena, body, &code, &message);
	outcome->code = ad_utf8_cut(arena, code, 64);
	outcome->retry_after_s = response->retry_after_s;
	if (outcome->retry_after_s > AD_CONNECTOR_RETRY_AFTER_MAX_S)
		outcome->retry_after_s = AD_CONNECTOR_RETRY_AFTER_MAX_S;
	judge_status(op, outcome);
	outcome->text = describe(arena, outcome, message);
}

/* No answer. net's code already knows whether the call may be repeated. */
static void judge_silence(struct ad_arena *arena, enum ad_connector_op op, int rc,
	const struct ad_err *err, struct ad_connector_outcome *outcome)
{
	if (rc == AD_EAMBIGUOUS || rc == AD_ETOOBIG)
		outcome->verdict = may_be_repeated(op) ? AD_CONNECTOR_RETRY : AD_CONNECTOR_UNKNOWN;
	else if (rc == AD_EUNAVAIL || rc == AD_ETIMEOUT || rc == AD_EAUTH || rc == AD_EIO)
		outcome->verdict = AD_CONNECTOR_RETRY;
	outcome->text = ad_printf(
		arena, "no answer: %s", err && *err->text ? err->text : ad_err_code_name(rc));
}

void ad_connector_judge(struct ad_arena *arena, enum ad_connector_op op, int rc,
	const struct ad_net_response *response, const struct ad_err *err,
	struct ad_connector_outcome *ret)
{
	*ret = (struct ad_connector_outcome){
		.verdict = AD_CONNECTOR_DEAD,
		.id = "",
		.service_url = "",
		.code = "",
		.correlation_id = "",
		.text = "",
	};
	if (rc != 0) {
		judge_silence(arena, op, rc, err, ret);
		return;
	}
	ret->status = response->status;
	judge_answer(arena, op, response, ret);
}

const char *ad_connector_verdict_name(enum ad_connector_verdict verdict)
{
	static const char *const names[] = {
		[AD_CONNECTOR_DONE] = "done",
		[AD_CONNECTOR_RETRY] = "retry",
		[AD_CONNECTOR_TOKEN] = "token",
		[AD_CONNECTOR_UNKNOWN] = "unknown",
		[AD_CONNECTOR_WRONG_HOST] = "wrong_host",
		[AD_CONNECTOR_TOO_BIG] = "too_big",
		[AD_CONNECTOR_NO_ACTIVITY] = "no_activity",
		[AD_CONNECTOR_NO_CONVERSATION] = "no_conversation",
		[AD_CONNECTOR_TENANT_BLOCKED] = "tenant_blocked",
		[AD_CONNECTOR_REFUSED] = "refused",
		[AD_CONNECTOR_DEAD] = "dead",
	};
	return names[verdict];
}

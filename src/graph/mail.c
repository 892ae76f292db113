/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sendMail: building the request and judging the answer. A POST that may have been taken is not
 * repeated: nobody minds a late mail as much as the same mail again and again.
 */
#include "ad/graph/mail.h"

#include "ad/json.h"
#include "ad/text.h"
#include "call.h"

#define CODE_MAX 64       /* characters of Graph's error code, */
#define MESSAGE_MAX 240   /* of its words, */
#define REQUEST_ID_MAX 64 /* and of its request id */

/* ---- the request ---- */

static struct ad_json *recipients(struct ad_arena *arena, const char *address)
{
	struct ad_json *email = ad_json_new_object(arena);
	ad_json_set_str(arena, email, "address", address);
	struct ad_json *recipient = ad_json_new_object(arena);
	ad_json_set(arena, recipient, "emailAddress", email);
	struct ad_json *list = ad_json_new_array(arena);
	ad_json_append(arena, list, recipient);
	return list;
}

/* Nobody's out-of-office answer should come back to us. Graph takes headers with "x-" only. */
static struct ad_json *headers_of_mail(struct ad_arena *arena)
{
	struct ad_json *header = ad_json_new_object(arena);
	ad_json_set_str(arena, header, "name", "X-Auto-Response-Suppress");
	ad_json_set_str(arena, header, "value", "All");
	struct ad_json *list = ad_json_new_array(arena);
	ad_json_append(arena, list, header);
	return list;
}

static const char *body_of(struct ad_arena *arena, const struct ad_graph_mail *mail)
{
	bool is_html = !ad_text_empty(mail->html);
	struct ad_json *content = ad_json_new_object(arena);
	ad_json_set_str(arena, content, "contentType", is_html ? "HTML" : "Text");
	ad_json_set_str(arena, content, "content", is_html ? mail->html : mail->text);
	struct ad_json *message = ad_json_new_object(arena);
	ad_json_set_str(arena, message, "subject", mail->subject);
	ad_json_set(arena, message, "body", content);
	ad_json_set(arena, message, "toRecipients", recipients(arena, mail->to));
	ad_json_set(arena, message, "internetMessageHeaders", headers_of_mail(arena));
	struct ad_json *body = ad_json_new_object(arena);
	ad_json_set(arena, body, "message", message);
	ad_json_set_bool(arena, body, "saveToSentItems", false);
	return ad_json_print(arena, body);
}

int ad_graph_mail_request(struct ad_arena *arena, const struct ad_graph_mail *mail,
	struct ad_net_request *ret, struct ad_err *err)
{
	if (ad_text_empty(mail->base_url) || ad_text_empty(mail->from) ||
		ad_text_empty(mail->token) || ad_text_empty(mail->subject) ||
		(ad_text_empty(mail->text) && ad_text_empty(mail->html)))
		return AD_FAIL(err, AD_EINVAL,
			"graph: send mail: address, mailbox, token, subject or text is missing");
	if (!ad_text_is_mail_address(mail->to))
		return AD_FAIL(err, AD_EINVAL,
			"graph: send mail: the recipient's address is not a plain one");
	struct ad_net_header *headers = ad_alloc_array(arena, 2, sizeof *headers);
	headers[0].name = "Authorization";
	headers[0].value = ad_printf(arena, "Bearer %s", mail->token);
	headers[1].name = "Accept";
	headers[1].value = "application/json";
	const char *body = body_of(arena, mail);
	*ret = (struct ad_net_request){
		.method = "POST",
		.url = ad_printf(arena, "%s/v1.0/users/%s/sendMail", mail->base_url,
			ad_url_segment(arena, mail->from)),
		.headers = headers,
		.headers_count = 2,
		.content_type = "application/json",
		.body = body,
		.body_len = strlen(body),
		.response_max = AD_GRAPH_MAIL_BODY_MAX,
		.total_ms = AD_GRAPH_MAIL_TOTAL_MS,
		.allow_http_loopback = mail->allow_http_loopback,
	};
	return 0;
}

/* ---- the answer ---- */

static const struct rule {
	int status;
	enum ad_graph_mail_verdict verdict;
	const char *advice; /* what to do about it */
} rules[] = {
	{ 202, AD_GRAPH_MAIL_DONE, "" },
	{ 401, AD_GRAPH_MAIL_TOKEN, "" },
	{ 403, AD_GRAPH_MAIL_REFUSED,
		": give the app the permission Mail.Send, and let its access policy include the "
		"mailbox mail.from" },
	{ 404, AD_GRAPH_MAIL_REFUSED, ": mail.from is no mailbox that Graph can send from" },
	{ 408, AD_GRAPH_MAIL_UNKNOWN, "" },
	{ 429, AD_GRAPH_MAIL_RETRY, "" },
	/* Says that nothing was taken. */
	{ 503, AD_GRAPH_MAIL_RETRY, "" },
};

static void apply_rules(
	struct ad_graph_mail_outcome *outcome, const char *code, const char **ret_advice)
{
	int status = outcome->status;
	*ret_advice = "";
	outcome->verdict = status >= 500 ? AD_GRAPH_MAIL_UNKNOWN : AD_GRAPH_MAIL_DEAD;
	if (status >= 200 && status < 300)
		outcome->verdict = AD_GRAPH_MAIL_DONE;
	/* A gateway that names a time asks for the mail again; without one it may have passed it
	 * on. */
	if (status == 504 && outcome->retry_after_s > 0)
		outcome->verdict = AD_GRAPH_MAIL_RETRY;
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (rules[i].status == status) {
			outcome->verdict = rules[i].verdict;
			*ret_advice = rules[i].advice;
		}
	/* 400 says it too, of a mailbox without a licence. */
	if (status == 400 && ad_text_eq(code, "MailboxNotEnabledForRESTAPI"))
		outcome->verdict = AD_GRAPH_MAIL_REFUSED;
}

static const char *clean(struct ad_arena *arena, const char *text, size_t max)
{
	return ad_utf8_cut(arena, ad_utf8_clean(arena, text, false), max);
}

static void judge_answer(struct ad_arena *arena, const struct ad_net_response *response,
	struct ad_graph_mail_outcome *outcome)
{
	struct ad_json *body = NULL;
	(void)!ad_json_parse(arena, response->body, response->body_len, &body, NULL);
	const char *code = clean(arena, ad_graph_str(body, "error.code"), CODE_MAX);
	const char *message = clean(arena, ad_graph_str(body, "error.message"), MESSAGE_MAX);
	const char *request_id = ad_net_response_header(response, "request-id");
	const char *advice;
	outcome->status = response->status;
	outcome->retry_after_s = response->retry_after_s;
	if (outcome->retry_after_s > AD_GRAPH_MAIL_RETRY_AFTER_MAX_S)
		outcome->retry_after_s = AD_GRAPH_MAIL_RETRY_AFTER_MAX_S;
	if (request_id && ad_utf8_valid(request_id, strlen(request_id)))
		outcome->request_id = clean(arena, request_id, REQUEST_ID_MAX);
	apply_rules(outcome, code, &advice);
	if (outcome->verdict != AD_GRAPH_MAIL_DONE)
		outcome->text =
			ad_printf(arena, "graph: send mail: HTTP %d%s%s%s%s%s", response->status,
				*code ? " " : "", code, advice, *message ? ": " : "", message);
}

/* No answer: net's code already knows whether anything has been sent. */
static void judge_silence(struct ad_arena *arena, int rc, const struct ad_err *err,
	struct ad_graph_mail_outcome *outcome)
{
	if (rc == AD_EAMBIGUOUS || rc == AD_ETOOBIG)
		outcome->verdict = AD_GRAPH_MAIL_UNKNOWN;
	else if (rc == AD_EUNAVAIL || rc == AD_ETIMEOUT || rc == AD_EAUTH || rc == AD_EIO)
		outcome->verdict = AD_GRAPH_MAIL_RETRY;
	outcome->text = ad_printf(arena, "graph: send mail: no answer: %s",
		err && *err->text ? err->text : ad_err_code_name(rc));
}

void ad_graph_mail_judge(struct ad_arena *arena, int rc, const struct ad_net_response *response,
	const struct ad_err *err, struct ad_graph_mail_outcome *ret)
{
	*ret = (struct ad_graph_mail_outcome){
		.verdict = AD_GRAPH_MAIL_DEAD,
		.request_id = "",
		.text = "",
	};
	if (rc != 0)
		judge_silence(arena, rc, err, ret);
	else
		judge_answer(arena, response, ret);
}

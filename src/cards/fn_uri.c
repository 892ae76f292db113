/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that give the parts of an address. */
#include "expr.h"
#include "uri.h"

#define IDNA_STEPS 20 /* what looking a name through counts */

static enum ad_outcome parse_argument(struct ad_call *call, struct ad_uri *uri)
{
	struct ad_string text = ad_arg_text(call, 0);
	if (ad_spend(call->x, IDNA_STEPS + text.len, 16 * text.len) != AD_DONE)
		return AD_STOPPED;
	if (call->arg[0].kind != AD_STRING || !ad_uri_parse(call->x->arena, text.text, uri))
		return ad_fail(call, "is no address");
	return AD_DONE;
}

static enum ad_outcome give(enum ad_outcome o, const char *text, struct ad_value *ret)
{
	if (o == AD_DONE)
		*ret = ad_value_string(text, strlen(text));
	return o;
}

static enum ad_outcome fn_host(struct ad_call *call, struct ad_value *ret)
{
	struct ad_uri uri = { 0 };
	enum ad_outcome o = parse_argument(call, &uri);
	return give(o, uri.host, ret);
}

static enum ad_outcome fn_path(struct ad_call *call, struct ad_value *ret)
{
	struct ad_uri uri = { 0 };
	enum ad_outcome o = parse_argument(call, &uri);
	return give(o, uri.path, ret);
}

static enum ad_outcome fn_query(struct ad_call *call, struct ad_value *ret)
{
	struct ad_uri uri = { 0 };
	enum ad_outcome o = parse_argument(call, &uri);
	return give(o, uri.query, ret);
}

static enum ad_outcome fn_path_and_query(struct ad_call *call, struct ad_value *ret)
{
	struct ad_uri uri = { 0 };
	enum ad_outcome o = parse_argument(call, &uri);
	return give(o, o == AD_DONE ? ad_printf(call->x->arena, "%s%s", uri.path, uri.query) : NULL,
		ret);
}

static enum ad_outcome fn_scheme(struct ad_call *call, struct ad_value *ret)
{
	struct ad_uri uri = { 0 };
	enum ad_outcome o = parse_argument(call, &uri);
	return give(o, uri.scheme, ret);
}

static enum ad_outcome fn_port(struct ad_call *call, struct ad_value *ret)
{
	struct ad_uri uri = { 0 };
	enum ad_outcome o = parse_argument(call, &uri);
	*ret = ad_value_number(uri.port);
	return o;
}

#define PART(name, returns, fn)                            \
	{                                                  \
		name, NULL, returns, 1, 1, { 0 }, 0, 0, fn \
	}

const struct ad_function ad_functions_uri[] = {
	PART("uriHost", AD_T_STRING, fn_host),
	PART("uriPath", AD_T_STRING, fn_path),
	PART("uriPathAndQuery", AD_T_STRING, fn_path_and_query),
	PART("uriPort", AD_T_NUMBER, fn_port),
	PART("uriQuery", AD_T_STRING, fn_query),
	PART("uriScheme", AD_T_STRING, fn_scheme),
	{ .name = NULL },
};

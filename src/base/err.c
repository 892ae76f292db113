/* SPDX-License-Identifier: Apache-2.0 */
/* Errors: codes, their usual classes, and the filling of struct ad_err. Called everywhere, any
 * thread. */
#include "ad/err.h"

static const struct {
	int code;
	enum ad_class class;
	const char *name;
} codes[] = {
	{ AD_OK, AD_CLASS_NONE, "ok" },
	{ AD_EINVAL, AD_CLASS_CALLER, "invalid" },
	{ AD_ETOOBIG, AD_CLASS_CALLER, "too_big" },
	{ AD_ENOTFOUND, AD_CLASS_PERMANENT, "not_found" },
	{ AD_ECONFLICT, AD_CLASS_CALLER, "conflict" },
	{ AD_EDENIED, AD_CLASS_CALLER, "denied" },
	{ AD_EAUTH, AD_CLASS_CALLER, "unauthenticated" },
	{ AD_ETIMEOUT, AD_CLASS_TRANSIENT, "timeout" },
	{ AD_EUNAVAIL, AD_CLASS_TRANSIENT, "unavailable" },
	{ AD_ETHROTTLED, AD_CLASS_TRANSIENT, "throttled" },
	{ AD_EINTEGRITY, AD_CLASS_PERMANENT, "integrity" },
	{ AD_EIO, AD_CLASS_TRANSIENT, "io" },
	{ AD_EBUSY, AD_CLASS_TRANSIENT, "busy" },
	{ AD_EAMBIGUOUS, AD_CLASS_TRANSIENT, "ambiguous" },
	{ AD_EUPSTREAM, AD_CLASS_UPSTREAM, "upstream" },
	{ AD_ECONFIG, AD_CLASS_PERMANENT, "config" },
	{ AD_EBUG, AD_CLASS_BUG, "bug" },
	{ AD_ETRUST, AD_CLASS_ADMIN, "trust" },
};

static const char *const class_names[] = {
	[AD_CLASS_NONE] = "none",
	[AD_CLASS_TRANSIENT] = "transient",
	[AD_CLASS_PERMANENT] = "permanent",
	[AD_CLASS_UPSTREAM] = "upstream",
	[AD_CLASS_ADMIN] = "admin",
	[AD_CLASS_CALLER] = "caller",
	[AD_CLASS_BUG] = "bug",
};

enum ad_class ad_err_class(int code)
{
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		if (codes[i].code == code)
			return codes[i].class;
	}
	return AD_CLASS_BUG;
}

const char *ad_err_code_name(int code)
{
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		if (codes[i].code == code)
			return codes[i].name;
	}
	return "unknown";
}

const char *ad_err_class_name(enum ad_class class)
{
	return (size_t) class < sizeof class_names / sizeof class_names[0] ? class_names[class]
									   : "unknown";
}

int ad_err_set(struct ad_err *err, int code, const char *where, const char *fmt, ...)
{
	if (!err)
		return code;
	va_list args;
	va_start(args, fmt);
	*err = (struct ad_err){ .code = code, .class = ad_err_class(code), .where = where };
	(void)vsnprintf(err->text, sizeof err->text, fmt, args);
	va_end(args);
	return code;
}

void ad_err_prefix(struct ad_err *err, const char *fmt, ...)
{
	if (!err)
		return;
	char before[AD_ERR_TEXT_MAX];
	char prefix[AD_ERR_TEXT_MAX];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(prefix, sizeof prefix, fmt, args);
	va_end(args);
	memcpy(before, err->text, sizeof before);
	size_t used = strlen(prefix), rest = strnlen(before, sizeof before - 1 - used);
	memcpy(err->text, prefix, used);
	memcpy(err->text + used, before, rest);
	err->text[used + rest] = '\0';
}

void ad_assert_failed(const char *file, int line, const char *condition)
{
	(void)fprintf(stderr,
		"{\"level\":\"error\",\"module\":\"base\",\"msg\":\"invariant broken\","
		"\"at\":\"%s:%d\",\"condition\":\"%s\"}\n",
		file, line, condition);
	abort();
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors. A fallible function returns 0 or a negative AD_E* code and fills a caller's struct ad_err
 * (which may be NULL). Lower floors fill it and stay silent; the outermost function logs it, once.
 * What happens next (HTTP status, retry of a job) comes from the class alone.
 */
#ifndef AD_ERR_H
#define AD_ERR_H

#include <stdarg.h>

/* On every fallible function: an ignored error is a compiler warning. */
#define AD_MUST __attribute__((warn_unused_result))

enum ad_code {
	AD_OK = 0,
	AD_EINVAL = -1,      /* malformed input, wrong type, missing field */
	AD_ETOOBIG = -2,     /* a named limit was passed */
	AD_ENOTFOUND = -3,   /* no such row, file, member, key */
	AD_ECONFLICT = -4,   /* exists already, or changed since it was read */
	AD_EDENIED = -5,     /* known caller, not allowed */
	AD_EAUTH = -6,       /* caller or peer not authenticated */
	AD_ETIMEOUT = -7,    /* a deadline passed */
	AD_EUNAVAIL = -8,    /* peer or database cannot be reached or is failing */
	AD_ETHROTTLED = -9,  /* peer asks for fewer requests; see retry_after_s */
	AD_EINTEGRITY = -10, /* a hash, signature or chain does not match */
	AD_EIO = -11,        /* file or socket error on this machine */
	AD_EBUSY = -12,      /* our own queue or pool is full */
	AD_EAMBIGUOUS = -13, /* the peer may or may not have done it */
	AD_EUPSTREAM = -14,  /* the publisher has to repair something first */
	AD_ECONFIG = -15,    /* a setting is missing or wrong */
	AD_EBUG = -16,       /* our own fault */
	AD_ETRUST = -17      /* sound, but not from whom it used to be: an admin decides */
};

enum ad_class {
	AD_CLASS_NONE = 0,
	AD_CLASS_TRANSIENT, /* trying again later may help */
	AD_CLASS_PERMANENT, /* trying again cannot help */
	AD_CLASS_UPSTREAM,  /* wait until the publisher has changed something */
	AD_CLASS_ADMIN,     /* wait until an admin has decided */
	AD_CLASS_CALLER,    /* the person or peer who asked must change something */
	AD_CLASS_BUG        /* our own fault: alarm */
};

/* Long enough for a package id, a step and two SHA-256 values in hex. */
#define AD_ERR_TEXT_MAX 512

struct ad_err {
	int code;            /* enum ad_code */
	enum ad_class class; /* decides about retry and status */
	const char *where;   /* static string: function that failed */
	int status;          /* HTTP status of a peer, 0 when there was none */
	int retry_after_s;   /* as told by a peer, 0 when it said nothing */
	int refusal;         /* enum ad_refusal: why a request was refused; 0: nobody said */
	char text[AD_ERR_TEXT_MAX];
};

/* Fills err (may be NULL) with the code's usual class and returns code. Never put a secret into the
 * text. */
int ad_err_set(struct ad_err *err, int code, const char *where, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Puts text before the message that err holds already ("step fetch: ..."); cut at AD_ERR_TEXT_MAX.
 */
void ad_err_prefix(struct ad_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The class that a code has unless the caller says otherwise. */
enum ad_class ad_err_class(int code);

/* Stable lower-case names for logs and rows: "timeout", "transient". Never NULL. */
const char *ad_err_code_name(int code);
const char *ad_err_class_name(enum ad_class class);

/* return AD_FAIL(err, AD_EINVAL, "port %d is out of range", port); */
/* The value is the code itself, so that a compiler sees that it is not 0; code has no side effects.
 */
#define AD_FAIL(err, code, ...) ((void)ad_err_set((err), (code), __func__, __VA_ARGS__), (code))

/* Prints the place and the condition to stderr and aborts. Stays on in releases; never for outside
 * input. */
_Noreturn void ad_assert_failed(const char *file, int line, const char *condition);
#define AD_ASSERT(condition) \
	((condition) ? (void)0 : ad_assert_failed(__FILE__, __LINE__, #condition))

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a request was refused: one closed list for the counters of the front door, from the first
 * byte to the person's own limit. The answer tells its sender the status alone; the reason is for
 * the log and the metrics.
 */
#ifndef AD_REFUSAL_H
#define AD_REFUSAL_H

#include "ad/err.h"

#include <stdint.h>

enum ad_refusal {
	AD_REFUSED_NONE = 0, /* not refused, or nobody said why */
	/* Connections */
	AD_REFUSED_CONNECTIONS, /* too many, of one address or of all: the newcomer or the one that
				   does nothing is closed */
	AD_REFUSED_HANDSHAKE,   /* TLS failed or took too long */
	AD_REFUSED_PROXY,       /* plain HTTP from an address that is no named proxy: 403 */
	AD_REFUSED_ADDRESS_LIMIT, /* limits.address_per_second: 429 */
	/* Heads and bodies */
	AD_REFUSED_HEAD,        /* request line or a header is malformed: 400 */
	AD_REFUSED_HEAD_SIZE,   /* 431 or 414 */
	AD_REFUSED_VERSION,     /* not HTTP/1: 505 */
	AD_REFUSED_FRAMING,     /* nobody can be sure where the body ends: 400 or 501 */
	AD_REFUSED_METHOD,      /* 405 */
	AD_REFUSED_PATH,        /* 404 */
	AD_REFUSED_NO_TOKEN,    /* no Authorization: 401 */
	AD_REFUSED_CERTIFICATE, /* a client certificate is needed: 403 */
	AD_REFUSED_MEDIA_TYPE,  /* content type or encoding: 415 */
	AD_REFUSED_EXPECTATION, /* 417 */
	AD_REFUSED_BODY_SIZE,   /* 413 */
	AD_REFUSED_SLOW,        /* the request took too long to arrive: 408 */
	AD_REFUSED_BODIES_FULL, /* bodies of all requests fill the memory set aside: 503 */
	AD_REFUSED_STOPPING,    /* 503 */
	/* Tokens */
	AD_REFUSED_TOKEN_FORM,      /* not a bearer token of three strict segments: 401 */
	AD_REFUSED_TOKEN_ALGORITHM, /* 401 */
	AD_REFUSED_TOKEN_HEADER,    /* crit, jku, jwk, x5u and their like: 401 */
	AD_REFUSED_TOKEN_ISSUER,    /* 401 */
	AD_REFUSED_TOKEN_AUDIENCE,  /* 401 */
	AD_REFUSED_TOKEN_TIME,      /* expired, not yet valid, without an end: 401 */
	AD_REFUSED_TOKEN_KEY,       /* no such key: 401 */
	AD_REFUSED_TOKEN_SIGNATURE, /* 401 */
	AD_REFUSED_TOKEN_CLAIMS,    /* no service URL in it: 401 */
	AD_REFUSED_SIGNATURES,      /* more signatures to check than a second allows: 503 */
	AD_REFUSED_NO_KEYS,         /* nobody can judge tokens now: 503 */
	/* Activities */
	AD_REFUSED_BODY,         /* not the JSON of an activity: 400 */
	AD_REFUSED_SERVICE_URL,  /* missing (400) or not the token's (401) */
	AD_REFUSED_CHANNEL,      /* not configured: 403 */
	AD_REFUSED_ENDORSEMENT,  /* the key does not speak for this channel: 403 */
	AD_REFUSED_TENANT,       /* 403 */
	AD_REFUSED_RECIPIENT,    /* 403 */
	AD_REFUSED_SERVICE_HOST, /* 403 */
	AD_REFUSED_SENDER,       /* no person: 403 */
	/* Links in mails */
	AD_REFUSED_LINK, /* none of ours (404), or nothing left to decide (410) */
	/* Load */
	AD_REFUSED_PERSON_LIMIT, /* limits.person_per_minute: 429 */
	AD_REFUSED_QUEUE,        /* no room for one more turn, or it has waited too long: 503 */
	AD_REFUSALS
};

/* Lower-case word for logs and metrics: "token_signature". Never NULL. */
const char *ad_refusal_name(enum ad_refusal why);

/* Counts one; AD_REFUSED_NONE is not counted. Any thread. */
void ad_refusal_count(enum ad_refusal why);
/* Since the process began. Any thread. */
uint64_t ad_refusal_get(enum ad_refusal why);

/* return AD_REFUSE(err, AD_EAUTH, AD_REFUSED_TOKEN_TIME, "token expired %d s ago", age); */
/* As AD_FAIL, and says why for the counters (err->refusal). */
#define AD_REFUSE(err, code, why, ...) \
	((void)ad_refusal_set((err), (code), (why), __func__, __VA_ARGS__), (code))
int ad_refusal_set(struct ad_err *err, int code, enum ad_refusal why, const char *where,
	const char *fmt, ...) __attribute__((format(printf, 5, 6)));

#endif

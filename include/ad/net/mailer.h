/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mail by SMTP. Blocking, on a thread of its own: libcurl waits for the server's last word inside
 * curl_multi_perform, so that the multiplexed client would stand still with every mail. Each mail
 * has a connection of its own. TLS 1.2 or later with verification: at once for smtps://, by
 * STARTTLS for smtp://, which a server without it cannot talk us out of; only a loopback address
 * may go without, where that is allowed.
 */
#ifndef AD_NET_MAILER_H
#define AD_NET_MAILER_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stdint.h>

#define AD_MAILER_CONNECT_MS 10000
#define AD_MAILER_REPLY_S 60              /* between a command and its reply */
#define AD_MAILER_TOTAL_MS 120000         /* one mail, whole */
#define AD_MAILER_REPLIES_MAX (64u << 10) /* bytes of all replies to one mail */
#define AD_MAILER_REPLY_MAX 240           /* characters of a reply that are kept */

/* A mail and where it goes. */
struct ad_net_mail {
	const char *url;     /* "smtp://host:port" or "smtps://host:port" */
	const char *ca_file; /* PEM authorities; NULL or "": the system's */
	const char *user;    /* NULL or "": no login */
	const char *password;
	const char *from; /* plain addresses (ad_text_is_mail_address) */
	const char *to;
	const char *subject;    /* UTF-8, one line */
	const char *message_id; /* "...@host", without brackets: the same for a repeated mail */
	int64_t date_s;         /* Unix seconds */
	const char *text;       /* UTF-8; lines end with \n */
	const char *html;       /* NULL or "": the text alone */
	int reply_s;            /* 0: AD_MAILER_REPLY_S */
	int total_ms;           /* 0: AD_MAILER_TOTAL_MS */
	bool allow_plain_loopback;
};

enum ad_mailer_stage {
	AD_MAILER_CONNECT = 0, /* greeting, TLS and login: nothing was said about this mail */
	AD_MAILER_ENVELOPE,    /* sender and recipient */
	AD_MAILER_MESSAGE      /* the text and the server's last word */
};

struct ad_mailer_answer {
	enum ad_mailer_stage stage;
	int status;       /* the server's last reply, 0 when there was none */
	const char *text; /* and its plain words, nothing that could be ours; "" */
};

struct ad_mailer;

struct ad_mailer *ad_mailer_new(void);
void ad_mailer_free(struct ad_mailer *mailer); /* NULL is allowed */
/* For a stop: the mail under way ends within about a second and every later one at once. Any
 * thread. */
void ad_mailer_cancel(struct ad_mailer *mailer);

/* Sends and waits; one thread at a time. 0: the server took the mail (status 250) or refused it
 * with a reply (status 4xx or 5xx) at the stage that *ret names. Otherwise nothing is known of it
 * but: AD_EUNAVAIL and AD_ETIMEOUT (certainly not taken), AD_EAMBIGUOUS (lost after the whole text
 * may have been sent), AD_EAUTH (certificate, or no TLS), AD_EDENIED (plain to another address than
 * loopback), AD_ECONFIG (ca_file), AD_EINVAL (URL, address or subject), AD_ETOOBIG (replies).
 * Errors never hold user, password, or what the mail says. */
AD_MUST int ad_mailer_send(struct ad_mailer *mailer, struct ad_arena *arena,
	const struct ad_net_mail *mail, struct ad_mailer_answer *ret, struct ad_err *err);

#endif

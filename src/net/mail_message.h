/* SPDX-License-Identifier: Apache-2.0 */
/* A mail's message (RFC 5322, MIME by libcurl). Private to net. */
#ifndef AD_NET_MAIL_MESSAGE_H
#define AD_NET_MAIL_MESSAGE_H

#include "ad/net/mailer.h"

#include <curl/curl.h>

/* AD_EINVAL unless nothing in the mail can end a header line or a command. */
AD_MUST int ad_mail_message_check(const struct ad_net_mail *mail, struct ad_err *err);

/* Header lines of a checked mail; the caller frees with curl_slist_free_all. */
struct curl_slist *ad_mail_message_headers(struct ad_arena *arena, const struct ad_net_mail *mail);

/* Its body: text, and HTML as the better alternative; the caller frees with curl_mime_free. */
curl_mime *ad_mail_message_body(struct ad_arena *arena, CURL *easy, const struct ad_net_mail *mail);

/* "=?UTF-8?B?...?= ..." folded, or the text itself when it is short ASCII (RFC 2047). */
char *ad_mail_encode_words(struct ad_arena *arena, const char *text);

/* "Sat, 28 Nov 2026 19:54:00 +0000" (RFC 5322 3.3). */
char *ad_mail_date(struct ad_arena *arena, int64_t unix_s);

#endif

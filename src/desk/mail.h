/* SPDX-License-Identifier: Apache-2.0 */
/* A mail to one person, as plain text and as HTML without pictures. Private to desk. */
#ifndef AD_DESK_MAIL_H
#define AD_DESK_MAIL_H

#include "request_facts.h"

#define AD_MAIL_LINKS_MAX 2u
#define AD_MAIL_NOTES_MAX 3u

struct ad_mail_button {
	const char *label;
	const char *url; /* our own text, never a person's */
	bool is_danger;
};

/* Texts as they are: the HTML part escapes them. NULL or "": left out, but for lang, subject and
 * title. */
struct ad_mail_content {
	const char *lang;
	bool is_rtl;
	const char *subject;
	const char *title;
	const char *text;
	struct ad_fact facts[AD_FACTS_MAX];
	const char *quote_label;
	const char *quote; /* what somebody wrote */
	struct ad_mail_button buttons[AD_MAIL_LINKS_MAX];
	const char *link_url; /* another way on */
	const char *link_label;
	const char *notes[AD_MAIL_NOTES_MAX];
};

struct ad_mail_parts {
	const char *subject; /* one line, at most AD_MAIL_SUBJECT_MAX characters */
	const char *text;
	const char *html;
};

/* AD_ETOOBIG when it is no mail any more. */
AD_MUST int ad_mail_print(struct ad_arena *arena, const struct ad_mail_content *content,
	struct ad_mail_parts *ret, struct ad_err *err);

#endif

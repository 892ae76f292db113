/* SPDX-License-Identifier: Apache-2.0 */
/* A page for a browser: HTML without script, pictures or anything from elsewhere. Private to desk.
 */
#ifndef AD_DESK_PAGE_H
#define AD_DESK_PAGE_H

#include "request_facts.h"

#define AD_PAGE_NOTES_MAX 3u

/* One form with one button, that posts to the page's own address. */
struct ad_page_form {
	const char *button;
	bool is_danger;           /* the button refuses somebody something */
	const char *reason_label; /* NULL: no reason is asked for */
	const char *reason_hint;
	const char *reason; /* what was written before; NULL: nothing */
	const char *fault;  /* what is wrong with it; NULL: nothing */
};

/* Texts as they are: the page escapes them. NULL or "": left out, but for lang and title. */
struct ad_page {
	const char *lang;
	bool is_rtl;
	const char *title;
	const char *text;
	const char *status;                 /* how the thing stands, with its mark */
	const char *status_class;           /* "good", "bad" or "" */
	struct ad_fact facts[AD_FACTS_MAX]; /* an empty value is left out */
	const char *quote_label;
	const char *quote;               /* what somebody wrote */
	const struct ad_page_form *form; /* NULL: none */
	const char *link_url;            /* another way on; our own text, never a person's */
	const char *link_label;
	const char *notes[AD_PAGE_NOTES_MAX];
};

/* NULL when it is too big for a page. */
const char *ad_page_print(struct ad_arena *arena, const struct ad_page *page);

/* The page's own style sheet, which the policy names by its hash. */
const char *ad_page_style(void);

#endif

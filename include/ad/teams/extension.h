/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The message extension: what a person looks for from the message box of any chat, and what they
 * may put into it (protocol.md 6.7). The result is the person's own message: the bot knows no id of
 * it and cannot change it later. Pure; any thread. Everything lives in the arena that it was made
 * in.
 */
#ifndef AD_TEAMS_EXTENSION_H
#define AD_TEAMS_EXTENSION_H

#include "ad/teams/activity.h"

#define AD_EXTENSION_PAGE 25 /* results that a client asks for at once */

struct ad_extension_query {
	const char *text; /* cleaned; "" when the extension was just opened */
	int skip;         /* results that are shown already, 0 or more */
	int count;        /* 1 to AD_EXTENSION_PAGE */
};

/* False when the activity is no query. The manifest has one command, so its name does not matter.
 * What a query lacks or has wrong is taken for not given: a client that types on asks again at
 * once. */
bool ad_extension_query_of(
	struct ad_arena *arena, const struct ad_activity *activity, struct ad_extension_query *ret);

/* A button of a shared card, pressed where the bot is no member. It wants an answer without words.
 */
bool ad_extension_is_press(const struct ad_activity *activity);

/* ---- Answers to a query: always with HTTP 200 ---- */

struct ad_extension_result {
	const struct ad_json *card; /* what is put into the message; copied */
	const char *title;          /* what the list shows */
	const char *text;
};
/* A list, perhaps an empty one: then there is no further page. */
struct ad_json *ad_extension_list(
	struct ad_arena *arena, const struct ad_extension_result *results, size_t count);
/* A sentence in place of the list; text must not be empty. */
struct ad_json *ad_extension_message(struct ad_arena *arena, const char *text);

#endif

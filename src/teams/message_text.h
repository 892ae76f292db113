/* SPDX-License-Identifier: Apache-2.0 */
/* What a person wrote, as the bot reads it (protocol.md 3.6). */
#ifndef AD_TEAMS_MESSAGE_TEXT_H
#define AD_TEAMS_MESSAGE_TEXT_H

#include "ad/json.h"

/* The mark that a mention stands for in the text, NULL when the entity is no mention. */
const char *ad_message_mention(const struct ad_json *entity);

/* The text without the mentions of bot_id: those that entities name, else one "<at>..</at>" at the
 * start that belongs to nobody else. Mentions of others stay: they are what the person says. */
const char *ad_message_without_mention(struct ad_arena *arena, const char *text,
	const struct ad_json *entities, const char *bot_id);

/* The text without what a client writes where a card stands that the message extension has found.
 */
const char *ad_message_without_card(struct ad_arena *arena, const char *text);

/* Each run of white space (NBSP and "&nbsp;" too) is one space, none at the ends; zero-width
 * characters are gone; what could disguise the text is replaced; cut to the limit. */
const char *ad_message_normalise(struct ad_arena *arena, const char *text);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Reading an Adaptive Card as a client does: its words, inputs and buttons. */
#ifndef DT_CARD_H
#define DT_CARD_H

#include "ad/arena.h"
#include "ad/json.h"

/* The first Adaptive Card of an activity, or NULL. */
struct ad_json *dt_card_of(const struct ad_json *activity);

/* A text as a client shows it: Markdown's backslashes gone, {{DATE(...)}} and {{TIME(...)}} as UTC.
 */
char *dt_card_plain(struct ad_arena *arena, const char *text);

/* All that can be read on it, inner cards too, one piece a line. */
char *dt_card_words(struct ad_arena *arena, const struct ad_json *card);

/* [{"id","type","label","required","value","choices"}]; value is what the card fills in, or null.
 */
struct ad_json *dt_card_inputs(struct ad_arena *arena, const struct ad_json *card);

/* [{"n","title","type","verb","id","url","data","enabled","inputs":[ids that it sends along]}] */
struct ad_json *dt_card_buttons(struct ad_arena *arena, const struct ad_json *card);

#endif

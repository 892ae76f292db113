/* SPDX-License-Identifier: Apache-2.0 */
/* What a person wants: words in any language of the cards, or a button, turned into one use case of
 * the desk with what it carries. Pure. */
#ifndef AD_BOT_INTENT_H
#define AD_BOT_INTENT_H

#include "ad/desk.h"
#include "ad/teams/extension.h"
#include "ad/teams/signin.h"

enum ad_intent_kind {
	AD_INTENT_NONE = 0, /* nothing to do: acknowledged and forgotten */
	AD_INTENT_USE,      /* a use case answers */
	AD_INTENT_BROWSE,   /* the message extension looks for something: no effect, no row */
	AD_INTENT_REMOVED,  /* the app was removed: the reference is dead */
	AD_INTENT_REFRESH,  /* a client asks for its view again: never an effect */
	AD_INTENT_UNKNOWN   /* an invoke that we do not know */
};

struct ad_intent {
	enum ad_intent_kind kind;
	enum ad_desk_use use;
	enum ad_decision decision;       /* DECIDE */
	struct ad_desk_press press;      /* number, token, reason, inputs */
	const char *text;                /* SEARCH; PREFER: what is wished, NULL: nothing we know */
	struct ad_extension_query query; /* BROWSE */
	struct ad_signin_answer
		signin; /* has_signin: what came of a sign-in, with a press or alone */
	bool has_signin;
	bool pressed;   /* a button, in a card that stands at reply_to_id */
	bool is_invoke; /* wants a body */
};

/* AD_EINVAL names the faulty field of a card action. */
AD_MUST int ad_intent_of(struct ad_arena *arena, const struct ad_cards *cards,
	const struct ad_activity *activity, struct ad_intent *ret, struct ad_err *err);

/* Who is spoken to. */
struct ad_listener {
	struct ad_arena *arena;
	const struct ad_cards *cards;
	const char *locale; /* of who speaks */
};

/* picks.c: "12, 14 and 15" or, from cards, "12:3 14:1", without repetitions; *ret_rest is what
 * follows. separated: numbers need more than a blank between them, unless nothing follows. More
 * than AD_BULK_MAX + 1 are not looked at. */
struct ad_picks {
	const struct ad_desk_pick *items;
	size_t count;
};
struct ad_picks ad_picks_read(const struct ad_listener *listener, const char *text, bool separated,
	const char **ret_rest);
/* The inputs of a card that are ticked, or the list that its button carries. */
struct ad_picks ad_picks_of(const struct ad_listener *listener, const struct ad_json *inputs);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Activities: what people and Teams tell the bot (read), and what the bot tells them (built).
 * protocol.md 3, 4.2 and 6.2-6.5. Pure; any thread. Everything lives in the arena that it was made
 * in.
 */
#ifndef AD_TEAMS_ACTIVITY_H
#define AD_TEAMS_ACTIVITY_H

#include "ad/arena.h"
#include "ad/err.h"
#include "ad/json.h"

#include <stdbool.h>
#include <stddef.h>

#define AD_ACTIVITY_ID_MAX 512    /* bytes of any id in an activity */
#define AD_ACTIVITY_URL_MAX 2048  /* bytes of a service URL */
#define AD_ACTIVITY_TEXT_MAX 4000 /* characters of a text; the rest is cut */
#define AD_ACTIVITY_NAME_MAX 256  /* characters of a display name; the rest is cut */
#define AD_ACTIVITY_VERB_MAX 64   /* bytes of a card action's verb */
#define AD_ACTIVITY_LIST_MAX 1000 /* entities or members that are looked at */
/* UTF-16 units of an outgoing activity's JSON: about half of what Teams refuses (4.4). */
#define AD_ACTIVITY_UNITS_MAX 28000

#define AD_ACTIVITY_CARD_TYPE "application/vnd.microsoft.card.adaptive" /* of an attachment */

enum ad_activity_type {
	AD_ACTIVITY_OTHER =
		0, /* typing, event, reactions, types of tomorrow: answered 200, ignored */
	AD_ACTIVITY_MESSAGE,
	AD_ACTIVITY_INVOKE,
	AD_ACTIVITY_CONVERSATION_UPDATE,
	AD_ACTIVITY_INSTALLATION_UPDATE
};

/* Somebody else whom a text mentions. */
struct ad_mention {
	const char *mark; /* in the text: "<at>Ana</at>" */
	const char *name; /* cleaned; for looking up and display */
	const char *oid;  /* Entra object id, lower case; "" when the client did not tell it */
};
#define AD_ACTIVITY_MENTIONS_MAX 10 /* that are kept */

/* Strings are never NULL: what the activity lacks is "". */
struct ad_activity {
	enum ad_activity_type type;
	const char *type_name;
	const char *id;          /* never "" for message and invoke */
	const char *name;        /* of an invoke or event: "adaptiveCard/action" */
	const char *action;      /* of an installationUpdate: "add", "remove", "add-upgrade", ... */
	const char *channel_id;  /* "" when missing */
	const char *service_url; /* byte for byte as received; not yet judged */
	const char *conversation_id;      /* with ;messageid= where the activity has it */
	const char *conversation_base_id; /* without */
	const char *conversation_type;    /* "personal", "groupChat", "channel" */
	bool is_personal;         /* one person and the bot; not two people, whose chat Teams calls
				     personal, too */
	const char *tenant_id;    /* lower case; of channelData.tenant, else of the conversation */
	const char *from_id;      /* "29:..." of a person */
	const char *from_oid;     /* Entra object id, lower case */
	const char *from_name;    /* cleaned; for display only */
	const char *recipient_id; /* the bot: "28:<app id>" */
	const char *text;         /* own mention removed, white space normalised, cut */
	const char *reply_to_id;
	const char *locale;
	const char *time_zone; /* IANA, as the client says it; "" when it is no such name */
	const struct ad_mention *mentions; /* of others than the bot */
	size_t mention_count;
	const struct ad_json *value; /* object, or NULL */
	bool has_card;               /* a message of a person who has put a card into it */
	bool bot_added;              /* conversationUpdate that adds the recipient */
	bool bot_removed;
};

/*
 * Reads an activity from the parsed body (the arena must outlive both). Unknown fields and types
 * are fine. AD_EINVAL names the field that is missing, of the wrong type or not a plain id, and
 * refuses a deliveryMode other than normal and notification, and two tenants that contradict each
 * other. AD_ETOOBIG names the field that passes its limit.
 */
AD_MUST int ad_activity_parse(struct ad_arena *arena, const struct ad_json *body,
	struct ad_activity *ret, struct ad_err *err);

/* ---- A press on a card ---- */

struct ad_card_action {
	const char *verb;           /* of Action.Execute, else data.verb, else "" */
	const struct ad_json *data; /* author's data and inputs, an object: all of it untrusted */
	bool automatic;             /* a refresh, not a click: never send or update because of it */
	bool is_invoke; /* wants an invoke answer; otherwise a plain 200 and replies by connector */
};

/* True and *ret filled when the activity is a press: invoke adaptiveCard/action (Execute or
 * Submit), the same on a shared card (ad/teams/extension.h), or a message with a value object
 * (Action.Submit). A malformed press is AD_EINVAL;
 * AD_ENOTFOUND: not a press at all. */
AD_MUST int ad_activity_card_action(struct ad_arena *arena, const struct ad_activity *activity,
	struct ad_card_action *ret, struct ad_err *err);

/* ---- Answers to an invoke: always with HTTP 200 (6.3) ---- */

/* The card replaces the pressed one, for the presser alone. The card is copied. */
struct ad_json *ad_invoke_card(struct ad_arena *arena, const struct ad_json *card);
/* A short message beside the card; text must not be empty. */
struct ad_json *ad_invoke_message(struct ad_arena *arena, const char *text);
/* An error banner; status 400 or 500. */
struct ad_json *ad_invoke_error(
	struct ad_arena *arena, int status, const char *code, const char *message);

/* The presser has to sign in: content of an OAuth card (ad/teams/signin.h), which is copied. The
 * client sends the press again with what came of it. */
struct ad_json *ad_invoke_login(struct ad_arena *arena, const struct ad_json *signin);
/* The token that came with the press does not do, and text says why: the client shows the sign-in
 * page. */
struct ad_json *ad_invoke_login_again(struct ad_arena *arena, const char *text);

/* ---- Activities out, without address: this is what an outbox row holds ---- */

/* Plain text: nothing in it is markup. */
struct ad_json *ad_activity_text(struct ad_arena *arena, const char *text);
/* One card and no text (Teams would split the two). summary is what a notification shows; NULL or
 * "": none. The card is copied. */
struct ad_json *ad_activity_card(
	struct ad_arena *arena, const struct ad_json *card, const char *summary);

/* An OAuth card and no text: as ad_activity_card. */
struct ad_json *ad_activity_signin(
	struct ad_arena *arena, const struct ad_json *signin, const char *summary);

/* The JSON text of an activity to be stored. AD_ETOOBIG above AD_ACTIVITY_UNITS_MAX. */
AD_MUST int ad_activity_print(struct ad_arena *arena, const struct ad_json *activity,
	const char **ret, struct ad_err *err);

/* The activity with its card made shorter: texts are cut, of facts the first few stay, pictures go;
 * buttons and inputs stay. For what Teams refused as too big. NULL when it has no card. */
struct ad_json *ad_activity_short(struct ad_arena *arena, const struct ad_json *activity);

/* A smaller stand-in for an activity that Teams refused as too big: its card's fallbackText or its
 * summary as plain text. NULL when there is nothing to fall back to. */
struct ad_json *ad_activity_reduced(struct ad_arena *arena, const struct ad_json *activity);

struct ad_activity_address {
	const char *bot_id; /* "28:<app id>" */
	const char *conversation_id;
	const char *recipient_id; /* "29:..."; "" when only the object id is known */
	const char *reply_to_id;  /* "" for a message of its own */
};

/* Writes the address into a stored activity. */
void ad_activity_address(struct ad_arena *arena, struct ad_json *activity,
	const struct ad_activity_address *address);

#endif

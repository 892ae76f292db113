/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the counter is, as a checklist: what the rows say, what the directory answers, and what the
 * process knows of itself. Looks, and changes nothing. Questions to the directory are asked by
 * ad_desk_doctor_ask before the transaction. A worker thread, or the command line.
 */
#ifndef AD_DESK_DOCTOR_H
#define AD_DESK_DOCTOR_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_desk;
struct ad_desk_reply;
struct ad_graph;
struct ad_person;

/* One of our own credentials, as the last token that was fetched with it leaves it. */
struct ad_desk_credential {
	const char *error;     /* why the last fetch failed; NULL: it did not */
	bool is_secret;        /* Entra alone knows when it ends */
	int64_t certificate_s; /* until our certificate ends, negative: it has; 0: none */
};

/* The groups of the settings that people are looked up in. */
enum ad_desk_doctor_group {
	AD_DOCTOR_USERS = 0,
	AD_DOCTOR_APPROVERS,
	AD_DOCTOR_ADMINS,
	AD_DOCTOR_GROUPS
};

/* What no row says. Zeroed but for what the configuration has: nothing of it is known. */
struct ad_desk_machine {
	/* of the configuration */
	bool is_local;              /* dev.loopback: a local tenant plays the cloud */
	const char *mail;           /* how mail leaves; "": not at all */
	int64_t directory_every_s;  /* between two questions for news of people */
	const char *index_url;      /* of the WinGet source */
	int64_t index_max_age_days; /* an older index is not packaged from */
	const char *work_dir;
	int64_t installer_bytes; /* the largest installer that is taken */
	/* of the process */
	struct ad_desk_credential bot;
	struct ad_desk_credential graph;
	bool knows_keys;        /* the channel's keys are held here */
	const char *keys_error; /* of the last fetch; NULL: it was good */
	int64_t keys_age_s;
	int64_t tls_s;             /* until the listener's certificate ends; 0: it has none */
	int64_t free_bytes;        /* in work_dir */
	const char *disk_error;    /* why that could not be looked up; NULL: it could */
	const char *readers_error; /* why no foreign file can be read; NULL: it can */
	/* of the directory */
	bool asked;
	const char *directory_error;     /* NULL: it answers */
	size_t people[AD_DOCTOR_GROUPS]; /* with open accounts; at most AD_DOCTOR_PEOPLE_MAX */
	bool devices_denied;       /* people's devices are not for us to know: a permission lacks */
	const char *devices_error; /* why else they could not be looked up; NULL: they could */
};
#define AD_DOCTOR_PEOPLE_MAX 999

/* Asks for the people of the three groups in desk->settings; stops at the first error, which
 * directory_error has. Then whether devices may be looked up. Outside a transaction. */
void ad_desk_doctor_ask(
	struct ad_desk *desk, const struct ad_graph *graph, struct ad_desk_machine *machine);

/* CLOUD: only the real cloud can tell. */
enum ad_check_state { AD_CHECK_PASS = 0, AD_CHECK_WARN, AD_CHECK_FAIL, AD_CHECK_CLOUD };
/* "PASS", ...: the same in every language. */
const char *ad_check_state_name(enum ad_check_state state);

struct ad_check {
	const char *name;  /* stable: "outbox" */
	const char *title; /* the next two in the language of locale */
	const char *text;  /* what was found and, unless it passes, what to do */
	enum ad_check_state state;
};

/* All checks of desk->machine and the rows, in the order in which they are shown. Inside a
 * transaction. */
AD_MUST int ad_desk_doctor_look(struct ad_desk *desk, const char *locale, struct ad_check **ret,
	size_t *ret_count, struct ad_err *err);

/* The same on a card, for admins. pressed: a button, so the card is replaced. */
AD_MUST int ad_desk_doctor(struct ad_desk *desk, const struct ad_person *who, bool pressed,
	struct ad_desk_reply *ret, struct ad_err *err);

#endif

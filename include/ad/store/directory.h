/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the directory says of people, and where the next question for its changes begins. Who learns
 * something writes it here and does nothing about it: a row whose state, manager or department
 * differs from what was acted upon gets a job (AD_JOB_PERSON). Inside the caller's transaction if
 * one is open. A worker thread of its own connection.
 */
#ifndef AD_STORE_DIRECTORY_H
#define AD_STORE_DIRECTORY_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_db;

/* ---- rounds ---- */

struct ad_directory_place {
	const char *link;   /* "": a full round begins */
	bool full;          /* one is under way */
	int64_t full_age_s; /* since the last one ended; -1: there was none */
};

AD_MUST int ad_store_directory_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	struct ad_directory_place *ret, struct ad_err *err);
/* The next question begins at link; full: it belongs to a full round. Before the page's people are
 * written. */
AD_MUST int ad_store_directory_page(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *link, bool full, struct ad_err *err);
/* Everything from the beginning: a full round is next. */
AD_MUST int ad_store_directory_restart(
	struct ad_db *db, struct ad_arena *arena, const char *tenant_id, struct ad_err *err);
/* The full round is over: whom it did not tell of is among those whose change was not acted upon.
 */
AD_MUST int ad_store_directory_full(
	struct ad_db *db, struct ad_arena *arena, const char *tenant_id, struct ad_err *err);

/* ---- people ---- */

/* NULL: nothing is said, what is known stays. */
struct ad_directory_news {
	const char *tenant_id;
	const char *oid;
	const char *name;
	const char *mail;
	const char *upn;
	const char *department;
	const char *job_title;
	const char *manager_oid; /* "": has none */
	const char *state;       /* "active", "disabled", "deleted" */
	const bool *guest;
};

/* Makes the row, or takes over what is said. What is learnt for the first time counts as acted
 * upon. */
AD_MUST int ad_store_directory_learn(struct ad_db *db, struct ad_arena *arena,
	const struct ad_directory_news *news, struct ad_err *err);

/* A job (AD_JOB_PERSON), which looks the person up, for each one whose change was not acted upon;
 * at most limit, 0: for all. */
AD_MUST int ad_store_directory_unsettled(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, size_t limit, struct ad_err *err);

/* Somebody as known now, and as last acted upon. */
struct ad_directory_person {
	const char *oid;
	const char *name;
	const char *mail;
	const char *state;
	const char *acted_state;
	const char *manager_oid;
	const char *acted_manager;
	const char *department;
	const char *acted_department;
	const char *job_title;
	const char *acted_title;
};

/* Locks the row until the transaction ends. AD_ENOTFOUND. */
AD_MUST int ad_store_directory_person(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, const char *oid, struct ad_directory_person *ret,
	struct ad_err *err);
/* State, manager, department and job title of person are acted upon. */
AD_MUST int ad_store_directory_acted(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, const struct ad_directory_person *person, struct ad_err *err);

/* ---- what a person has going; 0: nothing ---- */

/* The lowest number of their open requests, asked for by them or for them. */
AD_MUST int ad_store_directory_request_of(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, const char *oid, int64_t *ret, struct ad_err *err);
/* The next undecided one that is for them, after that number. */
AD_MUST int ad_store_directory_undecided(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, const char *oid, int64_t after, int64_t *ret, struct ad_err *err);
/* The next one, after that number, whose open stage asks them. */
AD_MUST int ad_store_directory_asked_of(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, const char *oid, int64_t after, int64_t *ret, struct ad_err *err);

/* An undecided request whose open stage was not looked at for age_s seconds, and that it was. */
AD_MUST int ad_store_directory_unwatched(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, int age_s, int64_t *ret, struct ad_err *err);
AD_MUST int ad_store_directory_watched(
	struct ad_db *db, struct ad_arena *arena, int64_t number, struct ad_err *err);

/* Cancels the job unless somebody waits for the app. A worker that has it is fenced and stops. */
AD_MUST int ad_store_directory_give_up_job(struct ad_db *db, struct ad_arena *arena, int64_t job_id,
	int64_t app_id, bool *ret_given_up, struct ad_err *err);

/* A delegation from the person or to them that counts or will. */
AD_MUST int ad_store_directory_delegation_of(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, const char *oid, int64_t *ret, struct ad_err *err);
AD_MUST int ad_store_directory_end_delegation(
	struct ad_db *db, struct ad_arena *arena, int64_t id, struct ad_err *err);

#endif

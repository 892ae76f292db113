/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue's rows: apps, their aliases, questions, and the versions that stand in Intune. Runs
 * on the caller's connection, in its transaction when one is open; results live in the arena. A
 * worker thread of its own connection.
 */
#ifndef AD_STORE_APPS_H
#define AD_STORE_APPS_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_db;
struct ad_json;

#define AD_SEATS_MAX 1000000 /* of one app */

struct ad_app {
	int64_t id;
	const char *tenant_id;
	const char *name;
	const char *publisher;
	const char *description;
	const char *winget_id;
	const char *winget_version; /* "": the newest */
	bool published;             /* false: hidden, in nobody's search */
	const char *group_id;       /* Entra group of the assignment; "" until the first delivery */
	const char
		*classification; /* "low", "medium", "high", "critical"; NULL of a new one: low */
	const char *owner_oid;   /* "" or NULL: nobody */
	int seats;               /* 0: as many as wanted */
	const char *const *audience; /* groups whose members may have it; none: everybody */
	size_t audience_count;
};

struct ad_app_list {
	const struct ad_app *items;
	size_t count;
};

enum ad_question_kind {
	AD_QUESTION_TEXT = 0, /* one line */
	AD_QUESTION_LONG,     /* several lines */
	AD_QUESTION_CHOICE,
	AD_QUESTION_DATE, /* a day: "2026-11-29" */
	AD_QUESTION_KINDS
};
/* "text", "long", "choice", "date": column app_questions.kind. */
const char *ad_question_kind_name(enum ad_question_kind kind);
/* AD_EINVAL for any other text. */
AD_MUST int ad_question_kind_parse(const char *name, enum ad_question_kind *ret);

struct ad_app_question {
	int ordinal; /* from 1 */
	const char *label;
	enum ad_question_kind kind;
	const char *const *choices; /* kind choice only */
	size_t choice_count;
	bool required;
};

struct ad_app_questions {
	const struct ad_app_question *items;
	size_t count;
};

/* One delivered version: row of app_versions. */
struct ad_app_version {
	int64_t app_id;
	const char *version;
	const char *intune_app_id;
	int64_t job_id;
};

/* Published apps that people look for by the same words as this one (its aliases), the likest
 * first. */
AD_MUST int ad_store_apps_alike(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t app_id, int limit, struct ad_app_list *ret, struct ad_err *err);

struct ad_app_search {
	const char *words;  /* without filler: what is looked for */
	const char *text;   /* all that was written: it may be a name itself ("Any Desk") */
	const char *locale; /* "de-DE": whose word forms count; "" is English */
	int limit;
};
/* Published apps, the likeliest first: a name, an alias or an identifier that is what was written,
 * then by the share of words that are found and by likeness, so that slips, missing spaces and
 * parts of words count. Case, accents and punctuation do not. */
AD_MUST int ad_store_apps_search(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_app_search *search, struct ad_app_list *ret, struct ad_err *err);

/* One app of the tenant, hidden ones too. AD_ENOTFOUND. */
AD_MUST int ad_store_app_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_app *ret, struct ad_err *err);

/* The app of a package, whatever the case of its identifier. AD_ENOTFOUND. */
AD_MUST int ad_store_app_by_package(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *winget_id, int64_t *ret_id, struct ad_err *err);

/* An app as a document (docs/guides/catalogue.md), with all of its members. */
struct ad_app_document {
	int64_t id;
	const char *winget_id;
	struct ad_json *app;
};
/* The entry of a package, whatever the case of its identifier. AD_ENOTFOUND. */
AD_MUST int ad_store_app_document(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *winget_id, struct ad_app_document *ret, struct ad_err *err);
/* A page of the catalogue by package, behind the one named after ("" begins). */
AD_MUST int ad_store_app_documents(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *after, int limit, struct ad_app_document **ret, size_t *ret_count,
	struct ad_err *err);
/* The entry of the document's winget_id, spelt as it is, becomes what the document says; it is made
 * where there is none. app: checked, with all members. */
AD_MUST int ad_store_app_document_put(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, const struct ad_json *app, int64_t *ret_id, struct ad_err *err);

/* Published apps, those first that are asked for most of late; at most limit. */
AD_MUST int ad_store_apps_popular(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int limit, struct ad_app_list *ret, struct ad_err *err);

/* How long it took of late from asking to having an app, in minutes; 0: too few have had it to
 * tell. By id, for count of them. */
AD_MUST int ad_store_apps_usual(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const int64_t *ids, size_t count, int *ret_minutes, struct ad_err *err);

/* The whole catalogue by name, hidden ones too; at most limit. */
AD_MUST int ad_store_apps_list(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int limit, struct ad_app_list *ret, struct ad_err *err);

/* The questions in their order. */
AD_MUST int ad_store_app_questions(struct ad_db *db, struct ad_arena *arena, int64_t app_id,
	struct ad_app_questions *ret, struct ad_err *err);

/* Stores the assignment group, unless one is stored already; ret_group_id is the one that stands.
 */
AD_MUST int ad_store_app_claim_group(struct ad_db *db, struct ad_arena *arena, int64_t app_id,
	const char *group_id, const char **ret_group_id, struct ad_err *err);

/* The delivered version, or AD_ENOTFOUND. */
AD_MUST int ad_store_app_version_get(struct ad_db *db, struct ad_arena *arena, int64_t app_id,
	const char *version, struct ad_app_version *ret, struct ad_err *err);
/* All delivered versions but this one, oldest first. */
AD_MUST int ad_store_app_versions_other(struct ad_db *db, struct ad_arena *arena, int64_t app_id,
	const char *version, struct ad_app_version **ret, size_t *ret_count, struct ad_err *err);
/* Records a delivery; the same app and version again replaces the Intune id and job. */
AD_MUST int ad_store_app_version_put(struct ad_db *db, struct ad_arena *arena,
	const struct ad_app_version *version, struct ad_err *err);

/* How many may have it; 0: as many as wanted. AD_ENOTFOUND. */
AD_MUST int ad_store_app_seats_set(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *winget_id, int seats, int64_t *ret_id, struct ad_err *err);

#endif

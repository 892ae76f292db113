/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests with their answers, stages and slates. Runs on the caller's connection, in its
 * transaction when one is open; results live in the arena. Nothing here judges: the rules are in
 * ad/domain.h. A worker thread of its own connection.
 */
#ifndef AD_STORE_REQUESTS_H
#define AD_STORE_REQUESTS_H

#include "ad/arena.h"
#include "ad/domain.h"
#include "ad/domain/policy.h"
#include "ad/err.h"
#include "ad/store/later.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_db;

/* A request with what a card shows of it: app, requester, present stage, its final decision. */
struct ad_request {
	int64_t id; /* the number that people say: #12 */
	const char *tenant_id;
	const char *requester_oid;
	const char *requester_name;
	const char *requester_mail;
	int64_t app_id;
	const char *app_name;
	const char *app_publisher;
	enum ad_request_state state;
	int version;
	int stage; /* ordinal of the present stage */
	const char *justification;
	const char *reason;     /* of a rejection or failure */
	int64_t job_id;         /* 0: none */
	const char *created_at; /* RFC 3339, UTC */
	const char *changed_at;
	const char *closed_at;       /* NULL while open */
	const char *beneficiary_oid; /* for whom it is: the requester where nobody else is named */
	const char *beneficiary_name;
	const char *policy_name; /* "": the built-in rule */
	int policy_version;
	int round;
	int wanted_days;         /* 0: for good */
	int granted_days;        /* narrowed by an approver; 0: as wanted */
	const char *app_version; /* narrowed by an approver; "": the catalogue's */
	int64_t bundle_id;       /* filed together with others; 0: alone */
	int64_t extends_grant;   /* asks for more time of this grant; 0: for an app */
	bool is_review;          /* the counter itself asks whether extends_grant stays */
	int pauses;              /* how often an approver has asked back */
	const char *approved_at; /* NULL: not yet */
	/* The present stage; a request that a rule approved has none: step 0. */
	enum ad_stage_state stage_state;
	enum ad_asked_kind stage_kind;
	const char *stage_group_id;
	const char *stage_person_oid;
	int stage_step;
	int stage_steps;
	int stage_need;
	int stage_level;
	const char *deadline_at; /* NULL: none */
	/* Its final decision; NULL where there is none. */
	const char *decided_by_oid;
	const char *decided_by_name;
	const char *decided_at;
	const char *decision_reason;
	const char *app_owner_oid; /* "": nobody */
	const char *app_classification;
	/* The device that it is wanted for; id and name are "" where none was chosen. */
	const char *device_id;
	const char *device_name;
	const char *device_compliance; /* ad_compliance_name(); "" without a device */
	const char *device_at;         /* when Intune said so; NULL without a device */
};

struct ad_request_list {
	const struct ad_request *items;
	size_t count;
};

struct ad_answer {
	int ordinal;
	const char *label; /* the question as it was asked */
	const char *answer;
};

struct ad_answers {
	const struct ad_answer *items;
	size_t count;
};

struct ad_stage_approver {
	const char *oid;
	const char *name;
};

/* A pending request without stages; with a beneficiary (NULL or "": the requester) a draft. ret_id
 * 0 (and no error): the person whom it is for has an open request for the app. */
AD_MUST int ad_store_request_insert(struct ad_db *db, struct ad_arena *arena,
	const struct ad_request *request, int64_t *ret_id, struct ad_err *err);
AD_MUST int ad_store_answer_insert(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	const struct ad_answer *answer, struct ad_err *err);

/* One request of the tenant. AD_ENOTFOUND. lock: FOR UPDATE of the requests row, for who decides.
 */
AD_MUST int ad_store_request_get(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_request *ret, struct ad_err *err);
AD_MUST int ad_store_request_lock(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t id, struct ad_request *ret, struct ad_err *err);

/* The newest request for the app that is open or delivered and for this person, whoever asked.
 * AD_ENOTFOUND. */
AD_MUST int ad_store_request_standing(struct ad_db *db, struct ad_arena *arena,
	const struct ad_request *key, /* tenant_id, beneficiary_oid, app_id */
	struct ad_request *ret, struct ad_err *err);

AD_MUST int ad_store_request_answers(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	struct ad_answers *ret, struct ad_err *err);
/* The same, read with the next statement. */
AD_MUST int ad_store_request_answers_later(struct ad_db *db, struct ad_arena *arena,
	int64_t request_id, struct ad_store_later *later, struct ad_err *err);
void ad_store_request_answers_came(
	struct ad_arena *arena, const struct ad_store_later *later, struct ad_answers *ret);

/* Newest first, at most limit. */
AD_MUST int ad_store_requests_of(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, int limit, struct ad_request_list *ret, struct ad_err *err);
/* How many of the person's requests are under way. */
AD_MUST int ad_store_requests_open_count(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, const char *oid, int64_t *ret, struct ad_err *err);
/* How many of the person's requests a rule has approved in the last days. */
AD_MUST int ad_store_requests_automatic_count(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, const char *oid, int days, int64_t *ret, struct ad_err *err);
/* Undecided ones that wait for the person: asked and no vote yet, or a stage of group_id ("": none)
 * that the person is a member of. Oldest first, at most limit. */
AD_MUST int ad_store_requests_pending(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, const char *oid, const char *group_id, int limit,
	struct ad_request_list *ret, struct ad_err *err);
/* Approved and fulfilling requests of an app, by number; lock: FOR UPDATE of their rows. */
AD_MUST int ad_store_requests_waiting(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, int64_t app_id, struct ad_request_list *ret, struct ad_err *err);
AD_MUST int ad_store_requests_waiting_lock(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, int64_t app_id, struct ad_request_list *ret, struct ad_err *err);

/* Whether the person was asked to decide the request (was on the slate of any stage). */
AD_MUST int ad_store_request_was_asked(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	const char *oid, bool *ret, struct ad_err *err);
/* Who is asked in a stage now, by name. */
AD_MUST int ad_store_stage_approvers(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	int ordinal, const struct ad_stage_approver **ret, size_t *ret_count, struct ad_err *err);

/* What changes about a request, with the next statement; the version grows by one. That statement
 * answers AD_ECONFLICT when the row is not at `version` any more. closed_at is set when the state
 * is closed. */
struct ad_request_change {
	int64_t id;
	int version; /* that the caller read */
	enum ad_request_state state;
	const char *reason; /* NULL: keep */
	int64_t job_id;     /* 0: keep */
	int stage;          /* ordinal; 0: keep */
	int granted_days;   /* 0: keep */
	bool approved;      /* approved_at is now */
};
AD_MUST int ad_store_request_change(struct ad_db *db, struct ad_arena *arena,
	const struct ad_request_change *change, struct ad_err *err);
/* The present stage; the version stays, for the caller changes more or nobody has seen it yet. */
AD_MUST int ad_store_request_stage(
	struct ad_db *db, struct ad_arena *arena, int64_t id, int stage, struct ad_err *err);

/* The device of the request, with the time of this transaction (device_at of *device is not looked
 * at, and set); an id of "": none. The version stays. */
AD_MUST int ad_store_request_device(
	struct ad_db *db, struct ad_arena *arena, struct ad_request *device, struct ad_err *err);

/* Those that were filed together (ad/store/bundles.h), by number. */
AD_MUST int ad_store_requests_of_bundle(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, int64_t bundle_id, struct ad_request_list *ret, struct ad_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trail: one row for each state change, in its transaction, never changed, chained by hashes
 * per tenant. Row n's hash is SHA-256 over row n-1's hash (32 zero bytes before the first) and
 * each of AD_AUDIT_FORMAT, tenant, sequence number, user, e-mail, action, entity type, entity id,
 * details (as PostgreSQL prints jsonb), time ("2026-11-22T17:54:32.123456Z"), address, source and
 * correlation id, as UTF-8 behind its length in four bytes, most significant first. The statement
 * that adds a row makes its hash while it holds the chain's end; verifying computes it here. A
 * worker thread of its own connection.
 */
#ifndef AD_STORE_AUDIT_H
#define AD_STORE_AUDIT_H

#include "ad/arena.h"
#include "ad/bytes.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_db;

#define AD_AUDIT_FORMAT "appdesk-audit-1"
#define AD_AUDIT_PAGE_MAX 1000 /* rows of one page */

/* NULL text is stored as "". */
struct ad_audit {
	const char *tenant_id;
	const char *user_id; /* object id, or "system" */
	const char *user_email;
	const char *action;      /* "request.created" */
	const char *entity_type; /* "request" */
	const char *entity_id;
	const char *details; /* JSON; NULL is {} */
	const char *source;  /* "teams", "mail", "system", "cli" */
	const char *correlation_id;
	const char *ip_address;
};

/*
 * Adds rows of one tenant, in this order, in the open transaction. From here to the commit the
 * tenant's chain belongs to this transaction and others wait for it: append late, after every other
 * lock was taken. At least one row.
 */
AD_MUST int ad_store_audit_append(struct ad_db *db, struct ad_arena *arena,
	const struct ad_audit *entries, size_t count, struct ad_err *err);

/* The same where the chain is known to have begun, with the next statement: beside COMMIT others
 * wait for nothing but the server. (Where it has not, the transaction fails.) */
AD_MUST int ad_store_audit_append_later(struct ad_db *db, struct ad_arena *arena,
	const struct ad_audit *entries, size_t count, struct ad_err *err);

/* How many rows an entity has, and the number of the last one; 0 and 0: none. */
struct ad_audit_count {
	int64_t events;
	int64_t last_seq;
};
AD_MUST int ad_store_audit_count(struct ad_db *db, struct ad_arena *arena,
	const struct ad_audit *key, /* tenant_id, entity_type, entity_id */
	struct ad_audit_count *ret, struct ad_err *err);

/* A row as it is stored. */
struct ad_audit_row {
	int64_t id;
	int64_t seq;
	struct ad_audit entry;
	const char *timestamp; /* RFC 3339 with microseconds, UTC */
	struct ad_bytes prev_hash;
	struct ad_bytes hash;
};

struct ad_audit_rows {
	const struct ad_audit_row *items;
	size_t count;
};

struct ad_audit_filter {
	const char *tenant_id;
	int64_t after_seq;  /* rows after this number; 0 for all */
	int64_t last_seq;   /* up to this number; 0 for no limit */
	const char *since;  /* RFC 3339; NULL for no limit */
	const char *until;  /* RFC 3339, exclusive; NULL for no limit */
	int64_t request_id; /* rows about this request, its job and its grant; 0 for all */
};

/* Narrows after_seq and last_seq to what since and until leave, and last_seq to the chain's end, so
 * that no page has to look at rows of other years. A few dozen short reads. Rows are numbered as
 * transactions end while their times are those of their begins; none of ours takes an hour. */
AD_MUST int ad_store_audit_narrow(struct ad_db *db, struct ad_arena *arena,
	struct ad_audit_filter *filter, struct ad_err *err);

/* The next rows in order, at most AD_AUDIT_PAGE_MAX: an export asks again after the last number
 * until it gets none. */
AD_MUST int ad_store_audit_page(struct ad_db *db, struct ad_arena *arena,
	const struct ad_audit_filter *filter, struct ad_audit_rows *ret, struct ad_err *err);

/* Tenants that have a chain. */
struct ad_audit_tenants {
	const char *const *ids;
	size_t count;
};
AD_MUST int ad_store_audit_tenants(
	struct ad_db *db, struct ad_arena *arena, struct ad_audit_tenants *ret, struct ad_err *err);

struct ad_audit_verdict {
	bool intact;
	int64_t rows;        /* that were found right, from the first */
	int64_t broken_seq;  /* the first number that is not right, when not intact */
	int64_t broken_id;   /* the id of that row; 0 when there is no such row */
	const char *reason;  /* static: what is wrong with it */
	struct ad_bytes end; /* the chain's last hash when intact: note it elsewhere */
};

struct ad_audit_progress {
	void (*fn)(void *ctx, int64_t rows, int64_t of);
	void *ctx;
};

/* What was noted elsewhere: row seq had this hash. It finds a chain that somebody who owns the
 * database has made anew from some row to its end. */
struct ad_audit_anchor {
	int64_t seq; /* 0: no anchor */
	uint8_t hash[32];
};

/*
 * Walks a tenant's whole chain in pages. A broken chain is a verdict, not an error. It sees rows
 * that were changed, removed, added between, or cut off at the end. progress and anchor may be
 * NULL.
 */
AD_MUST int ad_store_audit_verify(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_audit_anchor *anchor, const struct ad_audit_progress *progress,
	struct ad_audit_verdict *ret, struct ad_err *err);

/* The same for the last rows alone, at most AD_AUDIT_PAGE_MAX, in one page: that those before are
 * as they were is taken for granted. rows of the verdict: the number of the last one. */
AD_MUST int ad_store_audit_verify_tail(struct ad_db *db, struct ad_arena *arena,
	const char *tenant_id, int64_t rows, struct ad_audit_verdict *ret, struct ad_err *err);

/* The end of the tenant's chain: seq 0 and no hash before the first row. */
AD_MUST int ad_store_audit_end(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t *ret_seq, struct ad_bytes *ret_hash, struct ad_err *err);

#endif

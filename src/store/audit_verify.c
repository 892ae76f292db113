/* SPDX-License-Identifier: Apache-2.0 */
/* The walk along the chain, with hashes made here and not by the database. */
#include "ad/store/audit.h"

#include "ad/crypto.h"
#include "ad/db.h"
#include "ad_queries.h"

#include <inttypes.h>

struct walk {
	int64_t rows;                         /* found right; also the number of the last one */
	uint8_t prev[AD_SHA256_LEN];          /* its hash */
	const struct ad_audit_anchor *anchor; /* or NULL */
	struct ad_audit_verdict *verdict;
};

static void add_part(struct ad_sha256 *sha, const char *text)
{
	size_t len = strlen(text);
	const uint8_t length[4] = { (uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
		(uint8_t)len };
	ad_sha256_update(sha, length, sizeof length);
	ad_sha256_update(sha, text, len);
}

static void hash_row(
	const struct walk *walk, const struct ad_audit_row *row, uint8_t ret_hash[AD_SHA256_LEN])
{
	char seq[24];
	(void)snprintf(seq, sizeof seq, "%" PRId64, row->seq);
	const struct ad_audit *e = &row->entry;
	const char *parts[] = { AD_AUDIT_FORMAT, e->tenant_id, seq, e->user_id, e->user_email,
		e->action, e->entity_type, e->entity_id, e->details, row->timestamp, e->ip_address,
		e->source, e->correlation_id };
	struct ad_sha256 *sha = ad_sha256_new();
	ad_sha256_update(sha, walk->prev, sizeof walk->prev);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		add_part(sha, parts[i]);
	ad_sha256_final(sha, ret_hash);
	ad_sha256_free(sha);
}

static bool same_hash(struct ad_bytes stored, const uint8_t hash[AD_SHA256_LEN])
{
	return stored.len == AD_SHA256_LEN && memcmp(stored.data, hash, AD_SHA256_LEN) == 0;
}

/* Writes the verdict; false, so that a walk can end with it. */
static bool broken(struct walk *walk, int64_t seq, const char *reason)
{
	*walk->verdict = (struct ad_audit_verdict){
		.rows = walk->rows, .broken_seq = seq, .reason = reason
	};
	return false;
}

static bool broken_row(struct walk *walk, const struct ad_audit_row *row, const char *reason)
{
	(void)broken(walk, row->seq, reason);
	walk->verdict->broken_id = row->id;
	return false;
}

static bool is_anchored(const struct walk *walk, int64_t seq)
{
	return walk->anchor && walk->anchor->seq == seq;
}

static bool check_row(struct walk *walk, const struct ad_audit_row *row)
{
	int64_t expected = walk->rows + 1;
	if (row->seq > expected)
		return broken(walk, expected, "the row is missing");
	if (row->seq < expected)
		return broken_row(walk, row, "the row stands outside the chain");
	if (!same_hash(row->prev_hash, walk->prev))
		return broken_row(walk, row, "the row does not follow the one before it");
	uint8_t hash[AD_SHA256_LEN];
	hash_row(walk, row, hash);
	if (!same_hash(row->hash, hash))
		return broken_row(walk, row, "the row was changed");
	if (is_anchored(walk, row->seq) && memcmp(walk->anchor->hash, hash, sizeof hash) != 0)
		return broken_row(
			walk, row, "the chain was made anew: the row is not the anchor's");
	memcpy(walk->prev, hash, sizeof hash);
	walk->rows = row->seq;
	return true;
}

/* No row is left: is the last one the end that the database remembers? */
static void check_end(
	struct walk *walk, struct ad_arena *arena, int64_t end_seq, struct ad_bytes end_hash)
{
	if (end_seq > walk->rows)
		(void)broken(walk, walk->rows + 1, "the row is missing: the end was cut off");
	else if (end_seq < walk->rows)
		(void)broken(walk, end_seq + 1, "the row stands behind the chain's end");
	else if (walk->rows > 0 && !same_hash(end_hash, walk->prev))
		(void)broken(walk, walk->rows, "the row is not the chain's end");
	else if (walk->anchor && walk->anchor->seq > walk->rows)
		(void)broken(
			walk, walk->rows + 1, "the row is missing: the anchor stands behind it");
	else
		*walk->verdict = (struct ad_audit_verdict){ .intact = true,
			.rows = walk->rows,
			.end = { .data = ad_memdup(arena, walk->prev, sizeof walk->prev),
				.len = sizeof walk->prev } };
}

int ad_store_audit_verify(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const struct ad_audit_anchor *anchor, const struct ad_audit_progress *progress,
	struct ad_audit_verdict *ret, struct ad_err *err)
{
	struct walk walk = { .anchor = anchor, .verdict = ret };
	struct ad_arena *page_arena = ad_arena_new();
	bool more = true;
	int r = 0;
	while (r == 0 && more) {
		ad_arena_reset(page_arena);
		/* The end is read before the page: rows that are added meanwhile then only make a
		 * page longer, and an end without its row is no accident of timing. */
		int64_t end_seq;
		struct ad_bytes end_hash;
		struct ad_audit_rows page;
		/* Whatever number stands before 1 in the table is to be seen by the first page. */
		const struct ad_audit_filter filter = { .tenant_id = tenant_id,
			.after_seq = walk.rows > 0 ? walk.rows : INT64_MIN };
		r = ad_store_audit_end(db, page_arena, tenant_id, &end_seq, &end_hash, err);
		if (r == 0)
			r = ad_store_audit_page(db, page_arena, &filter, &page, err);
		if (r < 0)
			break;
		if (page.count == 0) {
			check_end(&walk, arena, end_seq, end_hash);
			break;
		}
		for (size_t i = 0; i < page.count && more; i++)
			more = check_row(&walk, &page.items[i]);
		if (progress)
			progress->fn(progress->ctx, walk.rows, end_seq);
	}
	ad_arena_free(page_arena);
	return r;
}

int ad_store_audit_verify_tail(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t rows, struct ad_audit_verdict *ret, struct ad_err *err)
{
	struct walk walk = { .verdict = ret };
	int64_t end_seq;
	struct ad_bytes end_hash;
	struct ad_audit_rows page;
	AD_ASSERT(rows > 0 && rows <= AD_AUDIT_PAGE_MAX);
	int r = ad_store_audit_end(db, arena, tenant_id, &end_seq, &end_hash, err);
	if (r != 0)
		return r;
	/* Rows that are added meanwhile stand behind this end. */
	const struct ad_audit_filter filter = { .tenant_id = tenant_id,
		.after_seq = end_seq > rows ? end_seq - rows : 0,
		.last_seq = end_seq };
	if (end_seq > 0) /* no limit otherwise */
		r = ad_store_audit_page(db, arena, &filter, &page, err);
	if (r != 0)
		return r;
	bool intact = true;
	walk.rows = filter.after_seq;
	if (end_seq > 0 && walk.rows > 0 && page.count > 0 &&
		page.items[0].prev_hash.len == sizeof walk.prev)
		memcpy(walk.prev, page.items[0].prev_hash.data, sizeof walk.prev);
	for (size_t i = 0; end_seq > 0 && i < page.count && intact; i++)
		intact = check_row(&walk, &page.items[i]);
	if (intact)
		check_end(&walk, arena, end_seq, end_hash);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tenant remembers: documents in collections, each with an id and a tag by which it is
 * listed. Every change appends one line to a journal, so a restart, also after kill -9, goes on
 * where it was; opening rewrites the journal with the living documents only.
 */
#ifndef DT_STORE_H
#define DT_STORE_H

#include "ad/arena.h"
#include "ad/err.h"
#include "ad/json.h"

#include <stdbool.h>
#include <stdint.h>

enum dt_kind {
	DT_PEOPLE,        /* object id */
	DT_GONE,          /* object id of a deleted person; and what delta links stand on */
	DT_GROUPS,        /* group id */
	DT_KEYS,          /* key id */
	DT_CONVERSATIONS, /* conversation id; tag: kind */
	DT_MESSAGES,      /* activity id; tag: conversation id */
	DT_MAIL,          /* number */
	DT_APPS,          /* Intune app id */
	DT_FILES,         /* content file id; tag: app id */
	DT_ASSIGNMENTS,   /* assignment id; tag: app id */
	DT_BLOBS,         /* blob name */
	DT_SETTINGS,      /* name */
	DT_RELEASES,      /* package and version: published besides the built-in ones */
	DT_WORLD,         /* one document: what the CDN offers */
	DT_SECRETS,       /* name in the vault */
	DT_SIGNINS, /* who was asked to sign in: person's key; and codes of sign-ins; tag: which */
	DT_KINDS
};

struct dt_store;

struct dt_doc {
	char *id;
	char *tag;
	int64_t seq; /* of its last change */
	int64_t made_seq;
	/* private */
	char *text;
	struct dt_doc *next, *prev, *chain;
};

AD_MUST int dt_store_open(
	const char *path, bool fresh, struct dt_store **ret_store, struct ad_err *err);
void dt_store_close(struct dt_store *store);

/* Grows by one with every change of any document. */
int64_t dt_store_seq(const struct dt_store *store);

/* Adds or replaces; a replaced document keeps its place in the order. Ends the program when the
 * journal cannot be written: a tenant that forgets would prove nothing. */
void dt_put(struct dt_store *store, enum dt_kind kind, const char *id, const char *tag,
	const struct ad_json *doc);
void dt_drop(struct dt_store *store, enum dt_kind kind, const char *id);
void dt_drop_all(struct dt_store *store, enum dt_kind kind);

/* A copy in the arena, or NULL. */
struct ad_json *dt_get(
	struct dt_store *store, struct ad_arena *arena, enum dt_kind kind, const char *id);

/* In order of creation. Reading a document's JSON is dt_doc_json. A document must not be dropped
 * while it is the cursor. */
const struct dt_doc *dt_first(const struct dt_store *store, enum dt_kind kind);
const struct dt_doc *dt_last(const struct dt_store *store, enum dt_kind kind);
const struct dt_doc *dt_find(const struct dt_store *store, enum dt_kind kind, const char *id);
struct ad_json *dt_doc_json(struct ad_arena *arena, const struct dt_doc *doc);

/* All documents of a tag (NULL: of the collection) as an array. */
struct ad_json *dt_list(
	struct dt_store *store, struct ad_arena *arena, enum dt_kind kind, const char *tag);

#define DT_EACH(doc, store, kind) \
	for (const struct dt_doc *doc = dt_first(store, kind); doc; doc = (doc)->next)

#endif

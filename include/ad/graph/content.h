/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Content of an Intune app: announce a file, upload its encrypted form in blocks to the storage
 * address that Intune gives, commit it with the keys (packaging.md 5.1 to 5.3). Storage addresses
 * and keys appear in no error text.
 */
#ifndef AD_GRAPH_CONTENT_H
#define AD_GRAPH_CONTENT_H

#include "ad/graph.h"

#define AD_GRAPH_BLOCK_BYTES (8u << 20) /* of one uploaded block */
#define AD_GRAPH_POLL_MAX_MS (10 * 60 * 1000)

struct ad_graph_content {
	const char *app_id;
	const char *version; /* content version */
	const char *file_id;
};

struct ad_graph_content_wish {
	const char *app_id;
	const char *name; /* "IntunePackage.intunewin" */
	uint64_t size;    /* of the plain zip */
	uint64_t size_encrypted;
};

/* A content version and a file of these sizes in it; what an earlier try announced is used again.
 * AD_ECONFLICT (class permanent) when the app's content cannot take another file: delete the app.
 */
AD_MUST int ad_graph_content_ensure(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_graph_content_wish *wish, struct ad_graph_content *ret, struct ad_err *err);

struct ad_graph_upload {
	struct ad_graph_content content;
	const char *path; /* the encrypted file */
	uint64_t size;
	unsigned staged; /* blocks that an earlier try has uploaded of the very same file */
	/* Called after each block with the number of blocks staged so far; may be NULL. */
	void (*progress)(void *ctx, unsigned staged, unsigned blocks);
	void *progress_ctx;
};

/* Uploads all blocks and their list. Takes a new address when the present one ends soon or is
 * refused. Stopped by pause or by a transient error it can be called again with the last number
 * that progress was given. AD_ECONFLICT: storage does not know the staged blocks any more, begin
 * with staged 0. */
AD_MUST int ad_graph_content_upload(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_graph_upload *upload, struct ad_err *err);

/* What a device needs to open the file; all as in the .intunewin. */
struct ad_graph_encryption {
	const char *encryption_key; /* base64, like the next four */
	const char *mac_key;
	const char *iv;
	const char *mac;
	const char *file_digest; /* SHA-256 of the plain zip */
};

/* Commits an uploaded file and waits for Intune's word; a file that is committed already is
 * success. AD_EINTEGRITY (class transient) when Intune refuses the file: upload it anew. */
AD_MUST int ad_graph_content_commit(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_graph_content *content, const struct ad_graph_encryption *encryption,
	struct ad_err *err);

#endif

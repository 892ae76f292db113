/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The .intunewin format (packaging.md 4). Inside, a stored ZIP with the setup file, encrypted:
 * HMAC-SHA256(IV and ciphertext) | IV | AES-256-CBC ciphertext. That alone is uploaded to Intune.
 * For hand-off it goes into an outer ZIP together with Detection.xml, which holds the keys: such a
 * file is a secret.
 *
 * Everything streams in constant memory. An output is written beside and renamed at the end; after
 * an error there is none.
 */
#ifndef AD_PACK_INTUNEWIN_H
#define AD_PACK_INTUNEWIN_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of the encrypted file, inside and in Graph. */
#define AD_INTUNEWIN_NAME "IntunePackage.intunewin"
#define AD_INTUNEWIN_KEY_LEN 32u
#define AD_INTUNEWIN_IV_LEN 16u
#define AD_INTUNEWIN_MAC_LEN 32u
#define AD_INTUNEWIN_HEAD_LEN 48u                   /* MAC and IV before the ciphertext */
#define AD_INTUNEWIN_PLAIN_MAX ((uint64_t)30 << 30) /* Intune's own limit of an app */

struct ad_msi;

/* What is needed to open an encrypted file and to commit it. Wipe it when it is not needed. */
struct ad_intunewin_info {
	uint8_t encryption_key[AD_INTUNEWIN_KEY_LEN];
	uint8_t mac_key[AD_INTUNEWIN_KEY_LEN];
	uint8_t iv[AD_INTUNEWIN_IV_LEN];
	uint8_t mac[AD_INTUNEWIN_MAC_LEN];
	uint8_t digest[AD_INTUNEWIN_MAC_LEN]; /* SHA-256 of the plain zip */
	uint64_t size;                        /* of the plain zip */
	uint64_t size_encrypted;
	const char *setup_file; /* in the zip */
	const char *name;       /* of the app */
};

#define AD_INTUNEWIN_FILES_MAX 2000u /* in one package */

/* One file of the plain zip: from a path, or from memory when path is NULL. */
struct ad_intunewin_file {
	const char *name; /* in the zip, forward slashes */
	const char *path;
	const uint8_t *sha256; /* that the path's content must have; NULL: any */
	bool is_part;          /* not all of path, but part_len bytes from part_at on */
	uint64_t part_at;
	uint64_t part_len;
	const void *data;
	size_t len;
};

struct ad_intunewin_wish {
	const struct ad_intunewin_file *files;
	size_t files_count;
	const char *setup_file; /* name of one of them */
	const char *name;
	const char *out; /* path of what is made; mode 0600 */
	/* Asked now and then; false stops with AD_EBUSY. NULL: never asked. */
	bool (*keep_going)(void *ctx, uint64_t done, uint64_t total);
	void *keep_going_ctx;
};

/* Bytes of the encrypted form of a zip of this size. */
uint64_t ad_intunewin_encrypted_size(uint64_t size);

/* Reads each file once and writes the encrypted file, with fresh keys, by three threads. The info's
 * strings live in the arena. AD_EINVAL for bad names, AD_EIO, AD_ETOOBIG, AD_EUNAVAIL without
 * threads; AD_EINTEGRITY when a file does not have its SHA-256. */
AD_MUST int ad_intunewin_encrypt(struct ad_arena *arena, const struct ad_intunewin_wish *wish,
	struct ad_intunewin_info *ret, struct ad_err *err);

/* Checks sizes and MAC of an encrypted file, then decrypts it to out and checks the digest.
 * AD_EINTEGRITY. */
AD_MUST int ad_intunewin_decrypt(const char *path, const struct ad_intunewin_info *info,
	const char *out, struct ad_err *err);

/* Detection.xml as Intune's own tool writes it; msi may be NULL. */
char *ad_intunewin_detection_xml(
	struct ad_arena *arena, const struct ad_intunewin_info *info, const struct ad_msi *msi);

/* The other way. AD_EINVAL. */
AD_MUST int ad_intunewin_detection_parse(struct ad_arena *arena, const char *xml, size_t len,
	struct ad_intunewin_info *ret, struct ad_err *err);

/* Puts an encrypted file and its Detection.xml into the outer container at out (mode 0600). */
AD_MUST int ad_intunewin_wrap(struct ad_arena *arena, const char *encrypted,
	const struct ad_intunewin_info *info, const struct ad_msi *msi, const char *out,
	struct ad_err *err);

/* Both in one pass: encrypts straight into the outer container, which is wish->out. */
AD_MUST int ad_intunewin_create(struct ad_arena *arena, const struct ad_intunewin_wish *wish,
	const struct ad_msi *msi, struct ad_err *err);

/* Reads the outer container's Detection.xml and compares the sizes. AD_EINVAL when the file is no
 * .intunewin. */
AD_MUST int ad_intunewin_inspect(struct ad_arena *arena, const char *path,
	struct ad_intunewin_info *ret, struct ad_err *err);

/* Decrypts an outer container, checked, and extracts its files below folder, which is made.
 * AD_ECONFLICT when a file exists there already. */
AD_MUST int ad_intunewin_extract(struct ad_arena *arena, const char *path, const char *folder,
	struct ad_intunewin_info *ret, struct ad_err *err);

#endif

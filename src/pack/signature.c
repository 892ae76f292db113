/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who signed an installer, read by a reader. The question is the path, the answer what the
 * signature says once it has been verified and fits the file. A reader that a file has taken over
 * may name another signer: then it has parted with nothing but that word, as the file could have
 * done with a signature that is worth nothing.
 */
#include "signed_file.h"

#include "ad/file.h"
#include "ad/pack.h"
#include "ad/text.h"

#include <errno.h>
#include <fcntl.h>

#define PIECE ((size_t)64 << 10)
#define SUBJECT_MAX 1000u

/* ---- in the reader ---- */

int pack_file_read(
	const struct pack_file *file, uint64_t offset, void *ret, size_t len, struct ad_err *err)
{
	uint8_t *at = ret;
	if (offset > file->size || len > file->size - offset)
		return AD_FAIL(err, AD_EINTEGRITY, "installer is cut");
	while (len > 0) {
		ssize_t got = pread(file->fd, at, len, (off_t)offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return AD_FAIL(err, AD_EIO, "installer cannot be read: %s",
				got < 0 ? strerrordesc_np(errno) : "it is cut");
		at += got;
		offset += (uint64_t)got;
		len -= (size_t)got;
	}
	return 0;
}

int pack_file_hash(const struct pack_file *file, uint64_t begin, uint64_t end, struct ad_hash *hash,
	struct ad_err *err)
{
	static _Thread_local uint8_t piece[PIECE];
	for (uint64_t at = begin; at < end;) {
		size_t len = end - at < PIECE ? (size_t)(end - at) : PIECE;
		int r = pack_file_read(file, at, piece, len, err);
		if (r < 0)
			return r;
		ad_hash_update(hash, piece, len);
		at += len;
	}
	return 0;
}

/* *ret is all empty for a file without a signature. */
static int examine(struct ad_arena *arena, const struct pack_file *file,
	struct ad_authenticode *ret, struct ad_err *err)
{
	static const struct pack_signed_form *const forms[] = { &pack_signed_pe, &pack_signed_msi };
	const struct pack_signed_form *form = NULL;
	struct ad_bytes pkcs7 = { 0 };
	uint8_t found[AD_HASH_MAX];
	int r = 0;
	*ret = (struct ad_authenticode){ 0 };
	for (size_t i = 0; r == 0 && pkcs7.len == 0 && i < sizeof forms / sizeof forms[0]; i++) {
		form = forms[i];
		r = form->find(arena, file, &pkcs7, err);
	}
	if (r < 0 || pkcs7.len == 0)
		return r;
	struct ad_authenticode signature;
	r = ad_crypto_authenticode_verify(arena, pkcs7, &signature, err);
	if (r == 0)
		r = form->digest(arena, file, signature.algorithm, found, err);
	if (r == 0 && memcmp(found, signature.digest, signature.digest_len) != 0)
		r = AD_FAIL(err, AD_EINTEGRITY,
			"signature: is of another file: expected %s, found %s",
			ad_hex(arena, signature.digest, signature.digest_len),
			ad_hex(arena, found, signature.digest_len));
	if (r == 0)
		*ret = signature;
	return r;
}

static int answer(struct ad_arena *arena, void **state, const struct ad_json *question,
	struct ad_bytes bytes, struct ad_json **ret, struct ad_err *err)
{
	const char *path = ad_json_str(question, "path");
	struct ad_authenticode signature;
	(void)state;
	(void)bytes;
	AD_AUTO_FD int fd = open(path ? path : "", O_RDONLY | O_CLOEXEC);
	off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;
	if (size < 0)
		return AD_FAIL(err, AD_EIO, "installer: %s", strerrordesc_np(errno));
	const struct pack_file file = { fd, (uint64_t)size };
	int r = examine(arena, &file, &signature, err);
	if (r < 0)
		return r;
	*ret = ad_json_new_object(arena);
	ad_json_set_str(arena, *ret, "subject", signature.subject);
	ad_json_set_str(arena, *ret, "issuer_sha256", signature.issuer_sha256);
	ad_json_set_str(arena, *ret, "algorithm", signature.algorithm);
	ad_json_set_str(arena, *ret, "chain", signature.chain);
	return 0;
}

/* Digests by name are loaded with their first use, from a file that cannot be opened later. */
static void load_digests(void)
{
	ad_hash_free(ad_hash_new("sha256"));
}

const struct ad_reader_kind ad_pack_signature_reader = {
	.name = "signature",
	.refusal = "installer's signature cannot be read",
	.memory_max = (size_t)512 << 20,
	.cpu_s = 120,
	.answer_ms = 300000,
	.prepare = load_digests,
	.answer = answer,
};

/* ---- in the service ---- */

static const char *text_of(struct ad_arena *arena, const struct ad_json *facts, const char *name)
{
	const char *text = ad_json_str(facts, name);
	return text ? ad_utf8_cut(arena, ad_utf8_clean(arena, text, false), SUBJECT_MAX) : "";
}

static int judge(struct ad_arena *arena, const struct ad_json *facts, struct ad_pack_signature *ret,
	struct ad_err *err)
{
	uint8_t digest[AD_SHA256_LEN];
	*ret = (struct ad_pack_signature){
		.subject = text_of(arena, facts, "subject"),
		.issuer_sha256 = text_of(arena, facts, "issuer_sha256"),
		.algorithm = text_of(arena, facts, "algorithm"),
		.chain = text_of(arena, facts, "chain"),
	};
	ret->is_signed = *ret->subject != '\0';
	if (ret->is_signed && ad_hex_decode(ret->issuer_sha256, digest, sizeof digest) < 0)
		return AD_FAIL(err, AD_EINVAL, "installer's signature cannot be read");
	return 0;
}

int ad_pack_signature_read(
	struct ad_arena *arena, const char *path, struct ad_pack_signature *ret, struct ad_err *err)
{
	struct ad_json *facts;
	int r = ad_reader_once(
		arena, &ad_pack_signature_reader, path, ad_json_new_object(arena), -1, &facts, err);
	return r == 0 ? judge(arena, facts, ret, err) : r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Promises of ad_crypto_msix_signature_verify, about any bytes, where the signer of the corpus's
 * `signed` is believed: what verifies has that signer's digests, for nobody else has the key; all
 * else is refused as not genuine, and the step is named. The content of a signature is read by
 * itself as well (ad_spc_parse).
 */
#include "fuzz.h"

#include "ad/crypto/msix_signature.h"
#include "ad/file.h"
#include "spc.h"

#define FILE_MAX ((size_t)64 << 10)
#define NOW INT64_C(4000000000) /* behind every time stamp: both chains are judged at its time */

/* The local tenant's, whose keys are gone. */
struct signer {
	struct ad_bytes root, timestamp_root;
	struct ad_msix_trust trust;
	struct ad_msix_digests digests;
};

static struct ad_bytes load(struct ad_arena *arena, const char *name)
{
	char *data = NULL;
	size_t len = 0;
	AD_ASSERT(ad_file_read(arena, ad_printf(arena, AD_FUZZ_FOLDER "/%s", name), FILE_MAX, &data,
			  &len, NULL) == 0);
	return (struct ad_bytes){ .data = (const uint8_t *)data, .len = len };
}

static int verify(struct ad_arena *arena, const struct signer *signer, struct ad_bytes p7x,
	struct ad_msix_signature *ret, struct ad_err *err)
{
	const struct ad_msix_query query = { .p7x = p7x, .trust = &signer->trust, .now = NOW };
	return ad_crypto_msix_signature_verify(arena, &query, ret, err);
}

/* Made once, kept until the process ends. */
static const struct signer *believed(void)
{
	static const char *const usages[] = { "1.3.6.1.5.5.7.3.3", "1.3.6.1.4.1.311.76.3.1" };
	static struct signer signer;
	static struct ad_arena *arena;
	if (arena)
		return &signer;
	arena = ad_arena_new();
	signer.root = load(arena, "trust/root.der");
	signer.timestamp_root = load(arena, "trust/timestamp-root.der");
	signer.trust = (struct ad_msix_trust){
		.roots = &signer.root,
		.root_count = 1,
		.timestamp_roots = &signer.timestamp_root,
		.timestamp_root_count = 1,
		.signer_subject =
			"CN=AppDesk Local Tenant,O=AppDesk Local Tenant,L=Loopback,ST=Test,C=US",
		.signer_eku = usages,
		.signer_eku_count = sizeof usages / sizeof usages[0],
	};
	struct ad_msix_signature genuine;
	AD_ASSERT(verify(arena, &signer, load(arena, "corpus/signature/signed"), &genuine, NULL) ==
		  0);
	signer.digests = genuine.digests;
	return &signer;
}

static bool same(const struct ad_msix_digests *a, const struct ad_msix_digests *b)
{
	return memcmp(a->axpc, b->axpc, sizeof a->axpc) == 0 &&
	       memcmp(a->axcd, b->axcd, sizeof a->axcd) == 0 &&
	       memcmp(a->axct, b->axct, sizeof a->axct) == 0 &&
	       memcmp(a->axbm, b->axbm, sizeof a->axbm) == 0 && a->has_axci == b->has_axci &&
	       (!a->has_axci || memcmp(a->axci, b->axci, sizeof a->axci) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct signer *signer = believed();
	struct ad_arena *arena = ad_arena_new();
	const struct ad_bytes bytes = { data, len };
	struct ad_msix_signature signature;
	struct ad_msix_digests digests;
	struct ad_err err = { 0 };
	int rc = verify(arena, signer, bytes, &signature, &err);
	if (rc == 0)
		AD_ASSERT(same(&signature.digests, &signer->digests));
	else
		AD_ASSERT(
			(rc == AD_EINTEGRITY || rc == AD_ETOOBIG) && err.code == rc && err.text[0]);
	rc = ad_spc_parse(bytes, &digests, &err);
	AD_ASSERT(rc == 0 || rc == AD_EINTEGRITY);
	ad_arena_free(arena);
	return 0;
}

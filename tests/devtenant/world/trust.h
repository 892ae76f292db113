/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who signs a world: a code-signing chain in the shape of the real one (root, PCA, issuing CA, leaf
 * of three days) and a time-stamping chain of its own root. Keys and CA certificates are made once
 * per out_dir and kept; the two leaves are issued anew for every publication.
 */
#ifndef DT_WORLD_TRUST_H
#define DT_WORLD_TRUST_H

#include "ad/err.h"
#include "der.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdint.h>

#define DT_SIGNER_SUBJECT "CN=AppDesk Local Tenant,O=AppDesk Local Tenant,L=Loopback,ST=Test,C=US"
/* The same as a package's Publisher has it. */
#define DT_PUBLISHER "CN=AppDesk Local Tenant, O=AppDesk Local Tenant, L=Loopback, S=Test, C=US"

#define DT_OID_STORE "1.3.6.1.4.1.311.76.3.1"

enum dt_party { DT_ROOT, DT_PCA, DT_CA, DT_LEAF, DT_TSA_ROOT, DT_TSA_PCA, DT_TSA, DT_PARTIES };

/* How the signing leaf is made; every kind but GOOD must be refused by a reader. */
enum dt_leaf_kind { DT_LEAF_GOOD, DT_LEAF_SELF_SIGNED, DT_LEAF_OTHER_SUBJECT, DT_LEAF_NO_STORE };

struct dt_trust {
	EVP_PKEY *key[DT_PARTIES];
	X509 *certificate[DT_PARTIES];
};

/*
 * Loads or makes everything in folder out_dir/keys, leaves valid around publish_time. The arena
 * frees the keys and certificates.
 */
AD_MUST int dt_trust_open(struct ad_arena *arena, const char *out_dir, int64_t publish_time,
	enum dt_leaf_kind kind, struct dt_trust *ret_trust, struct ad_err *err);

/* Writes trust/root.pem, trust/timestamp-root.pem and trust/profile.json below out_dir. */
AD_MUST int dt_trust_write(struct ad_arena *arena, const char *out_dir,
	const struct dt_trust *trust, struct ad_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of an encrypted file while they rest in the database: AES-GCM under the key of the
 * configuration, bound to the job. */
#include "package.h"

#include "ad/crypto.h"
#include "ad/store/seal.h"

/* What is sealed, in this order. */
struct sealed {
	uint8_t encryption_key[AD_INTUNEWIN_KEY_LEN];
	uint8_t mac_key[AD_INTUNEWIN_KEY_LEN];
	uint8_t iv[AD_INTUNEWIN_IV_LEN];
	uint8_t mac[AD_INTUNEWIN_MAC_LEN];
	uint8_t digest[AD_INTUNEWIN_MAC_LEN];
};

const char *ad_package_seal(const struct ad_job_run *run, const struct ad_intunewin_info *info)
{
	struct sealed plain;
	memcpy(plain.encryption_key, info->encryption_key, sizeof(plain.encryption_key));
	memcpy(plain.mac_key, info->mac_key, sizeof(plain.mac_key));
	memcpy(plain.iv, info->iv, sizeof(plain.iv));
	memcpy(plain.mac, info->mac, sizeof(plain.mac));
	memcpy(plain.digest, info->digest, sizeof(plain.digest));
	const char *sealed = ad_store_seal_text(run->arena, &run->options->seal_key,
		(struct ad_bytes){ (const uint8_t *)&plain, sizeof(plain) },
		ad_store_package_context(run->arena, run->job.id));
	ad_crypto_wipe(&plain, sizeof(plain));
	return sealed;
}

int ad_package_unseal(const struct ad_job_run *run, const char *sealed,
	struct ad_intunewin_info *ret, struct ad_err *err)
{
	struct sealed plain;
	struct ad_bytes opened;
	if (!sealed)
		return AD_FAIL(err, AD_EINTEGRITY, "the package's keys are not there");
	int r = ad_store_unseal_text(run->arena, &run->options->seal_key, sealed,
		ad_store_package_context(run->arena, run->job.id), &opened, err);
	if (r == AD_ENOTFOUND)
		return AD_FAIL(err, AD_EINTEGRITY,
			"the package's keys are sealed with a key that is not configured "
			"(security.reference_keys_old)");
	if (r < 0)
		return r;
	if (opened.len != sizeof(plain))
		return AD_FAIL(err, AD_EINTEGRITY, "the package's keys have another form");
	memcpy(&plain, opened.data, sizeof(plain));
	memset(ret, 0, sizeof(*ret));
	memcpy(ret->encryption_key, plain.encryption_key, sizeof(plain.encryption_key));
	memcpy(ret->mac_key, plain.mac_key, sizeof(plain.mac_key));
	memcpy(ret->iv, plain.iv, sizeof(plain.iv));
	memcpy(ret->mac, plain.mac, sizeof(plain.mac));
	memcpy(ret->digest, plain.digest, sizeof(plain.digest));
	ad_crypto_wipe(&plain, sizeof(plain));
	return 0;
}

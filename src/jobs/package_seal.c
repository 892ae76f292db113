/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of an encrypted file while they rest in the database: AES-GCM under the key of the
 * configuration, bound to the job. */
#include "package.h"

#include "ad/crypto.h"
#include "ad/text.h"

#include <inttypes.h>

static struct ad_bytes context_of(const struct ad_job_run *run)
{
	const char *text = ad_printf(run->arena, "job:%" PRId64 ":wrap", run->job.id);
	return (struct ad_bytes){ (const uint8_t *)text, strlen(text) };
}

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
	struct ad_bytes sealed = ad_crypto_seal(run->arena, run->options->seal_key,
		(struct ad_bytes){ (const uint8_t *)&plain, sizeof(plain) }, context_of(run));
	ad_crypto_wipe(&plain, sizeof(plain));
	return ad_base64(run->arena, sealed.data, sealed.len);
}

int ad_package_unseal(const struct ad_job_run *run, const char *sealed,
	struct ad_intunewin_info *ret, struct ad_err *err)
{
	struct sealed plain;
	uint8_t *data;
	size_t len;
	struct ad_bytes opened;
	if (!sealed || ad_base64_decode(run->arena, sealed, strlen(sealed), &data, &len) < 0)
		return AD_FAIL(err, AD_EINTEGRITY, "the package's keys are not there");
	int r = ad_crypto_open(run->arena, run->options->seal_key, (struct ad_bytes){ data, len },
		context_of(run), &opened, err);
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

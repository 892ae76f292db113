/* SPDX-License-Identifier: Apache-2.0 */
/* The policies of a tenant. */
#include "stages.h"
#include "ad/text.h"

int ad_policies_active(
	struct ad_desk *desk, const struct ad_policy **ret, size_t *ret_count, struct ad_err *err)
{
	(void)desk;
	(void)err;
	*ret = NULL;
	*ret_count = 0;
	return 0;
}

int ad_policy_version(struct ad_desk *desk, const char *name, int version,
	const struct ad_policy **ret, struct ad_err *err)
{
	(void)desk;
	*ret = ad_policy_built_in();
	return ad_text_empty(name)
		       ? 0
		       : AD_FAIL(err, AD_ENOTFOUND, "there is no version %d of policy '%s'",
				 version, name);
}

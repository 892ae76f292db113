/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Promise of the HTTP reader about any stream: its answers do not depend on where the network cuts
 * it, and what it accepts has one reading (http_model.c). The first byte says how to cut.
 */
#include "fuzz.h"

#include "http_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (len == 0)
		return 0;
	struct model whole;
	struct model cut;
	struct model bytes;
	const char *text = (const char *)data + 1;
	struct cuts cuts = cuts_of(data[0]);
	len--;
	model_start(&whole);
	model_start(&cut);
	model_start(&bytes);
	model_feed(&whole, text, len);
	for (size_t at = 0, n; at < len; at += n) {
		n = cuts_next(&cuts, len - at);
		model_feed(&cut, text + at, n);
	}
	for (size_t at = 0; at < len; at++)
		model_feed(&bytes, text + at, 1);
	AD_ASSERT(whole.closed == cut.closed && whole.closed == bytes.closed);
	AD_ASSERT(strcmp(ad_buf_str(&whole.answers), ad_buf_str(&cut.answers)) == 0);
	AD_ASSERT(strcmp(ad_buf_str(&whole.answers), ad_buf_str(&bytes.answers)) == 0);
	model_end(&whole);
	model_end(&cut);
	model_end(&bytes);
	return 0;
}

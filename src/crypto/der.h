/* SPDX-License-Identifier: Apache-2.0 */
/* A strict reader of DER elements, for the few structures that OpenSSL has no type for. */
#ifndef AD_SRC_CRYPTO_DER_H
#define AD_SRC_CRYPTO_DER_H

#include "ad/bytes.h"

#include <stdbool.h>

enum ad_der_tag {
	AD_DER_INTEGER = 0x02,
	AD_DER_OCTETS = 0x04,
	AD_DER_NULL = 0x05,
	AD_DER_OID = 0x06,
	AD_DER_SEQUENCE = 0x30
};

/* Takes the element at the front of *rest if it has this tag and a definite, shortest length that
 * fits; its content goes to *ret. Otherwise false, and nothing changes. */
bool ad_der_take(struct ad_bytes *rest, enum ad_der_tag tag, struct ad_bytes *ret);

/* Takes an element whose content is exactly these bytes. */
bool ad_der_take_exact(struct ad_bytes *rest, enum ad_der_tag tag, const void *content, size_t len);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the two XML files of a package. Refuses document types, and so all entities. */
#ifndef AD_SRC_WINGET_XML_H
#define AD_SRC_WINGET_XML_H

#include "ad/bytes.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>

#define AD_XML_DEPTH_MAX 32u

/* name is "namespace|local" or "local"; attributes are pairs ended by NULL, of which those without
 * a namespace have plain names; depth of the root is 1. A negative return stops the parser. */
typedef int (*ad_xml_start)(void *context, unsigned depth, const char *name,
	const char *const *attributes, struct ad_err *err);

/* AD_EINVAL for malformed XML; otherwise what start returned. */
AD_MUST int ad_xml_parse(
	struct ad_bytes bytes, ad_xml_start start, void *context, struct ad_err *err);

/* Attribute by name, or NULL. */
const char *ad_xml_attribute(const char *const *attributes, const char *name);

#endif

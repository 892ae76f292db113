/* SPDX-License-Identifier: Apache-2.0 */
/* expat with namespaces, without document types, and with a limited depth. */
#include "xml.h"

#include <expat.h>
#include <limits.h>
#include <string.h>

struct reader {
	XML_Parser parser;
	ad_xml_start start;
	void *context;
	unsigned depth;
	int rc;
	struct ad_err *err;
};

static void stop(struct reader *reader, int rc)
{
	if (!reader->rc)
		reader->rc = rc;
	(void)XML_StopParser(reader->parser, XML_FALSE);
}

static void on_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
	struct reader *reader = context;
	if (++reader->depth > AD_XML_DEPTH_MAX) {
		stop(reader, AD_FAIL(reader->err, AD_ETOOBIG, "xml: too deep"));
		return;
	}
	int rc = reader->start(
		reader->context, reader->depth, name, (const char *const *)attributes, reader->err);
	if (rc)
		stop(reader, rc);
}

static void on_end(void *context, const XML_Char *name)
{
	struct reader *reader = context;
	(void)name;
	reader->depth--;
}

static void on_doctype(void *context, const XML_Char *name, const XML_Char *system,
	const XML_Char *public, int has_subset)
{
	struct reader *reader = context;
	(void)name;
	(void)system;
	(void)public;
	(void)has_subset;
	stop(reader, AD_FAIL(reader->err, AD_EINVAL, "xml: document type is not allowed"));
}

int ad_xml_parse(struct ad_bytes bytes, ad_xml_start start, void *context, struct ad_err *err)
{
	struct reader reader = { .start = start, .context = context, .err = err };
	if (bytes.len > INT_MAX)
		return AD_FAIL(err, AD_ETOOBIG, "xml: too large");
	reader.parser = XML_ParserCreateNS("UTF-8", '|');
	AD_ASSERT(reader.parser);
	XML_SetUserData(reader.parser, &reader);
	XML_SetElementHandler(reader.parser, on_start, on_end);
	XML_SetStartDoctypeDeclHandler(reader.parser, on_doctype);
	enum XML_Status status =
		XML_Parse(reader.parser, (const char *)bytes.data, (int)bytes.len, XML_TRUE);
	if (status != XML_STATUS_OK && !reader.rc)
		reader.rc = AD_FAIL(err, AD_EINVAL, "xml: line %lu: %s",
			XML_GetCurrentLineNumber(reader.parser),
			XML_ErrorString(XML_GetErrorCode(reader.parser)));
	XML_ParserFree(reader.parser);
	return reader.rc;
}

const char *ad_xml_attribute(const char *const *attributes, const char *name)
{
	for (; attributes[0]; attributes += 2) {
		if (strcmp(attributes[0], name) == 0)
			return attributes[1];
	}
	return NULL;
}

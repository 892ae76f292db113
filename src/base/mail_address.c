/* SPDX-License-Identifier: Apache-2.0 */
/* What counts as a mail address: a small part of what RFC 5321 allows, and all of what directories
 * hold; and as a host's name, which is part of it. Pure. */
#include "ad/text.h"

#define LOCAL_MAX 64u
#define LABEL_MAX 63u
#define HOST_MAX 253u
#define ALPHANUMERIC "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* Words of allowed characters with single dots between them. */
static bool is_dotted(const char *text, size_t len, const char *allowed, size_t word_max)
{
	size_t word = 0;
	for (size_t i = 0; i < len; i++) {
		bool is_dot = text[i] == '.';
		if (is_dot ? word == 0 : !strchr(allowed, text[i]))
			return false;
		word = is_dot ? 0 : word + 1;
		if (word > word_max)
			return false;
	}
	return word > 0;
}

bool ad_text_is_host_name(const char *text)
{
	size_t len = text ? strlen(text) : 0;
	if (len > HOST_MAX || !is_dotted(text, len, ALPHANUMERIC "-", LABEL_MAX))
		return false;
	for (size_t i = 0; i < len; i++) {
		bool at_edge = i == 0 || i + 1 == len || text[i - 1] == '.' || text[i + 1] == '.';
		if (text[i] == '-' && at_edge)
			return false;
	}
	return true;
}

bool ad_text_is_mail_address(const char *text)
{
	size_t len = text ? strlen(text) : 0;
	size_t local = text ? strcspn(text, "@") : 0;
	if (len > AD_MAIL_ADDRESS_MAX || local == len || local > LOCAL_MAX)
		return false;
	return is_dotted(text, local, ALPHANUMERIC "!#$%&'*+/=?^_`{|}~-", LOCAL_MAX) &&
	       ad_text_is_host_name(text + local + 1);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers with groups and the signs of a language. Private to cards. */
#ifndef AD_CARDS_NUMBER_FORMAT_H
#define AD_CARDS_NUMBER_FORMAT_H

#include "ad/buf.h"

/* Appends number with so many digits behind the point (0 to 20), as the official engine's formatter
 * (d3-format, ",.Nf") does; a language that it does not know is formatted like English. */
void ad_number_format(struct ad_buf *out, double number, int digits, const char *locale);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What the steps below the index need of an open source. */
#ifndef AD_SRC_WINGET_SOURCE_H
#define AD_SRC_WINGET_SOURCE_H

#include "ad/winget.h"

/* Its reader, which reads what the index leads to, too. */
struct ad_reader *ad_winget_source_reader(struct ad_winget_source *source);

#endif

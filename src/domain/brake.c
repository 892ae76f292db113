/* SPDX-License-Identifier: Apache-2.0 */
/* When a change of the directory is too great to be followed unseen. */
#include "ad/domain/brake.h"

bool ad_brake_holds(const struct ad_brake_limits *limits, int64_t people, int64_t known)
{
	return people > limits->people ||
	       (people >= AD_BRAKE_LEAST && people * 100 > known * limits->percent);
}

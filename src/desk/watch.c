/* SPDX-License-Identifier: Apache-2.0 */
/* Open stages, one after the other: whoever is asked has to be able to decide. */
#include "stages.h"
#include "ad/desk/people.h"
#include "ad/store/directory.h"

int ad_desk_watch(struct ad_desk *desk, int age_s, bool *ret_more, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_request request;
	bool changed;
	int64_t number;
	*ret_more = false;
	if (desk->settings.frozen)
		return 0;
	int e = ad_store_directory_unwatched(
		desk->db, desk->arena, desk->tenant_id, age_s, &number, err);
	if (e != 0 || number == 0)
		return e;
	*ret_more = true;
	e = ad_store_request_lock(desk->db, desk->arena, desk->tenant_id, number, &request, err);
	if (e == 0)
		e = ad_stage_recheck(desk, &request, &changed, err);
	if (e == 0)
		e = ad_store_directory_watched(desk->db, desk->arena, number, err);
	return e == 0 ? ad_trail_flush(desk, err) : e;
}

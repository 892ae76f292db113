/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody has another manager: their requests that wait for the manager wait for the new one. */
#include "stages.h"
#include "ad/store/directory.h"

int ad_mover_step(struct ad_desk *desk, const struct ad_directory_person *person, int64_t *after,
	bool *ret_more, struct ad_err *err)
{
	struct ad_request request;
	bool changed;
	int64_t number;
	int e = ad_store_directory_undecided(
		desk->db, desk->arena, desk->tenant_id, person->oid, *after, &number, err);
	*ret_more = e == 0 && number != 0;
	if (e != 0 || number == 0)
		return e;
	e = ad_store_request_lock(desk->db, desk->arena, desk->tenant_id, number, &request, err);
	if (e == 0)
		e = ad_stage_recheck(desk, &request, &changed, err);
	if (e == 0)
		*after = number;
	return e;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A statement that leaves with the next one (ad_db_exec_later in ad/db.h). Functions of the store
 * whose names end in _later make one; what it brought is read by the function beside it, once
 * something else of the same connection was read, or after the commit. Lives where the caller keeps
 * it, until the transaction ends.
 */
#ifndef AD_STORE_LATER_H
#define AD_STORE_LATER_H

struct ad_db_result;

struct ad_store_later {
	struct ad_db_result *rows; /* NULL until then */
};

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* People and groups. A person's and a group's document is described in people.c. */
#ifndef DT_PEOPLE_H
#define DT_PEOPLE_H

#include "dt.h"

#define DT_GONE_TAG "(gone)" /* of DT_GONE's people; no key has brackets */

/* Makes those of the guide, unless there are people already. */
void dt_people_seed(struct dt_tenant *tenant);

/* By key, object id, UPN, mail or channel id; NULL when there is nobody. */
struct ad_json *dt_person(struct dt_tenant *tenant, struct ad_arena *arena, const char *name);
void dt_person_save(struct dt_tenant *tenant, const struct ad_json *person);
/* A new person from {"key","name",...}; AD_EINVAL or AD_ECONFLICT. */
AD_MUST int dt_person_add(struct dt_tenant *tenant, struct ad_arena *arena,
	const struct ad_json *order, struct ad_json **ret_person, struct ad_err *err);
/* To somebody's object id, or NULL for nobody. The person is not saved. */
void dt_person_set_manager(struct dt_tenant *tenant, struct ad_arena *arena, struct ad_json *person,
	const char *manager_id);
/* Deleted: out of all groups, nobody's manager, with a note for delta. */
void dt_person_remove(
	struct dt_tenant *tenant, struct ad_arena *arena, const struct ad_json *person);
/* Makes as many people and puts them into the group, which is not saved. */
void dt_people_crowd(
	struct dt_tenant *tenant, struct ad_arena *arena, struct ad_json *group, unsigned count);

/* By id or display name. */
struct ad_json *dt_group(struct dt_tenant *tenant, struct ad_arena *arena, const char *name);
void dt_group_save(struct dt_tenant *tenant, const struct ad_json *group);
/* A new group of this name, saved, without members. */
struct ad_json *dt_group_new(struct dt_tenant *tenant, struct ad_arena *arena, const char *name);
/* Deleted, and out of all others. */
void dt_group_drop(struct dt_tenant *tenant, struct ad_arena *arena, const char *id);
/* Members are object ids of people and groups. False when nothing had to change. */
bool dt_group_add(struct ad_arena *arena, struct ad_json *group, const char *object_id);
bool dt_group_remove(struct ad_arena *arena, struct ad_json *group, const char *object_id);
/* Directly, or through groups in groups. */
bool dt_group_has(struct dt_tenant *tenant, struct ad_arena *arena, const struct ad_json *group,
	const char *object_id, bool transitive);
/* Object ids of all people in it, also through groups. */
struct ad_json *dt_group_everybody(
	struct dt_tenant *tenant, struct ad_arena *arena, const struct ad_json *group);

#endif

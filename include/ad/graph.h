/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Microsoft Graph, the directory part: people and groups. Blocking; one struct ad_graph per thread.
 * ad/graph/intune.h has apps, ad/graph/content.h their content.
 *
 * All functions: 401 drops the token and tries once more; 429, 5xx and lost connections are tried
 * again within patience_ms (never before Retry-After), then they are transient errors with
 * retry_after_s. A POST whose outcome is unknown is never repeated blindly: AD_EAMBIGUOUS, unless
 * the function can look for what it made. 412 (an approval of several admins is asked for in the
 * tenant) is AD_EUNAVAIL, transient. Errors carry Graph's code and message, no token and no URL
 * query.
 */
#ifndef AD_GRAPH_H
#define AD_GRAPH_H

#include "ad/arena.h"
#include "ad/err.h"
#include "ad/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_net_client;

/* Where access tokens come from; any thread. */
struct ad_graph_token {
	int (*get)(void *ctx, struct ad_arena *arena, char **ret, struct ad_err *err);
	void (*drop)(void *ctx, const char *token); /* was refused */
	void *ctx;
};

struct ad_graph {
	const char *base_url; /* "https://graph.microsoft.com": no version, no slash at the end */
	struct ad_graph_token token;
	struct ad_net_client *net;
	bool allow_http_loopback;
	int patience_ms; /* longest sum of waits inside one call; 0: answer at the first failure */
	int total_ms; /* longest single exchange; 0: the client's own, Intune's longer ones stay */
	/* Waits ms; false: give up (the process stops, the lease is lost), which is AD_EBUSY. NULL:
	 * plain sleep. */
	bool (*pause)(void *ctx, int64_t ms);
	void *pause_ctx;
};

struct ad_graph_user {
	const char *oid;
	const char *name;
	const char *mail; /* "" when there is none */
	const char *upn;
	const char *department; /* "" as the next one, when the directory says nothing */
	const char *job_title;
	bool enabled;
	bool guest;
};

/* AD_ENOTFOUND for an unknown or deleted person. */
AD_MUST int ad_graph_user_get(const struct ad_graph *graph, struct ad_arena *arena, const char *oid,
	struct ad_graph_user *ret, struct ad_err *err);

/* Whom the directory names as somebody's manager. AD_ENOTFOUND: there is none, or the person is
 * unknown. */
AD_MUST int ad_graph_manager_get(const struct ad_graph *graph, struct ad_arena *arena,
	const char *oid, struct ad_graph_user *ret, struct ad_err *err);

/* What a round of changes says about one person. A person may come several times, each time with
 * other fields; NULL and AD_GRAPH_UNSAID: nothing new is said. */
enum ad_graph_said { AD_GRAPH_UNSAID, AD_GRAPH_NO, AD_GRAPH_YES };

struct ad_graph_change {
	const char *oid;
	bool removed; /* deleted, though perhaps to be restored; all else is unsaid then */
	const char *name;
	const char *mail;
	const char *upn;
	const char *department;
	const char *job_title;
	const char *manager; /* object id; "": has none any more */
	enum ad_graph_said enabled;
	enum ad_graph_said guest;
};

struct ad_graph_delta {
	struct ad_graph_change *changes;
	size_t count;
	const char *next; /* where to go on: with the next page, or another day */
	bool done;        /* no more pages at present */
};

/* One page of what has changed among all people since from, which is an earlier page's next; ""
 * begins a full round, which tells of everybody. AD_ENOTFOUND or AD_EINVAL with err->status 410 or
 * 400: the directory does not know the place any more, only a full round helps. AD_EINVAL without a
 * status: from or next is on another host, and no token is sent there. */
AD_MUST int ad_graph_users_delta(const struct ad_graph *graph, struct ad_arena *arena,
	const char *from, struct ad_graph_delta *ret, struct ad_err *err);

/* Member directly or through other groups. AD_ENOTFOUND for an unknown person or group. */
AD_MUST int ad_graph_is_member(const struct ad_graph *graph, struct ad_arena *arena,
	const char *oid, const char *group_id, bool *ret, struct ad_err *err);

struct ad_graph_device {
	const char *id; /* of the managed device */
	const char *name;
	const char *compliance; /* complianceState: "compliant", "noncompliant", ... */
	const char *seen_at;    /* lastSyncDateTime, RFC 3339 */
};

#define AD_GRAPH_DEVICES_MAX 20

/* The Windows devices that Intune manages for a person, who reported last first; of more than
 * AD_GRAPH_DEVICES_MAX the newest. AD_ENOTFOUND for an unknown person, AD_EDENIED without the
 * permission DeviceManagementManagedDevices.Read.All. */
AD_MUST int ad_graph_devices(const struct ad_graph *graph, struct ad_arena *arena, const char *oid,
	struct ad_graph_device **ret, size_t *ret_count, struct ad_err *err);
/* Whether that would be answered; errors as above. */
AD_MUST int ad_graph_devices_allowed(
	const struct ad_graph *graph, struct ad_arena *arena, struct ad_err *err);

#define AD_GRAPH_MEMBERS_MAX 10000

/* All people of a group, through nested groups. AD_ETOOBIG when there are more than max
 * (<= AD_GRAPH_MEMBERS_MAX): *ret then holds the first max of them; AD_ENOTFOUND. */
AD_MUST int ad_graph_group_members(const struct ad_graph *graph, struct ad_arena *arena,
	const char *group_id, size_t max, struct ad_graph_user **ret, size_t *ret_count,
	struct ad_err *err);

#define AD_GRAPH_GROUP_NAME_MAX 120 /* code points of a group's displayName */

struct ad_graph_group_wish {
	const char *name;   /* displayName */
	const char *marker; /* stands in the description and tells our group from a namesake */
};

/* The security group with this name and marker; made when there is none. When several carry the
 * marker (two nodes made it at once) everybody gets the oldest. */
AD_MUST int ad_graph_group_ensure(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_graph_group_wish *wish, char **ret_id, struct ad_err *err);

/* Being a member already is success. 404 is waited out and transient: a new group needs seconds or
 * minutes to be seen everywhere. */
AD_MUST int ad_graph_group_add_member(const struct ad_graph *graph, struct ad_arena *arena,
	const char *group_id, const char *oid, struct ad_err *err);

/* Not being a member is success. */
AD_MUST int ad_graph_group_remove_member(const struct ad_graph *graph, struct ad_arena *arena,
	const char *group_id, const char *oid, struct ad_err *err);

/* Installs a Teams app of the organisation's catalogue for a person; being there already is
 * success. AD_ENOTFOUND for an unknown person or app, AD_EDENIED without the permission
 * TeamsAppInstallation.ReadWriteSelfForUser.All. */
AD_MUST int ad_graph_install_app(const struct ad_graph *graph, struct ad_arena *arena,
	const char *oid, const char *app_id, struct ad_err *err);

#endif

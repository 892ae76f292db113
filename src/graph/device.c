/* SPDX-License-Identifier: Apache-2.0 */
/* Devices that Intune manages. */
#include "ad/graph.h"

#include "ad/text.h"
#include "call.h"

/* Where AppDesk's packages run. */
#define SYSTEM "Windows"
#define NAME_MAX_CHARS 64 /* of a device's name; Windows has 15 */

struct devices {
	struct ad_graph_device *items; /* the newest first */
	size_t count;
};

/* Times in one format sort as text. */
static bool is_newer(const struct ad_graph_device *a, const struct ad_graph_device *b)
{
	return strcmp(a->seen_at, b->seen_at) > 0;
}

static void insert(struct devices *devices, const struct ad_graph_device *device)
{
	size_t at = devices->count;
	if (at < AD_GRAPH_DEVICES_MAX)
		devices->count++;
	else if (is_newer(device, &devices->items[--at]))
		devices->items[at] = *device; /* the oldest makes room */
	else
		return;
	for (; at > 0 && is_newer(device, &devices->items[at - 1]); at--)
		devices->items[at] = devices->items[at - 1];
	devices->items[at] = *device;
}

struct reading {
	struct ad_arena *arena;
	struct devices devices;
};

static bool add_device(void *ctx, const struct ad_json *item)
{
	struct reading *reading = ctx;
	const char *name = ad_utf8_cut(reading->arena,
		ad_utf8_clean(reading->arena, ad_graph_str(item, "deviceName"), false),
		NAME_MAX_CHARS);
	const struct ad_graph_device device = {
		.id = ad_graph_str(item, "id"),
		.name = ad_text_trim(reading->arena, name),
		.compliance = ad_graph_str(item, "complianceState"),
		.seen_at = ad_graph_str(item, "lastSyncDateTime"),
	};
	bool is_ours = ad_text_eq_nocase(ad_json_str(item, "operatingSystem"), SYSTEM);
	if (is_ours && ad_text_is_guid(device.id) && !ad_text_empty(device.name))
		insert(&reading->devices, &device);
	return true;
}

int ad_graph_devices(const struct ad_graph *graph, struct ad_arena *arena, const char *oid,
	struct ad_graph_device **ret, size_t *ret_count, struct ad_err *err)
{
	struct reading reading = { .arena = arena,
		.devices.items = ad_alloc_array(
			arena, AD_GRAPH_DEVICES_MAX, sizeof *reading.devices.items) };
	const struct ad_graph_call call = { .what = "list devices",
		.path = ad_printf(arena,
			"/v1.0/users/%s/managedDevices?$select="
			"id,deviceName,operatingSystem,complianceState,lastSyncDateTime",
			ad_url_segment(arena, oid)) };
	int r = ad_graph_each(graph, arena, &call, add_device, &reading, err);
	if (r < 0)
		return r;
	*ret = reading.devices.items;
	*ret_count = reading.devices.count;
	return 0;
}

int ad_graph_devices_allowed(
	const struct ad_graph *graph, struct ad_arena *arena, struct ad_err *err)
{
	const struct ad_graph_call call = { .what = "list devices",
		.path = "/v1.0/deviceManagement/managedDevices?$select=id&$top=1" };
	struct ad_json *answer;
	return ad_graph_send(graph, arena, &call, &answer, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What it costs to trust an index: bench_index INSTALLERS FOLDER PACKAGES ROUNDS
 *
 * Makes a signed source2.msix with that many packages in the folder, as the local tenant does, and
 * prints medians as one JSON object: the whole verification, the opening of the database with its
 * checks, the first look-up, which makes the table of ids, and any later one.
 */
#include "ad/clock.h"
#include "ad/file.h"
#include "ad/json.h"
#include "ad/winget/package.h"

#include "../devtenant/world/filler.h"
#include "../devtenant/world/world.h"
#include "index_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PACKAGE_MAX (64u << 20)
#define FINDS 20000u
#define ROUNDS_MAX 1000u

static int64_t now_ns(void)
{
	struct timespec time;
	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void stop_if(int rc, const char *why)
{
	if (!rc)
		return;
	(void)fprintf(stderr, "bench_index: %s\n", why);
	exit(1);
}

static int by_size(const void *a, const void *b)
{
	const double *left = a;
	const double *right = b;
	return (*left > *right) - (*left < *right);
}

static double median(double *values, unsigned count)
{
	qsort(values, count, sizeof *values, by_size);
	return values[count / 2];
}

/* Every package of the invented ones in turn, in small steps through all of them. */
static double find_us(struct ad_winget_index *index, unsigned packages)
{
	struct ad_arena *arena = ad_arena_new();
	const char **ids = ad_alloc_array(arena, packages, sizeof *ids);
	struct ad_arena *rows = ad_arena_new();
	struct ad_err err = { 0 };
	for (unsigned i = 0; i < packages; i++) {
		struct dt_filler filler;
		dt_filler_make(arena, i, &filler);
		ids[i] = filler.id;
	}
	int64_t began = now_ns();
	for (unsigned i = 0; i < FINDS; i++) {
		struct ad_winget_row row;
		stop_if(ad_winget_index_find(rows, index, ids[i * 7919u % packages], &row, &err),
			err.text);
		ad_arena_reset(rows);
	}
	double us = (double)(now_ns() - began) / 1000 / FINDS;
	ad_arena_free(rows);
	ad_arena_free(arena);
	return us;
}

struct times {
	double verify_ms[ROUNDS_MAX], open_ms[ROUNDS_MAX], first_ms[ROUNDS_MAX],
		find_us[ROUNDS_MAX];
};

static void measure(struct ad_bytes bytes, const struct ad_winget_profile *profile, int64_t now,
	unsigned packages, struct times *times, unsigned round)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_winget_package package;
	struct ad_winget_index *index = NULL;
	struct ad_winget_row row;
	struct ad_err err = { 0 };
	int64_t began = now_ns();
	stop_if(ad_winget_package_verify(arena, bytes, profile, now, &package, &err), err.text);
	int64_t verified = now_ns();
	stop_if(ad_winget_index_open(arena, package.index, &index, &err), err.text);
	int64_t opened = now_ns();
	stop_if(ad_winget_index_find(arena, index, "7zip.7zip", &row, &err), err.text);
	int64_t found = now_ns();
	times->verify_ms[round] = (double)(verified - began) / 1e6;
	times->open_ms[round] = (double)(opened - verified) / 1e6;
	times->first_ms[round] = (double)(found - opened) / 1e6;
	times->find_us[round] = find_us(index, packages);
	ad_arena_free(arena);
}

int main(int argc, char **argv)
{
	static struct times times;
	struct ad_arena *arena = ad_arena_new();
	struct ad_winget_profile profile;
	struct ad_err err = { 0 };
	char why[256] = "";
	char *data = NULL;
	size_t len = 0;
	stop_if(argc != 5, "usage: bench_index INSTALLERS FOLDER PACKAGES ROUNDS");
	unsigned packages = (unsigned)strtoul(argv[3], NULL, 10);
	unsigned rounds = (unsigned)strtoul(argv[4], NULL, 10);
	stop_if(rounds == 0 || rounds > ROUNDS_MAX || packages < DT_WORLD_MIN_FILLER,
		"too few packages, or rounds out of bounds");
	const struct dt_world_options world = { .base_url = "http://127.0.0.1:1",
		.installers_dir = argv[1],
		.out_dir = argv[2],
		.publish_time = ad_clock_unix_ms() / 1000,
		.filler_packages = packages };
	stop_if(dt_world_build(&world, why, sizeof why), why);
	stop_if(ad_winget_profile_load(
			arena, ad_printf(arena, "%s/trust/profile.json", argv[2]), &profile, &err),
		err.text);
	stop_if(ad_file_read(arena, ad_printf(arena, "%s/cache/source2.msix", argv[2]), PACKAGE_MAX,
			&data, &len, &err),
		err.text);
	for (unsigned i = 0; i < rounds; i++)
		measure((struct ad_bytes){ (const uint8_t *)data, len }, &profile,
			world.publish_time + 60, packages, &times, i);
	(void)printf("{\"packages\":%u,\"bytes\":%zu,\"verify_ms\":%.2f,\"open_ms\":%.2f,"
		     "\"first_find_ms\":%.2f,\"find_us\":%.3f}\n",
		packages, len, median(times.verify_ms, rounds), median(times.open_ms, rounds),
		median(times.first_ms, rounds), median(times.find_us, rounds));
	ad_arena_free(arena);
	return 0;
}

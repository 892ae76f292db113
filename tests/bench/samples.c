/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of a measurement: times, and what a process has used. */
#include "bench.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SAMPLES_FIRST 65536u
#define PROC_TEXT_MAX 4096

void bench_samples_add(struct bench_samples *samples, int64_t us)
{
	if (samples->count == samples->cap) {
		samples->cap = samples->cap ? 2 * samples->cap : SAMPLES_FIRST;
		samples->us = realloc(samples->us, samples->cap * sizeof *samples->us);
		if (!samples->us)
			abort();
	}
	samples->us[samples->count++] = us < 0 ? 0 : us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

double bench_samples_percentile(struct bench_samples *samples, double percent)
{
	if (samples->count == 0)
		return 0;
	qsort(samples->us, samples->count, sizeof *samples->us, compare);
	double rank = ceil(percent / 100 * (double)samples->count);
	size_t index = rank < 1 ? 0 : (size_t)rank - 1;
	return samples->us[index] / 1000.0;
}

void bench_samples_free(struct bench_samples *samples)
{
	free(samples->us);
	*samples = (struct bench_samples){ 0 };
}

static bool read_proc(int pid, const char *name, char text[PROC_TEXT_MAX])
{
	char path[64];
	(void)snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	FILE *file = fopen(path, "re");
	if (!file)
		return false;
	size_t len = fread(text, 1, PROC_TEXT_MAX - 1, file);
	(void)fclose(file);
	text[len] = '\0';
	return len > 0;
}

/* Fields of /proc/PID/stat behind the name, which may hold blanks: parent, and CPU ticks with those
 * of the children that it has waited for. */
static bool read_stat(int pid, int *ret_parent, double *ret_ticks)
{
	char text[PROC_TEXT_MAX];
	const char *behind = read_proc(pid, "stat", text) ? strrchr(text, ')') : NULL;
	unsigned long user = 0;
	unsigned long kernel = 0;
	long children_user = 0;
	long children_kernel = 0;
	if (!behind ||
		sscanf(behind + 2, "%*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld",
			ret_parent, &user, &kernel, &children_user, &children_kernel) != 5)
		return false;
	*ret_ticks = (double)(user + kernel) + (double)(children_user + children_kernel);
	return true;
}

static double children_ticks(int pid)
{
	double sum = 0;
	DIR *all = opendir("/proc");
	for (struct dirent *entry; all && (entry = readdir(all));) {
		int parent = 0;
		double ticks = 0;
		long child = strtol(entry->d_name, NULL, 10);
		if (child > 0 && read_stat((int)child, &parent, &ticks) && parent == pid)
			sum += ticks;
	}
	if (all)
		(void)closedir(all);
	return sum;
}

double bench_process_cpu_s(int pid, bool with_children)
{
	int parent = 0;
	double ticks = 0;
	if (!read_stat(pid, &parent, &ticks))
		return 0;
	if (with_children)
		ticks += children_ticks(pid);
	return ticks / (double)sysconf(_SC_CLK_TCK);
}

double bench_process_peak_mib(int pid)
{
	char text[PROC_TEXT_MAX];
	const char *line = read_proc(pid, "status", text) ? strstr(text, "VmHWM:") : NULL;
	return line ? strtod(line + 6, NULL) / 1024 : 0;
}

// SPDX-License-Identifier: GPL-2.0
/* Pauses of past swaps, see history.h. */
#include <string.h>
#include <sys/stat.h>

#include "history.h"

#define DIRECTORY "/run/segue"
#define FILE_NAME DIRECTORY "/pauses"

/* Lines "PAUSE-IN-NS DEVICE DRIVER"; a driver's name may hold spaces, so it comes last. */
void history_add(const char *driver, const struct report *report)
{
	size_t i;

	mkdir(DIRECTORY, 0755);
	_cleanup_fclose_ FILE *file = fopen(FILE_NAME, "ae");

	for (i = 0; file && i < report->n_devices; i++) {
		const struct report_device *device = &report->devices[i];

		if (device->result == SEGUE_RESULT_DONE && device->pause)
			fprintf(file, "%llu %s %s\n", (unsigned long long)device->pause,
				device->name, driver);
	}
}

void history_read(const char *driver, struct history *history)
{
	_cleanup_fclose_ FILE *file = fopen(FILE_NAME, "re");
	char line[256], name[128];
	unsigned long long pause;

	memset(history, 0, sizeof(*history));
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%llu %*s %127[^\n]", &pause, name) != 2 || strcmp(name, driver))
			continue;
		if (!history->count || pause < history->shortest)
			history->shortest = pause;
		if (pause > history->longest)
			history->longest = pause;
		history->sum += pause;
		history->count++;
	}
}

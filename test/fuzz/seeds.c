// SPDX-License-Identifier: GPL-2.0
/* Writes small modules as seeds: libFuzzer gets further with inputs of a few kilobytes. */
#include <stdio.h>
#include <stdlib.h>

#include "make_module.h"

static const struct make_module modules[] = {
	{ .name = "a", .build_id = "0011223344", .imports = { { "printk", 1 } } },
	{ .name = "lib", .exports = { { "one", 1 }, { "two", 2 } } },
	{ .name = "drv", .srcversion = "ABC", .depends = "lib", .alias = "pci:v*",
	  .imports = { { "one", 1 }, { "two", 2 }, { "printk", 3 } } },
	{ .name = "both", .build_id = "01", .exports = { { "x", 1 } }, .imports = { { "y", 2 } } },
};

int main(int argc, char **argv)
{
	char path[4096];
	size_t i, len;

	if (argc != 2)
		return EXIT_FAILURE;
	for (i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
		unsigned char *data = make_module(&modules[i], &len);
		FILE *file;

		snprintf(path, sizeof(path), "%s/%s", argv[1], modules[i].name);
		file = fopen(path, "wb");
		if (!file || fwrite(data, 1, len, file) != len || fclose(file)) {
			perror(path);
			return EXIT_FAILURE;
		}
		free(data);
	}
	return EXIT_SUCCESS;
}

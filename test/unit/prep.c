// SPDX-License-Identifier: GPL-2.0
/*
 * Writes a module as `segue update` would load it, for looking at it and for loading it by hand:
 *	prep IN.ko OUT.ko NAME [PREFIX|-] [SYMBOL=NEW ...]
 */
#include <stdio.h>
#include <string.h>

#include "image.h"
#include "load.h"

static int change(struct image *image, int argc, char **argv, struct error *err)
{
	struct image_rename renames[256];
	size_t n = 0;
	int i;

	if (image_set_name(image, argv[3], err))
		return -1;
	if (argc > 4 && strcmp(argv[4], "-") && image_prefix_exports(image, argv[4], err))
		return -1;
	for (i = 5; i < argc && n < ARRAY_SIZE(renames); i++) {
		char *equals = strchr(argv[i], '=');

		if (!equals)
			return error_set(err, EXIT_USAGE, "%s: SYMBOL=NEW is needed", argv[i]);
		*equals = '\0';
		renames[n++] = (struct image_rename){ argv[i], equals + 1 };
	}
	return image_rename_imports(image, renames, n, err);
}

int main(int argc, char **argv)
{
	const unsigned char *data;
	struct image image;
	struct error err;
	struct buf bytes;
	size_t len;

	if (argc < 4) {
		fprintf(stderr, "usage: prep IN.ko OUT.ko NAME [PREFIX|-] [SYMBOL=NEW ...]\n");
		return EXIT_USAGE;
	}
	if (load_read_file(argv[1], &bytes, &err) ||
	    image_open(&image, bytes.data, bytes.len, &err) || change(&image, argc, argv, &err)) {
		fprintf(stderr, "prep: %s: %s\n", argv[1], err.text);
		return err.exit_code;
	}
	image_bytes(&image, &data, &len);

	_cleanup_fclose_ FILE *out = fopen(argv[2], "wb");

	if (!out || fwrite(data, 1, len, out) != len) {
		perror(argv[2]);
		return EXIT_USAGE;
	}
	image_close(&image);
	buf_free(&bytes);
	return EXIT_DONE;
}

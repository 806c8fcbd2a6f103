// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target of the image reader: whatever the bytes are, they are refused with words or read; what
 * was read can be changed; and what was changed can be read again and says what it was changed to.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void walk(const struct image *image)
{
	static const char *const keys[] = { "name", "vermagic", "alias", "depends", "srcversion" };
	const char *param;
	unsigned int mode;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *value = NULL;

		while ((value = image_modinfo(image, keys[i], value)))
			require(strlen(value) < image->len);
	}
	for (i = 0; i < image->n_exports; i++)
		require(*image->exports[i].name);
	for (i = 0; i < image->n_imports; i++)
		require(image_find_import(image, image->imports[i].name));
	for (i = 0; (param = image_param(image, i, &mode)); i++)
		require(strlen(param) < image->len && mode <= UINT16_MAX);
}

static void check_changed(const struct image *image, const char *name, size_t n_exports)
{
	const unsigned char *data;
	struct image again;
	struct error err;
	size_t len, i;

	image_bytes(image, &data, &len);
	require(!image_open(&again, data, len, &err));
	require(!strcmp(again.name, name));
	require(again.n_exports == n_exports);
	require(!again.is_signed);
	for (i = 0; i < n_exports; i++)
		require(!strncmp(again.exports[i].name, "sg2_", 4));
	image_close(&again);
}

static void change(struct image *image)
{
	size_t n_exports = image->n_exports, n = 0, i;
	struct image_rename renames[4];
	char from[4][32];
	struct error err;

	for (i = 0; i < image->n_imports && n < ARRAY_SIZE(renames); i++) {
		if (strlen(image->imports[i].name) >= sizeof(from[n]))
			continue;
		strcpy(from[n], image->imports[i].name);
		renames[n] = (struct image_rename){ from[n], "sg2_found_elsewhere" };
		n++;
	}
	require(!image_set_name(image, "a_name_of_some_length__2", &err));
	if (image_prefix_exports(image, "sg2_", &err))
		return;
	if (image_rename_imports(image, renames, n, &err))
		return;
	check_changed(image, "a_name_of_some_length__2", n_exports);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	struct image image;

	if (image_open(&image, data, size, &err)) {
		require(*err.text && err.exit_code == EXIT_USAGE);
		return 0;
	}
	walk(&image);
	change(&image);
	image_close(&image);
	return 0;
}

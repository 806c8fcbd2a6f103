/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Module files in, modules into the kernel and out of it.
 */
#ifndef SEGUE_TOOL_LOAD_H
#define SEGUE_TOOL_LOAD_H

#include <stdbool.h>

#include "error.h"
#include "util.h"

struct image;

/* Reads a module file, compressed (.xz, .zst, .gz, told by its first bytes) or not. */
int load_read_file(const char *path, struct buf *out, struct error *err);
int load_decompress(struct buf *bytes, struct error *err);

#define LOAD_PARAM_LEN 64

/*
 * Loads an image; the kernel's refusal is in errno, and explained with what it logged about module
 * @name.  @refused, unless NULL, gets the name of a parameter whose value it did not take, or "".
 */
int load_module(const void *data, size_t len, const char *name, const char *params,
		char refused[LOAD_PARAM_LEN], struct error *err);

/* Unloads a module that nobody uses. */
int load_remove(const char *name, struct error *err);

/* Why this kernel takes only signed modules, or NULL. */
const char *load_lockdown(void);

/* Signs an image with a key and certificate in PEM or DER. */
int sign_image(struct image *image, const char *key, const char *cert, struct error *err);

#endif /* SEGUE_TOOL_LOAD_H */

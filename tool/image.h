/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A kernel module as bytes: what it is, what it needs and offers, and the few changes that let it
 * be loaded beside another version of itself.
 *
 * Buffer in, buffer or named error out; no file, no kernel, no global state.  The bytes are not
 * trusted: image_open() accepts only what passes the checks that the kernel's own loader makes,
 * and everything after it works on tables that were checked once.  Errors do not name the file;
 * the caller puts its name before.
 */
#ifndef SEGUE_TOOL_IMAGE_H
#define SEGUE_TOOL_IMAGE_H

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "util.h"

/* MODULE_NAME_LEN of a 64-bit kernel; also the room for a symbol in __versions. */
#define IMAGE_NAME_LEN 56
#define IMAGE_BUILD_ID_LEN 64

/**
 * struct image_symbol - a symbol that the image exports or needs
 * @name: its name
 * @crc: checksum of its type
 * @has_crc: whether the image says one
 * @weak: needed only if there is one
 */
struct image_symbol {
	char *name;
	uint32_t crc;
	bool has_crc;
	bool weak;
};

/**
 * struct image_rename - one needed symbol and the name under which it is to be looked up instead
 * @from: name in the image
 * @to: new name
 */
struct image_rename {
	const char *from;
	const char *to;
};

/**
 * struct image - a module image that passed image_open()
 * @name: the module's name
 * @build_id: hexadecimal build-id, or empty
 * @exports: what the image exports, in the image's order
 * @n_exports: how many
 * @imports: what it needs, sorted by name, each once
 * @n_imports: how many
 * @is_signed: whether a signature is appended
 * @changed: whether any byte was changed
 * @data: the bytes
 * @len: length without signature
 * @full_len: length with signature
 * @sh: section headers
 * @n_sh: how many
 * @sh_offset: where they are
 * @index: numbers of the sections that matter, 0 where there is none
 */
struct image {
	char name[IMAGE_NAME_LEN];
	char build_id[2 * IMAGE_BUILD_ID_LEN + 1];
	struct image_symbol *exports;
	size_t n_exports;
	struct image_symbol *imports;
	size_t n_imports;
	bool is_signed;
	bool changed;

	unsigned char *data;
	size_t len;
	size_t full_len;
	Elf64_Shdr *sh;
	size_t n_sh;
	size_t sh_offset;
	struct {
		size_t this_module, modinfo, symtab, versions, export_names, build_id, params;
		size_t ksymtab[2], kcrctab[2];
		bool has_extended_versions;
	} index;
};

int image_open(struct image *img, const void *data, size_t len, struct error *err);
void image_close(struct image *img);

/* The value of modinfo KEY that follows @prev, or the first if @prev is NULL; NULL at the end. */
const char *image_modinfo(const struct image *img, const char *key, const char *prev);

/*
 * The name of parameter number @i that the module takes, and the mode of its file in /sys; NULL
 * behind the last one.
 */
const char *image_param(const struct image *img, size_t i, unsigned int *mode);

/* The type that modinfo tells of a parameter ("array of int"), NULL if it tells none. */
const char *image_param_type(const struct image *img, const char *name);

const struct image_symbol *image_find_import(const struct image *img, const char *name);
const struct image_symbol *image_find_export(const struct image *img, const char *name);

int image_set_name(struct image *img, const char *name, struct error *err);
int image_prefix_exports(struct image *img, const char *prefix, struct error *err);
int image_rename_imports(struct image *img, const struct image_rename *renames, size_t n,
			 struct error *err);

/* Appends a PKCS#7 signature in the form the kernel wants; any that was there is dropped. */
int image_append_signature(struct image *img, const struct buf *signature, struct error *err);

/* The bytes to give to the kernel; they belong to the image. */
void image_bytes(const struct image *img, const unsigned char **data, size_t *len);

#endif /* SEGUE_TOOL_IMAGE_H */

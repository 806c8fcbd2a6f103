/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What image.c (reading) and image_edit.c (changing) share.  Nobody else includes it.
 *
 * All table accesses go through these functions: sections were checked to lie inside the image,
 * but not to be aligned, so entries are copied in and out.
 */
#ifndef SEGUE_TOOL_IMAGE_PRIVATE_H
#define SEGUE_TOOL_IMAGE_PRIVATE_H

#include <string.h>

#include "image.h"

#define SIGNATURE_MAGIC "~Module signature appended~\n"
#define SIGNATURE_MAGIC_LEN (sizeof(SIGNATURE_MAGIC) - 1)
/* Offset of struct module's name: enum state, padding, struct list_head. */
#define THIS_MODULE_NAME 24
/* struct kernel_symbol with relative references: value, name, namespace. */
#define KSYMTAB_ENTRY 12
#define KSYMTAB_NAME 4
/* struct kernel_param: name, module, functions, u16 mode, level, flags, variable. */
#define PARAM_ENTRY 40
#define PARAM_MODE 24
/* struct modversion_info: unsigned long crc, char name[IMAGE_NAME_LEN]. */
#define VERSION_ENTRY 64
#define VERSION_NAME 8

static inline unsigned char *section_data(const struct image *img, size_t section)
{
	return img->data + img->sh[section].sh_offset;
}

static inline size_t section_count(const struct image *img, size_t section, size_t entry)
{
	return section ? img->sh[section].sh_size / entry : 0;
}

static inline Elf64_Sym symbol_get(const struct image *img, size_t i)
{
	Elf64_Sym sym;

	memcpy(&sym, section_data(img, img->index.symtab) + i * sizeof(sym), sizeof(sym));
	return sym;
}

static inline void symbol_put(struct image *img, size_t i, const Elf64_Sym *sym)
{
	memcpy(section_data(img, img->index.symtab) + i * sizeof(*sym), sym, sizeof(*sym));
}

static inline Elf64_Rela rela_get(const struct image *img, size_t section, size_t i)
{
	Elf64_Rela rela;

	memcpy(&rela, section_data(img, section) + i * sizeof(rela), sizeof(rela));
	return rela;
}

static inline void rela_put(struct image *img, size_t section, size_t i, const Elf64_Rela *rela)
{
	memcpy(section_data(img, section) + i * sizeof(*rela), rela, sizeof(*rela));
}

static inline size_t symbol_count(const struct image *img)
{
	return section_count(img, img->index.symtab, sizeof(Elf64_Sym));
}

/* Name of a symbol whose st_name was checked. */
static inline const char *symbol_name(const struct image *img, const Elf64_Sym *sym)
{
	size_t strtab = img->sh[img->index.symtab].sh_link;

	return (const char *)section_data(img, strtab) + sym->st_name;
}

/* The relocations that apply to @section, or 0. */
size_t image_relocations_of(const struct image *img, size_t section);

/*
 * Where the name of the export described by @rela is, as an offset into the section of export
 * names; -1 if the relocation is not one that names an export.
 */
int image_export_name(const struct image *img, const Elf64_Rela *rela, size_t *offset);

/* Reads exports and imports anew, after a change. */
int image_index(struct image *img, struct error *err);

#endif /* SEGUE_TOOL_IMAGE_PRIVATE_H */

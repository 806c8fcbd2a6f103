// SPDX-License-Identifier: GPL-2.0
/*
 * Changing a module image, see image.h.
 *
 * A section that grows is written anew at the end of the image and its header points there;
 * nothing else moves, so offsets stay valid.  The old bytes stay where they were, unused.
 */
#include <arpa/inet.h>
#include <string.h>

#include "image_private.h"

#define ID_TYPE_PKCS7 2

/* struct module_signature of the kernel; all but the type and the length are 0 for PKCS#7. */
struct signature_info {
	uint8_t algo;
	uint8_t hash;
	uint8_t id_type;
	uint8_t signer_len;
	uint8_t key_id_len;
	uint8_t padding[3];
	uint32_t sig_len;
};

#define bad(err, ...) error_set(err, EXIT_USAGE, __VA_ARGS__)

static void put_header(struct image *img, size_t section)
{
	memcpy(img->data + img->sh_offset + section * sizeof(Elf64_Shdr), &img->sh[section],
	       sizeof(Elf64_Shdr));
}

/* The signature is behind the image; it is overwritten by whatever is appended first. */
/* Bytes that are changed are not the ones that were signed. */
static void mark_changed(struct image *img)
{
	img->full_len = img->len;
	img->is_signed = false;
	img->changed = true;
}

static int replace_section(struct image *img, size_t section, const struct buf *bytes,
			   struct error *err)
{
	size_t align = img->sh[section].sh_addralign;
	unsigned char *grown;
	size_t start;

	if (align < 8 || align > 4096 || (align & (align - 1)))
		align = 8;
	start = (img->len + align - 1) / align * align;
	grown = realloc(img->data, start + bytes->len + 1);
	if (!grown)
		return error_memory(err);
	memset(grown + img->len, 0, start - img->len);
	memcpy(grown + start, bytes->data, bytes->len);
	img->data = grown;
	img->len = start + bytes->len;
	mark_changed(img);
	img->sh[section].sh_offset = start;
	img->sh[section].sh_size = bytes->len;
	put_header(img, section);
	return 0;
}

/* A copy of @section with room for @more bytes; the length is that of the section. */
static int copy_section(const struct image *img, size_t section, size_t more, struct buf *copy,
			struct error *err)
{
	copy->len = img->sh[section].sh_size;
	copy->data = malloc(copy->len + more + 1);
	if (!copy->data)
		return error_memory(err);
	memcpy(copy->data, section_data(img, section), copy->len);
	return 0;
}

/* Adds PREFIX and NAME as one string; there is room. */
static size_t add_string(struct buf *strings, const char *prefix, const char *name)
{
	size_t at = strings->len;

	strings->len += sprintf((char *)strings->data + at, "%s%s", prefix, name) + 1;
	return at;
}

static int set_modinfo_name(struct image *img, const char *name, struct error *err)
{
	const char *old = image_modinfo(img, "name", NULL);
	struct buf info;
	size_t before, after;
	int ret;

	if (!old)
		return 0;
	if (copy_section(img, img->index.modinfo, strlen(name), &info, err))
		return -1;
	before = (const unsigned char *)old - section_data(img, img->index.modinfo);
	after = info.len - before - strlen(old);
	memmove(info.data + before + strlen(name), info.data + before + strlen(old), after);
	memcpy(info.data + before, name, strlen(name));
	info.len = before + strlen(name) + after;
	ret = replace_section(img, img->index.modinfo, &info, err);
	buf_free(&info);
	return ret;
}

int image_set_name(struct image *img, const char *name, struct error *err)
{
	unsigned char *field;

	if (!*name || strlen(name) >= IMAGE_NAME_LEN)
		return bad(err,
			   "cannot be loaded as '%s': a module name has 1 to %d characters; unload an older copy",
			   name, IMAGE_NAME_LEN - 1);
	if (set_modinfo_name(img, name, err))
		return -1;
	field = section_data(img, img->index.this_module) + THIS_MODULE_NAME;
	memset(field, 0, IMAGE_NAME_LEN);
	memcpy(field, name, strlen(name));
	copy_text(img->name, sizeof(img->name), name);
	mark_changed(img);
	return 0;
}

/*
 * Points the exports of one table to prefixed names.  All names of a table get the same prefix,
 * so the order by name, in which the kernel searches the table, stays.
 */
static void prefix_table(struct image *img, size_t ksymtab, const char *prefix,
			 struct buf *strings)
{
	size_t relocations = image_relocations_of(img, ksymtab);
	size_t i, from, to;

	for (i = 0; i < section_count(img, relocations, sizeof(Elf64_Rela)); i++) {
		Elf64_Rela rela = rela_get(img, relocations, i);

		if (image_export_name(img, &rela, &from) ||
		    rela.r_offset / KSYMTAB_ENTRY >= section_count(img, ksymtab, KSYMTAB_ENTRY))
			continue;
		to = add_string(strings, prefix,
				(char *)section_data(img, img->index.export_names) + from);
		rela.r_addend = (Elf64_Sxword)((uint64_t)rela.r_addend + to - from);
		rela_put(img, relocations, i, &rela);
	}
}

/* The new name of a symbol of the symbol table, in two parts. */
struct new_name {
	const char *prefix;
	const char *name;
};

/* Gives the new name of a symbol; false: it keeps its name. */
typedef bool (*rename_fn)(const struct image *img, const Elf64_Sym *sym, const void *arg,
			  struct new_name *to);

static int rename_symbols(struct image *img, rename_fn rename, const void *arg, struct error *err)
{
	size_t strtab = img->sh[img->index.symtab].sh_link;
	size_t i, more = 0;
	struct new_name to;
	struct buf strings;
	Elf64_Sym sym;
	int ret;

	for (i = 1; i < symbol_count(img); i++) {
		sym = symbol_get(img, i);
		if (rename(img, &sym, arg, &to))
			more += strlen(to.prefix) + strlen(to.name) + 1;
	}
	if (!more)
		return 0;
	if (img->sh[strtab].sh_size + more > UINT32_MAX)
		return bad(err,
			   "has too many symbol names to add more; strip its debug information");
	if (copy_section(img, strtab, more, &strings, err))
		return -1;
	for (i = 1; i < symbol_count(img); i++) {
		sym = symbol_get(img, i);
		if (!rename(img, &sym, arg, &to))
			continue;
		sym.st_name = add_string(&strings, to.prefix, to.name);
		symbol_put(img, i, &sym);
	}
	ret = replace_section(img, strtab, &strings, err);
	buf_free(&strings);
	return ret;
}

/*
 * /proc/kallsyms shows the __ksymtab_ symbols of loaded modules, and it is from there that a
 * later update learns what a copy exports: they have to tell the name that is really exported.
 */
static bool rename_ksymtab_symbol(const struct image *img, const Elf64_Sym *sym, const void *arg,
				  struct new_name *to)
{
	static const char mark[] = "__ksymtab_";
	static const size_t mark_len = sizeof(mark) - 1;

	if (sym->st_shndx == SHN_UNDEF || strncmp(symbol_name(img, sym), mark, mark_len) ||
	    (sym->st_shndx != img->index.ksymtab[0] && sym->st_shndx != img->index.ksymtab[1]))
		return false;
	to->prefix = arg;
	to->name = symbol_name(img, sym) + mark_len;
	return true;
}

int image_prefix_exports(struct image *img, const char *prefix, struct error *err)
{
	_cleanup_free_ char *mark = NULL;
	struct buf strings;
	size_t i, more = 0;
	int ret = 0;

	if (!img->n_exports)
		return 0;
	for (i = 0; i < img->n_exports; i++)
		more += strlen(prefix) + strlen(img->exports[i].name) + 1;
	if (copy_section(img, img->index.export_names, more, &strings, err))
		return -1;
	for (i = 0; i < 2; i++)
		prefix_table(img, img->index.ksymtab[i], prefix, &strings);
	ret = replace_section(img, img->index.export_names, &strings, err);
	buf_free(&strings);
	if (ret)
		return -1;
	mark = malloc(strlen(prefix) + sizeof("__ksymtab_"));
	if (!mark)
		return error_memory(err);
	sprintf(mark, "__ksymtab_%s", prefix);
	if (rename_symbols(img, rename_ksymtab_symbol, mark, err))
		return -1;
	return image_index(img, err);
}

struct rename_list {
	const struct image_rename *renames;
	size_t n;
};

static const char *renamed(const struct rename_list *list, const char *name)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (!strcmp(list->renames[i].from, name))
			return list->renames[i].to;
	}
	return NULL;
}

static bool rename_import(const struct image *img, const Elf64_Sym *sym, const void *arg,
			  struct new_name *to)
{
	if (sym->st_shndx != SHN_UNDEF)
		return false;
	to->prefix = "";
	to->name = renamed(arg, symbol_name(img, sym));
	return to->name;
}

static void rename_versions(struct image *img, const struct rename_list *list)
{
	size_t i;

	for (i = 0; i < section_count(img, img->index.versions, VERSION_ENTRY); i++) {
		unsigned char *name =
			section_data(img, img->index.versions) + i * VERSION_ENTRY + VERSION_NAME;
		const char *to = renamed(list, (const char *)name);

		if (!to)
			continue;
		memset(name, 0, IMAGE_NAME_LEN);
		memcpy(name, to, strlen(to));
	}
}

int image_rename_imports(struct image *img, const struct image_rename *renames, size_t n,
			 struct error *err)
{
	struct rename_list list = { renames, n };
	size_t i;

	if (!n)
		return 0;
	if (img->index.has_extended_versions)
		return bad(err,
			   "has extended symbol versions, which cannot be changed; build it with CONFIG_EXTENDED_MODVERSIONS=n");
	for (i = 0; i < n; i++) {
		if (strlen(renames[i].to) >= IMAGE_NAME_LEN)
			return bad(err,
				   "needs symbol %s, whose name is too long to be redirected; unload the older copies of the module that exports it",
				   renames[i].from);
	}
	if (rename_symbols(img, rename_import, &list, err))
		return -1;
	rename_versions(img, &list);
	mark_changed(img);
	return image_index(img, err);
}

int image_append_signature(struct image *img, const struct buf *signature, struct error *err)
{
	struct signature_info info = { .id_type = ID_TYPE_PKCS7, .sig_len = htonl(signature->len) };
	size_t more = signature->len + sizeof(info) + SIGNATURE_MAGIC_LEN;
	unsigned char *grown = realloc(img->data, img->len + more);

	if (!grown)
		return error_memory(err);
	img->data = grown;
	grown += img->len;
	memcpy(grown, signature->data, signature->len);
	memcpy(grown + signature->len, &info, sizeof(info));
	memcpy(grown + signature->len + sizeof(info), SIGNATURE_MAGIC, SIGNATURE_MAGIC_LEN);
	img->full_len = img->len + more;
	img->is_signed = true;
	img->changed = true;
	return 0;
}

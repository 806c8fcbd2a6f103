// SPDX-License-Identifier: GPL-2.0
/* Reading a module image, see image.h. */
#include <gelf.h>
#include <libelf.h>
#include <string.h>

#include "image_private.h"

/* struct module_signature; its last four bytes are the length of the signature, big endian. */
#define SIGNATURE_INFO_LEN 12

#define bad(err, ...) error_set(err, EXIT_USAGE, __VA_ARGS__)

static int split_signature(struct image *img, struct error *err)
{
	const unsigned char *info;
	size_t sig_len;

	img->full_len = img->len;
	if (img->len < SIGNATURE_MAGIC_LEN || memcmp(img->data + img->len - SIGNATURE_MAGIC_LEN,
						     SIGNATURE_MAGIC, SIGNATURE_MAGIC_LEN))
		return 0;
	img->len -= SIGNATURE_MAGIC_LEN;
	if (img->len < SIGNATURE_INFO_LEN)
		return bad(err,
			   "holds a module signature and nothing else; a whole .ko is needed");
	info = img->data + img->len - SIGNATURE_INFO_LEN;
	sig_len = (size_t)info[8] << 24 | info[9] << 16 | info[10] << 8 | info[11];
	img->len -= SIGNATURE_INFO_LEN;
	if (sig_len > img->len)
		return bad(err,
			   "has a damaged signature (%zu bytes long, the file has %zu); get the file again",
			   sig_len, img->full_len);
	img->len -= sig_len;
	img->is_signed = true;
	return 0;
}

static int check_header(const struct image *img, const GElf_Ehdr *eh, struct error *err)
{
	if (eh->e_ident[EI_CLASS] != ELFCLASS64 || eh->e_ident[EI_DATA] != ELFDATA2LSB ||
	    eh->e_machine != EM_X86_64)
		return bad(err,
			   "is built for another architecture (ELF machine %u, %s-bit); a module for x86-64 is needed: rebuild it for this machine",
			   eh->e_machine, eh->e_ident[EI_CLASS] == ELFCLASS64 ? "64" : "32");
	if (eh->e_type != ET_REL)
		return bad(err,
			   "is an ELF file of type %u, not a kernel module (type %u); give the .ko",
			   eh->e_type, ET_REL);
	if (eh->e_shentsize != sizeof(Elf64_Shdr) || eh->e_shnum == 0 ||
	    eh->e_shnum >= SHN_LORESERVE)
		return bad(err,
			   "has a section table with %u entries of %u bytes; it is damaged or no kernel module: get the file again",
			   eh->e_shnum, eh->e_shentsize);
	if (eh->e_shoff > img->len || eh->e_shnum * sizeof(Elf64_Shdr) > img->len - eh->e_shoff)
		return bad(err,
			   "is truncated: its section table ends at byte %llu, the file has %zu; get the file again",
			   (unsigned long long)eh->e_shoff + eh->e_shnum * sizeof(Elf64_Shdr),
			   img->len);
	if (eh->e_shstrndx == SHN_UNDEF || eh->e_shstrndx >= eh->e_shnum)
		return bad(err,
			   "has no table of section names; it is damaged: get the file again");
	return 0;
}

static int check_section(const struct image *img, size_t i, struct error *err)
{
	const Elf64_Shdr *sh = &img->sh[i];

	if (sh->sh_type == SHT_NULL || sh->sh_type == SHT_NOBITS)
		return 0;
	if (sh->sh_offset > img->len || sh->sh_size > img->len - sh->sh_offset)
		return bad(err,
			   "is truncated: section %zu reaches beyond its %zu bytes; get the file again",
			   i, img->len);
	if ((sh->sh_type == SHT_SYMTAB || sh->sh_type == SHT_RELA || sh->sh_type == SHT_REL) &&
	    sh->sh_link >= img->n_sh)
		return bad(err,
			   "is damaged: section %zu refers to section %u of %zu; get the file again",
			   i, sh->sh_link, img->n_sh);
	return 0;
}

/*
 * The end of a module file is the end of its last part.  Bytes after it are what is left of a
 * signature whose end was cut off.
 */
static int check_end(const struct image *img, struct error *err)
{
	size_t end = img->sh_offset + img->n_sh * sizeof(Elf64_Shdr);
	size_t i;

	for (i = 0; i < img->n_sh; i++) {
		const Elf64_Shdr *sh = &img->sh[i];

		if (sh->sh_type != SHT_NULL && sh->sh_type != SHT_NOBITS &&
		    sh->sh_offset + sh->sh_size > end)
			end = sh->sh_offset + sh->sh_size;
	}
	if (end != img->len)
		return bad(err,
			   "is truncated: %zu bytes after its last section are no whole signature; get the file again",
			   img->len - end);
	return 0;
}

struct extent {
	uint64_t start;
	uint64_t end;
};

static int compare_extents(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* Every table can be changed without changing another, because no two share bytes. */
static int check_overlap(const struct image *img, struct error *err)
{
	_cleanup_free_ struct extent *extents = calloc(img->n_sh + 2, sizeof(*extents));
	size_t i, n = 0;

	if (!extents)
		return error_memory(err);
	extents[n++] = (struct extent){ 0, sizeof(Elf64_Ehdr) };
	extents[n++] = (struct extent){ img->sh_offset,
					img->sh_offset + img->n_sh * sizeof(Elf64_Shdr) };
	for (i = 0; i < img->n_sh; i++) {
		const Elf64_Shdr *sh = &img->sh[i];

		if (sh->sh_type != SHT_NULL && sh->sh_type != SHT_NOBITS && sh->sh_size)
			extents[n++] =
				(struct extent){ sh->sh_offset, sh->sh_offset + sh->sh_size };
	}
	qsort(extents, n, sizeof(*extents), compare_extents);
	for (i = 1; i < n; i++) {
		if (extents[i].start < extents[i - 1].end)
			return bad(err,
				   "is damaged: two of its sections overlap at byte %llu; get the file again",
				   (unsigned long long)extents[i].start);
	}
	return 0;
}

static int read_sections(struct image *img, Elf *elf, struct error *err)
{
	GElf_Ehdr eh;
	size_t i;

	if (!gelf_getehdr(elf, &eh))
		return bad(err, "has a damaged ELF header (%s); get the file again",
			   elf_errmsg(-1));
	if (check_header(img, &eh, err))
		return -1;
	img->sh_offset = eh.e_shoff;
	img->n_sh = eh.e_shnum;
	img->sh = calloc(img->n_sh, sizeof(*img->sh));
	if (!img->sh)
		return error_memory(err);
	for (i = 0; i < img->n_sh; i++) {
		Elf_Scn *scn = elf_getscn(elf, i);

		if (!scn || !gelf_getshdr(scn, &img->sh[i]))
			return bad(err, "has a damaged section %zu (%s); get the file again", i,
				   elf_errmsg(-1));
	}
	for (i = 0; i < img->n_sh; i++) {
		if (check_section(img, i, err))
			return -1;
	}
	if (check_overlap(img, err))
		return -1;
	return check_end(img, err);
}

/* Whether @section is a table of strings whose last one is terminated. */
static bool is_string_section(const struct image *img, size_t section, unsigned int type)
{
	const Elf64_Shdr *sh = &img->sh[section];

	return sh->sh_type == type && sh->sh_size &&
	       section_data(img, section)[sh->sh_size - 1] == '\0';
}

/*
 * The first section of that name that holds plain bytes.  Tables with a type of their own are
 * never taken, so that no section can play two parts.
 */
static size_t find_section(const struct image *img, size_t names, const char *name)
{
	size_t i;

	for (i = 1; i < img->n_sh; i++) {
		const Elf64_Shdr *sh = &img->sh[i];

		if ((sh->sh_type != SHT_PROGBITS && sh->sh_type != SHT_NOTE) ||
		    sh->sh_name >= img->sh[names].sh_size)
			continue;
		if (!strcmp((const char *)section_data(img, names) + sh->sh_name, name))
			return i;
	}
	return 0;
}

static int find_symtab(struct image *img, struct error *err)
{
	size_t i;

	for (i = 1; i < img->n_sh; i++) {
		if (img->sh[i].sh_type != SHT_SYMTAB)
			continue;
		if (img->index.symtab)
			return bad(err,
				   "has two symbol tables; a kernel module has one: get the file again");
		img->index.symtab = i;
	}
	if (!img->index.symtab)
		return bad(err,
			   "has no symbol table; a kernel module must not be stripped of it: use strip --strip-debug");
	if (img->sh[img->index.symtab].sh_size % sizeof(Elf64_Sym) ||
	    !is_string_section(img, img->sh[img->index.symtab].sh_link, SHT_STRTAB))
		return bad(err, "has a damaged symbol table; get the file again");
	return 0;
}

static int find_sections(struct image *img, size_t names, struct error *err)
{
	static const char *const ksymtab[] = { "__ksymtab", "__ksymtab_gpl" };
	static const char *const kcrctab[] = { "__kcrctab", "__kcrctab_gpl" };
	size_t i;

	if (!is_string_section(img, names, SHT_STRTAB))
		return bad(err,
			   "has no table of section names; it is damaged: get the file again");
	if (find_symtab(img, err))
		return -1;
	img->index.this_module = find_section(img, names, ".gnu.linkonce.this_module");
	img->index.modinfo = find_section(img, names, ".modinfo");
	img->index.versions = find_section(img, names, "__versions");
	img->index.export_names = find_section(img, names, "__ksymtab_strings");
	img->index.build_id = find_section(img, names, ".note.gnu.build-id");
	img->index.params = find_section(img, names, "__param");
	img->index.has_extended_versions = find_section(img, names, "__version_ext_names");
	for (i = 0; i < ARRAY_SIZE(ksymtab); i++) {
		img->index.ksymtab[i] = find_section(img, names, ksymtab[i]);
		img->index.kcrctab[i] = find_section(img, names, kcrctab[i]);
		if (section_count(img, img->index.ksymtab[i], 1) % KSYMTAB_ENTRY)
			return bad(err,
				   "has a table of exports (%s) of a layout that is not known; a module for x86-64 is needed",
				   ksymtab[i]);
	}
	if (!img->index.this_module || !img->index.modinfo)
		return bad(err,
			   "is no kernel module (it has no section %s); give the .ko that kbuild made, not an object file",
			   img->index.this_module ? ".modinfo" : ".gnu.linkonce.this_module");
	if (!is_string_section(img, img->index.modinfo, SHT_PROGBITS))
		return bad(err, "has a damaged .modinfo section; get the file again");
	if (section_count(img, img->index.versions, 1) % VERSION_ENTRY)
		return bad(err, "has a damaged __versions section; get the file again");
	if (!section_count(img, img->index.export_names, 1))
		img->index.export_names = 0;
	if (img->index.export_names &&
	    !is_string_section(img, img->index.export_names, SHT_PROGBITS))
		return bad(err, "has a damaged __ksymtab_strings section; get the file again");
	return 0;
}

static int read_name(struct image *img, struct error *err)
{
	size_t size = img->sh[img->index.this_module].sh_size;
	const char *name, *modinfo;

	if (size < THIS_MODULE_NAME + IMAGE_NAME_LEN)
		return bad(err,
			   "has a struct module of %zu bytes, too small for one; get the file again",
			   size);
	name = (const char *)section_data(img, img->index.this_module) + THIS_MODULE_NAME;
	if (!*name || strnlen(name, IMAGE_NAME_LEN) == IMAGE_NAME_LEN)
		return bad(err,
			   "has no module name where this kernel keeps it; build it for this kernel");
	modinfo = image_modinfo(img, "name", NULL);
	if (modinfo && strcmp(modinfo, name))
		return bad(err,
			   "is called '%s' in its .modinfo and '%.55s' in its struct module; build it for this kernel",
			   modinfo, name);
	copy_text(img->name, sizeof(img->name), name);
	return 0;
}

static void read_build_id(struct image *img)
{
	size_t size = section_count(img, img->index.build_id, 1);
	const unsigned char *note, *id;
	Elf64_Nhdr nh;
	size_t i;

	if (size < sizeof(nh) + 4)
		return;
	note = section_data(img, img->index.build_id);
	memcpy(&nh, note, sizeof(nh));
	if (nh.n_type != NT_GNU_BUILD_ID || nh.n_namesz != 4 ||
	    nh.n_descsz > IMAGE_BUILD_ID_LEN || nh.n_descsz > size - sizeof(nh) - 4)
		return;
	id = note + sizeof(nh) + 4;
	for (i = 0; i < nh.n_descsz; i++)
		sprintf(img->build_id + 2 * i, "%02x", id[i]);
}

const char *image_modinfo(const struct image *img, const char *key, const char *prev)
{
	const char *p = (const char *)section_data(img, img->index.modinfo);
	const char *end = p + img->sh[img->index.modinfo].sh_size;
	size_t key_len = strlen(key);

	if (prev)
		p = prev + strlen(prev) + 1;
	for (; p < end; p += strlen(p) + 1) {
		if (!strncmp(p, key, key_len) && p[key_len] == '=')
			return p + key_len + 1;
	}
	return NULL;
}

size_t image_relocations_of(const struct image *img, size_t section)
{
	size_t i;

	for (i = 1; i < img->n_sh; i++) {
		if (img->sh[i].sh_type == SHT_RELA && img->sh[i].sh_info == section &&
		    img->sh[i].sh_link == img->index.symtab)
			return i;
	}
	return 0;
}

int image_export_name(const struct image *img, const Elf64_Rela *rela, size_t *offset)
{
	size_t size = section_count(img, img->index.export_names, 1);
	Elf64_Sym sym;
	uint64_t at;

	if (rela->r_offset % KSYMTAB_ENTRY != KSYMTAB_NAME ||
	    ELF64_R_TYPE(rela->r_info) != R_X86_64_PC32 ||
	    ELF64_R_SYM(rela->r_info) >= symbol_count(img))
		return -1;
	sym = symbol_get(img, ELF64_R_SYM(rela->r_info));
	if (sym.st_shndx == SHN_UNDEF || sym.st_shndx != img->index.export_names)
		return -1;
	at = sym.st_value + (uint64_t)rela->r_addend;
	if (at >= size)
		return -1;
	*offset = at;
	return 0;
}

/* The text that a relocation points to, NULL if it points to none. */
static const char *relocated_text(const struct image *img, const Elf64_Rela *rela)
{
	const char *text;
	Elf64_Sym sym;
	uint64_t at;

	if (ELF64_R_TYPE(rela->r_info) != R_X86_64_64 ||
	    ELF64_R_SYM(rela->r_info) >= symbol_count(img))
		return NULL;
	sym = symbol_get(img, ELF64_R_SYM(rela->r_info));
	if (!sym.st_shndx || sym.st_shndx >= img->n_sh ||
	    img->sh[sym.st_shndx].sh_type != SHT_PROGBITS)
		return NULL;
	at = sym.st_value + (uint64_t)rela->r_addend;
	if (at >= img->sh[sym.st_shndx].sh_size)
		return NULL;
	text = (const char *)section_data(img, sym.st_shndx) + at;
	return memchr(text, '\0', img->sh[sym.st_shndx].sh_size - at) ? text : NULL;
}

const char *image_param(const struct image *img, size_t i, unsigned int *mode)
{
	size_t relocations = img->index.params ? image_relocations_of(img, img->index.params) : 0;
	size_t count = section_count(img, relocations, sizeof(Elf64_Rela)), j;
	uint16_t bits;

	if (i >= section_count(img, img->index.params, PARAM_ENTRY))
		return NULL;
	memcpy(&bits, section_data(img, img->index.params) + i * PARAM_ENTRY + PARAM_MODE,
	       sizeof(bits));
	*mode = bits;
	for (j = 0; j < count; j++) {
		Elf64_Rela rela = rela_get(img, relocations, j);

		if (rela.r_offset == i * PARAM_ENTRY)
			return relocated_text(img, &rela);
	}
	return NULL;
}

const char *image_param_type(const struct image *img, const char *name)
{
	size_t len = strlen(name);
	const char *value = NULL;

	while ((value = image_modinfo(img, "parmtype", value))) {
		if (!strncmp(value, name, len) && value[len] == ':')
			return value + len + 1;
	}
	return NULL;
}

static void free_symbols(struct image_symbol **symbols, size_t *n)
{
	while (*n)
		free((*symbols)[--*n].name);
	free(*symbols);
	*symbols = NULL;
}

static int name_exports(struct image *img, size_t ksymtab, struct image_symbol *exports,
			struct error *err)
{
	size_t relocations = image_relocations_of(img, ksymtab);
	size_t n = section_count(img, ksymtab, KSYMTAB_ENTRY);
	size_t i, offset;

	for (i = 0; i < section_count(img, relocations, sizeof(Elf64_Rela)); i++) {
		Elf64_Rela rela = rela_get(img, relocations, i);
		struct image_symbol *sym;

		if (image_export_name(img, &rela, &offset) || rela.r_offset / KSYMTAB_ENTRY >= n)
			continue;
		sym = &exports[rela.r_offset / KSYMTAB_ENTRY];
		if (sym->name)
			return bad(err,
				   "names an exported symbol twice; it is damaged: get the file again");
		sym->name = strdup((char *)section_data(img, img->index.export_names) + offset);
		if (!sym->name)
			return error_memory(err);
	}
	return 0;
}

static void read_export_crcs(const struct image *img, size_t ksymtab, size_t kcrctab,
			     struct image_symbol *exports)
{
	size_t n = section_count(img, ksymtab, KSYMTAB_ENTRY);
	size_t i;

	if (img->sh[kcrctab].sh_size != n * sizeof(uint32_t) ||
	    image_relocations_of(img, kcrctab))
		return;
	for (i = 0; i < n; i++) {
		memcpy(&exports[i].crc, section_data(img, kcrctab) + i * sizeof(uint32_t),
		       sizeof(uint32_t));
		exports[i].has_crc = true;
	}
}

static int read_exports(struct image *img, struct error *err)
{
	size_t n[2] = {
		section_count(img, img->index.ksymtab[0], KSYMTAB_ENTRY),
		section_count(img, img->index.ksymtab[1], KSYMTAB_ENTRY),
	};
	size_t i;

	img->exports = calloc(n[0] + n[1] + 1, sizeof(*img->exports));
	if (!img->exports)
		return error_memory(err);
	img->n_exports = n[0] + n[1];
	for (i = 0; i < 2; i++) {
		struct image_symbol *exports = img->exports + (i ? n[0] : 0);

		if (!n[i])
			continue;
		if (name_exports(img, img->index.ksymtab[i], exports, err))
			return -1;
		if (img->index.kcrctab[i])
			read_export_crcs(img, img->index.ksymtab[i], img->index.kcrctab[i],
					 exports);
	}
	for (i = 0; i < img->n_exports; i++) {
		if (!img->exports[i].name || !img->exports[i].name[0])
			return bad(err,
				   "has an exported symbol without a name; it is damaged: get the file again");
	}
	return 0;
}

static int compare_symbols(const void *a, const void *b)
{
	return strcmp(((const struct image_symbol *)a)->name,
		      ((const struct image_symbol *)b)->name);
}

/* Sorts the imports and merges those of one name. */
static void sort_imports(struct image *img)
{
	size_t i, kept = 0;

	if (!img->n_imports)
		return;
	qsort(img->imports, img->n_imports, sizeof(*img->imports), compare_symbols);
	for (i = 1; i < img->n_imports; i++) {
		if (strcmp(img->imports[kept].name, img->imports[i].name)) {
			img->imports[++kept] = img->imports[i];
			continue;
		}
		img->imports[kept].weak &= img->imports[i].weak;
		free(img->imports[i].name);
	}
	img->n_imports = kept + 1;
}

static int check_symbol(const struct image *img, size_t i, const Elf64_Sym *sym,
			struct error *err)
{
	if (sym->st_name >= img->sh[img->sh[img->index.symtab].sh_link].sh_size)
		return bad(err,
			   "has a symbol (number %zu) without a name in the file; it is damaged: get the file again",
			   i);
	if (sym->st_shndx >= img->n_sh && sym->st_shndx < SHN_LORESERVE)
		return bad(err,
			   "has a symbol (number %zu) in section %u of %zu; it is damaged: get the file again",
			   i, sym->st_shndx, img->n_sh);
	return 0;
}

static int read_imports(struct image *img, struct error *err)
{
	size_t n = symbol_count(img);
	size_t i, count = 0;

	for (i = 1; i < n; i++) {
		Elf64_Sym sym = symbol_get(img, i);

		if (check_symbol(img, i, &sym, err))
			return -1;
		count += sym.st_shndx == SHN_UNDEF;
	}
	img->imports = calloc(count + 1, sizeof(*img->imports));
	if (!img->imports)
		return error_memory(err);
	for (i = 1; i < n; i++) {
		Elf64_Sym sym = symbol_get(img, i);
		struct image_symbol *import = &img->imports[img->n_imports];

		if (sym.st_shndx != SHN_UNDEF || !*symbol_name(img, &sym))
			continue;
		import->name = strdup(symbol_name(img, &sym));
		if (!import->name)
			return error_memory(err);
		import->weak = ELF64_ST_BIND(sym.st_info) == STB_WEAK;
		img->n_imports++;
	}
	sort_imports(img);
	return 0;
}

const struct image_symbol *image_find_import(const struct image *img, const char *name)
{
	struct image_symbol key = { .name = (char *)name };

	if (!img->n_imports)
		return NULL;
	return bsearch(&key, img->imports, img->n_imports, sizeof(key), compare_symbols);
}

const struct image_symbol *image_find_export(const struct image *img, const char *name)
{
	size_t i;

	for (i = 0; i < img->n_exports; i++) {
		if (!strcmp(img->exports[i].name, name))
			return &img->exports[i];
	}
	return NULL;
}

static int read_import_crcs(struct image *img, struct error *err)
{
	size_t i;

	for (i = 0; i < section_count(img, img->index.versions, VERSION_ENTRY); i++) {
		const unsigned char *entry =
			section_data(img, img->index.versions) + i * VERSION_ENTRY;
		const char *name = (const char *)entry + VERSION_NAME;
		struct image_symbol *import;

		if (strnlen(name, IMAGE_NAME_LEN) == IMAGE_NAME_LEN)
			return bad(err,
				   "has a damaged __versions section (entry %zu); get the file again",
				   i);
		import = (struct image_symbol *)image_find_import(img, name);
		if (!import || import->has_crc)
			continue;
		memcpy(&import->crc, entry, sizeof(import->crc));
		import->has_crc = true;
	}
	return 0;
}

int image_index(struct image *img, struct error *err)
{
	free_symbols(&img->exports, &img->n_exports);
	free_symbols(&img->imports, &img->n_imports);
	if (read_imports(img, err) || read_exports(img, err))
		return -1;
	return read_import_crcs(img, err);
}

static int open_elf(struct image *img, struct error *err)
{
	Elf *elf;
	int ret;

	if (img->len < sizeof(Elf64_Ehdr) || memcmp(img->data, ELFMAG, SELFMAG))
		return bad(err, "is %s; a kernel module (.ko) is needed",
			   img->len < SELFMAG || !memcmp(img->data, ELFMAG, SELFMAG) ?
				   "truncated: shorter than an ELF header" :
				   "not an ELF file");
	if (elf_version(EV_CURRENT) == EV_NONE)
		return bad(err, "cannot be read: libelf does not know ELF version %u",
			   EV_CURRENT);
	elf = elf_memory((char *)img->data, img->len);
	if (!elf || elf_kind(elf) != ELF_K_ELF)
		ret = bad(err, "is not an ELF file (%s); a kernel module (.ko) is needed",
			  elf ? "unknown class or version" : elf_errmsg(-1));
	else
		ret = read_sections(img, elf, err);
	elf_end(elf);
	return ret;
}

int image_open(struct image *img, const void *data, size_t len, struct error *err)
{
	uint16_t names;

	memset(img, 0, sizeof(*img));
	img->data = malloc(len ? len : 1);
	if (!img->data)
		return error_memory(err);
	if (len)
		memcpy(img->data, data, len);
	img->len = len;
	if (split_signature(img, err) || open_elf(img, err))
		goto err_close;
	memcpy(&names, img->data + offsetof(Elf64_Ehdr, e_shstrndx), sizeof(names));
	if (find_sections(img, names, err) || read_name(img, err))
		goto err_close;
	read_build_id(img);
	if (image_index(img, err))
		goto err_close;
	return 0;

err_close:
	image_close(img);
	return -1;
}

void image_close(struct image *img)
{
	free_symbols(&img->exports, &img->n_exports);
	free_symbols(&img->imports, &img->n_imports);
	free(img->sh);
	free(img->data);
	memset(img, 0, sizeof(*img));
}

void image_bytes(const struct image *img, const unsigned char **data, size_t *len)
{
	*data = img->data;
	*len = img->full_len;
}

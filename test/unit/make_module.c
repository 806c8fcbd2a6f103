// SPDX-License-Identifier: GPL-2.0
/* Module images made to measure, see make_module.h. */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "make_module.h"

enum section {
	NONE, TEXT, MODINFO, THIS_MODULE, NOTE, VERSIONS, STRINGS, KSYMTAB, RELA_KSYMTAB, KCRCTAB,
	RODATA, PARAM, RELA_PARAM, SYMTAB, STRTAB, SHSTRTAB, SECTIONS
};

static const struct {
	const char *name;
	uint32_t type;
	uint32_t link;
	uint32_t info;
	uint64_t entry;
} layout[SECTIONS] = {
	[TEXT] = { ".text", SHT_PROGBITS, 0, 0, 0 },
	[MODINFO] = { ".modinfo", SHT_PROGBITS, 0, 0, 0 },
	[THIS_MODULE] = { ".gnu.linkonce.this_module", SHT_PROGBITS, 0, 0, 0 },
	[NOTE] = { ".note.gnu.build-id", SHT_NOTE, 0, 0, 0 },
	[VERSIONS] = { "__versions", SHT_PROGBITS, 0, 0, 0 },
	[STRINGS] = { "__ksymtab_strings", SHT_PROGBITS, 0, 0, 1 },
	[KSYMTAB] = { "__ksymtab", SHT_PROGBITS, 0, 0, 0 },
	[RELA_KSYMTAB] = { ".rela__ksymtab", SHT_RELA, SYMTAB, KSYMTAB, sizeof(Elf64_Rela) },
	[KCRCTAB] = { "__kcrctab", SHT_PROGBITS, 0, 0, 0 },
	[RODATA] = { ".rodata", SHT_PROGBITS, 0, 0, 0 },
	[PARAM] = { "__param", SHT_PROGBITS, 0, 0, 0 },
	[RELA_PARAM] = { ".rela__param", SHT_RELA, SYMTAB, PARAM, sizeof(Elf64_Rela) },
	[SYMTAB] = { ".symtab", SHT_SYMTAB, STRTAB, 1, sizeof(Elf64_Sym) },
	[STRTAB] = { ".strtab", SHT_STRTAB, 0, 0, 0 },
	[SHSTRTAB] = { ".shstrtab", SHT_STRTAB, 0, 0, 0 },
};

struct bytes {
	unsigned char data[16384];
	size_t len;
};

static size_t put(struct bytes *b, const void *data, size_t len)
{
	size_t at = b->len;

	if (b->len + len > sizeof(b->data))
		abort();
	memcpy(b->data + at, data, len);
	b->len += len;
	return at;
}

static size_t put_text(struct bytes *b, const char *text)
{
	return put(b, text, strlen(text) + 1);
}

static void put_info(struct bytes *b, const char *key, const char *value)
{
	char line[256];

	if (!value)
		return;
	snprintf(line, sizeof(line), "%s=%s", key, value);
	put_text(b, line);
}

static size_t put_symbol(struct bytes *s, const char *name, uint16_t section, uint64_t value)
{
	Elf64_Sym sym = {
		.st_name = put_text(&s[STRTAB], name),
		.st_info = ELF64_ST_INFO(section ? STB_LOCAL : STB_GLOBAL, STT_NOTYPE),
		.st_shndx = section,
		.st_value = value,
	};

	return put(&s[SYMTAB], &sym, sizeof(sym)) / sizeof(sym);
}

static void put_export(struct bytes *s, const struct make_symbol *symbol)
{
	static const unsigned char entry[12];
	char name[128];
	size_t at = put(&s[KSYMTAB], entry, sizeof(entry));
	size_t text = put_text(&s[STRINGS], symbol->name);
	size_t space = s[STRINGS].len - 1;
	Elf64_Rela rela = { .r_offset = at };

	snprintf(name, sizeof(name), "__ksymtab_%s", symbol->name);
	put_symbol(s, name, KSYMTAB, at);
	rela.r_info = ELF64_R_INFO(put_symbol(s, symbol->name, TEXT, 0), R_X86_64_PC32);
	put(&s[RELA_KSYMTAB], &rela, sizeof(rela));
	snprintf(name, sizeof(name), "__kstrtab_%s", symbol->name);
	rela.r_offset = at + 4;
	rela.r_info = ELF64_R_INFO(put_symbol(s, name, STRINGS, text), R_X86_64_PC32);
	put(&s[RELA_KSYMTAB], &rela, sizeof(rela));
	snprintf(name, sizeof(name), "__kstrtabns_%s", symbol->name);
	rela.r_offset = at + 8;
	rela.r_info = ELF64_R_INFO(put_symbol(s, name, STRINGS, space), R_X86_64_PC32);
	put(&s[RELA_KSYMTAB], &rela, sizeof(rela));
	put(&s[KCRCTAB], &symbol->crc, sizeof(symbol->crc));
}

static void put_param(struct bytes *s, const struct make_param *param)
{
	unsigned char entry[40] = { 0 };
	char text[128];
	Elf64_Rela rela;

	memcpy(entry + 24, &param->mode, sizeof(param->mode));
	rela.r_offset = put(&s[PARAM], entry, sizeof(entry));
	rela.r_addend = put_text(&s[RODATA], param->name);
	snprintf(text, sizeof(text), "__param_str_%s", param->name);
	rela.r_info = ELF64_R_INFO(put_symbol(s, text, RODATA, 0), R_X86_64_64);
	put(&s[RELA_PARAM], &rela, sizeof(rela));
	if (!param->type)
		return;
	snprintf(text, sizeof(text), "%s:%s", param->name, param->type);
	put_info(&s[MODINFO], "parmtype", text);
}

static void put_import(struct bytes *s, const struct make_symbol *symbol)
{
	unsigned char entry[64] = { 0 };

	put_symbol(s, symbol->name, SHN_UNDEF, 0);
	memcpy(entry, &symbol->crc, sizeof(symbol->crc));
	memcpy(entry + 8, symbol->name, strlen(symbol->name));
	put(&s[VERSIONS], entry, sizeof(entry));
}

static void put_build_id(struct bytes *b, const char *text)
{
	Elf64_Nhdr nh = { .n_namesz = 4, .n_descsz = strlen(text) / 2, .n_type = NT_GNU_BUILD_ID };
	unsigned int byte;

	put(b, &nh, sizeof(nh));
	put(b, "GNU", 4);
	for (; *text; text += 2) {
		unsigned char c;

		sscanf(text, "%2x", &byte);
		c = byte;
		put(b, &c, 1);
	}
}

static unsigned char *join(struct bytes *s, size_t *len)
{
	Elf64_Ehdr eh = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			     EV_CURRENT },
		.e_type = ET_REL, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
		.e_ehsize = sizeof(eh), .e_shentsize = sizeof(Elf64_Shdr), .e_shnum = SECTIONS,
		.e_shstrndx = SHSTRTAB,
	};
	Elf64_Shdr sh[SECTIONS] = { 0 };
	size_t at = sizeof(eh), i;
	unsigned char *out;

	put_text(&s[SHSTRTAB], "");
	for (i = 1; i < SECTIONS; i++)
		sh[i].sh_name = put_text(&s[SHSTRTAB], layout[i].name);
	for (i = 1; i < SECTIONS; i++) {
		at = (at + 7) / 8 * 8;
		sh[i].sh_type = layout[i].type;
		sh[i].sh_link = layout[i].link;
		sh[i].sh_info = layout[i].info;
		sh[i].sh_entsize = layout[i].entry;
		sh[i].sh_addralign = 8;
		sh[i].sh_offset = at;
		sh[i].sh_size = s[i].len;
		at += s[i].len;
	}
	eh.e_shoff = (at + 7) / 8 * 8;
	*len = eh.e_shoff + sizeof(sh);
	out = calloc(1, *len);
	if (!out)
		abort();
	memcpy(out, &eh, sizeof(eh));
	for (i = 1; i < SECTIONS; i++)
		memcpy(out + sh[i].sh_offset, s[i].data, s[i].len);
	memcpy(out + eh.e_shoff, sh, sizeof(sh));
	return out;
}

unsigned char *make_module(const struct make_module *d, size_t *len)
{
	static struct bytes s[SECTIONS];
	unsigned char this_module[128] = { 0 };
	Elf64_Sym none = { 0 };
	size_t i;

	memset(s, 0, sizeof(s));
	put(&s[SYMTAB], &none, sizeof(none));
	put_text(&s[STRTAB], "");
	put(&s[TEXT], "\xc3", 1);
	put_info(&s[MODINFO], "license", "GPL");
	put_info(&s[MODINFO], "srcversion", d->srcversion);
	put_info(&s[MODINFO], "alias", d->alias);
	put_info(&s[MODINFO], "depends", d->depends ? d->depends : "");
	put_info(&s[MODINFO], "name", d->name);
	put_info(&s[MODINFO], "vermagic", "6.1.0 SMP");
	memcpy(this_module + 24, d->name, strlen(d->name));
	put(&s[THIS_MODULE], this_module, sizeof(this_module));
	if (d->build_id)
		put_build_id(&s[NOTE], d->build_id);
	for (i = 0; i < 8 && d->exports[i].name; i++)
		put_export(s, &d->exports[i]);
	for (i = 0; i < 8 && d->imports[i].name; i++)
		put_import(s, &d->imports[i]);
	for (i = 0; i < 8 && d->params[i].name; i++)
		put_param(s, &d->params[i]);
	return join(s, len);
}

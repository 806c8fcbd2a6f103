/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which of the wanted symbols the running kernel has, who exports them and with which checksum.
 *
 * Pure: it is given the text of /proc/kallsyms and of Module.symvers.  First every name of
 * interest is announced with symbols_want(), then the texts are read once; nothing else is kept.
 */
#ifndef SEGUE_TOOL_SYMBOLS_H
#define SEGUE_TOOL_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "util.h"

#define SYMBOLS_MODULE_LEN 64
/* What Segue puts before the exported names of a copy: this, a number, an underscore. */
#define SYMBOLS_PREFIX "sg"

/**
 * struct symbol_exporter - a loaded module that exports the symbol
 * @module: its name
 * @name: the name under which it exports it: that of the symbol, or the same with a prefix
 */
struct symbol_exporter {
	char module[SYMBOLS_MODULE_LEN];
	char *name;
};

/**
 * struct symbol - what is known of one wanted symbol
 * @name: its name
 * @builtin: the kernel itself has it
 * @somewhere: a module has a global symbol of that name, exported or not
 * @exporters: loaded modules that export it
 * @n_exporters: how many
 * @has_crc: whether @crc is known
 * @crc: checksum in Module.symvers
 * @owner: who exports it according to Module.symvers
 */
struct symbol {
	char *name;
	bool builtin;
	bool somewhere;
	struct symbol_exporter *exporters;
	size_t n_exporters;
	bool has_crc;
	uint32_t crc;
	char owner[SYMBOLS_MODULE_LEN];
};

struct symbols {
	struct symbol *items;
	size_t n;
	bool sorted;
};

int symbols_want(struct symbols *s, const char *name, struct error *err);
const struct symbol *symbols_find(struct symbols *s, const char *name);
int symbols_read_kallsyms(struct symbols *s, FILE *text, struct error *err);
void symbols_read_symvers(struct symbols *s, FILE *text);
void symbols_free(struct symbols *s);

#endif /* SEGUE_TOOL_SYMBOLS_H */

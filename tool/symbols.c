// SPDX-License-Identifier: GPL-2.0
/* Symbols of the running kernel, see symbols.h. */
#include <ctype.h>
#include <string.h>

#include "symbols.h"

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct symbol *)a)->name, ((const struct symbol *)b)->name);
}

int symbols_want(struct symbols *s, const char *name, struct error *err)
{
	struct symbol *sym = array_add(&s->items, &s->n, sizeof(*sym));

	if (!sym)
		return error_memory(err);
	sym->name = strdup(name);
	if (!sym->name) {
		s->n--;
		return error_memory(err);
	}
	s->sorted = false;
	return 0;
}

static void sort(struct symbols *s)
{
	size_t i, kept = 0;

	if (s->sorted || !s->n)
		return;
	qsort(s->items, s->n, sizeof(*s->items), compare);
	for (i = 1; i < s->n; i++) {
		if (strcmp(s->items[kept].name, s->items[i].name))
			s->items[++kept] = s->items[i];
		else
			free(s->items[i].name);
	}
	s->n = kept + 1;
	s->sorted = true;
}

static struct symbol *find(struct symbols *s, const char *name)
{
	struct symbol key = { .name = (char *)name };

	sort(s);
	return s->n ? bsearch(&key, s->items, s->n, sizeof(key), compare) : NULL;
}

const struct symbol *symbols_find(struct symbols *s, const char *name)
{
	return find(s, name);
}

static const char *without_prefix(const char *name)
{
	const char *p = name + strlen(SYMBOLS_PREFIX);

	if (strncmp(name, SYMBOLS_PREFIX, strlen(SYMBOLS_PREFIX)) || !isdigit((unsigned char)*p))
		return name;
	while (isdigit((unsigned char)*p))
		p++;
	return *p == '_' ? p + 1 : name;
}

static int add_exporter(struct symbol *sym, const char *name, const char *module,
			struct error *err)
{
	struct symbol_exporter *exporter;

	exporter = array_add(&sym->exporters, &sym->n_exporters, sizeof(*exporter));
	if (!exporter)
		return error_memory(err);
	copy_text(exporter->module, sizeof(exporter->module), module);
	exporter->name = strdup(name);
	return exporter->name ? 0 : error_memory(err);
}

static int note_export(struct symbols *s, const char *name, const char *module, struct error *err)
{
	struct symbol *sym = find(s, name);

	if (!sym)
		sym = find(s, without_prefix(name));
	if (!sym)
		return 0;
	if (!*module) {
		sym->builtin = true;
		return 0;
	}
	return add_exporter(sym, name, module, err);
}

static int note_line(struct symbols *s, char *line, struct error *err)
{
	static const char mark[] = "__ksymtab_";
	char *save, *address, *type, *name, *module;
	struct symbol *sym;

	address = strtok_r(line, " \t\n", &save);
	type = address ? strtok_r(NULL, " \t\n", &save) : NULL;
	name = type ? strtok_r(NULL, " \t\n", &save) : NULL;
	if (!name)
		return 0;
	module = strtok_r(NULL, " \t\n[]", &save);
	if (!module)
		module = "";
	if (!strncmp(name, mark, strlen(mark)))
		return note_export(s, name + strlen(mark), module, err);
	sym = find(s, name);
	if (!sym)
		return 0;
	if (!*module)
		sym->builtin = true;
	else if (isupper((unsigned char)*type))
		sym->somewhere = true;
	return 0;
}

int symbols_read_kallsyms(struct symbols *s, FILE *text, struct error *err)
{
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, text) > 0) {
		if (note_line(s, line, err))
			return -1;
	}
	return 0;
}

void symbols_read_symvers(struct symbols *s, FILE *text)
{
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, text) > 0) {
		char *save, *crc, *name, *owner;
		struct symbol *sym;

		crc = strtok_r(line, "\t\n", &save);
		name = crc ? strtok_r(NULL, "\t\n", &save) : NULL;
		owner = name ? strtok_r(NULL, "\t\n", &save) : NULL;
		sym = owner ? find(s, name) : NULL;
		if (!sym)
			continue;
		sym->crc = strtoul(crc, NULL, 16);
		sym->has_crc = true;
		copy_text(sym->owner, sizeof(sym->owner), owner);
	}
}

void symbols_free(struct symbols *s)
{
	size_t i, j;

	for (i = 0; i < s->n; i++) {
		for (j = 0; j < s->items[i].n_exporters; j++)
			free(s->items[i].exporters[j].name);
		free(s->items[i].exporters);
		free(s->items[i].name);
	}
	free(s->items);
	memset(s, 0, sizeof(*s));
}

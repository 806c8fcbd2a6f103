// SPDX-License-Identifier: GPL-2.0
/*
 * Under which names the images of an update are loaded, and where each looks up what it needs.
 *
 * The kernel refuses two modules of one name and two exports of one name.  A copy therefore gets
 * a number behind its name and a prefix with the same number before all names it exports; the
 * images that use it look for the prefixed names.
 */
#include <stdio.h>
#include <string.h>

#include "plan.h"

#define FIRST_COPY 2
#define LAST_COPY 9999

static bool name_is_taken(const struct plan_input *in, const struct plan *plan,
			  const struct plan_entry *entry, const char *name)
{
	const struct plan_entry *other;
	size_t i;

	for (i = 0; i < in->n_loaded; i++) {
		if (!strcmp(in->loaded[i].name, name))
			return true;
	}
	for (other = plan->entries; other < entry; other++) {
		if (!strcmp(other->load_name, name))
			return true;
	}
	return false;
}

static bool exports_are_taken(const struct plan_entry *entry, const char *prefix,
			      struct symbols *symbols)
{
	const struct image *image = &entry->file->image;
	size_t prefix_len = strlen(prefix);
	size_t i, j;

	for (i = 0; i < image->n_exports; i++) {
		const char *name = image->exports[i].name;
		const struct symbol *sym = symbols_find(symbols, name);

		if (!sym)
			continue;
		if (sym->builtin && !prefix_len)
			return true;
		for (j = 0; j < sym->n_exporters; j++) {
			const char *exported = sym->exporters[j].name;

			if (!strncmp(exported, prefix, prefix_len) &&
			    !strcmp(exported + prefix_len, name))
				return true;
		}
	}
	return false;
}

static int choose_names(const struct plan_input *in, const struct plan *plan,
			struct plan_entry *entry, struct symbols *symbols, struct error *err)
{
	bool rename = name_is_taken(in, plan, entry, entry->base);
	bool prefix = exports_are_taken(entry, "", symbols);
	unsigned int n;

	copy_text(entry->load_name, sizeof(entry->load_name), entry->base);
	if (!rename && !prefix)
		return 0;
	for (n = FIRST_COPY; n <= LAST_COPY; n++) {
		if (rename)
			snprintf(entry->load_name, sizeof(entry->load_name), "%.55s__%u",
				 entry->base, n);
		if (prefix)
			snprintf(entry->prefix, sizeof(entry->prefix), SYMBOLS_PREFIX "%u_", n);
		if (rename && name_is_taken(in, plan, entry, entry->load_name))
			continue;
		if (prefix && exports_are_taken(entry, entry->prefix, symbols))
			continue;
		return 0;
	}
	return error_set(err, EXIT_USAGE,
			 "%s: too many copies of module '%s' are loaded; drop them with segue commit",
			 entry->file->path, entry->base);
}

static int add_rename(struct plan_entry *entry, const char *from, const char *prefix,
		      const char *to, struct error *err)
{
	struct image_rename *rename;
	char *text;

	rename = array_add(&entry->renames, &entry->n_renames, sizeof(*rename));
	if (!rename)
		return error_memory(err);
	rename->from = strdup(from);
	if (asprintf(&text, "%s%s", prefix, to) < 0)
		return error_memory(err);
	rename->to = text;
	return rename->from ? 0 : error_memory(err);
}

static int check_crc(const struct plan_entry *entry, const struct image_symbol *import,
		     uint32_t crc, const char *provider, const char *remedy, struct error *err)
{
	if (!import->has_crc || import->crc == crc)
		return 0;
	return error_set(err, EXIT_USAGE,
			 "%s: symbol %s has checksum %08x, %s has %08x: its type differs; %s",
			 entry->file->path, import->name, import->crc, provider, crc, remedy);
}

static int link_in_plan(struct plan_entry *entry, const struct image_symbol *import,
			const struct plan_entry *provider, const struct image_symbol *export,
			struct error *err)
{
	if (export->has_crc && check_crc(entry, import, export->crc, provider->file->path,
					 "build the two together", err))
		return -1;
	if (!*provider->prefix)
		return 0;
	return add_rename(entry, import->name, provider->prefix, import->name, err);
}

static bool serves_driver(const struct plan_input *in, const struct plan *plan,
			  const char *module)
{
	size_t i;

	for (i = 0; i < plan->n_live_set; i++) {
		if (!strcmp(in->loaded[plan->live_set[i]].name, module))
			return true;
	}
	return false;
}

/* The copy that serves the driver now; else the one with the plain name; else any. */
static const struct symbol_exporter *
choose_exporter(const struct plan_input *in, const struct plan *plan, const struct symbol *sym)
{
	const struct symbol_exporter *choice = NULL;
	size_t i;

	for (i = 0; i < sym->n_exporters; i++) {
		const struct symbol_exporter *exporter = &sym->exporters[i];

		if (serves_driver(in, plan, exporter->module))
			return exporter;
		if (!choice || !strcmp(exporter->name, sym->name))
			choice = exporter;
	}
	return choice;
}

static int link_in_kernel(const struct plan_input *in, const struct plan *plan,
			  struct plan_entry *entry, const struct image_symbol *import,
			  const struct symbol *sym, struct error *err)
{
	const struct symbol_exporter *exporter;

	if (sym->builtin) {
		if (!sym->has_crc || strcmp(sym->owner, "vmlinux"))
			return 0;
		return check_crc(entry, import, sym->crc, "the running kernel",
				 "build it against the headers of the running kernel", err);
	}
	exporter = choose_exporter(in, plan, sym);
	if (!exporter || !strcmp(exporter->name, import->name))
		return 0;
	return add_rename(entry, import->name, "", exporter->name, err);
}

static int link_import(const struct plan_input *in, struct plan *plan, struct plan_entry *entry,
		       const struct image_symbol *import, struct symbols *symbols,
		       struct error *err)
{
	const struct symbol *sym;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		const struct image_symbol *export;

		if (&plan->entries[i] == entry)
			continue;
		export = image_find_export(&plan->entries[i].file->image, import->name);
		if (export)
			return link_in_plan(entry, import, &plan->entries[i], export, err);
	}
	sym = symbols_find(symbols, import->name);
	if (sym && (sym->builtin || sym->n_exporters || sym->somewhere))
		return link_in_kernel(in, plan, entry, import, sym, err);
	/* The linker's own symbol is resolved without a definition. */
	if (import->weak || !strcmp(import->name, "_GLOBAL_OFFSET_TABLE_"))
		return 0;
	return error_set(err, EXIT_USAGE,
			 "%s: needs symbol %s, which neither the running kernel nor one of the files has; load or name the module that exports it, or build for this kernel",
			 entry->file->path, import->name);
}

int plan_name(const struct plan_input *in, struct plan *plan, struct error *err)
{
	struct symbols none = { 0 };
	size_t i;

	for (i = 0; i < plan->n; i++) {
		if (choose_names(in, plan, &plan->entries[i], &none, err))
			return -1;
	}
	return 0;
}

int plan_link(const struct plan_input *in, struct plan *plan, struct symbols *symbols,
	      struct error *err)
{
	size_t i, j;

	for (i = 0; i < plan->n; i++) {
		if (choose_names(in, plan, &plan->entries[i], symbols, err))
			return -1;
	}
	for (i = 0; i < plan->n; i++) {
		struct plan_entry *entry = &plan->entries[i];
		const struct image *image = &entry->file->image;

		for (j = 0; j < image->n_imports; j++) {
			if (link_import(in, plan, entry, &image->imports[j], symbols, err))
				return -1;
		}
	}
	return 0;
}

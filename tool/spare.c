// SPDX-License-Identifier: GPL-2.0
/* The spare copy of the module in charge, see spare.h. */
#include <string.h>

#include "change.h"
#include "insert.h"
#include "keep.h"
#include "load.h"
#include "spare.h"

static const struct generation *of_module(const struct generations *generations,
					  const char *module)
{
	size_t i;

	for (i = 0; i < generations->n; i++) {
		if (!strcmp(generations->items[i].module, module))
			return &generations->items[i];
	}
	return NULL;
}

static const char *spare_name(const struct prepared *update)
{
	return update->spare.entries[0].load_name;
}

static int load(struct session *session, struct prepared *update, struct spare *spare,
		struct error *err)
{
	struct generations generations = { .bus = update->driver.bus };
	const struct generation *copy, *live;

	if (insert_entry(&update->spare.entries[0], &update->spare_params, err))
		return -1;
	if (change_read_generations(session, &generations, err))
		return -1;
	copy = of_module(&generations, spare_name(update));
	live = of_module(&generations, update->driver.module);
	if (copy && live && live->is_live) {
		spare->number = copy->number;
		spare->live = live->number;
	}
	free(generations.items);
	if (spare->number)
		return 0;
	return error_set(err, EXIT_REFUSED, "it registers no driver");
}

void spare_load(struct session *session, struct prepared *update, struct spare *spare)
{
	struct error err;

	memset(spare, 0, sizeof(*spare));
	if (!update->spare.n || !load(session, update, spare, &err))
		return;
	fprintf(stderr,
		"segue: there is no second copy of module '%s' for the way back: %s; the running one would be asked again\n",
		update->driver.module, err.text);
	load_remove(spare_name(update), &err);
}

static void drop(const struct prepared *update, const char *module)
{
	struct error err;

	if (load_remove(module, &err))
		fprintf(stderr,
			"segue: module '%s' stays loaded beside the copy that stands in for it; 'segue commit %s' drops it\n",
			module, update->name);
	keep_tidy();
}

/* The copy that stands in for the old generation has got its number. */
void spare_settle(struct session *session, const struct prepared *update,
		  const struct spare *spare)
{
	struct generations generations = { .bus = update->driver.bus };
	const struct generation *copy, *old;
	struct error ignored;

	if (!spare->number || change_read_generations(session, &generations, &ignored))
		return;
	copy = of_module(&generations, spare_name(update));
	old = of_module(&generations, update->driver.module);
	if (copy && copy->number == spare->live) {
		if (old && !old->is_live && !old->devices)
			drop(update, old->module);
	} else if (copy && !copy->is_live && !copy->devices) {
		drop(update, copy->module);
	}
	free(generations.items);
}

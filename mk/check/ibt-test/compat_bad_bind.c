// SPDX-License-Identifier: GPL-2.0
/* expected: an indirect call or jump */
#include "shim.h"

struct binding {
	const char *name;
	void (*bind)(unsigned long address);
};

void resolve_all(const struct binding *table, int count)
{
	int i;

	for (i = 0; i < count; i++)
		table[i].bind(__SCT__segue_kallsyms_lookup_name(table[i].name));
}

// SPDX-License-Identifier: GPL-2.0
/* expected: a table points to other_function */
#include "shim.h"

unsigned long other_function;

static const struct symbol table[] = {
	{ "other", 0, 0, &other_function },
};

int resolve(const struct symbol *symbols, int count);

int init_table(void)
{
	return resolve(table, 1) + 1;
}

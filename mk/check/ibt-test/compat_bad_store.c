// SPDX-License-Identifier: GPL-2.0
/* expected: which others can read */
#include "shim.h"

int (*other_function)(void);

void find_other(void)
{
	other_function = (void *)__SCT__segue_kallsyms_lookup_name("other");
}

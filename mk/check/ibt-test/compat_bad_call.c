// SPDX-License-Identifier: GPL-2.0
/* expected: an indirect call or jump */
#include "shim.h"

int call_it(void)
{
	int (*function)(void) = (void *)__SCT__segue_kallsyms_lookup_name("other");

	return function() + 1;
}

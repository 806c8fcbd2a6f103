// SPDX-License-Identifier: GPL-2.0
/* expected: an address is returned */
#include "shim.h"

void *find_other(void)
{
	return (void *)__SCT__segue_kallsyms_lookup_name("other");
}

// SPDX-License-Identifier: GPL-2.0
/* expected: refers to __SCT__segue_kallsyms_lookup_name; only compat may */
#include "shim.h"

int look(void)
{
	return !!__SCT__segue_kallsyms_lookup_name("other");
}

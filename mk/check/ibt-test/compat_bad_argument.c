// SPDX-License-Identifier: GPL-2.0
/* expected: an address is passed to call_for_me */
#include "shim.h"

int call_for_me(void *function);

int find_other(void)
{
	return call_for_me((void *)__SCT__segue_kallsyms_lookup_name("other")) + 1;
}

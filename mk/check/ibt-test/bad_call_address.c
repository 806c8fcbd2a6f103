// SPDX-License-Identifier: GPL-2.0
/* expected: an address is called */
#include "shim.h"

int call_it(void)
{
	int (*function)(void) = (void *)segue_compat_address("other");

	return function ? function() : 0;
}

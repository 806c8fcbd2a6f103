// SPDX-License-Identifier: GPL-2.0
/* expected: which others can read */
#include "shim.h"

static unsigned long kept;

void keep_it(void)
{
	kept = segue_compat_address("other");
}

int call_it(void)
{
	return ((int (*)(void))kept)();
}

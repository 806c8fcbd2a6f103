// SPDX-License-Identifier: GPL-2.0
/* expected: refers to __static_call_update; only compat may */
#include "shim.h"

void update(void *function)
{
	__static_call_update(__SCK__segue_other, __SCT__segue_other, function);
}

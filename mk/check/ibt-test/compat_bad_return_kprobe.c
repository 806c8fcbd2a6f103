// SPDX-License-Identifier: GPL-2.0
/* expected: an address is returned */
#include "shim.h"

void *find_by_probe(void)
{
	struct kprobe probe = { .symbol_name = "other" };

	if (register_kprobe(&probe))
		return 0;
	unregister_kprobe(&probe);
	return probe.addr;
}

// SPDX-License-Identifier: GPL-2.0
/* expected: refers to register_kprobe; only compat may */
#include "shim.h"

int probe_it(struct kprobe *probe)
{
	return register_kprobe(probe);
}

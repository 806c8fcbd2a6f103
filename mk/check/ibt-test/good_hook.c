// SPDX-License-Identifier: GPL-2.0
#include "shim.h"

struct hook {
	const char *function;
	unsigned long (*locate)(const struct hook *hook);
};

unsigned long find(const struct hook *hook)
{
	if (hook->locate)
		return segue_compat_hook_location(hook->locate(hook));
	return segue_compat_hook_location(segue_compat_address(hook->function));
}

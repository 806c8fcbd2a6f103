// SPDX-License-Identifier: GPL-2.0
/*
 * Who is still in the old driver's code, on behalf of somebody who has the disk open.
 *
 * Requests are drained by the kernel's own means, the files of attributes count who is in them, and
 * opening and closing is locked out.  A control call that was on its way into the driver before the
 * guard came up is seen nowhere but on its stack.
 */
#include <linux/kallsyms.h>
#include <linux/module.h>
#include "block.h"
#include "quiet.h"

/* How long a control call may take before the swap is given up. */
#define SEGUE_BLOCK_CALL_MS	5000

static bool segue_block_is_control_call(unsigned long address)
{
	char name[KSYM_SYMBOL_LEN];

	sprint_symbol_no_offset(name, address);
	return !strcmp(name, "blkdev_ioctl") || !strcmp(name, "compat_blkdev_ioctl");
}

static bool segue_block_of_driver(const struct segue_block *block, unsigned long address)
{
	unsigned int i;

	for (i = 0; i < block->count; i++) {
		const struct module *owner = block->disks[i].disk->fops->owner;

		if (owner && within_module(address, owner))
			return true;
	}
	return false;
}

static bool segue_block_calls(const void *block, const unsigned long *frames, unsigned int depth)
{
	bool inside = false;
	unsigned int i;

	for (i = 0; !inside && i < depth; i++)
		inside = segue_block_of_driver(block, frames[i]);
	if (!inside)
		return false;
	while (i < depth)
		if (segue_block_is_control_call(frames[i++]))
			return true;
	return false;
}

/**
 * segue_block_wait_calls - wait until no control call is in the driver
 * @block: the disks, guarded, so that no new one comes in
 * @found: gets who is in the way
 *
 * Context: process; I/O goes on. Return: 0 or a negative error.
 */
int segue_block_wait_calls(const struct segue_block *block, struct segue_findings *found)
{
	pid_t caller = 0;
	int err = segue_quiet_wait(segue_block_calls, block, SEGUE_BLOCK_CALL_MS, &caller);

	if (caller)
		segue_found_text(found, SEGUE_SEVERITY_IMPOSSIBLE,
				 "a control call (ioctl) of process %d to a disk does not come to its end",
				 caller);
	return err;
}

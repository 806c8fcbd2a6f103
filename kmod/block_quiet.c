// SPDX-License-Identifier: GPL-2.0
/*
 * Who is still in the old driver's code, on behalf of somebody who has the disk open.
 *
 * Requests are drained by the kernel's own means, the files of attributes count who is in them, and
 * opening and closing is locked out.  A control call that was on its way into the driver before the
 * guard came up is seen nowhere but on its stack.
 */
#include <linux/delay.h>
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include "block.h"

#define SEGUE_BLOCK_FRAMES	48

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

static bool segue_block_calls(const struct segue_block *block, struct task_struct *task,
			      unsigned long *frames)
{
	unsigned int count, i;
	bool inside = false;

	count = static_call(segue_stack_trace_save_tsk)(task, frames, SEGUE_BLOCK_FRAMES, 0);
	for (i = 0; !inside && i < count; i++)
		inside = segue_block_of_driver(block, frames[i]);
	if (!inside)
		return false;
	while (i < count)
		if (segue_block_is_control_call(frames[i++]))
			return true;
	return false;
}

/* The process that calls, 0 for none. */
static pid_t segue_block_caller(const struct segue_block *block, unsigned long *frames)
{
	struct task_struct *process, *task;
	pid_t caller = 0;

	rcu_read_lock();
	for_each_process_thread(process, task) {
		if (caller || task == current || task->flags & PF_KTHREAD)
			continue;
		if (segue_block_calls(block, task, frames))
			caller = task_tgid_nr(task);
	}
	rcu_read_unlock();
	return caller;
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
	unsigned long end = jiffies + msecs_to_jiffies(SEGUE_BLOCK_CALL_MS);
	unsigned long *frames;
	pid_t caller;

	frames = kcalloc(SEGUE_BLOCK_FRAMES, sizeof(*frames), GFP_KERNEL);
	if (!frames)
		return -ENOMEM;
	while ((caller = segue_block_caller(block, frames)) && time_before(jiffies, end))
		usleep_range(1000, 2000);
	kfree(frames);
	if (!caller)
		return 0;
	segue_found_text(found, SEGUE_SEVERITY_IMPOSSIBLE,
			 "a control call (ioctl) of process %d to a disk does not come to its end",
			 caller);
	return -EBUSY;
}

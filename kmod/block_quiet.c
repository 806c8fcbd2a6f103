// SPDX-License-Identifier: GPL-2.0
/*
 * Who is still in the old driver's code, on behalf of somebody who has the disk open.
 *
 * Requests are drained by the kernel's own means, the files of attributes count who is in them, and
 * opening and closing is locked out.  A control call that was on its way into the driver before the
 * guard came up is seen nowhere but on its stack, and a task that runs has no stack to look at.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kallsyms.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/stop_machine.h>
#include "block.h"

#define SEGUE_BLOCK_FRAMES	48

/* For how many tasks that run there is room, for each CPU: they change while the search goes on. */
#define SEGUE_BLOCK_RUNNING	16

/* How long a control call may take before the swap is given up. */
#define SEGUE_BLOCK_CALL_MS	5000

/**
 * struct segue_block_search - a search for tasks in control calls
 * @block: the disks
 * @frames: of the task that is looked at
 * @depth: how many it has
 * @caller: process that is in a call
 * @room: for how many tasks there is room
 * @count: how many there are
 * @running: tasks that ran when they were looked at, referenced
 */
struct segue_block_search {
	const struct segue_block *block;
	unsigned long frames[SEGUE_BLOCK_FRAMES];
	unsigned int depth;
	pid_t caller;
	unsigned int room;
	unsigned int count;
	struct task_struct *running[];
};

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

/* Its stack says nothing while it runs, or if it ran while the stack was read. */
static bool segue_block_reads_stack(struct segue_block_search *search, struct task_struct *task)
{
	unsigned long switches = READ_ONCE(task->nvcsw) + READ_ONCE(task->nivcsw);

	search->depth = static_call(segue_stack_trace_save_tsk)(task, search->frames,
								SEGUE_BLOCK_FRAMES, 0);
	/* The frames are read before the signs of a task that has run meanwhile. */
	smp_rmb();
	return !READ_ONCE(task->on_cpu) &&
	       switches == READ_ONCE(task->nvcsw) + READ_ONCE(task->nivcsw);
}

static bool segue_block_calls(const struct segue_block_search *search)
{
	bool inside = false;
	unsigned int i;

	for (i = 0; !inside && i < search->depth; i++)
		inside = segue_block_of_driver(search->block, search->frames[i]);
	if (!inside)
		return false;
	while (i < search->depth)
		if (segue_block_is_control_call(search->frames[i++]))
			return true;
	return false;
}

/* While no task runs: look at those that ran before. */
static int segue_block_look_again(void *data)
{
	struct segue_block_search *search = data;
	unsigned int i;

	for (i = 0; !search->caller && i < search->count; i++) {
		if (segue_block_reads_stack(search, search->running[i]) &&
		    segue_block_calls(search))
			search->caller = task_tgid_nr(search->running[i]);
	}
	return 0;
}

static void segue_block_look_at_task(struct segue_block_search *search, struct task_struct *task)
{
	if (segue_block_reads_stack(search, task)) {
		if (segue_block_calls(search))
			search->caller = task_tgid_nr(task);
	} else if (search->count < search->room) {
		get_task_struct(task);
		search->running[search->count++] = task;
	} else {
		/* It may be in a call, and the next search will know. */
		search->caller = task_tgid_nr(task);
	}
}

/*
 * The process that calls, 0 for none. A task that is seen outside of a call while the disks are
 * guarded gets into none, so it is enough to see each of them once, and to stop the machine for
 * those few that run.
 */
static pid_t segue_block_caller(struct segue_block_search *search)
{
	struct task_struct *process, *task;

	search->caller = 0;
	search->count = 0;
	rcu_read_lock();
	for_each_process_thread(process, task)
		if (!search->caller && task != current && !(task->flags & PF_KTHREAD))
			segue_block_look_at_task(search, task);
	rcu_read_unlock();
	if (!search->caller && search->count)
		stop_machine(segue_block_look_again, search, NULL);
	while (search->count)
		put_task_struct(search->running[--search->count]);
	return search->caller;
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
	const unsigned int room = SEGUE_BLOCK_RUNNING * num_online_cpus();
	struct segue_block_search *search;
	pid_t caller;

	search = kvzalloc(struct_size(search, running, room), GFP_KERNEL);
	if (!search)
		return -ENOMEM;
	search->block = block;
	search->room = room;
	while ((caller = segue_block_caller(search)) && time_before(jiffies, end))
		usleep_range(1000, 2000);
	kvfree(search);
	if (!caller)
		return 0;
	segue_found_text(found, SEGUE_SEVERITY_IMPOSSIBLE,
			 "a control call (ioctl) of process %d to a disk does not come to its end",
			 caller);
	return -EBUSY;
}

// SPDX-License-Identifier: GPL-2.0
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/stop_machine.h>
#include "compat.h"
#include "quiet.h"

#define SEGUE_QUIET_FRAMES	48

/* For how many tasks that run there is room, for each CPU: they change while the search goes on. */
#define SEGUE_QUIET_RUNNING	16

/**
 * struct segue_quiet - a search for tasks that are inside
 * @inside: says so
 * @context: for @inside
 * @frames: of the task that is looked at
 * @depth: how many it has
 * @caller: process that is inside
 * @room: for how many tasks there is room
 * @count: how many there are
 * @running: tasks that ran when they were looked at, referenced
 */
struct segue_quiet {
	segue_quiet_inside *inside;
	const void *context;
	unsigned long frames[SEGUE_QUIET_FRAMES];
	unsigned int depth;
	pid_t caller;
	unsigned int room;
	unsigned int count;
	struct task_struct *running[];
};

/* Its stack says nothing while it runs, or if it ran while the stack was read. */
static bool segue_quiet_reads_stack(struct segue_quiet *search, struct task_struct *task)
{
	unsigned long switches = READ_ONCE(task->nvcsw) + READ_ONCE(task->nivcsw);

	search->depth = static_call(segue_stack_trace_save_tsk)(task, search->frames,
								SEGUE_QUIET_FRAMES, 0);
	/* The frames are read before the signs of a task that has run meanwhile. */
	smp_rmb();
	return !READ_ONCE(task->on_cpu) &&
	       switches == READ_ONCE(task->nvcsw) + READ_ONCE(task->nivcsw);
}

static bool segue_quiet_is_inside(const struct segue_quiet *search)
{
	return search->inside(search->context, search->frames, search->depth);
}

/* While no task runs: look at those that ran before. */
static int segue_quiet_look_again(void *data)
{
	struct segue_quiet *search = data;
	unsigned int i;

	for (i = 0; !search->caller && i < search->count; i++) {
		if (segue_quiet_reads_stack(search, search->running[i]) &&
		    segue_quiet_is_inside(search))
			search->caller = task_tgid_nr(search->running[i]);
	}
	return 0;
}

static void segue_quiet_look_at_task(struct segue_quiet *search, struct task_struct *task)
{
	if (segue_quiet_reads_stack(search, task)) {
		if (segue_quiet_is_inside(search))
			search->caller = task_tgid_nr(task);
	} else if (search->count < search->room) {
		get_task_struct(task);
		search->running[search->count++] = task;
	} else {
		/* It may be inside, and the next search will know. */
		search->caller = task_tgid_nr(task);
	}
}

/*
 * The process that is inside, 0 for none. A task that is seen outside while the guard is up gets
 * inside no more, so it is enough to see each of them once, and to stop the machine for those few
 * that run.
 */
static pid_t segue_quiet_caller(struct segue_quiet *search)
{
	struct task_struct *process, *task;

	search->caller = 0;
	search->count = 0;
	rcu_read_lock();
	for_each_process_thread(process, task)
		if (!search->caller && task != current && !(task->flags & PF_KTHREAD))
			segue_quiet_look_at_task(search, task);
	rcu_read_unlock();
	if (!search->caller && search->count)
		stop_machine(segue_quiet_look_again, search, NULL);
	while (search->count)
		put_task_struct(search->running[--search->count]);
	return search->caller;
}

/**
 * segue_quiet_wait - wait until no user task is inside
 * @inside: tells by a task's stack
 * @context: for @inside
 * @ms: how long to wait
 * @caller: gets a process that is inside after all
 *
 * Context: process, sleeps. Return: 0, -EBUSY with a process in @caller, or -ENOMEM.
 */
int segue_quiet_wait(segue_quiet_inside *inside, const void *context, unsigned int ms,
		     pid_t *caller)
{
	unsigned long end = jiffies + msecs_to_jiffies(ms);
	const unsigned int room = SEGUE_QUIET_RUNNING * num_online_cpus();
	struct segue_quiet *search = kvzalloc(struct_size(search, running, room), GFP_KERNEL);

	if (!search)
		return -ENOMEM;
	search->inside = inside;
	search->context = context;
	search->room = room;
	while ((*caller = segue_quiet_caller(search)) && time_before(jiffies, end))
		usleep_range(1000, 2000);
	kvfree(search);
	return *caller ? -EBUSY : 0;
}
EXPORT_SYMBOL_GPL(segue_quiet_wait);

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waiting for tasks that nothing but their stacks tell of: those that were on their way into a
 * driver before a guard came up.
 *
 * A class shadow calls this when its guard is up, so that no task comes to such a place any more.
 * Each user task is looked at once; a task that runs has no stack that could be read, so those few
 * are looked at again while the machine is stopped.  No lock is taken that a task could hold.
 */
#ifndef _SEGUE_QUIET_H
#define _SEGUE_QUIET_H

#include <linux/types.h>

/**
 * typedef segue_quiet_inside - is the task inside?
 * @context: the caller's own
 * @frames: return addresses on its stack, the innermost first
 * @depth: how many
 *
 * Context: RCU, or the machine is stopped: must not sleep or lock.
 */
typedef bool segue_quiet_inside(const void *context, const unsigned long *frames,
				unsigned int depth);

int segue_quiet_wait(segue_quiet_inside *inside, const void *context, unsigned int ms,
		     pid_t *caller);

#endif /* _SEGUE_QUIET_H */

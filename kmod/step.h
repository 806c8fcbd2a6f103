/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The step runner: a table of {do, undo} run by one loop, as CPU hotplug runs its states.
 *
 * Pure logic: compiled in user space as well, for the unit tests.  The runner neither sleeps nor
 * locks by itself; what the steps do is theirs.
 */
#ifndef _SEGUE_STEP_H
#define _SEGUE_STEP_H

#include <linux/types.h>

/**
 * struct segue_step_ops - one row of the table
 * @id: &enum segue_step
 * @name: the same in words, for the fail-at-step knob and the trace
 * @run: does the step; returns 0 or a negative error. A step that fails leaves nothing behind: its
 *	own
 *	@undo is not called
 * @undo: takes the step back. May not fail: what cannot be taken back is put into a named state in
 *	@ctx
 */
struct segue_step_ops {
	unsigned int id;
	const char *name;
	int (*run)(void *ctx);
	void (*undo)(void *ctx);
};

/**
 * struct segue_step_watch - who is told
 * @begin: a step or its undoing is about to begin; returns a negative error to fail it (test knob),
 *	which is ignored for an undo
 * @end: it has ended
 */
struct segue_step_watch {
	int (*begin)(void *ctx, const struct segue_step_ops *step, bool undo);
	void (*end)(void *ctx, const struct segue_step_ops *step, bool undo, int err);
};

int segue_steps_run(const struct segue_step_ops *steps, unsigned int count,
		    const struct segue_step_watch *watch, void *ctx);
void segue_steps_undo(const struct segue_step_ops *steps, unsigned int done,
		      const struct segue_step_watch *watch, void *ctx);

#endif /* _SEGUE_STEP_H */

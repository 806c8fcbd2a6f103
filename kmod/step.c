// SPDX-License-Identifier: GPL-2.0
#include "step.h"

/**
 * segue_steps_undo - take back the first steps of a table, last one first
 * @steps: table
 * @done: how many of them were done
 * @watch: who is told
 * @ctx: for the steps
 */
void segue_steps_undo(const struct segue_step_ops *steps, unsigned int done,
		      const struct segue_step_watch *watch, void *ctx)
{
	while (done--) {
		const struct segue_step_ops *step = &steps[done];

		if (!step->undo)
			continue;
		watch->begin(ctx, step, true);
		step->undo(ctx);
		watch->end(ctx, step, true, 0);
	}
}

/**
 * segue_steps_run - run a table; when a step fails, undo those before it
 * @steps: table
 * @count: its length
 * @watch: who is told
 * @ctx: for the steps
 *
 * Return: 0, or the error of the step that failed, after everything before it was undone.
 */
int segue_steps_run(const struct segue_step_ops *steps, unsigned int count,
		    const struct segue_step_watch *watch, void *ctx)
{
	unsigned int i;
	int err;

	for (i = 0; i < count; i++) {
		err = watch->begin(ctx, &steps[i], false);
		if (!err)
			err = steps[i].run(ctx);
		watch->end(ctx, &steps[i], false, err);
		if (err) {
			segue_steps_undo(steps, i, watch, ctx);
			return err;
		}
	}
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/* The step runner of the kernel module, compiled for user space. */
#include "unit.h"
#include "../../kmod/step.h"

#define STEPS 4

/* What happened, as a word: digits run, letters undo, '!' a failure seen by the watch. */
struct run {
	char log[64];
	int fail_run;
	int fail_begin;
};

static void note(struct run *run, char what)
{
	size_t length = strlen(run->log);

	if (length + 1 < sizeof(run->log))
		run->log[length] = what;
}

static int step_run(struct run *run, int number)
{
	if (run->fail_run == number)
		return -5;
	note(run, '0' + number);
	return 0;
}

#define STEP(number)								\
	static int run_##number(void *ctx) { return step_run(ctx, number); }	\
	static void undo_##number(void *ctx) { note(ctx, 'a' + (number)); }

STEP(0)
STEP(1)
STEP(3)

static int run_2(void *ctx)
{
	return step_run(ctx, 2);
}

/* The third has nothing to undo. */
static const struct segue_step_ops steps[STEPS] = {
	{ 0, "zero", run_0, undo_0 },
	{ 1, "one", run_1, undo_1 },
	{ 2, "two", run_2, NULL },
	{ 3, "three", run_3, undo_3 },
};

static int watch_begin(void *ctx, const struct segue_step_ops *step, bool undo)
{
	struct run *run = ctx;

	(void)undo;
	return run->fail_begin == (int)step->id ? -7 : 0;
}

static void watch_end(void *ctx, const struct segue_step_ops *step, bool undo, int err)
{
	(void)step;
	(void)undo;
	if (err)
		note(ctx, '!');
}

static const struct segue_step_watch watch = { watch_begin, watch_end };

static int run_all(struct run *run, int fail_run, int fail_begin)
{
	memset(run, 0, sizeof(*run));
	run->fail_run = fail_run;
	run->fail_begin = fail_begin;
	return segue_steps_run(steps, STEPS, &watch, run);
}

static void test_all_run(void)
{
	struct run run;

	CHECK(run_all(&run, -1, -1) == 0);
	CHECK_TEXT(run.log, "0123");
}

/* What was done is undone in reverse; the step that failed is not undone. */
static void test_failure_undoes(void)
{
	static const char *const logs[STEPS] = { "!", "0!a", "01!ba", "012!ba" };
	struct run run;
	int i;

	for (i = 0; i < STEPS; i++) {
		CHECK(run_all(&run, i, -1) == -5);
		CHECK_TEXT(run.log, logs[i]);
	}
}

/* The knob fails a step before it runs; an undo goes on whatever the watch says. */
static void test_watch_fails(void)
{
	struct run run;

	CHECK(run_all(&run, -1, 2) == -7);
	CHECK_TEXT(run.log, "01!ba");
	CHECK(run_all(&run, 3, 0) == -7);
	CHECK_TEXT(run.log, "!");
}

static void test_empty(void)
{
	struct run run = { .fail_run = -1, .fail_begin = -1 };

	CHECK(segue_steps_run(steps, 0, &watch, &run) == 0);
	segue_steps_undo(steps, 0, &watch, &run);
	CHECK_TEXT(run.log, "");
}

int main(void)
{
	test_all_run();
	test_failure_undoes();
	test_watch_fails();
	test_empty();
	return unit_end();
}

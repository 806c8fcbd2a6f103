// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include "bus.h"
#include "class.h"
#include "debug.h"
#include "device.h"
#include "event.h"
#include "generation.h"
#include "irq.h"
#include "names.h"
#include "part.h"
#include "session.h"
#include "step.h"
#include "swap.h"
#include "target.h"

struct module *segue_target_module(const struct segue_target *target)
{
	return target->to ? target->to->module : NULL;
}
EXPORT_SYMBOL_GPL(segue_target_module);

struct module *segue_target_module_back(const struct segue_target *target)
{
	return target->back && !target->spared ? target->back->module : NULL;
}
EXPORT_SYMBOL_GPL(segue_target_module_back);

/* Findings are reported when they are made; a dump has no swap and reports the list itself. */
void segue_target_report(struct segue_target *target)
{
	struct segue_finding *finding;

	if (target->swap)
		list_for_each_entry(finding, &target->found.list, node)
			segue_event_finding(target, finding);
}

/* Report what a step found, and decide.  The list starts anew with each step. */
static int segue_target_judge(struct segue_target *target)
{
	enum segue_severity worst = target->found.worst;

	if (target->found.lost)
		worst = max(worst, SEGUE_SEVERITY_INCOMPATIBLE);
	segue_target_report(target);
	segue_findings_free(&target->found);
	segue_findings_init(&target->found);
	if (worst == SEGUE_SEVERITY_IMPOSSIBLE)
		return -EOPNOTSUPP;
	if (worst == SEGUE_SEVERITY_INCOMPATIBLE && !segue_swap_allows_incompatible(target->swap))
		return -EMEDIUMTYPE;
	return 0;
}

static void segue_target_enter(struct segue_probe *probe)
{
	struct segue_target *target = probe->context;

	segue_session_actor(current);
	target->class->enter(target);
}

static int segue_target_leave(struct segue_probe *probe, int result)
{
	struct segue_target *target = probe->context;

	result = target->class->leave(target, result);
	segue_session_actor(target->thread);
	return result;
}

struct wait_queue_head segue_target_waiters =
	__WAIT_QUEUE_HEAD_INITIALIZER(segue_target_waiters);
EXPORT_SYMBOL_GPL(segue_target_waiters);

/* A driver that finds out after its probe that it cannot go on gives the device up by itself. */
static int segue_target_event(struct notifier_block *watch, unsigned long event, void *data)
{
	struct segue_target *target = container_of(watch, struct segue_target, watch);

	if (event == BUS_NOTIFY_UNBOUND_DRIVER && data == target->dev) {
		WRITE_ONCE(target->left, true);
		segue_target_wake();
	}
	return NOTIFY_DONE;
}

/*
 * The probe has succeeded, but the driver may still be at work.  Return: 0, or an error after which
 * no driver has the device.
 */
static int segue_target_arrive(struct segue_target *target)
{
	int err;

	if (!target->class->arrive)
		return 0;
	err = target->class->arrive(target);
	if (err && !READ_ONCE(target->left)) {
		target->class->unbinding(target);
		device_release_driver(target->dev);
	}
	return err;
}

static int segue_target_probe(struct segue_target *target, struct segue_probe *probe)
{
	struct bus_type *bus = (struct bus_type *)target->dev->bus;
	int err;

	target->left = false;
	target->watch.notifier_call = segue_target_event;
	err = bus_register_notifier(bus, &target->watch);
	if (err)
		return err;
	err = segue_bus_bind(target->bus, probe);
	if (!err)
		err = segue_target_arrive(target);
	bus_unregister_notifier(bus, &target->watch);
	return err;
}

/* No driver has the device: whatever the last one left behind, the next one can probe it. */
static void segue_target_clean(struct segue_target *target, bool failed)
{
	/* One that was removed, or that somebody else has bound, is not ours to reset. */
	if (!device_is_registered(target->dev) || target->dev->driver)
		return;
	if (target->kept && !target->bus->kept(target->dev))
		target->kept = !target->bus->keep(target->dev);
	target->bus->sanitize(target->dev, failed);
}

/*
 * Have a generation probe the device.  The probe may run in another task, which is the actor then.
 * A standby generation matches nothing, so it is unmasked for the moment; no other device can
 * appear on the bus meanwhile, because the swap has the bus locked.
 */
static int segue_target_bind(struct segue_target *target, struct segue_generation *generation)
{
	struct segue_probe probe = {
		.dev = target->dev,
		.drv = generation->drv,
		.enter = segue_target_enter,
		.leave = segue_target_leave,
		.context = target,
	};
	bool masked = generation->masked;
	u64 since;
	int err;

	segue_generations_lock();
	err = segue_names_lend(generation);
	if (!err)
		segue_parts_lend(generation);
	segue_generations_unlock();
	if (err)
		return err;
	if (masked)
		target->bus->unmask(generation->drv, generation->ids);
	since = segue_driver_enter();
	err = segue_target_probe(target, &probe);
	segue_driver_leave(target, since);
	if (masked)
		target->bus->mask(generation->drv);
	segue_generations_lock();
	segue_parts_return(generation);
	segue_generations_unlock();
	if (err) {
		target->class->unbound(target);
		segue_target_clean(target, true);
	}
	return err;
}

static int segue_target_unbind(struct segue_target *target, bool failed)
{
	u64 since = segue_driver_enter();
	int err;

	target->class->unbinding(target);
	device_release_driver(target->dev);
	segue_driver_leave(target, since);
	err = target->class->unbound(target);
	if (target->gone)
		return -ENODEV;
	segue_target_clean(target, failed);
	return err;
}

static int segue_run_capture(void *ctx)
{
	struct segue_target *target = ctx;
	int err;

	err = segue_irqs_capture(target);
	if (err)
		return err;
	err = target->class->capture(target);
	if (err) {
		segue_irqs_forget(target);
		segue_target_judge(target);
	}
	return err;
}

static void segue_undo_capture(void *ctx)
{
	struct segue_target *target = ctx;

	if (target->degraded)
		return;
	target->class->forget(target);
	segue_irqs_forget(target);
}

static int segue_run_cover(void *ctx)
{
	struct segue_target *target = ctx;

	target->touched = true;
	return target->class->cover(target);
}

static void segue_undo_cover(void *ctx)
{
	struct segue_target *target = ctx;

	/* Without a driver there is nothing to let packets go to. */
	if (target->degraded)
		target->class->degrade(target);
	else
		target->class->uncover(target, !target->gone);
}

/*
 * The old generation gets the device back.  This is the one thing of a rollback that can fail; it
 * is not tried again and again, but ends in a named state.
 */
static void segue_target_restart(struct segue_target *target)
{
	int err = -ENODEV;

	if (target->gone)
		return;
	if (target->back) {
		err = segue_debug_fails("stop", true) ?
		      -EIO : segue_target_bind(target, target->back);
		if (!err) {
			err = target->class->replay(target);
			segue_irqs_replay(target);
			segue_target_judge(target);
			if (!err)
				return;
			target->class->close(target);
			segue_target_unbind(target, true);
		}
	}
	if (target->gone)
		return;
	pr_err("%s (%s): the old generation does not start again (error %d): DEGRADED; it stays without a driver, try another generation\n",
	       target->object, dev_name(target->dev), err);
	target->degraded = true;
	target->class->degrade(target);
}

static int segue_run_stop(void *ctx)
{
	struct segue_target *target = ctx;
	int err;

	err = target->class->close(target);
	if (err)
		return err;
	target->kept = !target->bus->keep(target->dev);
	if (!target->from)
		return 0;
	target->swap->stopped = true;
	err = segue_target_unbind(target, false);
	if (err)
		segue_target_restart(target);
	return err;
}

static void segue_undo_stop(void *ctx)
{
	segue_target_restart(ctx);
}

static int segue_run_start(void *ctx)
{
	struct segue_target *target = ctx;
	int err = segue_target_bind(target, target->to);

	if (err)
		segue_target_judge(target);
	return err;
}

static void segue_undo_start(void *ctx)
{
	struct segue_target *target = ctx;

	if (!target->gone)
		segue_target_unbind(target, true);
}

static int segue_run_compare(void *ctx)
{
	struct segue_target *target = ctx;
	int err = target->class->compare(target);

	return segue_target_judge(target) ?: err;
}

static int segue_run_replay(void *ctx)
{
	struct segue_target *target = ctx;
	int err = target->class->replay(target);
	int verdict;

	if (!err)
		segue_irqs_replay(target);
	verdict = segue_target_judge(target);
	if (!err && verdict)
		target->class->close(target);
	return err ?: verdict;
}

static void segue_undo_replay(void *ctx)
{
	struct segue_target *target = ctx;

	if (!target->gone)
		target->class->close(target);
}

static int segue_run_verify(void *ctx)
{
	struct segue_target *target = ctx;
	int err = target->class->verify(target);

	return segue_target_judge(target) ?: err;
}

static int segue_run_uncover(void *ctx)
{
	struct segue_target *target = ctx;

	if (target->gone)
		return -ENODEV;
	target->degraded = false;
	target->class->uncover(target, true);
	if (target->gone)
		return -ENODEV;
	target->class->forget(target);
	segue_irqs_forget(target);
	return 0;
}

#define SEGUE_STEP(_id, _name, _run, _undo)					\
	{ .id = SEGUE_STEP_##_id, .name = _name, .run = _run, .undo = _undo }

static const struct segue_step_ops segue_update_steps[] = {
	SEGUE_STEP(CAPTURE, "capture", segue_run_capture, segue_undo_capture),
	SEGUE_STEP(COVER, "cover", segue_run_cover, segue_undo_cover),
	SEGUE_STEP(STOP, "stop", segue_run_stop, segue_undo_stop),
	SEGUE_STEP(START, "start", segue_run_start, segue_undo_start),
	SEGUE_STEP(COMPARE, "compare", segue_run_compare, NULL),
	SEGUE_STEP(REPLAY, "replay", segue_run_replay, segue_undo_replay),
	SEGUE_STEP(VERIFY, "verify", segue_run_verify, NULL),
	/*
	 * No way back behind this one, and none is needed: it cannot fail but for the device's
	 * removal.
	 */
	SEGUE_STEP(UNCOVER, "uncover", segue_run_uncover, NULL),
};

static int segue_run_check(void *ctx)
{
	struct segue_target *target = ctx;
	int err = target->class->check(target);

	return segue_target_judge(target) ?: err;
}

static const struct segue_step_ops segue_check_steps[] = {
	SEGUE_STEP(CHECK, "check", segue_run_check, NULL),
};

static u64 segue_step_began;

static int segue_target_begin(void *ctx, const struct segue_step_ops *step, bool undo)
{
	struct segue_target *target = ctx;

	segue_event_step(target, undo ? SEGUE_EVENT_UNDO_BEGIN : SEGUE_EVENT_STEP_BEGIN, step->id,
			 0, 0);
	segue_debug_stall();
	target->driver_ns = 0;
	segue_step_began = ktime_get_ns();
	if (undo)
		return 0;
	target->step = step->id;
	return !target->swap->back && segue_debug_fails(step->name, false) ? -EIO : 0;
}

static void segue_target_end(void *ctx, const struct segue_step_ops *step, bool undo, int err)
{
	segue_event_step(ctx, undo ? SEGUE_EVENT_UNDO_END : SEGUE_EVENT_STEP_END, step->id,
			 ktime_get_ns() - segue_step_began, err);
}

static const struct segue_step_watch segue_target_watch = {
	.begin = segue_target_begin,
	.end = segue_target_end,
};

/* Without touching anything: can this device be swapped? */
int segue_target_look(struct segue_target *target)
{
	target->thread = current;
	target->err = segue_steps_run(segue_check_steps, ARRAY_SIZE(segue_check_steps),
				      &segue_target_watch, target);
	return target->err;
}

static enum segue_result segue_target_result(const struct segue_target *target)
{
	if (!target->err)
		return SEGUE_RESULT_DONE;
	if (target->gone)
		return SEGUE_RESULT_GONE;
	if (target->degraded)
		return SEGUE_RESULT_DEGRADED;
	return target->touched ? SEGUE_RESULT_ROLLED_BACK : SEGUE_RESULT_REFUSED;
}

/* Who has the device is what status shows; one that failed early is where it was. */
void segue_target_note(struct segue_target *target)
{
	const struct segue_generation *charge = target->err ? target->back : target->to;

	if (target->gone)
		return;
	if (target->from && target->dev->driver == target->from->drv)
		charge = target->from;
	if (target->degraded)
		segue_device_note(target, SEGUE_DEVICE_DEGRADED, 0);
	else
		segue_device_note(target, SEGUE_DEVICE_LIVE, charge ? charge->number : 0);
}

/*
 * The steps of the update, for one device.  Return: 0, or the error after which it was rolled back.
 */
int segue_target_swap(struct segue_target *target)
{
	/* The driver of the transport stays while ours is exchanged. */
	if (target->bus->transported)
		device_lock(target->dev->parent);
	segue_session_swaps(target->dev, target->to);
	target->err = segue_steps_run(segue_update_steps, ARRAY_SIZE(segue_update_steps),
				      &segue_target_watch, target);
	segue_session_swaps(NULL, NULL);
	if (target->kept)
		target->bus->release(target->dev);
	target->kept = false;
	if (target->bus->transported)
		device_unlock(target->dev->parent);
	segue_target_note(target);
	segue_event_device(target, segue_target_result(target));
	return target->err;
}

/* Turn a device around that was swapped, so that swapping it again takes it back. */
void segue_target_reverse(struct segue_target *target)
{
	struct segue_generation *to = target->back;

	target->from = target->to;
	target->back = target->to;
	target->to = to;
	target->touched = false;
	target->pause_ns = 0;
	target->held_ns = 0;
}

/**
 * segue_target_create - a device in a swap or in a check
 * @swap: the swap, NULL for a check
 * @driver: driver that the device belongs to
 * @dev: device
 *
 * The generation in charge stays loaded as long as the target lives.  No class is asked yet:
 * classes take locks of their own, under which modules are loaded, and a module that fails to load
 * waits for the caller's lock.
 *
 * Context: needs the lock of the generations. Return: the target, freed with
 * segue_target_free(), or an error pointer.
 */
struct segue_target *segue_target_create(struct segue_swap *swap, struct segue_driver *driver,
					 struct device *dev)
{
	struct segue_generation *from = dev->driver ? segue_generation_of(dev->driver) : NULL;
	struct segue_target *target;

	if (from && !try_module_get(from->module))
		return ERR_PTR(-EAGAIN);
	target = kzalloc(sizeof(*target), GFP_KERNEL);
	if (!target) {
		if (from)
			module_put(from->module);
		return ERR_PTR(-ENOMEM);
	}
	target->swap = swap;
	target->dev = get_device(dev);
	target->bus = driver->bus;
	target->from = from;
	target->back = from;
	target->module = from ? from->module : NULL;
	target->to = swap ? swap->to : from;
	/* Only a degraded device comes here without a driver; it stays so until another starts. */
	target->degraded = !dev->driver;
	INIT_LIST_HEAD(&target->irqs);
	segue_findings_init(&target->found);
	return target;
}

/* Context: without the lock of the generations. Return: 0, or -ENODEV if no class covers it. */
int segue_target_claim(struct segue_target *target)
{
	target->class = segue_class_get(target->dev);
	return target->class ? 0 : -ENODEV;
}

/* The findings stay in the target for the dump.  Context and return: as segue_target_claim(). */
int segue_target_check(struct segue_target *target)
{
	int err = segue_target_claim(target);

	if (!err)
		target->err = target->class->check(target);
	return err;
}

void segue_target_free(struct segue_target *target)
{
	if (target->class) {
		target->class->release(target);
		segue_class_put(target->class);
	}
	segue_irqs_forget(target);
	segue_findings_free(&target->found);
	put_device(target->dev);
	module_put(target->module);
	kfree(target);
}

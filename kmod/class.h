/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The interface between the core and a class shadow.
 *
 * A shadow covers for a driver while it is away: it impersonates the driver towards the kernel,
 * hands the kernel's object from one generation to the next, and carries the settings over (Swift
 * et al., "Live Update for Device Drivers", 2008).  It knows its class and no driver.  It registers
 * itself with the core; the core calls it in the swap's thread, except where noted, one swap at a
 * time.
 */
#ifndef _SEGUE_CLASS_H
#define _SEGUE_CLASS_H

#include <linux/device.h>
#include <linux/ktime.h>
#include <linux/notifier.h>
#include <linux/wait.h>
#include "finding.h"
#include "hook.h"

struct netlink_ext_ack;
struct segue_bus;
struct segue_generation;
struct segue_swap;

/**
 * struct segue_target - one device in a swap
 * @node: in &segue_swap.targets
 * @swap: the swap
 * @thread: the task that carries it out
 * @dev: device, referenced
 * @bus: its bus
 * @class: shadow that claims it
 * @shadow: the shadow's own
 * @from: generation that leaves, NULL for a degraded device
 * @to: generation that comes
 * @back: generation that gets the device if the swap fails: @from, or a spare copy of it
 * @module: of the generation in charge when the target was made; referenced
 * @found: findings, reported as they are made
 * @irqs: affinity of the interrupts, the irq unit's
 * @object: name of the kernel object that stays
 * @step: step that runs or that failed, &enum segue_step
 * @err: why it failed
 * @driver_ns: time spent in the drivers' own functions during this step
 * @held_ns: when the object was held, 0 before
 * @pause_ns: from then until it carried traffic again, 0 before
 * @kept: the bus keeps the device enabled
 * @gone: the device or its object was removed by somebody else
 * @degraded: the old generation would not start again; the shadow keeps covering
 * @touched: something that users could notice was done
 * @left: the driver has left the device since it was bound
 * @spared: of a check: there will be a spare copy of the generation in charge
 * @watch: notices that
 */
struct segue_target {
	struct list_head node;
	struct segue_swap *swap;
	struct task_struct *thread;
	struct device *dev;
	const struct segue_bus *bus;
	const struct segue_class *class;
	void *shadow;
	struct segue_generation *from;
	struct segue_generation *to;
	struct segue_generation *back;
	struct module *module;
	struct segue_findings found;
	struct list_head irqs;
	char object[SEGUE_NAME_LEN];
	unsigned int step;
	int err;
	u64 driver_ns;
	u64 held_ns;
	u64 pause_ns;
	bool kept;
	bool gone;
	bool degraded;
	bool touched;
	bool left;
	bool spared;
	struct notifier_block watch;
};

/**
 * struct segue_class - a class shadow
 * @node: in the list of classes
 * @name: "network"
 * @hooks: kernel functions that it redirects during a session
 * @claims: has this device an object of the class? Any context that may sleep
 * @check: find out, without touching anything, whether the object can be covered; sets the target's
 *	object name; allocates the shadow. Findings of severity IMPOSSIBLE refuse. Also called for a
 *	netlink dump, outside a swap: then @release follows at once
 * @release: free what @check allocated, unless the shadow keeps covering
 * @capture: read the settings while the driver runs
 * @forget: undo @capture
 * @cover: hold the object
 * @uncover: let go of it; @live tells whether a driver is in charge. Sets the target's @gone if
 *	that one has been unbound by somebody else
 * @close: end the driver's use of the hardware by the class's own rules, and impersonate it
 * @unbinding: the driver is about to be unbound, in this task
 * @unbound: it has been unbound, or its probe has failed: did it give the object back? Returns a
 *	negative error if not
 * @enter: the new driver's probe is about to run, in this task (which need not be the swap's)
 * @leave: it has run, in the same task, with this result; may replace the result
 * @arrive: the probe has succeeded, no lock is held: wait until the driver has taken all its
 *	objects, for classes whose drivers go on looking for them in other tasks; may be NULL
 * @compare: report what the new generation offers less than the old one
 * @replay: put the settings in, open, read back and report differences
 * @verify: has it carried real traffic within the bound
 * @degrade: no driver will start: leave the object in the class's honest idle state, covered
 * @removed: the device is being removed while degraded: let go of the object for good
 */
struct segue_class {
	struct list_head node;
	const char *name;
	struct segue_hook_set hooks;
	bool (*claims)(struct device *dev);
	int (*check)(struct segue_target *target);
	void (*release)(struct segue_target *target);
	int (*capture)(struct segue_target *target);
	void (*forget)(struct segue_target *target);
	int (*cover)(struct segue_target *target);
	void (*uncover)(struct segue_target *target, bool live);
	int (*close)(struct segue_target *target);
	void (*unbinding)(struct segue_target *target);
	int (*unbound)(struct segue_target *target);
	void (*enter)(struct segue_target *target);
	int (*leave)(struct segue_target *target, int result);
	int (*arrive)(struct segue_target *target);
	int (*compare)(struct segue_target *target);
	int (*replay)(struct segue_target *target);
	int (*verify)(struct segue_target *target);
	void (*degrade)(struct segue_target *target);
	void (*removed)(struct device *dev);
};

int segue_class_register(struct segue_class *class);
void segue_class_unregister(struct segue_class *class);
const struct segue_class *segue_class_get(struct device *dev);
void segue_class_put(const struct segue_class *class);
void segue_class_refuse(struct netlink_ext_ack *extack, const char *driver);

/* For shadows: the module of the generation that comes, or NULL. */
struct module *segue_target_module(const struct segue_target *target);

/* For shadows: the module of the generation that gets the device back; NULL: not loaded yet. */
struct module *segue_target_module_back(const struct segue_target *target);

/* For shadows: what the swap was asked for. */
bool segue_swap_allows_incompatible(const struct segue_swap *swap);
unsigned int segue_swap_carrier_ms(const struct segue_swap *swap);
unsigned int segue_swap_verify_ms(const struct segue_swap *swap);

/*
 * For shadows: wait in @arrive for a condition, until the driver leaves the device or a bound is
 * over. Whoever makes the condition true calls segue_target_wake().
 */
extern struct wait_queue_head segue_target_waiters;

#define segue_target_wait(target, condition, ms)				\
	wait_event_timeout(segue_target_waiters,				\
			   READ_ONCE((target)->left) || (condition), msecs_to_jiffies(ms))

static inline void segue_target_wake(void)
{
	wake_up_all(&segue_target_waiters);
}

/* For shadows: count time spent in a driver's function. Use in pairs, in one function. */
static inline u64 segue_driver_enter(void)
{
	return ktime_get_ns();
}

static inline void segue_driver_leave(struct segue_target *target, u64 since)
{
	target->driver_ns += ktime_get_ns() - since;
}

#endif /* _SEGUE_CLASS_H */

// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/suspend.h>
#include "bus.h"
#include "class.h"
#include "compat.h"
#include "device.h"
#include "event.h"
#include "generation.h"
#include "hook.h"
#include "names.h"
#include "part.h"
#include "session.h"
#include "swap.h"
#include "target.h"

/* Protects the status of the running or last swap, and the counter of swaps. */
static DEFINE_MUTEX(segue_swap_mutex);
static struct segue_swap_status segue_swap_last;

bool segue_swap_allows_incompatible(const struct segue_swap *swap)
{
	/* Going back is always compatible with what was there before. */
	return swap->back || swap->flags & SEGUE_FLAG_ALLOW_INCOMPATIBLE;
}
EXPORT_SYMBOL_GPL(segue_swap_allows_incompatible);

unsigned int segue_swap_carrier_ms(const struct segue_swap *swap)
{
	return swap->carrier_ms;
}
EXPORT_SYMBOL_GPL(segue_swap_carrier_ms);

/* What worked before need not prove itself again on the way back. */
unsigned int segue_swap_verify_ms(const struct segue_swap *swap)
{
	return swap->back ? 0 : swap->verify_ms;
}
EXPORT_SYMBOL_GPL(segue_swap_verify_ms);

void segue_swap_status(struct segue_swap_status *status)
{
	mutex_lock(&segue_swap_mutex);
	*status = segue_swap_last;
	mutex_unlock(&segue_swap_mutex);
}

static void segue_swap_begin_status(struct segue_swap *swap)
{
	mutex_lock(&segue_swap_mutex);
	swap->id = segue_swap_last.id + 1;
	memset(&segue_swap_last, 0, sizeof(segue_swap_last));
	segue_swap_last.id = swap->id;
	strscpy(segue_swap_last.driver, swap->driver, sizeof(segue_swap_last.driver));
	mutex_unlock(&segue_swap_mutex);
}

static void segue_swap_end_status(const struct segue_swap *swap)
{
	mutex_lock(&segue_swap_mutex);
	segue_swap_last.result = swap->result;
	segue_swap_last.err = swap->err;
	segue_swap_last.step = swap->step;
	mutex_unlock(&segue_swap_mutex);
}

static int segue_swap_promote(struct segue_generation *to, struct segue_generation *from)
{
	int err;

	segue_generations_lock();
	err = segue_generation_promote(to, from);
	segue_generations_unlock();
	return err;
}

/* Which generation is live after a swap that has failed? */
static struct segue_generation *segue_swap_heir(const struct segue_swap *swap)
{
	return swap->spare && swap->stopped ? swap->spare : swap->from;
}

/* Devices that were swapped before another one failed go back, last one first. */
static void segue_swap_back(struct segue_swap *swap, struct segue_target *failed)
{
	struct segue_target *target = failed;

	swap->back = true;
	if (swap->from)
		WARN_ON_ONCE(segue_swap_promote(segue_swap_heir(swap), swap->to));
	list_for_each_entry_continue_reverse(target, &swap->targets, node) {
		/* It had no driver before. */
		if (!target->from)
			continue;
		segue_target_reverse(target);
		if (segue_target_look(target) || segue_target_swap(target))
			pr_err("%s: could not be taken back to generation %u (error %d)\n",
			       target->object, target->to ? target->to->number : 0, target->err);
	}
}

static enum segue_result segue_swap_judge(const struct segue_swap *swap)
{
	enum segue_result result = SEGUE_RESULT_ROLLED_BACK;
	struct segue_target *target;

	if (!swap->err)
		return SEGUE_RESULT_DONE;
	list_for_each_entry(target, &swap->targets, node) {
		if (target->degraded)
			return SEGUE_RESULT_DEGRADED;
		if (target->gone)
			result = SEGUE_RESULT_GONE;
	}
	return result;
}

static void segue_swap_devices(struct segue_swap *swap)
{
	struct segue_target *target;

	list_for_each_entry(target, &swap->targets, node) {
		swap->err = segue_target_look(target);
		if (swap->err) {
			swap->result = SEGUE_RESULT_REFUSED;
			segue_event_device(target, SEGUE_RESULT_REFUSED);
			return;
		}
	}
	swap->err = segue_swap_promote(swap->to, swap->from);
	if (swap->err) {
		swap->result = SEGUE_RESULT_REFUSED;
		return;
	}
	list_for_each_entry(target, &swap->targets, node) {
		swap->err = segue_target_swap(target);
		if (swap->err) {
			segue_swap_back(swap, target);
			break;
		}
	}
	swap->result = segue_swap_judge(swap);
}

/*
 * A swap that failed gives back the references that it took.  After one that succeeded, the
 * generation in charge may be unloaded by its user again, and the other waits for a commit.
 */
static void segue_swap_unpin(struct segue_swap *swap)
{
	bool replaced = swap->from && segue_swap_heir(swap) != swap->from &&
			!segue_generation_devices(swap->from);
	bool done = swap->result == SEGUE_RESULT_DONE;

	if (done || swap->pinned_to)
		segue_generation_unpin(swap->to);
	/* A degraded device is compared with the tables of the generation that it had last. */
	if (swap->result == SEGUE_RESULT_DEGRADED)
		return;
	/* Of the two copies of the old generation one is of no use any more. */
	if (replaced || (!done && swap->pinned_from))
		segue_generation_unpin(swap->from);
	if (swap->pinned_spare && !(replaced && done))
		segue_generation_unpin(swap->spare);
}

/* The copy that has got the devices, or would have, is the old generation from now on. */
static void segue_swap_settle(struct segue_swap *swap)
{
	struct segue_target *target;

	if (!swap->spare || !swap->stopped || swap->result == SEGUE_RESULT_DEGRADED)
		return;
	segue_generations_lock();
	segue_generation_stand_in(swap->spare, swap->from);
	segue_generations_unlock();
	list_for_each_entry(target, &swap->targets, node)
		segue_target_note(target);
}

/* It never began. */
static void segue_swap_refuse(struct segue_swap *swap)
{
	swap->result = SEGUE_RESULT_REFUSED;
	segue_swap_unpin(swap);
}

static void segue_swap_free_targets(struct segue_swap *swap)
{
	struct segue_target *target, *next;

	list_for_each_entry_safe(target, next, &swap->targets, node) {
		if (target->err)
			swap->step = target->step;
		list_del(&target->node);
		segue_target_free(target);
	}
}

/*
 * A writer of sriov_numvfs that came before the hooks has a device locked and is about to take the
 * bus's lock: let it through.  Later ones are refused.
 */
static void segue_swap_let_pass(struct segue_swap *swap)
{
	struct segue_target *target;

	list_for_each_entry(target, &swap->targets, node) {
		device_lock(target->dev);
		device_unlock(target->dev);
	}
}

static int segue_swap_refuse_sleep(struct notifier_block *watch, unsigned long event, void *data)
{
	switch (event) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		return notifier_from_errno(-EBUSY);
	default:
		return NOTIFY_DONE;
	}
}

static struct notifier_block segue_swap_sleep = {
	.notifier_call = segue_swap_refuse_sleep,
};

/*
 * The machine may not fall asleep with a device that has no driver.  Its lock is held only until it
 * is awake for sure: drivers take it, too, in tasks that a swap waits for.
 */
static void segue_swap_forbid_sleep(void)
{
	unsigned int sleep = lock_system_sleep();

	register_pm_notifier(&segue_swap_sleep);
	unlock_system_sleep(sleep);
}

static int segue_swap_thread(void *data)
{
	struct segue_swap *swap = data;
	const struct segue_bus *bus = swap->bus;

	segue_session_actor(current);
	segue_event_swap(swap, SEGUE_EVENT_SWAP_BEGIN);
	/*
	 * Callbacks of a shared hotplug state belong to one generation at a time: none may run now.
	 */
	cpu_hotplug_disable();
	segue_swap_forbid_sleep();
	segue_swap_let_pass(swap);
	bus->lock();
	segue_swap_devices(swap);
	segue_swap_settle(swap);
	bus->unlock();
	unregister_pm_notifier(&segue_swap_sleep);
	cpu_hotplug_enable();
	segue_session_actor(NULL);
	segue_swap_free_targets(swap);
	segue_generations_lock();
	segue_swap_unpin(swap);
	segue_generations_unlock();
	/* Who is told of the end may commit or begin another swap at once. */
	segue_session_release();
	segue_swap_end_status(swap);
	segue_event_swap(swap, SEGUE_EVENT_SWAP_END);
	kfree(swap);
	module_put_and_kthread_exit(0);
}

struct segue_swap_collect {
	struct segue_swap *swap;
	struct segue_driver *driver;
	const char *only;
	unsigned int others;
	int err;
};

static int segue_swap_add(struct segue_swap_collect *collect, struct device *dev)
{
	struct segue_target *target;

	if (collect->only && strcmp(collect->only, dev_name(dev))) {
		collect->others++;
		return 0;
	}
	target = segue_target_create(collect->swap, collect->driver, dev);
	if (IS_ERR(target)) {
		collect->err = PTR_ERR(target);
		return collect->err;
	}
	list_add_tail(&target->node, &collect->swap->targets);
	collect->swap->devices++;
	return 0;
}

static int segue_swap_visit(struct device *dev, void *data)
{
	return segue_swap_add(data, dev);
}

static int segue_swap_visit_degraded(const struct segue_device *device, void *data)
{
	struct segue_swap_collect *collect = data;

	if (device->state != SEGUE_DEVICE_DEGRADED ||
	    strcmp(device->driver, collect->driver->name) ||
	    strcmp(device->bus, collect->driver->bus->name))
		return 0;
	return segue_swap_add(collect, device->dev);
}

/* Every device of the driver that is not with the new generation yet, and every degraded one. */
static int segue_swap_collect(struct segue_swap_collect *collect, struct netlink_ext_ack *extack)
{
	struct segue_generation *generation;

	list_for_each_entry(generation, &collect->driver->generations, node) {
		if (generation == collect->swap->to)
			continue;
		if (driver_for_each_device(generation->drv, NULL, collect, segue_swap_visit))
			break;
	}
	if (!collect->err)
		segue_devices_walk(segue_swap_visit_degraded, collect);
	if (collect->err == -EAGAIN)
		segue_refuse(extack, "a module of driver %s is just being unloaded",
			     collect->driver->name);
	if (collect->err)
		return collect->err;
	if (list_empty(&collect->swap->targets)) {
		segue_refuse(extack, "driver %s has no %sdevice that generation %u is not in charge of already",
			     collect->driver->name, collect->only ? "such " : "",
			     collect->swap->to->number);
		return -ENODEV;
	}
	if (collect->others && (!list_empty(&collect->swap->to->cpuhp) ||
				segue_names_has_class(collect->swap->to, NULL) ||
				!list_empty(&collect->swap->to->parts))) {
		segue_refuse(extack, "generations of driver %s share what exists once (a CPU hotplug state, a device class, a driver on another bus), so all devices must be updated together; leave --device out",
			     collect->driver->name);
		return -EINVAL;
	}
	return 0;
}

/* Without the lock of the generations, see segue_target_create(). */
static int segue_swap_claim(struct segue_swap *swap, struct netlink_ext_ack *extack)
{
	struct segue_target *target;
	int err = 0;

	list_for_each_entry(target, &swap->targets, node) {
		err = segue_target_claim(target);
		if (err)
			break;
	}
	if (err)
		segue_class_refuse(extack, swap->driver);
	return err;
}

/* The modules of both generations are pinned. */
static int segue_swap_follow(const struct segue_swap *swap, struct netlink_ext_ack *extack)
{
	int err = segue_hooks_follow(swap->to->module, extack);

	if (!err && swap->from)
		err = segue_hooks_follow(swap->from->module, extack);
	if (!err && swap->spare)
		err = segue_hooks_follow(swap->spare->module, extack);
	return err;
}

static int segue_swap_pin(struct segue_swap *swap)
{
	int err;

	swap->pinned_to = !swap->to->pinned;
	err = segue_generation_pin(swap->to);
	if (err || !swap->from)
		return err;
	swap->pinned_from = !swap->from->pinned;
	err = segue_generation_pin(swap->from);
	if (err || !swap->spare)
		return err;
	swap->pinned_spare = !swap->spare->pinned;
	return segue_generation_pin(swap->spare);
}

/* Return: 0, or -EINVAL if no such copy can go in the place of the live generation. */
static int segue_swap_find_spare(struct segue_swap *swap, struct segue_driver *driver, u32 number,
				 struct netlink_ext_ack *extack)
{
	struct segue_generation *spare = segue_generation_find(driver, number);

	if (!number)
		return 0;
	if (!swap->from || !spare || spare == swap->to || spare->role != SEGUE_ROLE_STANDBY ||
	    segue_generation_devices(spare)) {
		segue_refuse(extack, "generation %u of driver %s is no spare copy of the live one",
			     number, driver->name);
		return -EINVAL;
	}
	swap->spare = spare;
	return 0;
}

/* Devices that another generation than the live one has go back to that one. */
static void segue_swap_place_spare(struct segue_swap *swap)
{
	struct segue_target *target;

	list_for_each_entry(target, &swap->targets, node)
		if (swap->spare && target->from == swap->from)
			target->back = swap->spare;
}

static int segue_swap_prepare(struct segue_swap *swap, const struct segue_swap_request *request,
			      struct netlink_ext_ack *extack)
{
	struct segue_swap_collect collect = { .swap = swap, .only = request->device };
	struct segue_driver *driver = segue_driver_find(request->bus, request->driver);
	int err;

	swap->to = driver ? segue_generation_find(driver, request->generation) : NULL;
	if (!swap->to) {
		segue_refuse(extack, "driver %s has no generation %u; see segue status",
			     request->driver, request->generation);
		return -ENOENT;
	}
	swap->from = segue_generation_live(driver);
	strscpy(swap->driver, driver->name, sizeof(swap->driver));
	swap->bus = driver->bus;
	swap->number = swap->to->number;
	collect.driver = driver;
	err = segue_swap_find_spare(swap, driver, request->spare, extack);
	if (err)
		return err;
	err = segue_parts_look(driver);
	if (err == -EAGAIN)
		segue_refuse(extack, "what is below a device of driver %s is just being bound or unbound; try again",
			     driver->name);
	if (err)
		return err;
	err = segue_swap_pin(swap);
	if (err) {
		segue_refuse(extack, "a module of driver %s is just being unloaded", driver->name);
		return err;
	}
	err = segue_parts_check(swap->to, swap->from, extack);
	err = err ?: segue_swap_collect(&collect, extack);
	segue_swap_place_spare(swap);
	return err;
}

static int segue_swap_launch(struct segue_swap *swap, u32 *id)
{
	struct task_struct *thread;

	segue_swap_begin_status(swap);
	*id = swap->id;
	__module_get(THIS_MODULE);
	thread = kthread_run(segue_swap_thread, swap, "segue/%u", swap->id);
	if (IS_ERR(thread)) {
		module_put(THIS_MODULE);
		return PTR_ERR(thread);
	}
	return 0;
}

/**
 * segue_swap_start - begin a swap
 * @request: what was asked for; strings need not outlive the call
 * @id: gets the number of the swap
 * @extack: gets the reason of a refusal
 *
 * Context: process. Return: 0, and the swap runs in a thread of its own; or a negative error, and
 * nothing has happened.
 */
int segue_swap_start(const struct segue_swap_request *request, u32 *id,
		     struct netlink_ext_ack *extack)
{
	struct segue_swap *swap;
	int err;

	err = segue_session_hold(request->portid, extack);
	if (err)
		return err;
	swap = kzalloc(sizeof(*swap), GFP_KERNEL);
	if (!swap) {
		segue_session_release();
		return -ENOMEM;
	}
	INIT_LIST_HEAD(&swap->targets);
	swap->flags = request->flags;
	swap->carrier_ms = request->carrier_ms;
	swap->verify_ms = request->verify_ms;
	segue_generations_lock();
	err = segue_swap_prepare(swap, request, extack);
	/* Still under the lock: a module that is going takes its generation along. */
	if (err && swap->to)
		segue_swap_refuse(swap);
	segue_generations_unlock();
	if (!err) {
		err = segue_swap_follow(swap, extack) ?: segue_swap_claim(swap, extack) ?:
		      segue_swap_launch(swap, id);
		if (err) {
			segue_generations_lock();
			segue_swap_refuse(swap);
			segue_generations_unlock();
		}
	}
	if (err) {
		segue_swap_free_targets(swap);
		segue_session_release();
		kfree(swap);
		return err;
	}
	return 0;
}

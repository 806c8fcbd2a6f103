// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "bus.h"
#include "compat.h"
#include "generation.h"
#include "hook.h"
#include "part.h"

/* What the session's process has registered and belongs to no generation yet. */
static LIST_HEAD(segue_parts_met);

/* The generation of the session's driver that the process has registered, or NULL. */
static struct segue_generation *segue_parts_main;

/* The generation that probes and has parts, or NULL; read by the hook. */
static const struct segue_generation *segue_parts_probing;

static struct segue_part *segue_part_find(const struct list_head *list,
					  const struct segue_driver *driver)
{
	struct segue_part *part;

	list_for_each_entry(part, list, node)
		if (part->generation->driver == driver)
			return part;
	return NULL;
}

static void segue_part_unpin(struct segue_part *part)
{
	if (part->pinned)
		module_put(part->generation->module);
	part->pinned = false;
}

static void segue_part_free(struct segue_part *part)
{
	segue_part_unpin(part);
	list_del(&part->node);
	kfree(part);
}

/* There is one part of each driver; a newer one takes its place. */
static int segue_part_add(struct list_head *list, struct segue_generation *generation)
{
	struct segue_part *was = segue_part_find(list, generation->driver);
	struct segue_part *part = kzalloc(sizeof(*part), GFP_KERNEL);

	if (!part)
		return -ENOMEM;
	part->generation = generation;
	list_add_tail(&part->node, list);
	if (was)
		segue_part_free(was);
	return 0;
}

bool segue_parts_has(const struct segue_generation *generation,
		     const struct segue_generation *part)
{
	const struct segue_part *has = segue_part_find(&generation->parts, part->driver);

	return has && has->generation == part;
}

/* The generations that bring no part of this driver go on with the one in charge. */
static int segue_part_share(struct segue_driver *driver, struct segue_generation *live)
{
	struct segue_generation *generation;
	int err = 0;

	list_for_each_entry(generation, &driver->generations, node)
		if (!err && !segue_part_find(&generation->parts, live->driver))
			err = segue_part_add(&generation->parts, live);
	return err;
}

/**
 * segue_parts_see_live - take note of the part that is in charge, before another is held
 * @bus: a subordinate bus
 * @name: name of the part's driver
 * @driver: the driver that it is exchanged with
 *
 * Return: 0 or -ENOMEM.
 */
int segue_parts_see_live(const struct segue_bus *bus, const char *name,
			 struct segue_driver *driver)
{
	struct device_driver *drv = segue_bus_driver(bus, name);
	struct segue_generation *live;

	if (!drv || !driver)
		return 0;
	live = segue_generation_see(bus, name, drv, SEGUE_ROLE_LIVE);
	return live ? segue_part_share(driver, live) : -ENOMEM;
}

static int segue_parts_see_below(struct device *dev, void *driver)
{
	const struct segue_bus *bus = dev->bus ? segue_bus_find(dev->bus->name) : NULL;
	int err = 0;

	if (!bus || !bus->subordinate)
		return 0;
	/* Whoever has it may be waiting for users, and is not waited for here. */
	if (!device_trylock(dev))
		return -EAGAIN;
	if (dev->driver)
		err = segue_parts_see_live(bus, dev->driver->name, driver);
	device_unlock(dev);
	return err;
}

static int segue_parts_see_device(struct device *dev, void *driver)
{
	return device_for_each_child(dev, driver, segue_parts_see_below);
}

/**
 * segue_parts_look - take note of the parts that serve what is below a driver's devices
 * @driver: the driver
 *
 * Return: 0, -ENOMEM, or -EAGAIN if one is just being bound or unbound.
 */
int segue_parts_look(struct segue_driver *driver)
{
	struct segue_generation *generation;
	int err = 0;

	list_for_each_entry(generation, &driver->generations, node) {
		/* One that is about to go has unregistered its driver, or will while we look. */
		if (err || !try_module_get(generation->module))
			continue;
		err = driver_for_each_device(generation->drv, NULL, driver,
					     segue_parts_see_device);
		module_put(generation->module);
	}
	return err;
}

/**
 * segue_parts_keep - a generation was registered by the session's process
 * @generation: of the session's driver, or of a part
 * @live: the one in charge of the same driver, or NULL
 *
 * Modules are loaded in any order that their calls allow, so either may come first.
 *
 * Return: 0 or -ENOMEM; then the generation is to be forgotten.
 */
int segue_parts_keep(struct segue_generation *generation, struct segue_generation *live)
{
	struct segue_part *part;
	int err = 0;

	if (generation->driver->bus->subordinate)
		return segue_part_add(segue_parts_main ? &segue_parts_main->parts :
						       &segue_parts_met, generation);
	if (live)
		list_for_each_entry(part, &live->parts, node)
			err = err ?: segue_part_add(&generation->parts, part->generation);
	list_for_each_entry(part, &segue_parts_met, node)
		err = err ?: segue_part_add(&generation->parts, part->generation);
	if (err)
		return err;
	segue_parts_begin();
	segue_parts_main = generation;
	return 0;
}

void segue_parts_begin(void)
{
	struct segue_part *part, *next;

	list_for_each_entry_safe(part, next, &segue_parts_met, node)
		segue_part_free(part);
	segue_parts_main = NULL;
}

static void segue_parts_remove(struct list_head *list, const struct segue_generation *generation)
{
	struct segue_part *part = segue_part_find(list, generation->driver);

	if (part && part->generation == generation)
		segue_part_free(part);
}

/* Its module unloads. */
void segue_parts_forget(struct segue_generation *generation)
{
	struct segue_generation *other;
	struct segue_part *part, *next;
	struct segue_driver *driver;

	list_for_each_entry_safe(part, next, &generation->parts, node)
		segue_part_free(part);
	if (segue_parts_main == generation)
		segue_parts_main = NULL;
	segue_parts_remove(&segue_parts_met, generation);
	for (driver = segue_driver_next(NULL); driver; driver = segue_driver_next(driver))
		list_for_each_entry(other, &driver->generations, node)
			segue_parts_remove(&other->parts, generation);
}

/* Return: 0, or -ENODEV if a module is just being unloaded; then none is pinned. */
int segue_parts_pin(struct segue_generation *generation)
{
	struct segue_part *part;

	list_for_each_entry(part, &generation->parts, node) {
		if (part->pinned)
			continue;
		if (!try_module_get(part->generation->module)) {
			segue_parts_unpin(generation);
			return -ENODEV;
		}
		part->pinned = true;
	}
	return 0;
}

void segue_parts_unpin(struct segue_generation *generation)
{
	struct segue_part *part;

	list_for_each_entry(part, &generation->parts, node)
		segue_part_unpin(part);
}

/* Return: 0 or a negative error; the caller goes back by promoting the others. */
int segue_parts_promote(struct segue_generation *generation)
{
	struct segue_part *part;
	int err = 0;

	list_for_each_entry(part, &generation->parts, node)
		err = err ?: segue_generation_promote(part->generation,
					segue_generation_live(part->generation->driver));
	return err;
}

static bool segue_module_uses(const struct module *module, const struct module *library)
{
	const struct module_use *use;

	list_for_each_entry(use, &module->target_list, target_list)
		if (use->target == library || segue_module_uses(use->target, library))
			return true;
	return false;
}

struct segue_parts_search {
	const struct segue_generation *to;
	const struct segue_generation *from;
	struct netlink_ext_ack *extack;
};

/* Will it be in charge of nothing when the roles are exchanged? */
static bool segue_parts_gives_way(const struct segue_generation *to,
				  const struct segue_generation *part)
{
	return part && !segue_parts_has(to, part) &&
	       (part->role == SEGUE_ROLE_STANDBY || segue_part_find(&to->parts, part->driver));
}

static int segue_parts_check_driver(struct device_driver *drv, void *data)
{
	struct segue_parts_search *search = data;
	const struct module_use *use;

	if (!drv->owner || segue_parts_gives_way(search->to, segue_generation_of(drv)))
		return 0;
	list_for_each_entry(use, &drv->owner->target_list, target_list) {
		if (!segue_module_uses(search->from->module, use->target) ||
		    segue_module_uses(search->to->module, use->target))
			continue;
		segue_refuse(search->extack, "driver %s on bus %s goes with module %s, and the new driver with another version of that; give its module (%s) too, or unload it",
			     drv->name, drv->bus->name, use->target->name, drv->owner->name);
		return -EOPNOTSUPP;
	}
	return 0;
}

/**
 * segue_parts_check - would a driver on a subordinate bus meet devices it does not understand?
 * @to: generation that is to be live
 * @from: generation that is live, or NULL
 * @extack: gets the reason
 *
 * What drivers on both buses share is in a library module: with another version of that, one would
 * understand nothing of what the other hands it.  So no driver of the old library may stay.
 *
 * Return: 0 or -EOPNOTSUPP.
 */
int segue_parts_check(const struct segue_generation *to, const struct segue_generation *from,
		      struct netlink_ext_ack *extack)
{
	struct segue_parts_search search = { .to = to, .from = from, .extack = extack };

	if (!from || !from->module || !to->module)
		return 0;
	return segue_bus_walk_parts(segue_parts_check_driver, &search);
}

void segue_parts_lend(struct segue_generation *generation)
{
	struct segue_part *part;

	list_for_each_entry(part, &generation->parts, node) {
		struct segue_generation *own = part->generation;
		struct segue_generation *live = segue_generation_live(own->driver);

		if (!own->masked)
			continue;
		if (live)
			live->ids = live->driver->bus->mask(live->drv);
		own->driver->bus->unmask(own->drv, own->ids);
	}
	if (!list_empty(&generation->parts))
		WRITE_ONCE(segue_parts_probing, generation);
}

/* The roles have not changed meanwhile. */
void segue_parts_return(struct segue_generation *generation)
{
	struct segue_part *part;

	WRITE_ONCE(segue_parts_probing, NULL);
	list_for_each_entry(part, &generation->parts, node) {
		struct segue_generation *own = part->generation;
		struct segue_generation *live = segue_generation_live(own->driver);

		if (!own->masked)
			continue;
		own->driver->bus->mask(own->drv);
		if (live)
			live->driver->bus->unmask(live->drv, live->ids);
	}
}

static bool segue_parts_within(const struct module *module, unsigned long address)
{
	const struct module_use *use;

	if (!module)
		return false;
	if (within_module(address, module))
		return true;
	list_for_each_entry(use, &module->target_list, target_list)
		if (segue_parts_within(use->target, address))
			return true;
	return false;
}

/*
 * __request_module(), called by the driver that probes, its libraries or its parts.  Drivers probe
 * in kernel threads; whoever else calls the same library just now is a process.
 */
static bool segue_parts_asks(const struct pt_regs *regs)
{
	const struct segue_generation *generation = READ_ONCE(segue_parts_probing);
	unsigned long caller = *(const unsigned long *)regs->sp;
	const struct segue_part *part;

	if (!generation || !(current->flags & PF_KTHREAD))
		return false;
	list_for_each_entry(part, &generation->parts, node)
		if (segue_parts_within(part->generation->module, caller))
			return true;
	return segue_parts_within(generation->module, caller);
}

static int segue_parts_answer(bool wait, const char *fmt, ...)
{
	return -ENOENT;
}

static const struct segue_hook segue_parts_hooks[] = {
	{ "__request_module", segue_parts_answer, segue_parts_asks },
};

static struct segue_hook_set segue_parts_hook_set = {
	.owner = THIS_MODULE,
	.hooks = segue_parts_hooks,
	.count = ARRAY_SIZE(segue_parts_hooks),
};

int segue_parts_init(void)
{
	return segue_hooks_add(&segue_parts_hook_set);
}

void segue_parts_exit(void)
{
	segue_hooks_remove(&segue_parts_hook_set);
}

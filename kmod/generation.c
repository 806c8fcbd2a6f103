// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mutex.h>
#include <linux/slab.h>
#include "bus.h"
#include "generation.h"
#include "names.h"
#include "part.h"

static DEFINE_MUTEX(segue_generations_mutex);
static LIST_HEAD(segue_drivers);

void segue_generations_lock(void)
{
	mutex_lock(&segue_generations_mutex);
}

void segue_generations_unlock(void)
{
	mutex_unlock(&segue_generations_mutex);
}

/* The driver after @driver, or the first one; NULL after the last. */
struct segue_driver *segue_driver_next(struct segue_driver *driver)
{
	lockdep_assert_held(&segue_generations_mutex);
	if (!driver)
		return list_first_entry_or_null(&segue_drivers, struct segue_driver, node);
	return list_is_last(&driver->node, &segue_drivers) ? NULL : list_next_entry(driver, node);
}

/* @bus may be NULL: any bus. A driver is also found by the name that a generation registered. */
struct segue_driver *segue_driver_find(const char *bus, const char *name)
{
	struct segue_generation *generation;
	struct segue_driver *driver;

	lockdep_assert_held(&segue_generations_mutex);
	list_for_each_entry(driver, &segue_drivers, node) {
		if (bus && strcmp(driver->bus->name, bus))
			continue;
		if (!strcmp(driver->name, name))
			return driver;
		list_for_each_entry(generation, &driver->generations, node)
			if (!strcmp(generation->drv->name, name))
				return driver;
	}
	return NULL;
}

struct segue_generation *segue_generation_of(const struct device_driver *drv)
{
	struct segue_generation *generation;
	struct segue_driver *driver;

	lockdep_assert_held(&segue_generations_mutex);
	list_for_each_entry(driver, &segue_drivers, node)
		list_for_each_entry(generation, &driver->generations, node)
			if (generation->drv == drv)
				return generation;
	return NULL;
}

struct segue_generation *segue_generation_find(struct segue_driver *driver, u32 number)
{
	struct segue_generation *generation;

	lockdep_assert_held(&segue_generations_mutex);
	list_for_each_entry(generation, &driver->generations, node)
		if (generation->number == number)
			return generation;
	return NULL;
}

struct segue_generation *segue_generation_live(struct segue_driver *driver)
{
	struct segue_generation *generation;

	lockdep_assert_held(&segue_generations_mutex);
	list_for_each_entry(generation, &driver->generations, node)
		if (generation->role == SEGUE_ROLE_LIVE)
			return generation;
	return NULL;
}

static struct segue_driver *segue_driver_create(const struct segue_bus *bus, const char *name)
{
	struct segue_driver *driver = kzalloc(sizeof(*driver), GFP_KERNEL);

	if (!driver)
		return NULL;
	driver->bus = bus;
	strscpy(driver->name, name, sizeof(driver->name));
	INIT_LIST_HEAD(&driver->generations);
	list_add_tail(&driver->node, &segue_drivers);
	return driver;
}

/**
 * segue_generation_see - record a generation
 * @bus: its bus
 * @name: of the driver it is a generation of
 * @drv: what is, or is about to be, registered with the bus
 * @role: live for the running driver, standby for one that is held
 *
 * Return: the record, the existing one if @drv is known, or NULL for want of memory.
 */
struct segue_generation *segue_generation_see(const struct segue_bus *bus, const char *name,
					      struct device_driver *drv, enum segue_role role)
{
	struct segue_generation *generation = segue_generation_of(drv);
	struct segue_driver *driver;

	if (generation)
		return generation;
	driver = segue_driver_find(bus->name, name) ?: segue_driver_create(bus, name);
	if (!driver)
		return NULL;
	generation = kzalloc(sizeof(*generation), GFP_KERNEL);
	if (!generation) {
		if (list_empty(&driver->generations)) {
			list_del(&driver->node);
			kfree(driver);
		}
		return NULL;
	}
	generation->driver = driver;
	generation->drv = drv;
	generation->module = drv->owner;
	generation->number = ++driver->last;
	generation->role = role;
	if (role == SEGUE_ROLE_STANDBY)
		__module_get(THIS_MODULE);
	INIT_LIST_HEAD(&generation->cpuhp);
	INIT_LIST_HEAD(&generation->names);
	INIT_LIST_HEAD(&generation->parts);
	list_add_tail(&generation->node, &driver->generations);
	return generation;
}

/*
 * Drop the record, and give the driver back what Segue took from it.  The driver stays registered.
 */
void segue_generation_forget(struct segue_generation *generation)
{
	struct segue_driver *driver = generation->driver;
	struct segue_cpuhp *cpuhp, *next;

	lockdep_assert_held(&segue_generations_mutex);
	if (generation->masked)
		driver->bus->unmask(generation->drv, generation->ids);
	segue_generation_unpin(generation);
	list_for_each_entry_safe(cpuhp, next, &generation->cpuhp, node)
		kfree(cpuhp);
	segue_names_free(generation);
	segue_parts_forget(generation);
	list_del(&generation->node);
	if (generation->role == SEGUE_ROLE_STANDBY)
		module_put(THIS_MODULE);
	kfree(generation);
	if (list_empty(&driver->generations)) {
		list_del(&driver->node);
		kfree(driver);
	}
}

/* Keep the modules loaded.  Built-in drivers have none and cannot go. */
int segue_generation_pin(struct segue_generation *generation)
{
	lockdep_assert_held(&segue_generations_mutex);
	/* It may have got a part since it was pinned. */
	if (segue_parts_pin(generation))
		return -ENODEV;
	if (generation->pinned)
		return 0;
	if (!try_module_get(generation->module)) {
		segue_parts_unpin(generation);
		return -ENODEV;
	}
	generation->pinned = true;
	return 0;
}

void segue_generation_unpin(struct segue_generation *generation)
{
	if (!generation->pinned)
		return;
	generation->pinned = false;
	segue_parts_unpin(generation);
	module_put(generation->module);
}

/*
 * A standby module that believes to own a hotplug state or a number would take it away from the
 * live one when it is unloaded outside of a session, so it is kept.
 */
void segue_generations_settle(void)
{
	struct segue_generation *generation;
	struct segue_driver *driver;

	segue_generations_lock();
	list_for_each_entry(driver, &segue_drivers, node)
		list_for_each_entry(generation, &driver->generations, node)
			if (generation->role == SEGUE_ROLE_STANDBY &&
			    !(list_empty(&generation->cpuhp) && list_empty(&generation->names)))
				segue_generation_pin(generation);
	segue_generations_unlock();
}

void segue_generation_standby_name(const struct segue_generation *generation, char *name,
				   size_t size)
{
	snprintf(name, size, "%s~%u", generation->driver->name, generation->number);
}

static int segue_generation_demote(struct segue_generation *generation)
{
	char name[SEGUE_NAME_LEN + 12];
	int err;

	segue_generation_standby_name(generation, name, sizeof(name));
	err = segue_bus_rename(generation->drv, name);
	if (err)
		return err;
	segue_bus_mute(generation->drv, true);
	if (!generation->masked) {
		generation->ids = generation->driver->bus->mask(generation->drv);
		generation->masked = true;
	}
	generation->role = SEGUE_ROLE_STANDBY;
	/* What is masked and renamed must not be forgotten. */
	__module_get(THIS_MODULE);
	return 0;
}

static int segue_generation_raise(struct segue_generation *generation)
{
	int err = segue_bus_rename(generation->drv, generation->drv->name);

	if (err)
		return err;
	if (generation->masked) {
		generation->driver->bus->unmask(generation->drv, generation->ids);
		generation->masked = false;
	}
	generation->role = SEGUE_ROLE_LIVE;
	module_put(THIS_MODULE);
	return 0;
}

/* Hotplug states that exist once call the live generation. */
static void segue_generation_take_cpuhp(const struct segue_generation *generation)
{
	const struct segue_cpuhp *cpuhp;

	list_for_each_entry(cpuhp, &generation->cpuhp, node)
		segue_compat_cpuhp_write(cpuhp->state, &cpuhp->callbacks);
}

/**
 * segue_generation_wants_cpuhp - remember the callbacks of a hotplug state
 * @generation: whose
 * @state: a fixed state
 * @callbacks: what it wants called while it is live
 *
 * Return: 0 or -ENOMEM.
 */
int segue_generation_wants_cpuhp(struct segue_generation *generation, enum cpuhp_state state,
				 const struct segue_cpuhp_callbacks *callbacks)
{
	struct segue_cpuhp *cpuhp;

	lockdep_assert_held(&segue_generations_mutex);
	if (segue_generation_has_cpuhp(generation, state))
		return 0;
	cpuhp = kzalloc(sizeof(*cpuhp), GFP_KERNEL);
	if (!cpuhp)
		return -ENOMEM;
	cpuhp->state = state;
	cpuhp->callbacks = *callbacks;
	list_add_tail(&cpuhp->node, &generation->cpuhp);
	return 0;
}

bool segue_generation_has_cpuhp(const struct segue_generation *generation, enum cpuhp_state state)
{
	const struct segue_cpuhp *cpuhp;

	list_for_each_entry(cpuhp, &generation->cpuhp, node)
		if (cpuhp->state == state)
			return true;
	return false;
}

static int segue_generation_exchange(struct segue_generation *to, struct segue_generation *from)
{
	int err;

	if (to->role == SEGUE_ROLE_LIVE)
		return 0;
	if (from && from != to) {
		err = segue_generation_demote(from);
		if (err)
			return err;
	}
	err = segue_names_exchange(to, from);
	if (!err)
		err = segue_generation_raise(to);
	if (err) {
		if (from)
			WARN_ON_ONCE(segue_names_exchange(from, to));
		if (from && from != to)
			WARN_ON_ONCE(segue_generation_raise(from));
		return err;
	}
	segue_generation_take_cpuhp(to);
	if (from && from != to)
		to->driver->bus->inherit(to->drv, from->drv);
	return 0;
}

/**
 * segue_generation_promote - exchange the roles of two generations, and of their parts
 * @to: becomes live: gets the plain name, matches devices
 * @from: becomes standby; may be NULL or @to
 *
 * Context: process, in a session, CPU hotplug disabled.
 * Return: 0 or a negative error; then the roles are as before.
 */
int segue_generation_promote(struct segue_generation *to, struct segue_generation *from)
{
	int err;

	lockdep_assert_held(&segue_generations_mutex);
	err = segue_generation_exchange(to, from);
	if (err)
		return err;
	err = segue_parts_promote(to);
	if (err && from && from != to) {
		WARN_ON_ONCE(segue_parts_promote(from));
		WARN_ON_ONCE(segue_generation_exchange(from, to));
	}
	return err;
}

static int segue_generation_count(struct device *dev, void *data)
{
	(*(unsigned int *)data)++;
	return 0;
}

unsigned int segue_generation_devices(const struct segue_generation *generation)
{
	unsigned int count = 0;

	/* A module that is about to go has unregistered its driver, or will while we look. */
	if (!try_module_get(generation->module))
		return 0;
	if (driver_for_each_device(generation->drv, NULL, &count, segue_generation_count))
		count = 0;
	module_put(generation->module);
	return count;
}

/* A standby generation whose number is another one now. */
static int segue_generation_rename(struct segue_generation *generation)
{
	char name[SEGUE_NAME_LEN + 12];
	int err;

	segue_generation_standby_name(generation, name, sizeof(name));
	err = segue_bus_rename(generation->drv, name);
	segue_bus_mute(generation->drv, true);
	return err;
}

/**
 * segue_generation_stand_in - have a copy take the place of a generation
 * @copy: standby or live
 * @original: standby; it gets a number as if it were loaded now
 *
 * To the user the copy is the same generation.  A name that cannot be changed stays, it is nobody
 * else's.
 */
void segue_generation_stand_in(struct segue_generation *copy, struct segue_generation *original)
{
	u32 number = original->number;

	lockdep_assert_held(&segue_generations_mutex);
	if (original->role == SEGUE_ROLE_LIVE || segue_generation_devices(original))
		return;
	original->number = ++original->driver->last;
	if (segue_generation_rename(original)) {
		original->number = number;
		return;
	}
	list_move_tail(&copy->node, &original->node);
	list_move_tail(&original->node, &original->driver->generations);
	copy->number = number;
	if (copy->role == SEGUE_ROLE_STANDBY)
		segue_generation_rename(copy);
}

/* A module that unloads takes its generations along; it has none of Segue's references then. */
static int segue_generations_module(struct notifier_block *nb, unsigned long event, void *data)
{
	struct segue_generation *generation, *next;
	struct segue_driver *driver, *next_driver;

	if (event != MODULE_STATE_GOING)
		return NOTIFY_DONE;
	segue_generations_lock();
	list_for_each_entry_safe(driver, next_driver, &segue_drivers, node) {
		bool last = false;

		list_for_each_entry_safe(generation, next, &driver->generations, node) {
			if (generation->module != data)
				continue;
			last = list_is_singular(&driver->generations);
			segue_generation_forget(generation);
			if (last)
				break;
		}
	}
	segue_generations_unlock();
	return NOTIFY_DONE;
}

static struct notifier_block segue_generations_notifier = {
	.notifier_call = segue_generations_module,
};

int segue_generations_init(void)
{
	return register_module_notifier(&segue_generations_notifier);
}

void segue_generations_exit(void)
{
	struct segue_driver *driver;

	unregister_module_notifier(&segue_generations_notifier);
	segue_generations_lock();
	while ((driver = segue_driver_next(NULL))) {
		struct segue_generation *generation;

		/* Forgetting the last generation frees the driver. */
		generation = list_first_entry(&driver->generations, struct segue_generation, node);
		segue_generation_forget(generation);
	}
	segue_generations_unlock();
}

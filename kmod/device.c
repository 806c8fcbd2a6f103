// SPDX-License-Identifier: GPL-2.0
#include <linux/mutex.h>
#include <linux/slab.h>
#include "bus.h"
#include "class.h"
#include "device.h"
#include "generation.h"

static DEFINE_MUTEX(segue_devices_mutex);
static LIST_HEAD(segue_devices);

/*
 * Buses on which removal is watched; a bus of the table has one notifier at most.  They have a
 * mutex of their own, because a notifier is registered under a lock of the bus which is held while
 * segue_device_event() takes the other.
 */
static DEFINE_MUTEX(segue_device_watches_mutex);
static struct segue_device_watch {
	const struct bus_type *type;
	struct notifier_block notifier;
} segue_device_watches[4];

static struct segue_device *segue_device_find(const struct device *dev)
{
	struct segue_device *device;

	lockdep_assert_held(&segue_devices_mutex);
	list_for_each_entry(device, &segue_devices, node)
		if (device->dev == dev)
			return device;
	return NULL;
}

static int segue_device_event(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct segue_class *class = NULL;
	struct segue_device *device;
	struct device *dev = data;

	if (event != BUS_NOTIFY_DEL_DEVICE)
		return NOTIFY_DONE;
	mutex_lock(&segue_devices_mutex);
	device = segue_device_find(dev);
	if (device) {
		class = device->class;
		list_del(&device->node);
		put_device(device->dev);
		kfree(device);
	}
	mutex_unlock(&segue_devices_mutex);
	if (class) {
		class->removed(dev);
		segue_class_put(class);
	}
	return NOTIFY_DONE;
}

static int segue_device_watch(const struct bus_type *type)
{
	struct segue_device_watch *end = segue_device_watches + ARRAY_SIZE(segue_device_watches);
	struct segue_device_watch *watch = segue_device_watches;
	int err = 0;

	mutex_lock(&segue_device_watches_mutex);
	while (watch < end && watch->type && watch->type != type)
		watch++;
	if (watch == end) {
		err = -ENOSPC;
	} else if (!watch->type) {
		watch->notifier.notifier_call = segue_device_event;
		err = bus_register_notifier((struct bus_type *)type, &watch->notifier);
		if (!err)
			watch->type = type;
	}
	mutex_unlock(&segue_device_watches_mutex);
	return err;
}

/**
 * segue_device_note - record how a device stands
 * @target: the device in its swap
 * @state: its state
 * @generation: number of the generation in charge, 0 for none
 *
 * A degraded device keeps a reference on its class, whose shadow goes on covering.
 * Context: process. Return: 0 or a negative error.
 */
int segue_device_note(const struct segue_target *target, enum segue_device_state state,
		      u32 generation)
{
	struct segue_device *device;
	int err = segue_device_watch(target->dev->bus);

	if (err)
		return err;
	mutex_lock(&segue_devices_mutex);
	device = segue_device_find(target->dev);
	/* Of one that was removed meanwhile nobody would ever take the record away again. */
	if (!device && !device_is_registered(target->dev)) {
		err = -ENODEV;
		goto out;
	}
	if (!device) {
		device = kzalloc(sizeof(*device), GFP_KERNEL);
		if (!device) {
			err = -ENOMEM;
			goto out;
		}
		device->dev = get_device(target->dev);
		device->bus = target->bus->name;
		list_add_tail(&device->node, &segue_devices);
	}
	strscpy(device->driver, target->to->driver->name, sizeof(device->driver));
	strscpy(device->object, target->object, sizeof(device->object));
	strscpy(device->class_name, target->class->name, sizeof(device->class_name));
	device->generation = generation;
	device->state = state;
	if (state == SEGUE_DEVICE_DEGRADED && !device->class) {
		__module_get(target->class->hooks.owner);
		device->class = target->class;
	} else if (state == SEGUE_DEVICE_LIVE && device->class) {
		segue_class_put(device->class);
		device->class = NULL;
	}
out:
	mutex_unlock(&segue_devices_mutex);
	return err;
}

bool segue_device_degraded(const struct device *dev)
{
	struct segue_device *device;
	bool degraded;

	mutex_lock(&segue_devices_mutex);
	device = segue_device_find(dev);
	degraded = device && device->state == SEGUE_DEVICE_DEGRADED;
	mutex_unlock(&segue_devices_mutex);
	return degraded;
}

/* Calls @visit for every record until it returns other than 0, which is returned. */
int segue_devices_walk(int (*visit)(const struct segue_device *device, void *data), void *data)
{
	struct segue_device *device;
	int ret = 0;

	mutex_lock(&segue_devices_mutex);
	list_for_each_entry(device, &segue_devices, node) {
		ret = visit(device, data);
		if (ret)
			break;
	}
	mutex_unlock(&segue_devices_mutex);
	return ret;
}

/* No device is degraded: such a one holds a class module, which holds this one. */
void segue_devices_exit(void)
{
	struct segue_device *device, *next;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(segue_device_watches); i++)
		if (segue_device_watches[i].type)
			bus_unregister_notifier((struct bus_type *)segue_device_watches[i].type,
						&segue_device_watches[i].notifier);
	list_for_each_entry_safe(device, next, &segue_devices, node) {
		put_device(device->dev);
		kfree(device);
	}
}

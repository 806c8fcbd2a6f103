// SPDX-License-Identifier: GPL-2.0
/* What is the same for every bus. */
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include "bus.h"
#include "compat.h"
#include "uapi/segue.h"

static const struct segue_bus *const segue_buses[] = {
	&segue_bus_pci,
	&segue_bus_virtio,
	&segue_bus_hdaudio,
};

const struct segue_bus *segue_bus_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(segue_buses); i++)
		if (!strcmp(segue_buses[i]->name, name))
			return segue_buses[i];
	return NULL;
}

const struct segue_bus *segue_bus_of(const struct device_driver *drv)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(segue_buses); i++)
		if (!strcmp(segue_buses[i]->name, drv->bus->name))
			return segue_buses[i];
	return NULL;
}

/* The caller makes sure that the driver stays: by a device bound to it, or by its module. */
struct device_driver *segue_bus_driver(const struct segue_bus *bus, const char *name)
{
	const struct bus_type *type = bus->type();

	return type ? segue_compat_driver_find(name, type) : NULL;
}

/* Calls @each for every driver of a subordinate bus until it returns other than 0. */
int segue_bus_walk_parts(int (*each)(struct device_driver *drv, void *data), void *data)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < ARRAY_SIZE(segue_buses); i++) {
		const struct bus_type *type = NULL;

		if (segue_buses[i]->subordinate)
			type = segue_buses[i]->type();
		if (type)
			ret = bus_for_each_drv((struct bus_type *)type, NULL, data, each);
	}
	return ret;
}

/*
 * A driver's kobject carries its name in /sys/bus/BUS/drivers; struct device_driver keeps its own.
 */
const char *segue_bus_driver_name(const struct device_driver *drv)
{
	return kobject_name(segue_compat_driver_kobject(drv));
}

bool segue_bus_has_name(const struct device_driver *drv, const char *name)
{
	return !strcmp(segue_bus_driver_name(drv), name);
}

/* A driver's comings and goings are not announced while it is muted. */
void segue_bus_mute(struct device_driver *drv, bool mute)
{
	segue_compat_driver_kobject(drv)->uevent_suppress = mute;
}

/* Links to the driver's directory follow the new name.  Nobody hears of it. */
int segue_bus_rename(struct device_driver *drv, const char *name)
{
	int err;

	if (segue_bus_has_name(drv, name))
		return 0;
	segue_bus_mute(drv, true);
	err = kobject_rename(segue_compat_driver_kobject(drv), name);
	segue_bus_mute(drv, false);
	return err;
}

/*
 * driver_register() without its uevent: the driver is added and stays muted.  Its attributes are
 * added as there; what fails leaves nothing behind.
 */
int segue_bus_add_silently(struct device_driver *drv)
{
	int err;

	if (driver_find(drv->name, drv->bus))
		return -EBUSY;
	err = static_call(segue_bus_add_driver)(drv);
	if (err)
		return err;
	segue_bus_mute(drv, true);
	if (!drv->groups)
		return 0;
	err = sysfs_create_groups(segue_compat_driver_kobject(drv), drv->groups);
	if (err)
		driver_unregister(drv);
	return err;
}

/*
 * The link /sys/module/MODULE/drivers/BUS:NAME carries the name that the driver had when it was
 * registered, and is looked for by struct device_driver's when it is removed.
 */
int segue_bus_name_module_link(struct device_driver *drv, const char *from, const char *to)
{
	char was[2 * SEGUE_NAME_LEN], now[2 * SEGUE_NAME_LEN];

	if (!drv->owner || !drv->owner->mkobj.drivers_dir)
		return 0;
	snprintf(was, sizeof(was), "%s:%s", drv->bus->name, from);
	snprintf(now, sizeof(now), "%s:%s", drv->bus->name, to);
	return sysfs_rename_link(drv->owner->mkobj.drivers_dir,
				 segue_compat_driver_kobject(drv), was, now);
}

/**
 * segue_bus_bind - have a driver probe a device
 * @bus: the bus
 * @probe: device, driver and what to call around the driver's probe
 *
 * Context: process; takes the device's lock and its parent's.
 * Return: 0, or a negative error when the probe failed or the device is gone.
 */
int segue_bus_bind(const struct segue_bus *bus, struct segue_probe *probe)
{
	int err;

	bus->wrap(probe);
	err = device_driver_attach(probe->drv, probe->dev);
	bus->unwrap(probe);
	if (!err && probe->dev->driver != probe->drv)
		err = -ENODEV;
	return err;
}

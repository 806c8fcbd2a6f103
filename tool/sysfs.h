/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What /sys and /proc tell of drivers, devices and loaded modules.  Reads only.
 */
#ifndef SEGUE_TOOL_SYSFS_H
#define SEGUE_TOOL_SYSFS_H

#include "error.h"
#include "plan.h"

#define SYSFS_NAME_LEN 64
#define SYSFS_MODALIAS_LEN 256
#define SYSFS_OBJECTS_LEN 512

/* The classes of devices that Segue covers, as bits. */
enum sysfs_class {
	SYSFS_CLASS_NET = 1 << 0,
	SYSFS_CLASS_BLOCK = 1 << 1,
	SYSFS_CLASS_SOUND = 1 << 2,
};

/**
 * struct sysfs_device - a device bound to a driver
 * @name: as under /sys/bus/BUS/devices
 * @modalias: what the aliases of a driver are matched with
 * @objects: network interfaces, disks and sound cards it provides, separated by blanks
 * @classes: of what it provides
 * @is_behind: the generation in charge of the driver is not in charge of this device
 */
struct sysfs_device {
	char name[SYSFS_NAME_LEN];
	char modalias[SYSFS_MODALIAS_LEN];
	char objects[SYSFS_OBJECTS_LEN];
	unsigned int classes;
	bool is_behind;
};

/**
 * struct sysfs_driver - a driver as its bus knows it
 * @bus: the bus
 * @name: the driver
 * @module: module of the generation in charge; empty if it is part of the kernel
 * @devices: devices bound to it
 * @n_devices: how many
 */
struct sysfs_driver {
	char bus[SYSFS_NAME_LEN];
	char name[SYSFS_NAME_LEN];
	char module[SYSFS_NAME_LEN];
	struct sysfs_device *devices;
	size_t n_devices;
};

/**
 * struct sysfs_modules - all loaded modules
 * @items: the modules
 * @n: how many
 */
struct sysfs_modules {
	struct plan_loaded *items;
	size_t n;
};

/*
 * Finds a driver by "DRIVER" or "BUS:DRIVER", or by the name of its module.  Returns 0, or -1
 * with an error; the exit code is EXIT_USAGE.
 */
int sysfs_find_driver(const char *name, struct sysfs_driver *driver, struct error *err);
/* Fills in what belongs to the driver @name on @bus; -1 if there is none. */
int sysfs_read_driver(const char *bus, const char *name, struct sysfs_driver *driver,
		      struct error *err);
/* The driver on @bus that @module registered and that is in charge; -1 if there is none. */
int sysfs_driver_of_module(const char *module, const char *bus, char name[SYSFS_NAME_LEN]);
/* Adds the devices that standby generations of the driver @name are still bound to. */
int sysfs_add_standby(struct sysfs_driver *driver, const char *name, struct error *err);
/* Adds a device that no driver is bound to at the moment; one that is there already is not added.
 */
int sysfs_add_device(struct sysfs_driver *driver, const char *device, struct error *err);
void sysfs_free_driver(struct sysfs_driver *driver);

/* Does the device provide an interface, a disk or a sound card of this name? */
bool sysfs_has_object(const struct sysfs_device *device, const char *name);

/* A bus whose devices are made by drivers of devices on another bus, below these. */
bool sysfs_is_subordinate(const char *bus);
/*
 * Adds to @parts the numbers of the modules whose drivers serve what the driver's devices make on
 * buses of their own.
 */
int sysfs_find_parts(const struct sysfs_driver *driver, const struct sysfs_modules *modules,
		     size_t **parts, size_t *n_parts, struct error *err);

int sysfs_read_modules(struct sysfs_modules *modules, struct error *err);
int sysfs_module_number(const struct sysfs_modules *modules, const char *name);
void sysfs_free_modules(struct sysfs_modules *modules);

/* Calls @each for every driver of every bus; standby generations are left out. */
int sysfs_walk_drivers(int (*each)(const char *bus, const char *name, void *arg), void *arg);

/* The first line of a file below /sys; empty if there is none. */
void sysfs_read_line(const char *path, char *line, size_t size);

#endif /* SEGUE_TOOL_SYSFS_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What Segue needs to know of a bus: one table per bus, one file per table.
 *
 * Unbinding, registering and naming are the driver core's and the same for every bus; here is only
 * what differs: who runs a probe, how a driver is kept from matching, what keeps a device powered
 * across a swap and what brings it back to a state in which any driver can probe it.
 */
#ifndef _SEGUE_BUS_H
#define _SEGUE_BUS_H

#include <linux/device.h>

struct segue_generation;

/**
 * struct segue_probe - one probe that a swap asks for
 * @dev: device
 * @drv: driver
 * @enter: called in the task that runs the driver's probe, before it
 * @leave: called in the same task after it, with the probe's result; may replace the result
 * @context: for the two
 *
 * The task need not be the one that asked: a PCI device with a NUMA node is probed by a kworker
 * there.
 */
struct segue_probe {
	struct device *dev;
	struct device_driver *drv;
	void (*enter)(struct segue_probe *probe);
	int (*leave)(struct segue_probe *probe, int result);
	void *context;
};

/**
 * struct segue_bus - a bus
 * @name: as under /sys/bus
 * @subordinate: devices are made by the driver of a device on another bus, below that device. A
 *	driver is exchanged only as a part of that one's (part.h). Of the functions there are @type,
 *	@mask, @unmask and @inherit
 * @transported: the parent of a device is a device with a driver of its own, which takes the device
 *	away when it is unbound
 * @type: the driver core's object, or NULL while the bus is not loaded
 * @lock: keep devices from being added to or removed from the bus; may sleep
 * @unlock: allow it again
 * @mask: keep a driver from matching any device; returns its table of ids
 * @unmask: undo @mask
 * @inherit: move the device ids that a user added at run time from one generation to the other
 * @keep: keep the device enabled while no driver is bound. It saves seconds of re-routed interrupts
 *	and power states, and the state of the device is the one a driver leaves behind
 * @kept: is the device, without a driver, still enabled
 * @release: undo @keep
 * @sanitize: bring a device without driver, whatever state a failed probe left it in, back to where
 *	any driver can probe it; @failed: the driver before has failed, or is not trusted to have
 *	left the hardware in order
 * @wrap: have @enter and @leave of a probe called around the driver's own probe function
 * @unwrap: undo @wrap
 * @irq: interrupt number @index of the device, or a negative error after the last
 */
struct segue_bus {
	const char *name;
	bool subordinate;
	bool transported;
	const struct bus_type *(*type)(void);
	void (*lock)(void);
	void (*unlock)(void);
	const void *(*mask)(struct device_driver *drv);
	void (*unmask)(struct device_driver *drv, const void *ids);
	void (*inherit)(struct device_driver *to, struct device_driver *from);
	int (*keep)(struct device *dev);
	bool (*kept)(struct device *dev);
	void (*release)(struct device *dev);
	void (*sanitize)(struct device *dev, bool failed);
	void (*wrap)(struct segue_probe *probe);
	void (*unwrap)(struct segue_probe *probe);
	int (*irq)(struct device *dev, unsigned int index);
};

extern const struct segue_bus segue_bus_pci;
extern const struct segue_bus segue_bus_virtio;
extern const struct segue_bus segue_bus_hdaudio;

const struct segue_bus *segue_bus_find(const char *name);
const struct segue_bus *segue_bus_of(const struct device_driver *drv);
struct device_driver *segue_bus_driver(const struct segue_bus *bus, const char *name);
int segue_bus_add_silently(struct device_driver *drv);
void segue_bus_mute(struct device_driver *drv, bool mute);
int segue_bus_rename(struct device_driver *drv, const char *name);
bool segue_bus_has_name(const struct device_driver *drv, const char *name);
int segue_bus_name_module_link(struct device_driver *drv, const char *from, const char *to);
const char *segue_bus_driver_name(const struct device_driver *drv);
int segue_bus_walk_parts(int (*each)(struct device_driver *drv, void *data), void *data);
int segue_bus_bind(const struct segue_bus *bus, struct segue_probe *probe);

#endif /* _SEGUE_BUS_H */

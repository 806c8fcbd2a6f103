/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices that were swapped: what status shows, and which of them are degraded.
 *
 * A record is made at a device's first swap and goes away when the device leaves its bus.
 * segue_devices_mutex protects the list; it is a leaf, except that a degraded device that is
 * removed is handed to its class outside of it.
 */
#ifndef _SEGUE_DEVICE_H
#define _SEGUE_DEVICE_H

#include <linux/device.h>
#include "uapi/segue.h"

struct segue_class;
struct segue_target;

/**
 * struct segue_device - a device that was swapped
 * @node: in the list
 * @dev: device; the record goes before it does
 * @class: its class, referenced while the device is degraded
 * @bus: name of its bus
 * @driver: name of its driver
 * @object: kernel object that stays
 * @class_name: name of its class
 * @generation: number of the generation in charge, 0 for none
 * @state: how it stands
 */
struct segue_device {
	struct list_head node;
	struct device *dev;
	const struct segue_class *class;
	const char *bus;
	char driver[SEGUE_NAME_LEN];
	char object[SEGUE_NAME_LEN];
	char class_name[SEGUE_NAME_LEN];
	u32 generation;
	enum segue_device_state state;
};

int segue_device_note(const struct segue_target *target, enum segue_device_state state,
		      u32 generation);
bool segue_device_degraded(const struct device *dev);
int segue_devices_walk(int (*visit)(const struct segue_device *device, void *data), void *data);
void segue_devices_exit(void);

#endif /* _SEGUE_DEVICE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Drivers and their generations.
 *
 * A driver is what a user names (its name on its bus); each loaded version of it that Segue has
 * seen is a generation: a struct device_driver registered with the bus.  The live one has the plain
 * name there, a standby one is called NAME~N and matches no device, so that hot-plugged devices go
 * to the live one.
 *
 * Records are made by the session (a registration is held) and by the swap (the running driver),
 * and go away when the module of the generation unloads.  segue_generations_mutex protects
 * everything; it is a leaf but for the bus's own locks.  A swap pins the modules of its two
 * generations, so the records it uses stay.
 */
#ifndef _SEGUE_GENERATION_H
#define _SEGUE_GENERATION_H

#include <linux/cpuhotplug.h>
#include <linux/device.h>
#include <linux/list.h>
#include <linux/module.h>
#include "compat.h"
#include "uapi/segue.h"

struct segue_bus;

/**
 * struct segue_driver - a driver across its generations
 * @node: in the list of drivers
 * @generations: of &struct segue_generation, by number
 * @bus: the bus it serves
 * @name: as the user names it
 * @last: number of the newest generation
 */
struct segue_driver {
	struct list_head node;
	struct list_head generations;
	const struct segue_bus *bus;
	char name[SEGUE_NAME_LEN];
	u32 last;
};

/**
 * struct segue_cpuhp - a fixed CPU hotplug state that a generation wants
 * @node: in &segue_generation.cpuhp
 * @state: its number
 * @callbacks: the generation's own ones, installed while it is live
 */
struct segue_cpuhp {
	struct list_head node;
	enum cpuhp_state state;
	struct segue_cpuhp_callbacks callbacks;
};

/**
 * struct segue_generation - one loaded version of a driver
 * @node: in &segue_driver.generations
 * @driver: the driver
 * @drv: what it registered with the bus
 * @module: its module
 * @ids: the table of device ids that the bus matches with, while it is masked
 * @cpuhp: of &struct segue_cpuhp
 * @names: of names that exist once, the names unit's
 * @parts: of drivers that are exchanged with this one, the part unit's
 * @number: from 1
 * @role: live or standby
 * @masked: @ids holds the table and the driver matches nothing
 * @pinned: a reference on @module is held
 */
struct segue_generation {
	struct list_head node;
	struct segue_driver *driver;
	struct device_driver *drv;
	struct module *module;
	const void *ids;
	struct list_head cpuhp;
	struct list_head names;
	struct list_head parts;
	u32 number;
	enum segue_role role;
	bool masked;
	bool pinned;
};

int segue_generations_init(void);
void segue_generations_exit(void);
void segue_generations_lock(void);
void segue_generations_unlock(void);
void segue_generations_settle(void);

/* All of these need the lock. */
struct segue_driver *segue_driver_next(struct segue_driver *driver);
struct segue_driver *segue_driver_find(const char *bus, const char *name);
struct segue_generation *segue_generation_of(const struct device_driver *drv);
struct segue_generation *segue_generation_find(struct segue_driver *driver, u32 number);
struct segue_generation *segue_generation_live(struct segue_driver *driver);
struct segue_generation *segue_generation_see(const struct segue_bus *bus, const char *name,
					      struct device_driver *drv, enum segue_role role);
void segue_generation_forget(struct segue_generation *generation);
int segue_generation_pin(struct segue_generation *generation);
void segue_generation_unpin(struct segue_generation *generation);
int segue_generation_promote(struct segue_generation *to, struct segue_generation *from);
int segue_generation_wants_cpuhp(struct segue_generation *generation, enum cpuhp_state state,
				 const struct segue_cpuhp_callbacks *callbacks);
bool segue_generation_has_cpuhp(const struct segue_generation *generation, enum cpuhp_state state);
void segue_generation_stand_in(struct segue_generation *copy, struct segue_generation *original);
unsigned int segue_generation_devices(const struct segue_generation *generation);
void segue_generation_standby_name(const struct segue_generation *generation, char *name,
				   size_t size);

#endif /* _SEGUE_GENERATION_H */

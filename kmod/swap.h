/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A swap: one generation of a driver is exchanged for another, device by device.
 *
 * Each device goes through the table of steps; if one fails on one device, that device is rolled
 * back by the undo side of the table and the devices before it by a swap in the other direction.
 * The swap runs in a kernel thread of its own, so it does not depend on the process that asked for
 * it.
 *
 *	 start ---> check every device ---> promote ---> steps for each device ---> DONE
 *	               | impossible                        | a step fails
 *	               v                                   v
 *	            REFUSED                      undo, swap back ---> ROLLED BACK
 *	                                                   | old generation does not start
 *	                                                   v
 *	                                                DEGRADED
 */
#ifndef _SEGUE_SWAP_H
#define _SEGUE_SWAP_H

#include <linux/list.h>
#include <linux/types.h>
#include "uapi/segue.h"

struct netlink_ext_ack;
struct segue_bus;
struct segue_driver;
struct segue_generation;
struct segue_target;

/**
 * struct segue_swap - a swap
 * @targets: of &struct segue_target, in the order in which they are swapped
 * @driver: name of the driver; like @bus and @number it outlives the generations
 * @bus: its bus
 * @number: of the generation that becomes live
 * @to: generation that becomes live
 * @from: generation that was live, or NULL
 * @spare: another copy of @from, to which the swap goes back if it fails, or NULL
 * @id: its number
 * @flags: &enum segue_flag
 * @carrier_ms: bound for the link, milliseconds
 * @verify_ms: bound for traffic, milliseconds
 * @devices: length of @targets
 * @step: at which step the last device failed, &enum segue_step
 * @result: how it ended
 * @err: why
 * @pinned_to: the reference on @to's module is this swap's
 * @pinned_from: the same for @from
 * @pinned_spare: the same for @spare
 * @stopped: a generation has left a device, or was told to
 * @back: it is being taken back; the test knobs do not apply
 */
struct segue_swap {
	struct list_head targets;
	char driver[SEGUE_NAME_LEN];
	const struct segue_bus *bus;
	u32 number;
	struct segue_generation *to;
	struct segue_generation *from;
	struct segue_generation *spare;
	u32 id;
	u32 flags;
	u32 carrier_ms;
	u32 verify_ms;
	u32 devices;
	enum segue_result result;
	u32 step;
	int err;
	bool pinned_to;
	bool pinned_from;
	bool pinned_spare;
	bool stopped;
	bool back;
};

/**
 * struct segue_swap_request - what was asked for
 * @portid: socket of the session
 * @bus: name of the bus, or NULL
 * @driver: name of the driver
 * @device: name of the one device, or NULL for all
 * @generation: number of the generation to make live
 * @spare: number of the one that stands in for the live one, or 0
 * @flags: &enum segue_flag
 * @carrier_ms: bound for the link, milliseconds
 * @verify_ms: bound for traffic, milliseconds; 0: do not ask for traffic
 */
struct segue_swap_request {
	u32 portid;
	const char *bus;
	const char *driver;
	const char *device;
	u32 generation;
	u32 spare;
	u32 flags;
	u32 carrier_ms;
	u32 verify_ms;
};

/**
 * struct segue_swap_status - the running swap or the last one
 * @id: its number, 0 for none
 * @driver: its driver
 * @step: step that runs, or that ran last
 * @result: NONE while it runs
 * @err: why it failed
 */
struct segue_swap_status {
	u32 id;
	char driver[SEGUE_NAME_LEN];
	enum segue_step step;
	enum segue_result result;
	int err;
};

int segue_swap_start(const struct segue_swap_request *request, u32 *id,
		     struct netlink_ext_ack *extack);
void segue_swap_status(struct segue_swap_status *status);

#endif /* _SEGUE_SWAP_H */

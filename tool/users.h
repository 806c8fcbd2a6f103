/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who uses the disks of a device, as far as /proc and /sys tell: mounts, swap, what is stacked on a
 * disk, and processes that have one of the driver's nodes open.  Reads only.
 */
#ifndef SEGUE_TOOL_USERS_H
#define SEGUE_TOOL_USERS_H

struct finding;

/*
 * Calls @each with a finding for each user of the device @name on @bus, until it returns other than
 * 0. Returns 0, or -1 if memory is short or @each said so.
 */
int users_find(const char *bus, const char *name,
	       int (*each)(const struct finding *finding, void *arg), void *arg);

#endif /* SEGUE_TOOL_USERS_H */

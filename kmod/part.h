/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parts: drivers that are exchanged together with another one.
 *
 * The driver of a device may make devices on a subordinate bus below it, which have drivers of
 * their own; these share structures with it, which the library that both call into lays out.  So
 * both sides come from one generation.  A part is a generation of its own driver, held and named
 * like any other, and belongs to the generations of the session's driver that it serves: one that
 * brings no part for such a driver goes on with the one that is there.
 *
 *	session's driver   generation 1        generation 2        generation 3
 *	                        |                   |                   |
 *	part's driver      generation 1        generation 2 ------------+
 *
 * Roles of parts follow the roles of those they belong to.  While a driver probes, its own parts
 * match devices and no others do; and nobody loads modules for it, since what would be found is in
 * memory already, and nothing is read from a disk in the pause.
 *
 * Records are made by the session, and all but the hook's need the lock of the generations.
 */
#ifndef _SEGUE_PART_H
#define _SEGUE_PART_H

#include <linux/list.h>
#include <linux/types.h>

struct device_driver;
struct netlink_ext_ack;
struct segue_bus;
struct segue_driver;
struct segue_generation;

/**
 * struct segue_part - one part of a generation
 * @node: in &segue_generation.parts, or in the list of those that nobody has yet
 * @generation: of the part's own driver; may be a part of several
 * @pinned: a reference on its module is held for the one it is a part of
 */
struct segue_part {
	struct list_head node;
	struct segue_generation *generation;
	bool pinned;
};

int segue_parts_init(void);
void segue_parts_exit(void);

/* All of these need the generations' lock. */

/* A session begins: what an earlier one met and nobody took is not known any more. */
void segue_parts_begin(void);
int segue_parts_see_live(const struct segue_bus *bus, const char *name,
			 struct segue_driver *driver);
int segue_parts_look(struct segue_driver *driver);
int segue_parts_keep(struct segue_generation *generation, struct segue_generation *live);
void segue_parts_forget(struct segue_generation *generation);
int segue_parts_pin(struct segue_generation *generation);
void segue_parts_unpin(struct segue_generation *generation);
int segue_parts_promote(struct segue_generation *generation);
int segue_parts_check(const struct segue_generation *to, const struct segue_generation *from,
		      struct netlink_ext_ack *extack);
bool segue_parts_has(const struct segue_generation *generation,
		     const struct segue_generation *part);

/* Around a probe by @generation, all of it; both need the lock. */
void segue_parts_lend(struct segue_generation *generation);
void segue_parts_return(struct segue_generation *generation);

#endif /* _SEGUE_PART_H */

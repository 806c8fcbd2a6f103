/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names that exist once in the kernel, and that two generations of a driver both want.
 *
 * Device classes are exchanged with the generations' roles, as the names of drivers are: the
 * standby one is called NAME~N.  The major number of a block device is kept by the live generation
 * and used by both. A device that a module registers as it is loaded, a workqueue shown in sysfs
 * for one, keeps the name NAME~N. Trace events of a module are in a folder that another copy of it
 * has made already; those of a copy are in one that is called like it.
 *
 * The session's process meets such a name while it loads a module; the hooks here make the names
 * known to the session, which gives them to the generation that the modules belong to.  Everything
 * is protected by the lock of the generations.
 */
#ifndef _SEGUE_NAMES_H
#define _SEGUE_NAMES_H

#include <linux/list.h>
#include <linux/types.h>

struct segue_generation;

int segue_names_init(void);
void segue_names_exit(void);
void segue_names_begin(void);

/* All of these need the generations' lock. */
int segue_names_keep(struct segue_generation *generation, struct segue_generation *live);
int segue_names_exchange(struct segue_generation *to, struct segue_generation *from);
int segue_names_lend(struct segue_generation *generation);
void segue_names_free(struct segue_generation *generation);

/* The lock, or a running swap of the generation. NULL: any class. */
bool segue_names_has_class(const struct segue_generation *generation, const char *class);

#endif /* _SEGUE_NAMES_H */

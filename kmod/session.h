/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one session: between its opening and its closing hooks are armed, and what the session's
 * process does with modules is seen.
 *
 * While it is open, a driver that the process registers is held as a standby generation, the
 * uevents that the process and the swap cause are withheld, and CPU hotplug states that two
 * generations share are told apart.  The session belongs to a netlink socket and ends with it; when
 * a swap is running then, it ends with the swap.  segue_session_mutex protects it; taken before
 * segue_generations_mutex.
 */
#ifndef _SEGUE_SESSION_H
#define _SEGUE_SESSION_H

#include <linux/types.h>
#include "uapi/segue.h"

struct netlink_ext_ack;
struct segue_bus;

int segue_session_init(void);
void segue_session_exit(void);

int segue_session_open(u32 portid, enum segue_session_kind kind, const struct segue_bus *bus,
		       const char *driver, struct netlink_ext_ack *extack);
int segue_session_close(u32 portid, struct netlink_ext_ack *extack);
int segue_session_check(u32 portid, struct netlink_ext_ack *extack);

/* A swap keeps the session open whatever happens to its process. Between them, hooks stay armed. */
int segue_session_hold(u32 portid, struct netlink_ext_ack *extack);
void segue_session_release(void);

/* The task that carries out a swap, or runs a probe for it: its uevents are withheld. */
void segue_session_actor(struct task_struct *task);

/*
 * The device that is being swapped, and the generation that it gets or gives up; NULL afterwards:
 * nor are uevents of anything below it sent, or of a class that the generations share.
 */
struct device;
struct segue_generation;

void segue_session_swaps(const struct device *dev, const struct segue_generation *generation);

/* For hooks of the core that serve the session's process. */
struct pt_regs;

bool segue_session_is_process(void);
bool segue_session_process(const struct pt_regs *regs);

/* A handler that may sleep: the end of the session waits for it. */
void segue_session_handler_enter(void);
void segue_session_handler_leave(void);

#endif /* _SEGUE_SESSION_H */

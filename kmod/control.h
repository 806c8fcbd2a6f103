/* SPDX-License-Identifier: GPL-2.0 */
/* The netlink family: parse, call one function, answer. */
#ifndef _SEGUE_CONTROL_H
#define _SEGUE_CONTROL_H

struct genl_family;

extern struct genl_family segue_genl_family;

int segue_control_init(void);
void segue_control_exit(void);

#endif /* _SEGUE_CONTROL_H */

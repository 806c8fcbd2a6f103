/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Test knobs in debugfs: /sys/kernel/debug/segue/fail_step holds the name of the step that is to
 * fail ("replay", or "stop.undo" for the restart of the old generation), stall_ms a delay before
 * each step.
 */
#ifndef _SEGUE_DEBUG_H
#define _SEGUE_DEBUG_H

#include <linux/types.h>

#define SEGUE_DEBUG_LEN	128

void segue_debug_init(void);
void segue_debug_exit(void);
bool segue_debug_fails(const char *step, bool undo);
void segue_debug_stall(void);

#endif /* _SEGUE_DEBUG_H */

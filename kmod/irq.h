/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CPU affinity of a device's interrupts, as a user set it: a driver gives its vectors back when it
 * leaves and the next one gets fresh ones.  Matched by index, because the numbers may change.
 */
#ifndef _SEGUE_IRQ_H
#define _SEGUE_IRQ_H

struct segue_target;

int segue_irqs_capture(struct segue_target *target);
void segue_irqs_replay(struct segue_target *target);
void segue_irqs_forget(struct segue_target *target);

#endif /* _SEGUE_IRQ_H */

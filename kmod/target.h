/* SPDX-License-Identifier: GPL-2.0 */
/* The steps of a planned update for one device. Used by the swap, in the swap's thread only. */
#ifndef _SEGUE_TARGET_H
#define _SEGUE_TARGET_H

#include <linux/types.h>

struct device;
struct segue_driver;
struct segue_generation;
struct segue_swap;
struct segue_target;

struct segue_target *segue_target_create(struct segue_swap *swap, struct segue_driver *driver,
					 struct device *dev);
int segue_target_claim(struct segue_target *target);
int segue_target_check(struct segue_target *target);
void segue_target_free(struct segue_target *target);
int segue_target_look(struct segue_target *target);
int segue_target_swap(struct segue_target *target);
void segue_target_note(struct segue_target *target);
void segue_target_reverse(struct segue_target *target);
void segue_target_report(struct segue_target *target);

#endif /* _SEGUE_TARGET_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a swap reports: multicast messages and tracepoints.  May sleep; losing a listener loses
 * nothing.
 */
#ifndef _SEGUE_EVENT_H
#define _SEGUE_EVENT_H

#include <linux/types.h>
#include "uapi/segue.h"

struct sk_buff;
struct segue_finding;
struct segue_swap;
struct segue_target;

void segue_event_swap(const struct segue_swap *swap, enum segue_event event);
void segue_event_step(const struct segue_target *target, enum segue_event event, unsigned int step,
		      u64 duration_ns, int err);
void segue_event_finding(const struct segue_target *target, const struct segue_finding *finding);
void segue_event_device(const struct segue_target *target, enum segue_result result);

int segue_event_put_finding(struct sk_buff *msg, const struct segue_finding *finding);

#endif /* _SEGUE_EVENT_H */

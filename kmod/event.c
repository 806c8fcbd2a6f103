// SPDX-License-Identifier: GPL-2.0
#include <linux/ktime.h>
#include <net/genetlink.h>
#include "bus.h"
#include "class.h"
#include "compat.h"
#include "control.h"
#include "event.h"
#include "generation.h"
#include "swap.h"
#include "trace.h"

int segue_event_put_finding(struct sk_buff *msg, const struct segue_finding *finding)
{
	struct nlattr *nest = nla_nest_start(msg, SEGUE_A_FINDING);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u8(msg, SEGUE_FINDING_A_SEVERITY, finding->severity) ||
	    nla_put_u8(msg, SEGUE_FINDING_A_KIND, finding->kind) ||
	    (finding->structure &&
	     nla_put_string(msg, SEGUE_FINDING_A_STRUCT, finding->structure)) ||
	    nla_put_u32(msg, SEGUE_FINDING_A_INDEX, finding->index) ||
	    nla_put_u64_64bit(msg, SEGUE_FINDING_A_WAS, finding->was, SEGUE_FINDING_A_PAD) ||
	    nla_put_u64_64bit(msg, SEGUE_FINDING_A_NOW, finding->now, SEGUE_FINDING_A_PAD) ||
	    nla_put_string(msg, SEGUE_FINDING_A_NAME, finding->name)) {
		nla_nest_cancel(msg, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	return 0;
}

/*
 * A message with what every event carries; NULL for want of memory: the event is then not reported.
 */
static struct sk_buff *segue_event_new(u32 swap, enum segue_event event, void **header)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);

	if (!msg)
		return NULL;
	*header = genlmsg_put(msg, 0, 0, &segue_genl_family, 0, SEGUE_CMD_EVENT);
	if (!*header ||
	    nla_put_u32(msg, SEGUE_A_SWAP_ID, swap) ||
	    nla_put_u8(msg, SEGUE_A_EVENT, event) ||
	    nla_put_u64_64bit(msg, SEGUE_A_TIME_NS, ktime_get_ns(), SEGUE_A_PAD)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static void segue_event_send(struct sk_buff *msg, void *header, int err)
{
	if (WARN_ON_ONCE(err)) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, header);
	genlmsg_multicast(&segue_genl_family, msg, 0, 0, GFP_KERNEL);
}

static int segue_event_put_target(struct sk_buff *msg, const struct segue_target *target)
{
	return nla_put_string(msg, SEGUE_A_DRIVER, target->to->driver->name) ||
	       nla_put_string(msg, SEGUE_A_BUS, target->bus->name) ||
	       nla_put_string(msg, SEGUE_A_DEVICE, dev_name(target->dev)) ||
	       nla_put_string(msg, SEGUE_A_CLASS, target->class->name) ||
	       nla_put_string(msg, SEGUE_A_OBJECT, target->object);
}

void segue_event_swap(const struct segue_swap *swap, enum segue_event event)
{
	void *header;
	struct sk_buff *msg;

	trace_segue_swap(swap->id, swap->driver, event, swap->result, swap->err);
	msg = segue_event_new(swap->id, event, &header);
	if (!msg)
		return;
	segue_event_send(msg, header,
			 nla_put_string(msg, SEGUE_A_DRIVER, swap->driver) ||
			 nla_put_string(msg, SEGUE_A_BUS, swap->bus->name) ||
			 nla_put_u32(msg, SEGUE_A_GENERATION, swap->number) ||
			 nla_put_u32(msg, SEGUE_A_DEVICES, swap->devices) ||
			 nla_put_u8(msg, SEGUE_A_RESULT, swap->result) ||
			 nla_put_s32(msg, SEGUE_A_ERRNO, swap->err));
}

void segue_event_step(const struct segue_target *target, enum segue_event event, unsigned int step,
		      u64 duration_ns, int err)
{
	void *header;
	struct sk_buff *msg;

	trace_segue_step(target->swap->id, dev_name(target->dev), event, step, err, duration_ns,
			 target->driver_ns);
	msg = segue_event_new(target->swap->id, event, &header);
	if (!msg)
		return;
	segue_event_send(msg, header,
			 segue_event_put_target(msg, target) ||
			 nla_put_u8(msg, SEGUE_A_STEP, step) ||
			 nla_put_s32(msg, SEGUE_A_ERRNO, err) ||
			 nla_put_u64_64bit(msg, SEGUE_A_DURATION_NS, duration_ns, SEGUE_A_PAD) ||
			 nla_put_u64_64bit(msg, SEGUE_A_DRIVER_NS, target->driver_ns, SEGUE_A_PAD));
}

void segue_event_finding(const struct segue_target *target, const struct segue_finding *finding)
{
	void *header;
	struct sk_buff *msg = segue_event_new(target->swap->id, SEGUE_EVENT_FINDING, &header);

	if (!msg)
		return;
	segue_event_send(msg, header,
			 segue_event_put_target(msg, target) ||
			 nla_put_u8(msg, SEGUE_A_STEP, target->step) ||
			 segue_event_put_finding(msg, finding));
}

void segue_event_device(const struct segue_target *target, enum segue_result result)
{
	void *header;
	struct sk_buff *msg = segue_event_new(target->swap->id, SEGUE_EVENT_DEVICE_END, &header);

	if (!msg)
		return;
	segue_event_send(msg, header,
			 segue_event_put_target(msg, target) ||
			 nla_put_u8(msg, SEGUE_A_STEP, target->step) ||
			 nla_put_u8(msg, SEGUE_A_RESULT, result) ||
			 nla_put_s32(msg, SEGUE_A_ERRNO, target->err) ||
			 nla_put_u64_64bit(msg, SEGUE_A_PAUSE_NS, target->pause_ns, SEGUE_A_PAD));
}

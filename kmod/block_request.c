// SPDX-License-Identifier: GPL-2.0
/*
 * Requests that do not come from bios.
 *
 * A multipath head of the device mapper passes requests on: it allocates one of the disk's queue,
 * so that it never comes by the fence.  A queue of SCSI's mid layer is not even frozen then, and
 * the mid layer would fail the request of a device that it removes, and the head its path.  It asks
 * for a request without waiting, and tries again later when there is none; so there is none.
 *
 * What is passed through to the hardware as it is are commands of the mid layer and of drivers,
 * which they need to start and to leave.
 */
#include <linux/blk-mq.h>
#include <linux/err.h>
#include <linux/rcupdate.h>
#include <linux/wait.h>
#include "block.h"

/* Any context, with preemption off or inside of an RCU read section. */
static bool segue_block_fences_queue(const struct request_queue *q)
{
	struct segue_block *block = READ_ONCE(segue_block_active);
	unsigned int i;

	for (i = 0; block && READ_ONCE(block->fenced) && i < block->count; i++)
		if (block->disks[i].queue == q)
			return true;
	return false;
}

static bool segue_block_is_queue_fenced(const struct request_queue *q)
{
	bool fenced;

	rcu_read_lock();
	fenced = segue_block_fences_queue(q);
	rcu_read_unlock();
	return fenced;
}

/* blk_mq_alloc_request(q, opf, flags) */
bool segue_block_holds_request(const struct pt_regs *regs)
{
	return !blk_op_is_passthrough((__force blk_opf_t)regs->si & REQ_OP_MASK) &&
	       segue_block_fences_queue((const struct request_queue *)regs->di);
}

struct request *segue_block_alloc_request(struct request_queue *q, blk_opf_t opf,
					  blk_mq_req_flags_t flags)
{
	struct request *rq = ERR_PTR(-EWOULDBLOCK);

	if (flags & BLK_MQ_REQ_NOWAIT)
		return rq;
	segue_block_handler_enter();
	wait_event(segue_block_waiters, !segue_block_is_queue_fenced(q));
	rq = blk_mq_alloc_request(q, opf, flags);
	segue_block_handler_leave();
	return rq;
}

/*
 * blk_lld_busy(q): the head asks the driver, by way of a queue that it has no reference on, and the
 * mid layer would look at the device that it removes.
 */
bool segue_block_holds_busy(const struct pt_regs *regs)
{
	return segue_block_fences_queue((const struct request_queue *)regs->di);
}

int segue_block_is_busy(struct request_queue *q)
{
	return 1;
}

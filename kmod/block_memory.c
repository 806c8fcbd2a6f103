// SPDX-License-Identifier: GPL-2.0
/*
 * Memory during the pause: none can be had that is only free after something was written to the
 * disk that waits.
 *
 * What the probe of a driver takes is set aside while the disk still works, and given back when the
 * probe begins.  Whoever makes a tag set, which is most of it, may go below the watermarks, so that
 * it is there for that and not for somebody who takes all there is.
 *
 * Nobody writes pages to swap, which would take memory for what is not written, and would have the
 * writer wait: it may be a worker of the probe, or hold a lock that the probe takes.  So the pages
 * stay, users get on slowly, and the kernel's own tasks get of what is set aside.
 */
#include <linux/atomic.h>
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/writeback.h>
#include "block.h"

/* In pieces of this order, if there are any. */
#define SEGUE_RESERVE_ORDER	4

/* For all that is not a request; and more is never set aside. */
#define SEGUE_RESERVE_LEAST	(2ul << 20)
#define SEGUE_RESERVE_MOST	(64ul << 20)

/* After so many pages that were not written a worker gets a piece, and a user rests. */
#define SEGUE_RESERVE_HELP	32
#define SEGUE_RESERVE_REST	256

static unsigned long segue_disk_requests_size(const struct segue_disk *disk)
{
	const struct request_queue *q = disk->queue;
	const struct blk_mq_tag_set *set = q->tag_set;
	unsigned long requests;

	if (!set)
		return 0;
	/* The driver's own, which its disks share, and the scheduler's. */
	requests = q->nr_requests;
	if (disk == disk->block->disks)
		requests += set->queue_depth;
	return requests * set->nr_hw_queues * (sizeof(struct request) + set->cmd_size);
}

static unsigned long segue_block_probe_size(const struct segue_block *block)
{
	unsigned long size = SEGUE_RESERVE_LEAST;
	unsigned int i;

	for (i = 0; i < block->count; i++)
		size += segue_disk_requests_size(&block->disks[i]);
	return min(size, SEGUE_RESERVE_MOST);
}

/* The order of a piece is kept in it. */
static struct page *segue_block_piece(void)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_NOWARN;
	unsigned int order = SEGUE_RESERVE_ORDER;
	struct page *page = alloc_pages(gfp | __GFP_NORETRY, order);

	if (!page) {
		order = 0;
		page = alloc_page(gfp | __GFP_RETRY_MAYFAIL);
	}
	if (page)
		set_page_private(page, order);
	return page;
}

static struct page *segue_block_take_piece(struct segue_block *block, struct list_head *pieces)
{
	struct page *page;

	spin_lock(&block->memory_lock);
	page = list_first_entry_or_null(pieces, struct page, lru);
	if (page)
		list_del(&page->lru);
	spin_unlock(&block->memory_lock);
	return page;
}

static void segue_block_free_pieces(struct segue_block *block, struct list_head *pieces)
{
	struct page *page;

	while ((page = segue_block_take_piece(block, pieces)))
		__free_pages(page, page_private(page));
}

static int segue_block_set_aside(struct list_head *pieces, unsigned long size)
{
	unsigned long have = 0;
	struct page *page;

	while (have < size) {
		page = segue_block_piece();
		if (!page)
			return -ENOMEM;
		list_add(&page->lru, pieces);
		have += PAGE_SIZE << page_private(page);
	}
	return 0;
}

/**
 * segue_block_reserve - set memory aside for two probes, the new driver's and one to go back
 * @block: the disks, which still work
 * @found: gets how much is missing
 *
 * Context: process. Return: 0 or -ENOMEM, then nothing is set aside.
 */
int segue_block_reserve(struct segue_block *block, struct segue_findings *found)
{
	unsigned long size = segue_block_probe_size(block);

	if (!segue_block_set_aside(&block->reserve[0], size) &&
	    !segue_block_set_aside(&block->reserve[1], size))
		return 0;
	segue_block_unreserve(block);
	segue_found_text(found, SEGUE_SEVERITY_IMPOSSIBLE,
			 "two times %lu KiB of memory are needed for the pause and cannot be had",
			 size >> 10);
	return -ENOMEM;
}

/* The next probe begins: what is set aside for it is free. */
void segue_block_spend(struct segue_block *block)
{
	segue_block_free_pieces(block, &block->reserve[list_empty(&block->reserve[0])]);
}

void segue_block_unreserve(struct segue_block *block)
{
	segue_block_free_pieces(block, &block->reserve[0]);
	segue_block_free_pieces(block, &block->reserve[1]);
}

/*
 * blk_mq_alloc_tag_set(set): when there is no memory for a queue of the driver's depth, it makes a
 * shorter one, which would be refused.  Some drivers call it in other tasks.  Only this goes below
 * the watermarks: a task that does may not flush work items, as drivers do when they leave.
 */
int segue_block_alloc_tag_set(struct blk_mq_tag_set *set)
{
	unsigned int noio = memalloc_noio_save(), noreclaim = memalloc_noreclaim_save();
	int err = blk_mq_alloc_tag_set(set);

	memalloc_noreclaim_restore(noreclaim);
	memalloc_noio_restore(noio);
	return err;
}

static struct segue_block *segue_block_fencing(void)
{
	struct segue_block *block = READ_ONCE(segue_block_active);

	return block && READ_ONCE(block->fenced) ? block : NULL;
}

/* swap_writepage(page, wbc), to any disk: it may be stacked on the one that waits */
bool segue_block_swaps_out(const struct pt_regs *regs)
{
	return segue_block_fencing();
}

static bool segue_block_swaps_again(void)
{
	bool again;

	rcu_read_lock();
	again = !segue_block_fencing();
	rcu_read_unlock();
	return again;
}

/* Whoever works for the kernel may work for the probe. */
static void segue_block_help_out(void)
{
	struct segue_block *block;
	struct page *page = NULL;

	rcu_read_lock();
	block = segue_block_fencing();
	if (block)
		page = segue_block_take_piece(block, &block->reserve[1]);
	rcu_read_unlock();
	if (page)
		__free_pages(page, page_private(page));
	else
		schedule_timeout_uninterruptible(1);
}

/*
 * The page is left as it was. Users are slow to find that there is no room, so that none of them is
 * killed for it in a short pause; but not so slow that one with a lock would hold it for long.
 */
int segue_block_swap_writepage(struct page *page, struct writeback_control *wbc)
{
	static atomic_t workers, users;

	segue_block_handler_enter();
	set_page_dirty(page);
	unlock_page(page);
	if (current->flags & PF_KTHREAD && !(current->flags & PF_KSWAPD)) {
		if (!(atomic_inc_return(&workers) % SEGUE_RESERVE_HELP))
			segue_block_help_out();
	} else if (!(atomic_inc_return(&users) % SEGUE_RESERVE_REST)) {
		wait_event_timeout(segue_block_waiters, segue_block_swaps_again(), 1);
	}
	segue_block_handler_leave();
	return 0;
}

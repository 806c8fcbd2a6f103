// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/backing-dev.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include "compat_block.h"

SEGUE_BLOCK_FUNCTIONS(SEGUE_UNEXPORTED_DEFINE)
SEGUE_BLOCK_SCSI_FUNCTIONS(SEGUE_UNEXPORTED_DEFINE)

static const struct segue_symbol segue_block_symbols[] = {
	SEGUE_BLOCK_FUNCTIONS(SEGUE_UNEXPORTED_SYMBOL)
};

static const struct segue_symbol segue_block_scsi_symbols[] = {
	SEGUE_BLOCK_SCSI_FUNCTIONS(SEGUE_UNEXPORTED_SYMBOL)
};

/* When hooks are armed: the module may be another than at the last time. */
int segue_compat_block_find_scsi(void)
{
	return segue_compat_resolve(segue_block_scsi_symbols,
				    ARRAY_SIZE(segue_block_scsi_symbols));
}

int segue_compat_block_init(void)
{
	return segue_compat_resolve(segue_block_symbols, ARRAY_SIZE(segue_block_symbols));
}

static void segue_compat_block_read_common(struct gendisk *disk, struct segue_queue_state *state)
{
	struct request_queue *q = disk->queue;

	state->limits = q->limits;
	state->flags = q->queue_flags;
	state->nr_requests = q->nr_requests;
	state->depth = q->tag_set ? q->tag_set->queue_depth : 0;
	state->rq_timeout = q->rq_timeout;
	state->ra_pages = disk->bdi->ra_pages;
	state->io_pages = disk->bdi->io_pages;
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)

/* Flags that a driver sets on a fresh queue. */
#define SEGUE_BLOCK_DRIVER_FLAGS						\
	(BIT(QUEUE_FLAG_WC) | BIT(QUEUE_FLAG_HW_WC) | BIT(QUEUE_FLAG_FUA) |	\
	 BIT(QUEUE_FLAG_NONROT) | BIT(QUEUE_FLAG_ADD_RANDOM) |			\
	 BIT(QUEUE_FLAG_STABLE_WRITES) | BIT(QUEUE_FLAG_DAX) |			\
	 BIT(QUEUE_FLAG_POLL) | BIT(QUEUE_FLAG_PCI_P2PDMA) |			\
	 BIT(QUEUE_FLAG_ZONE_RESETALL) | BIT(QUEUE_FLAG_SQ_SCHED) |		\
	 BIT(QUEUE_FLAG_NOWAIT))

/* Flags that a user sets in sysfs. */
#define SEGUE_BLOCK_USER_FLAGS							\
	(BIT(QUEUE_FLAG_NOMERGES) | BIT(QUEUE_FLAG_NOXMERGES) |			\
	 BIT(QUEUE_FLAG_SAME_COMP) | BIT(QUEUE_FLAG_SAME_FORCE) |		\
	 BIT(QUEUE_FLAG_IO_STAT) | BIT(QUEUE_FLAG_ADD_RANDOM) |			\
	 BIT(QUEUE_FLAG_NONROT) | BIT(QUEUE_FLAG_STABLE_WRITES))

/* What drivers have set changes places. Both queues are frozen. */
void segue_compat_block_exchange(struct request_queue *one, struct request_queue *other)
{
	unsigned long differ = (one->queue_flags ^ other->queue_flags) & SEGUE_BLOCK_DRIVER_FLAGS;

	swap(one->limits, other->limits);
	one->queue_flags ^= differ;
	other->queue_flags ^= differ;
}

void segue_compat_block_read(struct gendisk *disk, struct segue_queue_state *state)
{
	struct request_queue *q = disk->queue;
	unsigned long flags = q->queue_flags;

	segue_compat_block_read_common(disk, state);
	state->poll_nsec = q->poll_nsec;
	state->features = 0;
	__assign_bit(SEGUE_BLOCK_CACHE, &state->features, flags & BIT(QUEUE_FLAG_HW_WC));
	__assign_bit(SEGUE_BLOCK_FUA, &state->features, flags & BIT(QUEUE_FLAG_FUA));
	__assign_bit(SEGUE_BLOCK_NOWAIT, &state->features, flags & BIT(QUEUE_FLAG_NOWAIT));
	__assign_bit(SEGUE_BLOCK_DAX, &state->features, flags & BIT(QUEUE_FLAG_DAX));
	__assign_bit(SEGUE_BLOCK_POLL, &state->features, flags & BIT(QUEUE_FLAG_POLL));
	__assign_bit(SEGUE_BLOCK_ZONED, &state->features, q->limits.zoned != BLK_ZONED_NONE);
	__assign_bit(SEGUE_BLOCK_P2PDMA, &state->features, flags & BIT(QUEUE_FLAG_PCI_P2PDMA));
	__assign_bit(SEGUE_BLOCK_STABLE, &state->features,
		     flags & BIT(QUEUE_FLAG_STABLE_WRITES));
}

/*
 * Everything as it was. The queue is frozen; bits that others change at any time are left alone.
 */
void segue_compat_block_put_back(struct gendisk *disk, const struct segue_queue_state *state)
{
	struct request_queue *q = disk->queue;
	const unsigned long mask = SEGUE_BLOCK_DRIVER_FLAGS | SEGUE_BLOCK_USER_FLAGS;

	q->limits = state->limits;
	q->queue_flags = (q->queue_flags & ~mask) | (state->flags & mask);
	disk->bdi->ra_pages = state->ra_pages;
	disk->bdi->io_pages = state->io_pages;
}

/* What the user set, as far as the new driver allows it. */
int segue_compat_block_put_user(struct gendisk *disk, const struct segue_queue_state *was)
{
	struct request_queue *q = disk->queue;
	struct queue_limits *limits = &q->limits;

	limits->max_sectors = min(was->limits.max_sectors, limits->max_hw_sectors);
	if (was->limits.max_discard_sectors < was->limits.max_hw_discard_sectors)
		limits->max_discard_sectors = min(was->limits.max_discard_sectors,
						  limits->max_hw_discard_sectors);
	q->queue_flags = (q->queue_flags & ~SEGUE_BLOCK_USER_FLAGS) |
			 (was->flags & SEGUE_BLOCK_USER_FLAGS);
	/* "write through" by the user: the cache is there, flushes are not wanted. */
	if (was->flags & BIT(QUEUE_FLAG_HW_WC)) {
		if (was->flags & BIT(QUEUE_FLAG_WC))
			blk_queue_flag_set(QUEUE_FLAG_WC, q);
		else
			blk_queue_flag_clear(QUEUE_FLAG_WC, q);
	}
	q->poll_nsec = was->poll_nsec;
	disk->bdi->ra_pages = was->ra_pages;
	disk->bdi->io_pages = min_t(unsigned long, was->io_pages,
				    limits->max_sectors >> (PAGE_SHIFT - SECTOR_SHIFT));
	return 0;
}

/* Limits that drivers set by functions only, and never decide by. */
#define SEGUE_BLOCK_KEPT_LIMITS(X)						\
	X(dma_alignment)							\
	X(logical_block_size)							\
	X(physical_block_size)							\
	X(io_min)								\
	X(alignment_offset)							\
	X(max_write_zeroes_sectors)

/**
 * struct segue_queue_description - what a driver says of its queue
 * @noted: gets it; only limits and flags are used
 * @before: limits that others see meanwhile
 */
struct segue_queue_description {
	struct request_queue noted;
	struct queue_limits before;
};

struct segue_queue_description *segue_compat_block_description(void)
{
	return kzalloc(sizeof(struct segue_queue_description), GFP_KERNEL);
}

/* The queue as a driver finds a fresh one, but for what is kept until it is described. */
int segue_compat_block_clear(struct request_queue *q, const struct queue_limits *lim,
			     struct segue_queue_description *description)
{
	struct queue_limits fresh = { };

	static_call(segue_blk_set_default_limits)(&fresh);
	description->before = q->limits;
	description->noted.limits = fresh;
	description->noted.queue_flags = (q->queue_flags & ~SEGUE_BLOCK_DRIVER_FLAGS) |
					 QUEUE_FLAG_MQ_DEFAULT;
#define SEGUE_KEEP(_limit)	fresh._limit = description->before._limit;
	SEGUE_BLOCK_KEPT_LIMITS(SEGUE_KEEP)
#undef SEGUE_KEEP
	q->limits = fresh;
	q->required_elevator_features = 0;
	q->dma_pad_mask = 0;
	q->queue_depth = 0;
	return 0;
}

/* Any context. Return: the queue that the driver's function shall change instead. */
struct request_queue *segue_compat_block_describes(struct request_queue *q,
						   struct segue_queue_description *description)
{
	return &description->noted;
}

bool segue_compat_block_is_described(unsigned long flag)
{
	return flag < BITS_PER_LONG && SEGUE_BLOCK_DRIVER_FLAGS & BIT(flag);
}

/* The description is complete. A driver that has written to a kept limit itself is believed. */
void segue_compat_block_described(struct request_queue *q,
				  const struct segue_queue_description *description)
{
	const struct queue_limits *noted = &description->noted.limits;
	unsigned long differ = (q->queue_flags ^ description->noted.queue_flags) &
			       SEGUE_BLOCK_DRIVER_FLAGS;
	unsigned int flag;

#define SEGUE_PUT(_limit)							\
	if (q->limits._limit == description->before._limit)			\
		q->limits._limit = noted->_limit;
	SEGUE_BLOCK_KEPT_LIMITS(SEGUE_PUT)
#undef SEGUE_PUT
	for_each_set_bit(flag, &differ, BITS_PER_LONG)
		change_bit(flag, &q->queue_flags);
}

/*
 * 80bd4a7aab4c ("blk-mq: move the srcu_struct used for quiescing to the tagset", 6.2): before, a
 * queue was made for drivers that sleep, or for those that do not.
 */
bool segue_compat_block_blocking_differs(struct request_queue *q, struct blk_mq_tag_set *set)
{
	return blk_queue_has_srcu(q) != !!(set->flags & BLK_MQ_F_BLOCKING);
}

static void segue_compat_block_drop_poll(struct request_queue *q)
{
	if (q->poll_stat) {
		static_call(segue_blk_stat_remove_callback)(q, q->poll_cb);
		kfree(q->poll_stat);
		q->poll_stat = NULL;
	}
	static_call(segue_blk_stat_free_callback)(q->poll_cb);
	q->poll_cb = NULL;
}

bool segue_compat_block_integrity(struct request_queue *q)
{
#ifdef CONFIG_BLK_DEV_INTEGRITY
	return q->integrity.profile;
#else
	return false;
#endif
}

/*
 * 2bd85221a625 ("block: untangle request_queue refcounting from sysfs", 6.2) moved the directory.
 */
struct gendisk *segue_compat_block_of_queue_kobject(struct kobject *kobj)
{
	return container_of(kobj, struct request_queue, kobj)->disk;
}

bool segue_compat_block_is_queue_kobject(struct gendisk *disk, unsigned long kobj)
{
	return (unsigned long)&disk->queue->kobj == kobj;
}

void segue_compat_block_no_scheduler(struct request_queue *q)
{
	if (q->elevator)
		static_call(segue_elevator_switch)(q, NULL);
}

#else /* 6.11 and later */

void segue_compat_block_exchange(struct request_queue *one, struct request_queue *other)
{
	swap(one->limits, other->limits);
}

void segue_compat_block_read(struct gendisk *disk, struct segue_queue_state *state)
{
	const blk_features_t features = disk->queue->limits.features;

	segue_compat_block_read_common(disk, state);
	state->features = 0;
	__assign_bit(SEGUE_BLOCK_CACHE, &state->features, features & BLK_FEAT_WRITE_CACHE);
	__assign_bit(SEGUE_BLOCK_FUA, &state->features, features & BLK_FEAT_FUA);
	__assign_bit(SEGUE_BLOCK_NOWAIT, &state->features, features & BLK_FEAT_NOWAIT);
	__assign_bit(SEGUE_BLOCK_DAX, &state->features, features & BLK_FEAT_DAX);
	__assign_bit(SEGUE_BLOCK_POLL, &state->features, features & BLK_FEAT_POLL);
	__assign_bit(SEGUE_BLOCK_ZONED, &state->features, features & BLK_FEAT_ZONED);
	__assign_bit(SEGUE_BLOCK_P2PDMA, &state->features, features & BLK_FEAT_PCI_P2PDMA);
	__assign_bit(SEGUE_BLOCK_STABLE, &state->features, features & BLK_FEAT_STABLE_WRITES);
}

#define SEGUE_BLOCK_USER_FLAGS							\
	(BIT(QUEUE_FLAG_NOMERGES) | BIT(QUEUE_FLAG_NOXMERGES) |			\
	 BIT(QUEUE_FLAG_SAME_COMP) | BIT(QUEUE_FLAG_SAME_FORCE))

#define SEGUE_BLOCK_USER_FEATURES						\
	(BLK_FEAT_IO_STAT | BLK_FEAT_ADD_RANDOM | BLK_FEAT_ROTATIONAL |		\
	 BLK_FEAT_STABLE_WRITES)

static void segue_compat_block_put_flags(struct request_queue *q, unsigned long flags)
{
	q->queue_flags = (q->queue_flags & ~SEGUE_BLOCK_USER_FLAGS) |
			 (flags & SEGUE_BLOCK_USER_FLAGS);
}

void segue_compat_block_put_back(struct gendisk *disk, const struct segue_queue_state *state)
{
	struct request_queue *q = disk->queue;

	mutex_lock(&q->limits_lock);
	q->limits = state->limits;
	mutex_unlock(&q->limits_lock);
	segue_compat_block_put_flags(q, state->flags);
	disk->bdi->ra_pages = state->ra_pages;
	disk->bdi->io_pages = state->io_pages;
}

int segue_compat_block_put_user(struct gendisk *disk, const struct segue_queue_state *was)
{
	struct request_queue *q = disk->queue;
	struct queue_limits lim = queue_limits_start_update(q);
	int err;

	lim.max_user_sectors = was->limits.max_user_sectors;
	lim.max_user_discard_sectors = was->limits.max_user_discard_sectors;
	lim.features = (lim.features & ~SEGUE_BLOCK_USER_FEATURES) |
		       (was->limits.features & SEGUE_BLOCK_USER_FEATURES);
	lim.flags = (lim.flags & ~BLK_FLAG_WRITE_CACHE_DISABLED) |
		    (was->limits.flags & BLK_FLAG_WRITE_CACHE_DISABLED);
	err = queue_limits_commit_update(q, &lim);
	segue_compat_block_put_flags(q, was->flags);
	disk->bdi->ra_pages = was->ra_pages;
	return err;
}

/**
 * struct segue_queue_description - what a driver says of its queue
 * @kept: features that others see until the driver has said more than that it is there
 * @said: it has
 */
struct segue_queue_description {
	blk_features_t kept;
	bool said;
};

struct segue_queue_description *segue_compat_block_description(void)
{
	return kzalloc(sizeof(struct segue_queue_description), GFP_KERNEL);
}

/*
 * The limits are given and changed as a whole here, each time from those that are there; every
 * driver that does so says yes or no to a cache.
 */
int segue_compat_block_clear(struct request_queue *q, const struct queue_limits *lim,
			     struct segue_queue_description *description)
{
	struct queue_limits fresh = { };
	int err;

	if (lim)
		fresh = *lim;
	fresh.features |= BLK_FEAT_IO_STAT | BLK_FEAT_NOWAIT;
	err = static_call(segue_blk_set_default_limits)(&fresh);
	if (err)
		return err;
	description->said = false;
	description->kept = q->limits.features & (BLK_FEAT_WRITE_CACHE | BLK_FEAT_FUA) &
			    ~fresh.features;
	fresh.features |= description->kept;
	mutex_lock(&q->limits_lock);
	q->limits = fresh;
	mutex_unlock(&q->limits_lock);
	clear_bit(QUEUE_FLAG_SQ_SCHED, &q->queue_flags);
	q->queue_depth = 0;
	return 0;
}

struct request_queue *segue_compat_block_describes(struct request_queue *q,
						   struct segue_queue_description *description)
{
	WRITE_ONCE(description->said, true);
	return q;
}

bool segue_compat_block_is_described(unsigned long flag)
{
	return false;
}

void segue_compat_block_described(struct request_queue *q,
				  const struct segue_queue_description *description)
{
	if (READ_ONCE(description->said))
		return;
	mutex_lock(&q->limits_lock);
	q->limits.features &= ~description->kept;
	mutex_unlock(&q->limits_lock);
}

bool segue_compat_block_blocking_differs(struct request_queue *q, struct blk_mq_tag_set *set)
{
	return false;
}

static void segue_compat_block_drop_poll(struct request_queue *q)
{
}

bool segue_compat_block_integrity(struct request_queue *q)
{
	return q->limits.integrity.tuple_size;
}

struct gendisk *segue_compat_block_of_queue_kobject(struct kobject *kobj)
{
	return container_of(kobj, struct gendisk, queue_kobj);
}

bool segue_compat_block_is_queue_kobject(struct gendisk *disk, unsigned long kobj)
{
	return (unsigned long)&disk->queue_kobj == kobj;
}

void segue_compat_block_no_scheduler(struct request_queue *q)
{
	if (q->elevator)
		static_call(segue_elevator_disable)(q);
}

#endif

/*
 * Takes the driver's half of the queue off: hardware contexts and membership in the tag set, as the
 * end of the queue's life would do.  The queue is frozen and drained; its identity, statistics,
 * cgroup and throttling state stay.
 */
void segue_compat_block_drop_body(struct request_queue *q)
{
	blk_sync_queue(q);
	static_call(segue_blk_mq_cancel_work_sync)(q);
	while (q->quiesce_depth)
		blk_mq_unquiesce_queue(q);
	static_call(segue_blk_mq_exit_queue)(q);
	static_call(segue_blk_mq_release)(q);
	segue_compat_block_drop_poll(q);
	q->tag_set = NULL;
	q->nr_hw_queues = 0;
	q->last_merge = NULL;
#ifdef CONFIG_PM
	q->dev = NULL;
#endif
}

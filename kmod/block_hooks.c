// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel functions that are redirected during a session: see hook.h for how, and block.h for which
 * state of a disk each of them leads to.
 */
#include <linux/mutex.h>
#include <linux/sched.h>
#include "block.h"

/* Drivers may look for their disks in several tasks at once. */
static DEFINE_MUTEX(segue_block_take_mutex);

static struct segue_disk *segue_block_guarded_disk(unsigned long disk)
{
	struct segue_block *block = READ_ONCE(segue_block_active);

	if (!block || !READ_ONCE(block->guarded))
		return NULL;
	return segue_block_disk(block, (const struct gendisk *)disk);
}

/*
 * del_gendisk(disk). Before the old driver is told to leave, whoever removes a disk means it, and
 * had begun before the guard came up.
 */
static bool segue_block_leaves(const struct pt_regs *regs)
{
	const struct segue_disk *disk = segue_block_guarded_disk(regs->di);

	return disk && READ_ONCE(disk->block->handing);
}

/* set_capacity(disk, sectors), set_capacity_and_notify(disk, sectors) */
static bool segue_block_on_disk(const struct pt_regs *regs)
{
	return segue_block_guarded_disk(regs->di);
}

/* device_add_disk(parent, disk, groups) */
static bool segue_block_adds(const struct pt_regs *regs)
{
	return segue_block_guarded_disk(regs->si);
}

/* put_disk(disk), by the driver whose turn it is */
static bool segue_block_puts(const struct pt_regs *regs)
{
	const struct segue_disk *disk = segue_block_guarded_disk(regs->di);
	enum segue_disk_state state;

	if (!disk)
		return false;
	state = READ_ONCE(disk->state);
	return state == SEGUE_DISK_LEFT || state == SEGUE_DISK_BUILDING;
}

static struct segue_disk *segue_block_parked(struct segue_block *block)
{
	unsigned int i;

	for (i = 0; i < block->count; i++)
		if (block->disks[i].owns_queue &&
		    READ_ONCE(block->disks[i].state) == SEGUE_DISK_PARKED)
			return &block->disks[i];
	return NULL;
}

/*
 * __blk_mq_alloc_disk(set, ...) by the driver that is probing: its tag set points into its module.
 * A driver that is part of the kernel has no module, and no second version either.
 */
static bool segue_block_takes(const struct pt_regs *regs)
{
	struct segue_block *block = READ_ONCE(segue_block_active);
	const struct blk_mq_tag_set *set = (const struct blk_mq_tag_set *)regs->di;
	const struct module *module;

	if (!block || !READ_ONCE(block->probing) || !segue_block_parked(block))
		return false;
	module = READ_ONCE(block->module);
	return !module || within_module((unsigned long)set->ops, module);
}

/* blk_mq_alloc_tag_set(set), by whoever works for the probe or not: it does no harm to others */
static bool segue_block_makes_tags(const struct pt_regs *regs)
{
	struct segue_block *block = READ_ONCE(segue_block_active);

	return block && READ_ONCE(block->probing);
}

static void segue_block_del_gendisk(struct gendisk *gendisk)
{
	segue_disk_leave(segue_block_disk(segue_block_active, gendisk));
}

static void segue_block_put_disk(struct gendisk *gendisk)
{
	segue_disk_give_up(segue_block_disk(segue_block_active, gendisk));
}

/* A driver that leaves says that its disk is empty now; nobody shall see that. */
static void segue_block_set_capacity(struct gendisk *gendisk, sector_t sectors)
{
	struct segue_disk *disk = segue_block_disk(segue_block_active, gendisk);

	if (!disk->block->leaving)
		disk->sectors = sectors;
}

static bool segue_block_set_capacity_and_notify(struct gendisk *gendisk, sector_t sectors)
{
	segue_block_set_capacity(gendisk, sectors);
	return false;
}

static struct gendisk *segue_block_alloc_disk(SEGUE_BLOCK_ALLOC_PROTO)
{
	struct segue_disk *disk;
	int err;

	mutex_lock(&segue_block_take_mutex);
	disk = segue_block_parked(segue_block_active);
	if (!disk) {
		mutex_unlock(&segue_block_take_mutex);
		return __blk_mq_alloc_disk(SEGUE_BLOCK_ALLOC_ARGS);
	}
	err = segue_disk_take(disk, set, SEGUE_BLOCK_ALLOC_LIMITS, queuedata);
	mutex_unlock(&segue_block_take_mutex);
	return err ? ERR_PTR(err) : disk->disk;
}

static int segue_block_add_disk(struct device *parent, struct gendisk *gendisk,
				const struct attribute_group **groups)
{
	int err = segue_disk_add(segue_block_disk(segue_block_active, gendisk), parent, groups);

	if (!err)
		segue_target_wake();
	return err;
}

static struct segue_disk *segue_block_described(unsigned long q)
{
	struct segue_block *block = READ_ONCE(segue_block_active);
	unsigned int i;

	for (i = 0; block && READ_ONCE(block->guarded) && i < block->count; i++)
		if ((unsigned long)block->disks[i].queue == q &&
		    READ_ONCE(block->disks[i].describing))
			return &block->disks[i];
	return NULL;
}

/* What a driver says of a queue that it is still describing is noted. */
static void segue_block_divert(unsigned long *q)
{
	struct segue_disk *disk = segue_block_described(*q);

	if (disk)
		*q = (unsigned long)segue_compat_block_describes(disk->queue, disk->description);
}

/* blk_queue_...(q, ...) */
static void segue_block_diverts_first(struct pt_regs *regs)
{
	segue_block_divert(&regs->di);
}

/* blk_queue_flag_...(flag, q); some flags are the kernel's own. */
static __maybe_unused void segue_block_diverts_second(struct pt_regs *regs)
{
	if (segue_compat_block_is_described(regs->di))
		segue_block_divert(&regs->si);
}

#define SEGUE_DIVERT_FIRST(_function)						\
	{ .function = #_function, .divert = segue_block_diverts_first },
#define SEGUE_DIVERT_SECOND(_function)						\
	{ .function = #_function, .divert = segue_block_diverts_second },

/*
 * A module that a driver's probe asks for would be read from a disk, which may be the one that
 * waits for the probe.  Others may ask: they wait for the disk.
 */
static bool segue_block_requests_module(const struct pt_regs *regs)
{
	struct segue_block *block = READ_ONCE(segue_block_active);

	return block && READ_ONCE(block->fenced) && current->flags & PF_KTHREAD;
}

/* __request_module(wait, format, ...): as if there were no such module. */
static int segue_block_no_module(void)
{
	return -ENOENT;
}

const struct segue_hook segue_block_hooks[] = {
	SEGUE_BLOCK_DESCRIBING(SEGUE_DIVERT_FIRST, SEGUE_DIVERT_SECOND)
	{ "__request_module", segue_block_no_module, segue_block_requests_module },
	{ "submit_bio_noacct", segue_block_submit_bio, segue_block_holds_bio },
	{ "submit_bio_noacct_nocheck", segue_block_submit_bio_nocheck, segue_block_holds_bio },
	{ "blk_mq_alloc_request", segue_block_alloc_request, segue_block_holds_request },
	{ "blk_lld_busy", segue_block_is_busy, segue_block_holds_busy },
	{ "queue_attr_show", segue_block_show, segue_block_holds_attribute },
	{ "queue_attr_store", segue_block_store, segue_block_holds_attribute },
	{ "blkdev_ioctl", segue_block_ioctl, segue_block_holds_ioctl },
	{ "compat_blkdev_ioctl", segue_block_compat_ioctl, segue_block_holds_ioctl },
	{ "kernfs_iop_get_link", segue_block_get_link, segue_block_holds_link },
	{ "device_driver_detach", segue_block_detach, segue_block_holds_removal },
	{ "sdev_store_delete", segue_block_delete, segue_block_holds_removal,
	  .optional = true, .bind = segue_compat_block_find_scsi },
	{ "set_capacity", segue_block_set_capacity, segue_block_on_disk },
	{ "set_capacity_and_notify", segue_block_set_capacity_and_notify, segue_block_on_disk },
	{ "del_gendisk", segue_block_del_gendisk, segue_block_leaves },
	{ "put_disk", segue_block_put_disk, segue_block_puts },
	{ "__blk_mq_alloc_disk", segue_block_alloc_disk, segue_block_takes },
	{ "device_add_disk", segue_block_add_disk, segue_block_adds },
	{ "swap_writepage", segue_block_swap_writepage, segue_block_swaps_out, .optional = true },
	{ "blk_mq_alloc_tag_set", segue_block_alloc_tag_set, segue_block_makes_tags },
	{ SEGUE_BLOCK_INIT_QUEUE, segue_block_init_queue, segue_block_inits_queue },
	{ "blk_mq_destroy_queue", segue_block_destroy_queue, segue_block_destroys_queue },
	{ "blk_mq_alloc_disk_for_queue", segue_block_alloc_disk_for_queue,
	  segue_block_takes_for_queue },
	{ "scsi_alloc_sdev", NULL, segue_block_watches_scsi, .optional = true },
	{ "ata_dev_power_set_standby", segue_block_stay_awake, segue_block_puts_to_sleep,
	  .followed = true },
};

const unsigned int segue_block_hook_count = ARRAY_SIZE(segue_block_hooks);

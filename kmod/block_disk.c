// SPDX-License-Identifier: GPL-2.0
/* How a disk passes from one driver to the next, see block.h. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/backing-dev.h>
#include <linux/device.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include "block.h"

/* What a driver sets in struct gendisk, and a new driver must find as in a fresh one. */
#define SEGUE_DISK_DRIVER_FLAGS	(GENHD_FL_HIDDEN | GENHD_FL_REMOVABLE | GENHD_FL_NO_PART)

/* Any context; called by hooks, with preemption off. */
struct segue_disk *segue_block_disk(struct segue_block *block, const struct gendisk *disk)
{
	unsigned int i;

	for (i = 0; i < block->count; i++)
		if (block->disks[i].disk == disk)
			return &block->disks[i];
	return NULL;
}

/* Without a driver nothing can be asked; the guard makes callers wait while a swap runs. */
static int segue_disk_no_ioctl(struct block_device *bdev, segue_compat_blk_mode_t mode,
			       unsigned int cmd, unsigned long arg)
{
	return -ENXIO;
}

/* The module of whoever has the disk open while no driver has it is this one. */
const struct block_device_operations segue_disk_parked_ops = {
	.owner = THIS_MODULE,
	.ioctl = segue_disk_no_ioctl,
};

/*
 * Nobody opens or closes the disk any more.  The disks of a device are locked one after the other,
 * always in the same order, by the one swap there is.
 */
void segue_disk_lock(struct segue_disk *disk)
{
	mutex_lock_nested(&disk->disk->open_mutex,
			  1 + (disk - disk->block->disks) % (MAX_LOCKDEP_SUBCLASSES - 1));
	disk->locked = true;
}

void segue_disk_unlock(struct segue_disk *disk)
{
	if (!disk->locked)
		return;
	disk->locked = false;
	mutex_unlock(&disk->disk->open_mutex);
}

/*
 * As the block layer counts: an opener of the disk or of a partition holds a reference on the
 * driver's module; the driver's own open function is called for each opener of the disk, and once
 * for each partition that is open.
 */
static void segue_disk_count_openers(struct segue_disk *disk)
{
	struct gendisk *gendisk = disk->disk;
	struct block_device *part;
	unsigned long number;

	disk->openers = atomic_read(&gendisk->part0->bd_openers);
	disk->references = disk->openers - gendisk->open_partitions;
	xa_for_each(&gendisk->part_tbl, number, part)
		if (number)
			disk->references += atomic_read(&part->bd_openers);
}

static void segue_disk_read_identity(struct segue_disk *disk)
{
	const struct gendisk *gendisk = disk->disk;
	struct segue_disk_identity *identity = &disk->identity;

	strscpy(identity->name, gendisk->disk_name, sizeof(identity->name));
	identity->major = gendisk->major;
	identity->first_minor = gendisk->first_minor;
	identity->minors = gendisk->minors;
	identity->flags = gendisk->flags;
	identity->read_only = test_bit(GD_READ_ONLY, &gendisk->state);
	identity->sectors = get_capacity(disk->disk);
}

static void segue_disk_restore_identity(struct segue_disk *disk)
{
	const struct segue_disk_identity *identity = &disk->identity;
	struct gendisk *gendisk = disk->disk;

	strscpy(gendisk->disk_name, identity->name, sizeof(gendisk->disk_name));
	gendisk->major = identity->major;
	gendisk->first_minor = identity->first_minor;
	gendisk->minors = identity->minors;
	gendisk->flags = identity->flags;
	if (identity->read_only)
		set_bit(GD_READ_ONLY, &gendisk->state);
	else
		clear_bit(GD_READ_ONLY, &gendisk->state);
}

/*
 * Reads what has to be put in again.  The disk is guarded and locked, so that it stays true; I/O
 * goes on. Context: process. Return: 0 or a negative error.
 */
int segue_disk_capture(struct segue_disk *disk)
{
	struct request_queue *q = disk->queue;
	int err;

	segue_disk_count_openers(disk);
	/* The grace period that a freeze needs is taken here, not in the pause. */
	percpu_ref_switch_to_atomic_sync(&q->q_usage_counter);
	if (disk->state != SEGUE_DISK_OWNED)
		return 0;
	if (!disk->before)
		disk->before = kmalloc(2 * PAGE_SIZE, GFP_KERNEL);
	if (!disk->description)
		disk->description = segue_compat_block_description();
	if (!disk->before || !disk->description)
		return -ENOMEM;
	segue_disk_read_identity(disk);
	segue_disk_find_address(disk);
	disk->groups = disk_to_dev(disk->disk)->groups;
	disk->moves = disk_to_dev(disk->disk)->parent != disk->block->dev;
	segue_disk_read_marks(disk, disk->marks);
	disk->holder = disk->disk->fops->owner;
	disk->sectors = disk->identity.sectors;
	err = segue_disk_read_scsi(disk);
	if (err)
		return err;
	segue_disk_free_scheduler(disk->scheduler);
	mutex_lock(&q->sysfs_lock);
	segue_compat_block_read(disk->disk, &disk->was);
	disk->scheduler = segue_disk_read_scheduler(q, &err);
	mutex_unlock(&q->sysfs_lock);
	return err;
}

static void segue_disk_move_references(struct segue_disk *disk, struct module *to)
{
	unsigned int i;

	if (disk->holder == to)
		return;
	for (i = 0; i < disk->references; i++) {
		__module_get(to);
		module_put(disk->holder);
	}
	disk->holder = to;
}

static void segue_disk_move(struct segue_disk *disk, struct device *parent)
{
	struct device *dev = disk_to_dev(disk->disk);
	int err;

	if (dev->parent == parent)
		return;
	dev_set_uevent_suppress(dev, true);
	err = device_move(dev, parent, DPM_ORDER_DEV_AFTER_PARENT);
	dev_set_uevent_suppress(dev, false);
	if (err)
		pr_warn("%s: stays below %s in sysfs (error %d)\n", disk->identity.name,
			dev_name(dev->parent), err);
}

/* What is shown of the driver's half of the queue. The queue is frozen. */
void segue_disk_conceal(struct segue_disk *disk)
{
	struct request_queue *q = disk->queue;

	if (!disk->exposed)
		return;
	disk->exposed = false;
	mutex_lock(&q->sysfs_lock);
	segue_compat_block_no_scheduler(q);
	mutex_unlock(&q->sysfs_lock);
	mutex_lock(&q->sysfs_dir_lock);
	static_call(segue_blk_mq_sysfs_unregister)(disk->disk);
	mutex_unlock(&q->sysfs_dir_lock);
	mutex_lock(&q->debugfs_mutex);
	static_call(segue_blk_mq_debugfs_unregister_hctxs)(q);
	mutex_unlock(&q->debugfs_mutex);
}

/* Undoes segue_disk_conceal(), for the driver that has the disk now. Return: 0 or an error. */
int segue_disk_expose(struct segue_disk *disk)
{
	struct request_queue *q = disk->queue;
	int err;

	if (disk->exposed)
		return 0;
	mutex_lock(&q->sysfs_dir_lock);
	err = static_call(segue_blk_mq_sysfs_register)(disk->disk);
	mutex_unlock(&q->sysfs_dir_lock);
	if (err)
		return err;
	static_call(segue_blk_mq_debugfs_register_hctxs)(q);
	disk->exposed = true;
	if (!disk->scheduler)
		return 0;
	mutex_lock(&q->sysfs_lock);
	err = segue_disk_put_scheduler(q, disk->scheduler);
	mutex_unlock(&q->sysfs_lock);
	return err;
}

/* The driver's code for closing is run for each opener, as if they all had left. */
static void segue_disk_release_openers(struct segue_disk *disk)
{
	unsigned int i;

	if (!disk->opened)
		return;
	disk->opened = false;
	for (i = 0; i < disk->openers; i++)
		segue_compat_block_release(disk->disk);
}

/**
 * segue_disk_leave - the driver unregisters the disk
 * @disk: the disk, frozen
 *
 * Context: the driver's, in del_gendisk()'s place.
 */
void segue_disk_leave(struct segue_disk *disk)
{
	const struct block_device_operations *fops = disk->disk->fops;

	if (disk->state != SEGUE_DISK_OWNED)
		return;
	segue_disk_conceal(disk);
	segue_disk_release_openers(disk);
	segue_disk_move_references(disk, THIS_MODULE);
	disk->left = fops->free_disk;
	WRITE_ONCE(disk->disk->fops, &segue_disk_parked_ops);
	if (disk->owns_queue)
		segue_compat_block_drop_body(disk->queue);
	/* The driver may be about to remove the device that the disk is below. */
	segue_disk_move(disk, disk->block->dev);
	disk->state = SEGUE_DISK_LEFT;
}

/**
 * segue_disk_give_up - the driver drops its reference on the disk
 * @disk: the disk
 *
 * After unregistering it, or because it could not register it.
 * Context: the driver's, in put_disk()'s place.
 */
void segue_disk_give_up(struct segue_disk *disk)
{
	if (disk->state == SEGUE_DISK_LEFT) {
		if (disk->left)
			disk->left(disk->disk);
	} else {
		WRITE_ONCE(disk->disk->fops, &segue_disk_parked_ops);
		if (disk->owns_queue)
			segue_compat_block_drop_body(disk->queue);
		WRITE_ONCE(disk->describing, false);
	}
	disk->disk->private_data = NULL;
	if (disk->owns_queue)
		disk->queue->queuedata = NULL;
	segue_disk_restore_identity(disk);
	segue_compat_block_put_back(disk->disk, &disk->was);
	disk->state = SEGUE_DISK_PARKED;
}

/* Ends what segue_disk_park_idle() began. */
void segue_disk_drop_idle(struct segue_disk *disk)
{
	if (!disk->idle)
		return;
	segue_compat_block_drop_body(disk->queue);
	blk_mq_free_tag_set(disk->idle);
	kfree(disk->idle);
	disk->idle = NULL;
}

/* The disk as a driver finds a fresh one. */
void segue_disk_begin_building(struct segue_disk *disk)
{
	struct gendisk *gendisk = disk->disk;

	gendisk->major = 0;
	gendisk->first_minor = 0;
	gendisk->minors = 0;
	gendisk->flags &= ~SEGUE_DISK_DRIVER_FLAGS;
	gendisk->events = 0;
	gendisk->event_flags = 0;
	clear_bit(GD_READ_ONLY, &gendisk->state);
	disk->sectors = 0;
	disk->state = SEGUE_DISK_BUILDING;
}

/**
 * segue_disk_init_queue - give the queue of a parked disk a driver's half
 * @disk: the disk
 * @set: the driver's tag set
 * @lim: limits that it begins with, or NULL
 * @data: the driver's
 *
 * Context: the driver's. Return: 0 or a negative error.
 */
int segue_disk_init_queue(struct segue_disk *disk, struct blk_mq_tag_set *set,
			  const struct queue_limits *lim, void *data)
{
	struct request_queue *q = disk->queue;
	int err;

	segue_disk_drop_idle(disk);
	err = segue_compat_block_clear(q, lim, disk->description);
	if (err)
		return err;
	WRITE_ONCE(disk->describing, true);
	q->queuedata = data;
	err = blk_mq_init_allocated_queue(set, q);
	if (err)
		WRITE_ONCE(disk->describing, false);
	return err;
}

/* The driver has said what there is to say of the queue. */
static void segue_disk_end_describing(struct segue_disk *disk)
{
	if (!disk->describing)
		return;
	WRITE_ONCE(disk->describing, false);
	segue_compat_block_described(disk->queue, disk->description);
}

/**
 * segue_disk_take - a driver asks for a disk and is given this one
 * @disk: a parked disk
 * @set: the driver's tag set
 * @lim: limits that it begins with, or NULL
 * @data: the driver's, for the queue
 *
 * Context: the driver's, in place of the allocation. Return: 0 or a negative error.
 */
int segue_disk_take(struct segue_disk *disk, struct blk_mq_tag_set *set,
		    const struct queue_limits *lim, void *data)
{
	struct request_queue *q = disk->queue;
	int err;

	if (segue_compat_block_blocking_differs(q, set)) {
		pr_err("%s: one driver's requests may sleep, the other's may not; this kernel's queues cannot be both\n",
		       disk->identity.name);
		return -EOPNOTSUPP;
	}
	err = segue_disk_init_queue(disk, set, lim, data);
	if (err) {
		segue_compat_block_put_back(disk->disk, &disk->was);
		return err;
	}
	segue_disk_begin_building(disk);
	return 0;
}

bool segue_disk_is_below(const struct device *dev, const struct device *top)
{
	while (dev && dev != top)
		dev = dev->parent;
	return dev;
}

/**
 * segue_disk_add - a driver registers the disk that it was given
 * @disk: the disk
 * @parent: where it wants it in sysfs
 * @groups: its attributes
 *
 * Context: the driver's, in device_add_disk()'s place. Return: 0 or a negative error.
 */
int segue_disk_add(struct segue_disk *disk, struct device *parent,
		   const struct attribute_group **groups)
{
	struct gendisk *gendisk = disk->disk;

	if (disk->state != SEGUE_DISK_BUILDING)
		return -EBUSY;
	if (!segue_disk_is_below(parent, disk->block->dev)) {
		pr_err("%s was taken for a disk of %s\n", disk->identity.name, dev_name(parent));
		return -ENODEV;
	}
	strscpy(disk->told.name, gendisk->disk_name, sizeof(disk->told.name));
	disk->told.flags = gendisk->flags;
	disk->told.read_only = test_bit(GD_READ_ONLY, &gendisk->state);
	disk->told.sectors = disk->sectors;
	segue_disk_end_describing(disk);
	segue_disk_restore_identity(disk);
	disk->groups = groups;
	segue_disk_move(disk, parent);
	disk->state = SEGUE_DISK_OWNED;
	return 0;
}

/**
 * segue_disk_hand_openers - tell the driver of those who have the disk open
 * @disk: the disk
 *
 * Context: process. Return: 0, or the driver's error; then it knows of nobody.
 */
int segue_disk_hand_openers(struct segue_disk *disk)
{
	unsigned int i;
	int err;

	if (disk->opened)
		return 0;
	for (i = 0; i < disk->openers; i++) {
		err = segue_compat_block_open(disk->disk);
		if (!err)
			continue;
		while (i--)
			segue_compat_block_release(disk->disk);
		return err;
	}
	disk->opened = true;
	segue_disk_move_references(disk, disk->disk->fops->owner);
	return 0;
}

static blk_status_t segue_disk_idle_queue(struct blk_mq_hw_ctx *hctx,
					  const struct blk_mq_queue_data *bd)
{
	return BLK_STS_DEV_RESOURCE;
}

static const struct blk_mq_ops segue_disk_idle_ops = {
	.queue_rq = segue_disk_idle_queue,
};

/**
 * segue_disk_park_idle - leave a parked disk for a long time
 * @disk: the disk
 *
 * Whoever looks at the queue, in sysfs or debugfs, expects a driver's half: it gets one that
 * carries nothing.  The queue stays frozen, so I/O waits. Context: process. Return: 0 or a negative
 * error.
 */
int segue_disk_park_idle(struct segue_disk *disk)
{
	struct blk_mq_tag_set *set;
	int err;

	if (disk->idle)
		return 0;
	set = kzalloc(sizeof(*set), GFP_KERNEL);
	if (!set)
		return -ENOMEM;
	set->ops = &segue_disk_idle_ops;
	set->nr_hw_queues = 1;
	set->queue_depth = BLK_MQ_MAX_DEPTH < 64 ? BLK_MQ_MAX_DEPTH : 64;
	set->numa_node = NUMA_NO_NODE;
	if (segue_compat_block_blocking_differs(disk->queue, set))
		set->flags |= BLK_MQ_F_BLOCKING;
	err = blk_mq_alloc_tag_set(set);
	if (err)
		goto err_free;
	err = blk_mq_init_allocated_queue(set, disk->queue);
	if (err)
		goto err_free_tag_set;
	disk->idle = set;
	segue_compat_block_put_back(disk->disk, &disk->was);
	return 0;

err_free_tag_set:
	blk_mq_free_tag_set(set);
err_free:
	kfree(set);
	return err;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * A user takes the driver or a disk away by hand, in the middle of a swap.
 *
 * That runs the driver's own code for leaving, or the mid layer's, when the swap may be about to
 * hand the disk over.  So it waits for the end of the swap, and is done then.  Hot-plugging of the
 * hardware waits as well, for the lock of its bus.
 */
#include <linux/atomic.h>
#include <linux/device.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sysfs.h>
#include <linux/wait.h>
#include <scsi/scsi_device.h>
#include "block.h"

/* How long somebody who has begun to remove a device may take before the swap is given up. */
#define SEGUE_BLOCK_REMOVAL_MS	5000

/* Users who remove a device, whichever. */
static atomic_t segue_block_removals;

static void segue_block_end_removal(void)
{
	if (atomic_dec_and_test(&segue_block_removals))
		wake_up_all(&segue_block_waiters);
}

/* Returns when no swap has the device; none begins with it before the end of the removal. */
static void segue_block_begin_removal(const struct device *dev)
{
	bool settled;

	do {
		segue_block_wait_settled(dev);
		atomic_inc(&segue_block_removals);
		/* Pairs with the grace period behind the guard: one of the two sees the other. */
		smp_mb__after_atomic();
		settled = !segue_block_is_unsettled(dev);
		if (!settled)
			segue_block_end_removal();
	} while (!settled);
}

/* Context: process; the guard is up, no lock is held. Return: 0 or -EBUSY. */
int segue_block_wait_removals(struct segue_findings *found)
{
	if (wait_event_timeout(segue_block_waiters, !atomic_read(&segue_block_removals),
			       msecs_to_jiffies(SEGUE_BLOCK_REMOVAL_MS)))
		return 0;
	segue_found_text(found, SEGUE_SEVERITY_IMPOSSIBLE,
			 "somebody is unbinding a driver or deleting a disk and does not come to an end");
	return -EBUSY;
}

/*
 * device_driver_detach(dev), and sdev_store_delete(dev, attr, page, len), because the function that
 * it calls may be part of it.  The drivers that come and go do that in the swap's thread and in the
 * kernel's own.
 */
bool segue_block_holds_removal(const struct pt_regs *regs)
{
	return !(current->flags & PF_KTHREAD);
}

void segue_block_detach(struct device *dev)
{
	segue_block_handler_enter();
	segue_block_begin_removal(dev);
	static_call(segue_device_driver_detach)(dev);
	segue_block_end_removal();
	segue_block_handler_leave();
}

/* The disk that the mid layer's device is for, referenced; NULL if it is none of the swap's. */
static struct gendisk *segue_block_disk_of(const struct scsi_device *sdev)
{
	struct gendisk *found = NULL;
	struct segue_block *block;
	unsigned int i;

	rcu_read_lock();
	block = READ_ONCE(segue_block_active);
	for (i = 0; block && i < block->count; i++) {
		struct device *dev = disk_to_dev(block->disks[i].disk);

		if (dev->parent == &sdev->sdev_gendev) {
			get_device(dev);
			found = block->disks[i].disk;
		}
	}
	rcu_read_unlock();
	return found;
}

/* The device that the disk is below now, referenced; NULL if the disk is gone. */
static struct scsi_device *segue_block_successor(struct gendisk *disk)
{
	struct device *parent = NULL;

	mutex_lock(&disk->open_mutex);
	if (disk_live(disk))
		parent = get_device(disk_to_dev(disk)->parent);
	mutex_unlock(&disk->open_mutex);
	return parent ? to_scsi_device(parent) : NULL;
}

/*
 * Without the protection of the open file, on which the removal of the device's folder would wait.
 * The caller has a reference on the device.
 */
static void segue_block_begin_delete(struct device *dev, struct device_attribute *attr)
{
	struct kernfs_node *node = sysfs_break_active_protection(&dev->kobj, &attr->attr);

	segue_block_begin_removal(dev);
	if (node)
		sysfs_unbreak_active_protection(node);
}

/*
 * The device may have been removed with its driver meanwhile, and another be there for the same
 * disk. The user means the disk. The store function refuses a device that is gone.
 */
ssize_t segue_block_delete(struct device *dev, struct device_attribute *attr, const char *page,
			   size_t len)
{
	struct gendisk *disk = segue_block_disk_of(to_scsi_device(dev));
	struct scsi_device *successor = NULL;
	ssize_t ret;

	segue_block_handler_enter();
	get_device(dev);
	segue_block_begin_delete(dev, attr);
	if (disk) {
		successor = segue_block_successor(disk);
		put_device(disk_to_dev(disk));
	}
	/* Nobody has the other device's file open, so that nothing waits for this task. */
	if (successor && &successor->sdev_gendev != dev) {
		static_call(segue_scsi_remove_device)(successor);
		ret = len;
	} else {
		ret = static_call(segue_sdev_store_delete)(dev, attr, page, len);
	}
	if (successor)
		put_device(&successor->sdev_gendev);
	put_device(dev);
	segue_block_end_removal();
	segue_block_handler_leave();
	return ret;
}

// SPDX-License-Identifier: GPL-2.0
/* Which disks belong to a device, and what cannot be covered. */
#include <linux/part_stat.h>
#include "block.h"

struct segue_block_search {
	struct gendisk **disks;
	unsigned int count;
};

static bool segue_block_is_disk(const struct device *dev)
{
	return dev->class && !strcmp(dev->class->name, "block") && dev->type &&
	       dev->type->name && !strcmp(dev->type->name, "disk");
}

/*
 * The mid layer of SCSI binds drivers to what a host adapter's driver has found; the disk is the
 * adapter's all the same.  Any other device with a driver has its disks for itself.
 */
static bool segue_block_is_other_driver(const struct device *dev)
{
	return dev->driver && !(dev->bus && !strcmp(dev->bus->name, "scsi"));
}

static int segue_block_visit(struct device *dev, void *data)
{
	struct segue_block_search *search = data;

	if (segue_block_is_disk(dev)) {
		if (search->count == SEGUE_BLOCK_MAX || !disk_live(dev_to_disk(dev)))
			return 0;
		get_device(dev);
		search->disks[search->count++] = dev_to_disk(dev);
		return 0;
	}
	if (segue_block_is_other_driver(dev))
		return 0;
	return device_for_each_child(dev, data, segue_block_visit);
}

/*
 * The disks of a device, referenced, at most SEGUE_BLOCK_MAX, in the order in which they were
 * registered.  Context: process.
 */
unsigned int segue_block_collect(struct device *dev, struct gendisk **disks)
{
	struct segue_block_search search = { .disks = disks };

	device_for_each_child(dev, &search, segue_block_visit);
	return search.count;
}

void segue_block_drop(struct gendisk **disks, unsigned int count)
{
	while (count--)
		put_device(disk_to_dev(disks[count]));
}

static void segue_block_impossible(struct segue_target *target, const struct gendisk *disk,
				   bool condition, const char *what)
{
	if (condition)
		segue_found_text(&target->found, SEGUE_SEVERITY_IMPOSSIBLE, "%s %s",
				 disk->disk_name, what);
}

/* What the shadow cannot carry over is found out before anything is touched. */
static void segue_block_look_disk(struct segue_target *target, struct gendisk *disk)
{
	struct request_queue *q = disk->queue;
	struct segue_queue_state state;

	if (!queue_is_mq(q)) {
		segue_block_impossible(target, disk, true, "takes bios, not requests");
		return;
	}
	segue_compat_block_read(disk, &state);
	segue_block_impossible(target, disk, test_bit(GD_DEAD, &disk->state),
			       "is being removed");
	segue_block_impossible(target, disk, disk->flags & GENHD_FL_HIDDEN,
			       "is a path of a multipath disk");
	segue_block_impossible(target, disk, disk->flags & GENHD_FL_REMOVABLE,
			       "has a removable medium");
	segue_block_impossible(target, disk, test_bit(SEGUE_BLOCK_ZONED, &state.features),
			       "has zones");
	segue_block_impossible(target, disk, segue_compat_block_integrity(q),
			       "protects data with integrity information");
	segue_block_impossible(target, disk, disk->ia_ranges, "has several actuators");
	segue_block_impossible(target, disk, segue_compat_block_crypto(q), "encrypts in hardware");
}

static void segue_block_look_users(struct segue_target *target, struct gendisk *disk)
{
	struct block_device *part;
	unsigned long number;

	rcu_read_lock();
	xa_for_each(&disk->part_tbl, number, part) {
		unsigned int openers = atomic_read(&part->bd_openers);

		if (!number)
			openers -= min(openers, disk->open_partitions);
		if (!openers)
			continue;
		/* A finding is allocated, which may sleep; the partition stays while it is open. */
		rcu_read_unlock();
		if (number)
			segue_found_user(&target->found, SEGUE_SEVERITY_INFO,
					 "partition %lu of %s is open (%u times)", number,
					 disk->disk_name, openers);
		else
			segue_found_user(&target->found, SEGUE_SEVERITY_INFO,
					 "%s is open (%u times)", disk->disk_name, openers);
		rcu_read_lock();
	}
	rcu_read_unlock();
}

void segue_block_look(struct segue_target *target, struct gendisk **disks, unsigned int count)
{
	unsigned int i;

	if (count == SEGUE_BLOCK_MAX)
		segue_found_text(&target->found, SEGUE_SEVERITY_IMPOSSIBLE,
				 "the device has more than %u disks", SEGUE_BLOCK_MAX - 1);
	for (i = 0; i < count; i++) {
		segue_block_look_disk(target, disks[i]);
		segue_block_look_users(target, disks[i]);
	}
}
